import numpy as np
import pytest
from naive.operator import matrix

from autocrine_abm.mesh.boundaries import OPEN, Walls
from autocrine_abm.mesh.cartesian import Mesh

FIXED = ("fixed", 2.0)


@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 4, 1), (6, 1, 1), (1, 1, 1), (1, 4, 3)])
@pytest.mark.parametrize(
    "walls",
    [
        Walls(),
        Walls.alike("fixed", 2.0),
        Walls.alike("open"),
        Walls(x_low=FIXED, x_high=OPEN, z_high=OPEN),
        Walls(z_high=OPEN),
    ],
)
@pytest.mark.parametrize("periodic", [(False, False, False), (True, False, False)])
def test_exchange_equals_face_by_face(shape, walls, periodic):
    mesh = Mesh(shape, (20.0, 10.0, 5.0), periodic)
    exchange = walls.exchange(mesh, 600.0, 0.1)
    zero = np.zeros(shape)
    a, supply = matrix(mesh, 600.0, 0.0, zero, walls, decay=0.1)
    bare, _ = matrix(mesh, 600.0, 0.0, zero)
    loss = np.zeros(mesh.n_voxels)
    loss[exchange.voxel] = exchange.conductance
    given = np.zeros(mesh.n_voxels)
    given[exchange.voxel] = exchange.supply
    # the same sums in another order: rounding of numbers up to 4 D/h² = 96
    np.testing.assert_allclose(loss, np.diag(a - bare), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(given, supply, rtol=1e-12, atol=1e-12)
    assert np.all(np.diff(exchange.voxel) > 0)


def test_closed_walls_exchange_nothing():
    assert Walls().exchange(Mesh((3, 3, 3), (1.0, 1.0, 1.0)), 1.0, 1.0).voxel.size == 0


@pytest.mark.parametrize("pair", [("leaky", 0.0), ("fixed", -1.0), ("fixed", np.inf), ("fixed", np.nan)])
def test_impossible_walls_are_refused(pair):
    with pytest.raises(ValueError, match="walls.y_high.*accepted"):
        Walls(y_high=pair)
