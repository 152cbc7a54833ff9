"""Cell mechanics against exact solutions, symmetries, known packings and a twin that looks at every pair."""

from math import pi, sqrt

import numpy as np
import pytest
from naive import mechanics as naive

from autocrine_abm.behavior.forces import BATCH
from autocrine_abm.behavior.mechanics import LARGEST_MOVE, PRESSURE_SCALE, Mechanics
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.team import Team

RADIUS, REPULSION = 6.0, 10.0
BOX = Mesh((10, 10, 10), (20.0, 20.0, 20.0))
LOOP = Mesh((10, 10, 10), (20.0, 20.0, 20.0), (True, True, True))
SHEET = Mesh((10, 10, 1), (20.0, 20.0, 20.0))


def relax(position, dt, mesh=BOX, radius=RADIUS, repulsion=REPULSION, adhesion=0.0, motility=0.0,
          movable=True, type_index=None, affinity=None, threads=1):  # fmt: skip
    """Relax in place with defaults; returns the Mechanics and its Relaxation."""
    n_cells = len(position)
    mechanics = Mechanics(mesh, Team(threads, smallest_slab=1))
    kind = np.zeros(n_cells, np.int64) if type_index is None else type_index
    affinity = np.ones((1, 1)) if affinity is None else affinity
    n_types = len(affinity)
    if np.ndim(repulsion) or np.ndim(adhesion):  # every cell is a type of its own
        affinity, kind, n_types = affinity[np.ix_(kind, kind)], np.arange(n_cells), n_cells
    relaxation = mechanics.relax(
        position, np.full(n_cells, radius, float), np.full(n_types, repulsion, float), np.full(n_types, adhesion, float),
        kind, affinity, 1.25, np.broadcast_to(np.asarray(motility, float), (n_cells, 3)).copy(),
        np.broadcast_to(movable, n_cells).copy(), dt,
    )  # fmt: skip
    return mechanics, relaxation


def crowd(n_cells, mesh, seed=1, share=0.5):
    """Random cells in the middle of the box, overlapping."""
    size = np.array(mesh.size)
    return size * (0.5 + share * (np.random.default_rng(seed).random((n_cells, 3)) - 0.5))


@pytest.mark.parametrize("mesh", [BOX, SHEET, LOOP])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_velocities_pressure_and_neighbors_equal_the_naive_twin(mesh, share):
    rng = np.random.default_rng(5)
    position = crowd(60, mesh, share=share)
    radius, repulsion, adhesion = rng.uniform(4, 8, 60), rng.uniform(5, 15, 60), rng.uniform(0, 1, 60)
    kind, affinity = rng.integers(0, 2, 60), np.array([[1.0, 0.2], [0.2, 2.0]])
    free = np.array(mesh.shape) > 1
    velocity, pressure, neighbors = naive.velocities(
        position,
        radius,
        repulsion,
        adhesion,
        kind,
        affinity,
        1.25,
        np.array(mesh.size),
        np.array(mesh.periodic),
        free,
    )
    before, dt = position.copy(), 1e-6
    mechanics, _ = relax(position, dt, mesh, radius, repulsion, adhesion, type_index=kind, affinity=affinity)
    apart = position - before
    apart -= np.where(mesh.periodic, np.array(mesh.size) * np.round(apart / mesh.size), 0.0)
    # 1e-14 × 200 µm of rounding over dt; the motion within dt is smaller still
    assert np.allclose(apart[:, free] / dt, velocity[:, free], atol=1e-4, rtol=1e-5)
    assert np.allclose(mechanics.pressure, pressure, rtol=1e-12)
    assert np.array_equal(mechanics.neighbors, neighbors)


