"""Who regrows under an EGFR inhibitor, and what stops them: a receptor kinase inhibitor, or a trap for the ligand."""

from math import log

import numpy as np

from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare

__all__ = ["SCENARIO", "checks", "living"]

SCENARIO = "fgf_gefitinib_resistance"
WARE = "Ware et al. 2013, Oncogenesis (PMC3641357)"
TERAI = "Terai et al. 2013, Mol Cancer Res 11:759"
HAYFORD = "Harris et al. 2016; Hayford et al. 2021, PLoS Biol, e3000797"
THEORY = "competition of uptake, trap and diffusion (Wiley & Lauffenburger; Shvartsman et al. 2001)"
DAY = 1440.0  # [min]


def living(seen, arm, day):
    """Living cells of both types, one number per seed; ndarray."""
    return seen.at("alive.sensitive", arm, time=day * DAY) + seen.at("alive.adapted", arm, time=day * DAY)


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    table = Table(SCENARIO, WARE)
    every = f"in {in_each(seeds)}"
    line = table.line

    def outgrows(words, arm, grows, source=WARE):
        ratio = living(seen, arm, 10) / living(seen, arm, 5)
        line(f"{words}: living cells at day 10 over day 5", "more" if grows else "not more",
             span(ratio), f"{'above' if grows else 'at most'} 1 {every}",
             (ratio > 1).all() if grows else (ratio <= 1).all(), source)  # fmt: skip

    outgrows("gefitinib", "gefitinib", True)
    outgrows("gefitinib, FGFR inhibitor", "gefitinib_inhibitor", False)
    outgrows("gefitinib, cells without FGF2", "gefitinib_knockout", False, TERAI)
    other = np.abs(living(seen, "gefitinib_knockout_inhibitor", 10) - living(seen, "gefitinib_knockout", 10)).max()
    line("gefitinib: cells that the FGFR inhibitor changes where none make FGF2", "no off-target effect", f"{other:g}", "none",
         other == 0, "no FGF2, no receptor to inhibit")  # fmt: skip
    outgrows("gefitinib, trap at 20 K_d, own FGF2", "gefitinib_trap", True, THEORY)
    outgrows("gefitinib, FGF2 from others", "gefitinib_fed", True, THEORY)
    outgrows("gefitinib, trap at 20 K_d, FGF2 from others", "gefitinib_fed_trap", False, THEORY)
    outgrows("gefitinib, FGFR inhibitor, FGF2 from others", "gefitinib_fed_inhibitor", False, THEORY)
    count = {arm: seen.at("alive.adapted", arm) for arm in ("gefitinib", "gefitinib_trap", "gefitinib_much_trap")}
    line("adapted cells at day 10: gefitinib, 100 times as much trap besides", "a ligand trap blocks growth",
         f"{count['gefitinib'].mean():.0f} > {count['gefitinib_much_trap'].mean():.0f}", every,
         (count["gefitinib"] > count["gefitinib_much_trap"]).all())  # fmt: skip
    share = {day: seen.at("alive.adapted", "gefitinib", time=day * DAY) / living(seen, "gefitinib", day) for day in (5, 10)}
    line("adapted cells of all under gefitinib, days 5 and 10 [%]", "take over",
         f"{100 * share[5].mean():.0f}, {100 * share[10].mean():.0f}", f"from below to above half {every}",
         (share[5] < 0.5).all() and (share[10] > 0.5).all())  # fmt: skip
    early = np.log2(living(seen, "control", 1) / living(seen, "control", 0)).mean() / 24
    line("growth untreated, first day [doublings/h]", "0.0378 to 0.0496", f"{early:.4f}", "range of PC9 clones; set by it",
         0.0378 <= early <= 0.0496, HAYFORD)  # fmt: skip
    more = np.log2(living(seen, "gefitinib_knockout", 3) / living(seen, "gefitinib_knockout", 0)).mean()
    line("divisions until arrest without FGF2: log2 of cells at 72 h", "1 to 1.6", f"{more:.2f}",
         "as published; the delay was set by it", 1 <= more <= 1.6, HAYFORD)  # fmt: skip
    late = np.log(living(seen, "gefitinib_knockout", 10) / living(seen, "gefitinib_knockout", 5)).mean() / (120 * log(2))
    line("growth without FGF2 under gefitinib from day 5 [doublings/h]", "-0.0028 to 0.0002", f"{late:.4f}",
         "PC9 clones DS1 to DS5 from 188 nM; death was set by it", -0.0028 <= late <= 0.0002, HAYFORD)  # fmt: skip
    return Findings(table, seen)
