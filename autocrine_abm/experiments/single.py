"""A single run of a sweep, as a worker does it: a task in, rows of measures or the reason of a failure out.

Workers know nothing of the sweep and write nothing but, if they are told to, the folder of the run. The simulator is
imported when the first task arrives, so that a coordinator which only hands tasks out stays small.
"""

import os
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LimitError", "Outcome", "Task", "resident_memory", "simulate", "warm_up"]


class LimitError(Exception):
    """A run that took longer, or more memory, than it may."""


@dataclass(frozen=True)
class Task:
    """All that a worker needs for one run.

    Parameters
    ----------
    number : int
        The run's place in the plan.
    scenario : Scenario
        Before its values are varied.
    values : dict of str to value
        By dotted path.
    seed : int
    source_folder : str
        Where CSV files of the scenario lie.
    keep : str or None
        Where the folder of the run is to be, if it is to be kept.
    time_limit : float or None
        Wall time [s].
    memory_limit : int or None
        Of the process [bytes].
    version : str
        Of the package that made the task.
    """

    number: int
    scenario: object
    values: dict
    seed: int
    source_folder: str = "."
    keep: str | None = None
    time_limit: float | None = None
    memory_limit: int | None = None
    version: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Parameters
    ----------
    number : int
    columns : tuple of (str, str, str)
        Name, unit and kind (``"int"`` or ``"float"``) of each measure.
    rows : str
        A line of comma-separated numbers per recorded time; empty for "not a number".
    seconds : float
        Wall time [s].
    host : str
    message : str
        Why it failed; empty if it did not.
    """

    number: int
    columns: tuple = ()
    rows: str = ""
    seconds: float = 0.0
    host: str = ""
    message: str = ""


def simulate(task):
    """Do one run.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Outcome
        Also of a run that fails.
    """
    start = time.perf_counter()
    measures, message = None, ""
    try:
        measures = _run(task)
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
    return Outcome(
        task.number,
        () if message else tuple(measures.columns),
        "" if message else "".join(measures.lines),
        time.perf_counter() - start, socket.gethostname(), message,
    )  # fmt: skip


def _run(task):
    """The measures of a run."""
    from autocrine_abm import __version__
    from autocrine_abm.experiments.measures import Measures
    from autocrine_abm.scenario.trial import vary
    from autocrine_abm.simulation.model import TumorModel

    if task.version not in ("", __version__):
        raise RuntimeError(f"this worker has autocrine_abm {__version__}; the sweep was started with {task.version}")
    guard = _Guard(task.time_limit, task.memory_limit)
    spec = vary(task.scenario, {"run.seed": task.seed, "run.threads": 1} | task.values, task.source_folder)
    measures = Measures(spec)
    if task.keep is None:
        model = TumorModel(spec, threads=1, folder=task.source_folder, observers=(measures,))
        while model.running:
            model.step()
            guard.check()
        return measures
    from autocrine_abm.output.record import record_run

    final = Path(task.keep)
    unfinished = final.with_name(f".{final.name}-{socket.gethostname()}-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        record_run(spec, unfinished, threads=1, source_folder=task.source_folder, progress=_Watch(measures, guard))
        shutil.rmtree(final, ignore_errors=True)
        os.replace(unfinished, final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return measures


class _Watch:
    """Lets `record_run` show the model to the measures, as it shows it to a bar."""

    def __init__(self, measures, guard):
        self._measures, self._guard = measures, guard

    def message(self, text):
        pass

    def update(self, model):
        self._measures.observe(model)
        self._guard.check()


class _Guard:
    """Ends a run between two steps when it exceeds a limit."""

    def __init__(self, time_limit, memory_limit):
        self._start, self._time, self._memory = time.monotonic(), time_limit, memory_limit

    def check(self):
        if self._time is not None and time.monotonic() - self._start > self._time:
            raise LimitError(f"took longer than its time limit of {self._time:g} s")
        if self._memory is not None and resident_memory() > self._memory:
            raise LimitError(f"needed more than its memory limit of {self._memory / 1e6:,.0f} MB")


def resident_memory(process="self"):
    """Memory that a process holds [bytes], int; 0 where the system does not tell (it does on Linux)."""
    try:
        with open(f"/proc/{process}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def warm_up(task):
    """Compile what a run of this kind needs, by one step of it; in vain for a scenario that fails."""
    try:
        from autocrine_abm.scenario.trial import vary
        from autocrine_abm.simulation.model import TumorModel

        spec = vary(task.scenario, {"run.seed": task.seed} | task.values, task.source_folder)
        model = TumorModel(spec, threads=1, folder=task.source_folder)
        model.step()
        if spec.record.signaling is not None:
            model.trace()
    except Exception:
        pass  # its own run tells why
