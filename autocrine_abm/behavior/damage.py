"""Damage at work: it grows at the rate at which it is done and falls as it is repaired.

    dD/dt = d − r D,   D(t + dt) = D(t) e^{−r dt} + d (1 − e^{−r dt})/r,

exact for rates that stay as they are over the step; rules set them (`behavior.rules`) before the damage is followed.
"""

import numpy as np

from autocrine_abm.cells.columns import ALIVE

__all__ = ["follow"]


def follow(cells, dt):
    """Move the damage of all living cells on by dt [min]: the columns `damage_rate`, `repair_rate` → `damage`.

    Parameters
    ----------
    cells : CellState
    dt : float
    """
    if cells.damage.size:
        repair = cells.repair_rate
        gain = np.full(repair.shape, float(dt))
        np.divide(-np.expm1(-repair * dt), repair, out=gain, where=repair > 0)
        after = cells.damage * np.exp(-repair * dt) + cells.damage_rate * gain
        np.copyto(cells.damage, after, where=(cells.phase == ALIVE)[:, None])
