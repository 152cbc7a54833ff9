"""Beta-catenin with and without Wnt, APC and Axin, against the destruction-rate model, and what that means for drugs."""

from autocrine_abm.evidence.check import Findings, Table, in_each
from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.wnt_matrix import ADAPTED, MATRIX, arm_of, compare_states, unmoved

__all__ = ["RESTING", "SCENARIO", "UNDER_WNT", "checks", "fold"]

SCENARIO = "wnt_colorectal"
LEE = "Lee et al. 2003, doi:10.1371/journal.pbio.0000010"
DRIVES = "Expected of cyclin D1 that beta-catenin and ERK raise, each for itself"
RESTING, UNDER_WNT = 35.0, 178.0  # nM
NODE = "epithelial.beta_catenin"


def fold(left, other):
    """beta-catenin in terms of that at rest, 1/(f (1 − p) + p).

    Parameters
    ----------
    left : float
        Activity of the destruction complex, f, 1 at rest and 0 without APC or Axin.
    other : float
        Share of degradation by another way at rest, p.

    Examples
    --------
    >>> round(35 * fold(0.184, 0.015)), round(fold(0.0, 0.015), 1)
    (178, 66.7)
    """
    return 1 / (left * (1 - other) + other)


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    table = Table(SCENARIO, LEE)
    every = f"in {in_each(seeds)}"
    line = table.line

    def level(words, arm, published, why):
        found = RESTING * seen.at(NODE, arm).mean()
        table.near(f"beta-catenin {words} [nM]", published, found, 0.03, f"3 %: {why}", digits=".0f")

    open_receptors = "Frizzled is not quite saturated"
    level("at rest", "knockout", RESTING, "it was set, as the unit of all folds")
    level("under saturating Wnt", "knockout_given", UNDER_WNT, f"{open_receptors}; f was set by it")
    level("the same, 5 % degraded another way, by the formula", "knockout_given_other_way", RESTING * fold(0.184, 0.05),
          open_receptors)  # fmt: skip
    alone = RESTING * seen.at(NODE, "apc_knockout")
    line("beta-catenin without APC and without Wnt [nM]", "rises", f"{alone.mean():.0f}", f"above {RESTING:.0f} {every}",
         (alone > RESTING).all())  # fmt: skip
    for drug in ("sfrp1", "porcupine"):
        less, more = seen.at(NODE, drug), seen.at(NODE)
        line(f"beta-catenin of intact cells under {drug} [nM]", "falls",
             f"{RESTING * less.mean():.0f} against {RESTING * more.mean():.0f}", f"lower {every}", (less < more).all(),
             MATRIX)  # fmt: skip
    for state, words in (("apc", "APC"), ("axin", "Axin")):
        moved = unmoved(seen, NODE, state)
        line(f"change of beta-catenin without {words} by any drug [%]", "none", f"{100 * moved:.2g}", "1 %", moved <= 0.01)
        erk = {drug: seen.at("epithelial.ERK", arm_of(state, drug)) for drug in ("", "egfr")}
        line(f"ERK activity without {words} under EGFR inhibitor", "lower",
             f"{erk['egfr'].mean():.3g} against {erk[''].mean():.3g}", f"lower {every}", (erk["egfr"] < erk[""]).all(),
             MATRIX)  # fmt: skip
        rate = {arm: 60 * seen.growth_rate("alive.epithelial", arm_of(state, arm), ADAPTED) for arm in ("", "egfr")}
        line(f"growth without {words} under EGFR inhibitor [1/h]", "lower, not stopped",
             f"{rate['egfr'].mean():.3g} against {rate[''].mean():.3g}", f"above 0 and lower {every}",
             ((rate["egfr"] > 0) & (rate["egfr"] < rate[""])).all(), DRIVES)  # fmt: skip
    compare_states(table, seen, "alive.epithelial", every)
    return Findings(table, seen)
