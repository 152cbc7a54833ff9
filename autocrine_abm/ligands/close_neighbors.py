"""Cells closer to each other than voxels can tell see more, or less, of each other than the mesh shows.

As in particle-mesh methods (Hockney & Eastwood 1988), the mesh carries what is far and a sum over close pairs
what it misses. How accurate the two are together is stated in `near_field`.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import BOX, images, near_wall, point
from autocrine_abm.ligands.extent import REACH
from autocrine_abm.ligands.lattice_green import PERIODIC, SPACING, VOXELS, correlate

__all__ = ["CloseNeighbors"]

_SMALL = 4  # voxels along each axis of the footprints for which there are loops of fixed length
_LAGS = 2 * _SMALL  # distances between the voxels of two such footprints, and one for the length of a vector


@kernel
def _exchange(
    low, high, turn, start, neighbor, position, radius, form, begin, count, weight, axes, table, line_table, law,
    curve, out,
):  # fmt: skip
    """Exact less mesh field at a cell of its neighbor, per unit of its net release, for pairs of cells
    turn[low:high].

    Of two neighbors, one works out the coefficient for both: the lower row if the sum of rows is odd, else
    the higher one. `line_table` is `table` with its last axis mirrored about 0 and _SMALL zeros at
    both ends.
    """
    m = weight.shape[2]
    lag = np.empty((3, 6 * m), np.int64)
    total = np.empty((3, 6 * m))
    length, skip = np.empty(3, np.int64), np.empty(3, np.int64)
    mirrored = np.empty((3, 2), np.bool_)
    line_shown = np.empty(_LAGS)
    middle = table.shape[2] - 1
    itself, standing = np.bool_(True), np.bool_(False)  # bare ones have `images` compiled once more for them
    widest = 0.0
    for d in range(3):
        if axes[d, VOXELS] > 1.0:
            widest = max(widest, axes[d, SPACING])
    for place in range(low, high):
        i = turn[place]
        for entry in range(start[i], start[i + 1]):
            j = np.int64(neighbor[entry])
            if (i < j) != ((i + j) % 2 == 1):
                continue
            larger = max(radius[i], radius[j])
            reach = REACH * max(law[BOX] * larger, widest)
            square = 0.0
            for d in range(3):
                if axes[d, VOXELS] > 1.0:
                    apart = position[i, d] - position[j, d]
                    if axes[d, PERIODIC] != 0.0:
                        span = axes[d, VOXELS] * axes[d, SPACING]
                        apart -= span * np.rint(apart / span)
                    square += apart * apart
            if i == j or square > reach * reach:
                continue
            touched = False
            for d in range(3):
                midway = 0.5 * (position[i, d] + position[j, d])
                for side in range(2):
                    mirrored[d, side] = near_wall(midway, law[BOX] * larger, axes[d], side)
                    touched = touched or mirrored[d, side]
            shown = 0.0
            if touched or m != _SMALL:
                exact = images(position[i], position[j], axes, mirrored, radius[i] + radius[j], itself, standing, law, curve)
                for d in range(3):
                    length[d] = correlate(d, i, j, begin, count, weight, axes, mirrored[d, 0], mirrored[d, 1], lag, total)
                for a in range(length[0]):
                    for b in range(length[1]):
                        line = 0.0
                        for c in range(length[2]):
                            line += table[abs(lag[0, a]), abs(lag[1, b]), abs(lag[2, c])] * total[2, c]
                        shown += line * total[0, a] * total[1, b]
            else:  # loops of a fixed length become a few vector instructions
                exact = point(max(np.sqrt(square), radius[i] + radius[j]), law, curve)
                for d in range(3):
                    apart_voxels = begin[i, d] - begin[j, d]
                    if axes[d, PERIODIC] != 0.0:
                        n = int(axes[d, VOXELS])
                        apart_voxels -= n * int(np.rint(apart_voxels / n))
                    skip[d] = _SMALL - count[j, d]
                    lag[d, 0] = apart_voxels + 1 - count[j, d]
                    for c in range(_LAGS):
                        total[d, c] = 0.0
                    for v in range(_SMALL):
                        share = weight[i, d, v]
                        for other in range(_SMALL):
                            total[d, v - other + _SMALL - 1] += share * weight[j, d, other]
                for c in range(_LAGS):
                    line_shown[c] = 0.0
                from_here = middle + lag[2, 0] - skip[2] + _SMALL
                for a in range(count[i, 0] + count[j, 0] - 1):
                    for b in range(count[i, 1] + count[j, 1] - 1):
                        share = total[0, skip[0] + a] * total[1, skip[1] + b]
                        along = line_table[abs(lag[0, 0] + a), abs(lag[1, 0] + b)]
                        for c in range(_LAGS):
                            line_shown[c] += share * along[from_here + c]
                for c in range(_LAGS):
                    shown += line_shown[c] * total[2, c]
            value = form[i] * form[j] * exact - shown
            out[entry] = value
            first, last = start[j], start[j + 1] - 1
            while first < last:  # the entry of i in the list of j, which is ascending
                halfway = (first + last) // 2
                if neighbor[halfway] < i:
                    first = halfway + 1
                else:
                    last = halfway
            if first <= last and neighbor[first] == i:
                out[first] = value


@kernel
def _relax(start, neighbor, coefficient, flux, effective, sweeps, net, excess):
    """Gauss-Seidel for J_i = F_i − u_i Σ_j B_ij J_j; leaves J in `net` and Σ_j B_ij J_j in `excess`."""
    for _ in range(sweeps):
        for i in range(net.shape[0]):
            added = 0.0
            for entry in range(start[i], start[i + 1]):
                added += coefficient[entry] * net[neighbor[entry]]
            net[i] = flux[i] - effective[i] * added
    for i in range(net.shape[0]):
        added = 0.0
        for entry in range(start[i], start[i + 1]):
            added += coefficient[entry] * net[neighbor[entry]]
        excess[i] = added


class CloseNeighbors:
    """What the close neighbors of each cell add to the field there.

    e_i = Σ_j B_ij J_j with B_ij = P(r_ij) − w_i·G w_j: the field of a small cell j at cell i, less what the
    mesh shows of it, mirror images behind close walls included in both. Cells that overlap count as touching.

    Parameters
    ----------
    near : NearField
    cells : Footprint
        From ``near.place``.
    start : ndarray of int64, shape (n + 1,)
    neighbor : ndarray of int32, shape (n_pairs,)
        Neighbors of cell i are ``neighbor[start[i]:start[i + 1]]``, ascending, all those nearer than
        ``near.reach``. Each pair stands in both lists; those farther away do no harm.

    Attributes
    ----------
    coefficient : ndarray of float64, shape (n_pairs,)
        B [min/µm³], the same number for both of a pair.

    Examples
    --------
    >>> from autocrine_abm.ligands.near_field import NearField
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> near = NearField(Mesh((20, 20, 20), (20.0,) * 3), diffusion=600.0, decay=0.0, largest_radius=5.0)
    >>> cells = near.place(np.array([[200.0, 205.0, 190.0], [209.0, 200.0, 190.0]]), np.array([5.0, 5.0]))
    >>> close = CloseNeighbors(near, cells, np.array([0, 1, 2]), np.array([1, 0]))
    >>> hidden = close.coefficient * 4 * np.pi * 600 * np.sqrt(106)  # of the exact field of the other cell
    >>> bool(np.isclose(*hidden)), float(hidden[0].round(1))
    (True, 0.4)
    """

    def __init__(self, near, cells, start, neighbor):
        self.near, self.cells = near, cells
        self.start = np.ascontiguousarray(start, np.int64)
        self.neighbor = np.ascontiguousarray(neighbor, np.int32)
        self.coefficient = np.zeros(self.neighbor.size)
        # cells of one place after another, whatever their rows: what is read of neighbors is then at hand
        shape = near.axes[:, VOXELS].astype(np.int64)
        place = (cells.begin[:, 0] * shape[1] + cells.begin[:, 1]) * shape[2] + cells.begin[:, 2]
        line_table = np.pad(
            np.concatenate([near.table[..., :0:-1], near.table], axis=2), ((0, 0), (0, 0), (_SMALL, _SMALL + 1))
        )
        near.team.run(
            _exchange, self.start.size - 1, np.argsort(place, kind="stable"), self.start, self.neighbor,
            cells.position, cells.radius, cells.form, cells.begin, cells.count, cells.weight, near.axes,
            near.table, line_table, near.law, near.curve, self.coefficient, work=50 * self.neighbor.size,
        )  # fmt: skip

    def relax(self, rate, clearance, field, net, sweeps=4):
        """Field that neighbors add, their fluxes following from it.

        Solves J_i = F_i − u_i Σ_j B_ij J_j by Gauss-Seidel, F being the net release in this field without
        neighbors. (1/u + B) is positive definite, so that sweeps converge for any uptake.

        Parameters
        ----------
        rate, clearance, field
            As in `NearField.sense`.
        net : ndarray of float64, shape (n,)
            Net release to start from, of the step before or zeros; replaced in place [molecules/min].
        sweeps : int
            Rounds of Gauss-Seidel.

        Returns
        -------
        ndarray of float64, shape (n,)
            e, for ``near.deposit`` and ``near.sense`` [molecules/µm³]. A new array.
        """
        _, flux, effective = self.near.sense(self.cells, rate, clearance, field)
        excess = np.empty(flux.size)
        _relax(self.start, self.neighbor, self.coefficient, flux, effective, sweeps, net, excess)
        return excess
