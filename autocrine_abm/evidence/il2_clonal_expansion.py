"""IL-2 among helper and regulatory T cells: what a cell keeps, how far it reaches, and what a clone makes of it.

With few receptors occupied a cell clears k = k_e R/K, and n consumers per volume leave of the range

    l = √(D/k_b),   k_b = n k S/(k + S),   S = 4πDa,   P = k/(k + S)

being the share that a lone cell captures of its own. K is K_d in the published code (7.4 pM), but K_m, 22 pM, with
internalization; checks against published numbers take the former, all else the latter.
"""

from functools import cache
from itertools import product

import numpy as np
from scipy.spatial.distance import cdist

from autocrine_abm.evidence import il2_culture
from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel
from autocrine_abm.units import parse

__all__ = [
    "SCENARIO",
    "capture_distance",
    "capture_distance_one_by_one",
    "checks",
    "deprivation",
    "kept",
    "range_among_consumers",
    "range_one_by_one",
    "reach",
]

SCENARIO = "il2_clonal_expansion"
NANOMOLAR = float(parse("1 nM", "nM"))  # [molecules/µm³]
BRUNNER = "Brunner et al. 2024, doi:10.1016/j.isci.2024.110134"
POLONSKY = "Polonsky et al. 2018, Science, eaaj1853"
BUSSE = "Busse et al. 2010, PNAS 107:3058; Feinerman et al. 2010, Mol Syst Biol, PMC3010113"
TKACH = il2_culture.TKACH
KEPT = {100: 0.016, 1000: 0.14, 1500: 0.197, 10_000: 0.62, 100_000: 0.94}  # receptors → share captured of the own
CAPTURE = {1000: 60.9, 1500: 51.7, 10_000: 29.9}  # receptors → mean distance at which these capture [µm]
RANGE = {1000: 30.1, 1500: 25.4, 10_000: 14.3}  # receptors of consumers 20 µm apart → decay length [µm]
#: One look at a steady field with few receptors occupied and K_m at the published K_d.
LOOK = {
    "ligand.IL2.transport": "steady", "ligand.IL2.decay": "0 1/hour", "ligand.IL2.boundary": "open", "tissue.node.periodic": [],
    "cell.helper.rule.0.to": "1e-3 molecules/s",
    "cell.helper.node.antigen.base": 1.0, "run.duration": "10 min", "record.every": "10 min",
    "record.signaling": "10 min", "cell.helper.repulsion": "0 um/min", "cell.regulatory.repulsion": "0 um/min",
    "cell.helper.apoptosis_rate": "0 1/hour", "cell.helper.rule.8.to": "0 1/hour",
    "cell.helper.rule.5.to": 1e6,
} | {f"cell.{name}.receptor.0.k_on": "5.567 1/nM/min" for name in ("helper", "regulatory")}  # fmt: skip
CENTER = {"cell": "helper", "pattern": "sphere", "number": 1}


def _looked_at(overrides):
    model = TumorModel(override(read(SCENARIO, LOOK), overrides))
    for _ in range(2):  # cells release from the second step on
        model.step()
    return model.cells


def kept(receptors):
    """Share of its own IL-2 that a lone helper cell captures [-]."""
    cells = _looked_at({"seed": [CENTER], "cell.helper.receptor.0.number": receptors})
    return float(cells.captured[0, 0] / cells.secretion_rate[0, 0])


def _among(receptors, edge):
    """A sender amid consumers 20 µm apart."""
    return {
        "seed": [CENTER, {"cell": "regulatory", "pattern": "regular", "distance": "20 um"}],
        "tissue.node.size": [f"{edge} um"] * 3, "tissue.node.spacing": "10 um",
        "cell.helper.receptor.0.number": receptors, "cell.regulatory.receptor.0.number": receptors,
    }  # fmt: skip


