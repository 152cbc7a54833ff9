"""The field of a lone cell is that of the textbook."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import j1, k0, k1

from autocrine_abm.ligands.cell_field import KAPPA, images, law_of, near_wall, point, surface
from autocrine_abm.mesh.cartesian import Mesh

CUBES = Mesh((20, 20, 20), (10.0,) * 3)
SLAB = Mesh((20, 20, 1), (10.0, 10.0, 4.0))
COLUMN = Mesh((20, 1, 1), (10.0, 3.0, 4.0))


def axes_of(mesh, low=1.0):
    return np.array([[mesh.spacing[d], mesh.shape[d], mesh.periodic[d], low, 1.0] for d in range(3)])


def test_surface_of_sphere_cylinder_and_sheet():
    radius, diffusion, decay = np.array([2.0, 7.0]), 600.0, 0.5
    kappa = np.sqrt(decay / diffusion)
    x = kappa * radius
    for mesh, expected in (
        (CUBES, 1 / (4 * np.pi * diffusion * radius * (1 + x))),
        (SLAB, k0(x) / (2 * np.pi * diffusion * 4 * x * k1(x))),
        (COLUMN, 1 / (2 * diffusion * 12 * kappa) * np.ones(2)),
    ):
        law, curve = law_of(mesh, diffusion, decay)
        alone, form = surface(radius, law)
        np.testing.assert_allclose(alone, expected, rtol=1e-12)
        # its own far field, followed inwards, is the surface value; 1e-4: K₀ is looked up
        np.testing.assert_allclose([f * point(a, law, curve) for f, a in zip(form, radius)], alone, rtol=1e-4)


@pytest.mark.parametrize("r", [1e-6, 0.3, 20.0, 300.0])
def test_looked_up_bessel_function(r):
    law, curve = law_of(SLAB, 600.0, 0.5)
    # curvature of K₀ in ln r: (κr δ)²/8 relative, with steps δ = 0.013
    expected = k0(law[KAPPA] * r) / (2 * np.pi * 600 * 4)
    assert point(r, law, curve) == pytest.approx(expected, rel=1e-4 + 2.5e-5 * (law[KAPPA] * r) ** 2)


def test_endless_range_on_a_plane_is_long_and_finite():
    law, _ = law_of(SLAB, 600.0, 0.0)
    assert 1 / law[KAPPA] == pytest.approx(100 * np.linalg.norm(SLAB.size))


@pytest.mark.parametrize("reach", [1.0, 10.0, 1000.0])
def test_surface_of_a_disc(reach):
    law, _ = law_of(CUBES, 600.0, 600.0 / (5.0 * reach) ** 2)
    alone, _ = surface(np.array([5.0]), law, np.array([True]))
    expected = quad(lambda s: 2 * j1(s) ** 2 / (s * np.hypot(s, 1 / reach)), 0, 2000, limit=4000)[0]
    assert alone[0] == pytest.approx(
        expected / (np.pi * 600 * 5), rel=1e-3
    )  # tail of the integral beyond 2000


def test_disc_without_decay():
    alone, _ = surface(np.array([5.0]), law_of(CUBES, 600.0, 0.0)[0], np.array([True]))
    assert alone[0] == pytest.approx(8 / (3 * np.pi**2 * 600 * 5), rel=1e-9)


@pytest.mark.parametrize("low", [1.0, -1.0])
def test_images_behind_two_walls(low):
    axes, (law, curve) = axes_of(CUBES, low), law_of(CUBES, 600.0, 0.2)
    here, there = np.array([12.0, 90.0, 195.0]), np.array([5.0, 95.0, 190.0])
    mirrored = np.zeros((3, 2), bool)
    mirrored[0, 0] = mirrored[2, 1] = True
    places = [(1, 5, 190), (low, -5, 190), (1, 5, 210), (low, -5, 210)]
    expected = sum(f * point(np.linalg.norm(here - [x, 95, z]), law, curve) for f, x, z in places)
    assert images(here, there, axes, mirrored, 0.1, True, False, law, curve) == pytest.approx(expected)
    own = images(here, here, axes, mirrored, 0.1, False, False, law, curve)
    expected = low * point(24, law, curve) + point(10, law, curve) + low * point(26, law, curve)
    assert own == pytest.approx(expected)


def test_which_walls_are_near():
    periodic = np.array([10.0, 20, 1, 1, 1])
    opened = np.array([10.0, 20, 0, 0, 0])
    wall = np.array([10.0, 20, 0, 1, -1])
    assert [near_wall(x, 12.0, wall, 0) for x in (0.0, 21.9, 22.1)] == [True, True, False]
    assert [near_wall(x, 5.0, wall, 1) for x in (200.0, 180.1, 179.9)] == [True, True, False]
    assert not near_wall(0.0, 12.0, periodic, 0) and not near_wall(0.0, 12.0, opened, 0)
