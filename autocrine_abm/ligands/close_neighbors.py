"""Cells closer to each other than voxels can tell see more, or less, of each other than the mesh shows.

As in particle-mesh methods (Hockney & Eastwood 1988), the mesh carries what is far and a sum over close pairs
what it misses. How accurate the two are together is stated in `near_field`.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import BOX, images, near_wall
from autocrine_abm.ligands.lattice_green import PERIODIC, SPACING, VOXELS, correlate

__all__ = ["REACH", "CloseNeighbors"]

REACH = 1.5  # in boxes of a cell; beyond it, mesh and exact field of a pair differ by less than 2 %


@kernel
def _exchange(
    low, high, start, neighbor, position, radius, form, begin, count, weight, axes, table, law, curve, out
):
    """Exact less mesh field at cells low..high of each of their neighbors, per unit of its net release."""
    m = weight.shape[2]
    lag = np.empty((3, 6 * m), np.int64)
    total = np.empty((3, 6 * m))
    length = np.empty(3, np.int64)
    mirrored = np.empty((3, 2), np.bool_)
    for i in range(low, high):
        for entry in range(start[i], start[i + 1]):
            j = neighbor[entry]
            larger = max(radius[i], radius[j])
            within = True
            square = 0.0
            reach = 0.0
            for d in range(3):
                if axes[d, VOXELS] > 1.0:
                    apart = position[i, d] - position[j, d]
                    if axes[d, PERIODIC] != 0.0:
                        span = axes[d, VOXELS] * axes[d, SPACING]
                        apart -= span * np.rint(apart / span)
                    square += apart * apart
                    reach = max(reach, REACH * max(law[BOX] * larger, axes[d, SPACING]))
            within = i != j and square <= reach * reach
            if not within:
                out[entry] = 0.0
                continue
            for d in range(3):
                midway = 0.5 * (position[i, d] + position[j, d])
                for side in range(2):
                    mirrored[d, side] = near_wall(midway, law[BOX] * larger, axes[d], side)
                length[d] = correlate(
                    begin[i, d], count[i, d], weight[i, d], begin[j, d], count[j, d], weight[j, d],
                    axes[d], mirrored[d, 0], mirrored[d, 1], lag[d], total[d],
                )  # fmt: skip
            shown = 0.0
            for a in range(length[0]):
                for b in range(length[1]):
                    line = 0.0
                    for c in range(length[2]):
                        line += table[lag[0, a], lag[1, b], lag[2, c]] * total[2, c]
                    shown += line * total[0, a] * total[1, b]
            exact = images(
                position[i], position[j], axes, mirrored, radius[i] + radius[j], True, False, law, curve
            )
            out[entry] = form[i] * form[j] * exact - shown


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
        Neighbors of cell i are ``neighbor[start[i]:start[i + 1]]``, all those nearer than ``near.reach``.
        Each pair stands in both lists; those farther away do no harm.

    Attributes
    ----------
    coefficient : ndarray of float64, shape (n_pairs,)
        B [min/µm³], symmetric in the pair up to rounding.

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
        near.team.run(
            _exchange, self.start.size - 1, self.start, self.neighbor, cells.position, cells.radius,
            cells.form, cells.begin, cells.count, cells.weight, near.axes, near.table, near.law, near.curve,
            self.coefficient, work=100 * self.neighbor.size,
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
