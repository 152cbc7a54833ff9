"""Fit parameters to data, and tell how sure they are: the front door that ``autocrine calibrate`` calls."""

import hashlib
import json
from pathlib import Path

import numpy as np

from autocrine_abm import __version__
from autocrine_abm.analysis.fitting import Problem, infer, optimize
from autocrine_abm.analysis.observations import read_observations
from autocrine_abm.errors import AutocrineError, RunFolderError
from autocrine_abm.experiments.processes import LocalProcesses
from autocrine_abm.experiments.single import warm_up
from autocrine_abm.experiments.sweep import default_workers
from autocrine_abm.output.colors import CATEGORIES
from autocrine_abm.output.layout import replacing
from autocrine_abm.output.markup import note_of, number, side_by_side, table
from autocrine_abm.output.page import page_of, paragraphs, tiles
from autocrine_abm.output.plots import bars, time_axis
from autocrine_abm.output.surfaces import Axis, Band, bands, heat_map
from autocrine_abm.scenario import files
from autocrine_abm.scenario.trial import try_variations
from autocrine_abm.scenario.variation import parse_variation

__all__ = ["calibrate"]

_IDENTITY = "calibration.json"


def calibrate(
    scenario, data, fit, measures, folder, method="optimize", overrides=(), replicates=3, generations=None, population=None,
    seed=1, workers=None, executor=None,
):  # fmt: skip
    """Fit parameters to observed time series.

    Parameters
    ----------
    scenario : path or str
        Its file, or its shipped name.
    data : path
        See `analysis.observations`.
    fit : iterable of str
        ``"PATH=RANGE"``: between which numbers, or from which distribution; it is the prior, too.
    measures : iterable of str
        ``"NAME=COLUMN"``: measure of a run, and column of the data.
    folder : path
        Where to write; the same call continues.
    method : str
        ``"optimize"`` or ``"abc"``.
    overrides : iterable of str
        Changes to the scenario.
    replicates, generations, population : int, optional
        See `analysis.fitting`.
    seed : int
    workers : int, optional
        Processes; default one per core.
    executor : concurrent.futures.Executor, optional
        Another place to run.

    Returns
    -------
    Path
        ``report.html``, beside ``parameters.csv``, ``points.csv`` and ``predictive.csv``.

    Raises
    ------
    AutocrineError
        If something asked for cannot be.
    """
    path = files.locate(scenario)
    spec = files.read(path, overrides).model_copy(update={"sweep": None})
    variations = [_variation(text) for text in fit]
    try_variations(spec, variations, path.parent)
    pairs = [text.partition("=") for text in measures]
    if not all(equals and name and column for name, equals, column in pairs):
        raise AutocrineError("--measure: accepted is NAME=COLUMN, such as 'alive=cells'")
    observations = read_observations(data, {name.strip(): column.strip() for name, _, column in pairs})
    folder, workers = Path(folder), workers or default_workers()
    identity = {
        "scenario": hashlib.sha256(files.to_toml(spec).encode()).hexdigest(), "fit": list(fit), "measures": list(measures),
        "data": hashlib.sha256(Path(data).read_bytes()).hexdigest(), "method": method, "seed": seed, "version": __version__,
        "replicates": replicates if method == "optimize" else 1, "population": population,
    }  # fmt: skip
    _claim(folder, identity)
    problem = Problem(spec, variations, observations, path.resolve().parent, seed)
    own = executor is None
    executor = executor or LocalProcesses(workers, prepare=(warm_up, (problem.task(0, [0.5] * len(variations), seed),)))
    sizes = {key: value for key, value in (("generations", generations), ("population", population)) if value is not None}
    try:
        if method == "abc":
            shares, weights, runs, limits = infer(problem, folder, executor, workers, **sizes)
            best, spread = None, limits[-1]
        else:
            shares, apart, runs = optimize(problem, folder, executor, workers, replicates, **sizes)
            best, spread = shares[0], apart[0]
            weights = _likelihood(apart, observations, len(variations))
    finally:
        if own:
            executor.shutdown(cancel_futures=True)
    return _write(folder, problem, shares, weights, runs, best, spread, method, Path(data).name)


def _variation(text):
    name, equals, spec = text.partition("=")
    first = spec.strip().split(" ")[0]
    plain = equals and ".." in spec and not first.isalpha()
    variation = parse_variation(f"{name}=uniform {spec}" if plain else text)
    if variation.levels:
        raise AutocrineError(f"--fit: got '{text}'; accepted is a range such as '0.01..0.1 1/hour', or a distribution")
    return variation


def _claim(folder, identity):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _IDENTITY
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        differing = [key for key in identity if before.get(key) != identity[key]]
        if differing:
            raise RunFolderError(f"{folder}: holds another calibration ({', '.join(differing)} differ); name another folder")
    elif any(folder.iterdir()):
        raise RunFolderError(f"{folder}: is not empty and holds no calibration; name a new or an empty folder")
    else:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")


