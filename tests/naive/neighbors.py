"""Neighbors the obvious way: look at everybody."""

import numpy as np


def neighbors(position, reach, size, periodic, counts=(True, True, True)):
    """List of arrays: rows closer than `reach` to each row, ascending; by the nearest image along periodic
    axes."""
    found = []
    for here in position:
        apart = np.where(counts, position - here, 0.0)
        apart -= np.where(periodic, size * np.round(apart / size), 0.0)
        found.append(np.flatnonzero((apart**2).sum(axis=1) < reach**2))
    return [rows[rows != row] for row, rows in enumerate(found)]
