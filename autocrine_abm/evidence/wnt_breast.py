"""What breast cancer cells lose without the Wnt that they make: beta-catenin's reporter, ERK, cyclin D1, growth."""

from autocrine_abm.evidence.check import Check, Findings, in_each
from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.wnt_matrix import ADAPTED, DRUGS, OTHER_TARGETS, arm_of, losses, off_target, unmoved

__all__ = ["SCENARIO", "checks"]

SCENARIO = "wnt_breast"
MATSUDA = "Matsuda et al. 2009, Breast Cancer Res 11:R32"
SCHLANGE = "Schlange et al. 2007, Breast Cancer Res 9:R63"
LEE = "Lee et al. 2003, doi:10.1371/journal.pbio.0000010"
MATRIX = "Lee et al. 2003; Matsuda et al. 2009"
REPORTED, WITHIN = 0.37, 0.1  # beta-catenin's reporter under sFRP1, of untreated
DAY = 1440.0  # [min]


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    table = []
    every = f"in {in_each(seeds)}"

    def line(result, published, simulated, tolerance, verdict, source):
        table.append(Check(SCENARIO, result, published, simulated, tolerance, verdict, source))

    def falls(words, values, less, source):
        line(words, "lower", f"{less.mean():.3g} against {values.mean():.3g}", f"lower {every}", (less < values).all(), source)

    ratio = (seen.at("carcinoma.beta_catenin", "sfrp1", time=DAY) / seen.at("carcinoma.beta_catenin", time=DAY)).mean()
    line("beta-catenin under sFRP1 at 24 h, of untreated", f"{REPORTED} (TOPFlash)", f"{ratio:.2f}",
         f"{WITHIN}; the rate of Wnt was set by it", abs(ratio - REPORTED) <= WITHIN, MATSUDA)  # fmt: skip
    for drug, words in DRUGS.items():
        source = MATSUDA if drug == "sfrp1" else SCHLANGE
        falls(f"ERK activity under {words}", seen.at("carcinoma.ERK"), seen.at("carcinoma.ERK", drug), source)
        rate = {arm: 60 * seen.growth_rate("alive.carcinoma", arm, ADAPTED) for arm in ("control", drug)}
        falls(f"growth under {words} [1/h]", rate["control"], rate[drug], source)
    falls("cyclin D1 under sFRP1", seen.at("carcinoma.cyclin_D1"), seen.at("carcinoma.cyclin_D1", "sfrp1"), MATSUDA)
    for state, words in (("apc", "APC"), ("axin", "Axin")):
        high = seen.at("carcinoma.beta_catenin", arm_of(state))
        moved = unmoved(seen, "carcinoma.beta_catenin", state)
        line(f"beta-catenin without {words}: fold of 35 nM, change by drugs", "high, Wnt block ineffective",
             f"{high.mean():.1f}, {100 * moved:.2g} %", f"above untreated {every}, and 1 %",
             (high > seen.at("carcinoma.beta_catenin")).all() and moved <= 0.01, LEE)  # fmt: skip
    lost = losses(seen, "alive.carcinoma", "sfrp1")
    line("growth lost to sFRP1: intact, without APC, without Axin [%]", "much less without APC",
         ", ".join(f"{100 * share.mean():.0f}" for share in lost.values()), f"less than half of it {every}",
         (lost["apc"] < lost[""] / 2).all() and (lost["axin"] < lost[""] / 2).all(), MATRIX)  # fmt: skip
    other = off_target(seen, "alive.carcinoma")
    line("cells without Wnt: cells under sFRP1, porcupine and EGFR inhibitor, of without", "1, 1, fewer",
         ", ".join(f"{other[drug].mean():.3g}" for drug in ("sfrp1", "porcupine", "egfr")), f"the same, and fewer {every}",
         (other["sfrp1"] == 1).all() and (other["porcupine"] == 1).all() and (other["egfr"] < 1).all(),
         OTHER_TARGETS)  # fmt: skip
    return Findings(table, seen)
