"""Who survives tamoxifen: drug, STAT3 inhibitor, antibody and RANTES from outside; and where the loop comes to rest.

At rest, n cells per area on the floor of a medium of depth L lose what they release, through the medium and receptors:

    q S = G c / n + k_e R y,   c = K_m y / (1 − y),   G = √(D k) tanh(L √(k/D)),   k = decay + k_on · antibody,

with q the release at STAT3 = 1, y the occupancy of CCR5 and G the loss from a layer by diffusion and decay. STAT3 follows

    S = (b + m y/h) / (1 + y/h),   b = b₀ + (b₁ − b₀) T / (T + T½),

with T the tamoxifen. As y goes from 0 to 1, the left side starts above 0 and is concave where m > b, the right side starts at
0, is convex and grows without limit: they cross once. So the loop has one fixed point with each drug and no memory, and what
opens it can be undone. Its gain, d ln(q S)/d ln y over d ln(right side)/d ln y, is below 1 there.

The published doubling of the growth rate within 12 months (2.0 ± 0.4) is not among the checks: it is of MCF-7 cells that always
grow, under fulvestrant or palbociclib, whereas no arm here has cells that grow slowly under tamoxifen before they adapt; those
without a loop die.
"""

from itertools import product

import numpy as np
from scipy.optimize import brentq

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare, level
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["SCENARIO", "checks", "fixed_point", "grows", "settled"]

SCENARIO = "rantes_tamoxifen"
YI = "Yi et al. 2013, Mol Cancer Res 11:31"
#: Arms that were published, added RANTES being in excess of an antibody where there is one.
REPORTED = ("tamoxifen", "tamoxifen_antibody", "tamoxifen_inhibitor", "tamoxifen_inhibitor_added", "tamoxifen_antibody_excess")
EXPECTED = "Expected of a way to survival from STAT3 by RANTES to its receptor"
BALANCE = "Balance of release, decay and uptake; see the evidence's docstring"
PARTS = ("tamoxifen", "inhibitor", "antibody", "added")
TREATED = {"regimen.0.concentration": "10 uM", "regimen.0.start": "0 hour"}
#: Twelve hours of cells that neither multiply nor die, under a field that follows at once.
STILL = {
    "tissue.dish.size": ["200 um", "200 um", "1000 um"], "ligand.RANTES.transport": "steady", "run.duration": "12 hour",
    "record.every": "12 hour", "cell.resistant.division_rate": "0 1/hour", "cell.resistant.rule.6.to": "0 1/hour",
    "cell.resistant.rule.7.to": "0 1/hour", "regimen.3.doses": 1,
}  # fmt: skip


def settled(overrides=()):
    """STAT3, mean of the cells, where the loop of a culture of constant size comes to rest, and cells per area [1/µm²]."""
    model = TumorModel(override(read(SCENARIO, STILL), overrides))
    while model.running:
        model.step()
    area = np.prod([float(side) for side in model.spec.tissue["dish"].size[:2]])
    return float(level(model.cells, "STAT3").mean()), len(model.cells) / area


def fixed_point(density, tamoxifen=False, antibody=0.0):
    """Where release and loss balance.

    Parameters
    ----------
    density : float
        Cells per area [1/µm²].
    tamoxifen : bool
        Whether there are 10 µM.
    antibody : float
        Its concentration [molecules/µm³].

    Returns
    -------
    stat3, gain : float
        See the module docstring.
    """
    spec = read(SCENARIO, TREATED if tamoxifen else ())
    cell, ligand = spec.cell["resistant"], spec.ligand["RANTES"]
    receptor, (to_drive, by_drive, closing, _, release) = cell.receptor[0], cell.rule[:5]
    base, drug = cell.node["STAT3"].base, float(spec.regimen[0].concentration)
    base += (by_drive.to - base) * drug / (drug + float(spec.ligand["tamoxifen"].concentration(to_drive.half)))
    depth, loss = float(spec.tissue["dish"].size[2]), float(ligand.decay) + float(ligand.trap[0].k_on) * antibody
    medium = np.sqrt(ligand.diffusion * loss) * np.tanh(depth * np.sqrt(loss / ligand.diffusion)) / density
    half, most, inside = float(closing.half), float(closing.to), float(receptor.k_internalize) * receptor.number

    def stat3(y):
        return (base + most * y / half) / (1 + y / half)

    def lost(y):
        return medium * receptor.half_saturation * y / (1 - y) + inside * y

    y = brentq(lambda y: float(release.to) * stat3(y) - lost(y), 0.0, 1 - 1e-9, xtol=1e-12)
    rise = (most - base) / half / (1 + y / half) ** 2 / stat3(y)
    fall = (medium * receptor.half_saturation / (1 - y) ** 2 + inside) / lost(y)
    return stat3(y), rise / fall


