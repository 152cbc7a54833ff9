"""Decisions: when in a step a cell divides, goes on in its cycle, changes its type, enters the blood, or dies, if at all.

Each living cell has rates of division, apoptosis, necrosis and of every transition that stay as they are for one behavior
step. The first of its events comes after an exponential time with their sum as rate, and which it is follows from their
shares. A cell that has a cycle leaves its phase after the phase's minimum and an exponential time; whichever comes first,
that or another event, happens. A cell that has divided, gone on or changed decides again in the time that is left, and so
does its daughter: over any step the number of cells has exactly the distribution of the birth-death process, however long
the step.
"""

import math

import numpy as np

from autocrine_abm.behavior.cycle import PLACE
from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.compilation import kernel
from autocrine_abm.randomness import Purpose, uniform_pair

__all__ = ["APOPTOSIS", "DIVISION", "NECROSIS", "NEXT_PHASE", "NOTHING", "TRANSITIONS", "first_events"]

NOTHING, DIVISION, APOPTOSIS, NECROSIS, NEXT_PHASE = 0, 1, 2, 3, 4
TRANSITIONS = 5  # and above: the transition of index event − TRANSITIONS


@kernel
def _first_events(
    low, high, rows, start, now, duration, seed, step, repeat, purpose, cycle_purpose, cell_id, phase, division, apoptosis,
    necrosis, by_type, transition, cell_type, first, minimum, following, cycle_phase, cycle_time, exit_rate, event, time,
):  # fmt: skip
    """For rows[low:high]: the next event after `start` and before `duration`, and when."""
    for place in range(low, high):
        row = rows[place]
        event[place] = NOTHING
        time[place] = duration
        if phase[row] != ALIVE:
            continue
        own = cell_type[row]
        cycles = first[own] >= 0
        dies = apoptosis[own if by_type[0] else row]
        total = dies + necrosis[own if by_type[1] else row]
        killed = total
        if not cycles:
            total += division[own if by_type[2] else row]
        changes = 0.0
        for target in range(transition.shape[1]):
            changes += transition[row, target]
        total += changes
        if total > 0.0:
            wait, which = uniform_pair(seed, cell_id[row], step, purpose + (repeat << 8))
            when = duration
            if 1.0 - wait < 1.000001 * total * (duration - start[place]):  # else no event, since −ln u ≥ 1 − u: most cells
                when = start[place] - math.log(wait) / total
            if when < duration:
                time[place] = when
                share = which * total
                if share < dies:
                    event[place] = APOPTOSIS
                elif share < killed:
                    event[place] = NECROSIS
                else:
                    event[place] = DIVISION
                    share -= total - changes
                    for target in range(transition.shape[1]):
                        if share >= 0.0 and transition[row, target] > 0.0:
                            event[place] = TRANSITIONS + target
                        share -= transition[row, target]
        if cycles:
            here = cycle_phase[row]
            leave = exit_rate[row, here]
            if leave <= 0.0:
                continue
            wait, _ = uniform_pair(seed, cell_id[row], step, cycle_purpose + (repeat << 8))
            ready = max(start[place], cycle_time[row] + minimum[own, here] - now)
            when = ready - math.log(wait) / leave
            if when < time[place]:
                time[place] = when
                event[place] = NEXT_PHASE if following[own, here] >= 0 else DIVISION


def first_events(cells, cycle, rows, start, now, duration, seed, step, repeat, team):
    """The next event of each of the given cells within the step.

    Parameters
    ----------
    cells : CellState
    cycle : Cycle
    rows : ndarray of int64, shape (m,)
        Which cells decide.
    start : ndarray of float, shape (m,)
        From when on in the step [min].
    now : float
        Time at which the step begins [min].
    duration : float
        Length of the step [min].
    seed, step, repeat : int
        Key of the draws; `repeat` counts the decisions within the step.
    team : Team

    Returns
    -------
    event : ndarray of int16, shape (m,)
        NOTHING, DIVISION, APOPTOSIS, NECROSIS, NEXT_PHASE, or TRANSITIONS plus the index of one. A new array.
    time : ndarray of float, shape (m,)
        When in the step [min]; `duration` where nothing happens. A new array.
    """
    event, time = np.empty(len(rows), np.int16), np.empty(len(rows))
    rates = [cells.of_living(name) for name in ("apoptosis_rate", "necrosis_rate", "division_rate")]
    (apoptosis, necrosis, division), by_type = zip(*rates)
    cycle_phase, cycle_time = (cells.of_living(name)[0] for name in PLACE)  # if looked up, nobody has a cycle or reads them
    team.run(
        _first_events, len(rows), rows, start, float(now), float(duration), seed, step, repeat, int(Purpose.EVENT),
        int(Purpose.CYCLE), cells.cell_id, cells.phase, division, apoptosis, necrosis, by_type, cells.transition_rate,
        cells.cell_type, cycle.first, cycle.minimum, cycle.following, cycle_phase, cycle_time,
        cells.exit_rate, event, time,
    )  # fmt: skip
    return event, time
