"""A tissue: a mesh, the ligand fields on it, and the cells in it."""

import numpy as np

from autocrine_abm.behavior import damage
from autocrine_abm.behavior.baseline import baseline
from autocrine_abm.behavior.contacts import Contacts
from autocrine_abm.behavior.corpses import Corpses
from autocrine_abm.behavior.cycle import Cycle, phase_names
from autocrine_abm.behavior.death import cleared, die, shares_of_dead, tables_of
from autocrine_abm.behavior.division import divide, separation
from autocrine_abm.behavior.events import APOPTOSIS, DIVISION, NECROSIS, NEXT_PHASE, TRANSITIONS, first_events
from autocrine_abm.behavior.growth import decay, grow
from autocrine_abm.behavior.inheritance import Inheritance
from autocrine_abm.behavior.lattice import Lattice
from autocrine_abm.behavior.mechanics import Mechanics
from autocrine_abm.behavior.motility import Walk, attractants
from autocrine_abm.behavior.pathway import Pathway, node_names
from autocrine_abm.behavior.placement import ask, migrate
from autocrine_abm.behavior.rules import RuleBook, behavior_column
from autocrine_abm.behavior.transition import Transitions
from autocrine_abm.cells.adhesion import affinities
from autocrine_abm.cells.cell_type import transition_names
from autocrine_abm.cells.columns import ALIVE, APOPTOTIC, NECROTIC
from autocrine_abm.cells.damage import damage_names
from autocrine_abm.cells.rule import contact_names
from autocrine_abm.cells.state import CellState
from autocrine_abm.cells.trait import trait_names
from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.mesh.boundaries import Walls
from autocrine_abm.randomness import Purpose, uniforms
from autocrine_abm.scratch import Scratch
from autocrine_abm.signaling.exchange import Exchange
from autocrine_abm.signaling.provenance import SHARES, Provenance
from autocrine_abm.signaling.receptors import Receptors, receptor_names

__all__ = ["Tissue"]

