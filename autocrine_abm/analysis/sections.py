"""The parts of the page about a sweep: responses, maps, courses over time, sensitivity, and the numbers themselves."""

from html import escape

import numpy as np

from autocrine_abm.analysis.replicates import summarize
from autocrine_abm.analysis.sensitivity import METHODS, sensitivity
from autocrine_abm.experiments.design import shares_of
from autocrine_abm.measure.signaling import HEADLINES
from autocrine_abm.output.colors import CATEGORIES, hex_of, ramp
from autocrine_abm.output.markup import note_of, number, side_by_side, table
from autocrine_abm.output.plots import scaled, time_axis
from autocrine_abm.output.surfaces import Axis, Band, bands, common_power, heat_map, intervals, phase_map

__all__ = ["courses", "maps", "numbers", "responses", "sensitivities"]

_MOST_LINES, _MOST_ROWS, _CLASSES = 5, 24, 8
_FEW_ANSWERS = 10  # runs below which Wilson's interval of a share is wider than half of the scale


def _shades(count):
    """Colors of ordered lines, pale to dark, list of str."""
    return [hex_of(ramp("sea")[int(place)]) for place in np.linspace(95, 245, count)] if count > 1 else [CATEGORIES[1]]


def _chosen(values):
    """At most a few of many values, the ends among them."""
    if len(values) <= _MOST_LINES:
        return list(values)
    return [values[int(round(place))] for place in np.linspace(0, len(values) - 1, _MOST_LINES)]


def _told(level, power=0):
    """A value of a parameter for people: words as they are, numbers with three digits, without a power of ten."""
    return level if isinstance(level, str) else number(float(f"{level / 10.0**power:.3g}"))


def _by(study, parameter, levels):
    """What lines stand for, and the names of their levels; a power of ten that all have is written once."""
    power = 0 if any(isinstance(level, str) for level in levels) else common_power(levels)
    label = study.label(parameter)
    return scaled(label, power) if power else label, [_told(level, power) for level in levels]


def _band(part, axis, key, name, color, yes_or_no=False):
    """A line with its interval; answers of yes or no have one only if there are enough, as that of a few hides the rest."""
    part = part.set_index(key).reindex(axis.values)
    several = part["runs"] >= (_FEW_ANSWERS if yes_or_no else 2)
    return Band(name, color, part["mean"], part["low"].where(several), part["high"].where(several))


def responses(study, keep):
    """Measures over each parameter, for each of a few values of another."""
    keep("summary", study.summary)
    if not study.is_grid:
        return _scatter(study, keep)
    plots = []
    for measure in study.measures:
        yes_or_no = study.final[measure].dtype == bool
        for parameter in study.parameters:
            axis = study.axis(parameter)
            others = [other for other in study.parameters if other != parameter]
            if len(axis) < 2:
                continue
            lines = []
            if len(others) == 1:
                levels = _chosen(study.axis(others[0]).values)
                part, (by, told) = study.of(measure), _by(study, others[0], levels)
                for level, name, color in zip(levels, told, _shades(len(levels))):
                    lines.append(_band(part[part[others[0]] == level], axis, parameter, name, color, yes_or_no))
            else:
                part = summarize(study.final, [parameter], [measure], study.level)
                lines.append(_band(part, axis, parameter, "", CATEGORIES[1], yes_or_no))
            title = study.title(measure)
            title += f", by {by}" if len(others) == 1 else ""
            plots.append(bands(axis, lines, study.scale(measure), title, floor=0 if _positive(study, measure) else None))
    if not plots:
        return ""
    if study.sweep.replicates == 1 and len(study.parameters) <= 2:
        return side_by_side(plots) + note_of("One run per point; replicates would give bands of confidence.")
    kind = f"{100 * study.level:g} % confidence intervals of Student's t, for shares of {_FEW_ANSWERS} or more runs of Wilson"
    return side_by_side(plots) + note_of(f"Means over runs; bands are {kind}. All intervals are in summary.csv.")


def _positive(study, measure):
    return bool((study.final[measure].astype(float).dropna() >= 0).all())


