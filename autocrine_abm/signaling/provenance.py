"""Where the molecules come from that a cell senses: from itself, its kind, other cells, the blood, or
outside.

With uptake frozen, a ligand's field is linear in its sources, so it is the sum of *tagged fields*, one per
group of senders: each cell type, the blood (what vessels let in), and the boundary (walls held at a
concentration, what was there at the start, doses and infusions into the bath). Tags move with the same
solver, the same loss and the very substeps that the field itself took, and what a cell senses is the sum of
what it senses of the tags, near field included. From the tag of a cell's own type, what it released itself is
told apart by `self_signal`.

Steady ligands are solved once per group when somebody asks. Tags of ligands that are followed in time have to
move along in every step, from the moment when provenance is switched on; what is in the field at that moment
counts to the boundary.

Moments of the sources, q·1, q·x and q·|x|², moved the same way, give the mean square of the distance between
sender and receiver: ⟨|x − y|²⟩ at a receiver at y is M₂ − 2 y·M₁ + y²M₀, near field and self included. Along
a periodic axis the moments are q cos θ and q sin θ with θ = 2πx/L, and the distance is the chord (L/π)
sin(πd/L), which is d for d ≪ L.
"""

from dataclasses import dataclass, replace

import numpy as np

from autocrine_abm.ligands.field import LigandField
from autocrine_abm.signaling.self_signal import SelfSignal

__all__ = ["SHARES", "Origins", "Provenance"]

#: Columns of the cell table that hold `Origins.shares`, in their order.
SHARES = ("share_self", "share_same_type", "share_other_types", "share_blood", "share_boundary")

_SETTLED = (
    2e-3  # change of what passes through cells, between rounds of field and close neighbors, that ends them
)
_MOST_ROUNDS = 8
_FEW = 12  # senders of a steady ligand up to which each one gets a solve of the whole mesh
_SWEEPS = 8  # over close neighbors, for what is read out
_ACCURACY = 1e-6  # of steady tags, as of steady fields
_OF_MOMENTS = 1e-7  # since little is left of them after subtraction


@dataclass(frozen=True)
class Origins:
    """What each cell senses of one ligand, by sender.

    Attributes
    ----------
    senders : tuple of str
        The cell types, ``"blood"`` and ``"boundary"``.
    signal : ndarray of float, shape (n, n_senders)
        Concentration at the cell's surface that each group accounts for [molecules/µm³]; ≥ 0.
    own : ndarray of float, shape (n,)
        What the cell's own release accounts for, a part of its type's column [molecules/µm³].
    clearance : ndarray of float, shape (n,)
        The cell captures clearance · signal [µm³/min].
    returned : ndarray of float, shape (n,)
        Permeability of a vessel, which takes permeability · signal into the blood [µm³/min].
    square_distance : ndarray of float, shape (n,), or None
        Mean square distance to the senders, weighted by what they account for; cells only, the blood and the
        boundary have no place [µm²]. None unless asked for.
    cell_type, cell_id : ndarray of int, shape (n,)
        Of the receiving cells, as they were then.
    """

    senders: tuple
    signal: np.ndarray
    own: np.ndarray
    clearance: np.ndarray
    returned: np.ndarray
    square_distance: np.ndarray | None
    cell_type: np.ndarray
    cell_id: np.ndarray

    @property
    def total(self):
        """Concentration at the cell's surface, all senders together [molecules/µm³], shape (n,)."""
        return self.signal.sum(axis=1)

    def shares(self):
        """Shares of self, same type, other types, blood and boundary, shape (n, 5); nan where nothing is
        sensed."""
        n = len(self.own)
        own_type = self.signal[np.arange(n), self.cell_type] if n else np.zeros(0)
        types = self.signal[:, :-2].sum(axis=1)
        parts = [self.own, own_type - self.own, types - own_type, self.signal[:, -2], self.signal[:, -1]]
        parts = np.maximum(np.stack(parts, axis=1), 0.0)
        total = parts.sum(axis=1, keepdims=True)
        return np.divide(parts, total, out=np.full(parts.shape, np.nan), where=total > 0)


