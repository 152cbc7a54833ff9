"""Geometric multigrid: one V-cycle that removes most of the error of a ligand field, near and far, at once.

Solves, roughly, (s + σ + k) x − D∇²x = b, where s is the loss per voxel. Every level is the same
finite-volume operator on voxels twice as large, discretized anew. A cycle smooths (`smoothing`), which damps
what only the fine voxels can see, restricts the residual, solves the coarser problem the same way and adds
its interpolated answer (`transfer`). Pre- and post-smoothing are the same polynomial and restriction is the
adjoint of interpolation, so that the cycle is a symmetric preconditioner. It works in single precision: the
outer iteration (`conjugate_gradient`) holds the answer and its residual in double precision and so decides
the accuracy.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.smoothing import FIRST, N0, OFFSET, PITCH, SIZE, begin, chebyshev
from autocrine_abm.ligands.transfer import ascend, coarsen, descend, interpolation, series_resistance

__all__ = ["LIGHT", "Multigrid"]

LIGHT = 2  # loops over voxels do so much less per element (0.4 to 1 ns) than what a `Team` is made for


@kernel
def _cycle(top, rows, weights, relaxation, near, far, between, x, y, b, s, partial):
    """V-cycle from level `top` down, on one thread; the answer is left in y."""
    bottom, zero = rows.shape[0] - 1, np.int64(0)  # a bare 0 has callees compiled once more, for that value
    for level in range(top, bottom):
        row, lower, weight, omega, n0 = rows[level], rows[level + 1], weights[level], relaxation[level], rows[level, N0]
        u, v, right, loss = _views(row, x, y, b, s)
        begin(zero, n0, row, weight, omega, right, loss, u)
        to = b[lower[OFFSET] : lower[OFFSET] + lower[SIZE]]
        descend(zero, lower[N0], row, lower, weight, near[level], far[level], between[level], u, right, loss, to)
    row = rows[bottom]  # a single voxel, and its ghosts
    only = row[OFFSET] + row[FIRST] * row[PITCH] + 1
    y[row[OFFSET] : row[OFFSET] + row[SIZE]] = b[only] / (s[only] + weights[bottom, 4])
    for level in range(bottom - 1, top - 1, -1):
        row, lower, weight, omega, n0 = rows[level], rows[level + 1], weights[level], relaxation[level], rows[level, N0]
        u, v, right, loss = _views(row, x, y, b, s)
        e = y[lower[OFFSET] : lower[OFFSET] + lower[SIZE]]
        ascend(
            zero, n0, row, lower, weight, omega, near[level], far[level], between[level], e, right, loss, u, v, partial
        )


@kernel
def _views(row, x, y, b, s):
    """The four arrays of one level."""
    first, end = row[OFFSET], row[OFFSET] + row[SIZE]
    return x[first:end], y[first:end], b[first:end], s[first:end]


class Multigrid:
    """The levels of one mesh and the V-cycle over them.

    Parameters
    ----------
    shape, spacing, periodic : tuples of 3
        The mesh with its axes ordered as `operator.Layout` wants them: one voxel wide axes not last.
    team : Team
        Threads that share the large levels; small ones run in the caller.
    sweeps : int
        Chebyshev–Jacobi sweeps before and again after the coarse correction, on all levels but the finest,
        which has two; an even number.

    Attributes
    ----------
    rows : ndarray of int64, shape (n_levels, 12)
        Geometry of the levels, finest first.
    b : ndarray of float32
        Right-hand side; the caller fills the finest level, ``b[:size]``.
    s : ndarray of float32
        Loss by uptake and walls [1/min]; the caller fills the finest level.
    idle : ndarray of float32
        Memory of `cycle` that it does not need from one call to the next, in the layout of the finest level.
    answer : ndarray of float32
        What `cycle` leaves: an approximate solution in the layout of the finest level (view).
    """

    def __init__(self, shape, spacing, periodic, team, sweeps=4):
        self.team = team
        self.rows, self.spacings = _levels(shape, spacing, periodic, sweeps)
        total = int(self.rows[-1, OFFSET] + self.rows[-1, SIZE])
        self.x, self.y, self.b = (np.zeros(total, np.float32) for _ in range(3))
        self.idle = self.x[: self.rows[0, SIZE]]
        self.s = np.ones(total, np.float32)  # ghosts too: they are divided by, never used
        n = len(self.rows)
        self.weights = np.zeros((n, 5), np.float32)  # D/h² per axis, Σ 2 D/h², σ + k
        self.near, self.far, self.between = interpolation(self.rows)
        self.relaxation, self.sweeps = np.zeros((n, max(sweeps, 2)), np.float32), sweeps
        self._diffusion = self._base = None  # what weights and sweeps are made for
        self.partial = np.zeros((self.rows[0, N0], 2))  # by planes of the finest level, which comes last
        self.answer = self.y[: self.rows[0, SIZE]]
        # levels too small to be worth sharing are done in one call
        work = self.rows[:, :3].prod(axis=1)
        self.shared = int(np.sum(work >= 2 * LIGHT * team.smallest_slab)) if team.threads > 1 else 0
        self.shared = min(self.shared, n - 1)

    def absorb(self, diffusion):
        """Discretize diffusion on every level, and coarsen the loss in ``s`` of the finest.

        Parameters
        ----------
        diffusion : float
            D [µm²/min].
        """
        wide = self.rows[:, :3] > 1
        if diffusion != self._diffusion:
            self._diffusion, self._base = diffusion, None
            a = np.where(wide, diffusion / self.spacings**2, 0.0)
            total = 2 * a.sum(axis=1)
            self.weights[:, :3], self.weights[:, 3] = a, total
            coarsened = self.rows[1:, :3] < self.rows[:-1, :3]
            self._slowest = 1.5 * np.where(coarsened, a[:-1], np.inf).min(axis=1)
            self._total = total[:-1]
            self._resistance = [
                np.float32(series_resistance(axes, all_)) for axes, all_ in zip(coarsened.sum(axis=1), total)
            ]
        for level, resistance in enumerate(self._resistance):
            views = self._view(self.s, level), self._view(self.s, level + 1)
            self._share(coarsen, level + 1, self.rows[level], self.rows[level + 1], resistance, *views)

    def shift(self, base):
        """Set the loss that all voxels share, σ + k [1/min], and the sweeps that go with it."""
        if base == self._base:
            return
        self._base = base
        self.weights[:, 4] = base
        # The sweeps damp what the next level cannot see: waves shorter than four voxels along a coarsened axis.
        diagonal = base + self._total
        shortest, longest = (base + self._slowest) / diagonal, (base + 2 * self._total) / diagonal
        for levels, sweeps in ((slice(0, 1), 2), (slice(1, None), self.sweeps)):
            self.relaxation[:-1][levels, :sweeps] = chebyshev(shortest[levels], longest[levels], sweeps)

    def cycle(self):
        """One V-cycle from a zero guess, z = `answer` ≈ A⁻¹ b; returns z·b and max |z|.

        Large levels are shared, the rest is one call.
        """
        for level in range(self.shared):
            row, weight, omega = self.rows[level], self.weights[level], self.relaxation[level]
            u, v, b, s = (self._view(array, level) for array in (self.x, self.y, self.b, self.s))
            self._share(begin, level, row, weight, omega, b, s, u)
            lower, tables = self.rows[level + 1], self._tables(level)
            self._share(descend, level + 1, row, lower, weight, *tables, u, b, s, self._view(self.b, level + 1))
        tables = self.near, self.far, self.between
        arrays = self.x, self.y, self.b, self.s, self.partial
        _cycle(self.shared, self.rows, self.weights, self.relaxation, *tables, *arrays)
        for level in reversed(range(self.shared)):
            row, weight, omega = self.rows[level], self.weights[level], self.relaxation[level]
            u, v, b, s = (self._view(array, level) for array in (self.x, self.y, self.b, self.s))
            lower, e = self.rows[level + 1], self._view(self.y, level + 1)
            self._share(ascend, level, row, lower, weight, omega, *self._tables(level), e, b, s, u, v, self.partial)
        if len(self.rows) == 1:
            self.partial[0, :2] = float(self.answer[1]) * float(self.b[1]), abs(self.answer[1])
        return self.partial[:, 0].sum(), self.partial[:, 1].max()

    def _tables(self, level):
        return self.near[level], self.far[level], self.between[level]

    def _view(self, array, level):
        row = self.rows[level]
        return array[row[OFFSET] : row[OFFSET] + row[SIZE]]

    def _share(self, function, level, *arguments):
        row = self.rows[level]
        self.team.run(function, int(row[N0]), *arguments, work=int(row[SIZE]))


def _levels(shape, spacing, periodic, sweeps):
    """Geometry of all levels: halve the finely cut axes first, down to a single voxel.

    Every level fills the same box with equal voxels: an axis of 7 becomes 4 voxels 7/4 as long.
    """
    shape, size = np.array(shape), np.multiply(shape, spacing)
    rows, spacings, offset = [], [], 0
    while True:
        spacing, wide = size / shape, shape > 1
        pitch = shape[2] + 2
        n_rows, first = (1, 0) if shape[1] == 1 else (shape[1] + 2, 1)
        place = offset, shape[0] * n_rows * pitch
        rows.append([*shape, pitch, n_rows, first, *periodic, *place, sweeps if rows else 2])
        spacings.append(spacing)
        offset += rows[-1][SIZE]
        if not wide.any():
            return np.array(rows, np.int64), np.array(spacings)
        shape = np.where(wide & (spacing < 1.5 * spacing[wide].min()), (shape + 1) // 2, shape)
