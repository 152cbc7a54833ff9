"""Conductances between cells that touch, against the exact pair that they are read off."""

import numpy as np
import pytest
from naive.near_field import open_spheres

from autocrine_abm.ligands.contact import contact_between, surface_resistance
from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.mesh.cartesian import Mesh

D, A, H = 600.0, 5.0, 8.0
COARSE = 10.0  # voxels in radii: none of what passes shows on the mesh


def between(dimension, distance, ratio, radius=(A, A), periodic=False):
    """Y_11, Y_22, the two entries Y_12, and ties, in units of 4πD or 2πDH times the mean radius; distance in radii."""
    h = COARSE * A
    mesh = Mesh((20, 20, 20 if dimension == 3 else 1), (h, h, h if dimension == 3 else H), (periodic,) * 2 + (False,))
    near = NearField(mesh, D, 0.0 if dimension == 3 else 1e-3, max(radius))
    position = np.array([[1.0, 100.0, 0.0], [1.0 + distance * A, 100.0, 0.0]])
    position[:, 0] -= 3.0 * periodic  # across a face
    position[:, 0] %= mesh.size[0]
    radius = np.array(radius)
    unit = 1 / surface_resistance(radius, near.law)
    lists = np.array([0, 1, 2]), np.array([1, 0], np.int32), np.ones(2, bool)
    found = contact_between(near, *lists, position, radius, np.array(ratio) * unit)
    return np.array([*found.own, *found.between]) / unit.mean(), found.tie * unit.mean(), found.hold * unit


@pytest.mark.parametrize("distance", [2.0, 2.013, 2.11, 2.37, 2.7])
@pytest.mark.parametrize("ratios", [(0.0, 10.0), (0.0, 0.7), (2.3, 2.3), (0.5, 37.0), (55.0, 130.0), (300.0, 300.0)])
def test_spheres_have_what_even_charges_miss(distance, ratios):
    """Two cells with contact take up what two exact spheres do, between the nodes of the table too."""
    center, clearance = np.array([[0, 0, 0], [distance * A, 0, 0]]), np.array(ratios) * 4 * np.pi * D * A
    exact = open_spheres(center, np.full(2, A), np.eye(2), clearance, D, poles=10)
    (first, second, *mutual), _, _ = between(3, distance, ratios)
    even = np.array([[1, 1 / distance], [1 / distance, 1]])
    extra = np.array([[first, mutual[0]], [mutual[1], second]])
    sensed = np.linalg.inv(np.linalg.inv(even) + np.diag(ratios) + extra)
    expected = np.eye(2) - np.array(ratios)[:, None] * sensed
    np.testing.assert_allclose(expected, exact, atol=0.02, rtol=0)  # of what is released


@pytest.mark.parametrize("dimension", [2, 3])
def test_one_number_for_both_of_a_pair(dimension):
    (first, second, *mutual), tie, hold = between(dimension, 2.1, (0.4, 20.0))
    assert mutual[0] == pytest.approx(mutual[1], rel=1e-12) and mutual[0] < 0 < tie[0] == tie[1]
    assert first != second and (hold > tie).all()
    turned, _, _ = between(dimension, 2.1, (20.0, 0.4))
    assert turned == pytest.approx([second, first, *mutual], rel=1e-12)
    wrapped, _, _ = between(dimension, 2.1, (0.4, 20.0), periodic=True)
    assert wrapped == pytest.approx([first, second, *mutual], rel=1e-9)


@pytest.mark.parametrize("dimension", [2, 3])
def test_it_fades_with_the_gap(dimension):
    conductance = np.array([between(dimension, distance, (10.0, 10.0))[0] for distance in np.arange(2.0, 3.2, 0.05)])
    tie = np.array([between(dimension, distance, (10.0, 10.0))[1].sum() for distance in np.arange(2.0, 4.0, 0.05)])
    assert (np.diff(np.abs(conductance), axis=0) <= 1e-12).all() and not conductance[-4:].any()
    assert (conductance[0, :2] > 0).all() and (conductance[0, 2:] < 0).all()  # what one takes, the other loses
    assert (np.diff(tie) <= 0).all() and tie[-1] == 0 < tie[0]
    # cells that overlap count as touching, and those on top of each other too
    assert (between(dimension, 0.0, (10.0, 10.0))[0] == between(dimension, 2.0, (10.0, 10.0))[0]).all()
