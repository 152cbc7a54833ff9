"""Cells push and hold each other: where a crowded tissue comes to rest, and how hard it is squeezed.

Cell centers move without inertia under the pair potentials of PhysiCell (Ghaffarizadeh et al. 2018,
doi:10.1371/journal.pcbi.1005991). For cells at distance d, with R = rᵢ + rⱼ and R_A = adhesion_distance · R,

    dxᵢ/dt = Σⱼ [√(cʳᵢ cʳⱼ) (1 − d/R)²₊ − aᵢⱼ √(cᵃᵢ cᵃⱼ) (1 − d/R_A)²₊] (xᵢ − xⱼ)/d + motility,

where aᵢⱼ is the affinity between the two types. Walls push like a mirror image of the cell: at distance e
from a face that is not periodic, cʳᵢ (1 − e/rᵢ)²₊ inwards, which is the no-flux condition of a tissue that
goes on, mirrored, behind the face and needs no parameter of its own. Centers that still leave the box
(motility against a wall, no repulsion) are set back on the face.

Time is taken in explicit substeps: the farthest move is known before it is made, so that it can be limited to
a fraction of a radius, and a substep is short enough for the stiffest cell (bound on the spectrum from the pair
stiffnesses). Fresh daughters overlap deeply and part fast; lest they set the pace of everybody, forces are
averaged over the substep. A pair at overlap o = 1 − d/R, left alone, obeys o' = −(2c/R) o², so that its push
averages c o²/(1 + q o) over a time h, q = 2ch/R. Here q is multiplied by the mean *ease* of the two cells: the
speed of a cell along what pushed and pulled it, in the substep before, over the sum of all pushes and pulls; 1
for a cell that follows, 0 for one that is held in balance, or walks against them. So a lone pair is followed
exactly, places of rest are those of the forces as they stand, and momentum is kept. Every call starts with an
ease of 0, so births, deaths and resuming need no history.
A spheroid that grows from 800 to 1,300 cells in 5 h agrees with a plain Euler reference of ten times as many substeps
(`benchmarks/substeps.py`, six seeds): radius of gyration within 0.01 %, mean pressure 0.3 to 0.8 % above, its spread
within 1.1 %, mean overlap within 0.5 %. As reported, pressure is 1.6 to 2.1 % above, because it is that of the start of
the last substep, when daughters have still to part that far.

Tried and left: Adams–Bashforth 2
is stable for half of Euler's step only and gains nothing where contacts come and go; Runge–Kutta–Chebyshev saves
up to half of the substeps in quiet tissue, but its stages overshoot contacts, where the force ends, and two
cells then part 4 % short of the exact distance.

Where cells want to go (motility), their radii and who is born or dies is decided elsewhere.
"""

from math import ceil
from typing import NamedTuple

import numpy as np

from autocrine_abm.behavior.forces import EASE, PRESSURE_SCALE, RADIUS, WIDTH, _gather, _move, _push, _scatter
from autocrine_abm.mesh.neighbors import BLOCK, NeighborBins
from autocrine_abm.scratch import Scratch

__all__ = ["PRESSURE_SCALE", "Mechanics", "Relaxation"]

