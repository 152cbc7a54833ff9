"""The exact steady field around a disc or ball of even uptake in a square or cubic box with held walls, to compare with.

    0 = D∇²c − (k + u) c inside of radius R,   0 = D∇²c − k c outside,   c = wall on the faces

Inside and outside the field is a sum of modified Bessel functions (2-D) or spherical ones (3-D) times angular harmonics
with the symmetry of the box. Value and slope are matched at R mode by mode, which leaves one coefficient per mode; these
are fitted to the walls, which ten modes meet to 2e-5 in 2-D and 3e-4 in 3-D (`UptakeBall.miss` tells). Averaged over angles
the field inside is I₀(κr), or sinh(κr)/κr, times that in the middle, whatever the walls: κ² = (k + u)/D.
"""

import numpy as np
from scipy.special import eval_legendre, iv, ivp, kv, kvp, spherical_in, spherical_kn

__all__ = ["UptakeBall"]

_DIAGONALS = np.array([[1, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]]) / np.sqrt(3)
_EDGES = np.array([[1, 1, 0], [1, -1, 0], [1, 0, 1], [1, 0, -1], [0, 1, 1], [0, 1, -1]]) / np.sqrt(2)


class UptakeBall:
    """Concentration around a disc (2-D) or ball (3-D) that takes up evenly, in the middle of a box.

    Parameters
    ----------
    dimensions : int
        2 or 3.
    size : float
        Edge of the box [µm].
    radius : float
        R [µm].
    diffusion, decay, uptake : float
        D [µm²/min], k > 0 and u [1/min].
    wall : float
        Concentration held on the faces, any unit.
    modes : int
        Angular modes per family.

    Examples
    --------
    With an uptake of nothing the field is that of decay alone, here nearly even.

    >>> ball = UptakeBall(2, 200.0, 50.0, 1e5, 1e-3, 0.0, wall=38.0)
    >>> bool(abs(ball(np.zeros((1, 2)))[0] - 38) < 0.01)
    True
    """

    def __init__(self, dimensions, size, radius, diffusion, decay, uptake, wall, modes=10):
        self.radius = radius
        self.inside, self.outside = np.sqrt((decay + uptake) / diffusion), np.sqrt(decay / diffusion)
        self.dimensions, self.half = dimensions, size / 2
        if dimensions == 2:
            self.modes = [(4 * n, None) for n in range(modes)]
        else:
            families = (np.eye(3), _DIAGONALS, _EDGES)
            self.modes = [(0, np.eye(3))] + [(2 * n, axes) for n in range(2, modes) for axes in families]
        self.parts = [self._matched(order) for order, _ in self.modes]
        points = self._wall_points()
        table = self._table(points)
        self.coefficients = np.linalg.lstsq(table, np.full(len(points), float(wall)), rcond=1e-13)[0]
        self.miss = float(abs(table @ self.coefficients / wall - 1).max())  #: how far the walls are missed [-]

    def __call__(self, offset):
        """Concentration at `offset` from the middle, shape (n, dimensions) [µm]; a new array of shape (n,)."""
        return self._table(np.asarray(offset, float)) @ self.coefficients

    def _functions(self, order, x, slope):
        """Growing and falling radial functions of one order, or their slopes; scaled so that neither over- nor underflows
        within the box."""
        if self.dimensions == 2:
            return (ivp(order, x), kvp(order, x)) if slope else (iv(order, x), kv(order, x))
        return spherical_in(order, x, derivative=slope), spherical_kn(order, x, derivative=slope)

    def _matched(self, order):
        """Share of the falling function outside, and factor of the growing one inside, per growing one outside."""
        a, b = self.inside * self.radius, self.outside * self.radius
        (core, _), (core_slope, _) = self._functions(order, a, False), self._functions(order, a, True)
        (grow, fall), (grow_slope, fall_slope) = self._functions(order, b, False), self._functions(order, b, True)
        steep = self.inside * core_slope / core
        falling = (steep * grow - self.outside * grow_slope) / (self.outside * fall_slope - steep * fall)
        return falling, (grow + falling * fall) / core, self._functions(order, self.outside * self.half, False)[0]

    def _table(self, offset):
        """Each mode at each point, 1 at the distance of the faces; shape (n, n_modes)."""
        distance = np.maximum(np.linalg.norm(offset, axis=1), 1e-9)
        direction, within = offset / distance[:, None], distance < self.radius
        columns = []
        for (order, axes), (falling, inner, scale) in zip(self.modes, self.parts):
            core, _ = self._functions(order, self.inside * np.minimum(distance, self.radius), False)
            grow, fall = self._functions(order, self.outside * np.maximum(distance, self.radius), False)
            radial = np.where(within, inner * core, grow + falling * fall) / scale
            columns.append(radial * self._angular(order, axes, direction))
        return np.stack(columns, axis=1)

    def _angular(self, order, axes, direction):
        if self.dimensions == 2:
            return np.cos(order * np.arctan2(direction[:, 1], direction[:, 0]))
        return eval_legendre(order, direction @ axes.T).mean(axis=1)

    def _wall_points(self):
        along = self.half * (np.arange(40) + 0.5) / 40
        if self.dimensions == 2:
            return np.stack([np.full(40, self.half), along], axis=1)
        y, z = (part.ravel() for part in np.meshgrid(along, along))
        return np.stack([np.full(y.size, self.half), y, z], axis=1)
