"""How strongly cells of one type hold those of another: a table of affinities, stated pair by pair."""

import numpy as np

__all__ = ["affinities"]


def affinities(cell_types):
    """Factor on the adhesion of each pair of types.

    Parameters
    ----------
    cell_types : dict of str to CellType
        What one type states in `adhesion_to` holds for both of the pair; pairs that are not stated have 1.

    Returns
    -------
    ndarray of float, shape (n_types, n_types)
        Symmetric, ≥ 0 [-]. A new array.

    Examples
    --------
    >>> from autocrine_abm.cells.cell_type import CellType
    >>> stroma = CellType(radius="5 um", adhesion_to={"cancer": 0.2})
    >>> affinities({"cancer": CellType(radius="6 um"), "stroma": stroma})
    array([[1. , 0.2],
           [0.2, 1. ]])
    """
    names = list(cell_types)
    table = np.ones((len(names), len(names)))
    for row, own in enumerate(cell_types.values()):
        for name, factor in own.adhesion_to.items():
            if name in names:
                column = names.index(name)
                table[row, column] = table[column, row] = factor
    return table
