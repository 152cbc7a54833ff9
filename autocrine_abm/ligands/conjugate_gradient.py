"""Solves A c = rhs for a ligand field: conjugate gradients, preconditioned by one multigrid cycle per step.

`Solver` owns the work arrays, which all ligands of a tissue share. What A and rhs mean is left to `stepping`.
"""

from dataclasses import dataclass

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands import operator
from autocrine_abm.ligands.multigrid import LIGHT, Multigrid
from autocrine_abm.ligands.smoothing import N0, N2, OFFSET, SIZE
from autocrine_abm.meeting import meet, part
from autocrine_abm.mesh.cartesian import Mesh

__all__ = ["Solve", "Solver"]


@dataclass
class Solve:
    """How a solution was reached.

    Attributes
    ----------
    cycles : int
        Multigrid cycles spent.
    error : float
        Estimated largest error, relative to the largest value of the field.
    residuals : list of float
        Root-mean-square residual [molecules/µm³/min], before the first cycle and after each.
    """

    cycles: int
    error: float
    residuals: list


_WORTHLESS = 1e9  # residual of a guess over the right-hand side beyond which its square would not fit single precision for long
_NOTHING = 1e-200  # molecules/µm³/min that no longer move a field; their reciprocal is still a number
_DRIFT = 1e-4  # fall of the residual after which single precision, 6e-8 of where it began, is seen in it


@kernel
def _advance(member, members, gate, row, weight, z, previous, length, sums, s, p, applied, b, x, found, partial):
    """One step of conjugate gradients: p = z + β p, b −= α A p, x += length · α p.

    All members of a team call it. `previous` is z·b of the step before, 0 in the first; found = z·b, p·A p and max |z|
    of this one, then Σ b², max |b| and max |x| after it; `sums` by planes from `cycle`.
    """
    low, high = part(row[N0], member, members, True)
    product, curved, most = 0.0, 0.0, 0.0
    for i in range(row[N0]):
        product += sums[i, 0]
        most = max(most, sums[i, 1])
    operator.redirect(low, high, row, z, product / previous if previous > 0 else 0.0, p)
    meet(gate, members)
    operator.curvature(low, high, row, weight, p, s, applied, partial)
    meet(gate, members)
    for i in range(row[N0]):
        curved += partial[i, 3]
    if member == 0:
        found[0], found[1], found[2] = product, curved, most
    if curved != 0:
        step = product / curved
        operator.update(low, high, row, step, step * length, p, applied, b, x, partial)
        meet(gate, members)
        if member == 0:
            square, worst, highest = 0.0, 0.0, 0.0
            for i in range(row[N0]):
                square += partial[i, 0]
                worst, highest = max(worst, partial[i, 1]), max(highest, partial[i, 2])
            found[3], found[4], found[5] = square, worst, highest


