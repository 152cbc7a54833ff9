"""Cells in the blood: they have left a tissue, and die, or settle in one again.

How fast is told by the `Bloodstream` of their type. All waiting times are exponential and drawn exactly, so that numbers
are right whatever the step: a cell may enter the blood, settle, divide and enter it again within one step.
"""

import numpy as np

from autocrine_abm.behavior.landing import landing
from autocrine_abm.cells.state import CellState
from autocrine_abm.randomness import Purpose, exponential, uniforms

__all__ = ["CirculatingCells"]

_ROUND = 1024  # decisions that a cell may take in a tissue between two stays in the blood, before draws would repeat


class CirculatingCells:
    """The cells in the blood; entered = circulating + died + seeded, always.

    Parameters
    ----------
    cell_types : dict of str to CellType
    tissues : dict of str to Tissue
    seed : int
        Key of all random draws.

    Attributes
    ----------
    cells : CellState
        Those that circulate now; their positions are the ones that they left.
    died : int
        Cells that died in the blood, since the start.
    """

    def __init__(self, cell_types, tissues, seed):
        self.seed, self.tissues = seed, list(tissues.values())
        self.cells = CellState.like(self.tissues[0].cells)
        self.died = 0
        self.adopt(cell_types)

    def adopt(self, cell_types):
        """Go by the rates of these types from now on."""
        rates = np.zeros((len(cell_types), 1 + len(self.tissues)))  # of death, and of settling in each tissue
        for row, own in zip(rates, cell_types.values()):
            if own.bloodstream is not None:
                settles = own.bloodstream.extravasation_rate
                row[:] = [own.bloodstream.death_rate, *(settles.get(tissue.name, 0.0) for tissue in self.tissues)]
        self._rates = rates

    @property
    def entered(self):
        """Entries into the blood since the start."""
        return sum(tissue.entered_blood for tissue in self.tissues)

    @property
    def seeded(self):
        """Cells that settled in a tissue since the start."""
        return sum(tissue.came_from_blood for tissue in self.tissues)

    def state(self):
        """What the cells in the blood go on from, for `restore`; some of it views."""
        return {"cells": self.cells.state(), "died": self.died}

    def restore(self, state):
        """Take up what `state` returned."""
        self.cells.restore(state["cells"])
        self.died = state["died"]

    def remove(self, cell_ids):
        """Let the given cells die, those that are here."""
        kept = ~np.isin(self.cells.cell_id, cell_ids)
        self.died += int(np.count_nonzero(~kept))
        self.cells.keep(kept)

    def flow(self, step, start_time, dt, next_id):
        """Cells that tissues have let go → the blood → tissues, to the end of the step. Returns the next free cell_id."""
        ids, since, rounds = self.cells.cell_id.copy(), np.zeros(len(self.cells)), 0
        while True:
            for tissue in self.tissues:
                for values, when in tissue.life.departed:
                    self.cells.insert(values)
                    ids, since = np.concatenate([ids, values["cell_id"]]), np.concatenate([since, when - start_time])
                tissue.life.departed = []
            if not len(ids):
                return next_id
            ids, since, next_id = self._decide(ids, since, step, start_time, dt, rounds, next_id)
            rounds += 1

    def _decide(self, ids, since, step, start_time, dt, rounds, next_id):
        """Deaths and landings of the given cells; returns those that found no room, and since when."""
        draws = uniforms(self.seed, ids, step, Purpose.CIRCULATION, rounds)
        rates = self._rates[self.cells.cell_type[self.cells.rows_of(ids)]]
        when = since + exponential(draws[:, 0], rates.sum(axis=1))
        due = np.flatnonzero(when < dt)
        due = due[np.argsort(when[due], kind="stable")]
        ids, when, share = ids[due], when[due], draws[due, 1, None]
        ends = np.cumsum(rates[due], axis=1)
        fate = np.sum(ends / ends[:, -1:] <= share, axis=1)
        gone, refused = [ids[fate == 0]], np.zeros(len(ids), bool)
        self.died += len(gone[0])
        for number, tissue in enumerate(self.tissues, start=1):
            coming = np.flatnonzero(fate == number)
            if len(coming):
                values = self.cells.copy_of(self.cells.rows_of(ids[coming]))
                repeat = _ROUND * (1 + rounds)
                settled, next_id = self._settle(tissue, values, when[coming], step, start_time, dt, next_id, repeat)
                gone.append(ids[coming[settled]])
                refused[coming[~settled]] = True
        self.cells.keep(~np.isin(self.cells.cell_id, np.concatenate(gone)))
        return ids[refused], when[refused], next_id

    def _settle(self, tissue, newcomers, time, step, start_time, dt, next_id, repeat):
        """Put cells into a tissue and let them do all that they do in the rest of the step; returns who found room."""
        vessels, flat = tissue.exchange.permeability.any(axis=1), tissue.exchange.flat
        places = landing(tissue.cells, newcomers, tissue.mesh, tissue.lattice, vessels, flat, self.seed, step, repeat)
        settled = np.isfinite(places[:, 0])
        newcomers = {name: values[settled] for name, values in (newcomers | {"position": places}).items()}
        rows = tissue.cells.insert(newcomers)
        tissue.came_from_blood += len(rows)
        tissue.life.settle_rows()
        event, time = tissue.life.first_events_of(rows, time[settled], step, start_time, dt, repeat)
        return settled, tissue.life.live_on(rows, event, time, step, start_time, dt, next_id, repeat)