def grows(seen, arm):
    """Living cells at the end in terms of those when tamoxifen comes, at 12 hours; ndarray, one per seed."""
    return seen.at("alive.resistant", arm) / seen.at("alive.resistant", arm, time=720.0)


def _release(model):
    """Mean release of RANTES by living cells [molecules/min]."""
    cells = model.cells
    alive = cells.phase == ALIVE
    return {"release": float(cells.secretion_rate[alive, 0].mean()) if alive.any() else np.nan}


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, measure=_release, progress=progress)
    table = Table(SCENARIO, YI)
    every = in_each(seeds)

    def lives(result, arm, dies):
        ratio = grows(seen, arm)
        verdict = (ratio < 1).all() if dies else (ratio > 1).all()
        table.line(f"{result}: living cells at 48 h over 12 h", "fewer" if dies else "more", span(ratio),
                   f"{'below' if dies else 'above'} 1 in {every}", verdict, None if arm in REPORTED else EXPECTED)  # fmt: skip

    def shifts(measure, words, arm, of, raised, why=""):
        ratio = seen.ratio(measure, arm, of)
        table.line(words, "raised" if raised else "lowered", span(ratio, ".3g"),
                   f"{'above' if raised else 'below'} 1 in {every}{why}",
                   (ratio > 1).all() if raised else (ratio < 1).all())  # fmt: skip

    for words, arm in (("untreated", "control"), ("antibody", "antibody"), ("STAT3 inhibitor", "inhibitor")):
        lives(words, arm, dies=False)
    for inhibitor, antibody, added in product((0, 1), repeat=3):
        bits = (1, inhibitor, antibody, added)
        words = ", ".join(name for name, on in zip(("tamoxifen", "STAT3 inhibitor", "antibody", "added RANTES"), bits) if on)
        lives(words, "_".join(name for name, on in zip(PARTS, bits) if on), dies=antibody or (inhibitor and not added))
    lives("tamoxifen, antibody, RANTES in excess of it", "tamoxifen_antibody_excess", dies=False)
    lives("tamoxifen, cells without RANTES", "tamoxifen_knockout", dies=True)
    by_drug = "; its effect on STAT3 was set by it"
    shifts("resistant.STAT3", "STAT3 under tamoxifen, of untreated", "tamoxifen", "control", True, by_drug)
    shifts("release", "RANTES released per cell under tamoxifen, of untreated", "tamoxifen", "control", True, by_drug)
    closed = "; the rule that closes the loop was set by it"
    shifts("resistant.STAT3", "STAT3 with antibody, of untreated", "antibody", "control", False, closed)
    for cut in ("inhibitor", "antibody"):
        arm = f"tamoxifen_{cut}"
        shifts("resistant.survival", f"anti-apoptotic signals: tamoxifen and {cut}, of tamoxifen", arm, "tamoxifen", False)
        restored = "tamoxifen_antibody_excess" if cut == "antibody" else f"{arm}_added"
        shifts("resistant.survival", f"anti-apoptotic signals: RANTES added to tamoxifen and {cut}", restored, arm, True)
    for drug in ("antibody", "inhibitor"):
        ratio = seen.ratio("alive.resistant", f"knockout_{drug}", "knockout")
        table.line(f"cells without RANTES: living cells under {drug}, of without", "1", span(ratio),
                   "the same: no other target", (ratio == 1).all(), EXPECTED)  # fmt: skip
    if progress:
        progress(f"{SCENARIO}: where the loop rests")
    antibody = 10 * 0.602214076
    for tamoxifen, bound in product((False, True), repeat=2):
        changes = (TREATED if tamoxifen else {}) | ({"regimen.2.concentration": "10 nM"} if bound else {})
        simulated, density = settled(changes)
        expected, gain = fixed_point(density, tamoxifen, antibody if bound else 0.0)
        words = ", ".join(name for name, on in (("tamoxifen", tamoxifen), ("antibody", bound)) if on) or "untreated"
        result = f"STAT3 where the loop rests at {1e6 * density:.0f} cells per mm², {words}"
        why = f"1 %: one layer instead of cells on a mesh; gain of the loop {gain:.2f}"
        table.near(result, expected, simulated, 0.01, why, BALANCE, ".4f")
    return Findings(table, seen)
