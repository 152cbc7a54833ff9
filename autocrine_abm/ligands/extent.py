"""How far a cell reaches on a mesh: over which voxels it is spread, and which neighbors the mesh does not show it rightly."""

__all__ = ["REACH", "WIDTH"]

#: Box of a cell in radii, by dimension: about the least for which no voxel of it would show more than the cell's surface.
WIDTH = {1: 2.0, 2: 3.0, 3: 2.4}
#: In boxes of a cell (or voxels, if these are wider): beyond it, mesh and exact field of a pair differ by less than 2 %.
REACH = 1.5