def _likelihood(apart, observations, parameters):
    """Weights of points by the likelihood of independent lognormal errors whose size the best point tells."""
    count = sum(int(np.isfinite(values).sum()) for values in observations.values.values())
    variance = max(apart[0] ** 2 * count / max(count - parameters, 1), 1e-12)
    weights = np.exp(-0.5 * count * (apart**2 - apart[0] ** 2) / variance)
    return weights / weights.sum()


def _quantiles(values, weights, at):
    order = np.argsort(values)
    place = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(at, place, np.asarray(values)[order])


def _number(value):
    return float(str(value).split()[0])


def _write(folder, problem, shares, weights, runs, best, spread, method, data):
    """Tables and page."""
    import pandas as pd

    names = [variation.name for variation in problem.variations]
    units = [variation.unit for variation in problem.variations]
    values = np.array([[_number(variation.at(float(u))) for variation, u in zip(problem.variations, row)] for row in shares])
    rows, plots = [], []
    for place, name in enumerate(names):
        low, middle, high = _quantiles(values[:, place], weights, [0.025, 0.5, 0.975])
        mean = float(weights @ values[:, place])
        rows.append((name, units[place], middle if best is None else values[0, place], low, high, mean))
        ends = [_number(problem.variations[place].at(share)) for share in (0.001, 0.999)]
        heights, edges = np.histogram(values[:, place], np.linspace(*ends, 25), weights=weights)
        label = f"{' '.join(name.split('.')[1:]).replace('_', ' ')} [{units[place] or '-'}]"
        plots.append(bars(edges, 100 * heights, CATEGORIES[1], label, "weight [%]", label.split(" [")[0].capitalize()))
    for first in range(len(names)) if best is None else ():
        for second in range(first + 1, len(names)):
            count, *edges = np.histogram2d(values[:, first], values[:, second], 14, weights=weights)
            axes = [Axis(list((edge[1:] + edge[:-1]) / 2), names[place]) for edge, place in zip(edges, (first, second))]
            plots.append(heat_map(*axes, 100 * count, "Together", "weight [%]"))
    head = ["parameter", "unit", "estimate", "low", "high", "mean"]
    tables = {
        "parameters": pd.DataFrame(rows, columns=head),
        "points": pd.DataFrame(values, columns=names).assign(weight=weights),
    }
    check, predicted = _predictive(problem, runs, weights if best is None else np.full(len(runs), 1 / len(runs)))
    tables["predictive"] = predicted
    for name, one in tables.items():
        with replacing(folder / f"{name}.csv") as temporary:
            one.to_csv(temporary, index=False)
    cells = [(name, unit, *(number(x) for x in rest)) for name, unit, *rest in rows]
    told = "approximate Bayesian computation" if best is None else "differential evolution"
    kind = (
        "The estimate is the median of the posterior; low and high enclose 95 % of it."
        if best is None else
        "The estimate is the best point; low and high enclose 95 % of the likelihood (lognormal errors, of "
        "the size that the best point leaves) over the points that were tried, so "
        "they are rough. --method abc gives a posterior."
    )  # fmt: skip
    opening = paragraphs(f"{problem.scenario.title}, fitted to {data}.") + tiles([
        ("method", "ABC-SMC" if best is None else "optimizer", told), ("points", str(len(shares)), ""),
        ("distance", number(spread, 3), "largest accepted" if best is None else "of the best"),
    ])  # fmt: skip
    parts = [
        ("Parameters", table(head, cells, words=(0, 1)) + note_of(kind)),
        ("Posterior" if best is None else "Likelihood", side_by_side(plots)),
        ("Predictive check", side_by_side(check) + note_of("Orange: observed. Blue: runs, their median and 95 % of them.")),
    ]
    page = page_of("Calibration", problem.scenario.title, opening, parts, folder.resolve().name, __version__)
    path = folder / "report.html"
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _predictive(problem, runs, weights):
    """What runs give at the observed times, beside the data: plots and a table."""
    import pandas as pd

    plots, rows = [], []
    seen = problem.observations
    times, unit = time_axis(seen.times)
    for name, values in seen.values.items():
        drawn = np.array([run[name] for run in runs])
        low, middle, high = np.array([_quantiles(column, weights, [0.025, 0.5, 0.975]) for column in drawn.T]).T
        rows.append(pd.DataFrame({"measure": name, "time [min]": seen.times, "observed": values, "low": low, "median": middle,
                                  "high": high}))  # fmt: skip
        axis = Axis(list(times), f"time [{unit}]")
        axis.kind, axis.at = "linear", np.asarray(times, float)
        lines = [Band("runs", CATEGORIES[1], middle, low, high), Band("observed", CATEGORIES[0], values, values, values)]
        plots.append(bands(axis, lines, name, name.replace("_", " ").capitalize(), floor=0))
    return plots, pd.concat(rows)
