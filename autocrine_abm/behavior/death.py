"""Death: a dying cell stops everything it did for itself, stays as a corpse for a while, and is cleared.

Apoptosis and necrosis differ in how long the corpse stays and how its volume changes (see `behavior.corpses`). What a
corpse still releases and takes up is a share of what the cell did, or what rules that apply to the dead say.
"""

import numpy as np

from autocrine_abm.cells.columns import ALIVE

__all__ = ["cleared", "die", "shares_of_dead", "tables_of"]

_STOPS = (
    "division_rate", "apoptosis_rate", "necrosis_rate", "growth_rate", "migration_rate", "receptors", "receptor_target",
    "occupancy", "node", "node_target", "transition_rate", "damage_rate", "speed",
)  # fmt: skip
_GOES_ON = {"secretion_rate": "secretion of ", "uptake_clearance": "uptake of "}


def shares_of_dead(cell_types, ligands):
    """Shares of release and uptake that dead cells go on with.

    Parameters
    ----------
    cell_types : dict of str to CellType
    ligands : sequence of str

    Returns
    -------
    dict of str to ndarray of float, shape (n_types, n_ligands)
        By column.
    """
    return {
        column: np.array([[own.share_of_dead(prefix + name) for name in ligands] for own in cell_types.values()])
        for column, prefix in _GOES_ON.items()
    }


def tables_of(base, shares):
    """Behaviors of living and of dead cells by type, as `die` would leave them, for `CellState.look_up`.

    Parameters
    ----------
    base : dict of str to ndarray, shape (n_types, …)
        From `behavior.baseline`, of those columns that are to be looked up.
    shares : dict of str to ndarray
        From `shares_of_dead`.
    """
    return {
        name: np.stack([values, values * (0.0 if name in _STOPS else shares.get(name, 1.0))])
        for name, values in base.items()
    }  # fmt: skip


def die(cells, rows, phase, time, shares):
    """Turn the cells in `rows` into corpses.

    Parameters
    ----------
    cells : CellState
    rows : ndarray of int64, shape (m,)
    phase : ndarray of int8, shape (m,), or int
        APOPTOTIC or NECROTIC.
    time : ndarray of float, shape (m,), or float
        When [min].
    shares : dict of str to ndarray
        From `shares_of_dead`.
    """
    cells.phase[rows] = phase
    cells.phase_time[rows] = time
    for name in _STOPS:
        if cells.is_stored(name) and cells[name].size:
            cells[name][rows] = 0.0
    for name, share in shares.items():
        if cells.is_stored(name) and share.size:
            cells[name][rows] *= share[cells.cell_type[rows]]


def cleared(cells, stays, time):
    """Which corpses are gone at `time`.

    Parameters
    ----------
    cells : CellState
    stays : ndarray of float, shape (2 n_types,)
        How long apoptotic and necrotic corpses of each type stay [min], `Corpses.stays`.
    time : float
        Now [min].

    Returns
    -------
    ndarray of bool, shape (n,)
        A new array.
    """
    dead = np.flatnonzero(cells.phase != ALIVE)
    gone = np.zeros(len(cells), bool)
    gone[dead] = cells.phase_time[dead] + stays[2 * cells.cell_type[dead] + cells.phase[dead] - 1] <= time
    return gone