def test_a_cell_may_have_more_neighbors_than_are_taken_together():
    # while its neighbors have few; strengths are those of each, or of all
    rng = np.random.default_rng(8)
    position = np.concatenate([[[100.0] * 3], 100 + 60 * (rng.random((BATCH + 7, 3)) - 0.5)])
    n_cells, sides = len(position), np.array(BOX.size)
    radius = np.where(np.arange(n_cells) == 0, 50.0, 4.0)
    for strength in (np.full(n_cells, 0.5), rng.uniform(0.1, 0.9, n_cells)):
        kind, ones = np.zeros(n_cells, int), np.array([[0.7]])
        velocity, pressure, neighbors = naive.velocities(
            position, radius, strength, strength, kind, ones, 1.25, sides, np.zeros(3, bool), np.ones(3, bool)
        )  # fmt: skip
        after, dt = position.copy(), 1e-6
        mechanics, _ = relax(after, dt, BOX, radius, strength, strength, affinity=ones)
        assert neighbors[0] == BATCH + 7 > 3 * np.median(neighbors)
        assert np.allclose((after - position) / dt, velocity, atol=1e-4, rtol=1e-5)  # as above
        assert np.allclose(mechanics.pressure, pressure, rtol=1e-12)
        assert np.array_equal(mechanics.neighbors, neighbors)


@pytest.mark.parametrize("overlap", [0.1, 0.74, 0.95])
@pytest.mark.parametrize("dt", [0.5, 6.0, 60.0])
def test_two_cells_part_along_the_exact_solution(overlap, dt):
    # d' = 2 c (1 − d/R)²  ⇒  1/(1 − d/R) grows by 2 c t/R
    contact = 2 * RADIUS
    direction = np.array([1.0, 2.0, -2.0]) / 3
    position = 100 + np.array([[-0.5], [0.5]]) * direction * contact * (1 - overlap)
    relax(position, dt)
    distance = np.linalg.norm(position[1] - position[0])
    exact = contact * (1 - overlap / (1 + 2 * REPULSION * overlap * dt / contact))
    assert abs(distance - exact) < 0.02 * contact  # substeps of a tenth of a radius
    assert np.allclose((position[1] - position[0]) / distance, direction, atol=1e-12)
    assert np.allclose(position.mean(axis=0), 100, atol=1e-11)


def test_adhering_cells_come_to_rest_where_push_equals_pull():
    for start in (0.5, 1.2):
        position = np.array([[100.0, 100.0, 100.0], [100.0 + 12 * start, 100.0, 100.0]])
        relax(position, 5000.0, adhesion=0.4)
        share = sqrt(0.4 / REPULSION)  # 1 − x = share (1 − x/1.25)
        assert np.isclose(position[1, 0] - position[0, 0], 12 * (1 - share) / (1 - share / 1.25), rtol=1e-4)


@pytest.mark.parametrize("mesh", [BOX, LOOP, SHEET])
def test_momentum_is_conserved_between_pairs(mesh):
    rng = np.random.default_rng(3)
    position = crowd(150, mesh, share=0.4)
    before = position.copy()
    affinity = np.array([[1.0, 0.1], [0.1, 3.0]])
    relax(position, 6.0, mesh, rng.uniform(4, 7, 150), rng.uniform(5, 15, 150), rng.uniform(0, 1, 150),
          type_index=rng.integers(0, 2, 150), affinity=affinity)  # fmt: skip
    assert np.abs(position - before).max() > 3.0
    assert np.allclose(
        position.mean(axis=0), before.mean(axis=0), atol=1e-10
    )  # rounding of 150 sums at 100 µm


def test_a_mirrored_tissue_stays_the_mirror_image():
    position = crowd(100, BOX, share=0.3)
    mirrored = np.array(BOX.size) - position[::-1]
    relax(position, 3.0, adhesion=0.4)
    relax(mirrored, 3.0, adhesion=0.4)
    # sums run in another order; rounding grows while a crowd spreads
    assert np.allclose(np.array(BOX.size) - mirrored[::-1], position, atol=1e-6)