class Solver:
    """Work arrays and the preconditioned conjugate gradient iteration for one mesh.

    The cycle is symmetric, so Fletcher–Reeves steps suffice. Directions and the residual are in single
    precision, as the cycle is; the solution is in double precision, and whenever the residual has fallen so
    far that rounding might show in it, it is computed anew from the solution. The iteration ends on the
    error, not on the residual, because users read concentrations: either the maximum principle bounds the
    error, ‖e‖∞ ≤ ‖r‖∞/(σ + k), or the correction that the last cycle made, times twice the factor by which
    the residual fell with it, is small.

    Parameters
    ----------
    mesh : Mesh
    team : Team
    sweeps : int
        Smoothing sweeps of the multigrid cycle below the finest level.
    """

    def __init__(self, mesh, team, sweeps=4):
        self.mesh, self.team = mesh, team
        order, *canonical = operator.canonical(mesh)
        self.multigrid = Multigrid(*canonical, team, sweeps)
        self.meshes = [mesh]  # of the multigrid levels, finest first
        for row in self.multigrid.rows[1:]:
            shape = [0, 0, 0]
            for axis, count in zip(order, row):
                shape[axis] = int(count)
            spacing = tuple(length / count for length, count in zip(mesh.size, shape))
            self.meshes.append(Mesh(tuple(shape), spacing, mesh.periodic))
        self.row, self.spacing = self.multigrid.rows[0], self.multigrid.spacings[0]
        size = int(self.row[SIZE])
        self.rhs, self.p = np.zeros(mesh.n_voxels), np.zeros(size, np.float32)
        self.found = np.zeros(6)
        self.b, self.s = self.multigrid.b[:size], self.multigrid.s[:size]  # residual, and loss with the walls
        self.partial = np.zeros((int(self.row[N0]), 4))
        self.weight = np.zeros(3)
        self.base = 0.0

    def prepare(self, diffusion, loss, walls):
        """Take up a new operator, all but the loss that its voxels share.

        Parameters
        ----------
        diffusion : float
            D [µm²/min].
        loss : ndarray of float, shape (n_voxels,)
            Uptake per voxel [1/min], ≥ 0; kept as a view until the next call.
        walls : list of WallExchange
            For the mesh of each multigrid level, as `walls` makes them.
        """
        self.loss, self.walls = loss, walls[0]
        self.weight[:] = np.where(self.row[N0 : N2 + 1] > 1, diffusion / self.spacing**2, 0.0)
        self.share(operator.precondition, loss, self.s)
        self.multigrid.absorb(diffusion)
        if walls[0].voxel.size:
            for row, wall in zip(self.multigrid.rows, walls):
                level = self.multigrid.s[row[OFFSET] : row[OFFSET] + row[SIZE]]
                operator.wall_off(row, wall.voxel, wall.conductance, level)

    def shift(self, base):
        """Set the loss that all voxels share, σ + k [1/min]."""
        self.base = float(base)
        self.multigrid.shift(self.base)

    def solve(self, x, highest_rhs, tolerance, most_cycles=60):
        """Improve x until A x = rhs, where `rhs` was set by `operator.stage`.

        Parameters
        ----------
        x : ndarray of float, shape (n_voxels,)
            Guess on entry, solution on return.
        highest_rhs : float
            Largest |rhs| [molecules/µm³/min].
        tolerance : float
            Largest error allowed, relative to the largest value in the field [-].
        most_cycles : int
            After so many cycles the solver gives up with ArithmeticError.

        Returns
        -------
        Solve
        """
        if highest_rhs <= _NOTHING:
            x[:] = 0.0
            return Solve(0, 0.0, [0.0])
        scale = 1.0 / highest_rhs  # of residual and directions, so that single precision holds them
        square, worst, highest = self.defect(self.base, scale, x)
        if not worst <= _WORTHLESS and np.isfinite(highest):  # a field that all but vanishes: nothing is the better guess
            x[:] = 0.0
            square, worst, highest = self.defect(self.base, scale, x)
        true = square
        residuals, cycles, product = [np.sqrt(square / x.size) / scale], 0, 0.0
        while True:
            error = worst / scale / self.base if self.base > 0 else np.inf
            if np.isfinite(square) and (worst <= 1e-14 or error <= tolerance * highest):
                return Solve(cycles, min(error / highest if highest > 0 else 0.0, tolerance), residuals)
            if cycles == most_cycles or not np.isfinite(square):
                raise ArithmeticError(
                    f"the field did not settle in {cycles} multigrid cycles (residual {residuals[-1]:.3g} of "
                    f"{residuals[0]:.3g} left); is a rate infinite, negative or not a number?"
                )
            self.multigrid.cycle()
            self.team.together(
                _advance, self.row, self.multigrid.weights[0], self.multigrid.answer, product, 1 / scale,
                self.multigrid.partial, self.s, self.p, self.multigrid.idle, self.b, x, self.found, self.partial,
                work=x.size // LIGHT,
            )  # fmt: skip
            product, curvature, correction, square, worst, highest = self.found.tolist()
            if curvature == 0:
                return Solve(cycles, 0.0, residuals)
            cycles += 1
            residuals.append(np.sqrt(square / x.size) / scale)
            fall = residuals[-1] / residuals[-2] if residuals[-2] > 0 else 0.0
            remaining = correction / scale * min(1.0, max(0.1, 2 * fall))
            if remaining <= tolerance * highest:
                return Solve(cycles, remaining / highest if highest > 0 else 0.0, residuals)
            if square < _DRIFT**2 * true:
                square, worst, highest = self.defect(self.base, scale, x)
                true = square
                residuals[-1] = np.sqrt(square / x.size) / scale

    def defect(self, base, scale, x):
        """b = scale · (rhs − A x), with `base` as the loss that all voxels share; Σ b², max |b|, max |x|."""
        walls = self.walls
        self.share(
            operator.defect, self.weight, base, self.loss, walls.voxel, walls.conductance, scale, x, self.rhs, self.b,
            self.partial,
        )  # fmt: skip
        return self._met()

    def share(self, function, *arguments):
        """Run a kernel over the planes of the mesh with all threads of the team, if it is worth it."""
        self.team.run(function, int(self.row[N0]), self.row, *arguments, work=self.mesh.n_voxels // LIGHT)

    def _met(self):
        return self.partial[:, 0].sum(), *self.partial[:, 1:3].max(axis=0)
