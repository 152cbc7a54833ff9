"""How much of its own ligand a lone cell captures, and what a decoy does to it.

A sphere of radius a whose receptors take up U = k_on R per surface concentration captures the share (Berg &
Purcell 1977; Shvartsman et al. 2001)

    P = U/(U + 4πDa (1 + a/λ)),   λ = √(D/k).

A disc on a reflecting floor captures nearly x/(x + 3π/8), x = U/(πaD) (the geometry of Batsilas et al. 2003).
A decoy at concentration B that binds at k_f makes λ = √(D/(k_f B)): it halves self-capture at B = D/(k_f a²
(1 − P)²), but the signal at distance r already where e^(−(r−a)/λ) = (1 + a/λ)/2, at a hundredth of that or
less.
"""

from math import exp, pi, sqrt

import numpy as np
from scipy.optimize import brentq

from autocrine_abm.evidence.check import Table
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel
from autocrine_abm.units import parse

__all__ = ["SCENARIO", "captured_share", "checks", "disc_share", "distant_decoy", "own_decoy", "sphere_share"]

SCENARIO = "lone_cell"
BERG = "Berg & Purcell 1977, doi:10.1016/S0006-3495(77)85544-6; Shvartsman et al. 2001, Biophys. J. 81:1854"
BATSILAS = "Batsilas et al. 2003, doi:10.1016/S0006-3495(03)74783-3 (its geometry, solved exactly)"
DECOY = "Wiley & Lauffenburger, Shvartsman et al. 2001 (free decoy of on-rate k_f in the formula above)"
NO_DECAY = {"ligand.EGF.decay": "0 1/min", "ligand.EGF.boundary": "open"}
#: open walls do not know of decoys: they stand three ranges away from the farthest bystander
WIDE = {"tissue.gel.size": ["2400 um"] * 3, "tissue.gel.spacing": "40 um"}
VOXELS = (3.75, 5.0, 7.5, 10.0, 15.0, 20.0, 40.0, 75.0)  # µm: 0.5 to 10 radii
#: receptors, D [µm²/s] → share, from k_on = 9.7e7 /M/min and a = 7.5 µm
EGFR = {(1e5, 10): 0.2217, (2e5, 10): 0.363, (2e5, 100): 0.054, (1e6, 10): 0.740, (1e4, 100): 0.0028}
#: x → share of a disc, exact
DISC = {
    0.1: 0.0782,
    0.3: 0.2024,
    0.5: 0.2969,
    1: 0.4567,
    2: 0.6254,
    3: 0.7136,
    5: 0.8047,
    10: 0.8907,
    30: 0.9601,
}


def sphere_share(clearance, diffusion, radius, decay=0.0):
    """Share of its own release that a sphere captures [-]."""
    return clearance / (clearance + 4 * pi * diffusion * radius * (1 + radius * sqrt(decay / diffusion)))


def disc_share(x):
    """Share that a disc captures if its flux is even over it [-]."""
    return x / (x + 3 * pi / 8)


def own_decoy(diffusion, k_f, radius, share):
    """Decoy concentration that halves self-capture, `share` being that without decoy [molecules/µm³]."""
    return diffusion / (k_f * radius**2 * (1 - share) ** 2)


def distant_decoy(diffusion, k_f, radius, distance):
    """Decoy concentration that halves the signal at `distance` [molecules/µm³]."""

    def excess(span):
        return exp(-(distance - radius) / span) - (1 + radius / span) / 2

    span = brentq(excess, 1e-3 * distance, 1e4 * distance)
    return diffusion / (k_f * span**2)


def captured_share(spec, position):
    """Put one cell at `position` [µm] and let the field settle: the share of its release it captures [-]."""
    model = TumorModel(override(spec, {"seed": []}))
    model.add_cells(["mammary"], np.array([position], float))
    model.step()
    cells = model.cells
    return float(cells.captured[0, 0] / cells.secretion_rate[0, 0])


