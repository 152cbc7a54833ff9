"""Cells that see only the average of their voxel, as in lattice models and where there is nothing finer to see.

The same three verbs as `NearField`: place, deposit, sense. A cell's surface concentration is that of its voxel.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.team import Team

__all__ = ["VoxelField"]


@kernel
def _place_in_voxels(low, high, position, spacing, shape, voxel):
    """As `Mesh.voxel_of`."""
    for row in range(low, high):
        v = 0
        for axis in range(3):
            along = position[row, axis] / spacing[axis]
            if abs(along - np.rint(along)) < 1e-12 * abs(along):  # else rounding of the quotient makes no difference
                along = position[row, axis] // spacing[axis]  # exact, and slow
            v = v * shape[axis] + min(max(int(np.floor(along)), 0), shape[axis] - 1)
        voxel[row] = v


@kernel
def _deposit_voxel(voxel, rate, clearance, per_volume, source, loss):
    """Add each cell's release and clearance to its voxel; serial, since many cells may share one."""
    for row in range(len(voxel)):
        source[voxel[row]] += rate[row] * per_volume
        loss[voxel[row]] += clearance[row] * per_volume


@kernel
def _sense_voxel(low, high, voxel, field, rate, clearance, sensed, net):
    for row in range(low, high):
        sensed[row] = field[voxel[row]]
        net[row] = rate[row] - clearance[row] * sensed[row]


class VoxelField:
    """Deposit into and sense from the voxel that a cell's center lies in.

    Parameters
    ----------
    mesh : Mesh
    team : Team, optional
    """

    reach = 0.0

    def __init__(self, mesh, team=None):
        self.mesh, self.team = mesh, team or Team(1)
        self._spacing, self._shape = np.array(mesh.spacing, float), np.array(mesh.shape, np.int64)

    def place(self, position, radius, flat=None, passive=False, scratch=None):
        """Voxels of the cells; ndarray of int32, shape (n,)."""
        voxel = np.empty(len(position), np.int32) if scratch is None else scratch.take(len(position), np.int32)
        self.team.run(_place_in_voxels, len(position), position, self._spacing, self._shape, voxel)
        return voxel

    def deposit(self, cells, rate, clearance, source, loss, excess=None):
        """As `NearField.deposit`, without anything finer than a voxel."""
        _deposit_voxel(cells, rate, clearance, 1.0 / self.mesh.voxel_volume, source.reshape(-1), loss.reshape(-1))

    def sense(self, cells, rate, clearance, field, excess=None, scratch=None):
        """As `NearField.sense`: sensed concentration, net release, effective clearance."""
        sensed, net = (np.empty if scratch is None else scratch.take)((2, len(cells)))
        self.team.run(_sense_voxel, len(cells), cells, field.reshape(-1), rate, clearance, sensed, net)
        return sensed, net, clearance
