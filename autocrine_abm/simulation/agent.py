"""A cell as a Mesa agent: a window on one row of the cell table.

An agent is made when somebody asks for it and knows nothing but its cell_id. As long as anyone holds it, asking again
gives the same object. Once its cell is gone, touching it says so.
"""

from difflib import get_close_matches

import numpy as np
from mesa import Agent

from autocrine_abm.cells.columns import ALIVE, COLUMNS, PHASE_NAMES

__all__ = ["CellAgent"]

_OWN = {"model", "unique_id", "pos", "_where"}
_GIVEN = {"cell_id", "parent_id", "clone_id", "birth_time", "phase_time", "cell_type", "phase"}


def _column_property(name, column):
    """The property of `CellAgent` that reads, and where that makes sense writes, one column."""

    def read(self):
        cells, row = self._place()
        value = cells[name]
        return value.item(row) if value.ndim == 1 else value[row]

    def write(self, value):
        cells, row = self._place()
        cells[name][row] = value

    unit = f" [{column.unit}]" if column.unit else ""
    kind = "view of a vector" if column.shape else column.dtype
    given = name in _GIVEN
    return property(read, None if given else write, doc=f"{column.meaning.capitalize()}{unit}; {kind}.")


class CellAgent(Agent):
    """A living or dead cell.

    There is a property for every column of the cell table (see `cells.columns`), in base units: µm, min, molecules.
    A subclass may override `step`; it is then called once per behavior step, after the rules and before the cell's
    decisions, and may set rates, `divide`, `die` or `remove`.

    Parameters
    ----------
    model : TumorModel
    cell : str
        Name of the cell type.
    position : sequence of 3 float
        Where to put the new cell [µm].
    tissue : str, optional
        Name of the tissue; may be left out if there is only one.
    """

    def __init__(self, model, cell, position, tissue=None):
        (cell_id,) = model.add_cells([cell], np.array([position], float), tissue)
        self._bind(model, int(cell_id))
        model._views[self.unique_id] = self

    def _bind(self, model, cell_id):
        # Mesa 3.3 keeps every model alive that ran Agent.__init__, so it is not called
        self.model = model
        self.unique_id = cell_id
        self.pos = None
        self._where = None

    @classmethod
    def view(cls, model, cell_id):
        """The agent of a cell that exists."""
        agent = cls.__new__(cls)
        agent._bind(model, cell_id)
        return agent

    @classmethod
    def refuse_unknown(cls, name):
        """AttributeError for a name that a plain cell would forget at once: it is a window and keeps nothing of its own."""
        if cls.step is CellAgent.step and name not in _OWN and not hasattr(cls, name):
            close = get_close_matches(name, COLUMNS, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else "; to remember things, subclass CellAgent with a step()"
            raise AttributeError(f"a cell has no attribute '{name}'{hint}")

    def __setattr__(self, name, value):
        self.refuse_unknown(name)
        super().__setattr__(name, value)

    def _place(self):
        """The cell table that holds this cell, and its row there."""
        where = self._where
        if where is None or where[0].version != where[1]:
            for cells in self.model.tables.values():
                row = int(cells.rows_of(np.array([self.unique_id]))[0])
                if row >= 0:
                    where = self._where = (cells, cells.version, row)
                    break
            else:
                raise LookupError(f"cell {self.unique_id} is no longer there: it has died and was cleared")
        return where[0], where[2]

    @property
    def exists(self):
        """Whether the cell is still in a tissue or in the blood."""
        try:
            self._place()
        except LookupError:
            return False
        return True

    @property
    def is_alive(self):
        """Whether the cell is alive rather than a corpse."""
        return self.phase == ALIVE

    @property
    def tissue(self):
        """Name of the tissue that the cell is in, or ``"blood"``."""
        here, _ = self._place()
        return next(name for name, cells in self.model.tables.items() if cells is here)

    @property
    def type_name(self):
        """Name of the cell's type."""
        return self._place()[0].type_names[self.cell_type]

    @property
    def phase_name(self):
        """``"alive"``, ``"apoptotic"`` or ``"necrotic"``."""
        return PHASE_NAMES[self.phase]

    def step(self):
        """What the cell does of its own accord; nothing, unless a subclass says so."""

    def divide(self):
        """Divide now; returns the daughter, or None if there is no room on the lattice."""
        return self.model.divide_cell(self.unique_id)

    def die(self, phase="apoptotic"):
        """Become an ``"apoptotic"`` or ``"necrotic"`` corpse now."""
        self.model.kill_cell(self.unique_id, phase)

    def become(self, cell):
        """Change now to the cell type of the given name; see `behavior.transition`."""
        self.model.change_cell(self.unique_id, cell)

    def remove(self):
        """Vanish from the model now, leaving no corpse."""
        self.model.remove_cells(np.array([self.unique_id]))

    def __repr__(self):
        return f"<{type(self).__name__} {self.unique_id}{'' if self.exists else ', gone'}>"


for _name, _column in COLUMNS.items():
    setattr(CellAgent, _name, _column_property(_name, _column))
