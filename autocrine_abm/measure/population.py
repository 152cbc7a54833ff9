"""How many cells there are, of which type, alive or dying, and how fast their number grows.

Numbers out, nothing changed. Where the cells are is told in `measure.space`.
"""

from dataclasses import dataclass

import numpy as np

from autocrine_abm.cells.columns import NECROTIC

__all__ = ["Growth", "calcified_volume", "count_cells", "growth", "occupied_fraction"]


def count_cells(cell_type, phase, n_types, n_phases=3):
    """Cells of each type in each phase.

    Parameters
    ----------
    cell_type : ndarray of int, shape (n,)
        Index of each cell's type, 0 to `n_types` - 1.
    phase : ndarray of int, shape (n,)
        0 alive, 1 apoptotic, 2 necrotic (`cells.columns`).
    n_types, n_phases : int
        How many types and phases there are, whether or not a cell is in them.

    Returns
    -------
    ndarray of int64, shape (n_types, n_phases)
        A new array.

    Examples
    --------
    >>> count_cells(np.array([0, 0, 1]), np.array([0, 2, 0]), n_types=2)
    array([[1, 0, 1],
           [1, 0, 0]])
    """
    both = np.asarray(cell_type, np.int64) * n_phases + np.asarray(phase, np.int64)
    return np.bincount(both, minlength=n_types * n_phases).reshape(n_types, n_phases)


def occupied_fraction(n_cells, n_voxels):
    """Share of the voxels of a lattice that hold a cell [-], between 0 and 1.

    >>> occupied_fraction(25, 100)
    0.25
    """
    return n_cells / n_voxels


def calcified_volume(cells, corpses, now):
    """Volume of what has calcified in all corpses [µm³].

    Parameters
    ----------
    cells : CellState
    corpses : Corpses
        How they change.
    now : float
        Time [min].
    """
    rows = np.flatnonzero(cells.phase == NECROTIC)
    kind, age = cells.cell_type[rows], now - cells.phase_time[rows]
    at_death = cells.volume[rows] / corpses.volume(kind, np.full(len(rows), NECROTIC), age)
    return float(np.sum(at_death * corpses.calcified(kind, age)))


@dataclass(frozen=True)
class Growth:
    """Exponential growth over a stretch of time.

    Parameters
    ----------
    rate : float
        Net growth rate [1/min]; negative when the population shrinks, nan when it cannot be told.
    spread : float
        Standard error of the rate [1/min]; nan with fewer than three times.
    start, end : float
        Stretch of time looked at [min].
    """

    rate: float
    spread: float
    start: float
    end: float

    @property
    def doubling_time(self):
        """Time to double [min]: ln 2 / rate; negative is the time to halve, infinite without growth."""
        return np.log(2) / self.rate if self.rate else np.inf


def growth(time, cells, start=None, end=None):
    """Net growth rate, from a straight line through the logarithm of the numbers.

    ln N(t) = ln N₀ + r t, by least squares. It describes a stretch of time only as well as growth is
    exponential there: compare the first and last thirds of a run before quoting one number for all of it.

    Parameters
    ----------
    time : ndarray of float, shape (n_times,)
        Times [min].
    cells : ndarray of float, shape (n_times,)
        Numbers of cells; times without any are left out.
    start, end : float, optional
        Stretch of time to look at [min]; default all.

    Returns
    -------
    Growth

    Examples
    --------
    >>> print(round(growth(np.array([0.0, 60.0, 120.0]), np.array([100, 200, 400])).doubling_time, 6))
    60.0
    """
    time, cells = np.asarray(time, float), np.asarray(cells, float)
    start = time.min(initial=np.inf) if start is None else start
    end = time.max(initial=-np.inf) if end is None else end
    used = (time >= start) & (time <= end) & (cells > 0)
    t, y = time[used], np.log(cells[used])
    if len(t) < 2 or np.ptp(t) == 0:
        return Growth(np.nan, np.nan, float(start), float(end))
    t = t - t.mean()
    rate = (t @ y) / (t @ t)
    residual = y - y.mean() - rate * t
    spread = np.sqrt((residual @ residual) / (len(t) - 2) / (t @ t)) if len(t) > 2 else np.nan
    return Growth(rate, spread, float(start), float(end))
