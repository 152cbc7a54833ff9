"""Numbers that follow from a scenario before it is run: ranges, capture by a lone cell, what a voxel shows,
how many cells.

Each is that of one ligand, one cell type and one tissue; whether it is fine enough is judged in `adequacy`.
"""

from math import inf, isfinite, pi, sqrt

from autocrine_abm.cells.seeding import expected_number
from autocrine_abm.ligands.extent import REACH, WIDTH
from autocrine_abm.units import format_number, in_unit

__all__ = [
    "axes_of",
    "circulating",
    "close_neighbors",
    "in_words",
    "packed_range",
    "room_of_a_cell",
    "seeded_cells",
    "self_signal",
    "single_cell_capture",
]


def in_words(time):
    """A time [min] in the unit in which people would say it: ``"2.5 hour"``."""
    for unit, limit in (("ms", 0.017), ("s", 1.5), ("min", 90), ("hour", 48 * 60)):
        if time < limit:
            return f"{format_number(in_unit(time, unit))} {unit}"
    return f"{format_number(in_unit(time, 'day'))} day"


def axes_of(mesh):
    """Axes along which a mesh has voxels, list of int."""
    return [axis for axis in range(3) if mesh.shape[axis] > 1]


def room_of_a_cell(cell, domain):
    """Volume that one cell has to itself in a dense packing [µm³]: on a lattice a voxel, else hexagonal."""
    mesh = domain.mesh()
    if domain.space == "lattice":
        return mesh.voxel_volume
    distance = 0.95 * 2 * cell.radius
    return distance**2 * sqrt(0.75) * mesh.size[2] if mesh.shape[2] == 1 else distance**3 / sqrt(2)


def packed_range(ligand, name, cell, domain):
    """How far a molecule gets in a dense packing of cells that take it up [µm]: sqrt(D / (k + U / room)).

    U is that of receptors and direct uptake where there is little of the ligand, so nothing saturates.
    """
    loss = ligand.decay + cell.clearance_of(name) / room_of_a_cell(cell, domain)
    return sqrt(ligand.diffusion / loss) if loss > 0 else inf


def _surface_response(ligand, radius, mesh):
    """Concentration at the surface of a cell that releases one molecule per minute, alone [min/µm³].

    In 3-D a sphere, 1/(4πDa(1 + a/λ)); in a slab of thickness H a cylinder, K₀(s)/(2πDH s K₁(s)) with s =
    a/λ.
    """
    if mesh.dimension == 3:
        return 1 / (4 * pi * ligand.diffusion * radius * (1 + radius / ligand.range))
    if ligand.decay == 0 or mesh.dimension == 1:
        return inf  # on a plane or line nothing but decay holds the concentration down
    from scipy.special import k0, k1

    ratio, thickness = radius / ligand.range, min(mesh.size)
    return float(k0(ratio) / (2 * pi * ligand.diffusion * thickness * ratio * k1(ratio)))


def single_cell_capture(ligand, clearance, radius, mesh):
    """Probability that a lone cell takes back a molecule that it released, U / (U + 1/G), G at its surface.

    In 3-D this is U / (U + 4πDa(1 + a/λ)).
    """
    response = _surface_response(ligand, radius, mesh)
    return clearance * response / (1 + clearance * response) if isfinite(response) else float(clearance > 0)


def _voxel_response(ligand, spacing, dimension, volume):
    """Concentration in a voxel that one molecule per minute is released into, far from walls [min/µm³].

    ∫ e^(−kt) [e^(−z) I₀(z)]^d dt / V with z = 2Dt/h², summed in ln t: the lattice's answer at the source.
    """
    import numpy as np
    from scipy.special import ive

    step = 0.1  # of ln t; half of it changes the sum by less than 1e-12
    time = spacing**2 / ligand.diffusion * np.exp(np.arange(-32.0, 60.0, step))
    z = 2 * ligand.diffusion * time / spacing**2
    far = (1 + 1 / (8 * z)) / np.sqrt(2 * pi * z)  # where z is too large for the function, right to 1e-13
    spread = np.where(z < 1e6, ive(0, np.minimum(z, 1e6)), far)
    return float(np.sum(step * time * np.exp(-ligand.decay * time) * spread**dimension)) / volume


def self_signal(ligand, radius, mesh):
    """Relative error with which a cell reads its own secretion if it senses the average of its voxel.

    The voxel answers a unit source with 0.2527/(Dh) (3-D, no decay; Watson 1939), the surface of the cell
    with 1/(4πDa). None where neither is finite, or voxels are not cubes.
    """
    axes = axes_of(mesh)
    used = [mesh.spacing[axis] for axis in axes]
    if not used or max(used) > 1.001 * min(used):
        return None
    surface = _surface_response(ligand, radius, mesh)
    if not isfinite(surface) or surface <= 0:
        return None
    return _voxel_response(ligand, used[0], len(axes), mesh.voxel_volume) / surface - 1


def seeded_cells(scenario):
    """About how many cells each tissue starts with, dict of str to float; None where a file says so."""
    counts = dict.fromkeys(scenario.tissue, 0.0)
    for seed in scenario.seed:
        name = seed.tissue or next(iter(scenario.tissue))
        if seed.pattern == "file":
            counts[name] = None
        elif counts[name] is not None:
            counts[name] += expected_number(
                seed, scenario.tissue[name], float(scenario.cell[seed.cell].radius)
            )
    return counts


def circulating(scenario):
    """Ligands that are ever in the blood: stated there, dosed into it, or exchanged with it; list of str."""
    if scenario.blood is None:
        return []
    named = {*scenario.blood.ligand}
    named |= {entry.ligand for cell in scenario.cell.values() for entry in cell.exchanges}
    named |= {regimen.ligand for regimen in scenario.regimen if regimen.into == "blood"}
    return [name for name in scenario.ligand if name in named]


def close_neighbors(domain, radius, room, cells=inf):
    """How many neighbors a cell exchanges with pair by pair, and within which distance [µm].

    Parameters
    ----------
    domain : Domain
    radius : float
        Of the cells [µm].
    room : float
        Volume that each has to itself [µm³].
    cells : float
        How many there are.

    Returns
    -------
    number, distance : float
    """
    mesh = domain.mesh()
    axes = axes_of(mesh)
    width = WIDTH[mesh.dimension]
    reach = REACH * max([width * radius, *(mesh.spacing[axis] for axis in axes)])
    if len(axes) == 3:
        volume = 4 / 3 * pi * reach**3
    elif len(axes) == 2:
        volume = pi * reach**2 * min(mesh.size)
    else:
        volume = 2 * reach * mesh.voxel_volume / max(mesh.spacing)
    return min(max(volume / room - 1, 0.0), max(cells - 1, 0.0)), reach
