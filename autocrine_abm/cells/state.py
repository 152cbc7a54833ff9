"""The cell table of one tissue: a column per property, a row per cell.

Rows are always in the order of cell_id, so a cell is found by bisection and nothing has to be kept up to date about
where it went. Rows appear in `add` and vanish in `keep`; both work on whole batches.

A column that is the same for all cells of a type, because no rule, trait or program writes it, takes no memory: it is
looked up (`look_up`) until somebody asks for its array, which may be written to and is kept from then on.
"""

from math import prod

import numpy as np

from autocrine_abm.cells.columns import ALIVE, COLUMNS, empty
from autocrine_abm.compilation import kernel
from autocrine_abm.scratch import mapped

__all__ = ["CellState"]

_STRETCH = 65_536  # rows looked up in one go, so that work arrays stay in the processor's cache


@kernel
def _close_gaps(words, width, removed, count):
    """Move what lies between and behind the rows `removed`, each of `width` words, up over them; `count` rows in all."""
    for gap in range(len(removed)):
        begin = (removed[gap] + 1) * width
        end = (removed[gap + 1] if gap + 1 < len(removed) else count) * width
        shift = (gap + 1) * width
        for word in range(begin, end):
            words[word - shift] = words[word]


def _looked_up(table, cell_type, phase):
    """Entries of a table of living and dead cells by type; a new array."""
    living, dead = table
    alive = phase == ALIVE
    if alive.all():
        return living[cell_type]
    return np.where(alive.reshape(-1, *(1,) * (living.ndim - 1)), living[cell_type], dead[cell_type])