_LOOKED_UP = (
    "division_rate", "apoptosis_rate", "necrosis_rate", "growth_rate", "migration_rate", "speed", "persistence",
    "secretion_rate", "uptake_clearance",
)  # fmt: skip
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
    provenance : dict of str to Provenance
        Tagged fields by ligand, once origins are followed.
    origins : dict of str to Origins
        Who accounted for what cells sensed, by ligand, when `trace` was last called.
    births, deaths : int
        Since the start of the run.
    change : Transitions
        What lets cells change their type, and counts that.
    entered_blood, came_from_blood : int
        Since the start of the run.
    """

    def __init__(self, name, spec, seed, team):
        self.name, self.seed, self.team = name, seed, team
        self.domain = spec.tissue[name]
        self.mesh = self.domain.mesh()
        walks = any(own.motility is not None for own in spec.cell.values())
        self.cells = CellState(
            spec.cell, spec.ligand, receptor_names(spec.cell), node_names(spec.cell), trait_names(spec.cell),
            attractants(spec.cell), walks, phase_names(spec.cell), transition_names(spec.cell), contact_names(spec.cell),
            damage_names(spec.cell),
        )  # fmt: skip
        self.fields = {
            ligand_name: LigandField(
                self.mesh, float(ligand.diffusion), float(ligand.decay), Walls(*ligand.walls(self.mesh)),
                initial=ligand.concentration(ligand.initial), name=ligand_name,
            )
            for ligand_name, ligand in spec.ligand.items()
        }  # fmt: skip
        self.transport, self.scratch = Transport(self.mesh, team), Scratch()
        self.provenance, self.origins = {}, {}
        on_lattice = self.domain.space == "lattice"
        self.lattice = Lattice(self.mesh) if on_lattice else None
        self.mechanics = None if on_lattice else Mechanics(self.mesh, team, self.scratch)
        self.births = self.deaths = self.entered_blood = self.came_from_blood = 0
        self._asked = 0  # divisions and changes of type that agents asked for
        self._departing, self.departed = [], []  # rows of cells that enter the blood; then their columns, until they are in it
        self._read(spec)
        alike = self._alike()
        self.cells.look_up(tables_of({name: self.base[name] for name in alike}, self._shares_of_dead))

    def _alike(self):
        """Columns in which all cells of a type are alike, as neither rules nor traits write them."""
        written = {behavior_column(name, self.cells.names)[0] for name in self.rules.behaviors} | self.inheritance.scaled
        return [name for name in _LOOKED_UP if name not in written]

    def _read(self, spec):
        """Take up the numbers of a scenario: everything here follows from them and lasts no longer than they do."""
        self.spec = spec
        self.types = list(spec.cell.values())
        self.cycle = Cycle(spec.cell)
        self.pathway = Pathway(spec.cell)
        self.receptors = Receptors(spec.cell, spec.ligand, self.team)
        self.exchange = Exchange(
            self.domain, spec.cell, spec.ligand, self.fields, self.receptors, self.transport, self.team, self.scratch
        )
        self.rules = RuleBook(spec.cell, spec.ligand)
        self.full_volume = self._per_type("volume")
        self.repulsion, self.adhesion = self._per_type("repulsion"), self._per_type("adhesion")
        self.affinity = affinities(spec.cell)
        self.walk = Walk(
            spec.cell, spec.ligand, self.exchange, self.domain.sensing == "voxel", self.team, self.domain.fibers
        )
        self.inheritance = Inheritance(spec.cell, self.cells.names, self.seed, self.team)
        self.base = baseline(spec.cell, self.cells.names)
        parts = self.pathway, self.receptors, self.cycle, self.rules, self.inheritance
        self.change = Transitions(spec.cell, self.base, *parts, self.team)
        self.contacts = Contacts(contact_names(spec.cell), spec.cell, self.mesh, self.domain.adhesion_distance, self.team)
        self.corpses, self._shares_of_dead = Corpses(spec.cell), shares_of_dead(spec.cell, spec.ligand)

    def _per_type(self, parameter):
        return np.array([float(getattr(cell_type, parameter)) for cell_type in self.types])

    # -- changes while it lives ---------------------------------------------------------------------------------------

    def adopt(self, spec):
        """Go on by the numbers of another scenario, which has the same ligands, cell types and names; see `TumorModel.change`.

        Parameters
        ----------
        spec : Scenario
        """
        self.cells.store()  # what cells have now is theirs
        before, changed_type = self.types, self.change.counts
        for ligand_name, ligand in spec.ligand.items():
            if ligand != self.spec.ligand[ligand_name]:
                walls = Walls(*ligand.walls(self.mesh))
                self.fields[ligand_name].become(float(ligand.diffusion), float(ligand.decay), walls)
        self._read(spec)
        self.change.counts[:] = changed_type
        for provenance in self.provenance.values():
            provenance.adopt(self.exchange)
        for index, (old, new) in enumerate(zip(before, self.types)):
            self._rebase(index, old, new)

    def _rebase(self, index, old, new):
        """Give living cells of a type the new base values of what no rule decides anew in every step; traits scale them."""
        rows = np.flatnonzero((self.cells.cell_type == index) & (self.cells.phase == ALIVE))
        ruled = {rule.behavior for rule in new.rule}
        for behavior in new.behaviors():
            was, value = float(old.base_value(behavior)), float(new.base_value(behavior))
            if value == was or behavior in ruled:
                continue
            column, place = behavior_column(behavior, self.cells.names)
            out = self.cells[column]
            (out if out.ndim == 2 else out[:, None])[rows, place] = value
            self.inheritance.scale_anew(self.cells, rows, column, place)
            if column == "receptor_target" and not self.receptors.renewed[index, place]:  # nothing else would change them
                own = self.cells.receptors
                own[rows, place] = own[rows, place] * (value / was) if was > 0 else value

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
        cycle_phase, cycle_time = self.cycle.enter(cell_type, ids, self.seed, time)
        rows = self.cells.add(
            len(position), cycle_phase=cycle_phase, cycle_time=cycle_time, cell_id=ids, clone_id=ids,
            cell_type=cell_type, birth_time=time, phase_time=time, position=position, volume=self.full_volume[cell_type],
            radius=np.array([float(own.radius) for own in self.types])[cell_type],
            node=self.pathway.initial[cell_type], node_target=self.pathway.base[cell_type],
            receptors=self.receptors.number[cell_type], receptor_target=self.receptors.number[cell_type],
            **{name: values[cell_type] for name, values in self.base.items() if self.cells.is_stored(name)},
        )  # fmt: skip
        self.inheritance.seed_traits(self.cells, np.arange(rows.start, rows.stop))
        self.settle_rows()
        return rows

    def settle_rows(self):
        """Rows have changed: find everybody's place again."""
        if self.lattice is not None:
            self.lattice.rebuild(self.cells.position)

    # -- what a run goes on from ---------------------------------------------------------------------------------------

    def state(self):
        """All that the future of the tissue depends on, for `restore`: dict of arrays, some of them views, and numbers."""
        return {
            "cells": self.cells.state(),
            "fields": {name: field.state() for name, field in self.fields.items()},
            "exchange": self.exchange.state(),
            "provenance": {name: provenance.state() for name, provenance in self.provenance.items()},
            "births": self.births, "deaths": self.deaths, "asked": self._asked, "changes_of_type": self.change.counts,
            "entered_blood": self.entered_blood, "came_from_blood": self.came_from_blood,
            "departed": list(self.departed),
        }  # fmt: skip

    def restore(self, state):
        """Take up what `state` returned."""
        self.cells.restore(state["cells"])
        for name, field in self.fields.items():
            field.restore(state["fields"][name])
        self.exchange.restore(state["exchange"])
        if state["provenance"]:
            self.follow_origins(0.0)
            for name, provenance in self.provenance.items():
                provenance.restore(state["provenance"][name])
        self.births, self.deaths, self._asked = state["births"], state["deaths"], state["asked"]
        self.entered_blood, self.came_from_blood = state["entered_blood"], state["came_from_blood"]
        self.change.counts[:] = state["changes_of_type"]
        self.departed = state["departed"]
        self.settle_rows()

    # -- at the word of an agent --------------------------------------------------------------------------------------

    def remove(self, rows):
        """Take cells away at once."""
        if len(rows):
            kept = np.ones(len(self.cells), bool)
            kept[rows] = False
            self.cells.keep(kept)
            self.settle_rows()

    def kill(self, rows, phase, time):
        """Make corpses of the living cells among `rows` at once."""
        self._let_die(rows[self.cells.phase[rows] == ALIVE], phase, time)

    def divide_now(self, mothers, step, time, first_id):
        """Divide the living cells among `mothers` at once; returns the rows of the daughters."""
        mothers = mothers[self.cells.phase[mothers] == ALIVE]
        self._asked += 1
        repeat = (1 << 16) + self._asked  # far from the draws of decided divisions, and new for each call
        daughters, _ = self._divide(mothers, np.zeros(len(mothers)), step, repeat, time, first_id)
        self.settle_rows()
        return daughters

    def become(self, rows, cell_type, step, time):
        """Let the living cells among `rows` change to the type of an index at once."""
        rows = rows[self.cells.phase[rows] == ALIVE]
        self._asked += 1
        target, when = np.full(len(rows), cell_type), np.full(len(rows), time)
        self.change.become(self.cells, rows, target, when, step, (1 << 16) + self._asked, time)

    # -- origins ------------------------------------------------------------------------------------------------------

    def follow_origins(self, time):
        """From now on [min], keep apart what different senders release."""
        self.cells.trace()
        for index, name in enumerate(self.fields):
            if name not in self.provenance:
                self.provenance[name] = Provenance(self.exchange, index, self.cells.type_names, time)

    def follow(self, index, dt):
        """The field of a ligand has been moved on by dt: move what is known of its senders on too."""
        for provenance in list(self.provenance.values())[index : index + 1]:
            provenance.follow(self.cells, dt)

    def trace(self, time, blood):
        """Share columns and `origins` for the cells as they are now; `blood` is [molecules/µm³] by ligand."""
        self.follow_origins(time)
        self.exchange.locate(self.cells, whole=True)
        for index, (name, provenance) in enumerate(self.provenance.items()):
            origins = self.origins[name] = provenance.trace(self.cells, time, blood[name])
            for column, shares in zip(SHARES, origins.shares().T):
                self.cells[column][:, index] = shares

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
                continue
            if regimen.replace:
                old = field.ledger.present
                field.put(rise)
                field.ledger.added, field.ledger.lost = field.ledger.added + old, field.ledger.lost + old
            else:
                field.put(field.concentration + rise)
            if regimen.ligand in self.provenance:
                self.provenance[regimen.ligand].dosed(rise, regimen.replace)

    def bind(self, dt):
        """Sensed concentrations, antagonists → occupancy, receptors."""
        self.receptors.bind(self.cells, dt)

    def signal(self, dt, now=0.0):
        """Occupancies, concentrations, contacts, nodes → nodes, damage."""
        self.contacts.count(self.cells, self.lattice)
        self.rules.aim(self.cells, self.team, now)
        self.pathway.follow(self.cells, dt, self.team)
        damage.follow(self.cells, dt)

    def respond(self, now=0.0):
        """Nodes, occupancies, sensed concentrations, pressure, contacts, damage, traits → rates."""
        self.rules.apply(self.cells, self.team, now)
        self.inheritance.scale(self.cells)

    def decide(self, step, now, dt):
        """Rates and draws → the first event of each cell in this step, and its time."""
        rows = np.arange(len(self.cells))
        event, time = self.first_events_of(rows, np.zeros(len(rows)), step, now, dt, 0)
        happens = np.flatnonzero(event)  # few: nobody keeps the rest
        self.events = happens, event[happens], time[happens]

    def first_events_of(self, rows, start, step, now, dt, repeat):
        """The next event of each of the given cells after `start`, and its time; see `behavior.events`."""
        return first_events(self.cells, self.cycle, rows, start, now, dt, self.seed, step, repeat, self.team)

    def move(self, step, dt):
        """Forces, or free voxels, → positions."""
        if len(self.cells) == 0:
            return
        if self.lattice is not None:
            migrate(self.cells, self.lattice, self.types, self.seed, step, dt)
            return
        self.exchange.leave()
        cells = self.cells
        kind = cells.cell_type
        self.mechanics.relax(
            cells.position, cells.radius, self.repulsion[kind], self.adhesion[kind], kind,
            self.affinity, float(self.domain.adhesion_distance), self.walk.velocity(cells, self.seed, step, dt),
            np.ones(len(cells), bool), dt,
        )  # fmt: skip
        cells.pressure[:] = self.mechanics.pressure
        cells.neighbors[:] = self.mechanics.neighbors
        self.mechanics.rest()

    def turnover(self, step, start_time, dt, next_id):
        """Events → rows: the only place where cells appear or vanish. Returns the next free cell_id."""
        grow(self.cells, self.full_volume, self.cycle.size, dt, self.team)
        decay(self.cells, np.flatnonzero(self.cells.phase != ALIVE), self.corpses, start_time, dt)
        return self.live_on(*self.events, step, start_time, dt, next_id, 0)

    def live_on(self, rows, event, time, step, start_time, dt, next_id, repeat):
        """Events of the given cells, and all that follow from them in the step; then corpses and departing cells go."""
        cells = self.cells
        before, died = cells.version, []
        while np.any(event):
            happens = np.flatnonzero(event)
            happens = happens[np.argsort(time[happens], kind="stable")]
            rows, event, time = rows[happens], event[happens], time[happens]
            for cause, phase in _PHASE_OF.items():
                self._let_die(rows[event == cause], phase, start_time + time[event == cause])
                died.append(rows[event == cause])
            mothers, when = rows[event == DIVISION], time[event == DIVISION]
            onward, then = rows[event == NEXT_PHASE], time[event == NEXT_PHASE]
            self._go_on(onward, start_time + then)
            if self.change.names:
                changed, at = self._transform(rows, event, time, step, start_time, repeat)
                onward, then = np.concatenate([onward, changed]), np.concatenate([then, at])
            daughters, born = self._divide(mothers, when, step, repeat, start_time, next_id)
            next_id += len(daughters)
            repeat += 1
            # a mother without room tries again at her rate, or, if a cycle has brought her here, in the next step
            again = born | (self.cycle.first[cells.cell_type[mothers]] < 0)
            rows = np.concatenate([onward, mothers[again], daughters])
            start = np.concatenate([then, when[again], when[born]])
            event, time = self.first_events_of(rows, start, step, start_time, dt, repeat)
        for rows in died:
            decay(cells, rows, self.corpses, start_time, dt)
        kept = ~cleared(cells, self.corpses.stays, start_time + dt)
        if self._departing:
            leaving, when = (np.concatenate(parts) for parts in zip(*self._departing))
            self.departed.append((cells.copy_of(leaving), when))
            self.entered_blood += len(leaving)
            kept[leaving] = False
            self._departing = []
        cells.keep(kept)
        if cells.version != before:
            self.settle_rows()
        return next_id

    def _transform(self, rows, event, time, step, start_time, repeat):
        """Let cells change their type, and set those that enter the blood aside; returns rows and times of the former."""
        target = np.full(len(rows), -2)
        chosen = np.flatnonzero(event >= TRANSITIONS)
        target[chosen] = self.change.target[event[chosen] - TRANSITIONS]
        leaves, changes = target == -1, target >= 0
        if leaves.any():
            self._departing.append((rows[leaves], start_time + time[leaves]))
            if self.lattice is not None:
                self.lattice.vacate(rows[leaves])
        rows, time = rows[changes], time[changes]
        self.change.become(self.cells, rows, target[changes], start_time + time, step, repeat, start_time)
        return rows, time

    def _go_on(self, rows, time):
        """Move cells on to the next phase of their cycle."""
        cells = self.cells
        cells.cycle_phase[rows] = self.cycle.following[cells.cell_type[rows], cells.cycle_phase[rows]]
        cells.cycle_time[rows] = time

    def _let_die(self, rows, phase, time):
        die(self.cells, rows, phase, time, self._shares_of_dead)
        self.deaths += len(rows)
        if self.lattice is not None:
            self.lattice.vacate(rows[self.corpses.stays[2 * self.cells.cell_type[rows] + phase - 1] == 0])

    def _divide(self, mothers, when, step, repeat, start_time, first_id):
        """Divide those mothers that find room; returns rows of the daughters and which of the mothers are theirs."""
        cells = self.cells
        born = np.ones(len(mothers), bool)
        if self.lattice is not None:
            draws = uniforms(self.seed, cells.cell_id[mothers], step, Purpose.TARGET, repeat)[:, 0]
            voxel = ask(self.lattice.divide, "daughter", self.types, cells.cell_type, mothers, draws)
            born = voxel >= 0
            mothers, when = mothers[born], when[born]
        else:
            apart = separation(cells, mothers, self.seed, step, repeat, self.mesh.dimension)
        daughters = divide(cells, mothers, first_id, start_time + when, self.receptors.renewed)
        self.inheritance.inherit(cells, mothers, np.arange(daughters.start, daughters.stop), step, repeat)
        for parted in (mothers, daughters):
            cells.cycle_phase[parted] = np.maximum(self.cycle.first[cells.cell_type[parted]], 0)
            cells.cycle_time[parted] = start_time + when
        if self.lattice is not None:
            cells.position[daughters] = self.lattice.center(voxel[born])
            self.lattice.enter(voxel[born])
        else:
            cells.position[daughters] = self.mesh.inside(cells.position[daughters] + apart)
            cells.position[mothers] = self.mesh.inside(cells.position[mothers] - apart)
        self.births += len(mothers)
        return np.arange(daughters.start, daughters.stop), born
