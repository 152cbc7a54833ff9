"""Decisions: when in a step a cell divides or dies, if at all.

Each living cell has rates of division, apoptosis and necrosis that stay as they are for one behavior step. The first of
its events comes after an exponential time with their sum as rate, and which it is follows from their shares. A cell
that has divided decides again in the time that is left, and so does its daughter: over any step the number of cells
has exactly the distribution of the birth-death process, however long the step.
"""

import math

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.compilation import kernel
from autocrine_abm.randomness import Purpose, uniform_pair

__all__ = ["APOPTOSIS", "DIVISION", "NECROSIS", "NOTHING", "first_events"]

NOTHING, DIVISION, APOPTOSIS, NECROSIS = 0, 1, 2, 3


@kernel
def _first_events(
    low, high, rows, start, duration, seed, step, purpose, cell_id, phase, division, apoptosis, necrosis, event, time
):
    """For rows[low:high]: the next event after `start` and before `duration`, and when."""
    for place in range(low, high):
        row = rows[place]
        event[place] = NOTHING
        time[place] = duration
        total = division[row] + apoptosis[row] + necrosis[row]
        if phase[row] != ALIVE or total <= 0.0:
            continue
        first, second = uniform_pair(seed, cell_id[row], step, purpose)
        when = start[place] - math.log(first) / total
        if when < duration:
            time[place] = when
            share = second * total
            if share < division[row]:
                event[place] = DIVISION
            elif share < division[row] + apoptosis[row]:
                event[place] = APOPTOSIS
            else:
                event[place] = NECROSIS


def first_events(cells, rows, start, duration, seed, step, repeat, team):
    """The next event of each of the given cells within the step.

    Parameters
    ----------
    cells : CellState
    rows : ndarray of int64, shape (m,)
        Which cells decide.
    start : ndarray of float, shape (m,)
        From when on in the step [min].
    duration : float
        Length of the step [min].
    seed, step, repeat : int
        Key of the draws; `repeat` counts the decisions within the step.
    team : Team

    Returns
    -------
    event : ndarray of int8, shape (m,)
        NOTHING, DIVISION, APOPTOSIS or NECROSIS. A new array.
    time : ndarray of float, shape (m,)
        When in the step [min]; `duration` where nothing happens. A new array.
    """
    event, time = np.empty(len(rows), np.int8), np.empty(len(rows))
    team.run(
        _first_events, len(rows), rows, start, float(duration), seed, step, int(Purpose.EVENT) + (repeat << 8),
        cells.cell_id, cells.phase, cells.division_rate, cells.apoptosis_rate, cells.necrosis_rate, event, time,
    )  # fmt: skip
    return event, time
