"""One cell per site: the space of lattice models, where a cell divides or moves only into an empty voxel.

Rules as published for lattice models of tumor growth, e.g. Gerlee et al. 2022
(doi:10.1371/journal.pcbi.1009844): a daughter goes to a random von Neumann neighbor or anywhere on the
lattice, and if the place drawn is taken the division fails. Who attempts, in which order and with which draws
is decided elsewhere; attempts are made one after the other, and each sees what the ones before it did.
"""

import numpy as np

from autocrine_abm.compilation import kernel

__all__ = ["PLACEMENTS", "Lattice"]

#: How a target voxel is drawn.
#: "random neighbor": one of the 2·dimension von Neumann neighbors; fails when it is taken or beyond a wall.
#: "free neighbor": one of those that are empty; fails when there is none.
#: "anywhere": any voxel of the lattice; fails when it is taken (possibly by the mother herself).
PLACEMENTS = ("random neighbor", "free neighbor", "anywhere")
EMPTY = -1


@kernel
def _attempt(rows, uniform, placement, moves, shape, periodic, voxel, occupant, target):
    """Attempts in the order given: target[a] = voxel or −1. Movers leave their voxel; daughters' are marked
    by −2 − a."""
    n_voxels = occupant.shape[0]
    stride = (shape[1] * shape[2], shape[2], 1)
    neighbor = np.empty(6, np.int64)
    for attempt in range(rows.shape[0]):
        row = rows[attempt]
        here = voxel[row]
        target[attempt] = -1
        if placement == 2:
            there = min(int(uniform[attempt] * n_voxels), n_voxels - 1)
        else:
            n_neighbors = 0
            for axis in range(3):
                if shape[axis] == 1:
                    continue
                along = (here // stride[axis]) % shape[axis]
                for step in (-1, 1):
                    beyond = along + step < 0 or along + step >= shape[axis]
                    if not beyond:
                        there = here + step * stride[axis]
                    elif periodic[axis]:
                        there = here + step * (1 - shape[axis]) * stride[axis]
                    else:
                        there = -1
                    if placement == 0 or (there >= 0 and occupant[there] == EMPTY):
                        neighbor[n_neighbors] = there
                        n_neighbors += 1
            if n_neighbors == 0:
                continue
            there = neighbor[min(int(uniform[attempt] * n_neighbors), n_neighbors - 1)]
        if there < 0 or occupant[there] != EMPTY:
            continue
        target[attempt] = there
        if moves:
            occupant[here] = EMPTY
            occupant[there] = row
            voxel[row] = there
        else:
            occupant[there] = -2 - attempt


class Lattice:
    """Who sits in which voxel of a mesh.

    Parameters
    ----------
    mesh : Mesh
        Its voxels are the sites. Along periodic axes the last voxel is the neighbor of the first one; other
        faces are walls.

    Attributes
    ----------
    occupant : ndarray of int64, shape (n_voxels,)
        Row of the cell in each voxel, −1 in empty ones; ≤ −2 where a daughter has been placed that has no row
        yet (until the next `rebuild`). Owned; changed in place.
    voxel : ndarray of int64, shape (n_cells,)
        Voxel of each row.

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> lattice = Lattice(Mesh((3, 1, 1), (20.0, 20.0, 20.0)))
    >>> lattice.rebuild(np.array([[30.0, 10.0, 10.0]]))
    >>> lattice.divide(np.array([0, 0]), np.array([0.7, 0.6]), "random neighbor")
    array([ 2, -1])
    >>> lattice.center(np.array([2]))
    array([[50., 10., 10.]])
    """

    def __init__(self, mesh):
        self.mesh = mesh
        self.occupant = np.full(mesh.n_voxels, EMPTY, np.int64)
        self.voxel = np.empty(0, np.int64)
        self._shape = np.array(mesh.shape, np.int64)
        self._periodic = np.array(mesh.periodic, np.bool_)

    @property
    def occupied_fraction(self):
        """Share of the voxels that are taken, placed daughters included [-]."""
        return float(np.count_nonzero(self.occupant != EMPTY) / self.occupant.size)

    def rebuild(self, position):
        """Enter all cells anew, from their positions (n_cells, 3) [µm]; two cells in one voxel are
        refused."""
        self.voxel = self.mesh.voxel_of(position)
        self.occupant.fill(EMPTY)
        self.occupant[self.voxel] = np.arange(len(position))
        clash = np.flatnonzero(self.occupant[self.voxel] != np.arange(len(position)))
        if clash.size:
            row, other = clash[0], self.occupant[self.voxel[clash[0]]]
            raise ValueError(
                f"lattice: got cells {row} and {other} in one voxel, at {position[row]} and "
                f"{position[other]} µm; accepted is one cell per voxel; place fewer cells, or let "
                "them move off the lattice"
            )

    def center(self, voxel):
        """Centers (n, 3) [µm] of voxels given by flat index (n,). A new array."""
        return (np.stack(np.unravel_index(voxel, self.mesh.shape), axis=-1) + 0.5) * self.mesh.spacing

    def beside(self, voxel):
        """Von Neumann neighbors of voxels (n,), −1 beyond walls; one array (n,) for each direction."""
        index, shape = np.array(np.unravel_index(voxel, self.mesh.shape)), self._shape
        for axis in np.flatnonzero(shape > 1):
            for step in (-1, 1):
                there = index.copy()
                there[axis] += step
                if self._periodic[axis]:
                    there[axis] %= shape[axis]
                inside = (there[axis] >= 0) & (there[axis] < shape[axis])
                there[axis] = np.clip(there[axis], 0, shape[axis] - 1)
                yield np.where(inside, np.ravel_multi_index(tuple(there), self.mesh.shape), -1)

    def neighbors(self):
        """Row of the cell beside each cell, −1 where there is none; one array (n_cells,) for each direction."""
        for voxel in self.beside(self.voxel):
            yield np.where(voxel >= 0, self.occupant[voxel], EMPTY)

    def free_voxels(self, beside=None):
        """Empty voxels in rising order, all of them or those next to the voxels `beside` (n,). A new array."""
        if beside is None:
            return np.flatnonzero(self.occupant == EMPTY)
        voxels = np.unique(np.concatenate([*self.beside(beside)]))
        return voxels[(voxels >= 0) & (self.occupant[voxels] == EMPTY)]

    def divide(self, mothers, uniform, placement):
        """Look for a voxel for one daughter of each mother, one mother after the other.

        Parameters
        ----------
        mothers : ndarray of int64, shape (n_attempts,)
            Rows in the order of their attempts; a row may appear more than once.
        uniform : ndarray of float, shape (n_attempts,)
            One draw for each attempt, in [0, 1).
        placement : str
            One of `PLACEMENTS`.

        Returns
        -------
        ndarray of int64, shape (n_attempts,)
            Voxel of the daughter, −1 where the division fails. A new array; the voxels count as taken from
            now on.
        """
        return self._run(mothers, uniform, placement, False)

    def enter(self, voxel):
        """Enter new cells, whose rows follow those entered before, into their voxels (n,)."""
        self.occupant[voxel] = np.arange(len(self.voxel), len(self.voxel) + len(voxel))
        self.voxel = np.concatenate([self.voxel, voxel])

    def vacate(self, rows):
        """Empty the voxels of the cells in `rows` (n,), which are about to be removed."""
        self.occupant[self.voxel[rows]] = EMPTY

    def move(self, movers, uniform, placement="random neighbor"):
        """Move cells into empty voxels, one after the other; what they leave is empty for those that follow.

        Parameters and result as for `divide`; the caller writes ``center`` of the targets into the positions.
        """
        return self._run(movers, uniform, placement, True)

    def _run(self, rows, uniform, placement, moves):
        if placement not in PLACEMENTS:
            raise ValueError(f"placement: got {placement!r}, accepted are {', '.join(map(repr, PLACEMENTS))}")
        if len(rows) != len(uniform):
            raise ValueError(
                f"lattice: got {len(rows)} rows and {len(uniform)} draws; give one draw for each"
            )
        target = np.empty(len(rows), np.int64)
        _attempt(np.ascontiguousarray(rows, np.int64), np.ascontiguousarray(uniform, np.float64),
                 PLACEMENTS.index(placement), moves, self._shape, self._periodic,
                 self.voxel, self.occupant, target)  # fmt: skip
        return target
