"""How a grid of voxels answers something released over a few of them and never taken up.

A *footprint* is the handful of voxels over which a cell releases, with their weights; the *answer* is the
concentration that the mesh then shows in each of them. Both belong to the mesh. What a cell senses is left to
`near_field`.
"""

from math import prod

import numpy as np
from scipy.special import ive

from autocrine_abm.compilation import kernel

__all__ = [
    "FACTOR_HIGH",
    "FACTOR_LOW",
    "PERIODIC",
    "SNUG",
    "SPACING",
    "VOXELS",
    "answer",
    "lattice_green",
    "lay",
]

_STEP = 0.1  # of ln(time); halving it moves no entry by more than 1e-12
_LARGE = 1e6  # argument above which the Bessel function equals its expansion to 1e-12

SNUG = 1.02  # voxels up to which a box is taken as one voxel wide

# What a kernel knows of an axis of the mesh: row of a float64 array of shape (3, 5).
SPACING, VOXELS, PERIODIC, FACTOR_LOW, FACTOR_HIGH = range(5)


def lattice_green(spacing, extent, diffusion, decay):
    """Steady concentration around a unit source on an endless finite-volume grid.

    G solves  k G − D Σ_axes (G₊ − 2 G + G₋)/h² = δ₀/V. It is summed over the time t since release, in ln t,
    as ∫ e^(−kt) Π_axes e^(−z) I_n(z) dt / V  with z = 2Dt/h² (I: modified Bessel function). Nearest-voxel
    value in 3-D without decay: 0.252731/(D h) (Watson 1939). On a plane or a line it only exists for k > 0.

    Parameters
    ----------
    spacing : tuple of 3 float
        Edges of a voxel [µm].
    extent : tuple of 3 int
        Entries of the table along each axis; 1 where the mesh has a single voxel, along which nothing varies.
    diffusion : float
        D [µm²/min], > 0.
    decay : float
        k [1/min], ≥ 0.

    Returns
    -------
    ndarray of float64, shape `extent`
        G at (|i|, |j|, |k|) voxels from the source [min/µm³]. A new array.

    Examples
    --------
    >>> float(lattice_green((1.0, 1.0, 1.0), (2, 2, 2), 1.0, 0.0)[0, 0, 0].round(6))
    0.252731
    """
    wide = [h for h, n in zip(spacing, extent) if n > 1] or spacing
    logarithm = np.arange(np.log(1e-14), np.log(1e26), _STEP)
    time = min(wide) ** 2 / diffusion * np.exp(logarithm)
    spread = []
    for h, n in zip(spacing, extent):
        order = np.arange(n)[:, None]
        z = 2.0 * diffusion * time / h**2
        tail = (1.0 - (4.0 * order**2 - 1.0) / (8.0 * z)) / np.sqrt(2.0 * np.pi * z)
        spread.append(np.where(z < _LARGE, ive(order, np.minimum(z, _LARGE)), tail) if n > 1 else np.ones((1, z.size)))
    weight = _STEP * time * np.exp(-decay * time) / prod(spacing)
    plane = (spread[0][:, None, :] * (spread[1] * weight)[None, :, :]).reshape(-1, time.size)
    return np.ascontiguousarray((plane @ spread[2].T).reshape(extent))


