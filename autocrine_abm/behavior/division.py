"""Division: one row becomes two. The mother keeps her cell_id; the daughter is a copy with a new one.

Volume is shared between the two, and so are receptors that turnover renews; rates, type and clone are inherited. The
daughter walks off in a direction of her own.
"""

import numpy as np

from autocrine_abm.randomness import Purpose, direction, uniforms

__all__ = ["divide", "separation"]


def separation(cells, rows, seed, step, repeat, dimension):
    """Vectors from the middle of each dividing cell to her daughter: half her radius, in a random direction.

    Returns
    -------
    ndarray of float, shape (m, 3)
        [µm]; the mother moves the opposite way, so that their middle stays. A new array.
    """
    draws = uniforms(seed, cells.cell_id[rows], step, Purpose.AXIS, repeat)
    return 0.5 * cells.radius[rows, None] * direction(draws, dimension)


def divide(cells, rows, first_id, time, renewed):
    """Divide the cells in `rows`; daughters are appended in the order of `rows` and lie where their mothers are.

    Parameters
    ----------
    cells : CellState
    rows : ndarray of int64, shape (m,)
        Mothers, each at most once.
    first_id : int
        cell_id of the first daughter; the others follow.
    time : ndarray of float, shape (m,)
        When each division happens [min].
    renewed : ndarray of bool, shape (n_types, n_receptors)
        Receptors that each type renews; half of them goes to the daughter. Others are a property of the type.

    Returns
    -------
    slice
        Rows of the daughters.
    """
    cells.volume[rows] *= 0.5
    cells.radius[rows] *= 0.5 ** (1 / 3)
    cells.receptors[rows] *= np.where(renewed[cells.cell_type[rows]], 0.5, 1.0)
    return cells.add_copies(
        rows,
        cell_id=np.arange(first_id, first_id + len(rows)),
        parent_id=cells.cell_id[rows],
        birth_time=time,
        phase_time=time,
        heading=0.0,
    )
