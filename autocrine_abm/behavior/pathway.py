"""Pathways at work: node activities follow their targets.

    dS/dt = (target − S)/τ,   S(t + dt) = target + (S(t) − target) e^{−dt/τ},

exact for targets that stay as they are over the step. Targets are set by rules (`behavior.rules`) from occupancies,
concentrations, pressure and other nodes; a node that increases itself, or a ligand that its cell releases, closes a loop.
"""

import math

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.compilation import kernel

__all__ = ["Pathway", "node_names"]


@kernel
def _follow(low, high, cell_type, phase, target, rate, dt, activity):
    for row in range(low, high):
        if phase[row] != ALIVE:
            continue
        for node in range(activity.shape[1]):
            aim = target[row, node]
            activity[row, node] = aim + (activity[row, node] - aim) * math.exp(-rate[cell_type[row], node] * dt)


class Pathway:
    """The nodes of all cell types.

    Parameters
    ----------
    cell_types : dict of str to CellType

    Attributes
    ----------
    names : list of str
        Nodes of any type, in the order of the per-node columns.
    base, initial : ndarray of float, shape (n_types, n_nodes)
        Targets without inputs and activities at the start; 0 where a type does not have the node.
    has : ndarray of bool, shape (n_types, n_nodes)
    """

    def __init__(self, cell_types):
        self.names = node_names(cell_types)
        shape = len(cell_types), len(self.names)
        self.base, self.initial, self._rate = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for own, cell_type in enumerate(cell_types.values()):
            for name, node in cell_type.node.items():
                place = self.names.index(name)
                self.base[own, place] = node.base
                self.initial[own, place] = node.base if node.initial is None else node.initial
                self._rate[own, place] = 1.0 / node.tau
        self.has = self._rate > 0

    def follow(self, cells, dt, team):
        """Move the activities of all living cells on by dt [min]: the column `node_target` → `node`.

        Parameters
        ----------
        cells : CellState
        dt : float
        team : Team
        """
        if self.names and len(cells):
            team.run(
                _follow, len(cells), cells.cell_type, cells.phase, cells.node_target, self._rate, float(dt), cells.node
            )


def node_names(cell_types):
    """Names of all nodes of all cell types, each once, in the order of appearance; list of str."""
    return list(dict.fromkeys(name for own in cell_types.values() for name in own.node))
