"""A tissue: a mesh, the ligand fields on it, and the cells in it."""

import numpy as np

from autocrine_abm.behavior import damage
from autocrine_abm.behavior.baseline import baseline
from autocrine_abm.behavior.contacts import Contacts
from autocrine_abm.behavior.cycle import PLACE, Cycle, phase_names
from autocrine_abm.behavior.death import tables_of
from autocrine_abm.behavior.inheritance import Inheritance
from autocrine_abm.behavior.lattice import Lattice
from autocrine_abm.behavior.mechanics import Mechanics
from autocrine_abm.behavior.motility import Walk, attractants
from autocrine_abm.behavior.pathway import Pathway, node_names
from autocrine_abm.behavior.placement import migrate
from autocrine_abm.behavior.rules import RuleBook, behavior_column
from autocrine_abm.behavior.transition import Transitions
from autocrine_abm.cells.adhesion import affinities
from autocrine_abm.cells.cell_type import transition_names
from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.cells.damage import damage_names
from autocrine_abm.cells.rule import contact_names
from autocrine_abm.cells.state import CellState
from autocrine_abm.cells.trait import trait_names
from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.mesh.boundaries import Walls
from autocrine_abm.scratch import Scratch
from autocrine_abm.signaling.exchange import Exchange
from autocrine_abm.signaling.provenance import SHARES, Provenance
from autocrine_abm.signaling.receptors import Receptors, receptor_names
from autocrine_abm.simulation.turnover import Turnover

__all__ = ["Tissue"]

_LOOKED_UP = (
    "division_rate", "apoptosis_rate", "necrosis_rate", "growth_rate", "migration_rate", "speed", "persistence",
    "secretion_rate", "uptake_clearance",
)  # fmt: skip


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
    life : Turnover
        What becomes of the cells.
    change : Transitions
        What lets cells change their type, and counts that.
    births, deaths, entered_blood, came_from_blood : int
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
        self.life = Turnover(self.cells, self.mesh, self.lattice, seed, team)
        self.came_from_blood = 0
        self._read(spec)
        alike = self._alike()
        self.cells.look_up(tables_of({name: self.base[name] for name in alike}, self.life.shares_of_dead))
        if not self.cycle.names:
            self.cells.look_up({name: np.zeros((2, len(self.types))) for name in PLACE})

    @property
    def births(self):
        """Divisions since the start of the run."""
        return self.life.births

    @property
    def deaths(self):
        """Deaths since the start of the run."""
        return self.life.deaths

    @property
    def entered_blood(self):
        """Cells that have left for the blood since the start of the run."""
        return self.life.entered_blood

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
        self.life.adopt(spec, self.cycle, self.receptors, self.inheritance, self.change)

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
        first = len(self.cells)
        self.cells.reserve(first + len(position))
        for chosen in self.team.stretches(len(position)):
            self._add(cell_type[chosen], position[chosen], first_id + chosen.start, time)
        self.life.settle_rows()
        return slice(first, len(self.cells))

    def _add(self, cell_type, position, first_id, time):
        ids = np.arange(first_id, first_id + len(position))
        place = zip(PLACE, self.cycle.enter(cell_type, ids, self.seed, time)) if self.cycle.names else ()
        rows = self.cells.add(
            len(position), cell_id=ids, clone_id=ids,
            cell_type=cell_type, birth_time=time, phase_time=time, position=position, volume=self.life.full_volume[cell_type],
            radius=np.array([float(own.radius) for own in self.types])[cell_type],
            node=self.pathway.initial[cell_type], node_target=self.pathway.base[cell_type],
            receptors=self.receptors.number[cell_type], receptor_target=self.receptors.number[cell_type],
            **dict(place), **{name: values[cell_type] for name, values in self.base.items() if self.cells.is_stored(name)},
        )  # fmt: skip
        self.inheritance.seed_traits(self.cells, np.arange(rows.start, rows.stop))

    # -- what a run goes on from ---------------------------------------------------------------------------------------

    def state(self):
        """All that the future of the tissue depends on, for `restore`: dict of arrays, some of them views, and numbers."""
        return {
            "cells": self.cells.state(),
            "fields": {name: field.state() for name, field in self.fields.items()},
            "exchange": self.exchange.state(),
            "provenance": {name: provenance.state() for name, provenance in self.provenance.items()},
            "came_from_blood": self.came_from_blood,
            **self.life.state(),
        }

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
        self.came_from_blood = state["came_from_blood"]
        self.life.restore(state)
        self.life.settle_rows()

    def remove(self, rows):
        """Take cells away at once."""
        if len(rows):
            kept = np.ones(len(self.cells), bool)
            kept[rows] = False
            self.cells.keep(kept)
            self.life.settle_rows()

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
        self.events = self.life.decide(step, now, dt)

    def move(self, step, dt):
        """Forces, or free voxels, → positions."""
        if len(self.cells) == 0:
            return
        if self.lattice is not None:
            migrate(self.cells, self.lattice, self.types, self.seed, step, dt)
            return
        self.exchange.leave()
        cells = self.cells
        self.mechanics.relax(
            cells.position, cells.radius, self.repulsion, self.adhesion, cells.cell_type, self.affinity,
            float(self.domain.adhesion_distance), self.walk.velocity(cells, self.seed, step, dt),
            np.ones(len(cells), bool), dt,
        )  # fmt: skip
        cells.pressure[:] = self.mechanics.pressure
        cells.neighbors[:] = self.mechanics.neighbors
        self.mechanics.rest()

    def turnover(self, step, start_time, dt, next_id):
        """Events → rows: the only place where cells appear or vanish. Returns the next free cell_id."""
        if self.mechanics is not None and len(self.events[0]) > self.cells.spare:
            self.scratch.let_go()  # nobody works now, and columns that grow are there twice, one after the other
        return self.life.follow(self.events, step, start_time, dt, next_id)
