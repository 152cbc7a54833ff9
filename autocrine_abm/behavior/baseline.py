"""What the cells of each type are like while no signal acts on them: the columns of a new cell, type by type."""

import numpy as np

from autocrine_abm.behavior.rules import behavior_column
from autocrine_abm.cells.cell_type import BEHAVIORS

__all__ = ["baseline"]

_ALWAYS = (*BEHAVIORS, "speed", "persistence")


def baseline(cell_types, axes):
    """Base values of all behaviors but nodes and receptors.

    Parameters
    ----------
    cell_types : dict of str to CellType
    axes : dict of str to tuple of str
        What the second axis of columns stands for, ``cells.names``.

    Returns
    -------
    dict of str to ndarray of float, shape (n_types,) or (n_types, number)
        By column.
    """
    types = list(cell_types.values())
    axis_of = {
        "secretion_rate": "ligand", "uptake_clearance": "ligand", "exit_rate": "cycle", "chemotaxis": "attractant",
        "transition_rate": "transition", "damage_rate": "damage", "repair_rate": "damage",
    }  # fmt: skip
    values = {name: np.array([float(own.base_value(name)) for own in types]) for name in _ALWAYS}
    values |= {column: np.zeros((len(types), len(axes[axis]))) for column, axis in axis_of.items()}
    for row, own in enumerate(types):
        for behavior in own.behaviors():
            column, place = behavior_column(behavior, axes)
            if column in axis_of:
                values[column][row, place] = float(own.base_value(behavior))
    return values
