"""Cells that see only the average of their voxel, as in lattice models and where there is nothing finer to see.

The same three verbs as `NearField`: place, deposit, sense. A cell's surface concentration is that of its voxel.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.team import Team

__all__ = ["VoxelField"]


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

    def place(self, position, radius, flat=None):
        """Voxels of the cells; ndarray of int64, shape (n,)."""
        return self.mesh.voxel_of(position)

    def deposit(self, cells, rate, clearance, source, loss, excess=None):
        """As `NearField.deposit`, without anything finer than a voxel."""
        _deposit_voxel(cells, rate, clearance, 1.0 / self.mesh.voxel_volume, source.reshape(-1), loss.reshape(-1))

    def sense(self, cells, rate, clearance, field, excess=None):
        """As `NearField.sense`: sensed concentration, net release, effective clearance."""
        sensed, net = np.empty((2, len(cells)))
        self.team.run(_sense_voxel, len(cells), cells, field.reshape(-1), rate, clearance, sensed, net)
        return sensed, net, clearance
