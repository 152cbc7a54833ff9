"""Sweep a scenario: run it with varied values, often, on all cores or a cluster, and collect one table.

This is the front door of `experiments`; the command ``autocrine sweep`` calls it. The same call on the same folder
continues what was interrupted, by whatever, and ends with the same table.
"""

import hashlib
import json
import os
import platform
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from shlex import join

from autocrine_abm import __version__
from autocrine_abm.errors import AutocrineError, Fault, ScenarioError
from autocrine_abm.experiments.cluster import Cluster
from autocrine_abm.experiments.collect import Collector
from autocrine_abm.experiments.execute import execute
from autocrine_abm.experiments.folder import KEPT, SCENARIO, SweepFolder, claim, locked, run_name, write_info
from autocrine_abm.experiments.plan import Plan
from autocrine_abm.experiments.processes import LocalProcesses
from autocrine_abm.experiments.progress import Tally
from autocrine_abm.experiments.single import Task, resident_memory, warm_up
from autocrine_abm.output.layout import replacing
from autocrine_abm.scenario import files
from autocrine_abm.scenario.custom import source_of
from autocrine_abm.scenario.overrides import override
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.sweep import Sweep, bytes_of
from autocrine_abm.scenario.trial import try_variations

__all__ = ["default_workers", "sweep"]


def sweep(
    scenario, vary=None, folder=None, *, overrides=(), workers=None, scheduler=None, executor=None, progress=None, **options
):  # fmt: skip
    """Run a scenario with varied values and collect what is measured.

    Parameters
    ----------
    scenario : Scenario, path or str
        The scenario, its file, or its shipped name.
    vary : dict or iterable of str, optional
        ``{"ligand.IL6.decay": "log 0.01..1 1/min in 5", "cell.cancer.rule.0.hill": [1, 2, 4]}``, or lines
        ``"PATH=SPEC"``; see `scenario.variation`. Left out, the scenario's table ``[sweep]``.
    folder : path
        Where to write; the folder of the very same sweep is continued, and failed runs in it are tried again.
    overrides : dict or iterable of str
        Changes to the scenario for all runs, by dotted path.
    workers : int, optional
        Processes on this machine; default one per core.
    scheduler : str, optional
        Address of a running Dask scheduler whose workers are used instead.
    executor : concurrent.futures.Executor, optional
        Another place to run; it is not shut down. `workers` then tells how many runs it does at once.
    progress : object, optional
        Its ``update(tally)`` is called now and then with a `progress.Tally`.
    **options
        Keys of the table ``[sweep]``: `design`, `samples`, `replicates`, `seed`, `paired`, `time_limit`, `memory_limit`,
        `keep_runs`. What is left out or None is as in the scenario.

    Returns
    -------
    SweepFolder
        Its ``table()`` is a DataFrame, its ``runs()`` tell which runs failed and why.

    Raises
    ------
    ScenarioError, AutocrineError
        If something asked for cannot be, before anything is run.
    OSError
        If the disk is full or the cluster is gone; the same call continues.

    Examples
    --------
    >>> import tempfile
    >>> study = sweep(
    ...     "minimal", {"cell.cancer.apoptosis_rate": "linear 0..0.02 1/hour in 2"}, tempfile.mkdtemp(),
    ...     overrides={"run.duration": "1 hour"}, replicates=2, workers=1,
    ... )
    >>> study.table().groupby("cell.cancer.apoptosis_rate")["run"].nunique().to_dict()
    {0.0: 2, 0.02: 2}
    """
    if folder is None:
        raise AutocrineError("folder: missing; name the folder of the sweep")
    spec, source_folder, name = _scenario(scenario, overrides)
    spec = _with_options(spec, vary, options, source_folder)
    asked = spec.sweep
    plan = Plan(asked, spec.run.seed)
    if asked.memory_limit is not None and not resident_memory():
        raise AutocrineError("memory_limit: this system does not tell the memory of a process; leave it out")
    limits = (
        None if asked.time_limit is None else 60.0 * asked.time_limit,
        None if asked.memory_limit is None else bytes_of(asked.memory_limit),
    )
    folder = Path(folder)
    plain = spec.model_copy(update={"sweep": None})

    def task_of(number):
        run = plan[number]
        keep = str(folder.resolve() / KEPT / run_name(number, len(plan))) if asked.keep_runs else None
        return Task(number, plain, run.values, run.seed, str(source_folder), keep, *limits, __version__)

    with ExitStack() as stack:
        stack.enter_context(locked(folder))
        info = _info(spec, plan, name, source_folder)
        claim(folder, info)
        with replacing(folder / SCENARIO) as temporary:
            temporary.write_text(files.to_toml(spec), encoding="utf-8")
        if asked.keep_runs:
            (folder / KEPT).mkdir(exist_ok=True)
        collector = Collector(folder, plan)
        stack.callback(collector.close)
        tally = Tally(len(plan), len(collector.done), before=len(collector.done))

        def store(outcome, attempts):
            collector.store(outcome, attempts)
            tally.finished = len(collector.done)
            tally.failed += bool(outcome.message)

        def look(running):
            tally.running = running
            collector.refresh()
            if progress is not None:
                progress.update(tally)

        status = "interrupted"
        try:
            try:
                if len(collector.done) < len(plan):
                    _run(collector.missing(), task_of, (workers, scheduler, executor), limits, store, look)
                status = "done"
            finally:
                collector.write_tables()
                write_info(folder, info | {"status": status, "units": collector.units} | _counts(collector))
        except OSError as error:  # a full disk may show in the tables, too
            if error.errno is None:
                raise
            what = f"{error.strerror}; what is finished is kept, and the same command continues"
            raise OSError(error.errno, what, error.filename or str(folder)) from None
    return SweepFolder(folder)


