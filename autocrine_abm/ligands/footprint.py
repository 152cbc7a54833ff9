"""The voxels over which a mesh spreads a cell.

How they are found, and what a cell senses through them, is left to `near_field`.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Footprint"]


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
