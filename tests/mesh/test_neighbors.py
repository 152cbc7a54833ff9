"""Neighbor bins against looking at everybody."""

from itertools import product

import numpy as np
import pytest
from naive import neighbors as naive

from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.mesh.neighbors import BLOCK, NeighborBins
from autocrine_abm.team import Team


def lists(start, index):
    return [index[low:high].tolist() for low, high in zip(start[:-1], start[1:])]


@pytest.mark.parametrize("periodic", list(product([False, True], repeat=3)))
@pytest.mark.parametrize("shape", [(6, 7, 5), (9, 8, 1), (20, 1, 1), (1, 6, 7)])
@pytest.mark.parametrize("reach", [13.0, 45.0])
def test_same_neighbors_as_looking_at_everybody(shape, periodic, reach):
    mesh = Mesh(shape, (20.0, 20.0, 20.0), periodic)
    size, counts = np.array(mesh.size), np.array(shape) > 1
    rng = np.random.default_rng(1)
    position = rng.uniform(-0.2, 1.2, (90, 3)) * size  # some of them outside the box
    start, index = NeighborBins(mesh).neighbors(position, reach)
    expected = naive.neighbors(position, reach, size, np.array(periodic) & counts, counts)
    assert lists(start, index) == [rows.tolist() for rows in expected]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_list_from_a_pair_of_reaches(threads):
    mesh = Mesh((5, 5, 5), (20.0, 20.0, 20.0))
    rng = np.random.default_rng(2)
    n = 2 * BLOCK + 88
    position, reach = rng.uniform(0, 100, (n, 3)), rng.uniform(2, 7, n)
    bins = NeighborBins(mesh, Team(threads, smallest_slab=1))
    bins.sort(position, 20.0)
    blocks, last, neighbor = bins.lists(reach[bins.order])
    first = np.concatenate([[0], last[:-1]])
    first[::BLOCK] = blocks  # within a block, lists follow each other
    counted = (last - first).tolist()
    place_of = np.argsort(bins.order)
    for row in range(n):
        distance = np.linalg.norm(position - position[row], axis=1)
        expected = set(np.flatnonzero(distance < reach + reach[row])) - {row}
        place = place_of[row]
        assert set(bins.order[neighbor[first[place] : last[place]]]) == expected
    start, gapless = bins.sorted_pairs(reach[bins.order])
    assert np.diff(start).tolist() == counted and gapless.size == start[-1]
    for place in range(n):
        assert np.array_equal(gapless[start[place] : start[place + 1]], neighbor[first[place] : last[place]])
    assert bins.count(reach[bins.order]).tolist() == counted


def test_order_is_stable_and_starts_delimit_bins():
    mesh = Mesh((4, 4, 4), (10.0, 10.0, 10.0))
    position = np.random.default_rng(3).uniform(0, 40, (500, 3))
    bins = NeighborBins(mesh)
    bins.sort(position, 9.0)
    assert bins.start[0] == 0 and bins.start[-1] == 500
    for b in range(bins.start.size - 1):
        rows = bins.order[bins.start[b] : bins.start[b + 1]]
        assert np.all(np.diff(rows) > 0) and np.all(bins.bin_of[rows] == b)
    assert np.array_equal(bins.coordinates.T, position[bins.order])


def test_sparse_cells_in_a_huge_box_take_few_bins():
    mesh = Mesh((1000, 1000, 1000), (20.0, 20.0, 20.0))
    position = np.array([[0.0, 0.0, 0.0], [20000.0, 20000.0, 20000.0], [7.0, 0.0, 0.0]])
    bins = NeighborBins(mesh)
    start, index = bins.neighbors(position, 10.0)
    assert bins.start.size <= 4 * 3 + 64 + 1
    assert lists(start, index) == [[2], [], [0]]


def test_no_cells_one_cell_and_growing_numbers():
    bins = NeighborBins(Mesh((5, 5, 1), (20.0, 20.0, 20.0)))
    for n_cells in (0, 1, 50, 3):
        position = np.random.default_rng(n_cells).uniform(0, 100, (n_cells, 3))
        start, index = bins.neighbors(position, 30.0)
        expected = naive.neighbors(position, 30.0, 1.0, False, (True, True, False))
        assert lists(start, index) == [rows.tolist() for rows in expected]


def test_same_list_with_any_number_of_threads():
    mesh = Mesh((10, 10, 10), (20.0, 20.0, 20.0), (True, False, False))
    position = np.random.default_rng(4).uniform(0, 200, (3000, 3))
    alone = NeighborBins(mesh).neighbors(position, 15.0)
    shared = NeighborBins(mesh, Team(3, smallest_slab=1)).neighbors(position, 15.0)
    assert alone[0].tobytes() == shared[0].tobytes() and alone[1].tobytes() == shared[1].tobytes()


def test_a_reach_beyond_half_a_periodic_box_is_refused():
    bins = NeighborBins(Mesh((3, 3, 3), (10.0, 10.0, 10.0), (True, True, True)))
    with pytest.raises(ValueError, match="half the box"):
        bins.sort(np.zeros((2, 3)), 16.0)
    with pytest.raises(ValueError, match="above 0"):
        bins.sort(np.zeros((2, 3)), 0.0)
