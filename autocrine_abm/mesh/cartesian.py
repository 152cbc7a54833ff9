"""The grid of voxels that a tissue's ligand fields live on.

A mesh only knows geometry. What flows through its voxels is the business of `ligands`, who sits in them of `cells`.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

__all__ = ["Mesh"]


@dataclass(frozen=True)
class Mesh:
    """A box cut into equal box-shaped voxels, with its corner at the origin.

    Parameters
    ----------
    shape : tuple of 3 int
        Voxels along x, y and z, each ≥ 1. One voxel along z makes a 2-D run of the stated thickness, one along y
        and z a 1-D run.
    spacing : tuple of 3 float
        Edges of a voxel along x, y and z [µm], > 0.
    periodic : tuple of 3 bool
        Whether the box closes on itself along x, y and z.

    Examples
    --------
    >>> slab = Mesh(shape=(40, 40, 1), spacing=(20.0, 20.0, 20.0))
    >>> slab.size, slab.dimension, slab.voxel_volume
    ((800.0, 800.0, 20.0), 2, 8000.0)
    """

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    periodic: tuple[bool, bool, bool] = (False, False, False)

    def __post_init__(self):
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise ValueError(f"mesh shape: got {self.shape}, accepted are three counts of 1 or more")
        if len(self.spacing) != 3 or not min(self.spacing) > 0:
            raise ValueError(f"mesh spacing: got {self.spacing}, accepted are three lengths above 0 µm")

    @property
    def size(self):
        """Edges of the box, tuple of 3 float [µm]."""
        return tuple(n * h for n, h in zip(self.shape, self.spacing))

    @property
    def voxel_volume(self):
        """Volume of one voxel [µm³]."""
        return prod(self.spacing)

    @property
    def n_voxels(self):
        """How many voxels the mesh has."""
        return prod(self.shape)

    @property
    def dimension(self):
        """How many axes have more than one voxel; at least 1."""
        return max(1, sum(n > 1 for n in self.shape))

    def inside(self, position):
        """Positions brought back into the box: around it along periodic axes, to the wall along others.

        Parameters
        ----------
        position : ndarray of float, shape (n, 3)
            [µm]

        Returns
        -------
        ndarray of float, shape (n, 3)
            [µm]; a new array.

        Examples
        --------
        >>> box = Mesh(shape=(4, 4, 4), spacing=(20.0, 20.0, 20.0), periodic=(True, False, False))
        >>> box.inside(np.array([[-1.0, -1.0, 90.0]]))
        array([[79.,  0., 80.]])
        """
        return np.clip(np.where(self.periodic, position % self.size, position), 0.0, self.size)

    def voxel_of(self, position):
        """Flat index of the voxel that each position lies in.

        Parameters
        ----------
        position : ndarray of float, shape (n, 3)
            Positions [µm]; those outside the box count to the nearest voxel.

        Returns
        -------
        ndarray of int64, shape (n,)
            Index into ``field.ravel()``. A new array.
        """
        nx, ny, nz = self.shape
        i, j, k = (
            np.clip((position[:, axis] // self.spacing[axis]).astype(np.int64), 0, self.shape[axis] - 1)
            for axis in range(3)
        )
        return (i * ny + j) * nz + k
