"""What replicates say about each point of a sweep: mean, spread, and how sure the mean is.

Measures get the interval of Student's t, which supposes means that are nearly normal; shares of runs, such as
survival, get that of Wilson (1927), which also holds where all runs agree.
"""

import numpy as np

__all__ = ["summarize", "t_interval", "wilson_interval"]


def t_interval(mean, sd, count, level=0.95):
    """Interval of a mean by Student's t: mean ± t(level, n - 1) sd/√n.

    Parameters
    ----------
    mean, sd : float or ndarray
        Of the sample; `sd` divides by n - 1.
    count : int or ndarray of int
        Sample size n; with less than two there is no interval.
    level : float
        Of confidence, 0 < level < 1.

    Returns
    -------
    low, high : ndarray of float
        Nan where there is none.

    Examples
    --------
    >>> low, high = t_interval(10.0, 2.0, 4)
    >>> print(f"{low:.3f} {high:.3f}")
    6.818 13.182
    """
    from scipy.stats import t

    count = np.asarray(count, float)
    free = np.where(count > 1, count - 1, np.nan)
    half = t.ppf(0.5 + level / 2, free) * np.asarray(sd, float) / np.sqrt(free + 1)
    return mean - half, mean + half


def wilson_interval(share, count, level=0.95):
    """Interval of a share of `count` yes-or-no results (Wilson 1927); parameters and result as in `t_interval`.

    Examples
    --------
    >>> low, high = wilson_interval(1.0, 10)
    >>> print(f"{low:.3f} {high:.3f}")
    0.722 1.000
    """
    from scipy.stats import norm

    z2 = norm.ppf(0.5 + level / 2) ** 2
    share, count = np.asarray(share, float), np.asarray(count, float)
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = np.sqrt(z2) / (1 + z2 / count) * np.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def summarize(table, by, measures, level=0.95):
    """Mean and interval of measures over the rows that share the values of `by`.

    Parameters
    ----------
    table : DataFrame
        A row per run (and time).
    by : list of str
        Columns that tell the groups apart.
    measures : list of str
        Columns of numbers; one of bool is a share of runs.
    level : float

    Returns
    -------
    DataFrame
        Columns `by`, then ``measure``, ``runs`` (with a number), ``mean``, ``sd``, ``low``, ``high``; groups in the order in
        which they first occur, measure by measure.
    """
    import pandas as pd

    parts = []
    for measure in measures:
        values = table[measure]
        groups = values.astype(float).groupby([table[key] for key in by], sort=False, dropna=False)
        part = groups.agg(runs="count", mean="mean", sd="std").reset_index()
        if values.dtype == bool:
            part["low"], part["high"] = wilson_interval(part["mean"], part["runs"], level)
        else:
            part["low"], part["high"] = t_interval(part["mean"], part["sd"], part["runs"], level)
        part.insert(len(by), "measure", measure)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
