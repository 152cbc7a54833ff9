"""Cells with the destruction complex, without APC or without Axin, under what keeps Wnt or EGFR from acting: what both
scenarios of Wnt ask of these twelve combinations.
"""

import numpy as np

__all__ = ["DRUGS", "OTHER_TARGETS", "arm_of", "losses", "off_target", "unmoved"]

DRUGS = {"sfrp1": "sFRP1", "egfr": "EGFR inhibitor", "porcupine": "porcupine inhibitor"}
OTHER_TARGETS = "no Wnt, nothing to take away; EGFR has other ligands"
ADAPTED = 720.0  # [min]; cyclin D1, which starts from none, has settled


def arm_of(state="", drug=""):
    """Name of the arm: `state` "", "apc" or "axin" (lost) or "knockout" (of Wnt), `drug` "" or a key of `DRUGS`."""
    return "_".join(part for part in (state, drug) if part) or "control"


def unmoved(seen, node, state):
    """Largest relative change of a node by any of the drugs in cells of a state, at the end, in any seed; float."""
    without = seen.at(node, arm_of(state))
    return max(float(np.abs(seen.at(node, arm_of(state, drug)) / without - 1).max()) for drug in DRUGS)


def off_target(seen, count):
    """Cells at the end, of untreated, where cells make no Wnt, by drug, one value per seed; dict of str to ndarray."""
    return {drug: seen.at(count, arm_of("knockout", drug)) / seen.at(count, "knockout") for drug in DRUGS}


def losses(seen, count, drug):
    """Share of the growth rate that a drug takes, by state, one value per seed; dict of str to ndarray.

    Parameters
    ----------
    seen : Comparison
    count : str
        Column of the time series that counts living cells.
    drug : str
        A key of `DRUGS`.
    """
    share = {}
    for state in ("", "apc", "axin"):
        treated, untreated = (seen.growth_rate(count, arm_of(state, own), ADAPTED) for own in (drug, ""))
        share[state] = 1 - treated / untreated
    return share
