"""The usual scheme of agent-based simulators, to compare with: secretion split from diffusion, diffusion
split by axis.

Each small step (0.01 min is customary) first adds what cells secrete, c ← (c + dt source)/(1 + dt loss),
then solves one implicit tridiagonal system per axis, each with a third of the decay (Ghaffarizadeh et al.
2016, BioFVM). Coefficients of the Thomas algorithm are computed once; sweeps run along memory wherever the
axis allows.
"""

import numpy as np
from numba import njit


@njit(cache=True)
def _sweep_first(c, denominator, factor, coupling):
    """Solve along axis 0 of (n, m), all m systems side by side."""
    n, m = c.shape
    for v in range(m):
        c[0, v] *= denominator[0]
    for i in range(1, n):
        for v in range(m):
            c[i, v] = (c[i, v] + coupling * c[i - 1, v]) * denominator[i]
    for i in range(n - 2, -1, -1):
        for v in range(m):
            c[i, v] += factor[i] * c[i + 1, v]


@njit(cache=True)
def _sweep_last(c, denominator, factor, coupling):
    """Solve along axis 1 of (m, n), one system after another."""
    m, n = c.shape
    for v in range(m):
        c[v, 0] *= denominator[0]
        for i in range(1, n):
            c[v, i] = (c[v, i] + coupling * c[v, i - 1]) * denominator[i]
        for i in range(n - 2, -1, -1):
            c[v, i] += factor[i] * c[v, i + 1]


@njit(cache=True)
def _exchange(c, source, loss, dt):
    for v in range(c.size):
        c[v] = (c[v] + dt * source[v]) / (1 + dt * loss[v])


@njit(cache=True)
def _step(c, source, loss, dt, coupling, denominator, factor):
    nx, ny, nz = c.shape
    _exchange(c.reshape(-1), source.reshape(-1), loss.reshape(-1), dt)
    _sweep_first(c.reshape(nx, ny * nz), denominator[0], factor[0], coupling)
    for i in range(nx):
        _sweep_first(c[i], denominator[1], factor[1], coupling)
    _sweep_last(c.reshape(nx * ny, nz), denominator[2], factor[2], coupling)


class LocallyOneDimensional:
    """Closed walls, cubic voxels; step(c, source, loss) moves c of shape (nx, ny, nz) on by dt."""

    def __init__(self, shape, spacing, diffusion, decay, dt):
        self.dt, self.coupling, axes = dt, dt * diffusion / spacing**2, []
        for n in shape:
            diagonal = np.full(n, 1 + dt * decay / 3 + 2 * self.coupling)
            diagonal[0] -= self.coupling
            diagonal[-1] -= self.coupling
            denominator, factor = np.empty(n), np.empty(n)
            before = 0.0
            for i in range(n):
                denominator[i] = 1 / (diagonal[i] - self.coupling * before)
                factor[i] = before = self.coupling * denominator[i]
            axes.append((denominator, factor))
        self.denominator, self.factor = zip(*axes)

    def step(self, c, source, loss):
        _step(c, source, loss, self.dt, self.coupling, self.denominator, self.factor)
