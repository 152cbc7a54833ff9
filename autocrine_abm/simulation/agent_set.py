"""The cells of a model as a Mesa AgentSet that answers from the columns.

``get``, ``set``, ``agg``, ``sort`` and ``groupby`` with a column name cost no Python call per cell; everything that
takes a function works as in Mesa, with agents made on the fly.
"""

import operator
from collections import defaultdict

import numpy as np

from autocrine_abm.cells.columns import COLUMNS

try:
    from mesa.agentset import AgentSet, GroupBy
except ModuleNotFoundError:  # Mesa 3.3
    from mesa.agent import AgentSet, GroupBy

__all__ = ["CellSet"]


class CellSet(AgentSet):
    """An ordered set of cells.

    Parameters
    ----------
    model : TumorModel
    cell_ids : ndarray of int64, optional
        The cells in order; left out, the set is all cells of the model, now and later.
    """

    def __init__(self, model, cell_ids=None):
        self.model = model
        self.random = model.random
        self._cell_ids = cell_ids

    @property
    def cell_ids(self):
        """cell_id of each cell of the set that still exists, in order; ndarray of int64."""
        if self._cell_ids is None:
            return np.concatenate([tissue.cells.cell_id for tissue in self.model.tissues.values()])
        exists = np.zeros(len(self._cell_ids), bool)
        for tissue in self.model.tissues.values():
            exists |= tissue.cells.rows_of(self._cell_ids) >= 0
        return self._cell_ids[exists]

    def column(self, name):
        """Values of a column for the cells of the set.

        Returns
        -------
        ndarray, shape (n, …)
            In the order of the set. A new array, or a view if there is one tissue and the set is all of its cells.
        """
        tables = [tissue.cells for tissue in self.model.tissues.values()]
        if self._cell_ids is None:
            return tables[0][name] if len(tables) == 1 else np.concatenate([table[name] for table in tables])
        ids = self.cell_ids
        values = np.empty((len(ids), *tables[0][name].shape[1:]), tables[0][name].dtype)
        for table in tables:
            rows = table.rows_of(ids)
            values[rows >= 0] = table[name][rows[rows >= 0]]
        return values

    def _agents_of(self, cell_ids):
        return map(self.model.agent, cell_ids.tolist())

    def __len__(self):
        return len(self.cell_ids)

    def __iter__(self):
        return self._agents_of(self.cell_ids)

    def __contains__(self, agent):
        if getattr(agent, "model", None) is not self.model:
            return False
        if self._cell_ids is None:
            return agent.exists
        return agent.unique_id in self._cell_ids and agent.exists

    def __getitem__(self, item):
        chosen = self.cell_ids[item]
        return self.model.agent(int(chosen)) if np.isscalar(chosen) else list(self._agents_of(chosen))

    def to_list(self):
        """All agents, as a list."""
        return list(self)

    def copy(self):
        """The same cells as a set that later births do not enter."""
        return CellSet(self.model, self.cell_ids.copy())

    __copy__ = copy

    def _with(self, cell_ids, inplace):
        """The set of `cell_ids`: this one if `inplace`, else a new one."""
        if not inplace:
            return CellSet(self.model, cell_ids)
        if self is self.model.agents:
            raise ValueError("model.agents is all cells of the model and cannot be changed in place; use a copy()")
        self._cell_ids = cell_ids
        return self

    def select(self, filter_func=None, at_most=float("inf"), inplace=False, agent_type=None):
        """The cells for which ``filter_func(agent)`` holds.

        Parameters
        ----------
        filter_func : callable, or ndarray of bool of shape (n,), optional
            A test of each agent, or a mask made from columns.
        at_most : int or float
            Number of cells, or share of the set if between 0 and 1.
        inplace : bool
            Narrow this set instead of making a new one.
        agent_type : type, optional
            Only agents of this class.
        """
        ids = self.cell_ids
        if isinstance(at_most, float) and at_most <= 1:
            at_most = int(len(ids) * at_most)
        if agent_type is not None and not issubclass(self.model.agent_class, agent_type):
            ids = ids[:0]
        if isinstance(filter_func, np.ndarray):
            ids = ids[filter_func]
        elif filter_func is not None:
            chosen = []
            for cell_id, agent in zip(ids.tolist(), self._agents_of(ids)):
                if len(chosen) >= at_most:
                    break
                if filter_func(agent):
                    chosen.append(cell_id)
            ids = np.array(chosen, np.int64)
        return self._with(ids if at_most == float("inf") else ids[: int(at_most)], inplace)

    def shuffle(self, inplace=False):
        """The same cells in random order, drawn from ``model.rng``."""
        return self._with(self.model.rng.permutation(self.cell_ids), inplace)

    def sort(self, key, ascending=False, inplace=False):
        """The same cells in the order of a column or of ``key(agent)``; largest first unless `ascending`."""
        if isinstance(key, str) and key in COLUMNS:
            values = self.column(key)
        else:
            function = operator.attrgetter(key) if isinstance(key, str) else key
            values = np.array([function(agent) for agent in self])
        # the stable order of the negated or reversed values keeps ties as they were, as sorted(reverse=True) does
        order = np.argsort(values, kind="stable")
        if not ascending:
            order = len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
        return self._with(self.cell_ids[order], inplace)

    def _each(self, cell_ids, method, args, kwargs):
        call = getattr if isinstance(method, str) else None
        results = []
        for cell_id in cell_ids.tolist():
            agent = self.model.agent(cell_id)
            if not agent.exists:  # removed by one that came before it
                continue
            results.append(
                call(agent, method)(*args, **kwargs) if call else method(agent, *args, **kwargs)
            )
        return results

    def do(self, method, *args, **kwargs):
        """Call a method by name, or ``method(agent, …)``, for each cell that is there when its turn comes."""
        self._each(self.cell_ids, method, args, kwargs)
        return self

    def shuffle_do(self, method, *args, **kwargs):
        """As `do`, in random order."""
        self._each(self.model.rng.permutation(self.cell_ids), method, args, kwargs)
        return self

    def map(self, method, *args, **kwargs):
        """As `do`, returning the list of results."""
        return self._each(self.cell_ids, method, args, kwargs)

    def get(self, attr_names, handle_missing="error", default_value=None):
        """Values of one attribute as a list, or of several as a list of lists; columns come without a Python loop."""
        if isinstance(attr_names, str):
            if attr_names in COLUMNS:
                values = self.column(attr_names)
                return values.tolist() if values.ndim == 1 else list(values.copy())
            if handle_missing == "error":
                return [getattr(agent, attr_names) for agent in self]
            if handle_missing == "default":
                return [getattr(agent, attr_names, default_value) for agent in self]
            raise ValueError(f"handle_missing: got {handle_missing!r}; accepted is 'error' or 'default'")
        columns = [self.get(name, handle_missing, default_value) for name in attr_names]
        return [list(values) for values in zip(*columns)]

    def set(self, attr_name, value):
        """Give every cell of the set the same value of an attribute."""
        if attr_name not in COLUMNS:
            self.model.agent_class.refuse_unknown(attr_name)
            return self.do(lambda agent: setattr(agent, attr_name, value))
        if getattr(self.model.agent_class, attr_name).fset is None:
            raise AttributeError(f"'{attr_name}' is written by the step alone and cannot be set")
        ids = self.cell_ids
        for tissue in self.model.tissues.values():
            rows = tissue.cells.rows_of(ids)
            tissue.cells[attr_name][rows[rows >= 0]] = value
        return self

    def agg(self, attribute, func):
        """``func`` of the values of an attribute (an array if it is a column); a list of results for a list of functions."""
        values = self.column(attribute) if attribute in COLUMNS else self.get(attribute)
        return func(values) if callable(func) else [one(values) for one in func]

    def groupby(self, by, result_type="agentset"):
        """Split by a column or by ``by(agent)`` into a Mesa GroupBy of sets, or of lists if `result_type` is ``"list"``."""
        ids = self.cell_ids
        if isinstance(by, str) and by in COLUMNS:
            keys = self.column(by).tolist()
        else:
            keys = [getattr(agent, by) if isinstance(by, str) else by(agent) for agent in self]
        groups = defaultdict(list)
        for key, cell_id in zip(keys, ids.tolist()):
            groups[key].append(cell_id)
        sets = {key: CellSet(self.model, np.array(members, np.int64)) for key, members in groups.items()}
        return GroupBy(sets if result_type == "agentset" else {key: list(members) for key, members in sets.items()})

    def add(self, agent):
        """Put a cell of the model into this set."""
        if self._cell_ids is None:
            raise ValueError("model.agents is all cells of the model; make a cell with CellAgent(model, …)")
        if agent not in self:
            self._cell_ids = np.append(self._cell_ids, agent.unique_id)

    def discard(self, agent):
        """Take a cell out of this set; it stays in the model."""
        if self._cell_ids is None:
            raise ValueError("model.agents is all cells of the model; to remove a cell, call its remove()")
        self._cell_ids = self._cell_ids[self._cell_ids != agent.unique_id]

    def remove(self, agent):
        """As `discard`, but a KeyError if the cell is not in the set."""
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def __getstate__(self):
        return {"model": self.model, "cell_ids": self._cell_ids}

    def __setstate__(self, state):
        self.__init__(state["model"], state["cell_ids"])
