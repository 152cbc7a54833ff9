"""Running a scenario into a folder: what is written is told by `series` and `snapshots`, when is told here.

A `Recorder` watches a model from outside. On steps that record nothing it compares three numbers and returns.
"""

import os
import platform
import shutil
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from autocrine_abm.errors import AutocrineError, RunFolderError
from autocrine_abm.output import layout
from autocrine_abm.output.checkpoint import PAUSE, Checkpoints
from autocrine_abm.output.origins import SIGNALING, TOTALS, UNITS, write_origins
from autocrine_abm.output.series import SeriesWriter, series_row
from autocrine_abm.output.snapshots import PARTS, FieldWriter, cell_units, write_cells
from autocrine_abm.scenario.custom import source_of, split_reference
from autocrine_abm.units import parse

__all__ = ["Recorder", "circumstances", "conduct", "record_run", "stamp", "steps_between"]

_PACKAGES = ("autocrine_abm", "numpy", "numba", "mesa", "scipy", "pandas", "pyarrow", "zarr", "pydantic")


class Recorder:
    """Writes the series, cells and fields of a model at the intervals of its scenario.

    Intervals snap to whole behavior steps. The state at the start and the one at `last_step` are always
    recorded.

    Parameters
    ----------
    folder : path
        The run folder, which must exist.
    scenario : Scenario
        Says how often.
    last_step : int, optional
        The step after which the run ends; default the end of the scenario.
    since : dict, optional
        What `mark` returned when there was as much as there is to go on with; whatever is beyond is taken back.

    Raises
    ------
    RunFolderError
        If there is less than `since` says.
    """

    def __init__(self, folder, scenario, last_step=None, since=None):
        self.folder = Path(folder)
        self.last_step = scenario.run.n_steps if last_step is None else last_step
        record, step = scenario.record, scenario.run.behavior_step
        self._every = {
            "series": steps_between(record.every, step),
            "cells": steps_between(record.cells, step),
            "fields": steps_between(record.fields, step) if scenario.ligand else 0,
            "signaling": steps_between(record.signaling, step) if scenario.ligand else 0,
        }
        self.units = None
        self._series = None
        self._fields = None
        if since is not None:
            _refuse_less(self.folder, since)
            if since[layout.FIELDS]:
                self._fields = FieldWriter(self.folder / layout.FIELDS, (), since[layout.FIELDS])
            _take_back(self.folder, since)

    def is_due(self, what, step):
        """Whether ``"series"``, ``"cells"``, ``"fields"`` or ``"signaling"`` is recorded at a step."""
        every = self._every[what]
        return every > 0 and (step % every == 0 or step == self.last_step)

    def observe(self, model):
        """Record what is due; called by the model at the start and after every step."""
        step = model.clock.step
        if step > 0 and self.is_due("signaling", step):  # at the start nothing has been signaled yet
            write_origins(self.folder, model)
        if self.is_due("cells", step):
            write_cells(self.folder / layout.CELLS, model)
        if self.is_due("fields", step):
            if self._fields is None:
                self._fields = FieldWriter(self.folder / layout.FIELDS, model.tissues)
            self._fields.append(model)
        if self.is_due("series", step):
            row = series_row(model)
            if self._series is None:
                self._series = SeriesWriter(self.folder / layout.SERIES)
                tissue = next(iter(model.tissues.values()))
                self.units = {
                    "series": {name: unit for name, (_, unit) in row.items()},
                    "cells": cell_units(tissue.cells),
                    "fields": {name: "nM" for name in tissue.fields}
                    | {"t": "min", "x": "um", "y": "um", "z": "um"},
                    "signaling": UNITS,
                }
                info = layout.read_info(self.folder)
                layout.write_info(self.folder, info | {"units": self.units})
            self._series.append(row)

    def mark(self):
        """How much there is of each record, certainly on disk, for `since`: dict of numbers."""
        return {
            layout.SERIES: self._series.size() if self._series else _size(self.folder / layout.SERIES),
            layout.FIELDS: self._fields.mark() if self._fields else 0,
        } | {kind: len(parts) for kind, parts in _parts(self.folder).items()}

    def close(self):
        """Push what was written to disk."""
        if self._series is not None:
            self._series.close()


