"""What opens the loop of IL-6 and STAT3 in lung cancer cells, and at which dose.

An antibody against the ligand competes with whatever else takes a molecule away. Over the way back to its own cell
that is diffusion, over the way through a culture only the slow loss from the medium: a thousandfold difference in
dose. An antagonist of the receptor competes with the ligand for it, and at 9 K_I leaves a tenth of the occupied
receptors, wherever the ligand comes from, as long as few receptors are occupied; in a culture that takes up much of
the ligand somewhat more, since the antagonist spares it.
"""

from math import tanh

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.lone_cell import own_decoy, sphere_share
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel
from autocrine_abm.units import parse

__all__ = ["SCENARIO", "checks", "halving_doses", "left_by_antagonist"]

SCENARIO = "il6_stat3_lung"
NANOMOLAR = float(parse("1 nM", "nM"))  # [molecules/µm³]
GAO = "Gao et al. 2007, J Clin Invest, doi:10.1172/jci31871"
KIM = "Kim et al. 2015, Oncol Lett, doi:10.3892/ol.2015.3019"
DECOY = "competition of uptake, decoy and diffusion (Wiley & Lauffenburger; Shvartsman et al. 2001)"
COMPETITION = "competition for one site"
#: One look at the field that cells keep up while they neither multiply nor respond; few receptors are occupied.
STILL = {
    "ligand.IL6.transport": "steady", "run.duration": "20 min", "record.every": "20 min", "record.signaling": "20 min",
    "cell.tumor.division_rate": "0 1/hour", "cell.tumor.apoptosis_rate": "0 1/hour",
    "cell.tumor.rule.5.to": "0 1/hour", "cell.tumor.rule.6.to": "0 1/hour",
    "cell.tumor.secretes.0.rate": "0.1 molecules/min", "cell.tumor.rule.2.to": "0.1 molecules/min",
}  # fmt: skip
#: One cell in medium without walls.
LONE = {
    "seed": [{"cell": "tumor", "pattern": "sphere", "number": 1}], "tissue.dish.size": ["800 um"] * 3,
    "tissue.dish.periodic": [], "ligand.IL6.boundary": "open",
}  # fmt: skip


def _settled(overrides):
    model = TumorModel(override(read(SCENARIO, STILL), overrides))
    model.step()
    return model


def halving_doses(doses):
    """Antibody that halves what a lone cell senses of its own IL-6, and what cells of the culture sense.

    Parameters
    ----------
    doses : sequence of float
        Concentrations to look at [nM], ascending.

    Returns
    -------
    own, culture : float
        [nM], on a line between the looks, in logarithms of the dose.
    """
    halving = []
    for changes in (LONE, {}):
        sensed = [_settled(changes | {"regimen.0.concentration": f"{float(dose)!r} nM"}) for dose in [0.0, *doses]]
        level = np.array([model.cells.sensed[:, 0].mean() for model in sensed])
        halving.append(float(np.exp(np.interp(0.5, level[:0:-1] / level[0], np.log(doses)[::-1]))))
    return tuple(halving)


def left_by_antagonist(lone):
    """Share of the occupied receptors that 9 K_I of tocilizumab leave, in a culture or on a lone cell.

    Receptors bind a tenth of what they did at the same concentration. Where cells take up much of the ligand, there is more of
    it then: N cells that clear U each, under medium that clears M = k V tanh(L/λ)/(L/λ) as they see it (a layer of height L,
    the range being λ), leave (M + N U)/(M + N U/10) times as much.

    Returns
    -------
    left, expected : float
        Simulated, and a tenth times that factor [-].
    """
    changes = LONE if lone else {}
    k_i = float(read(SCENARIO).cell["tumor"].receptor[0].antagonist[0].k_i) / NANOMOLAR
    models = [_settled(changes | {"regimen.1.concentration": f"{dose * k_i!r} nM"}) for dose in (0.0, 9.0)]
    occupied = [model.cells.occupancy[:, 0].mean() for model in models]
    mesh, field = models[0].tissues["dish"].mesh, models[0].fields["IL6"]
    medium = field.decay * mesh.size[0] * mesh.size[1] * field.range * tanh(mesh.size[2] / field.range)
    taken = 0.0 if lone else len(models[0].cells) * _clearance()  # next to endless medium, one cell does not count
    return float(occupied[1] / occupied[0]), 0.1 * (medium + taken) / (medium + taken / 10)


