"""A Mesa model whose agents are windows on the rows of tables.

Mesa's own lists of agents stay empty: `agents` answers from the columns, and an agent is made when somebody asks for
it. What happens to the cells in a step is told in `simulation.model`.
"""

import weakref

import numpy as np
from mesa import Model

from autocrine_abm.cells.bloodstream import BLOOD
from autocrine_abm.cells.columns import APOPTOTIC, NECROTIC
from autocrine_abm.simulation.agent import CellAgent
from autocrine_abm.simulation.agent_set import CellSet

__all__ = ["CellModel"]


class CellModel(Model):
    """The cells of all tissues as agents, and what may be done to them at once.

    A subclass states `spec`, `clock`, `tissues` and `circulation`, and calls `_open_tables` before there are cells.
    """

    agent_class = CellAgent  #: class of the agents; a subclass of CellAgent may override `step`

    def _open_tables(self):
        self._next_id = 1
        self._views = weakref.WeakValueDictionary()
        if self._steps_in_python:
            self._views = {}  # agents with a will of their own are kept, with whatever they remember
        self._cell_set = CellSet(self)

    @property
    def _steps_in_python(self):
        return self.agent_class.step is not CellAgent.step

    def _forget_the_dead(self):
        self._views = {cell_id: agent for cell_id, agent in self._views.items() if agent.exists}

    # -- cells --------------------------------------------------------------------------------------------------------

    @property
    def n_cells(self):
        """Cells in all tissues, corpses included."""
        return sum(len(tissue.cells) for tissue in self.tissues.values())

    @property
    def births(self):
        """Divisions since the start."""
        return sum(tissue.births for tissue in self.tissues.values())

    @property
    def deaths(self):
        """Deaths since the start, those in the blood among them."""
        in_blood = self.circulation.died if self.circulation is not None else 0
        return sum(tissue.deaths for tissue in self.tissues.values()) + in_blood

    @property
    def tables(self):
        """The cell tables of all tissues, and of the blood if cells travel in it, by name."""
        circulating = {BLOOD: self.circulation.cells} if self.circulation is not None else {}
        return {name: tissue.cells for name, tissue in self.tissues.items()} | circulating

    @property
    def cells(self):
        """The cell table of the only tissue; with several, ask ``model.tissues[name].cells``."""
        (tissue,) = self.tissues.values()
        return tissue.cells

    @property
    def fields(self):
        """The ligand fields of the only tissue; with several, ask ``model.tissues[name].fields``."""
        (tissue,) = self.tissues.values()
        return tissue.fields

    def agent(self, cell_id):
        """The agent of a cell; the same object as long as anyone holds it."""
        agent = self._views.get(cell_id)
        if agent is None:
            agent = self._views[cell_id] = self.agent_class.view(self, cell_id)
        return agent

    def add_cells(self, names, position, tissue=None):
        """Put new cells into a tissue.

        Parameters
        ----------
        names : sequence of str, length n
            Their cell types.
        position : ndarray of float, shape (n, 3)
            Their centers [µm].
        tissue : str, optional
            May be left out if there is only one.

        Returns
        -------
        ndarray of int64, shape (n,)
            Their cell_ids.
        """
        home = self.tissues[tissue or next(iter(self.tissues))]
        kinds = list(self.spec.cell)
        unknown = sorted(set(names) - set(kinds))
        if unknown:
            raise ValueError(f"no cell type is called '{unknown[0]}'; declared are {', '.join(kinds)}")
        index = {name: place for place, name in enumerate(kinds)}
        types = np.fromiter((index[name] for name in names), np.int32, len(names))
        rows = home.add(types, position, self._next_id, self.clock.time)
        self._next_id += len(types)
        return home.cells.cell_id[rows].copy()

    def remove_cells(self, cell_ids):
        """Take cells out of the model at once, leaving no corpses; those that are already gone are passed over."""
        for tissue in self.tissues.values():
            rows = tissue.cells.rows_of(cell_ids)
            tissue.remove(rows[rows >= 0])
        if self.circulation is not None:
            self.circulation.remove(cell_ids)

    def kill_cell(self, cell_id, phase):
        """Make a corpse of a living cell; see `CellAgent.die`."""
        phases = {"apoptotic": APOPTOTIC, "necrotic": NECROTIC}
        if phase not in phases:
            raise ValueError(f"phase: got {phase!r}; accepted is 'apoptotic' or 'necrotic'")
        for tissue in self.tissues.values():
            rows = tissue.cells.rows_of(np.array([cell_id]))
            tissue.life.kill(rows[rows >= 0], phases[phase], self.clock.time)
        if self.circulation is not None:
            self.circulation.remove([cell_id])

    def change_cell(self, cell_id, name):
        """Let a living cell change its type now; see `CellAgent.become`."""
        kinds = list(self.spec.cell)
        if name not in kinds:
            raise ValueError(f"no cell type is called '{name}'; declared are {', '.join(kinds)}")
        for tissue in self.tissues.values():
            rows = tissue.cells.rows_of(np.array([cell_id]))
            tissue.life.become(rows[rows >= 0], kinds.index(name), self.clock.step, self.clock.time)

    def divide_cell(self, cell_id):
        """Divide a living cell now; see `CellAgent.divide`."""
        for tissue in self.tissues.values():
            rows = tissue.cells.rows_of(np.array([cell_id]))
            if rows[0] >= 0:
                daughters = tissue.life.divide_now(rows, self.clock.step, self.clock.time, self._next_id)
                self._next_id += len(daughters)
                return self.agent(int(tissue.cells.cell_id[daughters[0]])) if len(daughters) else None
        raise LookupError(f"cell {cell_id} is no longer there")

    # -- Mesa ---------------------------------------------------------------------------------------------------------

    @property
    def agents(self):
        """All cells as a `CellSet`."""
        return self._cell_set

    @property
    def agents_by_type(self):
        """The cells under their agent class."""
        return {self.agent_class: self._cell_set}

    @property
    def agent_types(self):
        """The agent class of the cells."""
        return [self.agent_class]

    def register_agent(self, agent):
        """Refused: cells come from `CellAgent` or `add_cells`."""
        raise TypeError(
            f"a TumorModel holds cells, got {type(agent).__name__}; subclass CellAgent, or keep other agents yourself"
        )

    def deregister_agent(self, agent):
        """Remove a cell; see `CellAgent.remove`."""
        agent.remove()

    def remove_all_agents(self):
        """Remove every cell from the model."""
        for tissue in self.tissues.values():
            tissue.remove(np.arange(len(tissue.cells)))