LARGEST_MOVE = 0.1  # radii that a cell may move in one substep
STABLE = 1.8  # substep × stiffness; the method is stable to 2
GROWTH = 1.5  # of a substep that forces are meant for over the last one
LEAST_SKIN, MOST_SKIN = 0.2, 0.4  # radii that slow and fast cells may move before neighbor lists are made anew
DEEP = 0.15  # overlap 1 − d/R from which on a cell will move that far
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
    scratch : Scratch, optional
        Where work arrays are taken from. What is stated below lasts until somebody else clears it.

    Attributes
    ----------
    pressure : ndarray of float, shape (n_cells,)
        Sum over neighbors of (1 − d/R)²₊ over `PRESSURE_SCALE` [-]; 1 is a cell in a sheet grown together
        (PhysiCell's simple pressure). Taken at the start of the last substep, at most `LARGEST_MOVE` radii of
        motion ago. A view, overwritten by the next call.
    neighbors : ndarray of int32, shape (n_cells,)
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
    ...     position, 6.0 * one, np.array([10.0]), np.array([0.0]), np.zeros(2, np.int64), np.ones((1, 1)), 1.25,
    ...     np.zeros((2, 3)), np.ones(2, bool), dt=60.0)
    >>> bool(abs(position[1, 0] - position[0, 0] - 11.88) < 0.1), round(position[:, 0].mean(), 6)  # exactly 11.88
    (True, np.float64(50.0))
    """

    def __init__(self, mesh, team, scratch=None):
        self.mesh, self.team, self.scratch = mesh, team, scratch or Scratch()
        self.bins = NeighborBins(mesh, team, self.scratch)
        self.free = np.zeros(3)
        self.free[self.bins.axes[self.bins.counts]] = 1.0
        self.size = np.array(mesh.size, float)
        self.period = np.where(np.array(mesh.periodic) & (self.free > 0), self.size, 0.0)
        self.rest()

    def _reserve(self, n_cells, driven):
        """Take work arrays; some lie in the same place, where one is not needed any more when the other is written."""
        self.rest()
        self.scratch.clear()
        self._take(n_cells, driven)
        if self.scratch.is_short:  # nothing has been written yet: begin again with more room
            self.rest()
            self.scratch.clear()
            self._take(n_cells, driven)

    def rest(self):
        """Let go of all work arrays, `pressure` and `neighbors` among them, so that others may use the room."""
        self._lists = None
        self._take(0, False)

    def _take(self, n_cells, driven):
        take, bins = self.scratch.take, self.bins
        self._body = take((n_cells, int(WIDTH)))  # each row is one line of the cache
        for name in ("_ease", "_room", "_own_pressure"):
            setattr(self, name, take(n_cells))
        self.pressure, self._skin = self._room, self._own_pressure  # by row: at the end, and when lists are made anew
        self._most = np.zeros((-(-n_cells // BLOCK), 3))
        self._movable = take(n_cells, np.bool_)
        self._drive = take((n_cells if driven else 0, 3))
        bins.take_anew()
        bins.reserve(n_cells)
        self._velocity, self._own_neighbors = bins.coordinates.reshape(n_cells, 3), bins.bin_of
        self.neighbors = bins.last  # when lists are done with

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
        repulsion, adhesion : ndarray of float, shape (n_types,)
            Strengths cʳ and cᵃ of the cells of each type [µm/min], ≥ 0; a pair takes the geometric mean. PhysiCell's
            defaults are 10 and 0.4.
        type_index : ndarray of int, shape (n_cells,)
            Type of each cell: its place in these, its row and column in `affinity`.
        affinity : ndarray of float, shape (n_types, n_types)
            Factor on the adhesion of a pair [-], ≥ 0 and symmetric, else a pair would push itself along.
        adhesion_distance : float
            Reach of adhesion over the sum of radii [-], ≥ 1; PhysiCell's default is 1.25.
        motility : ndarray of float, shape (n_cells, 3) or (0, 3)
            Velocity of own motion [µm/min], constant over the call; empty if no cell moves by itself.
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
        self._reserve(n_cells, len(motility) > 0)
        if n_cells == 0:
            return Relaxation(0, 0, 0.0)
        self._check(radius, affinity, adhesion_distance, dt)
        columns = (position, radius, repulsion, adhesion, type_index, motility, movable)
        alike = all(values.min() == values.max() for values in (repulsion, adhesion, affinity))
        mean_radius = float(radius.mean())
        # the smallest radius, but not of a dying cell that shrinks to nothing: it would stop every clock
        limit = LARGEST_MOVE * max(float(radius.min()), 0.5 * mean_radius)
        most_skin = MOST_SKIN * mean_radius
        if self.period.any():  # lists reach half the box at most
            widest = 0.249 * self.period[self.period > 0].min() - adhesion_distance * float(radius.max())
            most_skin = min(most_skin, max(widest, 1e-3 * mean_radius))
        least_skin = min(LEAST_SKIN * mean_radius, most_skin)
        self._build(columns, adhesion_distance, least_skin, most_skin, dt)

        elapsed, largest = 0.0, 0.0
        ahead = 0.0
        substeps, rebuilds, fresh = 0, 1, False
        while elapsed < dt:
            remaining = dt - elapsed
            self._evaluate(affinity, alike, float(adhesion_distance), min(ahead, remaining))
            substeps += 1
            fastest, haste, stiffness = self._most.max(axis=0).tolist()
            if not np.isfinite(fastest):
                raise ValueError(
                    "mechanics: got strengths or motility that are not numbers; check what set them"
                )
            step = min(remaining, limit / max(fastest, 1e-300), STABLE / max(stiffness, 1e-300))
            ahead = GROWTH * step
            soonest = 1 / max(haste, 1e-300)  # until a cell has moved as far as lists allow
            if soonest < step and not fresh:
                # the list holds a few fast cells back: make one that looks further ahead for them
                self._write(position)
                for places in self.team.stretches(n_cells):
                    x, y, z = self._velocity[places].T
                    speed = np.sqrt(x * x + y * y + z * z)
                    self._skin[self.bins.order[places]] = np.clip(AHEAD * remaining * speed, least_skin, most_skin)
                self._build(columns, adhesion_distance)
                rebuilds, fresh = rebuilds + 1, True
                continue
            fresh = False
            step = min(step, soonest)
            step = remaining / ceil(remaining / step * (1 - 1e-12))
            self.team.run(
                _move, n_cells, step, self._velocity, self._ease, self._body, self._room,
                work=3 * n_cells,
            )  # fmt: skip
            elapsed = elapsed + step if step < remaining else dt
            largest = max(largest, step * fastest)
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

    def _build(self, columns, adhesion_distance, least_skin=None, most_skin=None, dt=None):
        """Sort the cells and list who may come near whom, with the skins as they are or, if limits are given, new ones.

        Cells that overlap somebody deeply get the widest skin, those that walk one for the way that they go by themselves.
        """
        position, radius, motility = columns[0], columns[1], columns[5]
        bins, n_cells = self.bins, len(position)
        if dt is None:
            for places in self.team.stretches(n_cells):  # by row for a moment
                self._ease[bins.order[places]] = self._body[places, int(EASE)]
        widest = most_skin if dt is not None else float(self._skin.max())
        self._reach = 2 * (adhesion_distance * float(radius.max()) + widest)
        bins.sort(position, self._reach)
        self.team.run(
            _gather, n_cells, bins.order, *columns, self.period, self._body, self._drive, self._movable,
            work=10 * n_cells,
        )  # fmt: skip
        if dt is None:
            for places in self.team.stretches(n_cells):
                self._body[places, int(EASE)] = self._ease[bins.order[places]]
                self._room[places] = self._skin[bins.order[places]]
        own_radius, reach = self._own_pressure, self._ease  # which nobody needs any more
        own_radius[:] = self._body[:, int(RADIUS)]
        if dt is not None:
            np.multiply(own_radius, 1 - DEEP, out=reach)
            self._room[:] = least_skin
            self._room[bins.count(reach) > 0] = most_skin
            if len(motility):
                x, y, z = self._drive.T  # axis by axis: ten times as fast as a sum along rows of three
                self._room += dt * np.sqrt(x * x + y * y + z * z)
                np.minimum(self._room, most_skin, out=self._room)
        np.multiply(own_radius, adhesion_distance, out=reach)
        reach += self._room
        self._lists = bins.lists(reach)

    def _evaluate(self, affinity, alike, adhesion_distance, ahead):
        n_cells = len(self._body)
        self._most[:] = 0.0
        self.team.run(
            _push, len(self._most), *self._lists, self.bins.order, self._body.reshape(-1), self._drive, self._movable,
            affinity.reshape(-1), alike, adhesion_distance, ahead, self.free, self.size, self.period, self._reach, self._room,
            self._velocity, self._ease, self._own_pressure, self._own_neighbors, self._most,
            work=30 * n_cells,
        )  # fmt: skip

    def _write(self, position):
        self.team.run(
            _scatter, len(position), self.bins.order, self._body, self._movable, self.free, self.size, self.period,
            self._own_pressure, self._own_neighbors, position, self.pressure, self.neighbors, work=5 * len(position),
        )  # fmt: skip
