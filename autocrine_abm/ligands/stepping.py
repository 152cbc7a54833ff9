"""Moves ligand fields on in time, or straight to their steady state.

    dc/dt = source − A c,   A = k + loss + walls − D∇²

by the two-stage, second-order, L-stable diagonally implicit Runge–Kutta method (Alexander 1977):

    (σ + A) Y₁ = σ c + source                          σ = 1/(γ h), γ = 1 − 1/√2
    (σ + A) Y₂ = σ (c + (1−γ)/γ (Y₁ − c)) + source     c ← Y₂

On a linear equation with a constant source this is the same as TR-BDF2, without an explicit half. Near the
steady state one such step is enough, as an embedded error estimate tells; after a change the step is cut into
parts as `schedule` says. After each solve the stage is adjusted so that what entered equals what is there or
left, to rounding, whatever the solver left undone (`balance`): ledgers close exactly. Where cells put their
sources and sinks is left to `signaling`.
"""

from dataclasses import dataclass
from dataclasses import field as entry
from functools import partial

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.errors import SteadyStateError
from autocrine_abm.ligands import operator, schedule
from autocrine_abm.ligands.balance import balance
from autocrine_abm.ligands.conjugate_gradient import Solver
from autocrine_abm.ligands.schedule import ENOUGH, GAMMA
from autocrine_abm.ligands.smoothing import FIRST, N1, N2, PITCH, ROWS, topmost
from autocrine_abm.team import Team

__all__ = ["StepReport", "Transport"]

_AHEAD = (1 - GAMMA) / GAMMA
# The combination of the slopes at 0, γ h and h that vanishes to second order, and at third order is the
# method's own error, (γ² (3 − 2 γ) − 1/6) (h A)³ c on a linear equation.
_E1 = (GAMMA**2 * (3 - 2 * GAMMA) - 1 / 6) / (GAMMA**2 - GAMMA / 2)
_E2 = -GAMMA * _E1
_E0 = -_E1 - _E2
_NOWHERE = np.empty(0)
_NOTHING = 1e-100  # molecules/µm³ (or per min) that are none; far above what rounding can no longer resolve
_NOTICEABLE = 1e-3  # undershoot below zero, as a share of field or turnover, that makes a substep be repeated
_MUCH = 0.25  # change in γ dt, as a share of the field, after which one part is not worth finishing


@kernel
def _compare(low, high, row, c, y1, y2, partial):
    """Largest |y₁ − c|, |γ h (K₂ − K₁)|, |c| and |y₂| of each plane; the second is what a first-order method would
    have missed."""
    n2, plane = row[N2], row[N1] * row[N2]
    change, bend, before, after = np.empty(n2), np.empty(n2), np.empty(n2), np.empty(n2)
    for i in range(low, high):
        change[:], bend[:], before[:], after[:] = 0.0, 0.0, 0.0, 0.0
        for begin in range(i * plane, (i + 1) * plane, n2):
            old, middle, new = c[begin : begin + n2], y1[begin : begin + n2], y2[begin : begin + n2]
            for k in range(n2):
                rise = middle[k] - old[k]
                size = abs(rise)
                change[k] = size if size > change[k] else change[k]
                size = abs(new[k] - old[k] - rise / GAMMA)
                bend[k] = size if size > bend[k] else bend[k]
            for k in range(n2):
                size = abs(old[k])
                before[k] = size if size > before[k] else before[k]
                size = abs(new[k])
                after[k] = size if size > after[k] else after[k]
        partial[i, 0], partial[i, 1] = topmost(change), topmost(bend)
        partial[i, 2], partial[i, 3] = topmost(before), topmost(after)


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
    begin, end = low * plane, high * plane
    middle, last, old, new = y1[begin:end], y2[begin:end], average[begin:end], c[begin:end]
    for v in range(end - begin):
        mean = weight1 * middle[v] + weight2 * last[v]
        old[v] = mean if fresh else old[v] + mean
        new[v] = last[v]


