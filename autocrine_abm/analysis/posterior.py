"""What a fit tells: estimates with intervals, how points spread, and what runs give beside the data, as tables and a page."""

from html import escape

import numpy as np

from autocrine_abm import __version__
from autocrine_abm.output.colors import CATEGORIES
from autocrine_abm.output.layout import replacing
from autocrine_abm.output.markup import count, note_of, number, side_by_side, table
from autocrine_abm.output.page import page_of, paragraphs, tiles
from autocrine_abm.output.plots import bars, time_axis
from autocrine_abm.output.surfaces import Axis, Band, bands, heat_map

__all__ = ["likelihood", "write"]

_WITHIN = np.exp(-3.841 / 2)  # relative likelihood at the ends of a 95 % profile interval: chi-square, one degree of freedom
_CLASSES = 14  # of a profile, so that a hundred points leave none without a likely one


def likelihood(apart, observations, parameters):
    """Likelihood of points relative to the best, for independent lognormal errors whose size the best point tells.

    ln L = -n (d² - d₀²) / (2 σ²) with n observations, distances d, σ² = d₀² n/(n - p) and p parameters.

    Parameters
    ----------
    apart : ndarray of float, shape (k,)
        Distances, the smallest first.
    observations : Observations
    parameters : int

    Returns
    -------
    ndarray of float, shape (k,)
        From 1 of the best down to 0 of runs that failed.
    """
    number = sum(int(np.isfinite(values).sum()) for values in observations.values.values())
    variance = max(apart[0] ** 2 * number / max(number - parameters, 1), 1e-12)
    return np.exp(-0.5 * number * (apart**2 - apart[0] ** 2) / variance)


def _quantiles(values, weights, at):
    order = np.argsort(values)
    place = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(at, place, np.asarray(values)[order])


def _classes(points, most):
    """Into how many classes a histogram of so many points is divided, so that they hold several each."""
    return int(np.clip(np.sqrt(points), 6, most))


def _number(value):
    return float(str(value).split()[0])


