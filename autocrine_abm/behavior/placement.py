"""Moves and daughters on the lattice: who asks for which voxel, and in which order.

Voxels themselves are kept by `behavior.lattice`; here every cell type asks in the way that it states.
"""

import numpy as np

from autocrine_abm.randomness import Purpose, exponential, uniforms

__all__ = ["ask", "migrate"]


def ask(question, parameter, types, kind, rows, draws):
    """Targets of moves or daughters; types that choose them differently go one after the other.

    Parameters
    ----------
    question : callable
        ``lattice.move`` or ``lattice.divide``.
    parameter : str
        Where types say how they choose, "migrates_to" or "daughter".
    types : list of CellType
    kind : ndarray of int, shape (n,)
        Type of every cell.
    rows : ndarray of int64, shape (m,)
        Who asks, in their order.
    draws : ndarray of float, shape (m,)

    Returns
    -------
    ndarray of int64, shape (m,)
        Voxels, −1 where there is no room. A new array.
    """
    targets = np.full(len(rows), -1)
    modes = np.array([getattr(own, parameter) for own in types])[kind[rows]]
    for mode in np.unique(modes):
        chosen = modes == mode
        targets[chosen] = question(rows[chosen], draws[chosen], str(mode))
    return targets


def migrate(cells, lattice, types, seed, step, dt):
    """Moves on the lattice, in the order of their times; whoever has moved may move again.

    Parameters
    ----------
    cells : CellState
    lattice : Lattice
    types : list of CellType
    seed, step : int
        Key of the draws.
    dt : float
        Length of the step [min].
    """
    rows = np.flatnonzero(cells.values("migration_rate"))
    start, repeat = np.zeros(len(rows)), 0
    while len(rows):
        draws = uniforms(seed, cells.cell_id[rows], step, Purpose.MIGRATION, repeat)
        when = start + exponential(draws[:, 0], cells.migration_rate[rows])
        rows, when, target = (values[when < dt] for values in (rows, when, draws[:, 1]))
        order = np.argsort(when, kind="stable")
        rows, start = rows[order], when[order]
        targets = ask(lattice.move, "migrates_to", types, cells.cell_type, rows, target[order])
        cells.position[rows[targets >= 0]] = lattice.center(targets[targets >= 0])
        repeat += 1
