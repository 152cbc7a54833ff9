"""The loop over an executor, and worker processes: who fails is tried again, who dies takes nobody along."""

import os
import signal
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from autocrine_abm.experiments.execute import execute
from autocrine_abm.experiments.processes import LocalProcesses, WorkerDied
from autocrine_abm.experiments.single import LimitError, Outcome, Task, resident_memory, simulate
from autocrine_abm.scenario.files import read

linux = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell the memory of a process")


def loop(function, total, workers=3, executor=None, is_there=None):
    """Outcomes by number with attempts, and the largest number of tasks under way."""
    stored, most = {}, []
    with executor or ThreadPoolExecutor(workers) as pool:
        execute(
            range(total), lambda number: number, pool, lambda: workers,
            lambda outcome, attempts: stored.update({outcome.number: (outcome.message, attempts)}), most.append,
            is_there, function,
        )  # fmt: skip
    return stored, max(most)


def test_every_run_is_done_once():
    calls = []

    def work(number):
        calls.append(number)
        return Outcome(number)

    stored, most = loop(work, 200)
    assert sorted(calls) == list(range(200)) and stored == dict.fromkeys(range(200), ("", 1)) and most <= 3


def test_a_failure_is_tried_once_more_and_does_not_stop_the_others():
    seen = {}

    def work(number):
        seen[number] = seen.get(number, 0) + 1
        if number == 3:
            raise ZeroDivisionError("always")
        return Outcome(number, message="at first" if number == 5 and seen[5] == 1 else "")

    stored, _ = loop(work, 20)
    assert stored[3] == ("ZeroDivisionError: always", 2) and stored[5] == ("", 2) and seen[3] == 2
    assert all(stored[number] == ("", 1) for number in range(20) if number not in (3, 5))


class Broken(ThreadPoolExecutor):
    """An executor whose pool breaks at the fifth task."""

    count = 0

    def submit(self, function, *arguments):
        self.count += 1
        if self.count < 5:
            return super().submit(function, *arguments)
        future = Future()
        future.set_exception(BrokenExecutor("gone"))
        return future


def test_a_pool_that_breaks_ends_the_sweep_in_words():
    with pytest.raises(ConnectionError, match="the same command continues"):
        loop(lambda number: Outcome(number), 20, executor=Broken(2))


def test_a_cluster_that_is_gone_ends_the_sweep_in_words():
    with pytest.raises(ConnectionError, match="the same command continues"):
        loop(lambda number: Outcome(number), 20, workers=0, executor=ThreadPoolExecutor(1), is_there=lambda: False)


@pytest.fixture(scope="module")
def processes():
    with LocalProcesses(2) as executor:
        yield executor


def test_processes_call_and_raise(processes):
    assert processes.submit(pow, 2, 5).result(60) == 32
    with pytest.raises(ZeroDivisionError):
        processes.submit(divmod, 1, 0).result(60)
    results = {future.result(60) for future in [processes.submit(os.getpid) for _ in range(20)]}
    assert results <= set(processes.process_ids()) and os.getpid() not in results


def test_results_that_cannot_be_sent_are_said(processes):
    with pytest.raises(RuntimeError, match="cannot|can't"):
        processes.submit(threading.Lock).result(60)
    assert processes.submit(pow, 2, 5).result(60) == 32


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ((signal.raise_signal, signal.SIGKILL), "killed by SIGKILL, as the system does when memory"),
        ((os._exit, 3), "exit code 3"),
    ],
)
def test_who_dies_is_named_and_replaced_and_takes_nobody_along(processes, call, words):
    neighbor = processes.submit(time.sleep, 0.5)
    with pytest.raises(WorkerDied, match=words):
        processes.submit(*call).result(60)
    assert neighbor.result(60) is None and processes.submit(pow, 3, 2).result(60) == 9


