"""The shape of a tumor, as a report tells it: size through time, change with depth, arrangement of the cells.

The numbers come from `measure.space`; here they are plotted where they mean something.
"""

import numpy as np

from autocrine_abm.measure import space as measured
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.output.colors import CATEGORIES, PHASE_COLORS, hex_of, ramp
from autocrine_abm.output.markup import side_by_side
from autocrine_abm.output.plots import Curve, bars, curves, time_axis

__all__ = ["space"]

_MOST_TIMES = 40  # at which the shape of the tumor is measured
_MOST_CELLS = 5_000  # of which pairs are counted; more change nothing that can be seen
_REACH = 12  # how far pairs are counted, in radii of a cell, or in voxels of a lattice


def space(material):
    """Size of the tumor through time; what changes with depth; how cells are arranged."""
    times = material.run.cell_times()
    if len(times) == 0:
        return ""
    parts = []
    for tissue, mesh in material.meshes().items():
        last = material.cells(float(times[-1]), tissue)
        if len(last) < 2:
            continue
        name = f" · {tissue}" if len(material.tissues) > 1 else ""
        plots = []
        if _is_compact(last, mesh):
            plots += _radii(material, tissue, mesh, times, name) + _profiles(material, last, name)
        plots += _arrangement(material, tissue, mesh, times, name)
        parts.append(side_by_side(plots))
    return "".join(parts)


def _is_compact(table, mesh):
    """Whether the cells form a body within the tissue; depth means nothing where they are all over it."""
    axes = [axis for axis in range(3) if mesh.shape[axis] > 1]
    spread = table[["x", "y", "z"]].to_numpy(float)[:, axes].std(axis=0)
    even = np.array(mesh.size)[axes] / np.sqrt(12)  # of cells strewn evenly
    return bool(np.sqrt((spread**2).sum() / (even**2).sum()) < 0.8)


def _radii(material, tissue, mesh, times, name):
    """Radii through time."""
    if len(times) < 2:
        return []
    times = times[np.unique(np.linspace(0, len(times) - 1, _MOST_TIMES).round().astype(int))]
    flat = mesh.shape[2] == 1
    rows = []
    for time in times:
        table = material.cells(float(time), tissue)
        position = table[["x", "y", "z"]].to_numpy(float)
        dead = (table["phase"] == "necrotic").to_numpy()
        rows.append((
            measured.equivalent_radius(table["volume"], flat), measured.radius_of_gyration(position),
            measured.necrotic_core_radius(position, dead),
        ))  # fmt: skip
    equivalent, gyration, core = np.array(rows).T
    lines = [Curve("if packed", CATEGORIES[1], equivalent), Curve("of gyration", CATEGORIES[5], gyration)]
    if core.any():
        lines.append(Curve("dead core", PHASE_COLORS["necrotic"], core))
    x, unit = time_axis(times)
    return [curves(x, lines, f"time [{unit}]", "radius [µm]", f"Radius of the tumor{name}")]


def _profiles(material, table, name):
    """Phase and sensed concentration by distance from the center."""
    position = table[["x", "y", "z"]].to_numpy(float)
    radius = float(table["radius"].mean())
    distance = np.linalg.norm(position - measured.center(position), axis=1)
    step = max(2 * radius, distance.max() / 40)
    edges = np.arange(0.0, distance.max() + step, step)
    if len(edges) < 4:
        return []
    middle = (edges[1:] + edges[:-1]) / 2
    xlabel = "distance from the center [µm]"
    plots = []
    dying = [phase for phase in PHASE_COLORS if (table["phase"] == phase).any()]
    if dying:
        shares, _ = measured.radial_profile(
            position, np.stack([table["phase"] == phase for phase in ("alive", *dying)], axis=1), edges
        )
        colors = (CATEGORIES[2], *(PHASE_COLORS[phase] for phase in dying))
        lines = [
            Curve(phase, color, share) for phase, color, share in zip(("alive", *dying), colors, shares.T)
        ]
        plots.append(
            curves(middle, lines, xlabel, "share of cells [-]", f"Phases by depth, at the end{name}")
        )
    for place, ligand in enumerate(material.ligands):
        level, _ = measured.radial_profile(position, table[f"sensed.{ligand}"].to_numpy(float), edges)
        lines = [Curve(ligand, hex_of(ramp(place)[200]), level)]
        plots.append(
            curves(middle, lines, xlabel, "sensed [nM]", f"{ligand} at the cells by depth, at the end{name}")
        )
    return plots


def _arrangement(material, tissue, mesh, times, name):
    """Pair correlation at the start and the end where cells are strewn about, and numbers of neighbors."""
    plots, lines = [], []
    lattice = material.scenario.tissue[tissue].space == "lattice"
    edges, chance = _distances(material, mesh, lattice)
    for time, color, word in ((times[0], CATEGORIES[5], "start"), (times[-1], CATEGORIES[1], "end")):
        table = material.cells(float(time), tissue)
        position = table[["x", "y", "z"]].to_numpy(float)
        position = position[:: max(1, len(position) // _MOST_CELLS)]
        if len(position) < 20 or _is_compact(table, mesh):  # in a body every cell has company
            continue
        distance, value = measured.pair_correlation(position, mesh, edges)
        lines.append(Curve(word, color, value / chance))
    if lines:
        lines = lines[-1:] if times[0] == times[-1] else lines
        lines.append(Curve("by chance", "#8a949c", np.ones(len(distance)), dashed=True))
        plots.append(
            curves(distance, lines, "distance [µm]", "g(r) [-]", f"Pairs of cells, relative to chance{name}")
        )
    neighbors = material.cells(float(times[-1]), tissue)["neighbors"].to_numpy()
    if not lattice and neighbors.any():
        share = np.bincount(neighbors) / len(neighbors)
        bins = np.arange(len(share) + 1) - 0.5
        plots.append(
            bars(
                bins,
                share,
                CATEGORIES[1],
                "neighbors touched",
                "share of cells [-]",
                f"Neighbors, at the end{name}",
            )
        )
    return plots


def _distances(material, mesh, lattice):
    """Edges between distances, and what cells strewn at random would show there: 1, but on a lattice.

    A lattice has no two voxels at most distances, so chance is the pair correlation of its voxels.
    """
    open_axes = [axis for axis in range(3) if mesh.shape[axis] > 1] or [0]
    longest = min(mesh.size[axis] / (2 if mesh.periodic[axis] else 1) for axis in open_axes)
    if not lattice:
        radius = max(float(cell.radius) for cell in material.scenario.cell.values())
        edges = np.arange(0.0, min(_REACH, longest / radius) + 1e-9, 0.5) * radius
        return edges, 1.0
    step = min(mesh.spacing[axis] for axis in open_axes)
    edges = np.arange(0.5, min(_REACH, longest / step), 1.0) * step
    block = Mesh(tuple(min(count, 2 * _REACH) for count in mesh.shape), mesh.spacing)
    voxels = np.stack(np.meshgrid(*map(np.arange, block.shape), indexing="ij"), axis=-1).reshape(-1, 3) + 0.5
    return edges, measured.pair_correlation(voxels * block.spacing, block, edges).value
