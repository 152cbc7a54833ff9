"""Death: a dying cell stops everything it did for itself, stays as a corpse for a while, and is cleared.

Apoptosis and necrosis differ in how long the corpse stays and how it shrinks (see `behavior.growth`).
"""

import numpy as np

from autocrine_abm.cells.columns import ALIVE, APOPTOTIC

__all__ = ["cleared", "die"]

_STOPS = (
    "division_rate", "apoptosis_rate", "necrosis_rate", "growth_rate", "migration_rate", "secretion_rate",
    "uptake_clearance", "receptors", "receptor_target", "occupancy", "node",
    "node_target", "speed",
)  # fmt: skip


def die(cells, rows, phase, time):
    """Turn the cells in `rows` into corpses.

    Parameters
    ----------
    cells : CellState
    rows : ndarray of int64, shape (m,)
    phase : ndarray of int8, shape (m,), or int
        APOPTOTIC or NECROTIC.
    time : ndarray of float, shape (m,), or float
        When [min].
    """
    cells.phase[rows] = phase
    cells.phase_time[rows] = time
    for name in _STOPS:
        cells[name][rows] = 0.0


def cleared(cells, apoptosis_duration, necrosis_duration, time):
    """Which corpses are gone at `time`.

    Parameters
    ----------
    cells : CellState
    apoptosis_duration, necrosis_duration : ndarray of float, shape (n_types,)
        How long the corpses of each type stay [min].
    time : float
        Now [min].

    Returns
    -------
    ndarray of bool, shape (n,)
        A new array.
    """
    dead = np.flatnonzero(cells.phase != ALIVE)
    own = cells.cell_type[dead]
    stays = np.where(cells.phase[dead] == APOPTOTIC, apoptosis_duration[own], necrosis_duration[own])
    gone = np.zeros(len(cells), bool)
    gone[dead] = cells.phase_time[dead] + stays <= time
    return gone