@pytest.mark.parametrize("mesh", [BOX, LOOP, SHEET])
def test_same_bytes_with_any_number_of_threads(mesh):
    results = []
    for threads in (1, 2, 3):
        position = crowd(200, mesh, share=0.5)
        mechanics, relaxation = relax(position, 6.0, mesh, adhesion=0.4, threads=threads)
        results.append(
            (position.tobytes(), mechanics.pressure.tobytes(), mechanics.neighbors.tobytes(), relaxation)
        )
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("shape", [(10, 10, 10), (10, 10, 1), (10, 1, 1), (1, 10, 1), (1, 1, 10)])
def test_coincident_cells_part(shape):
    mesh = Mesh(shape, (20.0, 20.0, 20.0))
    results = []
    for _ in range(2):
        position = np.tile(0.5 * np.array(mesh.size), (2, 1))
        relax(position, 60.0, mesh)
        results.append(position.tobytes())
    contact = 2 * RADIUS
    exact = contact * (1 - 1 / (1 + 2 * REPULSION * 60 / contact))
    assert abs(np.linalg.norm(position[1] - position[0]) - exact) < 0.02 * contact
    assert np.allclose(position.mean(axis=0), 0.5 * np.array(mesh.size), atol=1e-10)
    assert results[0] == results[1]


def test_a_heap_of_coincident_cells_spreads():
    position = np.full((20, 3), 100.0)
    relax(position, 600.0)
    distance = np.linalg.norm(position[:, None] - position[None], axis=2) + 1e3 * np.eye(20)
    assert distance.min() > 0.8 * 2 * RADIUS


def test_nothing_moves_along_an_axis_of_one_voxel():
    position = crowd(50, SHEET)
    height = position[:, 2].copy()
    relax(position, 6.0, SHEET, motility=(0.1, 0.0, 5.0))
    assert np.array_equal(position[:, 2], height)


def test_a_wall_pushes_like_a_mirror_image():
    # e' = c (1 − e/r)²  ⇒  1/(1 − e/r) grows by c t/r
    position = np.array([[1.0, 100.0, 100.0], [100.0, 199.0, 100.0]])
    relax(position, 2.0)
    exact = RADIUS * (1 - (5 / 6) / (1 + REPULSION * (5 / 6) * 2.0 / RADIUS))
    assert np.allclose([position[0, 0], 200 - position[1, 1]], exact, atol=0.02 * RADIUS)
    assert np.allclose(position[[0, 0, 1, 1], [1, 2, 0, 2]], 100.0)


def test_walls_hold_cells_that_walk_into_them():
    position = np.array([[20.0, 100.0, 100.0], [20.0, 40.0, 100.0]])
    relax(position, 600.0, repulsion=np.array([REPULSION, 0.0]), motility=(-0.9, 0.0, 0.0))
    assert np.isclose(position[0, 0], RADIUS * (1 - sqrt(0.9 / REPULSION)), rtol=1e-3)
    assert position[1, 0] == 0.0


def test_a_walk_without_neighbors_is_exact():
    for mesh, expected in ((BOX, [75.0, 140.0, 100.0]), (LOOP, [75.0, 140.0, 100.0])):
        position = np.array([[100.0, 100.0, 100.0]])
        relax(position, 50.0, mesh, motility=(-0.5, 0.8, 0.0))
        assert np.allclose(position, expected, atol=1e-9)
    position = np.array([[5.0, 195.0, 100.0]])
    relax(position, 50.0, LOOP, motility=(-0.5, 0.8, 0.0))
    assert np.allclose(position, [180.0, 35.0, 100.0], atol=1e-9)


def test_cells_meet_across_a_periodic_face_as_anywhere_else():
    apart = crowd(80, LOOP, share=0.3)
    across = apart.copy()
    across[:] = (across + 100.0) % 200.0
    relax(apart, 6.0, LOOP, adhesion=0.4)
    relax(across, 6.0, LOOP, adhesion=0.4)
    assert np.all((across >= 0) & (across < 200))
    difference = (across - apart - 100.0 + 100.0) % 200.0 - 100.0
    assert np.abs(difference).max() < 1e-6  # order of the sums differs


