"""What passes between cells and the ligand fields: release and uptake go in, concentrations come out."""

import numpy as np

from autocrine_abm.compilation import kernel

__all__ = ["Exchange"]


@kernel
def _deposit(voxel, amount, column, per_volume, out):
    """Add each cell's amount to its voxel; serial, since many cells may share one."""
    for row in range(len(voxel)):
        out[voxel[row]] += amount[row, column] * per_volume


@kernel
def _sense(low, high, voxel, concentration, column, out):
    for row in range(low, high):
        out[row, column] = concentration[voxel[row]]


class Exchange:
    """Carries molecules between the cells and the mesh of one tissue.

    Parameters
    ----------
    mesh : Mesh
    team : Team

    Attributes
    ----------
    source, loss : ndarray of float, shape of the mesh
        Release per volume [molecules/µm³/min] and uptake rate [1/min] of the ligand deposited last.
    """

    def __init__(self, mesh, team):
        self.mesh, self.team = mesh, team
        self.source = np.zeros(mesh.shape)
        self.loss = np.zeros(mesh.shape)
        self._voxel = np.empty(0, np.int64)

    def locate(self, cells):
        """Find the voxel of every cell; to be called when cells have moved or their rows have changed."""
        self._voxel = self.mesh.voxel_of(cells.position)

    def deposit(self, cells, ligand):
        """Spread release and uptake of one ligand over the mesh: secretion, uptake clearance → `source`, `loss`.

        Parameters
        ----------
        cells : CellState
        ligand : int
            Index of the ligand.
        """
        per_volume = 1.0 / self.mesh.voxel_volume
        for amount, out in ((cells.secretion_rate, self.source), (cells.uptake_clearance, self.loss)):
            out.fill(0.0)
            _deposit(self._voxel, amount, ligand, per_volume, out.reshape(-1))

    def sense(self, cells, ligand, concentration):
        """Read one ligand at every cell: concentration [molecules/µm³] → the column `sensed`."""
        self.team.run(_sense, len(cells), self._voxel, concentration.reshape(-1), ligand, cells.sensed)