def range_among_consumers(receptors, near=30.0, far=80.0):
    """Length over which c r of one sender falls by e, among consumers 20 µm apart [µm]; fitted from `near` to `far` [µm].

    Sinks are drawn over voxels, and a little more passes behind each than behind a sphere: with 10,000 receptors the length is
    11.8 µm with voxels of 10 µm and 11.5 µm with 5 µm, where point sinks make it 10.5 µm.
    """
    cells = _looked_at(_among(receptors, 320.0))
    distance = np.linalg.norm(cells.position - cells.position[0], axis=1)
    there = (distance > near) & (distance < far)
    return float(-1 / np.polyfit(distance[there], np.log(cells.sensed[there, 0] * distance[there]), 1)[0])


def capture_distance(receptors, edge=480.0):
    """Mean distance at which other consumers, 20 µm apart, capture what one sender among them releases [µm].

    Parameters
    ----------
    receptors : int
    edge : float
        Of the box [µm]. What leaves by its walls counts nowhere: with walls 8 l away about 10⁻⁴ of the release, which captured
        beyond would add 0.05 µm.
    """
    cells = _looked_at(_among(receptors, edge))
    distance = np.linalg.norm(cells.position - cells.position[0], axis=1)
    return float(np.average(distance[1:], weights=cells.captured[1:, 0]))


@cache
def _one_by_one(receptors):
    """Point sinks that see each other's fields in free space, c_i = q G_i − U Σ_j G_ij c_j.

    24³ of them, alike by symmetry in all eight octants.

    Returns
    -------
    distance, level : ndarray of float, shape (1728,)
        Of one octant, from the sender [µm] and relative.
    """
    diffusion, radius = 600.0, 5.0
    limit = 4 * np.pi * diffusion * radius
    uptake = 0.0276 * receptors / (0.00743668 * NANOMOLAR)
    row = np.arange(10.0, 240.0, 20.0)
    place = np.stack(np.meshgrid(row, row, row, indexing="ij"), -1).reshape(-1, 3)
    closeness = np.zeros((len(place), len(place)))
    for mirror in product((1.0, -1.0), repeat=3):
        apart = cdist(place, place * mirror)
        closeness += 1 / np.where(apart > 0, apart, np.inf)
    sinks = np.eye(len(place)) + uptake * limit / (uptake + limit) / (4 * np.pi * diffusion) * closeness
    distance = np.linalg.norm(place, axis=1)
    return distance, np.linalg.solve(sinks, 1 / distance)


def range_one_by_one(receptors, near=30.0, far=80.0):
    """The same as `range_among_consumers` of point sinks one by one [µm]."""
    distance, level = _one_by_one(receptors)
    there = (distance > near) & (distance < far)
    return float(-1 / np.polyfit(distance[there], np.log(level[there] * distance[there]), 1)[0])


def capture_distance_one_by_one(receptors):
    """The same as `capture_distance` of point sinks one by one [µm]."""
    distance, level = _one_by_one(receptors)
    return float(np.average(distance, weights=level))


def deprivation(receptors=10_000):
    """What one regulatory T cell takes away from helper cells 20 µm apart that all secrete.

    Returns
    -------
    distance : ndarray of float, shape (n,)
        Of shells of helper cells [µm]; first its own radius.
    lost : ndarray of float, shape (n,)
        Share of the level there that is missing because of it [-].
    """
    sensed = []
    for number in (0, receptors):
        cells = _looked_at(
            {
                "seed": [CENTER | {"cell": "regulatory"}, {"cell": "helper", "pattern": "regular", "distance": "20 um"}],
                "tissue.node.periodic": ["x", "y", "z"], "cell.helper.receptor.0.number": 1000,
                "cell.regulatory.receptor.0.number": number,
            }
        )  # fmt: skip
        sensed.append(cells.sensed[:, 0].copy())
    distance = np.linalg.norm(cells.position - cells.position[0], axis=1)
    distance[0] = 5.0
    shells, shell = np.unique(np.round(distance, 6), return_inverse=True)
    return shells, np.bincount(shell, 1 - sensed[1] / sensed[0]) / np.bincount(shell)


