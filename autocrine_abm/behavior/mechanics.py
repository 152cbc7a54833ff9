"""Cells push and hold each other: where a crowded tissue comes to rest, and how hard it is squeezed.

Cell centers move without inertia under the pair potentials of PhysiCell (Ghaffarizadeh et al. 2018,
doi:10.1371/journal.pcbi.1005991). For cells at distance d, with R = rᵢ + rⱼ and R_A = adhesion_distance · R,

    dxᵢ/dt = Σⱼ [√(cʳᵢ cʳⱼ) (1 − d/R)²₊ − aᵢⱼ √(cᵃᵢ cᵃⱼ) (1 − d/R_A)²₊] (xᵢ − xⱼ)/d + motility,

where aᵢⱼ is the affinity between the two types. Walls push like a mirror image of the cell: at distance e
from a face that is not periodic, cʳᵢ (1 − e/rᵢ)²₊ inwards, which is the no-flux condition of a tissue that
goes on, mirrored, behind the face and needs no parameter of its own. Centers that still leave the box
(motility against a wall, no repulsion) are set back on the face.

Time is taken in substeps of the second-order Adams–Bashforth method with variable step, as in PhysiCell: one
evaluation of the forces each, and since it is explicit the farthest move is known before it is made, so that
it can be limited to a fraction of a radius. A substep is also short enough for the stiffest cell (bound on
the spectrum from the pair stiffnesses). Every call starts with a short Euler substep, so births, deaths and
resuming need no history. Tried and left: Heun costs two evaluations for the same stability and moves per
evaluation; Runge–Kutta–Chebyshev saves up to half of the substeps in quiet tissue, but its stages overshoot
contacts, where the force ends, and two cells then part 4 % short of the exact distance.

Where cells want to go (motility), their radii and who is born or dies is decided elsewhere.
"""

from math import ceil
from typing import NamedTuple

import numpy as np

from autocrine_abm.behavior.forces import PRESSURE_SCALE, _gather, _move, _push, _scatter
from autocrine_abm.mesh.neighbors import NeighborBins

__all__ = ["PRESSURE_SCALE", "Mechanics", "Relaxation"]

LARGEST_MOVE = 0.1  # radii that a cell may move in one substep
STABLE = 0.8  # substep × stiffness; the method is stable to 1 at constant step
FIRST = 0.3  # share of the above in the Euler substep that starts a call
GROWTH = 1.6  # of a substep over the last one; the weight of the past stays below 0.8
STILL = 1e-3  # radii per call below which a single Euler substep is as good as any
LEAST_SKIN, MOST_SKIN = (
    0.1,
    0.4,
)  # radii that slow and fast cells may move before neighbor lists are made anew
AHEAD = 1.0  # share of its present speed × time left that a fast cell is expected to move


class Relaxation(NamedTuple):
    """What a call of `Mechanics.relax` did."""

    substeps: int  # each one evaluation of the forces
    rebuilds: int  # times that neighbor lists were made
    largest_displacement: float  # µm, farthest that any cell moved in one substep


