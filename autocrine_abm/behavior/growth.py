"""How the volume of a cell changes: daughters regrow, dead cells shrink or swell.

    dV/dt = r (V_target − V),   solved exactly over the step.

A living cell goes to the full volume of its type at its growth rate; to twice that in the phases of its cycle in which it
grows. What becomes of dead ones is told in `behavior.corpses`.
"""

import math

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.compilation import kernel

__all__ = ["decay", "grow"]


@kernel
def _grow(
    low, high, cell_type, phase, cycle_phase, phase_by_type, growth_rate, by_type, full_volume, size, dt, volume, radius
):  # fmt: skip
    for row in range(low, high):
        own = cell_type[row]
        target = full_volume[own] * size[own, cycle_phase[own if phase_by_type else row]]
        if volume[row] != target and phase[row] == ALIVE:
            rate = growth_rate[own if by_type else row]
            volume[row] = target + (volume[row] - target) * math.exp(-rate * dt)
            radius[row] = (volume[row] * 0.238732414637843) ** (1 / 3)  # 3 / 4π


def grow(cells, full_volume, size, dt, team):
    """Advance the volumes and radii of all living cells by `dt` [min].

    Parameters
    ----------
    cells : CellState
    full_volume : ndarray of float, shape (n_types,)
        Volume of a full-grown cell of each type [µm³].
    size : ndarray of float, shape (n_types, n_phases)
        Volume that a cell goes to in each phase of its cycle, over that [-].
    dt : float
        Step [min].
    team : Team
    """
    team.run(
        _grow, len(cells), cells.cell_type, cells.phase, *cells.of_living("cycle_phase"), *cells.of_living("growth_rate"),
        full_volume, size, float(dt), cells.volume, cells.radius,
    )  # fmt: skip


def decay(cells, rows, corpses, now, dt):
    """Advance the volumes and radii of corpses to the end of a step, from their death on if that is later.

    Parameters
    ----------
    cells : CellState
    rows : ndarray of int64, shape (m,)
        The corpses.
    corpses : Corpses
    now, dt : float
        Start and length of the step [min].
    """
    if len(rows):
        kind, phase, age = cells.cell_type[rows], cells.phase[rows], now - cells.phase_time[rows]
        before, after = corpses.volume(kind, phase, np.stack([np.maximum(age, 0.0), age + dt]))
        change = after / before
        cells.volume[rows] *= change
        cells.radius[rows] *= np.cbrt(change)
