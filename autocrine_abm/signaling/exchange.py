"""What passes between cells and the ligand fields: release and uptake go in, concentrations at cell surfaces come out.

Each ligand is moved in one go: the cells' release and clearance are laid on the mesh, the field is solved with them inside,
and what the cells sense and take up is read back, near field included (`ligands.near_field`), and what close neighbors
pass to each other between the points of the mesh (`ligands.close_neighbors`). Uptake that saturates is linearized about
what the cells sense; where it or close neighbors matter, the step is repeated until what passes through the cells stops
moving. Vessels are cells that release
P (B − c); how the blood's B follows is told in `signaling.blood`.
"""

from math import pi

import numpy as np

from autocrine_abm.ligands.close_neighbors import CloseNeighbors
from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.ligands.voxel_field import VoxelField
from autocrine_abm.mesh.neighbors import NeighborBins

__all__ = ["Exchange"]

_SETTLED = 2e-3  # change of what passes through cells between rounds, as a share of it, that ends the rounds
_MOST_ROUNDS = 12
_WEAK = 0.01  # uptake as a share of the diffusion limit below which a cell does not dent the field around it


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
    """

    def __init__(self, domain, cell_types, ligands, fields, receptors, transport, team):
        self.receptors, self.transport, self.team = receptors, transport, team
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
        self.traps = [
            [(names.index(trap.ligand), float(trap.k_on)) for trap in ligand.trap] for ligand in self.ligands
        ]
        self.near = [self._near(domain, types, name, field) for name, field in fields.items()]
        self.resolve = domain.close_neighbors == "resolve"
        self.bins = NeighborBins(self.mesh, team)
        self.infusion = np.zeros(len(self.fields))  # into the bath, everywhere [molecules/µm³/min]

    def _near(self, domain, types, name, field):
        """What cells see of one ligand: their surroundings resolved, or their voxel where that makes no difference."""
        if domain.sensing == "voxel" or not _dents(types, name, field):
            return VoxelField(self.mesh, self.team)
        largest = max(float(own.radius) for own in types)
        return NearField(self.mesh, field.diffusion, field.decay, largest, field.walls, self.team)

    def locate(self, cells):
        """Cells have moved, grown, come or gone: find their places on the mesh, and who is close to whom."""
        flat = self.flat[cells.cell_type]
        self._places, self._close = [], []
        for near in self.near:
            place = near.place(cells.position, cells.radius, flat)
            self._places.append(place)
            self._close.append(self._pairs(near, place, cells.position) if near.reach and self.resolve else None)

    def _pairs(self, near, place, position):
        """The pairs of cells whose exchange the mesh does not show, or None if there are none."""
        start, neighbor = self.bins.neighbors(position, near.reach)
        return CloseNeighbors(near, place, start, neighbor) if neighbor.size else None

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
        permeability = self.permeability[cells.cell_type, ligand]
        rate = cells.secretion_rate[:, ligand] + permeability * blood
        repeats = close is not None or ligand in self.receptors.saturable
        before = field.save() if repeats else None
        clearance = self.receptors.clearance(cells, ligand)
        excess = None
        if close is not None:
            net = cells.secretion_rate[:, ligand] - cells.captured[:, ligand]
            excess = close.relax(rate, clearance + permeability, field.concentration, net)
        for rounds_left in reversed(range(_MOST_ROUNDS)):
            passed = clearance + permeability
            self._solve(field, near, place, rate, passed, excess, ligand, dt)
            cells.sensed[:, ligand], net, _ = near.sense(place, rate, passed, field.concentration, excess)
            if not repeats or not rounds_left:
                break
            # what would pass through the cells in this very field, were it not for the uptake and excess assumed?
            next_clearance = self.receptors.clearance(cells, ligand)
            passed_next = next_clearance + permeability
            next_excess = close and close.relax(rate, passed_next, field.concentration, net.copy())
            _, next_net, _ = near.sense(place, rate, passed_next, field.concentration, next_excess)
            if np.abs(next_net - net).sum() <= _SETTLED * (rate + np.abs(rate - net)).sum():
                break
            clearance, excess = next_clearance, next_excess
            field.restore(before)
        mean, _, _ = near.sense(place, rate, passed, field.average, excess)
        cells.captured[:, ligand] = clearance * mean
        return float(np.sum(permeability * (blood - mean)) * dt)

    def _solve(self, field, near, place, rate, clearance, excess, ligand, dt):
        self.source.fill(self.infusion[ligand])
        self.loss.fill(0.0)
        near.deposit(place, rate, clearance, self.source, self.loss, excess)
        for trap, k_on in self.traps[ligand]:
            self.loss += k_on * self.fields[trap].concentration
        if self.ligands[ligand].transport == "steady":
            self.transport.settle(field, self.source, self.loss, dt)
        else:
            self.transport.step(field, self.source, self.loss, dt)


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
