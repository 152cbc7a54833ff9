"""Interpolation between two levels and one Chebyshev–Jacobi smoothing, as dense matrices."""

import numpy as np


def interpolation(fine, coarse, wrap):
    """Linear interpolation along one axis between the centers of equal voxels, shape (fine, coarse)."""
    p = np.zeros((fine, coarse))
    for i in range(fine):
        x = (i + 0.5) / fine * coarse - 0.5
        low = int(np.floor(x))
        for j, weight in ((low, low + 1 - x), (low + 1, x - low)):
            p[i, j % coarse if wrap else min(max(j, 0), coarse - 1)] += weight
    return p


def smooth(a, diagonal, b, shortest, longest, sweeps):
    """Chebyshev acceleration of Jacobi from zero, by the three-term recurrence (Saad 2003, algorithm
    12.1)."""
    center, radius = (longest + shortest) / 2, (longest - shortest) / 2
    rho, d = radius / center, b / diagonal / center
    x = d
    for _ in range(sweeps - 1):
        before, rho = rho, 1 / (2 * center / radius - rho)
        d = rho * before * d + 2 * rho / radius * (b - a @ x) / diagonal
        x = x + d
    return x
