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
from autocrine_abm.meeting import meet, part

__all__ = ["LIGHT", "Multigrid"]

LIGHT = 2  # loops over voxels do so much less per element (0.4 to 1 ns) than what a `Team` is made for
CYCLE = 2  # and a whole cycle does so much more
MEETING = 8  # threads that meet in compiled code may share so much shorter loops than threads that are called for each


@kernel
def _cycle(member, members, gate, least, rows, weights, relaxation, near, far, between, x, y, b, s, partial):
    """V-cycle, from a zero guess; the answer is left in y.

    All members of a team call it and share the levels with at least `least` elements for each of them; the first does
    the rest.
    """
    bottom = rows.shape[0] - 1
    for level in range(bottom):
        row, lower, weight = rows[level], rows[level + 1], weights[level]
        shared = row[SIZE] >= least * members
        u, _, right, loss = _views(row, x, y, b, s)
        low, high = part(row[N0], member, members, shared)
        if low < high:
            begin(low, high, row, weight, relaxation[level], right, loss, u)
        if shared:
            meet(gate, members)
        to = b[lower[OFFSET] : lower[OFFSET] + lower[SIZE]]
        low, high = part(lower[N0], member, members, shared)
        if low < high:
            descend(low, high, row, lower, weight, near[level], far[level], between[level], u, right, loss, to)
        if shared:
            meet(gate, members)
    row = rows[bottom]  # a single voxel, and its ghosts
    only = row[OFFSET] + row[FIRST] * row[PITCH] + 1
    if member == 0:
        y[row[OFFSET] : row[OFFSET] + row[SIZE]] = b[only] / (s[only] + weights[bottom, 4])
        if bottom == 0:
            partial[0, 0], partial[0, 1] = float(y[only]) * float(b[only]), abs(y[only])
    for level in range(bottom - 1, -1, -1):
        row, lower, weight = rows[level], rows[level + 1], weights[level]
        shared = row[SIZE] >= least * members
        if shared:
            meet(gate, members)
        u, v, right, loss = _views(row, x, y, b, s)
        e = y[lower[OFFSET] : lower[OFFSET] + lower[SIZE]]
        tables = near[level], far[level], between[level]
        low, high = part(row[N0], member, members, shared)
        if low < high:
            ascend(low, high, row, lower, weight, relaxation[level], *tables, e, right, loss, u, v, partial)


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
        Threads that share the large levels; the first does the small ones.
    sweeps : int
        Chebyshev–Jacobi sweeps before and again after the coarse correction, on all levels but the finest,
        which has two; at least 2.

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
        self.s = np.ones(total, np.float32)  # ghosts too: they are divided by, never used
        n = len(self.rows)
        self.weights = np.zeros((n, 5), np.float32)  # D/h² per axis, Σ 2 D/h², σ + k
        self.near, self.far, self.between = interpolation(self.rows)
        self.relaxation, self.sweeps = np.zeros((n, max(sweeps, 2)), np.float32), sweeps
        self._diffusion = self._base = None  # what weights and sweeps are made for
        self.partial = np.zeros((self.rows[0, N0], 2))  # by planes of the finest level, which comes last
        self.answer, self.idle = self.y[: self.rows[0, SIZE]], self.x[: self.rows[0, SIZE]]
        self._steps_down = [
            (int(lower[N0]), int(lower[SIZE]), row, lower, self._view(self.s, level), self._view(self.s, level + 1))
            for level, (row, lower) in enumerate(zip(self.rows, self.rows[1:]))
        ]
        self._parts = (
            self.rows, self.weights, self.relaxation, self.near, self.far, self.between, self.x, self.y, self.b, self.s,
            self.partial,
        )  # fmt: skip

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
        for resistance, (count, work, fine, coarse, s, to) in zip(self._resistance, self._steps_down):
            self.team.run(coarsen, count, fine, coarse, resistance, s, to, work=work)

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
        """One V-cycle from a zero guess, z = `answer` ≈ A⁻¹ b."""
        least = max(1, self.team.smallest_slab * LIGHT // MEETING)
        self.team.together(_cycle, least, *self._parts, work=CYCLE * int(self.rows[0, SIZE]))

    def highest(self):
        """Largest |z| that `cycle` found."""
        return self.partial[:, 1].max()

    def _tables(self, level):
        return self.near[level], self.far[level], self.between[level]

    def _view(self, array, level):
        row = self.rows[level]
        return array[row[OFFSET] : row[OFFSET] + row[SIZE]]


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
        wrap = np.logical_and(periodic, wide)
        rows.append([*shape, pitch, n_rows, first, *wrap, *place, sweeps if rows else 2])
        spacings.append(spacing)
        offset += rows[-1][SIZE]
        if not wide.any():
            return np.array(rows, np.int64), np.array(spacings)
        shape = np.where(wide & (spacing < 1.5 * spacing[wide].min()), (shape + 1) // 2, shape)
