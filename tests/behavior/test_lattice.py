"""The lattice against its naive twin, counting by hand, and statistics with stated chance of false alarm."""

import numpy as np
import pytest
from naive import lattice as naive

from autocrine_abm.behavior.lattice import PLACEMENTS, Lattice
from autocrine_abm.mesh.cartesian import Mesh


def populated(shape, periodic, share, seed):
    """A lattice with a share of its voxels taken, in random order of rows."""
    mesh = Mesh(shape, (20.0, 10.0, 5.0), periodic)
    lattice = Lattice(mesh)
    rng = np.random.default_rng(seed)
    voxels = rng.permutation(mesh.n_voxels)[: int(share * mesh.n_voxels)]
    lattice.rebuild(lattice.center(voxels))
    return lattice, rng


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("shape", [(7, 6, 1), (4, 5, 3), (12, 1, 1), (1, 5, 6), (2, 2, 2)])
@pytest.mark.parametrize("periodic", [(False, False, False), (True, False, True), (True, True, True)])
def test_same_targets_as_the_naive_twin(placement, moves, shape, periodic):
    lattice, rng = populated(shape, periodic, 0.4, seed=len(placement))
    n_cells = lattice.voxel.size
    rows, uniform = rng.integers(0, n_cells, 60), rng.random(60)
    sites = [tuple(map(int, np.unravel_index(voxel, shape))) for voxel in lattice.voxel]
    site_of, taken = dict(enumerate(sites)), set(sites)
    expected = naive.attempt(rows, uniform, placement, moves, shape, periodic, site_of, taken)
    target = (lattice.move if moves else lattice.divide)(rows, uniform, placement)

    def voxel_of(site):
        return int(np.ravel_multi_index(site, shape))

    assert target.tolist() == [-1 if site is None else voxel_of(site) for site in expected]
    assert set(np.flatnonzero(lattice.occupant != -1)) == set(map(voxel_of, taken))
    for row, site in site_of.items():
        assert lattice.voxel[row] == voxel_of(site) and lattice.occupant[voxel_of(site)] == row


def test_the_four_draws_of_a_lonely_cell():
    lattice = Lattice(Mesh((3, 3, 1), (20.0, 20.0, 20.0)))
    for uniform, voxel in ((0.0, 1), (0.24, 1), (0.25, 7), (0.5, 3), (0.75, 5), (0.999, 5)):
        lattice.rebuild(np.array([[30.0, 30.0, 10.0]]))
        assert lattice.divide(np.array([0]), np.array([uniform]), "random neighbor") == [voxel]


def test_a_draw_beyond_a_wall_is_wasted_and_wraps_when_periodic():
    for periodic, expected in ((False, [-1, 1]), (True, [3, 1])):
        lattice = Lattice(Mesh((4, 1, 1), (20.0, 20.0, 20.0), (periodic, False, False)))
        lattice.rebuild(np.array([[10.0, 10.0, 10.0]]))
        assert lattice.divide(np.array([0, 0]), np.array([0.3, 0.8]), "random neighbor").tolist() == expected


def test_later_mothers_see_earlier_daughters_and_movers():
    lattice = Lattice(Mesh((5, 1, 1), (20.0, 20.0, 20.0)))
    lattice.rebuild(np.array([[30.0, 10, 10], [70.0, 10, 10]]))  # voxels 1 and 3, both next to 2
    assert lattice.divide(np.array([0, 1]), np.array([0.9, 0.1]), "random neighbor").tolist() == [2, -1]
    assert lattice.occupied_fraction == 3 / 5
    lattice.rebuild(np.array([[30.0, 10, 10], [50.0, 10, 10]]))  # voxels 1 and 2: the second follows
    assert lattice.move(np.array([0, 1]), np.array([0.1, 0.1])).tolist() == [0, 1]
    assert lattice.occupied_fraction == 2 / 5 and lattice.occupant.tolist() == [0, 1, -1, -1, -1]