class Mechanics:
    """Pushes the cells of one tissue towards rest.

    Parameters
    ----------
    mesh : Mesh
        Box and periodic axes. Nothing moves along an axis with a single voxel (z in 2-D).
    team : Team
        Threads that share the work; results are the same bytes for any number of them.

    Attributes
    ----------
    pressure : ndarray of float, shape (n_cells,)
        Sum over neighbors of (1 − d/R)²₊ over `PRESSURE_SCALE` [-]; 1 is a cell in a sheet grown together
        (PhysiCell's simple pressure). Taken at the start of the last substep, at most `LARGEST_MOVE` radii of
        motion ago. A view, overwritten by the next call.
    neighbors : ndarray of int64, shape (n_cells,)
        Cells within the adhesion distance, at the same moment. A view, overwritten by the next call.

    Examples
    --------
    Two overlapping cells part until they touch; without adhesion their centers stay where they were in the
    middle.

    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> from autocrine_abm.team import Team
    >>> mechanics = Mechanics(Mesh((5, 5, 5), (20.0, 20.0, 20.0)), Team())
    >>> position = np.array([[47.0, 50.0, 50.0], [53.0, 50.0, 50.0]])
    >>> one = np.ones(2)
    >>> relaxation = mechanics.relax(
    ...     position, 6.0 * one, 10.0 * one, 0.0 * one, np.zeros(2, np.int64), np.ones((1, 1)), 1.25,
    ...     np.zeros((2, 3)), np.ones(2, bool), dt=60.0)
    >>> round(position[1, 0] - position[0, 0], 1), round(position[:, 0].mean(), 6)
    (np.float64(11.9), np.float64(50.0))
    """

    def __init__(self, mesh, team):
        self.mesh, self.team = mesh, team
        self.bins = NeighborBins(mesh, team)
        self.free = np.zeros(3)
        self.free[self.bins.axes[self.bins.counts]] = 1.0
        self.size = np.array(mesh.size, float)
        self.period = np.where(np.array(mesh.periodic) & (self.free > 0), self.size, 0.0)
        self._rows = -1
        self._neighbor = np.empty(0, np.int32)
        self._reserve(0)

    def _reserve(self, n_cells):
        """Make the work arrays views of n_cells rows of arrays that have at least as many."""
        if self._rows < n_cells:
            self._rows = n_cells + n_cells // 4  # a quarter more: a growing tumor seldom asks
            self._owned = {
                name: np.empty((self._rows, 3))
                for name in ("here", "there", "velocity", "before", "shape", "drive")
            }
            self._owned |= {
                name: np.empty(self._rows) for name in ("speed", "stiffness", "pressure", "skin", "room")
            }
            self._owned |= {
                "neighbors": np.empty(self._rows, np.int64),
                "kind": np.empty(self._rows, np.int64),
            }
            self._owned |= {"movable": np.empty(self._rows, np.bool_)}
        for name, array in self._owned.items():
            setattr(self, name if name in ("pressure", "neighbors") else "_" + name, array[:n_cells])

    def relax(
        self, position, radius, repulsion, adhesion, type_index, affinity, adhesion_distance, motility,
        movable, dt,
    ):  # fmt: skip
        """Move the cells for a time `dt`; fill `pressure` and `neighbors`.

        Parameters
        ----------
        position : ndarray of float, shape (n_cells, 3)
            Centers [µm]; changed in place, kept within the box.
        radius : ndarray of float, shape (n_cells,)
            Radii [µm], > 0.
        repulsion, adhesion : ndarray of float, shape (n_cells,)
            Strengths cʳ and cᵃ [µm/min], ≥ 0; a pair takes the geometric mean. PhysiCell's defaults are 10
            and 0.4.
        type_index : ndarray of int64, shape (n_cells,)
            Row and column of each cell in `affinity`.
        affinity : ndarray of float, shape (n_types, n_types)
            Factor on the adhesion of a pair [-], ≥ 0 and symmetric, else a pair would push itself along.
        adhesion_distance : float
            Reach of adhesion over the sum of radii [-], ≥ 1; PhysiCell's default is 1.25.
        motility : ndarray of float, shape (n_cells, 3)
            Velocity of own motion [µm/min], constant over the call.
        movable : ndarray of bool, shape (n_cells,)
            Cells that may move; the others push and hold, but stay.
        dt : float
            Time [min], > 0.

        Returns
        -------
        Relaxation
            Substeps taken and the largest move.
        """
        n_cells = len(position)
        self._reserve(n_cells)
        if n_cells == 0:
            return Relaxation(0, 0, 0.0)
        self._check(radius, affinity, adhesion_distance, dt)
        columns = (position, radius, repulsion, adhesion, type_index, motility, movable)
        mean_radius = float(radius.mean())
        # the smallest radius, but not of a dying cell that shrinks to nothing: it would stop every clock
        limit = LARGEST_MOVE * max(float(radius.min()), 0.5 * mean_radius)
        most_skin = MOST_SKIN * mean_radius
        if self.period.any():  # lists reach half the box at most
            widest = 0.249 * self.period[self.period > 0].min() - adhesion_distance * float(radius.max())
            most_skin = min(most_skin, max(widest, 1e-3 * mean_radius))
        least_skin = min(LEAST_SKIN * mean_radius, most_skin)
        self._skin[:] = least_skin
        self._build(columns, adhesion_distance)

        elapsed, last, largest = 0.0, 0.0, 0.0
        substeps, rebuilds = 0, 1
        while elapsed < dt:
            self._evaluate(affinity, float(adhesion_distance))
            substeps += 1
            remaining = dt - elapsed
            fastest, stiffness = float(self._speed.max()), float(self._stiffness.max())
            if not np.isfinite(fastest):
                raise ValueError(
                    "mechanics: got strengths or motility that are not numbers; check what set them"
                )
            step = min(remaining, limit / max(fastest, 1e-300))
            if fastest * remaining > STILL * mean_radius or stiffness * remaining > 1:
                step = min(step, STABLE / max(stiffness, 1e-300))
                if last == 0.0:
                    step = min(step, FIRST * STABLE / max(stiffness, 1e-300))
                else:
                    step = min(step, GROWTH * last)
            if self._soonest(self._speed) < 0.6 * step:
                # the list holds a few fast cells back: make one that looks further ahead for them
                self._skin[self.bins.order] = np.clip(AHEAD * remaining * self._speed, least_skin, most_skin)
                self._write(position)
                self._build(columns, adhesion_distance, keep=(self._velocity, self._before))
                rebuilds += 1
            while True:
                step = remaining / ceil(remaining / step * (1 - 1e-12))
                weight = 0.5 * step / last if last > 0 else 0.0
                self._advance(step * (1 + weight), -step * weight)
                farthest = float(self._speed.max())
                excess = max(farthest / limit, 1 / self._soonest(self._speed))
                if excess <= 1:
                    break
                step *= 0.9 / excess
            self._room -= self._speed
            np.maximum(self._room, 1e-9, out=self._room)
            self._here, self._there = self._there, self._here
            self._velocity, self._before = self._before, self._velocity
            last = step
            elapsed = elapsed + step if step < remaining else dt
            largest = max(largest, farthest)
        self._write(position)
        return Relaxation(substeps, rebuilds, largest)

    def _check(self, radius, affinity, adhesion_distance, dt):
        if not radius.min() > 0:
            raise ValueError(f"radius of cells: got {radius.min()} µm, accepted are lengths above 0")
        if not adhesion_distance >= 1:
            raise ValueError(f"adhesion_distance: got {adhesion_distance}, accepted is 1 or more radii")
        if not dt > 0:
            raise ValueError(f"time of a relaxation: got {dt} min, accepted is a time above 0")
        if not np.array_equal(affinity, affinity.T):
            raise ValueError(
                "affinity: got a matrix that is not symmetric; give both of a pair of types the same value"
            )

    def _soonest(self, speed):
        """Time until a cell at this speed has moved as far as neighbor lists allow (distance: a factor)."""
        share = np.divide(speed, self._room, out=self._stiffness)  # whose maximum has been taken by now
        return 1 / max(float(share.max()), 1e-300)

    def _build(self, columns, adhesion_distance, keep=()):
        """Sort the cells and list who may come near whom; arrays to `keep` are put into the new order."""
        position, radius = columns[:2]
        bins, n_cells = self.bins, len(position)
        for array in keep:
            self._there[bins.order] = array
            array[:] = self._there
        own_reach = adhesion_distance * radius + self._skin
        self._reach = 2 * float(own_reach.max())
        bins.sort(position, self._reach)
        for array in keep:
            np.take(array, bins.order, axis=0, out=self._there, mode="clip")
            array[:] = self._there
        self.team.run(
            _gather, n_cells, bins.order, *columns, self.period, self._here, self._shape, self._kind,
            self._drive, self._movable, work=10 * n_cells,
        )  # fmt: skip
        self._start, self._neighbor = bins.sorted_pairs(own_reach[bins.order], self._neighbor)
        self._room[:] = self._skin[bins.order]

    def _evaluate(self, affinity, adhesion_distance):
        n_cells = len(self._here)
        self.team.run(
            _push, n_cells, self._start, self._neighbor, self.bins.order, self._here.reshape(-1),
            self._shape.reshape(-1), self._kind, self._drive, self._movable, affinity.reshape(-1),
            adhesion_distance, self.free, self.size, self.period, self._reach, self._velocity, self._speed,
            self._stiffness, self.pressure, self.neighbors, work=30 * n_cells,
        )  # fmt: skip

    def _advance(self, of_now, of_before):
        n_cells = len(self._here)
        self.team.run(
            _move, n_cells, of_now, of_before, self._velocity, self._before, self._here, self._there,
            self._speed, work=3 * n_cells,
        )  # fmt: skip

    def _write(self, position):
        self.team.run(
            _scatter, len(position), self.bins.order, self._here, self._movable, self.free, self.size,
            self.period, position, work=5 * len(position),
        )  # fmt: skip
