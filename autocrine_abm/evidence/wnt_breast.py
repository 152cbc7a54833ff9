"""What breast cancer cells lose without the Wnt that they make: beta-catenin's reporter, ERK, cyclin D1, growth."""

from autocrine_abm.evidence.check import Findings, Table, in_each
from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.wnt_matrix import ADAPTED, DRUGS, arm_of, compare_states, unmoved

__all__ = ["SCENARIO", "checks"]

SCENARIO = "wnt_breast"
MATSUDA = "Matsuda et al. 2009, Breast Cancer Res 11:R32"
SCHLANGE = "Schlange et al. 2007, Breast Cancer Res 9:R63"
LEE = "Lee et al. 2003, doi:10.1371/journal.pbio.0000010"
REPORTED, WITHIN = 0.37, 0.1  # beta-catenin's reporter under sFRP1, of untreated
DAY = 1440.0  # [min]


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    table = Table(SCENARIO, MATSUDA)
    every = f"in {in_each(seeds)}"
    line = table.line

    def falls(words, values, less, source=MATSUDA):
        line(words, "lower", f"{less.mean():.3g} against {values.mean():.3g}", f"lower {every}", (less < values).all(), source)

    ratio = (seen.at("carcinoma.beta_catenin", "sfrp1", time=DAY) / seen.at("carcinoma.beta_catenin", time=DAY)).mean()
    line("beta-catenin under sFRP1 at 24 h, of untreated", f"{REPORTED} (TOPFlash)", f"{ratio:.2f}",
         f"{WITHIN}; the rate of Wnt was set by it", abs(ratio - REPORTED) <= WITHIN)  # fmt: skip
    for drug, words in DRUGS.items():
        source = MATSUDA if drug == "sfrp1" else SCHLANGE
        falls(f"ERK activity under {words}", seen.at("carcinoma.ERK"), seen.at("carcinoma.ERK", drug), source)
        rate = {arm: 60 * seen.growth_rate("alive.carcinoma", arm, ADAPTED) for arm in ("control", drug)}
        falls(f"growth under {words} [1/h]", rate["control"], rate[drug], source)
    falls("cyclin D1 under sFRP1", seen.at("carcinoma.cyclin_D1"), seen.at("carcinoma.cyclin_D1", "sfrp1"))
    for state, words in (("apc", "APC"), ("axin", "Axin")):
        high = seen.at("carcinoma.beta_catenin", arm_of(state))
        moved = unmoved(seen, "carcinoma.beta_catenin", state)
        line(f"beta-catenin without {words}: fold of 35 nM, change by drugs", "high, Wnt block ineffective",
             f"{high.mean():.1f}, {100 * moved:.2g} %", f"above untreated {every}, and 1 %",
             (high > seen.at("carcinoma.beta_catenin")).all() and moved <= 0.01, LEE)  # fmt: skip
    compare_states(table, seen, "alive.carcinoma", every)
    return Findings(table, seen)
