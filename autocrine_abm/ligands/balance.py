"""Makes every molecule of a time step account for itself: what entered is what is there or left, to rounding.

A solver leaves an error. `balance` lifts or lowers a solution by so little that the sums over all voxels are
those of an exact one, and tells what decayed, was taken up and left; ledgers (`field`) add that up. How the
solution came about is left to `stepping`.
"""

from dataclasses import dataclass

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.smoothing import N1, N2, summed, topmost

__all__ = ["Flows", "balance"]


@dataclass
class Flows:
    """Sums over one stage.

    Attributes
    ----------
    total : float
        Σ y over the voxels [molecules/µm³].
    taken, out : float
        Uptake, and net flow out through the walls [molecules/µm³/min].
    depth : float
        How far it fell below zero anywhere [molecules/µm³].
    cut : float
        What was cut off below zero, as a share of the turnover [-].
    """

    total: float
    taken: float
    out: float
    depth: float
    cut: float


@kernel
def _totals(low, high, row, clip, base, loss, y, partial):
    """Sums over each plane: Σ y, Σ loss y, Σ |y|; and, if negative values are clipped to zero, the depth of
    them and the turnover Σ (base + loss) |y| that went with them."""
    n1, n2 = row[N1], row[N2]
    total, taken, size = np.empty(n2), np.empty(n2), np.empty(n2)
    depth, cut = np.empty(n2), np.empty(n2)
    for i in range(low, high):
        total[:], taken[:], size[:], depth[:], cut[:] = 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(n1):
            begin = (i * n1 + j) * n2
            here, uptake = y[begin : begin + n2], loss[begin : begin + n2]
            for k in range(n2):
                value = here[k]
                below = value if clip and value < 0.0 else 0.0
                depth[k] = -below if -below > depth[k] else depth[k]
                cut[k] -= (base + uptake[k]) * below
                value -= below
                here[k] = value
                total[k] += value
                taken[k] += uptake[k] * value
                size[k] += abs(value)
        partial[i, 0], partial[i, 1], partial[i, 2] = summed(total), summed(taken), summed(size)
        partial[i, 3], partial[i, 4] = summed(cut), topmost(depth)


@kernel
def _shares(low, high, row, mean, loss, y, partial):
    """Sums over each plane of w = min(|y|, mean) and of loss w."""
    n1, n2 = row[N1], row[N2]
    total, taken = np.empty(n2), np.empty(n2)
    for i in range(low, high):
        total[:], taken[:] = 0.0, 0.0
        for j in range(n1):
            begin = (i * n1 + j) * n2
            here, uptake = y[begin : begin + n2], loss[begin : begin + n2]
            for k in range(n2):
                share = abs(here[k])
                share = share if share < mean else mean
                total[k] += share
                taken[k] += uptake[k] * share
        partial[i, 0], partial[i, 1] = summed(total), summed(taken)


@kernel
def _raise(low, high, row, factor, mean, y):
    """y += factor · min(|y|, mean)"""
    plane = row[N1] * row[N2]
    here = y[low * plane : high * plane]
    for v in range(here.size):
        share = abs(here[v])
        here[v] += factor * (share if share < mean else mean)


def balance(solver, walls, base, expected, y, loss, positive, partial):
    """Lift or lower a stage until Σ (σ + k + loss + walls) y = Σ rhs, as it is for an exact solution.

    The correction is spread over the voxels as min(|y|, mean |y|): in proportion to y, so that nothing turns
    negative or appears where nothing is, but not onto peaks, which would have to bear the residual of the whole
    box. So no voxel changes by more than a few times the error that the solver left.

    Parameters
    ----------
    solver : Solver
        Shares the loops.
    walls : WallExchange
        Of the mesh.
    base : float
        σ + k [1/min].
    expected : float
        Σ rhs [molecules/µm³/min].
    y : ndarray of float, shape (n_voxels,)
        Changed in place [molecules/µm³].
    loss : ndarray of float, shape (n_voxels,)
        [1/min]
    positive : bool
        Whether values below zero are clipped first.
    partial : ndarray of float, shape (n_planes, 5)
        Work array.

    Returns
    -------
    Flows
    """
    solver.share(_totals, positive, base, loss, y, partial)
    total, taken, size, cut = partial[:, :4].sum(axis=0)
    depth, mean = partial[:, 4].max(), size / y.size
    walled = walls.voxel.size > 0
    out = walls.conductance @ y[walls.voxel] if walled else 0.0
    missing = expected - (base * total + taken + out)
    turnover = base * size + abs(taken) + abs(out)
    if size > 0 and abs(missing) > 1e-15 * turnover:
        solver.share(_shares, mean, loss, y, partial)
        part, part_taken = partial[:, :2].sum(axis=0)
        part_out = walls.conductance @ np.minimum(abs(y[walls.voxel]), mean) if walled else 0.0
        factor = missing / (base * part + part_taken + part_out)
        factor = max(factor, -0.5) if positive else factor  # a stage that is thrown away for it must not change sign
        solver.share(_raise, factor, mean, y)
        total, taken, out = total + factor * part, taken + factor * part_taken, out + factor * part_out
    return Flows(
        float(total),
        float(taken),
        float(out - walls.supply.sum()) if walled else float(out),
        float(depth),
        float(cut / (cut + turnover)) if cut else 0.0,
    )
