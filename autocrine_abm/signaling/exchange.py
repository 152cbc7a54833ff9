"""What passes between cells and the ligand fields: release and uptake go in, concentrations at cell surfaces come out.

Each ligand is moved in one go: the cells' release and clearance are laid on the mesh, the field is solved with them inside,
and what the cells sense and take up is read back, near field included (`ligands.near_field`), and what close neighbors
pass to each other between the points of the mesh (`ligands.close_neighbors`). Uptake that saturates is linearized about
what the cells sense; where it or close neighbors matter, the step is repeated until what passes through the cells stops
moving. Traps are a loss on the mesh; what they do below a voxel follows their mean concentration, as if they were even.
Vessels are cells that release P (B − c); how the blood's B follows is told in `signaling.blood`.
"""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.errors import SteadyStateError
from autocrine_abm.ligands.cell_field import KAPPA
from autocrine_abm.ligands.close_neighbors import CloseNeighbors, own_reach
from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.ligands.voxel_field import VoxelField
from autocrine_abm.mesh.neighbors import NeighborBins
from autocrine_abm.scratch import Scratch
from autocrine_abm.signaling.sequence import sequence

__all__ = ["Exchange", "Passage"]

_SETTLED = 2e-3  # change of what passes through cells between rounds, as a share of it, that ends the rounds
_MOST_ROUNDS = 12
_RUNS_AWAY = 3  # rounds in a row that change more than the one before, by which close neighbors do not come to agree
_SCREENED = 0.01  # share of a lone cell's own signal that traps take away, above which its near field takes them in
_WEAK = 0.01  # uptake as a share of the diffusion limit below which a cell does not dent the field around it


@dataclass(frozen=True)
class Passage:
    """How one ligand passed through the cells in the step just done; `Exchange.loss` still holds its loss.

    Parameters
    ----------
    ligand : int
        Its index.
    passed : ndarray of float, shape (n,)
        Clearance, permeability included, as last linearized [µm³/min].
    excess : ndarray of float, shape (n,), or None
        What close neighbors added to the field [molecules/µm³].
    blood : float
        Concentration in the blood, mean over the step [molecules/µm³].
    taken : list of (float, bool)
        Substeps, as `Transport.replay` takes them.
    """

    ligand: int
    passed: np.ndarray
    excess: np.ndarray | None
    blood: float
    taken: list


