"""VEGF of a tumor in tissue and blood, by the published relations, and what it does to dormant cells far away.

A well-mixed tumor that takes up U c/(1 + c/K), exchanges PS (B − c) with blood cleared at CL, and releases q holds c where
q = U c/(1 + c/K) + PS CL/(PS + CL) c, and B = c PS/(PS + CL): c/B = 1 + CL/PS.
"""

import numpy as np

from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare
from autocrine_abm.output.series import NANOMOLAR
from autocrine_abm.scenario.files import read

__all__ = ["SCENARIO", "checks", "expected_level", "levels"]

SCENARIO = "endocrine_relay"
STEFANINI = "Stefanini et al. 2008, BMC Syst Biol 2:77"
BOCCI = "Bocci et al. 2004, Cancer Res 64:6616"
SYSTEM = "A system of two compartments, mass balance"
EMPTY = {"cell.dormant.receptor.0.number": 0, "run.duration": "3 day", "record.every": "3 day"}
TREATED = 2880.0  # min
RELEASE, CLEARANCE = "cell.primary.secretes.0.rate", "blood.ligand.VEGF.elimination"
PERMEABILITY = "cell.vessel.exchanges.0.permeability_area"


def levels(changes=(), seeds=(1,)):
    """VEGF in tumor and blood [nM] when it has settled and distant cells take none up, mean over seeds."""
    seen = compare(SCENARIO, arms=["control"], seeds=seeds, overrides=EMPTY | dict(changes))
    return seen.at("tumor.VEGF.mean").mean(), seen.at("blood.VEGF").mean()


def expected_level(spec):
    """VEGF in the tumor by mass balance [nM]."""
    number, vessels, cell = spec.seed[0].number, spec.seed[1].number, spec.cell["primary"]
    receptor, release = cell.receptor[0], number * float(cell.secretes[0].rate)
    clears = float(spec.blood.ligand["VEGF"].elimination * spec.blood.volume)
    passes = vessels * float(spec.cell["vessel"].exchanges[0].permeability_area)
    leak, half = passes * clears / (passes + clears), float(receptor.half_saturation)
    most = number * receptor.number * float(receptor.k_internalize)
    b = most + leak * half - release  # leak c² + b c − release K = 0
    root = (np.sqrt(b * b + 4 * leak * release * half) - b) / (2 * leak) if leak > 0 else release * half / (most - release)
    return float(root / NANOMOLAR)


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run the two compartments for several secretions, clearances and permeabilities, then all arms; `Findings`."""
    table, every = Table(SCENARIO, STEFANINI), in_each(seeds)
    line = table.line

    if progress:
        progress(f"{SCENARIO}: tissue and blood")
    base = read(SCENARIO)
    rate, clearance = (float(base.cell["primary"].secretes[0].rate), float(base.blood.ligand["VEGF"].elimination))
    factors = np.array([0.25, 0.5, 0.75, 1.0])
    found = np.array([levels({RELEASE: f"{rate * factor} molecules/min"}) for factor in factors])
    tissue, blood = found[-1]
    for place, values in zip(("tissue", "blood"), found.T):
        r2 = np.corrcoef(factors, values)[0, 1] ** 2
        line(f"free VEGF in {place} against secretion, R2 of a line", "> 0.999", f"{r2:.5f}", "as published", r2 > 0.999)
    balance = expected_level(base)
    mixed = "3 %: it is not quite well mixed"
    table.near("free VEGF in the tumor [pM]", 1e3 * balance, 1e3 * tissue, 0.03, mixed, SYSTEM, ".3f")
    for words, value, ratio in (("none", 0.0, 1.0), ("as it stands", clearance, 5.0), ("CL = 49 PS", clearance * 12.25, 50.0)):
        c, b = levels({CLEARANCE: f"{value} 1/min"})
        line(f"tissue over blood, clearance: {words}", f"{ratio:g}", f"{c / b:.3f}",
             "3 %: vessels see the VEGF around them, not the mean", abs(c / b / ratio - 1) <= 0.03)  # fmt: skip
    for words, before, after, sign in (
        ("ten times as fast clearance", {}, {CLEARANCE: f"{10 * clearance} 1/min"}, -1),
        ("permeability of 8e-7 instead of 4e-7 cm/s", {PERMEABILITY: "100 um^3/min"}, {PERMEABILITY: "200 um^3/min"}, 1),
    ):
        c, b = np.array(levels(after)) / (levels(before) if before else (tissue, blood))
        line(f"{words}: tissue and blood, of before", f"unchanged, {'higher' if sign > 0 else 'lower'}", f"{c:.3f}, {b:.2f}",
             "tissue changes by less than a tenth of what blood does",
             sign * (b - 1) > 0 and abs(np.log(c)) < 0.1 * abs(np.log(b)))  # fmt: skip
    leaky = {PERMEABILITY: "2000 um^3/min"}
    balance, c = expected_level(read(SCENARIO, leaky)), levels(leaky)[0]
    table.near("free VEGF in the tumor at twice the permeability [pM]", 1e3 * balance, 1e3 * c, 0.03, mixed, SYSTEM, ".3f")

    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    share = seen.share("endocrine", "VEGF", tissue="distant")
    line("endocrine share of VEGF captured in the distant tissue", "1", f"{share.min():.4f}", "1e-6 (rounding)",
         (np.abs(share - 1) <= 1e-6).all(), SYSTEM)  # fmt: skip
    share = seen.share("autocrine", "VEGF", tissue="tumor") + seen.share("paracrine", "VEGF", tissue="tumor")
    line("autocrine and paracrine share in the tumor", "> 0.95", span(share, ".3f"),
         "blood brings PS B, 1.5 % of what is captured", (share > 0.95).all(), SYSTEM)  # fmt: skip
    start = {arm: TREATED if arm == "antibody" else 0.0 for arm in seen.titles}
    grown = {arm: seen.at("distant.alive.dormant", arm) / seen.at("distant.alive.dormant", arm, start[arm]) for arm in start}
    for arm, words, wakes in (
        ("control", "untreated", True), ("antibody", "under a receptor antibody", False),
        ("clearance", "with ten times as fast clearance", False), ("knockout", "of a tumor without VEGF", False),
    ):  # fmt: skip
        ratio = grown[arm]
        line(f"distant cells {words}, day 10 over day {start[arm] / 1440:g}", "more" if wakes else "no growth",
             span(ratio), f"{'above' if wakes else 'below'} 1 in {every}",
             (ratio > 1).all() if wakes else (ratio < 1).all(), SYSTEM)  # fmt: skip
    extra = np.abs(seen.at("cells", "knockout_antibody") - seen.at("cells", "knockout")).max()
    line("cells that the antibody changes where the tumor makes no VEGF", "no off-target effect", f"{extra:g}", "none",
         extra == 0, SYSTEM)  # fmt: skip
    rise = seen.ratio("blood.VEGF", "antibody")
    line("VEGF in blood under a receptor antibody, of untreated", "raised", span(rise, ".1f"),
         f"above 1 in {every}", (rise > 1).all(), BOCCI)  # fmt: skip
    return Findings(table, seen)