def _size(path):
    return path.stat().st_size if path.exists() else 0


def _parts(folder):
    """Recorded parts by kind, each in the order of time."""
    return {kind: sorted((folder / kind).glob(PARTS)) for kind in (layout.CELLS, SIGNALING, TOTALS)}


def _refuse_less(folder, since):
    """Raise a RunFolderError if a run folder holds less than `since`, as `Recorder.mark` gives it, fields aside."""
    found = {kind: len(parts) for kind, parts in _parts(folder).items()} | {layout.SERIES: _size(folder / layout.SERIES)}
    for kind, number in found.items():
        if number < since[kind]:
            raise RunFolderError(f"{folder / kind}: holds less than the checkpoint goes on from")


def _take_back(folder, since):
    """Remove all records of a run folder that are beyond `since`, and what was half written, fields aside."""
    if (folder / layout.SERIES).exists():
        os.truncate(folder / layout.SERIES, since[layout.SERIES])
    for kind, parts in _parts(folder).items():
        for path in parts[since[kind] :]:
            path.unlink()
    for torn in folder.rglob("*.partial"):
        torn.unlink()
    if not since[layout.FIELDS]:
        shutil.rmtree(folder / layout.FIELDS, ignore_errors=True)


def steps_between(interval, behavior_step):
    """An interval in whole behavior steps, at least one; 0 for never."""
    return 0 if interval is None else max(1, round(interval / behavior_step))


def record_run(
    scenario, folder, *, until=None, threads=None, progress=None, overwrite=False, source_folder=".", stop=None,
    checkpoint_pause=PAUSE,
):  # fmt: skip
    """Run a scenario and write its run folder.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    folder : path
        Where to write: a new or empty folder, or one that holds an earlier run if `overwrite`.
    until : float or str, optional
        Stop at this time, [min] or text such as ``"3 day"``; default the duration of the scenario.
    threads : int, optional
        Threads to use; default those of the scenario. Results do not depend on it.
    progress : object, optional
        Its ``update(model)`` is called after every step and ``message(text)`` now and then.
    overwrite : bool
        Whether an earlier run in `folder` may be removed.
    source_folder : path
        Where the scenario's relative paths (CSV files of cells) start. Those files are copied into the run
        folder.
    stop : callable, optional
        ``stop()`` is asked after every step; if it says True, the run writes a checkpoint and ends as interrupted.
    checkpoint_pause : float
        Seconds of wall time between checkpoints, at least; see `output.checkpoint.Checkpoints`.

    Returns
    -------
    TumorModel
        The model at the end.

    Raises
    ------
    RunFolderError
        If the folder cannot be used.

    Notes
    -----
    Whatever ends the run, ``run.json`` says so in `status`: "done", "interrupted" (Ctrl-C), or "failed" with
    the error. After a kill it still says "running"; readers then look for the process. What is not done can be
    continued with `resume_run`.
    """
    from autocrine_abm.scenario.files import to_toml

    last_step = scenario.run.n_steps
    if until is not None:
        until = parse(until, "min") if isinstance(until, str) else float(until)
        last_step = min(last_step, max(0, round(until / scenario.run.behavior_step)))
    missing = [
        seed.file for seed in scenario.seed if seed.file and not (Path(source_folder) / seed.file).is_file()
    ]
    if missing:
        raise AutocrineError(
            f"{Path(source_folder) / missing[0]}: no such file; the scenario places cells from it"
        )
    folder = layout.claim(folder, overwrite)
    layout.write_info(folder, _facts(scenario, last_step) | circumstances(scenario, threads))
    scenario = _with_inputs(scenario, Path(source_folder), folder)
    with layout.replacing(folder / layout.SCENARIO) as temporary:
        temporary.write_text(to_toml(scenario), encoding="utf-8")
    every = steps_between(scenario.record.checkpoint, scenario.run.behavior_step)
    checkpoints = Checkpoints(folder, every, checkpoint_pause)
    return conduct(scenario, Recorder(folder, scenario, last_step), checkpoints, threads, progress, stop)


