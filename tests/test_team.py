"""Slabs cover a loop exactly once, and what a team computes does not depend on how many work in it."""

import copy
import multiprocessing
import pickle
import threading

import numpy as np
import pytest
from numba import config

from autocrine_abm.compilation import kernel
from autocrine_abm.meeting import meet
from autocrine_abm.team import Team


def _count(low, high, visits):
    visits[low:high] += 1


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [0, 1, 2, 6, 7, 1000])
def test_every_index_is_visited_once(threads, count):
    visits = np.zeros(count, int)
    Team(threads, smallest_slab=1).run(_count, count, visits)
    assert np.array_equal(visits, np.ones(count, int))


def test_work_is_shared_only_when_it_pays():
    workers = []

    def note(low, high):
        workers.append((threading.current_thread() is threading.main_thread(), low, high))

    team = Team(2, smallest_slab=100)
    team.run(note, 10, work=199)
    assert workers == [(True, 0, 10)]
    workers.clear()
    team.run(note, 10, work=200)
    assert sorted(workers) == [(False, 5, 10), (True, 0, 5)]


@pytest.mark.parametrize("threads, count", [(1, 0), (1, 65_537), (2, 400_000)])
def test_stretches_cover_every_row_once(threads, count):
    rows = np.concatenate([np.empty(0, int), *(np.arange(count)[stretch] for stretch in Team(threads).stretches(count))])
    assert np.array_equal(rows, np.arange(count))


@pytest.mark.parametrize("bad_slab", [0, 1])
def test_an_error_in_a_slab_is_raised_when_all_slabs_are_done(bad_slab):
    finished = threading.Event()

    def work(low, high):
        if low == bad_slab:
            raise ZeroDivisionError
        threading.Event().wait(0.05)
        finished.set()

    with pytest.raises(ZeroDivisionError):
        Team(2, smallest_slab=1).run(work, 2)
    assert finished.is_set()


def test_a_closed_team_works_alone():
    team = Team(2, smallest_slab=1)
    visits = np.zeros(8, int)
    team.run(_count, 8, visits)
    team.close()
    team.run(_count, 8, visits)
    assert team.threads == 1 and np.array_equal(visits, np.full(8, 2))


def test_copies_have_threads_of_their_own():
    team = Team(3, smallest_slab=1)
    visits = np.zeros(9, int)
    team.run(_count, 9, visits)
    for twin in (copy.deepcopy(team), pickle.loads(pickle.dumps(team))):
        assert (twin.threads, twin.smallest_slab) == (3, 1)
        twin.run(_count, 9, visits)
    assert np.array_equal(visits, np.full(9, 3))


def _run_in_child(team, queue):
    visits = np.zeros(4, int)
    team.run(_count, 4, visits)
    queue.put(visits.tolist())


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_team_survives_a_fork():
    team = Team(2, smallest_slab=1)
    team.run(_count, 4, np.zeros(4, int))  # starts the threads, which a forked child does not have
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_run_in_child, args=(team, queue), daemon=True)
    child.start()
    assert queue.get(timeout=20) == [1, 1, 1, 1]
    child.join()


@pytest.mark.parametrize("threads", [0, -1])
def test_nobody_in_the_team_is_refused(threads):
    with pytest.raises(ValueError, match="accepted is 1 or more"):
        Team(threads)


@kernel
def _relay(member, members, gate, rounds, counts, seen):
    for turn in range(rounds):
        counts[turn, member] = member + 1
        meet(gate, members)
        for other in range(members):  # all have written before anybody reads
            seen[turn, member] += counts[turn, other]


@pytest.mark.parametrize("threads", [1, 2, 3, 7])  # more than there are cores, too
def test_members_wait_for_each_other(threads):
    members = 1 if config.DISABLE_JIT else threads
    team = Team(threads, smallest_slab=1)
    for _ in range(3):
        counts, seen = np.zeros((2, 200, members), int)
        team.together(_relay, 200, counts, seen, work=100)
        assert np.array_equal(seen, np.full((200, members), members * (members + 1) // 2))


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="threads meet in compiled code only")
@pytest.mark.parametrize("absent", [0, 1])
def test_nobody_waits_for_a_member_that_failed(absent):
    def half(member, members, gate):
        if member == absent:
            raise ZeroDivisionError
        meet(gate, members)

    team = Team(2, smallest_slab=1)
    with pytest.raises(ZeroDivisionError):
        team.together(half, work=100)
    team.together(_relay, 5, *np.zeros((2, 5, 2), int), work=100)  # and the team still works
