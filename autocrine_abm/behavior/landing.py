"""Where cells that leave the blood settle: next to a vessel drawn at random, or anywhere if the tissue has none.

On a lattice that is a free voxel next to any vessel, or any free voxel; without one a cell has to stay in the blood.
"""

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.randomness import Purpose, direction, uniforms

__all__ = ["landing"]


def landing(cells, newcomers, mesh, lattice, vessels, discs, seed, step, attempt):
    """Places for cells that come with the blood.

    Parameters
    ----------
    cells : CellState
        Those that are there.
    newcomers : dict of str to ndarray
        Columns of those that come, in the order of their coming; `cell_id`, `cell_type` and `radius` are read.
    mesh : Mesh
    lattice : Lattice or None
        Who sits where, if the space is one; the voxels found count as taken from now on.
    vessels, discs : ndarray of bool, shape (n_types,)
        Types that exchange with the blood, and types that lie on the floor.
    seed, step, attempt : int
        Key of the draws; `attempt` counts the landings within the step.

    Returns
    -------
    position : ndarray of float, shape (m, 3)
        Centers [µm]; nan where there is no room. A new array.
    """
    ids, radius = newcomers["cell_id"], newcomers["radius"]
    which, where = (uniforms(seed, ids, step, Purpose.LANDING, 2 * attempt + k) for k in (0, 1))
    shores = np.flatnonzero(vessels[cells.cell_type] & (cells.phase == ALIVE))
    if lattice is not None:
        return _free_voxels(lattice, lattice.voxel[shores] if len(shores) else None, which[:, 0])
    size = np.array(mesh.size)
    if len(shores):
        vessel = shores[np.minimum((which[:, 0] * len(shores)).astype(np.int64), len(shores) - 1)]
        apart = (cells.radius[vessel] + radius)[:, None] * direction(where, mesh.dimension)
        position = cells.position[vessel] + apart
    else:
        position = np.column_stack([which, where[:, 0]]) * size
        if mesh.shape[2] == 1:
            position[:, 2] = size[2] / 2
    floor = discs[newcomers["cell_type"]]
    position[floor, 2] = np.minimum(radius[floor], size[2] / 2)
    return mesh.inside(position)


def _free_voxels(lattice, beside, draws):
    """Centers of free voxels, drawn one after the other."""
    position = np.full((len(draws), 3), np.nan)
    free = lattice.free_voxels(beside)
    for place, draw in enumerate(draws):
        if not len(free):
            break
        chosen = min(int(draw * len(free)), len(free) - 1)
        position[place] = lattice.center(free[chosen : chosen + 1])[0]
        lattice.occupant[free[chosen]] = -2  # taken; the row follows when all have their rows
        free = np.delete(free, chosen)
    return position
