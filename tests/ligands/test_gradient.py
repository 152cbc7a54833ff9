"""Gradients that cells read: as they are, up to the walls, and without what a cell itself has released."""

import numpy as np
import pytest
from naive.motility import gradient_naively

from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.gradient import gradient
from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.ligands.voxel_field import VoxelField
from autocrine_abm.mesh.boundaries import OPEN, Walls
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.team import Team


def read(field, positions, near=None, radius=5.0, sharp=False):
    positions = np.atleast_2d(np.asarray(positions, float))
    return gradient(
        field,
        near or VoxelField(field.mesh),
        np.arange(len(positions)),
        positions,
        np.full(len(positions), radius),
        Team(),
        sharp,
    )


WALLS = {
    "no-flux": Walls(),
    "fixed": Walls.alike("fixed", 0.7),
    "open": Walls.alike("open"),
    "mixed": Walls(x_low=("fixed", 2.0), x_high=OPEN, z_low=OPEN),
}


@pytest.mark.parametrize("walls", WALLS)
@pytest.mark.parametrize(
    "shape, periodic",
    [((7, 6, 5), (False,) * 3), ((7, 6, 1), (False, True, False)), ((8, 1, 1), (True,) * 3)],
)
@pytest.mark.parametrize("radius", [None, 5.0, 20.0])
def test_gradients_as_the_slow_twin(walls, shape, periodic, radius):
    random = np.random.default_rng(4)
    mesh = Mesh(shape, (20.0, 20.0, 20.0), periodic)
    field = LigandField(mesh, 600.0, 0.1, WALLS[walls], initial=random.random(shape))
    near = None if radius is None else NearField(mesh, 600.0, 0.1, radius, field.walls)
    side = 0.0 if radius is None else near.law[6] * radius
    positions = random.random((40, 3)) * mesh.size
    found = read(field, positions, near, radius or 5.0)
    for position, rise in zip(positions, found):
        expected = gradient_naively(
            field.concentration, field.walls.faces, mesh.spacing, periodic, position, side
        )
        assert rise == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_linear_fields_are_read_exactly_between_voxels():
    mesh = Mesh((12, 12, 12), (20.0, 10.0, 15.0))
    x, y, z = np.meshgrid(*((np.arange(12) + 0.5) * h for h in mesh.spacing), indexing="ij")
    field = LigandField(mesh, 600.0, 0.0, initial=2 + 0.01 * x + 0.02 * y + 0.03 * z)
    positions = np.array(mesh.size) * (0.3 + 0.4 * np.random.default_rng(5).random((30, 3)))
    assert read(field, positions) == pytest.approx(np.tile([0.01, 0.02, 0.03], (30, 1)), rel=1e-9)
    near = NearField(mesh, 600.0, 0.0, 6.0)
    assert read(field, positions, near) == pytest.approx(np.tile([0.01, 0.02, 0.03], (30, 1)), rel=1e-9)


@pytest.mark.parametrize("n", [20, 40])
def test_gradients_are_of_second_order_up_to_the_walls(n):
    mesh = Mesh((n, 1, 1), (400.0 / n, 20.0, 20.0))
    x = (np.arange(n) + 0.5) * 400.0 / n
    field = LigandField(mesh, 600.0, 0.0, initial=(1 + np.cos(np.pi * x / 400)).reshape(-1, 1, 1))
    points = np.linspace(0, 400, 81)
    exact = -np.pi / 400 * np.sin(np.pi * points / 400)
    found = read(field, np.stack([points, 0 * points + 10, 0 * points + 10], axis=1))[:, 0]
    # c''' (h²/6 of the difference + h²/8 of the quadratic spline), and roundoff
    assert np.abs(found - exact).max() < (np.pi / 400) ** 3 * (400.0 / n) ** 2 * (1 / 6 + 1 / 8) * 1.01


def test_sharp_cells_read_the_difference_across_their_voxel():
    mesh = Mesh((5, 1, 1), (20.0, 20.0, 20.0))
    field = LigandField(mesh, 600.0, 0.0, initial=np.array([0.0, 1, 4, 9, 16]).reshape(5, 1, 1))
    found = read(field, [[41, 10, 10], [59, 10, 10], [1, 10, 10], [100, 10, 10]], sharp=True)
    assert found[:, 0] == pytest.approx(
        [8 / 40, 8 / 40, 1 / 40, 7 / 40]
    )  # beside a no-flux wall its mirror image


@pytest.mark.parametrize("uptake", [0.0, 1.0, 10.0])
def test_a_cell_does_not_feel_its_own_halo(uptake):
    """Its own release, as a share of the steepness at its surface; `uptake` in units of 4πDa."""
    mesh = Mesh((15, 15, 15), (20.0, 20.0, 20.0), (True, True, True))
    walls, diffusion, decay, radius = Walls(), 600.0, 0.1, 5.0
    near = NearField(mesh, diffusion, decay, radius, walls)
    for offset in np.random.default_rng(6).random((4, 3)) * 20.0:
        position = 140.0 + offset
        field = LigandField(mesh, diffusion, decay, walls)
        place = near.place(position[None], np.array([radius]))
        rate, clearance = np.array([100.0]), np.array([uptake * 4 * np.pi * diffusion * radius])
        source, loss = np.zeros(mesh.shape), np.zeros(mesh.shape)
        near.deposit(place, rate, clearance, source, loss)
        Transport(mesh, Team()).settle(field, source, loss)
        _, net, _ = near.sense(place, rate, clearance, field.concentration)
        steepness = abs(net[0]) / (4 * np.pi * diffusion * radius**2)
        rise = np.linalg.norm(read(field, position, near, radius))
        assert rise < 1e-6 * steepness  # what the solver leaves of its residual of 1e-5 (measured: 2e-7)