def _off_center(spec, seed):
    """A random place within the voxel in the middle of the box."""
    mesh = spec.tissue["gel"].mesh()
    middle = np.array([n // 2 for n in mesh.shape])
    return (middle + np.random.default_rng(seed).random(3)) * np.array(mesh.spacing)


def checks(progress=None, voxels=VOXELS):
    """Hold self-capture to its formulas on many meshes; a list of `Check`.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text before each set of runs.
    voxels : sequence of float
        Edges of the voxels for the comparison of meshes [µm].
    """
    base, table = read(SCENARIO), Table(SCENARIO, BERG)
    ligand, cell = base.ligand["EGF"], base.cell["mammary"]
    radius, k_on = float(cell.radius), float(cell.receptor[0].k_on)

    def tell(text):
        if progress:
            progress(f"{SCENARIO}: {text}")

    def near(result, published, simulated, limit, why, source=None, remark=""):
        table.near(result, published, simulated, limit, f"{limit:.0%} ({why})", source, remark=remark)

    tell(f"voxels of {min(voxels):g} to {max(voxels):g} um")
    expected = sphere_share(k_on * cell.receptor[0].number, ligand.diffusion, radius, ligand.decay)
    for number, edge in enumerate(voxels):
        spec = override(base, {"tissue.gel.spacing": f"{edge} um"})
        position = _off_center(spec, number)
        share = captured_share(spec, position)
        seen = captured_share(override(spec, {"tissue.gel.sensing": "voxel"}), position)
        why = "what a sphere of any size on any mesh is to reach"
        remark = f" (sensing the voxel: {seen:.3f})"
        near(f"share captured, voxels of {edge / radius:.3g} radii", expected, share, 0.02, why, remark=remark)

    tell("receptor numbers and diffusion of EGF")
    for number, ((receptors, diffusion), published) in enumerate(EGFR.items()):
        spec = override(
            base,
            {
                **NO_DECAY,
                "ligand.EGF.diffusion": f"{diffusion} um^2/s",
                "cell.mammary.receptor.0.number": receptors,
            },
        )
        share = captured_share(spec, _off_center(spec, number))
        why = "and the digits given: two to four"
        near(f"share captured, {receptors:g} EGFR, D {diffusion} um2/s", published, share, 0.02, why)

    tell("discs on a floor")
    walls = {"others": "open", "z_low": "no-flux"}
    for x, published in DISC.items():
        receptors = x * pi * radius * ligand.diffusion / k_on
        spec = override(
            base,
            {
                **NO_DECAY,
                "ligand.EGF.boundary": walls,
                "cell.mammary.shape": "disc",
                "cell.mammary.receptor.0.number": receptors,
            },
        )
        share = captured_share(spec, [*_off_center(spec, 0)[:2], 0.0])
        why, remark = "of it 0.6 % since the flux is taken as even", f" (even flux: {disc_share(x):.4f})"
        near(f"share captured by a disc, x = {x:g}", published, share, 0.02, why, BATSILAS, remark)

    tell("a decoy in the medium")
    medium = {**NO_DECAY, "ligand.EGF.diffusion": "100 um^2/s", "ligand.antibody.diffusion": "100 um^2/s"}
    diffusion, k_f = 6000.0, float(ligand.trap[0].k_on)
    micromolar = float(parse("1 uM", "nM"))
    for share, published in ((0.2, 2.78), (0.5, 7.11), (0.9, 178.0)):
        receptors = share / (1 - share) * 4 * pi * diffusion * radius / k_on
        decoy = own_decoy(diffusion, k_f, radius, share) / micromolar
        why = "the same formula, three digits"
        near(f"decoy that halves self-capture of {share:.0%} [uM]", published, decoy, 0.01, why, DECOY)
        spec = override(base, {**medium, "cell.mammary.receptor.0.number": receptors})
        alone = captured_share(spec, _off_center(spec, 1))
        with_decoy = captured_share(
            override(spec, {"ligand.antibody.initial": f"{decoy!r} uM"}), _off_center(spec, 1)
        )
        result = f"self-capture left of {share:.0%} at {decoy:.3g} uM decoy"
        near(result, 0.5, with_decoy / alone, 0.05, "of the concentration", DECOY)
    for distance, published in ((50, 19.5), (100, 4.82), (250, 0.77)):
        decoy = distant_decoy(diffusion, k_f, radius, distance) / micromolar * 1000
        near(f"decoy that halves the signal at {distance} um [nM]", published, decoy, 0.01, "the same formula", DECOY)
        spec = override(base, {**medium, **WIDE, "cell.mammary.receptor.0.number": 0.0})
        ratio = _signal(override(spec, {"ligand.antibody.initial": f"{decoy!r} nM"}), distance) / _signal(
            spec, distance
        )
        near(f"signal left at {distance} um at {decoy:.3g} nM decoy", 0.5, ratio, 0.05, "of the concentration", DECOY)
    return table


def _signal(spec, distance):
    """Concentration that a bystander senses at a distance from a cell that releases and takes up nothing."""
    model = TumorModel(override(spec, {"seed": []}))
    middle = np.array(model.tissues["gel"].mesh.size) / 2
    along = distance * np.array([2.0, 2.0, 1.0]) / 3
    model.add_cells(["mammary", "bystander"], np.array([middle, middle + along]))
    model.step()
    return float(model.cells.sensed[1, 0])