@dataclass
class StepReport:
    """What one call of `Transport.step` or `Transport.settle` cost and met.

    Attributes
    ----------
    substeps, rejected, positive : int
        Substeps accepted; thrown away for their error; taken by backward Euler only because the field would
        have dipped below zero.
    solves, cycles : int
        Linear systems solved and multigrid cycles spent on them.
    error : float
        Estimated time error at the end of the step, relative to the field's largest value [-].
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
        Time error allowed at the end of a step, relative to the largest concentration in the field [-].
    accuracy : float
        Error allowed in each linear solve of a time step, relative to the largest concentration in the field
        [-]; a hundredth of it in a steady state.

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

    def __init__(self, mesh, team=None, tolerance=0.01, accuracy=1e-4):
        self.mesh, self.team = mesh, team or Team(1)
        self.tolerance, self.accuracy = tolerance, accuracy
        self.solver = Solver(mesh, self.team)
        self.stages = np.zeros((2, mesh.n_voxels))
        self.partial = np.zeros((self.solver.partial.shape[0], 5))

    def step(self, field, source, loss, dt):
        """Move a field on by dt [min].

        Parameters
        ----------
        field : LigandField
            Changed in place: concentration, average, ledger.
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
        c, y1, y2, average = field.concentration.reshape(-1), *self.stages, field.average.reshape(-1)
        report = StepReport()
        if self._right_hand_side(field, 1.0, 0.0, c, c, source)[1] <= _NOTHING:  # not there, and none comes
            c[:] = average[:] = field.ledger.present = 0.0
            return report
        positive = source.min() >= 0 and c.min() >= 0
        secreted = float(source.sum()) * self.mesh.voxel_volume  # molecules/min
        self.solver.prepare(field.diffusion, loss, field.wall_exchange)
        stage = partial(self._stage, field, source, loss, positive, report)
        parts, report.error, flows = self._plan(field, source, positive, stage, dt, c, y1, y2, report)
        for share, backward in parts:
            h, weights = share * dt, (1 - GAMMA, GAMMA)
            if not backward:
                flows = flows or self._two_stages(stage, h, c, y1, y2)
                backward = positive and self._dips(flows[1], c, y1, y2)
                report.positive += backward
            if backward:
                weights, flows = (0.0, 1.0), (None, stage(1 / h, 0.0, c, c, y2))
            report.taken.append((h, backward))
            self.solver.share(
                _accept, report.substeps == 0, weights[0] * share, weights[1] * share, c, y1, y2, average
            )
            self._book(field, secreted * h, [(w * h, f) for w, f in zip(weights, flows) if w])
            report.substeps += 1
            flows = None
        return report

    def _plan(self, field, source, positive, stage, dt, c, y1, y2, report):
        """How to cut a step: its parts, the error to be expected, and the flows if it was taken in one part.

        A field that comes into being needs several parts. Any other is tried in one, which is given up after the
        first stage if that changes much, after the second if the error is too large or the field dips below zero.
        """
        if not c.any():
            parts, error = schedule.after_change(1.0, self.tolerance)
            if parts is not schedule.ONE:
                return parts, error, None
        first = stage(1 / (GAMMA * dt), 0.0, c, c, y1)
        change, _, before, after = self._compared(c, y1, y1)
        if after > _NOTHING and change > _MUCH * after:
            # what falls to a third in γ dt goes on falling; of what rises not all is to be seen yet
            share = change / (after * min(1.0, after / max(before, _NOTHING)))
            parts, error = schedule.after_change(max(1.0, share), self.tolerance)
            if parts is not schedule.ONE:
                report.rejected += 1
                return parts, error, None
        flows = first, stage(1 / (GAMMA * dt), _AHEAD, c, y1, y2)
        change, error, before, after = self._compared(c, y1, y2)
        if max(before, after) <= _NOTHING:
            return schedule.ONE, 0.0, flows
        scale = after if after > _NOTHING else before
        error /= scale
        if error > ENOUGH * self.tolerance:
            error = min(error, self._error(field, dt, scale, c, y1, y2, source))
        parts = schedule.ONE
        if error > ENOUGH * self.tolerance:
            parts, error = schedule.after_error(max(1.0, change / scale), error, self.tolerance)
        elif positive and self._dips(flows[1], c, y1, y2):
            parts, error = schedule.after_change(1.0, self.tolerance)
        if parts is not schedule.ONE:
            report.rejected += 1
            flows = None
        return parts, error, flows

    def _two_stages(self, stage, h, c, y1, y2):
        rate = 1 / (GAMMA * h)
        return stage(rate, 0.0, c, c, y1), stage(rate, _AHEAD, c, y1, y2)

    def _compared(self, c, y1, y2):
        """Largest |y₁ − c|, |γ h (K₂ − K₁)|, |c| and |y₂|."""
        self.solver.share(_compare, c, y1, y2, self.partial)
        return self.partial[:, :4].max(axis=0)

    def _dips(self, flows, c, y1, y2):
        """Whether a substep fell below zero by so much that it has to be taken in another way."""
        if flows.cut > _NOTICEABLE:
            return True
        return flows.depth > 0 and flows.depth > _NOTICEABLE * self._compared(c, y1, y2)[2:].max()

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
        c, y1, y2, average = field.concentration.reshape(-1), *self.stages, field.average.reshape(-1)
        if not taken or self._right_hand_side(field, 1.0, 0.0, c, c, source)[1] == 0.0:  # emptied, or always was
            c[:] = average[:] = 0.0
            return
        fresh = True
        self.solver.prepare(field.diffusion, loss, field.wall_exchange)
        stage = partial(self._stage, field, source, loss, False, StepReport())
        for h, backward in taken:
            weights = (0.0, 1.0) if backward else (1 - GAMMA, GAMMA)
            if backward:
                stage(1 / h, 0.0, c, c, y2)
                y1[:] = y2
            else:
                self._two_stages(stage, h, c, y1, y2)
            self.solver.share(_accept, fresh, weights[0] * h / dt, weights[1] * h / dt, c, y1, y2, average)
            fresh = False

    def settle(self, field, source, loss, dt=0.0, accuracy=None):
        """Put a field at its steady state, A c = source.

        The ledger books what flows through the steady state in a time `dt`, and the change of the field as added,
        since getting there takes no time.

        Parameters
        ----------
        field, source, loss, dt
            As in `step`.
        accuracy : float, optional
            Error allowed, relative to the largest concentration in the field [-]; default a hundredth of that of
            a time step.

        Returns
        -------
        StepReport
        """
        source, loss = self._check(field, source, loss)
        c = field.concentration.reshape(-1)
        if field.decay == 0 and not field.wall_exchange[0].conductance.any() and not loss.any():
            if source.any():
                raise SteadyStateError(
                    f"{field.name or 'field'}: a steady state does not exist: with no decay, no uptake and closed "
                    "walls nothing removes the ligand. Give it a decay rate, a cell that takes it up, or a wall "
                    "that is fixed or open."
                )
            c[:] = field.average[...] = c.mean()  # what nobody brings or takes spreads evenly, and stays
            return StepReport()
        report = StepReport()
        self.solver.prepare(field.diffusion, loss, field.wall_exchange)
        present = field.ledger.present
        flows = self._stage(field, source, loss, source.min() >= 0, report, 0.0, 0.0, c, c, c, accuracy)
        field.average[...] = field.concentration
        self._book(field, float(source.sum()) * self.mesh.voxel_volume * dt, [(dt, flows)])
        field.ledger.added += field.ledger.present - present
        return report

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

    def _right_hand_side(self, field, rate, ahead, c, y, source, guess=_NOWHERE):
        """σ (c + θ (y − c)) + source + supply into the solver, and y into `guess`; its sum and largest magnitude."""
        walls, solver = field.wall_exchange[0], self.solver
        solver.share(
            operator.stage, rate, ahead, c, y, source, walls.voxel, walls.supply, solver.rhs, guess, self.partial
        )
        return self.partial[:, 0].sum(), self.partial[:, 1].max()

    def _stage(self, field, source, loss, positive, report, rate, ahead, c, y, answer, accuracy=None):
        """Solve one stage into `answer`, starting from y, and make it balance."""
        base = rate + field.decay
        guess = _NOWHERE if answer is y else answer
        expected, highest = self._right_hand_side(field, rate, ahead, c, y, source, guess)
        self.solver.shift(base)
        solve = self.solver.solve(answer, highest, accuracy or (self.accuracy if rate > 0 else 0.01 * self.accuracy))
        report.solves += 1
        report.cycles += solve.cycles
        walls = field.wall_exchange[0]
        return balance(self.solver, walls, base, expected, answer, loss, positive, self.partial)

    def _error(self, field, h, scale, c, y1, y2, source):
        """Estimated error of a substep relative to `scale`.

        The leading term of the error, twice divided by 1 + γ h A (by multigrid cycles; Hosea & Shampine 1996
        divide once): on e^(−z t) the result is within 35 % of the true error for all z, from slow to so
        stiff that the part has died out and must not count.
        """
        rate, solver = 1 / (GAMMA * h), self.solver
        self._right_hand_side(field, 0.0, 0.0, c, c, source)
        solver.defect(field.decay, h / scale, c)  # h K₀/scale
        solver.share(_estimate, c, y1, y2, rate, 1 / scale, solver.b)
        solver.multigrid.cycle()
        np.multiply(solver.multigrid.answer, np.float32(rate), out=solver.b)
        solver.multigrid.cycle()
        return solver.multigrid.highest()

    def _book(self, field, secreted, parts):
        """Enter one substep in the ledger."""
        ledger, volume = field.ledger, self.mesh.voxel_volume
        ledger.secreted += secreted
        for time, flows in parts:
            ledger.decayed += time * field.decay * flows.total * volume
            ledger.taken_up += time * flows.taken * volume
            ledger.lost += time * flows.out * volume
        ledger.present = parts[-1][1].total * volume