def _scatter(study, keep):
    """Measures of sampled points over each parameter, and means in classes of it."""
    import pandas as pd

    plots, rows = [], []
    for measure in study.measures:
        for parameter in study.parameters:
            part = study.of(measure)[[parameter, "mean"]].dropna()
            if part.empty or part[parameter].dtype == object:
                continue
            shape = Axis(sorted(part[parameter].unique()), study.label(parameter))
            log = study.is_logarithmic(parameter)
            place = np.log10(part[parameter]) if log else part[parameter].astype(float)
            group = place  # the levels themselves, if there are as few as in trajectories
            if place.nunique() > _CLASSES:
                group = pd.qcut(place, min(_CLASSES, len(part) // 4 or 1), duplicates="drop")
            part = part.assign(place=place, group=group)
            classes = summarize(part, ["group"], ["mean"], study.level).drop(columns="measure")
            classes.insert(0, parameter, part.groupby("group", observed=True, sort=False)["place"].mean().to_numpy())
            classes = classes.sort_values(parameter)
            shape.kind, shape.at = "log" if log else "linear", classes[parameter].to_numpy()
            line = Band("", CATEGORIES[1], classes["mean"], classes["low"], classes["high"], (place, part["mean"]))
            plots.append(bands(shape, [line], study.scale(measure), study.title(measure)))
            value = 10 ** classes[parameter] if log else classes[parameter]
            rows.append(classes.assign(measure=measure, parameter=parameter, value=value))
    if not plots:
        return ""
    keep("classes", pd.concat(rows)[["measure", "parameter", "value", "runs", "mean", "sd", "low", "high"]])
    return side_by_side(plots) + note_of(
        "Dots are points of the design; lines are means of classes with equally many of them, with "
        f"{100 * study.level:g} % confidence intervals of Student's t."
    )


def maps(study, keep):
    """Measures, and the largest origin of each signal, over each two parameters of a grid."""
    import pandas as pd

    plots, rows = [], []
    pairs = [
        (first, second)
        for place, first in enumerate(study.parameters)
        for second in study.parameters[place + 1 :]
        if study.is_grid and min(len(study.axis(first)), len(study.axis(second))) > 1
    ]  # fmt: skip
    for first, second in pairs:
        axes = study.axis(first), study.axis(second)
        for prefix, columns in study.groups.items():
            shares = np.array([study.grid(column, first, second) for column in columns])
            names = [column.rpartition(".")[2] for column in columns]
            plots.append(phase_map(*axes, shares, names, f"Largest origin of {study.signal(prefix)}"))
            for row, value in enumerate(axes[0].values):
                for column, other in enumerate(axes[1].values):
                    cell = shares[:, row, column]
                    label = list(HEADLINES)[int(np.nan_to_num(cell).argmax())] if np.isfinite(cell).any() else ""
                    rows.append((prefix, value, other, label, np.nan_to_num(cell).max()))
        if rows:
            keep(f"phases.{first}.{second}", pd.DataFrame(rows, columns=["signal", first, second, "largest", "share"]))
            rows = []
        for measure in study.measures:
            values = study.grid(measure, first, second)
            contour = 0.5 if study.contour is None and study.is_share(measure) else study.contour
            title = study.title(measure)
            plots.append(heat_map(*axes, values, title, study.scale(measure), contour))
    if not plots:
        return ""
    more = " The line follows the value marked on the scale." if any("#d55e00" in plot for plot in plots) else ""
    rest = " Means over all other parameters." if len(study.parameters) > 2 else ""
    return side_by_side(plots) + note_of(f"At {study.when}.{more}{rest}")


def courses(study, keep):
    """Measures over time, by the values of the only parameter, or of the first."""
    import pandas as pd

    parameter, plots, rows = study.parameters[0], [], []
    levels = _chosen(study.axis(parameter).values)
    several = study.table.groupby("run")["time"].size().max() > 2
    for measure in study.measures if several and study.is_grid else ():
        if measure not in study.table:
            continue
        part = summarize(study.table, [parameter, "time"], [measure], study.level)
        rows.append(part)
        times = np.sort(part["time"].unique())
        shown, unit = time_axis(times)
        axis = Axis(list(times), f"time [{unit}]")
        axis.kind, axis.at = "linear", np.asarray(shown)
        by, told = _by(study, parameter, levels)
        lines = [
            _band(part[part[parameter] == level], axis, "time", name, color)
            for level, name, color in zip(levels, told, _shades(len(levels)))
        ]
        title = f"{study.title(measure)}, by {by}"
        plots.append(bands(axis, lines, study.scale(measure), title))
    if not plots:
        return ""
    keep("courses", pd.concat(rows))
    return side_by_side(plots) + note_of("Means over all runs with the same value, with their confidence intervals.")


def sensitivities(study, keep):
    """How much each parameter matters, where the design tells."""
    import pandas as pd

    design = study.sweep.design
    if design not in METHODS:
        return ""
    names = study.parameters
    seed = study.folder.info["identity"]["seed"]
    shares = shares_of(len(names), design, study.sweep.samples, seed)
    found, plots = [], []
    for measure in study.measures:
        values = study.of(measure).set_index("point")["mean"].reindex(range(len(shares))).to_numpy(float)
        part = sensitivity(design, names, shares, values, study.level)
        if part.empty:
            continue
        found.append(part.assign(measure=measure))
        groups = [
            (kind.replace("mu_star", "µ*").replace("sigma", "σ"), one["value"].to_numpy(), one["interval"].to_numpy())
            for kind, one in part.groupby("index", sort=False) if kind != "mu"
        ]  # fmt: skip
        method = METHODS[design]
        xlabel = f"effect on {study.name(measure)}" if method == "Morris" else "share of variance"
        labels = [study.label(name).split(" [")[0] for name in names]
        plots.append(intervals(labels, groups, xlabel, f"{method}: {study.name(measure).split(' [')[0]}"))
    if not found:
        return note_of("No index can be computed: the measures do not vary, or too few points are done (of plain samples, 40).")
    keep("sensitivity", pd.concat(found))
    noise = "Replicates are averaged first; chance that is left counts in total indices, less with paired seeds."
    noise = noise if METHODS[design] == "Sobol" else ""
    if METHODS[design] == "Morris":
        noise = "µ*: mean size of what moving a parameter by two thirds of its range does, per range; σ: its spread."
    return side_by_side(plots) + note_of(f"Whiskers: {100 * study.level:g} % confidence by resampling (SALib). {noise}")


def numbers(study, keep):
    """The first rows of the summary."""
    shown = study.summary.head(_MOST_ROWS)
    rows = [
        (escape(study.name(row["measure"])), *(escape(_told(row[key])) for key in study.parameters),
         *(number(row[key]) for key in ("runs", "mean", "sd", "low", "high")))
        for row in shown.to_dict("records")
    ]  # fmt: skip
    head = ["measure", *(escape(study.label(key)) for key in study.parameters), "runs", "mean", "sd", "low", "high"]
    more = f"The first {len(shown)} of {len(study.summary)} rows; all" if len(study.summary) > len(shown) else "All"
    return table(head, rows) + note_of(f"{more} are in summary.csv, beside this page.")