def default_workers():
    """Processors that this process may use, int."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run(numbers, task_of, place, limits, store, look):
    """Run what is missing on this machine, on a cluster, or wherever the caller wants."""
    workers, scheduler, executor = place
    workers = workers or default_workers()
    if executor is not None:
        execute(numbers, task_of, executor, lambda: workers, store, look)
    elif scheduler is not None:
        cluster = Cluster(scheduler)
        try:
            execute(numbers, task_of, cluster.executor, cluster.slots, store, look, cluster.is_there)
        finally:
            cluster.close()
    else:
        numbers = list(numbers)
        workers = min(workers, len(numbers))
        processes = LocalProcesses(workers, *limits, prepare=(warm_up, (task_of(numbers[0]),)))
        try:
            execute(numbers, task_of, processes, lambda: workers, store, look)
        finally:
            processes.shutdown(cancel_futures=True)


def _scenario(scenario, overrides):
    """The scenario, where its files lie, and what it is called."""
    if isinstance(scenario, Scenario):
        return (override(scenario, overrides) if overrides else scenario), Path.cwd(), scenario.title
    path = files.locate(scenario)
    return files.read(path, overrides), path.resolve().parent, str(scenario)


def _with_options(spec, vary, options, source_folder):
    """The scenario with the table [sweep] that is asked for, checked."""
    unknown = sorted(set(options) - set(Sweep.model_fields))
    if unknown:
        raise AutocrineError(f"'{unknown[0]}': unknown; accepted: {', '.join(Sweep.model_fields)}")
    changes = {f"sweep.{key}": value for key, value in options.items() if value is not None}
    if vary is not None:
        lines = [f"{path}={_spec(values)}" for path, values in vary.items()] if isinstance(vary, dict) else list(vary)
        changes["sweep.vary"] = lines
    elif spec.sweep is None:
        raise ScenarioError(
            [Fault("nothing to vary: the scenario has no table [sweep]; add one, or --vary PATH=SPEC, "
                   "such as --vary 'run.behavior_step=6, 12 min'")]
        )  # fmt: skip
    spec = override(spec, changes, source_folder) if changes else spec
    try_variations(spec, spec.sweep.variations, source_folder)
    return spec


def _spec(values):
    """A specification as text; a list in Python as a list of TOML."""
    if isinstance(values, str):
        return values
    return json.dumps([value.item() if hasattr(value, "item") else value for value in values], ensure_ascii=False)


def _info(spec, plan, name, source_folder):
    """What ``sweep.json`` says at the start."""
    asked = spec.sweep
    values = files.to_toml(spec.model_copy(update={"sweep": None, "title": "", "question": "", "group": ""}))
    sources = [Path(source_folder) / seed.file for seed in spec.seed if seed.file]
    if spec.python is not None:
        sources += [source_of(text, source_folder) for _, text in spec.python.references]
    contents = [path.read_bytes() for path in sources]
    return {
        "status": "running",
        "title": spec.title,
        "identity": {
            "name": Path(name).stem,
            "vary": list(asked.vary),
            "design": asked.design,
            "samples": asked.samples,
            "replicates": asked.replicates,
            "seed": plan.seed,
            "paired": asked.paired,
            "scenario": hashlib.sha256(values.encode()).hexdigest(),
            "files": [hashlib.sha256(content).hexdigest() for content in contents],
            "version": __version__,
        },
        "runs": len(plan),
        "parameters": [variation.name for variation in plan.variations],
        "paths": {variation.name: list(variation.paths) for variation in plan.variations},
        "units": {key: unit for key, unit in plan.units.items() if unit},
        "command": f"autocrine sweep {join(sys.argv[2:])}" if sys.argv[1:2] == ["sweep"] else "a call of sweep() in Python",
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"autocrine_abm": __version__, "python": platform.python_version()},
    }


def _counts(collector):
    return {"finished": len(collector.done), "failed": len(collector.failed), "run_seconds": round(collector.seconds, 1)}
