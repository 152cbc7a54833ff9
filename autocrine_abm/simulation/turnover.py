"""Turnover of a tissue: cells grow, divide, change and die, and their rows come and go.

When what happens to a cell is told in `behavior.events`; here it happens, in the order of its time, and so does all that
follows from it within the step. It is the only place where rows appear or vanish in a step.
"""

import numpy as np

from autocrine_abm.behavior.corpses import Corpses
from autocrine_abm.behavior.death import cleared, die, shares_of_dead
from autocrine_abm.behavior.division import divide, separation
from autocrine_abm.behavior.events import APOPTOSIS, DIVISION, NECROSIS, NEXT_PHASE, TRANSITIONS, first_events
from autocrine_abm.behavior.growth import decay, grow
from autocrine_abm.behavior.placement import ask
from autocrine_abm.cells.columns import ALIVE, APOPTOTIC, NECROTIC
from autocrine_abm.randomness import Purpose, uniforms

__all__ = ["Turnover"]

_PHASE_OF = {APOPTOSIS: APOPTOTIC, NECROSIS: NECROTIC}


class Turnover:
    """What becomes of the cells of one tissue.

    Parameters
    ----------
    cells : CellState
    mesh : Mesh
    lattice : Lattice or None
    seed : int
        Key of all random draws.
    team : Team

    Attributes
    ----------
    births, deaths : int
        Since the start of the run.
    entered_blood : int
        Since the start of the run.
    departed : list of (dict of str to ndarray, ndarray of float)
        Columns of cells that have left for the blood, and when [min], until they are in it.
    """

    def __init__(self, cells, mesh, lattice, seed, team):
        self.cells, self.mesh, self.lattice, self.seed, self.team = cells, mesh, lattice, seed, team
        self.births = self.deaths = self.entered_blood = 0
        self._asked = 0  # divisions and changes of type that agents asked for
        self._departing, self.departed = [], []  # rows of cells that enter the blood, in the step that they do so

    def adopt(self, spec, cycle, receptors, inheritance, change):
        """Go by the numbers of a scenario from now on.

        Parameters
        ----------
        spec : Scenario
        cycle : Cycle
        receptors : Receptors
        inheritance : Inheritance
        change : Transitions
        """
        self.types = list(spec.cell.values())
        self.cycle, self.renewed, self.inheritance, self.change = cycle, receptors.renewed, inheritance, change
        self.full_volume = np.array([float(own.volume) for own in self.types])
        self.corpses, self.shares_of_dead = Corpses(spec.cell), shares_of_dead(spec.cell, spec.ligand)

    def state(self):
        """What the future depends on, for `restore`: numbers, and cells that are on their way into the blood."""
        return {
            "births": self.births, "deaths": self.deaths, "asked": self._asked, "changes_of_type": self.change.counts,
            "entered_blood": self.entered_blood, "departed": list(self.departed),
        }  # fmt: skip

    def restore(self, state):
        """Take up what `state` returned."""
        self.births, self.deaths, self._asked = state["births"], state["deaths"], state["asked"]
        self.entered_blood, self.departed = state["entered_blood"], state["departed"]
        self.change.counts[:] = state["changes_of_type"]

    # -- at the word of an agent --------------------------------------------------------------------------------------

    def kill(self, rows, phase, time):
        """Make corpses of the living cells among `rows` at once."""
        self._let_die(rows[self.cells.phase[rows] == ALIVE], phase, time)

    def divide_now(self, mothers, step, time, first_id):
        """Divide the living cells among `mothers` at once; returns the rows of the daughters."""
        mothers = mothers[self.cells.phase[mothers] == ALIVE]
        daughters, _ = self._divide(mothers, np.zeros(len(mothers)), step, self._ask(), time, first_id)
        self.settle_rows()
        return daughters

    def become(self, rows, cell_type, step, time):
        """Let the living cells among `rows` change to the type of an index at once."""
        rows = rows[self.cells.phase[rows] == ALIVE]
        target, when = np.full(len(rows), cell_type), np.full(len(rows), time)
        self.change.become(self.cells, rows, target, when, step, self._ask(), time)

    def _ask(self):
        """Which repeat of a draw an agent's wish has: far from those of decided events, and new for each."""
        self._asked += 1
        return (1 << 16) + self._asked

    # -- in the step --------------------------------------------------------------------------------------------------

    def decide(self, step, now, dt):
        """Rates and draws → rows of the cells to which anything happens in this step, the first event of each, and its time."""
        found = [(np.empty(0, np.int64), np.empty(0, np.int16), np.empty(0))]
        for chosen in self.team.stretches(len(self.cells)):
            rows = np.arange(chosen.start, chosen.stop)
            event, time = self.first_events_of(rows, np.zeros(len(rows)), step, now, dt, 0)
            happens = np.flatnonzero(event)  # few: nobody keeps the rest
            found.append((rows[happens], event[happens], time[happens]))
        return tuple(np.concatenate(parts) for parts in zip(*found))

    def first_events_of(self, rows, start, step, now, dt, repeat):
        """The next event of each of the given cells after `start`, and its time; see `behavior.events`."""
        return first_events(self.cells, self.cycle, rows, start, now, dt, self.seed, step, repeat, self.team)

    def follow(self, events, step, start_time, dt, next_id):
        """What `decide` has found, and all that follows from it; volumes of living and dead cells change too.

        Returns the next free cell_id.
        """
        grow(self.cells, self.full_volume, self.cycle.size, dt, self.team)
        dead = np.flatnonzero(self.cells.phase != ALIVE)
        return self.live_on(*events, step, start_time, dt, next_id, 0, dead)

    def live_on(self, rows, event, time, step, start_time, dt, next_id, repeat, dead=()):
        """Events of the given cells, and all that follow from them in the step; then corpses and departing cells go.

        Parameters
        ----------
        rows, event, time : ndarray, shape (m,)
            From `first_events_of`.
        step : int
        start_time, dt : float
            When the step begins, and its length [min].
        next_id : int
            First free cell_id.
        repeat : int
            How often these cells have decided in this step.
        dead : ndarray of int64, shape (k,), optional
            Rows of corpses of earlier steps, which decay with those of this one.

        Returns
        -------
        int
            The next free cell_id.
        """
        cells = self.cells
        before, died = cells.version, [dead] if len(dead) else []
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
        if died:
            decay(cells, np.concatenate(died), self.corpses, start_time, dt)
        kept = ~cleared(cells, self.corpses.stays, start_time + dt)
        if self._departing:
            kept[self._depart()] = False
        cells.keep(kept)
        if cells.version != before:
            self.settle_rows()
        return next_id

    def settle_rows(self):
        """Rows have changed: find everybody's place again."""
        if self.lattice is not None:
            self.lattice.rebuild(self.cells.position)

    def _depart(self):
        """Set aside all that is known of the cells that enter the blood; returns their rows."""
        leaving, when = (np.concatenate(parts) for parts in zip(*self._departing))
        self.departed.append((self.cells.copy_of(leaving), when))
        self.entered_blood += len(leaving)
        self._departing = []
        return leaving

    def _transform(self, rows, event, time, step, start_time, repeat):
        """Let cells change their type, and note who enters the blood; returns rows and times of the former."""
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
        if len(rows):
            cells.cycle_phase[rows] = self.cycle.following[cells.cell_type[rows], cells.cycle_phase[rows]]
            cells.cycle_time[rows] = time

    def _let_die(self, rows, phase, time):
        die(self.cells, rows, phase, time, self.shares_of_dead)
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
        daughters = divide(cells, mothers, first_id, start_time + when, self.renewed)
        self.inheritance.inherit(cells, mothers, np.arange(daughters.start, daughters.stop), step, repeat)
        if self.cycle.names:
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