def test_cells_that_may_not_move_push_but_stay():
    position = np.array([[100.0, 100.0, 100.0], [106.0, 100.0, 100.0]])
    relax(position, 3.0, movable=np.array([False, True]), motility=(0.0, 0.0, 0.0))
    exact = 12 * (1 - 0.5 / (1 + REPULSION * 0.5 * 3.0 / 12))
    assert np.array_equal(position[0], [100.0, 100.0, 100.0])
    assert abs(position[1, 0] - 100 - exact) < 0.02 * 12


def test_types_without_affinity_do_not_adhere():
    position = np.array([[50.0, 50, 50], [62.0, 50, 50], [50.0, 150, 50], [62.0, 150, 50]])
    kind = np.array([0, 1, 1, 1])
    relax(position, 60.0, adhesion=0.4, type_index=kind, affinity=np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert np.isclose(position[1, 0] - position[0, 0], 12.0, atol=1e-9)
    assert position[3, 0] - position[2, 0] < 11.99


def lattice(count, spacing, mesh, face_centered):
    """Perfect packing of touching neighbors around the middle of the box."""
    steps = np.arange(-count, count + 1)
    if face_centered:
        i, j, k = (axis.ravel() for axis in np.meshgrid(steps, steps, steps))
        points = np.stack([j + k, i + k, i + j], axis=1) * spacing / sqrt(2)
    else:
        i, j = (axis.ravel() for axis in np.meshgrid(steps, steps))
        points = np.stack([i + 0.5 * j, sqrt(0.75) * j, 0.0 * i], axis=1) * spacing
    points = points[np.linalg.norm(points, axis=1) < (count - 0.5) * spacing]
    return points + 0.5 * np.array(mesh.size)


def test_pressure_is_one_with_twelve_neighbors_at_confluence():
    assert np.isclose(PRESSURE_SCALE, 12 * (1 - sqrt(pi / (2 * sqrt(3)))) ** 2, rtol=1e-12)
    position = lattice(4, 2 * RADIUS * sqrt(pi / (2 * sqrt(3))), BOX, face_centered=True)
    mechanics, _ = relax(position, 1e-9)
    middle = np.argmin(((position - 100) ** 2).sum(axis=1))
    assert np.isclose(mechanics.pressure[middle], 1.0, rtol=1e-6) and mechanics.neighbors[middle] == 12


@pytest.mark.parametrize("face_centered", [True, False])
def test_a_squeezed_crystal_relaxes_to_the_known_density(face_centered):
    # second neighbors are out of reach (√2 · 0.952 > 1.25), so every bond ends at the rest length of a pair
    mesh = BOX if face_centered else SHEET
    share = sqrt(0.4 / REPULSION)
    rest = 2 * RADIUS * (1 - share) / (1 - share / 1.25)
    position = lattice(2 if face_centered else 3, 0.9 * rest, mesh, face_centered)
    relax(position, 3000.0, mesh, adhesion=0.4)
    distance = np.sort(np.linalg.norm(position[:, None] - position[None], axis=2), axis=1)
    middle = np.argmin(((position - 0.5 * np.array(mesh.size)) ** 2).sum(axis=1))
    contacts = 12 if face_centered else 6
    assert np.allclose(
        distance[middle, 1 : contacts + 1], rest, rtol=1e-3
    )  # forces fade as the square of what is left
    fraction = pi / sqrt(18) if face_centered else pi / sqrt(12)
    close_packed = fraction * (2 * RADIUS / distance[middle, 1 : contacts + 1].mean()) ** (
        3 if face_centered else 2
    )
    assert np.isclose(
        close_packed, (0.857 if face_centered else 1.000), atol=0.004
    )  # (0.7405, 0.9069) / 0.9524^dim


@pytest.mark.parametrize("filling, jammed", [(0.56, False), (0.72, True)])
def test_random_spheres_jam_at_the_known_density(filling, jammed):
    # frictionless spheres of one size jam at 0.64 (O'Hern et al. 2003, doi:10.1103/PhysRevE.68.011306)
    n_cells = 300
    edge = (n_cells * 4 / 3 * pi * RADIUS**3 / filling) ** (1 / 3)
    mesh = Mesh((4, 4, 4), (edge / 4,) * 3, (True, True, True))
    position = np.random.default_rng(1).random((n_cells, 3)) * edge
    mechanics, _ = relax(position, 3000.0, mesh)
    assert (mechanics.pressure.mean() > 0.1) == jammed
    assert jammed or mechanics.pressure.mean() < 0.01  # overlaps fade as 1/t only
    contacts = np.median(mechanics.neighbors)
    assert 5 < contacts < 16


def test_no_substep_moves_a_cell_further_than_allowed():
    position = crowd(200, BOX, share=0.25)
    _, relaxation = relax(position, 6.0, adhesion=0.4)
    assert relaxation.substeps > 5
    assert 0 < relaxation.largest_displacement <= LARGEST_MOVE * RADIUS * (1 + 1e-12)


def test_neighbor_lists_are_made_anew_before_they_miss_anybody():
    # cells that fly through a crowd meet all of it: one long call equals many short ones, each with its own
    # lists
    position = np.array([[20.0, 100.0, 100.0], [100.0, 101.0, 100.0], [150.0, 99.0, 101.0]])
    speed = np.array([[3.0, 0, 0], [0, 0, 0], [0, 0, 0]])
    long, short = position.copy(), position.copy()
    relax(long, 60.0, motility=speed)
    for _ in range(1200):
        relax(short, 0.05, motility=speed)
    assert np.all(np.linalg.norm(long - position, axis=1) > 1.0)  # both have been hit
    assert np.abs(long - short).max() < 0.05 * RADIUS


def test_cells_at_rest_take_one_substep():
    position = lattice(2, 2 * RADIUS, BOX, face_centered=True)
    before = position.copy()
    _, relaxation = relax(position, 6.0)
    assert relaxation.substeps == 1 and np.allclose(position, before, atol=1e-9)


def test_a_vanishing_cell_does_not_slow_the_others_down():
    position = crowd(100, BOX, share=0.4)
    plain, radius = position.copy(), np.full(100, RADIUS)
    _, expected = relax(plain, 6.0)
    radius[0] = 0.01
    _, relaxation = relax(position, 6.0, radius=radius)
    assert relaxation.substeps < 3 * expected.substeps


def test_no_cells_and_wrong_input():
    _, relaxation = relax(np.empty((0, 3)), 6.0)
    assert relaxation.substeps == 0
    pair = np.full((2, 3), 100.0)
    with pytest.raises(ValueError, match="radius"):
        relax(pair, 6.0, radius=0.0)
    with pytest.raises(ValueError, match="time"):
        relax(pair, 0.0)
    with pytest.raises(ValueError, match="affinity"):
        relax(pair, 6.0, affinity=np.array([[1.0, 0.5], [0.4, 1.0]]))
    with pytest.raises(ValueError, match="not numbers"):
        relax(np.array([[100.0, np.nan, 100.0]]), 6.0)
    with pytest.raises(ValueError, match="not numbers"):
        relax(pair, 6.0, motility=(np.nan, 0.0, 0.0))


def test_a_small_periodic_box_takes_as_much_as_its_neighbors_reach():
    mesh = Mesh(
        (2, 2, 2), (16.0, 16.0, 16.0), (True, True, True)
    )  # reach of adhesion 15 µm, half the box 16 µm
    position = np.random.default_rng(6).random((6, 3)) * 32.0
    relax(position, 60.0, mesh, adhesion=0.4)
    apart = position[:, None] - position[None]
    distance = np.linalg.norm(apart - 32.0 * np.round(apart / 32.0), axis=2) + 1e3 * np.eye(6)
    assert distance.min() > 0.9 * 2 * RADIUS
