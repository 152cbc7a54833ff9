"""A tissue: a mesh, the ligand fields on it, and the cells in it."""

import numpy as np

from autocrine_abm.behavior.death import cleared, die
from autocrine_abm.behavior.division import divide, separation
from autocrine_abm.behavior.events import APOPTOSIS, DIVISION, NECROSIS, first_events
from autocrine_abm.behavior.growth import grow
from autocrine_abm.behavior.lattice import Lattice
from autocrine_abm.behavior.mechanics import Mechanics
from autocrine_abm.behavior.rules import RuleBook, base_value
from autocrine_abm.cells.cell_type import BEHAVIORS
from autocrine_abm.cells.columns import ALIVE, APOPTOTIC, NECROTIC
from autocrine_abm.cells.state import CellState
from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.ligand import FACES
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.mesh.boundaries import Walls
from autocrine_abm.randomness import Purpose, exponential, uniforms
from autocrine_abm.signaling.exchange import Exchange
from autocrine_abm.signaling.receptors import Receptors, receptor_names

__all__ = ["Tissue"]

_PHASE_OF = {APOPTOSIS: APOPTOTIC, NECROSIS: NECROTIC}


class Tissue:
    """One tissue of a model; each method is a phase of `TumorModel.step`.

    Parameters
    ----------
    name : str
    spec : Scenario
    seed : int
        Key of all random draws.
    team : Team

    Attributes
    ----------
    cells : CellState
    fields : dict of str to LigandField
    lattice : Lattice or None
        Who sits where, if the space is a lattice.
    mechanics : Mechanics or None
        Forces between cells, if it is not.
    births, deaths : int
        Since the start of the run.
    """

    def __init__(self, name, spec, seed, team):
        self.name, self.spec, self.seed, self.team = name, spec, seed, team
        self.domain = spec.tissue[name]
        self.mesh = self.domain.mesh()
        self.types = list(spec.cell.values())
        self.cells = CellState(spec.cell, spec.ligand, receptor_names(spec.cell))
        self.fields = {
            ligand_name: LigandField(
                self.mesh, float(ligand.diffusion), float(ligand.decay), Walls(*map(ligand.wall, FACES)),
                initial=ligand.concentration(ligand.initial), name=ligand_name,
            )
            for ligand_name, ligand in spec.ligand.items()
        }  # fmt: skip
        self.receptors = Receptors(spec.cell, spec.ligand, team)
        self.exchange = Exchange(
            self.domain, spec.cell, spec.ligand, self.fields, self.receptors, Transport(self.mesh, team), team
        )
        self.rules = RuleBook(spec.cell, spec.ligand)
        on_lattice = self.domain.space == "lattice"
        self.lattice = Lattice(self.mesh) if on_lattice else None
        self.mechanics = None if on_lattice else Mechanics(self.mesh, team)
        self.full_volume = self._per_type("volume")
        self.repulsion, self.adhesion = self._per_type("repulsion"), self._per_type("adhesion")
        self.apoptosis_duration = self._per_type("apoptosis_duration")
        self.necrosis_duration = self._per_type("necrosis_duration")
        self.births = self.deaths = 0
        self._asked = 0  # divisions that agents asked for

    def _per_type(self, parameter):
        return np.array([float(getattr(cell_type, parameter)) for cell_type in self.types])

    # -- birth from outside -------------------------------------------------------------------------------------------

    def add(self, cell_type, position, first_id, time):
        """Put new full-grown cells into the tissue.

        Parameters
        ----------
        cell_type : ndarray of int, shape (n,)
            Index of each cell's type.
        position : ndarray of float, shape (n, 3)
            Centers [µm].
        first_id : int
            cell_id of the first; the others follow.
        time : float
            Now [min].

        Returns
        -------
        slice
            Their rows.
        """
        ids = np.arange(first_id, first_id + len(position))
        per_behavior = {name: self._base(name)[cell_type] for name in BEHAVIORS}
        ligands = self.cells.ligand_names
        rows = self.cells.add(
            len(position), cell_id=ids, clone_id=ids, cell_type=cell_type, birth_time=time, phase_time=time,
            position=position, volume=self.full_volume[cell_type],
            radius=np.array([float(own.radius) for own in self.types])[cell_type],
            secretion_rate=self._per_ligand("secretion of ", ligands)[cell_type],
            uptake_clearance=self._per_ligand("uptake of ", ligands)[cell_type],
            receptors=self.receptors.number[cell_type], receptor_target=self.receptors.number[cell_type], **per_behavior,
        )  # fmt: skip
        self._settle_rows()
        return rows

    def _base(self, behavior):
        return np.array([base_value(own, behavior) for own in self.types])

    def _per_ligand(self, prefix, ligands):
        return np.array([[base_value(own, prefix + name) for name in ligands] for own in self.types]).reshape(
            len(self.types), len(ligands)
        )

    def _settle_rows(self):
        """Rows have changed: find everybody's place again."""
        if self.lattice is not None:
            self.lattice.rebuild(self.cells.position)

    # -- at the word of an agent --------------------------------------------------------------------------------------

    def remove(self, rows):
        """Take cells away at once."""
        if len(rows):
            kept = np.ones(len(self.cells), bool)
            kept[rows] = False
            self.cells.keep(kept)
            self._settle_rows()

    def kill(self, rows, phase, time):
        """Make corpses of the living cells among `rows` at once."""
        self._let_die(rows[self.cells.phase[rows] == ALIVE], phase, time)

    def divide_now(self, mothers, step, time, first_id):
        """Divide the living cells among `mothers` at once; returns the rows of the daughters."""
        mothers = mothers[self.cells.phase[mothers] == ALIVE]
        self._asked += 1
        repeat = (1 << 16) + self._asked  # far from the draws of decided divisions, and new for each call
        daughters, _ = self._divide(mothers, np.zeros(len(mothers)), step, repeat, time, first_id)
        self._settle_rows()
        return daughters

    # -- phases of a step ---------------------------------------------------------------------------------------------

    def dose(self, due, dt):
        """Doses into this tissue's bath → concentration, or an even infusion over the step."""
        self.exchange.infusion[:] = 0.0
        names = list(self.fields)
        for dose in due:
            regimen, field = dose.regimen, self.fields[dose.regimen.ligand]
            if regimen.amount is not None:
                rise = dose.share * float(regimen.amount) / (self.mesh.n_voxels * self.mesh.voxel_volume)
            else:
                rise = dose.share * self.spec.ligand[regimen.ligand].concentration(regimen.concentration)
            if dose.end > dose.begin:
                self.exchange.infusion[names.index(regimen.ligand)] += rise / dt
            else:
                field.put(rise if regimen.replace else field.concentration + rise)

    def bind(self, dt):
        """Sensed concentrations, antagonists → occupancy, receptors."""
        self.receptors.bind(self.cells, dt)

    def respond(self):
        """Sensed concentrations and pressure → rates."""
        self.rules.apply(self.cells, self.team)

    def decide(self, step, dt):
        """Rates and draws → the first event of each cell in this step, and its time."""
        rows = np.arange(len(self.cells))
        self.events = (rows, *first_events(self.cells, rows, np.zeros(len(rows)), dt, self.seed, step, 0, self.team))

    def move(self, step, dt):
        """Forces, or free voxels, → positions."""
        if len(self.cells) == 0:
            return
        if self.lattice is not None:
            self._migrate(step, dt)
            return
        cells = self.cells
        kind = cells.cell_type
        self.mechanics.relax(
            cells.position, cells.radius, self.repulsion[kind], self.adhesion[kind], kind.astype(np.int64),
            np.ones((len(self.types), len(self.types))), 1.25, np.zeros((len(cells), 3)), np.ones(len(cells), bool), dt,
        )  # fmt: skip
        cells.pressure[:] = self.mechanics.pressure
        cells.neighbors[:] = self.mechanics.neighbors

    def _migrate(self, step, dt):
        """Moves on the lattice, in the order of their times; whoever has moved may move again."""
        cells = self.cells
        rows = np.flatnonzero(cells.migration_rate)
        start, repeat = np.zeros(len(rows)), 0
        while len(rows):
            draws = uniforms(self.seed, cells.cell_id[rows], step, Purpose.MIGRATION, repeat)
            when = start + exponential(draws[:, 0], cells.migration_rate[rows])
            rows, when, target = (values[when < dt] for values in (rows, when, draws[:, 1]))
            order = np.argsort(when, kind="stable")
            rows, start = rows[order], when[order]
            targets = self._ask_lattice(self.lattice.move, "migrates_to", rows, target[order])
            cells.position[rows[targets >= 0]] = self.lattice.center(targets[targets >= 0])
            repeat += 1

    def _ask_lattice(self, ask, parameter, rows, draws):
        """Targets of moves or daughters; types that choose them differently go one after the other."""
        targets = np.full(len(rows), -1)
        modes = np.array([getattr(own, parameter) for own in self.types])[self.cells.cell_type[rows]]
        for mode in np.unique(modes):
            chosen = modes == mode
            targets[chosen] = ask(rows[chosen], draws[chosen], str(mode))
        return targets

    def turnover(self, step, start_time, dt, next_id):
        """Events → rows: the only place where cells appear or vanish. Returns the next free cell_id."""
        cells = self.cells
        grow(cells, self.full_volume, dt, self.team)
        rows, event, time = self.events
        repeat = 0
        before = cells.version
        while np.any(event):
            happens = np.flatnonzero(event)
            happens = happens[np.argsort(time[happens], kind="stable")]
            rows, event, time = rows[happens], event[happens], time[happens]
            for cause, phase in _PHASE_OF.items():
                self._let_die(rows[event == cause], phase, start_time + time[event == cause])
            mothers, when = rows[event == DIVISION], time[event == DIVISION]
            daughters, born = self._divide(mothers, when, step, repeat, start_time, next_id)
            next_id += len(daughters)
            repeat += 1
            rows, start = np.concatenate([mothers, daughters]), np.concatenate([when, when[born]])
            event, time = first_events(cells, rows, start, dt, self.seed, step, repeat, self.team)
        gone = cleared(cells, self.apoptosis_duration, self.necrosis_duration, start_time + dt)
        if gone.any():
            cells.keep(~gone)
        if cells.version != before:
            self._settle_rows()
        return next_id

    def _let_die(self, rows, phase, time):
        die(self.cells, rows, phase, time)
        self.deaths += len(rows)
        if self.lattice is not None:
            stays = self.apoptosis_duration if phase == APOPTOTIC else self.necrosis_duration
            self.lattice.vacate(rows[stays[self.cells.cell_type[rows]] == 0])

    def _divide(self, mothers, when, step, repeat, start_time, first_id):
        """Divide those mothers that find room; returns rows of the daughters and which of the mothers are theirs."""
        cells = self.cells
        born = np.ones(len(mothers), bool)
        if self.lattice is not None:
            draws = uniforms(self.seed, cells.cell_id[mothers], step, Purpose.TARGET, repeat)[:, 0]
            voxel = self._ask_lattice(self.lattice.divide, "daughter", mothers, draws)
            born = voxel >= 0
            mothers, when = mothers[born], when[born]
        else:
            apart = separation(cells, mothers, self.seed, step, repeat, self.mesh.shape[2] == 1)
        daughters = divide(cells, mothers, first_id, start_time + when, self.receptors.renewed)
        if self.lattice is not None:
            cells.position[daughters] = self.lattice.center(voxel[born])
            self.lattice.enter(voxel[born])
        else:
            cells.position[daughters] += apart
            cells.position[mothers] -= apart
        self.births += len(mothers)
        return np.arange(daughters.start, daughters.stop), born
