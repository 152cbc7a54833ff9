"""Who touches whom, by type: how many living cells of a type, or how many dead cells, a cell is in contact with.

Off the lattice two cells touch within the reach of their adhesion, as in `behavior.mechanics`; on the lattice, when they sit
in von Neumann neighbors. Only types that rules ask for are counted.
"""

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.cells.rule import DEAD
from autocrine_abm.compilation import kernel
from autocrine_abm.mesh.neighbors import NeighborBins

__all__ = ["Contacts"]


@kernel
def _count(low, high, start, neighbor, position, radius, group, adhesion_distance, period, counts):
    """Contacts of the cells in rows low … high−1; `period` is 0 along open axes and −1 along those that do not count."""
    for row in range(low, high):
        for column in range(counts.shape[1]):
            counts[row, column] = 0
        for pair in range(start[row], start[row + 1]):
            other = neighbor[pair]
            if group[other] < 0:
                continue
            squared = 0.0
            for axis in range(3):
                if period[axis] < 0.0:
                    continue
                apart = position[row, axis] - position[other, axis]
                if period[axis] > 0.0:
                    apart -= period[axis] * np.floor(apart / period[axis] + 0.5)
                squared += apart * apart
            reach = adhesion_distance * (radius[row] + radius[other])
            if squared < reach * reach:
                counts[row, group[other]] += 1


class Contacts:
    """Counts contacts in one tissue.

    Parameters
    ----------
    names : sequence of str
        Types to count, and "dead"; the order of the column `contacts`.
    type_names : sequence of str
    mesh : Mesh
    adhesion_distance : float
        Reach of adhesion over the sum of two radii [-].
    team : Team
    """

    def __init__(self, names, type_names, mesh, adhesion_distance, team):
        names = list(names)
        self.names, self.mesh, self.team = names, mesh, team
        self.adhesion_distance = float(adhesion_distance)
        self._column = np.array([names.index(own) if own in names else -1 for own in type_names], np.int64)
        self._dead = names.index(DEAD) if DEAD in names else -1
        self.bins = NeighborBins(mesh, team) if names else None

    def count(self, cells, lattice=None):
        """Positions, radii, types and phases → the column `contacts`.

        Parameters
        ----------
        cells : CellState
        lattice : Lattice, optional
            Who sits where, if the space is one.
        """
        if not self.names or not len(cells):
            return
        group = np.where(cells.phase == ALIVE, self._column[cells.cell_type], self._dead)
        if lattice is not None:
            cells.contacts[:] = 0
            for other in lattice.neighbors():
                rows = np.flatnonzero(other >= 0)
                rows = rows[group[other[rows]] >= 0]
                cells.contacts[rows, group[other[rows]]] += 1
            return
        mesh, free = self.mesh, np.zeros(3, bool)
        free[self.bins.axes[self.bins.counts]] = True
        period = np.where(free, np.where(mesh.periodic, mesh.size, 0.0), -1.0)
        start, neighbor = self.bins.neighbors(cells.position, self.adhesion_distance * 2 * float(cells.radius.max()))
        self.team.run(
            _count, len(cells), start, neighbor, cells.position, cells.radius, group, self.adhesion_distance, period,
            cells.contacts, work=10 * len(cells),
        )  # fmt: skip
