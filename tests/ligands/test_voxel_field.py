"""A cell stands in the voxel that its center lies in."""

import numpy as np
import pytest

from autocrine_abm.ligands.voxel_field import VoxelField
from autocrine_abm.mesh.cartesian import Mesh


@pytest.mark.parametrize("spacing", [(20.0, 20.0, 20.0), (0.1, 0.3, 7.7), (12.34, 1 / 3, 1e-3)])
def test_voxels_are_those_of_the_mesh_on_faces_too(spacing):
    mesh = Mesh((11, 12, 13), spacing)
    rng = np.random.default_rng(4)
    anywhere = (rng.random((500, 3)) * 1.2 - 0.1) * mesh.size  # a tenth of the box beyond it
    faces = rng.integers(0, 14, (500, 3)) * np.array(spacing)
    for position in (anywhere, faces, np.nextafter(faces, -1), np.nextafter(faces, np.inf)):
        assert np.array_equal(VoxelField(mesh).place(position, None), mesh.voxel_of(position))