def conduct(scenario, recorder, checkpoints, threads=None, progress=None, stop=None, state=None):
    """Run a scenario into a folder that is ready, from the start or from the state of a model; see `record_run`.

    Returns
    -------
    TumorModel
    """
    from autocrine_abm.simulation.model import TumorModel

    folder, model, end = recorder.folder, None, {"status": "failed"}
    try:
        if progress is not None:
            progress.message("compiling and placing the cells")
        if state is None:
            model = TumorModel(scenario, threads=threads, folder=folder, observers=(recorder,))
        else:
            model = TumorModel(scenario, threads=threads, folder=folder)
            model.restore(state)
            model.observers.append(recorder)
        if progress is not None:
            progress.update(model)
        while model.running and model.clock.step < recorder.last_step:
            model.step()
            goes_on = model.running and model.clock.step < recorder.last_step
            stops = goes_on and stop is not None and stop()
            if stops or (goes_on and checkpoints.is_due(model.clock.step)):
                checkpoints.save(model, recorder)
            if stops:
                raise KeyboardInterrupt
            if progress is not None:
                progress.update(model)
        end = {"status": "done"}
    except KeyboardInterrupt:
        end = {"status": "interrupted"}
        raise
    except BaseException as error:
        end = {"status": "failed", "error": f"{type(error).__name__}: {error}"}
        raise
    finally:
        recorder.close()
        if model is not None:
            end |= {"step": int(model.clock.step), "time": float(model.clock.time)}
        if checkpoints.refused:
            end |= {"checkpoint": f"none could be written: {checkpoints.refused}"}
        end |= {"wall_time": round(checkpoints.spent, 3), "finished": stamp()}
        layout.write_info(folder, layout.read_info(folder) | end)
    checkpoints.clear()
    return model


def _facts(scenario, last_step):
    return {
        "status": "running",
        "title": scenario.title,
        "seed": scenario.run.seed,
        "behavior_step": float(scenario.run.behavior_step),
        "duration": float(scenario.run.duration),
        "last_step": last_step,
        "started": stamp(),
    }


def circumstances(scenario, threads):
    """Where and with what a run is computed, dict for ``run.json``."""
    from socket import gethostname

    return {
        "threads": scenario.run.threads if threads is None else threads,
        "host": gethostname(),
        "process": os.getpid(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES},
    }


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def stamp():
    """The time of day as ``run.json`` writes it, str."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _with_inputs(scenario, source, folder):
    """The scenario with its CSV and Python files copied into the run folder, so that the folder alone runs again."""
    taken = {}  # name in the folder of inputs, and what was copied there

    def copied(path):
        (folder / layout.INPUTS).mkdir(exist_ok=True)
        name, number = path.name, 1
        while taken.setdefault(name, path.resolve()) != path.resolve():
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        shutil.copyfile(path, folder / layout.INPUTS / name)
        return f"{layout.INPUTS}/{name}"

    seeds = [
        seed if seed.file is None else seed.model_copy(update={"file": copied(source / seed.file)})
        for seed in scenario.seed
    ]
    changes = {"seed": tuple(seeds)}
    if scenario.python is not None:
        here = {}
        for _, reference in scenario.python.references:
            module, name = split_reference(reference)
            copy = copied(source_of(reference, source))  # of an installed module too, to look things up in later
            here[reference] = f"{copy}:{name}" if module.endswith(".py") else reference
        python = scenario.python
        agent = None if python.agent is None else here[python.agent]
        behaviors = tuple(here[reference] for reference in python.behaviors)
        changes["python"] = python.model_copy(update={"behaviors": behaviors, "agent": agent})
    return scenario.model_copy(update=changes)