class Exchange:
    """Carries molecules between the cells and the fields of one tissue.

    Parameters
    ----------
    domain : Domain
    cell_types : dict of str to CellType
    ligands : dict of str to Ligand
    fields : dict of str to LigandField
    receptors : Receptors
    transport : Transport
    team : Team
    scratch : Scratch, optional
        Where the places of cells on the mesh lie, until others need the room.
    """

    def __init__(self, domain, cell_types, ligands, fields, receptors, transport, team, scratch=None):
        self.receptors, self.transport, self.team, self.scratch = receptors, transport, team, scratch or Scratch()
        self.fields, self.ligands = list(fields.values()), list(ligands.values())
        self.mesh = transport.mesh
        self.source, self.loss = np.zeros(self.mesh.shape), np.zeros(self.mesh.shape)
        types = list(cell_types.values())
        self.flat = np.array([own.shape == "disc" for own in types])
        self.permeability = np.array(
            [[sum(e.permeability_area for e in own.exchanges if e.ligand == name) for name in ligands] for own in types],
            dtype=float,
        ).reshape(len(types), len(ligands))
        names = list(ligands)
        self.order = sequence(ligands, cell_types)  # in which ligands are to be moved
        self.traps = [
            [(names.index(trap.ligand), float(trap.k_on)) for trap in ligand.trap] for ligand in self.ligands
        ]
        self.largest = max((_widest(own) for own in types), default=0.0)
        self.near = [self._near(domain, types, name, field) for name, field in fields.items()]
        self._unscreened, self._woken = list(self.near), {}
        self._radius = np.array([float(own.radius) for own in types])
        self._shows = domain.sensing != "voxel" and self.mesh.n_voxels > 1
        self.resolve = domain.close_neighbors == "resolve"
        self.bins = NeighborBins(self.mesh, team)
        self.infusion = np.zeros(len(self.fields))  # into the bath, everywhere [molecules/µm³/min]
        self._calmed = np.zeros(len(self.fields), bool)
        self.last = None

    def _near(self, domain, types, name, field):
        """What cells see of one ligand: their surroundings resolved, or their voxel where that makes no difference."""
        if domain.sensing == "voxel" or self.mesh.n_voxels == 1 or not _dents(types, name, field):  # one voxel is well mixed
            return VoxelField(self.mesh, self.team)
        return self._near_field(field)

    def _near_field(self, field, trapped=0.0):
        return NearField(self.mesh, field.diffusion, field.decay + trapped, self.largest, field.walls, self.team)

    def _alone(self, cells, ligand):
        """What cells see of a ligand without traps: more than their type tells if traits, rules or Python let them do more."""
        near, field = self._unscreened[ligand], self.fields[ligand]
        if not self._shows or isinstance(near, NearField):
            return near
        dents = cells.is_stored("secretion_rate") and cells.secretion_rate[:, ligand].any()
        if not dents and (cells.is_stored("uptake_clearance") or ligand in self.receptors.ligand_of):
            limit = 4 * pi * field.diffusion * self._radius[cells.cell_type]
            dents = np.any(self.receptors.clearance(cells, ligand) > _WEAK * limit)
        if dents and ligand not in self._woken:
            self._woken[ligand] = self._near_field(field)
        return self._woken[ligand] if dents else near

    def state(self):
        """What is there beside cells and fields, for `restore`: infusions under way; a copy."""
        return {"infusion": self.infusion.copy()}

    def restore(self, state):
        """Take up what `state` returned."""
        self.infusion[:] = state["infusion"]

    def _screen(self, cells, ligand):
        """Let the near field of a ligand know how fast traps bind it. It depends on the present alone, not on earlier steps."""
        field, alone, near = self.fields[ligand], self._alone(cells, ligand), self.near[ligand]
        trapped = sum(k_on * float(self.fields[trap].concentration.mean()) for trap, k_on in self.traps[ligand])
        if trapped <= 0 or isinstance(alone, VoxelField):
            self.near[ligand] = alone
            return
        kappa = sqrt((field.decay + trapped) / field.diffusion)
        held_back = [x / (1 + x) for x in (alone.law[KAPPA] * self.largest, kappa * self.largest)]
        if held_back[1] - held_back[0] <= _SCREENED:
            self.near[ligand] = alone
        elif isinstance(near, VoxelField) or kappa != near.law[KAPPA]:
            self.near[ligand] = self._near_field(field, trapped)

    def locate(self, cells, whole=False):
        """Cells have moved, grown, come or gone: find their places on the mesh, and who is close to whom.

        Gaps of ligands that nobody takes up are kept on average only, unless `whole` ones are asked for.
        """
        self.leave()
        self.scratch.clear()
        flat = self.flat[cells.cell_type]
        radius = np.minimum(cells.radius, self.largest, out=self.scratch.take(len(cells)))  # of corpses without exchange
        known = {}  # lists of neighbors are the same for ligands of one reach
        for ligand in range(len(self.near)):
            self._screen(cells, ligand)
            near = self.near[ligand]
            passive = not whole and near.reach > 0 and not self._passes(cells, ligand)
            place = near.place(cells.position, radius, flat, passive, self.scratch)
            self._places.append(place)
            close = self._pairs(cells, ligand, place, known) if near.reach and self.resolve else None
            if whole and close is not None and self._calmed[ligand]:  # what is traced is the step that has been taken
                passed = self.receptors.clearance(cells, ligand) + self.permeability_of(cells, ligand)
                close.calm(near.sense(place, np.zeros(len(cells)), passed, self.fields[ligand].concentration)[2])
            self._close.append(close)
        self._located = self.scratch.mark()

    def _passes(self, cells, ligand):
        """Whether any cell takes a ligand up, or exchanges it with the blood."""
        mark = self.scratch.mark()
        takes_up = self.receptors.clearance(cells, ligand, self.scratch.take(len(cells))).any()
        self.scratch.release(mark)
        return takes_up or self.permeability[:, ligand].any()

    def _pairs(self, cells, ligand, place, known):
        """The pairs of cells whose exchange the mesh does not show, or None if there are none."""
        near = self.near[ligand]
        passed = self.receptors.clearance(cells, ligand) + self.permeability_of(cells, ligand)
        active = passed > 0
        active |= cells.values("secretion_rate", ligand) > 0
        if not active.any():
            return None
        if near.reach not in known:
            # in a periodic box a cell meets each other cell once
            reach = min([near.reach, *(0.4999 * edge for edge, wraps in zip(self.mesh.size, self.mesh.periodic) if wraps)])
            self.bins.sort(cells.position, reach)
            own = np.minimum(own_reach(near, cells.radius), 0.5 * reach)[self.bins.order]
            start, neighbor = self.bins.sorted_pairs(own)
            known[near.reach] = start, neighbor[: start[-1]], self.bins.order.copy()
        start, neighbor, order = known[near.reach]
        return CloseNeighbors(near, place, start, neighbor, order, active, passed) if neighbor.size else None

    def read(self, cells):
        """What the cells of a new tissue sense before anything has been released or taken up: → `sensed`."""
        self.locate(cells)
        idle = self.scratch.take(len(cells))
        idle[:] = 0.0
        mark = self.scratch.mark()
        for ligand, field in enumerate(self.fields):
            self.scratch.release(mark)
            near, place = self.near[ligand], self._places[ligand]
            cells.sensed[:, ligand], _, _ = near.sense(place, idle, idle, field.concentration, None, self.scratch)

    def advance(self, cells, ligand, dt, blood=0.0):
        """Move one ligand on by `dt`: release and clearance → concentration, `sensed`, `captured`.

        Parameters
        ----------
        cells : CellState
        ligand : int
            Index of the ligand.
        dt : float
            [min]
        blood : float
            Concentration of the ligand in the blood, mean over the step [molecules/µm³].

        Returns
        -------
        float
            Molecules that vessels released into the tissue in this time, net.
        """
        field, near, place, close = (own[ligand] for own in (self.fields, self.near, self._places, self._close))
        n, take = len(cells), self.scratch.take
        self.scratch.release(self._located)
        vessels = self.permeability[:, ligand].any()
        permeability = self.permeability_of(cells, ligand) if vessels else 0.0
        release = cells.values("secretion_rate", ligand, take(n))
        rate = release + permeability * blood if vessels else release
        clearance = self.receptors.clearance(cells, ligand, take(n))
        # if nobody takes any up, the field does not depend on what cells sense
        takes_up = (clearance + permeability if vessels else clearance).any()
        repeats = takes_up and (close is not None or ligand in self.receptors.saturable)
        before = field.state() if repeats else None
        if repeats and self.ligands[ligand].transport == "steady" and field.decay == 0:
            self._refuse_more_than_can_leave(cells, ligand, float(rate.sum()))
        excess = None
        if close is not None and takes_up:
            net = release - cells.captured[:, ligand]
            excess = close.relax(rate, clearance + permeability, field.concentration, net)
        mark, change, growing = self.scratch.mark(), np.inf, 0
        for rounds_left in reversed(range(_MOST_ROUNDS)):
            self.scratch.release(mark)
            passed = clearance + permeability if vessels else clearance
            report = self._solve(field, near, place, rate, passed, excess, ligand, dt)
            if close is not None and not takes_up:
                excess = close.relax(rate, passed, field.concentration, np.zeros(len(rate)))
            sensed, net, _ = near.sense(place, rate, passed, field.concentration, excess, self.scratch)
            cells.sensed[:, ligand] = sensed
            if not repeats or not rounds_left:
                break
            # what would pass through the cells in this very field, were it not for the uptake and excess assumed?
            next_clearance = self.receptors.clearance(cells, ligand)
            passed_next = next_clearance + permeability if vessels else next_clearance
            next_excess = close and close.relax(rate, passed_next, field.concentration, net.copy())
            _, next_net, effective = near.sense(place, rate, passed_next, field.concentration, next_excess)
            last, change = change, np.abs(next_net - net).sum()
            if change <= _SETTLED * (rate + np.abs(rate - net)).sum():
                break
            clearance, excess = next_clearance, next_excess
            field.restore(before)
            growing = growing + 1 if change > last else 0
            if close is not None and growing == _RUNS_AWAY:
                close.calm(effective)
                excess = close.relax(rate, passed_next, field.concentration, np.zeros(len(rate)))
        self._calmed[ligand] = close is not None and close.calmed
        self.last = Passage(ligand, passed, excess, blood, report.taken)
        if not passed.any():  # nobody takes any up
            cells.captured[:, ligand] = 0.0
            return 0.0
        mean, _, _ = near.sense(place, rate, passed, field.average, excess, self.scratch)
        np.multiply(clearance, mean, out=cells.captured[:, ligand])
        return float(np.sum(permeability * (blood - mean)) * dt) if vessels else 0.0

    def _refuse_more_than_can_leave(self, cells, ligand, released):
        """No steady state if more comes than cells can take up [molecules/min], and nothing else removes the ligand."""
        field = self.fields[ligand]
        walled = self.transport.walls_of(field)[0].conductance.any()
        trapped = any(self.fields[trap].concentration.any() for trap, _ in self.traps[ligand])
        if walled or trapped or self.permeability_of(cells, ligand).any():
            return
        most = self.receptors.most(cells, ligand)
        released += self.infusion[ligand] * self.mesh.n_voxels * self.mesh.voxel_volume
        if released >= most and released > 0:
            raise SteadyStateError(
                f"{field.name}: a steady state does not exist: {released:.4g} molecules/min are released and cells can take up "
                f"{most:.4g} at most, and nothing else removes the ligand. Give it a decay rate, or choose 'transient'."
            )

    def _solve(self, field, near, place, rate, clearance, excess, ligand, dt):
        self.lay(near, place, rate, clearance, excess, ligand, in_step=True)
        if self.ligands[ligand].transport == "steady":
            return self.transport.settle(field, self.source, self.loss, dt)
        return self.transport.step(field, self.source, self.loss, dt)

    def lay(self, near, place, rate, clearance, excess, ligand, in_step=False):
        """Put all that brings and removes a ligand on the mesh: `source` and `loss`; in a step, or as things are now."""
        self.source.fill(self.infusion[ligand])
        self.loss.fill(0.0)
        near.deposit(place, rate, clearance, self.source, self.loss, excess)
        for trap, k_on in self.traps[ligand]:
            self.loss += k_on * self.trap(ligand, trap, in_step)

    def trap(self, ligand, trap, in_step=True):
        """Concentration of a trap as the field of a ligand meets it, [molecules/µm³] in each voxel; a view.

        While a ligand is followed in time (`in_step`), that is the mean over the step, if the trap has been moved already.
        """
        moved = self.order.index(trap) < self.order.index(ligand)
        follows = in_step and moved and self.ligands[ligand].transport != "steady"
        return self.fields[trap].average if follows else self.fields[trap].concentration

    def permeability_of(self, cells, ligand):
        """Permeability times surface of each cell, 0 for those that are no vessels or dead [µm³/min]; shape (n,)."""
        if not self.permeability[:, ligand].any():
            return np.zeros(len(cells))
        return np.where(cells.phase == ALIVE, self.permeability[cells.cell_type, ligand], 0.0)

    def leave(self):
        """Others need the room: forget where the cells stand, until they are located again."""
        self._places, self._close, self.last = [], [], None

    def seen(self, ligand):
        """Where the cells stand for a ligand: its near field, their places in it, and close pairs or None."""
        return self.near[ligand], self._places[ligand], self._close[ligand]


def _widest(own):
    """Radius of the largest cell of a type that releases or takes up anything, dead ones among them [µm]."""
    goes_on = any(entry.dead > 0 for entry in (*own.secretes, *own.takes_up)) or any(r.applies_to_dead for r in own.rule)
    return own.swollen_radius if goes_on else own.largest_radius


def _dents(types, name, field):
    """Whether any cell releases the ligand, or takes up enough of it, to stand out from its surroundings."""
    for own in types:
        outlets = [part.ligand for part in (*own.secretes, *own.exchanges)]
        if name in outlets or any(rule.behavior == f"secretion of {name}" for rule in own.rule):
            return True
        most = sum(uptake.clearance for uptake in own.takes_up if uptake.ligand == name)
        most += sum(part.number * part.k_internalize / part.half_saturation for part in own.receptor if part.ligand == name)
        most = max([most, *(rule.to for rule in own.rule if rule.behavior == f"uptake of {name}")])
        if most > _WEAK * 4 * pi * field.diffusion * own.radius:
            return True
    return False
