"""The voxels over which a mesh spreads a cell.

And the gaps that are left there between what the mesh shows of a cell's own release and what is at its surface. What it
senses through them is told in `near_field`.
"""

from typing import NamedTuple

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import BOX, DIFFUSION, DIMENSION, images, near_wall
from autocrine_abm.ligands.lattice_green import FACTOR_LOW, SPACING, VOXELS, answer, lay

__all__ = ["Footprint", "place"]


class Footprint(NamedTuple):
    """Where cells stand on the mesh, and how much of them the mesh cannot show. Of the field's ligand only.

    Attributes
    ----------
    position : ndarray of float64, shape (n, 3)
        Centers [µm]; a flat cell's z is that of the wall.
    radius : ndarray of float64, shape (n,)
        [µm].
    form : ndarray of float64, shape (n,)
        Field far outside the cell over that of a point releasing as much [-].
    flat : ndarray of bool, shape (n,)
        Whether the cell is a disc on the low z wall.
    begin, count : ndarray of int32, shape (n, 3)
        First voxel of the footprint along each axis, and how many.
    weight : ndarray of float64, shape (n, 3, m)
        Weights along each axis; a voxel's weight is the product of three.
    gap : ndarray of float32, shape (n, m_x m_y m_z)
        Δ of each voxel [min/µm³], ≥ 0; no columns where cells are passive.
    mean_gap : ndarray of float64, shape (n,) or (0,)
        Σ w Δ [min/µm³]: all that passive cells, which take nothing up, need; only given for them.
    """

    position: np.ndarray
    radius: np.ndarray
    form: np.ndarray
    flat: np.ndarray
    begin: np.ndarray
    count: np.ndarray
    weight: np.ndarray
    gap: np.ndarray
    mean_gap: np.ndarray = np.zeros(0)

    def voxels(self, mesh):
        """Flat voxel indices and weights of every footprint.

        Parameters
        ----------
        mesh : Mesh
            On which the cells stand.

        Returns
        -------
        voxel : ndarray of int64, shape (n, m)
        weight : ndarray of float64, shape (n, m)
            Sums to 1 along a row; 0 in places that a footprint does not use (their voxel is one of its own).
        gap : ndarray of float64, shape (n, m)
            Δ [min/µm³].
        """
        n, m = self.radius.size, self.weight.shape[2]
        inside = np.arange(m) < self.count[:, :, None]
        along = [
            np.where(inside[:, d], self.begin[:, d, None] + np.arange(m), self.begin[:, d, None])
            for d in range(3)
        ]
        along = [part % mesh.shape[d] for d, part in enumerate(along)]
        weight = np.where(inside, self.weight, 0.0)
        voxel = (along[0][:, :, None, None] * mesh.shape[1] + along[1][:, None, :, None]) * mesh.shape[2]
        voxel = (voxel + along[2][:, None, None, :]).reshape(n, -1)
        product = weight[:, 0, :, None, None] * weight[:, 1, None, :, None] * weight[:, 2, None, None, :]
        taken = (
            inside[:, 0, :, None, None] & inside[:, 1, None, :, None] & inside[:, 2, None, None, :]
        ).reshape(n, -1)
        gap = np.zeros((n, m**3))
        order = np.cumsum(taken, axis=1) - 1
        gap[taken] = np.take_along_axis(self.gap, np.clip(order, 0, self.gap.shape[1] - 1), 1)[taken]
        return voxel, product.reshape(n, -1), gap


@kernel
def _overlap(i, count, weight, table, lagged):
    """Answer of the mesh to the footprint of cell i, averaged over it, by how many voxels apart two of its voxels are."""
    if weight.shape[2] == 3 and min(table.shape) > 2:  # written out: four times as fast
        a0, a1, a2 = weight[i, 0, 0], weight[i, 0, 1], weight[i, 0, 2]
        b0, b1, b2 = weight[i, 1, 0], weight[i, 1, 1], weight[i, 1, 2]
        c0, c1, c2 = weight[i, 2, 0], weight[i, 2, 1], weight[i, 2, 2]
        x0, x1, x2 = a0 * a0 + a1 * a1 + a2 * a2, 2.0 * (a0 * a1 + a1 * a2), 2.0 * (a0 * a2)
        y0, y1, y2 = b0 * b0 + b1 * b1 + b2 * b2, 2.0 * (b0 * b1 + b1 * b2), 2.0 * (b0 * b2)
        z0, z1, z2 = c0 * c0 + c1 * c1 + c2 * c2, 2.0 * (c0 * c1 + c1 * c2), 2.0 * (c0 * c2)
        whole = 0.0
        for x in range(3):
            along_x = x0 if x == 0 else (x1 if x == 1 else x2)
            for y in range(3):
                along_y = y0 if y == 0 else (y1 if y == 1 else y2)
                whole += along_x * along_y * (table[x, y, 0] * z0 + table[x, y, 1] * z1 + table[x, y, 2] * z2)
        return whole
    for d in range(3):  # whole arrays and i: slices would take as long as all the rest
        for lag in range(count[i, d]):
            total = 0.0
            for v in range(count[i, d] - lag):
                total += weight[i, d, v] * weight[i, d, v + lag]
            lagged[d, lag] = total if lag == 0 else 2.0 * total
    whole = 0.0
    for x in range(count[i, 0]):
        for y in range(count[i, 1]):
            line = 0.0
            for z in range(count[i, 2]):
                line += table[x, y, z] * lagged[2, z]
            whole += lagged[0, x] * lagged[1, y] * line
    return whole


