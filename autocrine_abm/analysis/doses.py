"""The parts of the page about doses: a Hill curve for one, surfaces of Bliss and Loewe excess for two."""

import numpy as np

from autocrine_abm.analysis.combination import bliss_excess, effects, loewe_excess
from autocrine_abm.analysis.dose_response import fit_hill
from autocrine_abm.errors import AutocrineError
from autocrine_abm.output.colors import CATEGORIES
from autocrine_abm.output.markup import note_of, number, side_by_side
from autocrine_abm.output.surfaces import Axis, Band, bands, heat_map

__all__ = ["combined", "single"]

_RESAMPLES = 500


def single(study, keep):
    """Hill curves of each measure over each dose, all other doses being 0 and all else averaged."""
    import pandas as pd

    plots, rows = [], []
    for dose in study.doses:
        alone = np.ones(len(study.final), bool)
        for other in study.doses:
            alone &= (study.final[other] == 0).to_numpy() if other != dose else True
        runs = study.final[alone]
        for measure in study.measures:
            try:
                fit = fit_hill(runs[dose], runs[measure].astype(float), study.level)
            except AutocrineError as error:
                plots.append(note_of(f"{study.name(measure)} over {study.label(dose)}: {error}"))
                continue
            half = fit.dose_for(fit.top / 2)
            rows.append((measure, dose, fit.top, fit.bottom, fit.half_dose, fit.low, fit.high, fit.hill, half, fit.error))
            plots.append(_curve(study, runs, dose, measure, fit))
    if not rows:
        return "".join(plots)
    head = ["measure", "dose", "top", "bottom", "ic50", "low", "high", "hill", "half_of_control", "rms_error"]
    keep("dose_response", pd.DataFrame(rows, columns=head))
    return side_by_side(plots) + note_of(
        f"Hill curves by least squares; shaded is the {100 * study.level:g} % profile likelihood interval of the half-maximal "
        "dose. half_of_control in dose_response.csv is the dose that leaves half of the response without drug."
    )


def _curve(study, runs, dose, measure, fit):
    """A plot with doses on a logarithmic axis; no drug stands at its left end."""
    positive = np.sort(runs[dose][runs[dose] > 0].unique()).astype(float)
    left = np.log10(positive[0]) - max(0.5, np.diff(np.log10(positive)).mean())
    summary = runs.assign(value=runs[measure].astype(float)).groupby(dose)["value"].agg(["mean", "std", "count"]).sort_index()
    from autocrine_abm.analysis.replicates import t_interval

    low, high = t_interval(summary["mean"], summary["std"], summary["count"], study.level)
    place = np.array([np.log10(value) if value > 0 else left for value in summary.index])
    axis = Axis(list(summary.index), study.label(dose))
    axis.kind, axis.at = "list", place
    smooth = np.linspace(left, place[-1], 200)
    mark = None
    if np.isfinite(fit.high) and fit.low > 0 and positive[0] <= fit.half_dose <= positive[-1]:
        unit = study.folder.units.get(dose, "")
        text = f"half-maximal {number(fit.half_dose, 3)} ({number(fit.low, 3)} to {number(fit.high, 3)}) {unit}".rstrip()
        mark = np.log10(fit.half_dose), np.log10(fit.low), np.log10(fit.high), text
    line = Band("", CATEGORIES[1], summary["mean"], low, high)
    title = study.title(measure)
    floor = 0 if (runs[measure].astype(float).dropna() >= 0).all() else None
    return bands(axis, [line], study.scale(measure), title, (smooth, fit(10**smooth)), floor, mark)


def combined(study, keep):
    """Bliss and Loewe excess over two doses."""
    import pandas as pd

    if len(study.doses) != 2:
        return ""
    first, second = study.doses
    axes = study.axis(first), study.axis(second)
    if axes[0].values[0] != 0 or axes[1].values[0] != 0 or min(map(len, axes)) < 2:
        return note_of("Combinations need a run without each drug: let both doses include 0.")
    plots, rows = [], []
    for measure in study.measures:
        effect = effects(study.grid(measure, first, second))
        if not np.isfinite(effect).all():
            plots.append(note_of(f"{study.name(measure)}: some combinations have no result, or the control is 0."))
            continue
        bliss, spread = bliss_excess(effect), _resampled(study, measure, axes)
        low, high = np.quantile(spread, [0.5 - study.level / 2, 0.5 + study.level / 2], axis=0)
        low, high = (low, high) if study.sweep.replicates > 1 else (np.full(bliss.shape, np.nan),) * 2
        name = study.name(measure).split(" [")[0]
        plots.append(heat_map(*axes, effect, f"Effect on {name}", "share taken away", 0.5))
        plots.append(heat_map(*axes, bliss, "Bliss excess", "excess of effect", diverging=True))
        try:
            loewe = loewe_excess(np.array(axes[0].values, float), np.array(axes[1].values, float), effect)
            plots.append(heat_map(*axes, loewe, "Loewe excess", "excess of effect", diverging=True))
        except AutocrineError as error:
            loewe = np.full(bliss.shape, np.nan)
            plots.append(note_of(f"Loewe excess: {error}"))
        for place in np.ndindex(bliss.shape):
            doses = axes[0].values[place[0]], axes[1].values[place[1]]
            rows.append((measure, *doses, effect[place], bliss[place], low[place], high[place], loewe[place]))
    if rows:
        head = ["measure", first, second, "effect", "bliss_excess", "bliss_low", "bliss_high", "loewe_excess"]
        keep("combination", pd.DataFrame(rows, columns=head))
    return side_by_side(plots) + note_of(
        "Effect: share of the response without drugs that is taken away. Excess above 0 (red) is synergy. Bliss expects "
        "independent drugs, Loewe doses of the same drug. "
        "combination.csv holds intervals of the Bliss excess, by resampling replicates."
    )


def _resampled(study, measure, axes):
    """Bliss excess of runs drawn anew from those of each combination, ndarray of shape (resamples, n, m)."""
    draws = np.random.default_rng(1)
    means = np.empty((_RESAMPLES, len(axes[0]), len(axes[1])))
    for row, one in enumerate(axes[0].values):
        for column, other in enumerate(axes[1].values):
            here = (study.final[study.doses[0]] == one) & (study.final[study.doses[1]] == other)
            values = study.final.loc[here, measure].dropna().to_numpy(float)
            means[:, row, column] = draws.choice(values, (_RESAMPLES, len(values))).mean(axis=1)
    return bliss_excess(effects(means))