class Provenance:
    """Tagged fields of one ligand in one tissue.

    Parameters
    ----------
    exchange : Exchange
        Of the tissue.
    ligand : int
        Index of the ligand.
    type_names : sequence of str
        Names of the cell types.
    time : float
        Now [min].
    distances : bool
        Whether moments are moved too.

    Attributes
    ----------
    tags : dict of str to LigandField
        By sender.
    """

    def __init__(self, exchange, ligand, type_names, time, distances=True):
        self.exchange, self.ligand = exchange, ligand
        self.field = exchange.fields[ligand]
        self.steady = exchange.ligands[ligand].transport == "steady"
        self.start = float(time)
        self.types = tuple(type_names)
        self.senders = (*self.types, "blood", "boundary")
        mesh = self.field.mesh
        self._know_walls()
        self._source, self._spare, self._scratch = (np.zeros(mesh.shape) for _ in range(3))
        self.tags = {"boundary": self._new(self.field.concentration)}
        self.tags["boundary"].wall_exchange = self._supplied
        self._moments = _Moments(mesh) if distances else None
        self.moments = []

    def _know_walls(self):
        """Learn the walls: those of the field, and the same without what they supply."""
        self.self_signal = SelfSignal(self.field, self.exchange.team)
        self._supplied = self.exchange.transport.walls_of(self.field)
        self._closed = [replace(level, supply=np.zeros_like(level.supply)) for level in self._supplied]

    def adopt(self, exchange):
        """Constants and walls of the field, or what cells exchange, have changed: the tags go on with them.

        Parameters
        ----------
        exchange : Exchange
        """
        self.exchange = exchange
        self._know_walls()
        for tag in (*self.tags.values(), *self.moments):
            tag.become(self.field.diffusion, self.field.decay, self.field.walls)
            tag.wall_exchange = self._supplied if tag is self.tags["boundary"] else self._closed

    def _new(self, concentration=0.0):
        """An empty tag; what only the whole field needs, or nobody after a solve, is shared between tags."""
        own = self.field
        tag = LigandField(own.mesh, own.diffusion, own.decay, own.walls, concentration, own.name)
        tag.wall_exchange = self._closed
        tag.average = self._scratch
        return tag

    def state(self):
        """All that the future of the tags depends on, for `restore`: dict of arrays and numbers; a copy."""
        return {
            "start": self.start,
            "tags": {name: tag.state() for name, tag in self.tags.items()},
            "moments": [moment.state() for moment in self.moments],
        }

    def restore(self, state):
        """Take up what `state` returned."""
        self.start = state["start"]
        for name, tag in state["tags"].items():
            self._tag(name).restore(tag)
        self.moments = [self._new() for _ in state["moments"]]
        for moment, saved in zip(self.moments, state["moments"]):
            moment.restore(saved)

    def dosed(self, rise, replaced):
        """A dose has raised the field everywhere by `rise` [molecules/µm³], or replaced what was there."""
        if replaced:
            for tag in (*self.tags.values(), *self.moments):
                tag.concentration[...] = 0.0
        self.tags["boundary"].concentration += rise

    def follow(self, cells, dt):
        """Move the tags on as the field just moved, by dt [min]; right after ``Exchange.advance``.

        Parameters
        ----------
        cells : CellState
        dt : float
        """
        if self.steady:
            return
        exchange, last = self.exchange, self.exchange.last
        near, place, close = exchange.seen(self.ligand)
        parts = [
            (self._tag(name), rate)
            for name, rate in self._rates(cells, last.blood)
            if self._counts(name, rate)
        ]
        if close is not None:
            excess = [self._excess(tag, rate, last.passed) for tag, rate in parts]
            missing = last.excess - sum(excess)  # the field has had its rounds, its parts have not
            size = sum(map(np.abs, excess)) + 1e-300
            excess = [part + missing * np.abs(part) / size for part in excess]
        else:
            excess = [None] * len(parts)
        moved = [(tag, rate, part) for (tag, rate), part in zip(parts, excess)]
        for moment, rate in self._moment_rates(cells):
            moved.append((moment, rate, self._excess(moment, rate, last.passed)))
        for tag, rate, part in moved:
            source = self._source_of(tag, rate, last.passed, part)
            exchange.transport.replay(tag, source, exchange.loss, dt, last.taken)

    def trace(self, cells, time, blood):
        """Who accounts for what each cell senses now, where it is now.

        Parameters
        ----------
        cells : CellState
            Located already (``Exchange.locate``).
        time : float
            Now [min].
        blood : float
            Concentration in the blood [molecules/µm³].

        Returns
        -------
        Origins
        """
        exchange, n = self.exchange, len(cells)
        near, place, close = exchange.seen(self.ligand)
        permeability = exchange.permeability_of(cells, self.ligand)
        clearance = exchange.receptors.clearance(cells, self.ligand)
        passed = clearance + permeability
        exchange.lay(near, place, np.zeros(n), passed, None, self.ligand)  # for the loss
        loss = exchange.loss
        signal, square_distance = self._signal(cells, blood, passed)
        release = cells.secretion_rate[:, self.ligand]
        age = np.full(n, np.inf) if self.steady else np.minimum(time - self.start, time - cells.birth_time)
        if exchange.mesh.n_voxels == 1:  # well mixed: all cells of a type sense the same share of each other
            of_type = np.bincount(cells.cell_type, release, minlength=len(self.types))[cells.cell_type]
            own = signal[np.arange(n), cells.cell_type] * np.divide(release, of_type, out=np.zeros(n), where=of_type > 0)
        elif self.steady and np.count_nonzero(release) <= _FEW:
            own = self._one_by_one(release, passed)
        else:
            own = release * self.self_signal.respond(cells, place, close, passed, loss, age, release > 0)
        own = np.minimum(own, signal[np.arange(n), cells.cell_type])
        return Origins(
            self.senders, signal, own, clearance, permeability, square_distance,
            cells.cell_type.copy(), cells.cell_id.copy(),
        )  # fmt: skip

    def _signal(self, cells, blood, passed):
        """What cells sense of each group, shape (n, n_senders), and how far away on average its cells are,
        squared."""
        signal = np.zeros((len(cells), len(self.senders)))
        for column, (name, rate) in enumerate(self._rates(cells, blood)):
            if self._counts(name, rate):
                signal[:, column] = self._sensed(self._tag(name), rate, passed)
        return np.maximum(signal, 0.0), self._square_distance(cells, passed, signal[:, :-2].sum(axis=1))

    def _one_by_one(self, release, passed):
        """What few senders of a steady ligand sense of themselves: a solve for each, shape (n,)."""
        own, alone = np.zeros(len(release)), self._new()
        for row in np.flatnonzero(release):
            rate = np.where(np.arange(len(release)) == row, release, 0.0)
            own[row] = self._sensed(alone, rate, passed)[row]
        return own

    # -- what groups release ---------------------------------------------------------------------------------

    def _tag(self, name):
        """The tagged field of a sender, made when it first has something to say."""
        if name not in self.tags:
            self.tags[name] = self._new()
        return self.tags[name]

    def _counts(self, name, rate):
        return name in self.tags or rate.any()

    def _rates(self, cells, blood):
        """Sender and what each cell releases for it [molecules/min]."""
        release = cells.secretion_rate[:, self.ligand]
        for index, name in enumerate(self.types):
            yield name, np.where(cells.cell_type == index, release, 0.0)
        yield "blood", self.exchange.permeability_of(cells, self.ligand) * blood
        yield "boundary", np.zeros(len(cells))

    def _excess(self, tag, rate, passed, sweeps=4):
        """What close neighbors add to a tag, or None."""
        _, _, close = self.exchange.seen(self.ligand)
        return close and close.relax(rate, passed, tag.concentration, np.zeros(len(rate)), sweeps)

    def _source_of(self, tag, rate, passed, excess):
        """The source of one group; an array that the next call overwrites."""
        near, place, _ = self.exchange.seen(self.ligand)
        self._source.fill(self.exchange.infusion[self.ligand] if tag is self.tags["boundary"] else 0.0)
        near.deposit(place, rate, passed, self._source, self._spare, excess)
        return self._source

    def _sensed(self, tag, rate, passed, accuracy=_ACCURACY):
        """What cells sense of a tag; a steady one is solved first."""
        near, place, close = self.exchange.seen(self.ligand)
        if self.steady:
            supplied = tag is self.tags["boundary"] and any(level.supply.any() for level in tag.wall_exchange)
            if (
                not supplied
                and not rate.any()
                and not (tag is self.tags["boundary"] and self.exchange.infusion[self.ligand])
            ):
                tag.concentration[...] = 0.0
                return np.zeros(len(rate))
            excess = self._excess(tag, rate, passed)
            for _ in range(_MOST_ROUNDS):
                source = self._source_of(tag, rate, passed, excess)
                self.exchange.transport.settle(tag, source, self.exchange.loss, accuracy=accuracy)
                if close is None:
                    break
                alone, flux, effective = near.sense(place, rate, passed, tag.concentration)
                next_excess = close.spread(alone, flux, effective, passed, np.zeros(len(rate)))
                changed = np.abs(effective * (next_excess - excess)).sum()
                net = np.abs(flux - effective * excess).sum()
                excess = next_excess
                if changed <= _SETTLED * net:
                    break
        if not self.steady or close is None:
            alone, flux, effective = near.sense(place, rate, passed, tag.concentration)
        if close is None:
            return alone
        excess = close.spread(alone, flux, effective, passed, np.zeros(len(rate)), _SWEEPS)
        return alone + np.divide(effective, passed, out=np.ones(len(rate)), where=passed > 0) * excess

    # -- distance --------------------------------------------------------------------------------------------

    def _moment_rates(self, cells):
        """Every moment and what each cell releases of it."""
        release = cells.secretion_rate[:, self.ligand]
        if self._moments is None or not (release.any() or self.moments):
            return
        if not self.moments:
            self.moments = [self._new() for _ in range(self._moments.number)]
        for moment, factor in zip(self.moments, self._moments.of(cells.position)):
            yield moment, release * factor

    def _square_distance(self, cells, passed, amount):
        if self._moments is None:
            return None
        sensed = [self._sensed(moment, rate, passed, _OF_MOMENTS) for moment, rate in self._moment_rates(cells)]
        return self._moments.square(cells.position, amount, sensed) if sensed else np.full(len(cells), np.nan)


