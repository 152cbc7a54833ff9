"""Decisions: exact waiting times and shares, whatever the step."""

import numpy as np
from scipy import stats

from autocrine_abm.behavior.cycle import Cycle
from autocrine_abm.behavior.events import APOPTOSIS, DIVISION, NECROSIS, NOTHING, first_events
from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.columns import APOPTOTIC
from autocrine_abm.cells.state import CellState
from autocrine_abm.team import Team

RARE = 1e-6  # chance that a statistical test fails although all is well


def table(n, division=0.0, apoptosis=0.0, necrosis=0.0):
    cells = CellState(["a"], [])
    cells.add(
        n, cell_id=np.arange(1, n + 1), division_rate=division, apoptosis_rate=apoptosis, necrosis_rate=necrosis
    )
    return cells


def decide(cells, duration, start=0.0, step=0, team=None):
    n = len(cells)
    cycle = Cycle({"a": CellType(radius="5 um")})
    return first_events(cells, cycle, np.arange(n), np.full(n, start), 0.0, duration, 1, step, 0, team or Team())


def test_waiting_times_are_exponential_with_the_total_rate():
    event, time = decide(table(100_000, 0.03, 0.02, 0.05), duration=1e9)
    assert (event != NOTHING).all()
    assert stats.kstest(time, "expon", args=(0, 10)).pvalue > RARE


def test_kinds_of_events_come_in_the_ratio_of_their_rates():
    event, _ = decide(table(100_000, 0.03, 0.02, 0.05), duration=1e9)
    counts = [np.count_nonzero(event == kind) for kind in (DIVISION, APOPTOSIS, NECROSIS)]
    assert stats.chisquare(counts, 1e5 * np.array([0.3, 0.2, 0.5])).pvalue > RARE


def test_the_share_of_cells_with_an_event_in_a_step_is_that_of_a_poisson_process():
    event, time = decide(table(100_000, 0.01), duration=6.0)
    happened = np.count_nonzero(event)
    assert stats.binomtest(happened, 100_000, 1 - np.exp(-0.06)).pvalue > RARE
    assert (time[event == NOTHING] == 6.0).all() and (time[event == DIVISION] < 6.0).all()


def test_an_event_comes_after_the_start_of_the_rest_of_the_step():
    event, time = decide(table(1000, 1.0), duration=6.0, start=5.0)
    assert (time >= 5.0).all() and np.count_nonzero(event) < 1000


def test_corpses_and_cells_without_rates_do_nothing():
    cells = table(10, 0.5)
    cells.phase[:5] = APOPTOTIC
    cells.division_rate[5:] = 0
    event, _ = decide(cells, duration=1e9)
    assert not event.any()


def test_threads_do_not_change_decisions():
    cells = table(5000, 0.01, 0.01)
    one, two = decide(cells, 60.0), decide(cells, 60.0, team=Team(2, smallest_slab=1))
    assert np.array_equal(one[0], two[0]) and np.array_equal(one[1], two[1])
