"""How much of the IL-1 that monocytes make under IL-1 is stopped by its receptor antagonist, at once and late.

With both ligands at several dissociation constants, an antagonist at r times the ligand leaves the share
1/(1 + r K/K_A) of the occupied receptors by competition; what cells then make of it is the scenario's.
"""

from autocrine_abm.evidence.check import Findings, Table
from autocrine_abm.evidence.comparison import compare

__all__ = ["SCENARIO", "checks"]

SCENARIO = "il1_monocyte"
GRANOWITZ = "Granowitz et al. 1992, Blood 79:2356"
MADE = "IL1b.secreted"  # column of the time series [molecules]


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    made = {arm: seen.at(MADE, arm).mean() for arm in seen.titles}
    before = {arm: seen.at(MADE, arm, time=480.0).mean() for arm in ("control", "late", "washed")}
    stopped = {arm: 100 * (1 - amount / made["control"]) for arm, amount in made.items()}
    later = {arm: 100 * (1 - (made[arm] - before[arm]) / (made["control"] - before["control"])) for arm in ("late", "washed")}
    table = Table(SCENARIO, GRANOWITZ)
    line = table.line

    line("IL-1 not made under as much IL-1Ra [%]", "> 20", f"{stopped['equal']:.0f}", "as published", stopped["equal"] > 20)
    line("IL-1 not made under twice as much [%]", "50", f"{stopped['twofold']:.0f}", "10 points; k_i was set by it",
         abs(stopped["twofold"] - 50) <= 10)  # fmt: skip
    line("IL-1 not made under ten times as much [%]", "73", f"{stopped['tenfold']:.0f}",
         "10 points; 73 for IL-1 alpha given, as here (95 for IL-1 beta)", abs(stopped["tenfold"] - 73) <= 10)  # fmt: skip
    line("IL-1 made in 24 h if IL-1Ra comes at 8 h, of untreated", "still inhibited", f"{made['late'] / made['control']:.2f}",
         "< 0.8", made["late"] < 0.8 * made["control"])  # fmt: skip
    line("loss after 8 h by IL-1Ra, and by washing [%]", "similar", f"{later['late']:.0f}, {later['washed']:.0f}", "10 points",
         abs(later["late"] - later["washed"]) <= 10)  # fmt: skip
    line("IL-1 made under IL-1Ra alone", "none", f"{made['antagonist_alone']:.3g} molecules", "none",
         made["antagonist_alone"] == 0)  # fmt: skip
    return Findings(table, seen)
