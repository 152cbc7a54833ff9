"""Moves ligand fields on in time, or straight to their steady state.

    dc/dt = source − A c,   A = k + loss + walls − D∇²

by the two-stage, second-order, L-stable diagonally implicit Runge–Kutta method (Alexander 1977):

    (σ + A) Y₁ = σ c + source                          σ = 1/(γ h), γ = 1 − 1/√2
    (σ + A) Y₂ = σ (c + (1−γ)/γ (Y₁ − c)) + source     c ← Y₂

On a linear equation with a constant source this is the same as TR-BDF2, without an explicit half. Substeps
follow an embedded error estimate. After each solve the stage is adjusted so that what entered equals what is
there or left, to rounding, whatever the solver left undone: ledgers close exactly. Where cells put their
sources and sinks is left to `signaling`.
"""

from dataclasses import dataclass
from dataclasses import field as entry

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands import operator
from autocrine_abm.ligands.conjugate_gradient import Solver
from autocrine_abm.ligands.smoothing import FIRST, N1, N2, PITCH, ROWS, summed, topmost
from autocrine_abm.team import Team

__all__ = ["StepReport", "Transport"]

GAMMA = 1 - 1 / np.sqrt(2)
_AHEAD = (1 - GAMMA) / GAMMA
# The combination of the slopes at 0, γ h and h that vanishes to second order, and at third order is the
# method's own error, (γ² (3 − 2 γ) − 1/6) (h A)³ c on a linear equation.
_E1 = (GAMMA**2 * (3 - 2 * GAMMA) - 1 / 6) / (GAMMA**2 - GAMMA / 2)
_E2 = -GAMMA * _E1
_E0 = -_E1 - _E2
_NOTHING = 1e-100  # molecules/µm³ (or per min) that are none; far above what rounding can no longer resolve
_NOTICEABLE = 1e-3  # undershoot below zero, as a share of field or turnover, that makes a substep be repeated


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
    for v in range(low * plane, high * plane):
        share = abs(y[v])
        y[v] += factor * (share if share < mean else mean)


@kernel
def _bend(low, high, row, c, y1, y2, partial):
    """Largest |γ h (K₂ − K₁)| and largest |c| or |y₂| of each plane: what a first-order method would have
    missed."""
    plane = row[N1] * row[N2]
    for i in range(low, high):
        worst, highest = 0.0, 0.0
        for v in range(i * plane, (i + 1) * plane):
            worst = max(worst, abs(y2[v] - c[v] - (y1[v] - c[v]) / GAMMA))
            highest = max(highest, abs(y2[v]), abs(c[v]))
        partial[i, 0], partial[i, 1] = worst, highest


@kernel
def _estimate(low, high, row, c, y1, y2, rate, unit, b):
    """Local error of the step, h (e₀ K₀ + e₁ K₁ + e₂ K₂) · unit · rate, for the preconditioner to smooth; b is
    h K₀ · unit on entry."""
    n1, n2 = row[N1], row[N2]
    for i in range(low, high):
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            field = (i * n1 + j) * n2
            for k in range(n2):
                first = (y1[field + k] - c[field + k]) / GAMMA
                second = (y2[field + k] - c[field + k] - (1 - GAMMA) * first) / GAMMA
                b[begin + k] = rate * (_E0 * b[begin + k] + unit * (_E1 * first + _E2 * second))


@kernel
def _accept(low, high, row, fresh, weight1, weight2, c, y1, y2, average):
    """average += w₁ y₁ + w₂ y₂ (from zero if fresh), c = y₂."""
    plane = row[N1] * row[N2]
    for v in range(low * plane, high * plane):
        mean = weight1 * y1[v] + weight2 * y2[v]
        average[v] = mean if fresh else average[v] + mean
        c[v] = y2[v]


@dataclass
class StepReport:
    """What one call of `Transport.step` or `Transport.settle` cost and met.

    Attributes
    ----------
    substeps, rejected, positive : int
        Substeps accepted; thrown away for their error; taken by backward Euler because the field would have
        dipped below zero.
    solves, cycles : int
        Linear systems solved and multigrid cycles spent on them.
    error : float
        Largest estimated time error of an accepted substep, relative to the field's largest value [-].
    taken : list of (float, bool)
        Length of each accepted substep [min], and whether backward Euler took it; for `Transport.replay`.
    """

    substeps: int = 0
    rejected: int = 0
    positive: int = 0
    solves: int = 0
    cycles: int = 0
    error: float = 0.0
    taken: list = entry(default_factory=list)