class CellState:
    """Cells as a struct of arrays.

    ``cells.position`` and ``cells["position"]`` are views of the live rows, shape (n, …); they stay valid until cells
    are next added or removed. `version` counts those changes. To read only, ``cells.values("position")`` is the same, and
    leaves columns alone that are looked up.

    Parameters
    ----------
    type_names : sequence of str
        Names of the cell types; the column cell_type indexes them.
    ligand_names : sequence of str
        Names of the ligands, in the order of the per-ligand columns.
    receptor_names : sequence of str
        Names of the receptors, in the order of the per-receptor columns.
    node_names : sequence of str
        Names of the pathway nodes, in the order of the per-node columns.
    trait_names : sequence of str
        Names of the traits.
    cycle_phases : sequence of str
        Names of the phases of cell cycles, in the order of the per-phase columns.
    attractants : sequence of str
        Names of the ligands that cells follow or flee.
    walks : bool
        Whether cells move by themselves, so that they need a heading.

    Attributes
    ----------
    names : dict of str to tuple of str
        What the second axis of columns stands for, by their shape.
    version : int
        Rises when rows change.

    Examples
    --------
    >>> cells = CellState(["cancer"], ["IL6"])
    >>> cells.add(2, cell_id=np.array([1, 2]), radius=5.0)
    slice(0, 2, None)
    >>> cells.keep(np.array([False, True]))
    >>> len(cells), cells.cell_id
    (1, array([2]))
    """

    def __init__(
        self, type_names, ligand_names, receptor_names=(), node_names=(), trait_names=(), attractants=(), walks=False,
        cycle_phases=(), transitions=(), contacts=(), damages=(),
    ):  # fmt: skip
        self.type_names = tuple(type_names)
        self.ligand_names = tuple(ligand_names)
        self.receptor_names = tuple(receptor_names)
        self.node_names = tuple(node_names)
        self.cycle_phases = tuple(cycle_phases)
        self.trait_names, self.attractants = tuple(trait_names), tuple(attractants)
        self.names = {
            "ligand": self.ligand_names, "receptor": self.receptor_names, "node": self.node_names,
            "trait": self.trait_names, "attractant": self.attractants,
            "heading": ("x", "y", "z") if walks else (), "cycle": self.cycle_phases, "traced": (),
            "transition": tuple(transitions), "contact": tuple(contacts), "damage": tuple(damages),
        }  # fmt: skip
        self._counts = {shape: len(names) for shape, names in self.names.items()}
        self.version = 0
        self._count = 0
        self._arrays = {name: empty(column, 16, self._counts) for name, column in COLUMNS.items()}
        self._tables = {}  # of columns that are looked up: values of living and of dead cells by type; their array is None

    @classmethod
    def like(cls, other):
        """A table without cells that has the columns of another."""
        names = other.names
        return cls(
            other.type_names, names["ligand"], names["receptor"], names["node"], names["trait"], names["attractant"],
            bool(names["heading"]), names["cycle"], names["transition"], names["contact"], names["damage"],
        )  # fmt: skip

    def __len__(self):
        return self._count

    def __getitem__(self, name):
        if name in self._tables:
            self.store(name)
        return self._arrays[name][: self._count]

    def __getattr__(self, name):
        if name in COLUMNS:
            return self[name]
        raise AttributeError(f"a cell table has no column '{name}'")

    @property
    def nbytes(self):
        """Memory of all columns [bytes], spare rows included."""
        return sum(array.nbytes for array in self._stored().values())

    def _stored(self):
        return {name: array for name, array in self._arrays.items() if array is not None}

    # -- columns that are the same for all cells of a type --------------------------------------------------------------

    def look_up(self, tables):
        """From now on look some columns up by the type of a cell, and by whether it is alive.

        Parameters
        ----------
        tables : dict of str to ndarray, shape (2, n_types, …)
            By column, values of living and of dead cells.
        """
        for name, table in tables.items():
            self._tables[name], self._arrays[name] = np.ascontiguousarray(table, COLUMNS[name].dtype), None

    def store(self, *names):
        """Keep an array of the given columns, or of all, even if the cells of a type are alike."""
        for name in names or list(self._tables):
            values = self.values(name)
            del self._tables[name]
            self._arrays[name] = empty(COLUMNS[name], len(self._arrays["cell_id"]), self._counts)
            self._arrays[name][: self._count] = values

    def is_stored(self, name):
        """Whether a column has an array of its own."""
        return name not in self._tables

    def values(self, name, place=None, out=None):
        """A column, or the entry `place` of each row of it, for reading only.

        Parameters
        ----------
        name : str
        place : int, optional
        out : ndarray of float, shape (n, …), optional
            Where to write it.

        Returns
        -------
        ndarray, shape (n, …)
            `out`, else a view, or a new array if the column is looked up.
        """
        if name not in self._tables:
            values = self[name] if place is None else self[name][:, place]
            if out is not None:
                out[:] = values
            return values if out is None else out
        table = self._tables[name] if place is None else self._tables[name][..., place]
        if out is None:
            out = np.empty((self._count, *table.shape[2:]), table.dtype)
        for low in range(0, self._count, _STRETCH):
            rows = slice(low, low + _STRETCH)
            out[rows] = _looked_up(table, self.cell_type[rows], self.phase[rows])
        return out

    def of_living(self, name):
        """What kernels read: a column and False, or values of living cells by type and True."""
        return (self._tables[name][0], True) if name in self._tables else (self[name], False)

    def of_all(self, name):
        """As `of_living`, but for dead cells too: rows of living types are followed by those of dead ones."""
        if name in self._tables:
            table = self._tables[name]
            return table.reshape(-1, *table.shape[2:]), True
        return self[name], False

    def trace(self):
        """Make room for shares of each ligand, which most runs never ask for; they start as nan."""
        if self.names["traced"] != self.ligand_names:
            self.names["traced"], self._counts["traced"] = self.ligand_names, len(self.ligand_names)
            for name, column in COLUMNS.items():
                if column.shape == "traced":
                    self._arrays[name] = empty(column, len(self._arrays["cell_id"]), self._counts)

    def state(self):
        """Every column, for `restore`: dict of arrays, which are views, and numbers."""
        columns = {name: self.values(name) for name in COLUMNS}
        alike = list(self._tables)
        return {"columns": columns, "traced": bool(self.names["traced"]), "version": self.version, "alike": alike}

    def restore(self, state):
        """Hold the cells that `state` returned instead of those that are here."""
        if state["traced"]:
            self.trace()
        if kept := self._tables.keys() - state.get("alike", ()):
            self.store(*kept)
        self._count, self.version = len(state["columns"]["cell_id"]), state["version"]
        for name, column in COLUMNS.items():
            if name not in self._tables:
                self._arrays[name] = empty(column, max(16, self._count), self._counts)
                self._arrays[name][: self._count] = state["columns"][name]

    def rows_of(self, cell_id):
        """Rows of the given cells.

        Parameters
        ----------
        cell_id : ndarray of int64, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)
            Where each cell is now, −1 if it is not (or no longer) here. A new array.
        """
        ids = self.cell_id
        rows = np.searchsorted(ids, cell_id)
        found = rows < self._count
        found[found] = ids[rows[found]] == np.asarray(cell_id)[found]
        return np.where(found, rows, -1)

    def add(self, count, **values):
        """Append `count` cells; columns that are not given take their defaults, or go on being looked up.

        Parameters
        ----------
        count : int
            How many.
        **values : array_like
            Column values, each one number or an array of shape (count, …). `cell_id` must be given, rise, and be above
            every cell_id in the table.

        Returns
        -------
        slice
            The new rows.
        """
        self._store_given(values)
        rows = self._extend(count)
        for name, array in self._stored().items():
            array[rows] = values.pop(name, COLUMNS[name].default)
        if values:
            raise TypeError(f"no such columns: {', '.join(values)}")
        return rows

    def add_copies(self, originals, **values):
        """Append copies of the cells in the rows `originals` (m,), but for the columns that are given; as `add`."""
        self._store_given(values)
        rows = self._extend(len(originals))
        for name, array in self._stored().items():
            if name in values:
                array[rows] = values[name]
            elif array.size:
                np.take(array, originals, axis=0, out=array[rows], mode="clip")  # which copies straight into place
        return rows

    def _store_given(self, names):
        if given := self._tables.keys() & names:
            self.store(*given)

    def copy_of(self, rows):
        """All that is known of the cells in `rows` (m,).

        Returns
        -------
        dict of str to ndarray, shape (m, …)
            By column, as `insert` takes it. New arrays.
        """
        return {name: self.values(name)[rows] for name in COLUMNS}

    def insert(self, values):
        """Put cells where their cell_id belongs.

        Parameters
        ----------
        values : dict of str to ndarray, shape (m, …)
            From `copy_of`, perhaps of another table; in any order.

        Returns
        -------
        ndarray of int64, shape (m,)
            Their rows. A new array.
        """
        ids = values["cell_id"]
        first = int(np.searchsorted(self.cell_id, ids.min())) if len(ids) else self._count
        for name, table in list(self._tables.items()):
            if not np.array_equal(_looked_up(table, values["cell_type"], values["phase"]), values[name]):
                self.store(name)
        rows = self._extend(len(ids))
        for name, array in self._stored().items():
            fits = values[name].shape[1:] == array.shape[1:]  # not where only one of two tissues is traced
            array[rows] = values[name] if fits else COLUMNS[name].default
        order = first + np.argsort(self.cell_id[first:], kind="stable")
        for array in self._stored().values():
            if array.size:
                array[first : self._count] = array[order]
        return self.rows_of(ids)

    @property
    def spare(self):
        """How many cells may be added before columns are copied to where there is more room."""
        return len(self._arrays["cell_id"]) - self._count

    def reserve(self, n_cells):
        """Make room for so many cells in all, if there is less."""
        capacity = len(self._arrays["cell_id"])
        if n_cells > capacity:
            capacity = max(n_cells, capacity + 64 + capacity // 8)  # many cells seldom double
            for name in list(self._stored()):  # one after the other: two tables at once would be twice the memory
                array = self._arrays[name]
                shape = (capacity, *array.shape[1:])  # spare rows take no memory until they are used
                grown = mapped(array.itemsize * prod(shape)).view(array.dtype).reshape(shape)
                grown[: self._count] = array[: self._count]
                self._arrays[name] = grown

    def _extend(self, count):
        """Rows at the end of the table for `count` more cells, not yet filled."""
        rows = slice(self._count, self._count + count)
        self.reserve(rows.stop)
        self._count = rows.stop
        self.version += 1
        return rows

    def keep(self, kept):
        """Remove the cells that are not `kept` (bool, shape (n,)); the others move up in their order."""
        count = int(np.count_nonzero(kept))
        if count == self._count:
            return
        removed = np.flatnonzero(~kept)
        for array in self._stored().values():
            if array.size:
                _close_gaps(array.reshape(-1).view(f"i{array.itemsize}"), array[0].size, removed, self._count)
        self._count = count
        self.version += 1