def write(folder, problem, shares, weights, runs, best, spread, failed, data):
    """Write tables and page.

    Parameters
    ----------
    folder : Path
    problem : fitting.Problem
    shares, weights : ndarray of float, shapes (n, d) and (n,)
        Points, and their weights in the posterior or their likelihood.
    runs : list of dict
        Of the best point, or one of each point of a posterior.
    best : ndarray of float, shape (d,), or None
        The best point of an optimizer; None for a posterior.
    spread : float
        Distance of the best point, or the largest accepted.
    failed : list of dict
        Runs that failed, with ``values`` and ``error``.
    data : str
        Name of the file of observations.

    Returns
    -------
    Path
        ``report.html``.
    """
    import pandas as pd

    names = [variation.name for variation in problem.variations]
    units = [variation.unit for variation in problem.variations]
    values = np.array([[_number(variation.at(float(u))) for variation, u in zip(problem.variations, row)] for row in shares])
    labels = [f"{' '.join(v.name.split('.')[1:]).replace('_', ' ')} [{v.unit or '-'}]" for v in problem.variations]
    labels = [label.replace("[um", "[µm") for label in labels]
    rows, plots = [], []
    for place, name in enumerate(names):
        own = values[:, place]
        ends = [_number(problem.variations[place].at(share)) for share in (0.001, 0.999)]
        if best is None:
            low, middle, high = _quantiles(own, weights, [0.025, 0.5, 0.975])
            rows.append((name, units[place], middle, low, high, float(weights @ own)))
            heights, edges = np.histogram(own, np.linspace(*ends, _classes(len(own), 24) + 1), weights=weights)
            title = labels[place].split(" [")[0].capitalize()
            plots.append(bars(edges, 100 * heights, CATEGORIES[1], labels[place], "weight [%]", title))
        else:
            inside = own[weights >= _WITHIN]
            rows.append((name, units[place], own[0], inside.min(), inside.max(), np.nan))
            plots.append(_profile(own, weights, ends, labels[place]))
    for first in range(len(names)) if best is None else ():
        for second in range(first + 1, len(names)):
            heights, *edges = np.histogram2d(values[:, first], values[:, second], _classes(len(values), 14), weights=weights)
            axes = [Axis(list((edge[1:] + edge[:-1]) / 2), labels[place]) for edge, place in zip(edges, (first, second))]
            plots.append(heat_map(*axes, 100 * heights, "Together", "weight [%]"))
    head = ["parameter", "unit", "estimate", "low", "high", "mean"]
    tables = {
        "parameters": pd.DataFrame(rows, columns=head),
        "points": pd.DataFrame(values, columns=names).assign(**{"weight" if best is None else "likelihood": weights}),
    }
    check, predicted = _predictive(problem, runs, weights if best is None else np.full(len(runs), 1 / len(runs)))
    tables["predictive"] = predicted
    if failed:
        tables["failures"] = pd.DataFrame([run["values"] | {"message": run["error"]} for run in failed])
    for name, one in tables.items():
        with replacing(folder / f"{name}.csv") as temporary:
            one.to_csv(temporary, index=False)
    cells = [(name, unit, *(number(x) for x in rest)) for name, unit, *rest in rows]
    told = "approximate Bayesian computation" if best is None else "differential evolution"
    kind = (
        "The estimate is the median of the posterior; low and high enclose 95 % of it."
        if best is None else
        "The estimate is the best point; low and high are the ends of its 95 % profile likelihood interval (lognormal errors, "
        "of the size that the best point leaves) among the points that were tried, so that it is "
        "rather too narrow. --method abc gives a posterior."
    )  # fmt: skip
    opening = paragraphs(f"{problem.scenario.title}, fitted to {data}.") + tiles([
        ("method", "ABC-SMC" if best is None else "optimizer", told), ("points", str(len(shares)), ""),
        ("distance", number(spread, 3), "largest accepted" if best is None else "of the best"),
        *([("failed runs", count(len(failed)), "infinitely far from the data")] if failed else []),
    ])  # fmt: skip
    if failed:
        opening += f'<p class="warning">{count(len(failed))} runs failed, the first with: {escape(failed[0]["error"])}</p>'
    parts = [
        ("Parameters", table(head, cells, words=(0, 1)) + note_of(kind)),
        ("Posterior", side_by_side(plots)) if best is None else
        ("Likelihood", side_by_side(plots) + note_of("Dots: points that were tried. Line: the likeliest in a class.")),
        ("Predictive check", side_by_side(check) + note_of("Dots: observed. Line: runs, their median and 95 % of them.")),
    ]  # fmt: skip
    page = page_of("Calibration", problem.scenario.title, opening, parts, folder.resolve().name, __version__)
    path = folder / "report.html"
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _profile(values, likelihoods, ends, label):
    """Relative likelihood over one parameter: of every point, and of the likeliest in each class."""
    edges = np.linspace(*ends, _CLASSES + 1)
    place = np.digitize(values, edges[1:-1])
    top = np.array([likelihoods[place == one].max(initial=0) if one in place else np.nan for one in range(_CLASSES)])
    known = np.isfinite(top)
    axis = Axis(list((edges[1:] + edges[:-1])[known] / 2), label)
    axis.kind, axis.at = "linear", np.asarray(axis.values)
    nothing = np.full(known.sum(), np.nan)
    line = Band("", CATEGORIES[1], top[known], nothing, nothing, (values, likelihoods))
    return bands(axis, [line], "relative likelihood", label.split(" [")[0].capitalize(), floor=0)


def _predictive(problem, runs, weights):
    """What runs give at the observed times, beside the data: plots and a table."""
    import pandas as pd

    plots, rows = [], []
    seen = problem.observations
    times, unit = time_axis(seen.times + seen.start)
    for name, values in seen.values.items():
        drawn = np.array([run[name] for run in runs])
        low, middle, high = np.array([_quantiles(column, weights, [0.025, 0.5, 0.975]) for column in drawn.T]).T
        rows.append(pd.DataFrame({
            "measure": name, "time [min]": seen.times + seen.start, "observed": values,
            "low": low, "median": middle, "high": high,
        }))  # fmt: skip
        axis = Axis(list(times), f"time [{unit}]")
        axis.kind, axis.at = "linear", np.asarray(times, float)
        data = Band("observed", CATEGORIES[0], values, values, values, joined=False)
        lines = [Band("runs", CATEGORIES[1], middle, low, high), data]
        title = seen.columns[name]
        label = f"{title} [{seen.units[name].replace('um', 'µm')}]" if seen.units[name] else title
        plots.append(bands(axis, lines, label, title.replace("_", " ").capitalize(), floor=0))
    return plots, pd.concat(rows)