@kernel
def lay(x, side, axis, weight):
    """Spread a unit amount at x over voxels of one axis, into `weight`; returns the first voxel and how many.

    A box as wide as `side`, or as a voxel where that is not much wider (then 27 voxels do, not 64), smoothed by a
    tent of one voxel to either side. This keeps the sum (1) and the center (x) exactly; with a box of one voxel it
    is the quadratic B-spline, whose width does not depend on where in the voxel x lies either. What would fall
    beyond a wall is mirrored back. Along a periodic axis the first voxel may be negative: wrap it.
    """
    h = axis[SPACING]
    n = int(axis[VOXELS])
    if n == 1:
        weight[0] = 1.0
        return 0, 1
    center = x / h
    if axis[PERIODIC] == 0.0:
        center = min(max(center, 0.0), float(n))
    width = side / h if side > SNUG * h else 1.0
    first = int(np.floor(center - 0.5 * width - 1.5)) + 1
    count = int(np.ceil(width + 2.0 - 1e-9))
    begin, end = first, first + count
    if axis[PERIODIC] == 0.0:
        begin, end = max(begin, 0), min(end, n)
    cut = end - begin < count
    if cut:
        for v in range(end - begin):
            weight[v] = 0.0
    # a voxel's weight is the integral of its tent over the box: up to the high edge, less up to the low one
    for i in range(first, first + count):
        low = max(min(i + 0.5 - center - 0.5 * width, 1.0), -1.0)
        high = max(min(i + 0.5 - center + 0.5 * width, 1.0), -1.0)
        below, above = 1.0 - abs(low), 1.0 - abs(high)  # no branch to mispredict
        below, above = 0.5 * below * below, 0.5 * above * above
        part = (above if high < 0.0 else 1.0 - above) - (below if low < 0.0 else 1.0 - below)
        if width != 1.0:
            part /= width
        if not cut:
            weight[i - begin] = part
            continue
        v = i
        if v < 0:
            v = -1 - v
        if v >= n:
            v = 2 * n - 1 - v
        weight[min(max(v, begin), end - 1) - begin] += part
    return begin, end - begin


@kernel
def _lags(begin, count, weight, axis, low, high, lag, matrix):
    """Sum a footprint along one axis over voxels equally far from each of its voxels, mirror images included.

    ``matrix[v, c]`` is the weight at ``lag[c]`` voxels from voxel v; returns how many c there are. `low` and
    `high` say whether the images behind those walls count.
    """
    total = count + (2 * count - 1) * ((1 if low else 0) + (1 if high else 0))
    for v in range(count):
        for c in range(total):
            matrix[v, c] = 0.0
    for c in range(count):
        lag[c] = c
    at = count
    if low:
        for c in range(2 * count - 1):
            lag[at + c] = 2 * begin + 1 + c
        at += 2 * count - 1
    if high:
        for c in range(2 * count - 1):
            lag[at + c] = 2 * (int(axis[VOXELS]) - begin) - 1 - c
    for v in range(count):
        for other in range(count):
            matrix[v, abs(v - other)] += weight[other]
            at = count
            if low:
                matrix[v, at + v + other] += axis[FACTOR_LOW] * weight[other]
                at += 2 * count - 1
            if high:
                matrix[v, at + v + other] += axis[FACTOR_HIGH] * weight[other]
    return total


@kernel
def answer(begin, count, weight, axes, mirrored, table, lag, matrix, work, out):
    """Concentration in each voxel of a footprint per unit released over it, mirror images included.

    Parameters
    ----------
    begin, count : ndarray of int64, shape (3,)
    weight : ndarray of float64, shape (3, m)
    axes : ndarray of float64, shape (3, 5)
    mirrored : ndarray of bool, shape (3, 2)
        Whether the images behind the low and high wall of each axis are counted.
    table : ndarray of float64
        From `lattice_green`, long enough for the farthest image.
    lag, matrix, work : ndarray
        Space to work in: (3, 5 m) int64, (3, m, 5 m) float64, (2, 5 m, 5 m, m) float64.
    out : ndarray of float64, shape (m, m, m)
        Filled up to `count` [min/µm³].
    """
    classes = np.empty(3, np.int64)
    for d in range(3):  # a loop, because each call written out costs a second of compilation
        classes[d] = _lags(begin[d], count[d], weight[d], axes[d], mirrored[d, 0], mirrored[d, 1], lag[d], matrix[d])
    k0, k1, k2 = classes[0], classes[1], classes[2]
    for a in range(k0):
        for b in range(k1):
            for z in range(count[2]):
                total = 0.0
                for c in range(k2):
                    total += table[lag[0, a], lag[1, b], lag[2, c]] * matrix[2, z, c]
                work[0, a, b, z] = total
        for y in range(count[1]):
            for z in range(count[2]):
                total = 0.0
                for b in range(k1):
                    total += work[0, a, b, z] * matrix[1, y, b]
                work[1, a, y, z] = total
    for x in range(count[0]):
        for y in range(count[1]):
            for z in range(count[2]):
                total = 0.0
                for a in range(k0):
                    total += work[1, a, y, z] * matrix[0, x, a]
                out[x, y, z] = total
