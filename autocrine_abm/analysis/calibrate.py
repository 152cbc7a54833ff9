"""Fit parameters to data, and tell how sure they are: the front door that ``autocrine calibrate`` calls."""

import hashlib
import json
from pathlib import Path

from pydantic import ValidationError

from autocrine_abm import __version__
from autocrine_abm.analysis.fitting import Problem, failures, infer, optimize
from autocrine_abm.analysis.observations import read_observations
from autocrine_abm.analysis.posterior import likelihood, write
from autocrine_abm.errors import AutocrineError, RunFolderError
from autocrine_abm.experiments.folder import locked
from autocrine_abm.experiments.processes import LocalProcesses
from autocrine_abm.experiments.single import warm_up
from autocrine_abm.experiments.sweep import default_workers
from autocrine_abm.output.layout import replacing
from autocrine_abm.scenario import files
from autocrine_abm.scenario.calibration import Calibration, as_range
from autocrine_abm.scenario.trial import try_variations

__all__ = ["calibrate"]

_IDENTITY = "calibration.json"


def calibrate(
    scenario, data=None, fit=(), measures=(), folder=None, method="optimize", overrides=(), start=None, until=None,
    replicates=None, generations=None, population=None, seed=1, workers=None, executor=None, progress=None,
):  # fmt: skip
    """Fit parameters to observed time series.

    What is left out of `data`, `fit`, `measures`, `start`, `until` and `replicates` is as in the table ``[calibrate]``.

    Parameters
    ----------
    scenario : path or str
        Its file, or its shipped name.
    data : path, optional
        See `analysis.observations`.
    fit : iterable of str
        ``"PATH=RANGE"``: between which numbers, or from which distribution; it is the prior, too.
    measures : iterable of str
        ``"NAME=COLUMN"`` or ``"FACTOR * NAME=COLUMN"``: measure of a run, and column of the data.
    folder : path
        Where to write; the same call continues.
    method : str
        ``"optimize"`` or ``"abc"``.
    overrides : iterable of str
        Changes to the scenario.
    start, until : str, optional
        Time of the data at which runs start, and after which observations are left out, such as ``"100 hour"``.
    replicates, generations, population : int, optional
        See `analysis.fitting`.
    seed : int
    workers : int, optional
        Processes; default one per core.
    executor : concurrent.futures.Executor, optional
        Another place to run.
    progress : callable, optional
        Called with a line of text now and then.

    Returns
    -------
    Path
        ``report.html``, beside ``parameters.csv``, ``points.csv``, ``predictive.csv`` and, if runs failed, ``failures.csv``.

    Raises
    ------
    AutocrineError
        If something asked for cannot be, or every run fails.
    """
    path = files.locate(scenario)
    spec = files.read(path, overrides)
    asked = _asked(spec.calibrate, path.parent, data, fit, measures, start, until, replicates)
    if folder is None:
        raise AutocrineError("folder: missing; name the folder of the calibration")
    data = Path(asked.data)
    variations = [as_range(text) for text in asked.fit]
    spec = spec.model_copy(update={"sweep": None, "calibrate": None})
    try_variations(spec, variations, path.parent)
    last = float("inf") if asked.until is None else float(asked.until)
    observations = read_observations(data, asked.measures, float(asked.start), last)
    folder, workers = Path(folder), workers or default_workers()
    identity = {
        "scenario": hashlib.sha256(files.to_toml(spec).encode()).hexdigest(),
        "fit": list(asked.fit), "measures": list(asked.measures), "start": asked.start.text,
        "until": asked.until and asked.until.text,
        "data": hashlib.sha256(data.read_bytes()).hexdigest(), "method": method, "seed": seed, "version": __version__,
        "replicates": asked.replicates if method == "optimize" else 1, "population": population,
    }  # fmt: skip
    with locked(folder, _IDENTITY, "calibration"):
        _claim(folder, identity)
        problem = Problem(spec, variations, observations, path.resolve().parent, seed)
        own = executor is None
        executor = executor or LocalProcesses(workers, prepare=(warm_up, (problem.task(0, [0.5] * len(variations), seed),)))
        options = {"generations": generations, "population": population}
        options = {key: value for key, value in options.items() if value is not None} | {"progress": progress}
        try:
            if method == "abc":
                shares, weights, runs, limits = infer(problem, folder, executor, workers, **options)
                best, spread = None, limits[-1]
            else:
                shares, apart, runs = optimize(problem, folder, executor, workers, asked.replicates, **options)
                best, spread = shares[0], apart[0]
                weights = likelihood(apart, observations, len(variations))
        finally:
            if own:
                executor.shutdown(cancel_futures=True)
        return write(folder, problem, shares, weights, runs, best, spread, failures(folder), data.name)


def _asked(table, source_folder, data, fit, measures, start, until, replicates):
    """The table [calibrate], with what the caller says instead; its data as a path that can be opened."""
    given = {
        "data": None if data is None else str(data), "fit": list(fit), "measures": list(measures),
        "start": start, "until": until, "replicates": replicates,
    }  # fmt: skip
    found = {} if table is None else {key: getattr(table, key) for key in Calibration.model_fields}
    if found:
        found["data"] = str(Path(source_folder) / found["data"])
        found |= {key: found[key] and found[key].text for key in ("start", "until")}
    found |= {key: value for key, value in given.items() if value not in (None, [])}
    for key, example in (("data", "'counts.csv'"), ("fit", "'cell.cancer.division_rate=0.01..0.1 1/hour'"),
                         ("measures", "'alive=cells'")):  # fmt: skip
        if not found.get(key):
            option = key.removesuffix("s")
            raise AutocrineError(f"--{option}: missing, here and in a table [calibrate]; accepted is such as {example}")
    try:
        return Calibration.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        raise AutocrineError(f"--{str(first['loc'][0]).removesuffix('s')}: {first['msg']}") from None


def _claim(folder, identity):
    """Write down what is calibrated, or refuse a folder in which that was something else."""
    path = folder / _IDENTITY
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        differing = [key for key in identity if before.get(key) != identity[key]]
        if differing:
            raise RunFolderError(f"{folder}: holds another calibration ({', '.join(differing)} differ); name another folder")
    else:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")
