"""A cell changes its type: it stays who and where it is, and goes on with the parameters of the other type.

What both types have by the same name goes on as it is: traits, nodes, damage, receptors that are renewed, the phase of the
cycle. What only the other type has begins as in a new cell; what it does not have is gone.
"""

import numpy as np

from autocrine_abm.cells.bloodstream import BLOOD
from autocrine_abm.cells.cell_type import transition_names

__all__ = ["Transitions"]


class Transitions:
    """The transitions between all cell types.

    Parameters
    ----------
    cell_types : dict of str to CellType
    base : dict of str to ndarray
        From `behavior.baseline`.
    pathway : Pathway
    receptors : Receptors
    cycle : Cycle
    rules : RuleBook
    inheritance : Inheritance
    team : Team

    Attributes
    ----------
    names : tuple of str
        Order of the column `transition_rate`.
    target : ndarray of int64, shape (n_names,)
        Type that each leads to; −1 for the blood.
    counts : ndarray of int64, shape (n_types, n_types)
        Changes since the start of the run, from (row) and to (column).
    """

    def __init__(self, cell_types, base, pathway, receptors, cycle, rules, inheritance, team):
        types = list(cell_types)
        self.names = transition_names(cell_types)
        self.target = np.array([-1 if name == BLOOD else types.index(name) for name in self.names], np.int64)
        self.base, self.pathway, self.receptors, self.cycle = base, pathway, receptors, cycle
        self.rules, self.inheritance, self.team = rules, inheritance, team
        self.counts = np.zeros((len(types), len(types)), np.int64)
        kinds = list(dict.fromkeys(name for own in cell_types.values() for name in own.damage))
        self._damaged = np.array([[name in own.damage for name in kinds] for own in cell_types.values()], bool)

    def become(self, cells, rows, target, time, step, repeat, now):
        """Change the type of cells; the rules and traits of the new type act at once.

        Parameters
        ----------
        cells : CellState
        rows, target : ndarray of int64, shape (m,)
            Who, and index of the new type.
        time : ndarray of float, shape (m,)
            When [min].
        step, repeat : int
            Key of the draws of new traits.
        now : float
            Time for which rules are evaluated [min].
        """
        before = cells.cell_type[rows]
        np.add.at(self.counts, (before, target), 1)
        cells.cell_type[rows] = target
        for name, values in self.base.items():
            if cells.is_stored(name):
                cells[name][rows] = values[target]
        both = self.pathway.has[before] & self.pathway.has[target]
        cells.node[rows] = np.where(both, cells.node[rows], self.pathway.initial[target])
        cells.node_target[rows] = self.pathway.base[target]
        both = self.receptors.has[before] & self.receptors.renewed[target]
        cells.receptors[rows] = np.where(both, cells.receptors[rows], self.receptors.number[target])
        cells.receptor_target[rows] = self.receptors.number[target]
        cells.occupancy[rows] *= self.receptors.has[before] & self.receptors.has[target]
        cells.damage[rows] *= self._damaged[target]
        if self.cycle.names:
            goes_on = self.cycle.has[before, cells.cycle_phase[rows]] & self.cycle.has[target, cells.cycle_phase[rows]]
            first = np.maximum(self.cycle.first[target], 0)
            cells.cycle_phase[rows] = np.where(goes_on, cells.cycle_phase[rows], first)
            cells.cycle_time[rows] = np.where(goes_on, cells.cycle_time[rows], time)
        self.inheritance.change_type(cells, rows, before, step, repeat)
        self.rules.apply(cells, self.team, now, rows)
        self.inheritance.scale(cells, rows)
