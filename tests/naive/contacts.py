"""Contacts, pair by pair."""

import numpy as np


def count_naively(position, radius, group, n_groups, adhesion_distance, size, periodic, flat):
    """Touching cells of each group for every cell; array of int, shape (n, n_groups)."""
    counts = np.zeros((len(position), n_groups), int)
    for row, here in enumerate(position):
        for other, there in enumerate(position):
            apart = here - there
            for axis in range(3):
                if periodic[axis]:
                    apart[axis] -= size[axis] * round(apart[axis] / size[axis])
                if flat[axis]:
                    apart[axis] = 0.0
            near = np.sqrt(apart @ apart) < adhesion_distance * (radius[row] + radius[other])
            if other != row and near and group[other] >= 0:
                counts[row, group[other]] += 1
    return counts