class _Moments:
    """Moments of the sources of a mesh: per axis x or (cos θ, sin θ), then |x|² over the axes that end.

    Places are measured from the middle of the box in units of its longest edge, so that all moments are of
    order one.
    """

    def __init__(self, mesh):
        self.unit = max(mesh.size)
        self.middle = np.array(mesh.size) / 2
        self.turning = [mesh.size[axis] if mesh.periodic[axis] else 0.0 for axis in range(3)]
        self.axes = [axis for axis in range(3) if mesh.shape[axis] > 1]
        self.ends = [axis for axis in self.axes if not self.turning[axis]]
        self.number = sum(2 if self.turning[axis] else 1 for axis in self.axes) + (len(self.ends) > 0)

    def of(self, position):
        """The moments of sources at the given positions, list of ndarray of shape (n,)."""
        x = position - self.middle
        parts = []
        for axis in self.axes:
            if self.turning[axis]:
                angle = 2 * np.pi * x[:, axis] / self.turning[axis]
                parts += [np.cos(angle), np.sin(angle)]
            else:
                parts.append(x[:, axis] / self.unit)
        if self.ends:
            parts.append((x[:, self.ends] ** 2).sum(axis=1) / self.unit**2)
        return parts

    def square(self, position, amount, sensed):
        """Mean square distance [µm²] of senders from receivers that sense this amount and these moments of
        them."""
        here = self.of(position)
        total = np.zeros(len(position))
        place = 0
        for axis in self.axes:
            if self.turning[axis]:
                total += (
                    2
                    * (self.turning[axis] / (2 * np.pi)) ** 2
                    * (amount - here[place] * sensed[place] - here[place + 1] * sensed[place + 1])
                )
                place += 2
            else:
                total -= 2 * self.unit**2 * here[place] * sensed[place]
                place += 1
        if self.ends:
            total += self.unit**2 * (sensed[place] + here[place] * amount)
        return np.divide(np.maximum(total, 0.0), amount, out=np.full(len(total), np.nan), where=amount > 0)
