"""Cells with the destruction complex, without APC or without Axin, under what keeps Wnt or EGFR from acting: what both
scenarios of Wnt ask of these twelve combinations.
"""

import numpy as np

__all__ = ["ADAPTED", "DRUGS", "MATRIX", "arm_of", "compare_states", "unmoved"]

DRUGS = {"sfrp1": "sFRP1", "egfr": "EGFR inhibitor", "porcupine": "porcupine inhibitor"}
MATRIX = "Lee et al. 2003; Matsuda et al. 2009"
OTHER_TARGETS = "no Wnt, nothing to take away; EGFR has other ligands"
ADAPTED = 720.0  # [min]; cyclin D1, which starts from none, has settled


def arm_of(state="", drug=""):
    """Name of the arm: `state` "", "apc" or "axin" (lost) or "knockout" (of Wnt), `drug` "" or a key of `DRUGS`."""
    return "_".join(part for part in (state, drug) if part) or "control"


def unmoved(seen, node, state):
    """Largest relative change of a node by any of the drugs in cells of a state, at the end, in any seed; float."""
    without = seen.at(node, arm_of(state))
    return max(float(np.abs(seen.at(node, arm_of(state, drug)) / without - 1).max()) for drug in DRUGS)


def compare_states(table, seen, count, every):
    """Add what sFRP1 takes from cells in each state, and what drugs do to cells without Wnt.

    Parameters
    ----------
    table : Table
    seen : Comparison
    count : str
        Column of the time series that counts living cells.
    every : str
        In how many replicates, in words.
    """
    lost = [_loss(seen, count, state) for state in ("", "apc", "axin")]
    table.line("growth lost to sFRP1: intact, without APC, without Axin [%]", "much less without APC",
               ", ".join(f"{100 * share.mean():.0f}" for share in lost), f"less than half of it {every}",
               all((share < lost[0] / 2).all() for share in lost[1:]), MATRIX)  # fmt: skip
    drugs = ("sfrp1", "porcupine", "egfr")
    sfrp1, porcupine, egfr = (seen.ratio(count, arm_of("knockout", drug), "knockout") for drug in drugs)
    table.line("cells without Wnt: cells under sFRP1, porcupine and EGFR inhibitor, of without", "1, 1, fewer",
               ", ".join(f"{left.mean():.3g}" for left in (sfrp1, porcupine, egfr)), f"the same, and fewer {every}",
               (sfrp1 == 1).all() and (porcupine == 1).all() and (egfr < 1).all(), OTHER_TARGETS)  # fmt: skip


def _loss(seen, count, state):
    """Share of the growth rate that sFRP1 takes from cells in a state, one value per seed; ndarray."""
    treated, untreated = (seen.growth_rate(count, arm_of(state, drug), ADAPTED) for drug in ("sfrp1", ""))
    return 1 - treated / untreated