def _clearance():
    """What a cell clears of little ligand, U [µm³/min]."""
    receptor = read(SCENARIO).cell["tumor"].receptor[0]
    return receptor.k_internalize * receptor.number / receptor.half_saturation


def _release(model):
    """Mean release of IL-6 by living cells [molecules/min]."""
    cells = model.cells
    return {"IL6_per_cell": float(cells.secretion_rate[cells.phase == ALIVE, 0].mean())}


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, measure=_release, progress=progress)
    table = Table(SCENARIO, GAO)
    every = in_each(seeds, "pairs of runs")
    line = table.line

    per_cell = seen.ratio("IL6_per_cell", "egfr")
    signal = {arm: seen.ratio("tumor.STAT3", arm) for arm in seen.titles}
    cells = {arm: seen.ratio("alive.tumor", arm) for arm in seen.titles}
    line("EGFR inhibitor: IL-6 released per cell, of untreated", "partly lower", span(per_cell),
         f"0.1 to 0.9 in {every}; the drug's effect was set by it", ((per_cell > 0.1) & (per_cell < 0.9)).all())  # fmt: skip
    line("EGFR inhibitor: STAT3, of untreated", "no change", span(signal["egfr"]),
         f"within 10 %, what a blot tells, in {every}",
         (abs(signal["egfr"] - 1) < 0.1).all())  # fmt: skip
    line("pan-JAK inhibitor: STAT3, of untreated", "abolished", span(signal["jak"]),
         f"< 0.05 in {every}", (signal["jak"] < 0.05).all())  # fmt: skip
    grown = seen.at("alive.tumor", "jak") / seen.at("alive.tumor", "jak", time=0.0)
    line("pan-JAK inhibitor: cells at 48 h over those at the start", "no growth", span(grown),
         f"< 1.2 in {every}; rates without STAT3 were set by it", (grown < 1.2).all())  # fmt: skip
    for arm, words in (("antibody", "antibody against IL-6"), ("knockout", "IL-6 silenced")):
        for values, what in ((signal, "STAT3"), (cells, "cells at 48 h")):
            line(f"{words}: {what}, of untreated", "lowered", span(values[arm]), f"< 1 in {every}", (values[arm] < 1).all())
    for of, words in (("control", "tocilizumab"), ("quiet", "tocilizumab, a tenth of the IL-6")):
        arm = "tocilizumab" if of == "control" else f"{of}_tocilizumab"
        lost = 100 * (1 - seen.ratio("alive.tumor", arm, of).mean())
        line(f"{words}: growth lost in 48 h [%]", "10 to 40", f"{lost:.0f}",
             "as published for four lines; what STAT3 does without IL-6 is assumed", 10 <= lost <= 40, KIM)  # fmt: skip
    for arm, words in (("knockout_antibody", "the antibody"), ("knockout_tocilizumab", "tocilizumab")):
        more = seen.ratio("alive.tumor", arm, "knockout")
        line(f"cells without IL-6: living cells under {words}, of without", "1", span(more), "the same: no other target",
             (more == 1).all(), COMPETITION)  # fmt: skip
    if progress:
        progress(f"{SCENARIO}: doses of antibody and antagonist")
    own, culture = halving_doses(np.geomspace(1e-3, 1e5, 33))
    base = read(SCENARIO)
    ligand, cell = base.ligand["IL6"], base.cell["tumor"]
    share = sphere_share(_clearance(), ligand.diffusion, cell.radius)
    expected = own_decoy(ligand.diffusion, ligand.trap[0].k_on, cell.radius, share) / NANOMOLAR
    table.near("antibody that halves what a lone cell senses of its own [nM]", expected, own, 0.05, "5 %, as published", DECOY,
               ".0f")  # fmt: skip
    line("that dose over the one that halves what cells of the culture sense", "> 100", f"{own / culture:.3g}", "as published",
         own / culture > 100, DECOY)  # fmt: skip
    for lone, words in ((False, "in the culture"), (True, "on a lone cell")):
        left, expected = left_by_antagonist(lone)
        line(f"occupied receptors left by 9 K_I of tocilizumab, {words}", f"{expected:.3f}", f"{left:.3f}",
             "2 %: few receptors are occupied", abs(left / expected - 1) < 0.02, COMPETITION)  # fmt: skip
    return Findings(table, seen)
