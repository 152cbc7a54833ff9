"""Observed time series in a CSV file, beside the measures of a run that are to follow them.

The first column holds times; units stand in square brackets behind names, as in ``time [hour],cells,diameter [um]``. Lines that
open with ``#`` tell the source. A measure may come with a factor, as a diameter is twice a radius. How far a run is from the
data is the root mean square of ln(simulated/observed), so that every observation counts the same, early ones too.
"""

import re
from dataclasses import dataclass

import numpy as np

from autocrine_abm.errors import AutocrineError, UnitError
from autocrine_abm.units import in_unit, parse

__all__ = ["Observations", "distance", "read_observations", "simulated"]

_NAME = re.compile(r"\s*(.*?)\s*(?:\[(.*)\])?\s*")
_PAIR = re.compile(r"(?:([\d.eE+-]+)\s*\*\s*)?([^\s*=][^*=]*?)\s*=\s*([^=]+)")
_NOTHING = 0.5  # of the smallest observation: less counts as that much, so that a run without cells has a logarithm


@dataclass(frozen=True)
class Observations:
    """Numbers above 0 at times.

    Parameters
    ----------
    times : ndarray of float, shape (n,)
        In order, since the start of a run [min].
    values : dict of str to ndarray of float, shape (n,)
        By the name of the measure of a run; nan where nothing was observed.
    units : dict of str to str
        As the file has them; empty where it has none.
    columns : dict of str to str
        Names that the file has for the measures.
    factors : dict of str to float
        By which the measures of a run are multiplied.
    start : float
        Time of the file at which a run starts [min].
    """

    times: np.ndarray
    values: dict
    units: dict
    columns: dict
    factors: dict
    start: float = 0.0


def read_observations(path, measures, start=0.0, until=np.inf):
    """Read observations.

    Parameters
    ----------
    path : path
    measures : iterable of str
        ``"NAME = COLUMN"`` or ``"FACTOR * NAME = COLUMN"``: measure of a run, and column of the file.
    start : float
        Time of the file at which a run starts [min]; what was observed before is left out.
    until : float
        Later observations are left out [min].

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
    used = (times >= start * (1 - 1e-9)) & (times <= until * (1 + 1e-9))
    if used.sum() < 2:
        raise AutocrineError(f"{path}: {used.sum()} of its times lie between start and until; accepted are two or more")
    values, units, names, factors = {}, {}, {}, {}
    for text in measures:
        pair = _PAIR.fullmatch(text.strip())
        if not pair:
            such = "'alive=cells' or '2 * radius=diameter'"
            raise AutocrineError(f"--measure: got '{text}'; accepted is NAME=COLUMN, such as {such}")
        factor, measure, column = float(pair[1] or 1), pair[2], pair[3]
        if column not in columns:
            raise AutocrineError(f"{path}: got '{column}'; its columns are {', '.join(list(columns)[1:])}")
        full, units[measure] = columns[column]
        numbers = pd.to_numeric(table[full], errors="coerce").to_numpy(float)[used]
        if np.isnan(numbers).all() or (numbers <= 0).any():
            raise AutocrineError(f"{path}: column '{column}': accepted are numbers above 0, or nothing")
        values[measure], names[measure], factors[measure] = numbers, column, factor
    return Observations(np.maximum(times[used] - start, 0), values, units, names, factors, start)


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
        If the run ends too early, or lacks a measure.
    """
    names = [name for name, _, _ in outcome.columns]
    units = {name: unit for name, unit, _ in outcome.columns}
    rows = np.array([[float(cell or "nan") for cell in line.split(",")] for line in outcome.rows.splitlines()])
    times = rows[:, names.index("time")]
    if times[-1] < observations.times[-1] * (1 - 1e-9):
        need = observations.times[-1] / 60
        raise AutocrineError(f"runs end before the last observation; --set run.duration='{need:g} hour' or longer, or --until")
    found = {}
    for measure, unit in observations.units.items():
        if measure not in names:
            raise AutocrineError(f"--measure: got '{measure}'; accepted: {', '.join(names[2:])}")
        factor = in_unit(parse(f"1 {units[measure]}"), unit) if unit and unit != units[measure] else 1.0
        series = np.interp(observations.times, times, rows[:, names.index(measure)])
        found[measure] = observations.factors[measure] * factor * series
    return found


def distance(values, observations):
    """Root mean square of ln(simulated/observed) over all observations, float."""
    apart = [
        np.log(np.maximum(values[name], _NOTHING * np.nanmin(seen)) / seen)
        for name, seen in observations.values.items()
    ]  # fmt: skip
    return float(np.sqrt(np.nanmean(np.square(np.concatenate(apart)))))