class Transport:
    """Diffusion, decay, uptake and walls of all ligands of one tissue; owns the work arrays they share.

    Parameters
    ----------
    mesh : Mesh
    team : Team, optional
        Threads that share large meshes; results do not depend on how many.
    tolerance : float
        Time error allowed per substep, relative to the largest concentration in the field [-].
    accuracy : float
        Error allowed in each linear solve of a time step, relative to the largest concentration in the field
        [-]; a tenth of it in a steady state.

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> from autocrine_abm.ligands.field import LigandField
    >>> mesh = Mesh((8, 8, 8), (20.0, 20.0, 20.0))
    >>> field = LigandField(mesh, diffusion=600.0, decay=0.1)
    >>> source, loss = np.zeros(mesh.shape), np.zeros(mesh.shape)
    >>> source[4, 4, 4] = 60 / mesh.voxel_volume
    >>> report = Transport(mesh).step(field, source, loss, dt=6.0)
    >>> round(field.ledger.secreted), bool(field.ledger.imbalance() < 1e-12)
    (360, True)
    """

    def __init__(self, mesh, team=None, tolerance=0.01, accuracy=1e-5):
        self.mesh, self.team = mesh, team or Team(1)
        self.tolerance, self.accuracy = tolerance, accuracy
        self.solver = Solver(mesh, self.team)
        self.second = np.zeros(mesh.n_voxels)
        self.partial = np.zeros((self.solver.partial.shape[0], 5))

    def step(self, field, source, loss, dt):
        """Move a field on by dt [min].

        Parameters
        ----------
        field : LigandField
            Changed in place: concentration, average, ledger, substep.
        source : ndarray of float, shape mesh.shape
            Release per volume [molecules/µm³/min], constant during the step.
        loss : ndarray of float, shape mesh.shape
            Uptake per concentration [1/min], ≥ 0, constant during the step.
        dt : float
            [min], > 0.

        Returns
        -------
        StepReport
        """
        if not 0 < dt < np.inf:
            raise ValueError(f"dt: got {dt}, accepted is a number above 0 [min]")
        source, loss = self._check(field, source, loss)
        c, y1, y2, average = (
            a.reshape(-1) for a in (field.concentration, field.stage, self.second, field.average)
        )
        report = StepReport()
        if self._right_hand_side(field, 1.0, 0.0, c, c, source)[1] <= _NOTHING:  # not there, and none comes
            c[:] = average[:] = field.ledger.present = 0.0
            return report
        positive = source.min() >= 0 and c.min() >= 0
        secreted = float(source.sum()) * self.mesh.voxel_volume  # molecules/min
        self.solver.prepare(field.diffusion, loss, field.wall_exchange)
        done, h = 0.0, min(field.substep or self._first(field), dt)
        while True:
            left = dt - done
            h = left if h > 0.9 * left else min(h, left / 2)
            flows1 = self._stage(field, 1 / (GAMMA * h), 0.0, c, c, y1, source, loss, positive, report)
            flows2 = self._stage(field, 1 / (GAMMA * h), _AHEAD, c, y1, y2, source, loss, positive, report)
            error, scale = self._error(field, h, dt, c, y1, y2, source)
            growth = min(4.0, 0.9 * np.sqrt(self.tolerance / max(error, 1e-12)))
            if error > self.tolerance and h > 1e-6 * dt:
                report.rejected += 1
                h *= 0.1 if error > 10 * self.tolerance else max(0.3, min(growth, 0.7))
                continue
            weights = 1 - GAMMA, GAMMA
            if positive and (flows2.depth > _NOTICEABLE * scale or flows2.cut > _NOTICEABLE):
                weights, flows1 = (0.0, 1.0), flows2
                flows2 = self._stage(field, 1 / h, 0.0, c, c, y2, source, loss, positive, report)
                report.positive += 1
            report.taken.append((h, weights[0] == 0.0))
            self.solver.share(
                _accept, done == 0.0, weights[0] * h / dt, weights[1] * h / dt, c, y1, y2, average
            )
            self._book(field, secreted * h, [(w * h, f) for w, f in zip(weights, (flows1, flows2))])
            report.substeps += 1
            report.error = max(report.error, error)
            field.substep = max(h * growth, field.substep if h == left and growth > 1 else 0.0)
            if h == left:
                return report
            done += h
            h = field.substep

    def replay(self, field, source, loss, dt, taken):
        """Move a part of a field on as the whole was moved.

        With the same loss and the same substeps the step is linear in field and source, so parts that add up to
        a whole go on doing so. Values below zero are left as they are; no ledger is kept.

        Parameters
        ----------
        field : LigandField
            Changed in place: concentration and average.
        source, loss, dt
            As in `step`; the same loss as the whole had.
        taken : list of (float, bool)
            From the `StepReport` of the whole.
        """
        source, loss = self._check(field, source, loss)
        c, y1, y2, average = (
            a.reshape(-1) for a in (field.concentration, field.stage, self.second, field.average)
        )
        if not taken or self._right_hand_side(field, 1.0, 0.0, c, c, source)[1] == 0.0:  # emptied, or always was
            c[:] = average[:] = 0.0
            return
        report, fresh = StepReport(), True
        self.solver.prepare(field.diffusion, loss, field.wall_exchange)
        for h, backward in taken:
            weights = (0.0, 1.0) if backward else (1 - GAMMA, GAMMA)
            if backward:
                self._stage(field, 1 / h, 0.0, c, c, y2, source, loss, False, report)
                y1[:] = y2
            else:
                self._stage(field, 1 / (GAMMA * h), 0.0, c, c, y1, source, loss, False, report)
                self._stage(field, 1 / (GAMMA * h), _AHEAD, c, y1, y2, source, loss, False, report)
            self.solver.share(_accept, fresh, weights[0] * h / dt, weights[1] * h / dt, c, y1, y2, average)
            fresh = False

    def settle(self, field, source, loss, dt=0.0):
        """Put a field at its steady state, A c = source.

        Parameters are those of `step`. The ledger books what flows through the steady state in a time `dt`,
        and the change of the field as added, since getting there takes no time.

        Returns
        -------
        StepReport
        """
        source, loss = self._check(field, source, loss)
        c = field.concentration.reshape(-1)
        if field.decay == 0 and not field.wall_exchange[0].conductance.any() and not loss.any():
            raise ValueError(
                f"{field.name or 'field'}: a steady state does not exist: with no decay, no uptake and closed "
                "walls nothing removes the ligand. Give it a decay rate, a cell that takes it up, or a wall "
                "that is fixed or open."
            )
        report = StepReport()
        self.solver.prepare(field.diffusion, loss, field.wall_exchange)
        present = field.ledger.present
        flows = self._stage(field, 0.0, 0.0, c, c, c, source, loss, source.min() >= 0, report)
        field.average[...] = field.concentration
        field.substep = np.inf
        self._book(field, float(source.sum()) * self.mesh.voxel_volume * dt, [(dt, flows)])
        field.ledger.added += field.ledger.present - present
        return report

    def _first(self, field):
        """A time step for a field with no history: what its fastest wave takes to die out [min]."""
        return 1 / (field.decay + 4 * float(self.solver.weight.sum()))

    def _check(self, field, source, loss):
        """The two arrays, flat, as kernels want them; the field's walls, made at first sight."""
        for name, array in (("source", source), ("loss", loss)):
            if np.shape(array) != self.mesh.shape:
                raise ValueError(f"{name}: got shape {np.shape(array)}, accepted is {self.mesh.shape}")
        if field.mesh != self.mesh:
            raise ValueError(
                f"{field.name or 'field'}: lives on another mesh, {field.mesh}, than {self.mesh}"
            )
        self.walls_of(field)
        return (np.ascontiguousarray(array, dtype=float).reshape(-1) for array in (source, loss))

    def walls_of(self, field):
        """Walls of a field for the mesh of each multigrid level, made at first sight; list of WallExchange."""
        if field.wall_exchange is None:
            field.wall_exchange = [
                field.walls.exchange(mesh, field.diffusion, field.decay) for mesh in self.solver.meshes
            ]
        return field.wall_exchange

    def _right_hand_side(self, field, rate, ahead, c, y, source):
        """σ (c + θ (y − c)) + source + supply into the solver; its sum and largest magnitude."""
        walls, solver = field.wall_exchange[0], self.solver
        solver.share(
            operator.stage, rate, ahead, c, y, source, walls.voxel, walls.supply, solver.rhs, self.partial
        )
        return self.partial[:, 0].sum(), self.partial[:, 1].max()

    def _stage(self, field, rate, ahead, c, y, answer, source, loss, positive, report):
        """Solve one stage into `answer`, starting from y, and make it balance."""
        base = rate + field.decay
        expected, highest = self._right_hand_side(field, rate, ahead, c, y, source)
        if answer is not y:
            answer[:] = y
        self.solver.shift(base)
        solve = self.solver.solve(answer, highest, self.accuracy if rate > 0 else 0.1 * self.accuracy)
        report.solves += 1
        report.cycles += solve.cycles
        return self._balance(field, base, expected, answer, loss, positive)

    def _balance(self, field, base, expected, y, loss, positive):
        """Lift or lower a stage until Σ (σ + k + loss + walls) y = Σ rhs, as it is for an exact solution.

        The correction is spread over the voxels as min(|y|, mean |y|): in proportion to y, so that nothing
        turns negative or appears where nothing is, but not onto peaks, which would have to bear the residual
        of the whole box. So no voxel changes by more than a few times the error that the solver left.
        """
        walls = field.wall_exchange[0]
        self.solver.share(_totals, positive, base, loss, y, self.partial)
        total, taken, size, cut = self.partial[:, :4].sum(axis=0)
        depth, mean = self.partial[:, 4].max(), size / y.size
        out = walls.conductance @ y[walls.voxel]
        missing = expected - (base * total + taken + out)
        turnover = base * size + abs(taken) + abs(out)
        if size > 0 and abs(missing) > 1e-15 * turnover:
            self.solver.share(_shares, mean, loss, y, self.partial)
            part, part_taken = self.partial[:, :2].sum(axis=0)
            part_out = walls.conductance @ np.minimum(abs(y[walls.voxel]), mean)
            factor = missing / (base * part + part_taken + part_out)
            factor = (
                max(factor, -0.5) if positive else factor
            )  # a stage that is thrown away for it must not change sign
            self.solver.share(_raise, factor, mean, y)
            total, taken, out = total + factor * part, taken + factor * part_taken, out + factor * part_out
        return _Flows(
            float(total),
            float(taken),
            float(out - walls.supply.sum()),
            float(depth),
            float(cut / (cut + turnover)) if cut else 0.0,
        )

    def _error(self, field, h, dt, c, y1, y2, source):
        """Estimated local error relative to the field's scale, and that scale.

        First the cheap comparison with a first-order result. Unless it lets whole steps of dt pass, the
        leading term of the error, twice divided by 1 + γ h A (by multigrid cycles; Hosea & Shampine 1996
        divide once): on e^(−z t) the result is within 35 % of the true error for all z, from slow to so
        stiff that the part has died out and must not count.
        """
        self.solver.share(_bend, c, y1, y2, self.partial)
        scale = self.partial[:, 1].max()
        error = self.partial[:, 0].max() / scale if scale > 0 else 0.0
        if error <= self.tolerance * min(1.0, (0.9 * h / dt) ** 2) or scale <= _NOTHING:
            return (error if scale > _NOTHING else 0.0), scale
        rate, solver = 1 / (GAMMA * h), self.solver
        self._right_hand_side(field, 0.0, 0.0, c, c, source)
        solver.defect(field.decay, h / scale, c)  # h K₀/scale
        solver.share(_estimate, c, y1, y2, rate, 1 / scale, solver.b)
        solver.multigrid.cycle()
        np.multiply(solver.multigrid.answer, np.float32(rate), out=solver.b)
        return solver.multigrid.cycle()[1], scale

    def _book(self, field, secreted, parts):
        """Enter one substep in the ledger."""
        ledger, volume = field.ledger, self.mesh.voxel_volume
        ledger.secreted += secreted
        for time, flows in parts:
            ledger.decayed += time * field.decay * flows.total * volume
            ledger.taken_up += time * flows.taken * volume
            ledger.lost += time * flows.out * volume
        ledger.present = parts[-1][1].total * volume


@dataclass
class _Flows:
    """Sums over one stage: concentration, uptake and net outflow per minute; how far it fell
    below zero, and what was
    cut off below zero as a share of the turnover."""

    total: float
    taken: float
    out: float
    depth: float
    cut: float