def reach(distance, lost, share=0.1):
    """Distance at which the loss has fallen to `share` of that at the sink [µm]; ln(loss × distance) is linear between."""
    fine = np.linspace(distance[0], distance[-1], 10_001)
    level = np.exp(np.interp(fine, distance, np.log(np.maximum(lost * distance, 1e-12)))) / fine
    return float(fine[np.argmax(level < share * lost[0])])


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    table = Table(SCENARIO, BRUNNER)
    every = in_each(seeds, "pairs of runs")
    line = table.line

    if progress:
        progress(f"{SCENARIO}: single cells and sinks")
    for receptors, published in KEPT.items():
        share = kept(receptors)
        line(f"share of its own IL-2 that a lone cell with {receptors:,} receptors keeps", f"{published:g}", f"{share:.3g}",
             "5 %; K as in the published code, K_d", abs(share / published - 1) < 0.05)  # fmt: skip
    for receptors, published in RANGE.items():
        length = range_among_consumers(receptors)
        line(f"decay length among consumers of {receptors:,} receptors, 20 um apart [um]", f"{published:g}", f"{length:.3g}",
             f"5 %; published for a smeared-out medium, but point sinks one by one make it {range_one_by_one(receptors):.3g}",
             abs(length / published - 1) < 0.05)  # fmt: skip
    for receptors, published in CAPTURE.items():
        length = capture_distance(receptors)
        line(f"mean distance of capture by consumers of {receptors:,} receptors, 20 um apart [um]", f"{published:g}",
             f"{length:.3g}", f"5 %; published for a smeared-out medium, but point sinks one by one make it "
             f"{capture_distance_one_by_one(receptors):.3g}", abs(length / published - 1) < 0.05)  # fmt: skip
    distance, lost = deprivation()
    line("way from a regulatory T cell to where a tenth of its effect is left [um]", "a few tens",
         f"{reach(distance, lost):.0f}", "10 to 60", 10 <= reach(distance, lost) <= 60, BUSSE)  # fmt: skip
    near, far = lost[distance < 20][1:].mean(), lost[(distance > 60) & (distance < 100)].mean()
    line("helper cells' loss within 20 um of it, over that at 60 to 100 um", "> 1", f"{near / far:.3g}", "above 1", near > far,
         BUSSE)  # fmt: skip

    def expansion(arm):
        return seen.at("alive.helper", arm, time=1440.0) / seen.at("alive.helper", arm, time=0.0)

    more = expansion("regulatory") / expansion("sparse")
    line("expansion in 24 h beside regulatory T cells, dense clone over one of a tenth of the density", "more",
         span(more, ".3g"), f"> 1 in {every}", (more > 1).all(), POLONSKY)  # fmt: skip
    less = expansion("regulatory") / expansion("control")
    line("expansion in 24 h beside regulatory T cells, of without", "less", span(less, ".3g"),
         f"< 1 in {every}; they cut the signal late, so few divisions are lost by then", (less < 1).all(), BUSSE)  # fmt: skip
    lone = expansion("knockout_regulatory") / expansion("knockout")
    line("the same of cells without IL-2", "1", span(lone, ".3g"), "the same: with equal seeds the same cells die",
         (lone == 1).all(), "no IL-2, nothing to take away")  # fmt: skip

    peak = seen.courses.groupby(["arm", "seed"])["IL2.mean"].max()
    gathered = peak["JAK_inhibitor"] / peak["control"]
    line("highest IL-2 under JAK inhibitor, of untreated", "> 10", span(gathered, ".3g"),
         f"> 10 in {every}; here the untreated peak comes within the hour before receptors rise, and limits the ratio",
         (gathered > 10).all(), TKACH)  # fmt: skip
    return Findings(table + il2_culture.checks(progress), seen)