def test_a_full_lattice_takes_nobody():
    for placement in PLACEMENTS:
        lattice, rng = populated((4, 4, 2), (True, False, False), 1.0, seed=1)
        target = lattice.divide(np.arange(32), rng.random(32), placement)
        assert np.all(target == -1) and lattice.occupied_fraction == 1.0


def test_long_range_division_succeeds_in_the_free_share():
    # each draw is uniform over the lattice, so a division succeeds with chance 1 − n (Gerlee et al. 2022,
    # mean field); one attempt per fresh lattice makes them independent; 5 standard deviations: false alarm
    # 6e-7
    lattice, rng = populated((10, 10, 1), (False, False, False), 0.3, seed=2)
    before, n_attempts = lattice.occupant.copy(), 4000
    targets = []
    for _ in range(n_attempts):
        targets.append(lattice.divide(np.array([0]), rng.random(1), "anywhere")[0])
        lattice.occupant[:] = before
    successes = np.count_nonzero(np.array(targets) >= 0)
    assert abs(successes - 0.7 * n_attempts) < 5 * np.sqrt(0.7 * 0.3 * n_attempts)


@pytest.mark.parametrize("shape, n_neighbors", [((30, 30, 1), 4), ((12, 12, 12), 6)])
@pytest.mark.parametrize("placement", ["random neighbor", "free neighbor"])
def test_neighbors_are_drawn_equally_often(shape, n_neighbors, placement):
    lattice = Lattice(Mesh(shape, (20.0, 20.0, 20.0), (True, True, True)))
    rng, counts = np.random.default_rng(3), {}
    n_attempts = 6000
    for _ in range(n_attempts):
        lattice.rebuild(np.array([[110.0, 110.0, 10.0]]))
        target = int(lattice.divide(np.array([0]), rng.random(1), placement)[0])
        counts[target] = counts.get(target, 0) + 1
    expected = n_attempts / n_neighbors
    statistic = sum((count - expected) ** 2 / expected for count in counts.values())
    # chi-square with 3 or 5 degrees of freedom: false alarm below 2e-7
    assert len(counts) == n_neighbors and statistic < 40


def test_a_walk_on_an_empty_lattice_spreads_as_it_must():
    # one voxel each time, so ⟨r²⟩ = n_steps h²; in 2-D the variance of r² is ⟨r²⟩²; 5 σ: false alarm 6e-7
    shape, n_cells, n_steps = (201, 201, 1), 300, 60
    rng, squared = np.random.default_rng(4), []
    for _ in range(n_cells):
        lattice = Lattice(Mesh(shape, (1.0, 1.0, 1.0)))
        lattice.rebuild(np.array([[100.5, 100.5, 0.5]]))
        lattice.move(np.zeros(n_steps, np.int64), rng.random(n_steps))
        squared.append(((lattice.center(lattice.voxel) - [100.5, 100.5, 0.5]) ** 2).sum())
    assert abs(np.mean(squared) - n_steps) < 5 * n_steps / np.sqrt(n_cells)


def test_centers_and_voxels_belong_together():
    lattice, _ = populated((4, 3, 2), (False, False, False), 1.0, seed=5)
    voxels = np.arange(24)
    assert np.array_equal(lattice.mesh.voxel_of(lattice.center(voxels)), voxels)
    assert np.array_equal(lattice.center(np.array([0]))[0], [10.0, 5.0, 2.5])


def test_wrong_input_is_refused():
    lattice = Lattice(Mesh((3, 3, 1), (20.0, 20.0, 20.0)))
    with pytest.raises(ValueError, match="one cell per voxel"):
        lattice.rebuild(np.array([[10.0, 10, 10], [50.0, 10, 10], [12.0, 13, 10]]))
    lattice.rebuild(np.array([[10.0, 10, 10]]))
    with pytest.raises(ValueError, match="accepted are 'random neighbor'"):
        lattice.divide(np.array([0]), np.array([0.5]), "nearest")
    with pytest.raises(ValueError, match="one draw for each"):
        lattice.move(np.array([0]), np.array([0.5, 0.5]))