def test_a_call_beyond_its_time_is_ended_from_outside(monkeypatch):
    monkeypatch.setattr("autocrine_abm.experiments.processes._GRACE", 0.0)
    with LocalProcesses(1, time_limit=0.5) as executor:
        long = executor.submit(time.sleep, 30)
        with pytest.raises(WorkerDied, match=r"time limit of 0\.5 s"):
            long.result(60)
        assert executor.submit(pow, 2, 2).result(60) == 4


@linux
def test_a_call_beyond_its_memory_is_ended_from_outside():
    with LocalProcesses(1, memory_limit=10**12) as executor:
        executor.memory_limit = executor.submit(resident_memory).result(60) + 400_000_000
        assert executor.submit(len, b"x").result(60) == 1
        greedy = executor.submit(eval, "(lambda held: __import__('time').sleep(30))(bytearray(b'1') * 1_000_000_000)")
        with pytest.raises(WorkerDied, match="memory limit of"):
            greedy.result(60)


def test_shutting_down_at_once_leaves_nobody():
    executor = LocalProcesses(2)
    ids = [executor.submit(os.getpid).result(60)]
    futures = [executor.submit(time.sleep, 60) for _ in range(4)]
    time.sleep(0.2)
    executor.shutdown(cancel_futures=True)
    assert all(future.done() for future in futures)
    with pytest.raises(ProcessLookupError):
        os.kill(ids[0], 0)
    with pytest.raises(RuntimeError, match="closed"):
        executor.submit(len, b"")


def task(**options):
    spec = read("minimal", {"run.duration": "2 hour"})
    return Task(4, spec, options.pop("values", {}), seed=11, **options)


def test_a_run_gives_rows_of_its_series():
    outcome = simulate(task())
    lines = outcome.rows.splitlines()
    assert outcome.message == "" and outcome.number == 4 and outcome.seconds > 0
    assert len(lines) == 3 and all(len(line.split(",")) == len(outcome.columns) for line in lines)
    assert [name for name, _, _ in outcome.columns[:3]] == ["time", "step", "cells"] and lines[2].startswith("120.0,12,")
    assert outcome.rows == simulate(task()).rows != simulate(task(values={"cell.cancer.division_rate": "1 1/hour"})).rows


def test_a_run_that_fails_says_why():
    assert "radius" in simulate(task(values={"cell.cancer.radius": "-1 um"})).message
    assert "took longer than its time limit of 1e-06 s" in simulate(task(time_limit=1e-6)).message
    assert "this worker has autocrine_abm" in simulate(task(version="0.0")).message


@linux
def test_a_run_beyond_its_memory_says_so():
    assert f"{LimitError.__name__}: needed more than its memory limit" in simulate(task(memory_limit=1000)).message


def test_runs_are_kept_whole_or_not_at_all(tmp_path):
    from autocrine_abm.output.readers import RunFolder

    kept = tmp_path / "0004"
    outcome = simulate(task(keep=str(kept)))
    assert outcome.message == "" and outcome.rows == simulate(task()).rows
    assert RunFolder(kept).status == "done" and len(RunFolder(kept).series()) == 3
    failed = simulate(task(keep=str(tmp_path / "0005"), time_limit=1e-6))
    assert failed.message and [path.name for path in tmp_path.iterdir()] == ["0004"]


def test_origins_are_measured_where_they_are_recorded():
    spec = read("minimal", {"run.duration": "2 hour", "record.signaling": "1 hour"})
    outcome = simulate(Task(0, spec, {}, seed=1))
    names = [name for name, _, _ in outcome.columns]
    first, *_, last = (dict(zip(names, line.split(","))) for line in outcome.rows.splitlines())
    shares = [float(last[f"growth_factor.{kind}"]) for kind in ("autocrine", "paracrine", "endocrine", "boundary")]
    assert first["growth_factor.autocrine"] == "" and sum(shares) == pytest.approx(1, abs=1e-9)  # rounding of four numbers
