"""What passes between cells and the ligand fields: release and uptake go in, concentrations at cell surfaces come out.

Each ligand is moved in one go: the cells' release and clearance are laid on the mesh, the field is solved with them inside,
and what the cells sense and take up is read back, near field included (`ligands.near_field`). Uptake that saturates is
linearized about what the cells sense, and the step repeated until that stops moving. Vessels are cells that release
P (B − c); how the blood's B follows is told in `signaling.blood`.
"""

from math import pi

import numpy as np

from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.ligands.voxel_field import VoxelField

__all__ = ["Exchange"]

_SETTLED = 2e-3  # change of uptake between two rounds, as a share of all uptake, that ends the rounds
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
        self.infusion = np.zeros(len(self.fields))  # into the bath, everywhere [molecules/µm³/min]

    def _near(self, domain, types, name, field):
        """What cells see of one ligand: their surroundings resolved, or their voxel where that makes no difference."""
        if domain.sensing == "voxel" or not _dents(types, name, field):
            return VoxelField(self.mesh, self.team)
        largest = max(float(own.radius) for own in types)
        return NearField(self.mesh, field.diffusion, field.decay, largest, field.walls, self.team)

    def locate(self, cells):
        """Cells have moved, grown, come or gone: find their places on the mesh again."""
        flat = self.flat[cells.cell_type]
        shared = {}
        self._places = []
        for near in self.near:
            key = type(near) if isinstance(near, VoxelField) else id(near)
            if key not in shared:
                shared[key] = near.place(cells.position, cells.radius, flat)
            self._places.append(shared[key])

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
        field, near, place = self.fields[ligand], self.near[ligand], self._places[ligand]
        permeability = self.permeability[cells.cell_type, ligand]
        rate = cells.secretion_rate[:, ligand] + permeability * blood
        saturable = ligand in self.receptors.saturable
        before = field.save() if saturable else None
        for _ in range(_MOST_ROUNDS):
            clearance = self.receptors.clearance(cells, ligand)
            passed = clearance + permeability
            self._solve(field, near, place, rate, passed, ligand, dt)
            cells.sensed[:, ligand], _, _ = near.sense(place, rate, passed, field.concentration)
            if not saturable:
                break
            change = np.abs(self.receptors.clearance(cells, ligand) - clearance) * cells.sensed[:, ligand]
            if change.sum() <= _SETTLED * (clearance * cells.sensed[:, ligand]).sum():
                break
            field.restore(before)
        mean, _, _ = near.sense(place, rate, passed, field.average)
        cells.captured[:, ligand] = clearance * mean
        return float(np.sum(permeability * (blood - mean)) * dt)

    def _solve(self, field, near, place, rate, clearance, ligand, dt):
        self.source.fill(self.infusion[ligand])
        self.loss.fill(0.0)
        near.deposit(place, rate, clearance, self.source, self.loss)
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