@kernel
def place(
    low, high, position, radius, form, flat, alone, axes, table, dense, width, law, curve, begin, count, weight,
    gap, mean_gap,
):  # fmt: skip
    """Footprints and gaps of cells low..high; of the gaps only their mean if there is room for that."""
    m = weight.shape[2]
    lag = np.empty((3, 5 * m), np.int64)
    matrix = np.empty((3, m, 5 * m))
    lagged = np.empty((3, m))
    work = np.empty((2, 5 * m, 5 * m, m))
    out = np.empty((m, m, m))
    product, shown = np.zeros(dense.shape[0], np.float32), np.zeros(dense.shape[1], np.float32)
    alike = np.bool_(False)  # a bare False has `images` compiled once more, for that value
    mirrored = np.empty((3, 2), np.bool_)
    for i in range(low, high):
        box = law[BOX] * radius[i]
        touched = False
        for d in range(3):
            for v in range(m):
                weight[i, d, v] = 0.0
            begin[i, d], count[i, d] = lay(position[i, d], box, axes[d], weight[i, d])
            for side in range(2):
                mirrored[d, side] = near_wall(position[i, d], box, axes[d], side)
                touched = touched or mirrored[d, side]
        own = alone[i]
        if mean_gap.size > 0 and not touched:
            mean_gap[i] = own - _overlap(i, count, weight, table, lagged)
            continue
        if dense.shape[0] > 0 and not touched:  # always the same matrix, padded by voxels of weight 0
            at = 0
            for x in range(width[0]):
                for y in range(width[1]):
                    share = weight[i, 0, x] * weight[i, 1, y]
                    for z in range(width[2]):
                        product[at] = share * weight[i, 2, z]
                        at += 1
            for v in range(shown.size):
                shown[v] = 0.0
            for other in range(0, product.size, 4):  # four rows at once, whole vectors long: three times as fast
                p0, p1, p2, p3 = product[other], product[other + 1], product[other + 2], product[other + 3]
                row0, row1, row2, row3 = dense[other], dense[other + 1], dense[other + 2], dense[other + 3]
                for v in range(shown.size):
                    shown[v] = shown[v] + p0 * row0[v] + p1 * row1[v] + p2 * row2[v] + p3 * row3[v]
            at = 0
            for x in range(count[i, 0]):
                for y in range(count[i, 1]):
                    line = (x * width[1] + y) * width[2]
                    for z in range(count[i, 2]):
                        gap[i, at] = max(own - shown[line + z], 0.0)
                        at += 1
            continue
        answer(begin[i], count[i], weight[i], axes, mirrored, table, lag, matrix, work, out)
        if touched:
            reflected = images(position[i], position[i], axes, mirrored, 2.0 * radius[i], alike, flat[i], law, curve)
            own += form[i] ** 2 * reflected
            if law[DIMENSION] == 3.0 and not flat[i]:  # the mirror image deforms the flux; fitted to collocation
                for d in range(3):
                    for side in range(2):
                        if mirrored[d, side] and axes[d, FACTOR_LOW + side] > 0.0:
                            x = position[i, d]
                            depth = x if side == 0 else axes[d, VOXELS] * axes[d, SPACING] - x
                            near = radius[i] / max(depth, radius[i])
                            bent = 0.03 * near**4 + 0.02 * near**9
                            own += bent / (4.0 * np.pi * law[DIFFUSION] * radius[i])
        at, shown_mean = 0, 0.0
        for x in range(count[i, 0]):
            for y in range(count[i, 1]):
                for z in range(count[i, 2]):
                    if mean_gap.size > 0:
                        shown_mean += weight[i, 0, x] * weight[i, 1, y] * weight[i, 2, z] * out[x, y, z]
                    else:
                        gap[i, at] = max(own - out[x, y, z], 0.0)
                        at += 1
        if mean_gap.size > 0:
            mean_gap[i] = own - shown_mean
