"""Areas that discs cover: of one, of many by chance, over walls and periodic faces, and of a dense ball."""

import numpy as np
import pytest

from autocrine_abm.measure.outline import covered_area, outline_radius
from autocrine_abm.mesh.cartesian import Mesh


def test_a_lone_disc_two_apart_and_one_within_the_other():
    mesh, one = Mesh((40, 40, 40), (10.0, 10.0, 10.0)), np.array([[200.0, 203.0, 50.0]])
    alone = covered_area(one, np.array([10.0]), mesh)
    assert alone == pytest.approx(np.pi * 100, rel=0.03)  # eight lines through it
    two = np.array([[100.0, 203.0, 50.0], [200.0, 203.0, 90.0]])
    assert covered_area(two, np.full(2, 10.0), mesh) == pytest.approx(2 * alone)
    assert covered_area(np.repeat(one, 2, axis=0), np.array([10.0, 4.0]), mesh) == pytest.approx(np.pi * 100, rel=0.03)
    assert covered_area(np.empty((0, 3)), np.empty(0), mesh) == 0


@pytest.mark.parametrize("periodic", [True, False])
def test_discs_strewn_by_chance_cover_what_chance_says(periodic):
    # with n discs of area a on a periodic area A: 1 - exp(-n a/A), with a standard error below 0.003 here
    mesh, draws, n, r = Mesh((50, 40, 1), (20.0, 20.0, 20.0), (periodic,) * 3), np.random.default_rng(3), 4000, 8.0
    position = draws.random((n, 3)) * [1000, 800, 20]
    share = covered_area(position, np.full(n, r), mesh) / 8e5
    # of a disc, 2 r/(3 π L) is lost on average beyond each of two walls at distance L
    beyond = 0 if periodic else 4 * r / (3 * np.pi) * (1 / 1000 + 1 / 800)
    assert share == pytest.approx(1 - np.exp(-n * np.pi * r**2 / 8e5 * (1 - beyond)), abs=0.012)


def test_a_disc_in_a_corner_is_a_quarter_and_over_periodic_faces_whole():
    corner, r, shape, spacing = np.zeros((1, 3)), np.array([30.0]), (20, 20, 1), (10.0, 10.0, 10.0)
    assert covered_area(corner, r, Mesh(shape, spacing)) == pytest.approx(np.pi * 900 / 4, rel=0.03)
    whole = covered_area(corner, r, Mesh(shape, spacing, (True, True, False)))
    assert whole == pytest.approx(np.pi * 900, rel=0.03)


def test_a_dense_ball_has_the_radius_of_its_outermost_cells():
    draws = np.random.default_rng(4)
    direction = draws.normal(size=(20_000, 3))
    inside = direction / np.linalg.norm(direction, axis=1)[:, None] * 100 * draws.random((20_000, 1)) ** (1 / 3)
    found = outline_radius(covered_area(inside + 200, np.full(20_000, 5.0), Mesh((40, 40, 40), (10.0, 10.0, 10.0))))
    assert 102 < found < 105  # cells within 100 µm reach 5 µm further; the edge is a little rough


def test_cells_of_a_lattice_cover_their_columns():
    mesh = Mesh((5, 4, 3), (20.0, 20.0, 20.0))
    stacked = np.array([[10.0, 10, 10], [10, 10, 50], [90, 70, 30]])
    assert covered_area(stacked, np.full(3, 10.0), mesh, lattice=True) == 800
