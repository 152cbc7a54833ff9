"""Observed time series in a CSV file, beside the measures of a run that are to follow them.

The first column holds times; units stand in square brackets behind names, as in ``time [hour],cells,diameter [um]``. Lines that
open with ``#`` tell the source. How far a run is from the data is the root mean square of ln(simulated/observed), so that every
observation counts the same, early ones too.
"""

import re
from dataclasses import dataclass

import numpy as np

from autocrine_abm.errors import AutocrineError, UnitError
from autocrine_abm.units import in_unit, parse

__all__ = ["Observations", "distance", "read_observations", "simulated"]

_NAME = re.compile(r"\s*(.*?)\s*(?:\[(.*)\])?\s*")
_NOTHING = 0.5  # of the smallest observation: less counts as that much, so that a run without cells has a logarithm


@dataclass(frozen=True)
class Observations:
    """Numbers above 0 at times.

    Parameters
    ----------
    times : ndarray of float, shape (n,)
        In order [min].
    values : dict of str to ndarray of float, shape (n,)
        By the name of the measure of a run; nan where nothing was observed.
    units : dict of str to str
        As the file has them; empty where it has none.
    """

    times: np.ndarray
    values: dict
    units: dict


def read_observations(path, measures):
    """Read observations.

    Parameters
    ----------
    path : path
    measures : dict of str to str
        Column of the file by the name of a measure.

    Returns
    -------
    Observations

    Raises
    ------
    AutocrineError
        Telling what is wrong with the file.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, comment="#")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise AutocrineError(f"{path}: cannot be read as CSV: {str(error).strip()}") from None
    columns = {_NAME.fullmatch(column)[1]: (column, _NAME.fullmatch(column)[2] or "") for column in table.columns}
    first = table.columns[0]
    unit = _NAME.fullmatch(first)[2]
    try:
        times = table[first].to_numpy(float) * parse(f"1 {unit}", "min")
    except (UnitError, ValueError, TypeError):
        raise AutocrineError(f"{path}: got '{first}' as first column; accepted are times, such as 'time [hour]'") from None
    if len(times) < 2 or not (np.diff(times) > 0).all():
        raise AutocrineError(f"{path}: times do not rise; accepted are two or more, each later than the one before")
    values, units = {}, {}
    for measure, column in measures.items():
        if column not in columns:
            raise AutocrineError(f"{path}: got '{column}'; its columns are {', '.join(list(columns)[1:])}")
        full, units[measure] = columns[column]
        numbers = pd.to_numeric(table[full], errors="coerce").to_numpy(float)
        if np.isnan(numbers).all() or (numbers <= 0).any():
            raise AutocrineError(f"{path}: column '{column}': accepted are numbers above 0, or nothing")
        values[measure] = numbers
    return Observations(times, values, units)


def simulated(outcome, observations):
    """Measures of a run at the observed times, between its records along straight lines.

    Parameters
    ----------
    outcome : experiments.single.Outcome
    observations : Observations

    Returns
    -------
    dict of str to ndarray of float, shape (n,)
        In the units of the observations.

    Raises
    ------
    AutocrineError
        If the run failed, ends too early, or lacks a measure.
    """
    if outcome.message:
        raise AutocrineError(f"a run failed: {outcome.message}")
    names = [name for name, _, _ in outcome.columns]
    units = {name: unit for name, unit, _ in outcome.columns}
    rows = np.array([[float(cell or "nan") for cell in line.split(",")] for line in outcome.rows.splitlines()])
    times = rows[:, names.index("time")]
    if times[-1] < observations.times[-1] * (1 - 1e-9):
        need = observations.times[-1] / 60
        raise AutocrineError(f"runs end before the last observation; --set run.duration='{need:g} hour' or longer")
    found = {}
    for measure, unit in observations.units.items():
        if measure not in names:
            raise AutocrineError(f"--measure: got '{measure}'; accepted: {', '.join(names[2:])}")
        factor = in_unit(parse(f"1 {units[measure]}"), unit) if unit and unit != units[measure] else 1.0
        found[measure] = factor * np.interp(observations.times, times, rows[:, names.index(measure)])
    return found


def distance(values, observations):
    """Root mean square of ln(simulated/observed) over all observations, float."""
    apart = [
        np.log(np.maximum(values[name], _NOTHING * np.nanmin(seen)) / seen)
        for name, seen in observations.values.items()
    ]  # fmt: skip
    return float(np.sqrt(np.nanmean(np.square(np.concatenate(apart)))))
