import numpy as np
import pytest

from autocrine_abm.measure import space
from autocrine_abm.mesh.cartesian import Mesh


def ball(n, radius, draws, dimension=3):
    """Points strewn evenly over a ball, or over a disc."""
    direction = draws.normal(size=(n, 3))
    direction[:, dimension:] = 0
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    return direction * radius * draws.random((n, 1)) ** (1 / dimension)


@pytest.mark.parametrize(
    ("dimension", "gyration", "mean"), [(3, np.sqrt(3 / 5), 3 / 4), (2, np.sqrt(1 / 2), 2 / 3)]
)
def test_radii_of_full_bodies(dimension, gyration, mean):
    points = ball(40_000, 100.0, np.random.default_rng(1), dimension) + [300.0, 200.0, 100.0]
    # 40,000 draws: the mean of r has a relative standard error below 0.0018, four of them are 0.007
    assert space.radius_of_gyration(points) == pytest.approx(100 * gyration, rel=0.007)
    assert space.mean_radius(points) == pytest.approx(100 * mean, rel=0.007)
    assert space.center(points) == pytest.approx([300, 200, 100], abs=1.2)  # four standard errors of the mean


def test_radii_without_cells_are_nan():
    assert np.isnan(space.radius_of_gyration(np.empty((0, 3)))) and np.isnan(
        space.mean_radius(np.empty((0, 3)))
    )
    assert np.isnan(space.center(np.empty((0, 3)))).all()


def test_equivalent_radius_adds_volumes_or_areas():
    radius = np.array([3.0, 4.0, 5.0])
    volume = 4 / 3 * np.pi * radius**3
    assert space.equivalent_radius(volume) == pytest.approx(6.0)  # 3³ + 4³ + 5³ = 6³
    assert space.equivalent_radius(volume, flat=True) == pytest.approx(np.sqrt(50.0))


def test_necrotic_core_is_found_among_stragglers():
    draws = np.random.default_rng(2)
    points = ball(20_000, 200.0, draws)
    distance = np.linalg.norm(points, axis=1)
    dead = (distance < 80.0) ^ (draws.random(20_000) < 0.05)  # one in twenty is on the wrong side
    # 1280 cells lie in the core; shells of 2 µm at its edge hold about 100 cells, of which 5 ± 2 disagree
    assert space.necrotic_core_radius(points, dead) == pytest.approx(80.0, abs=4.0)


def test_necrotic_core_at_its_bounds():
    points = ball(500, 50.0, np.random.default_rng(3))
    assert space.necrotic_core_radius(points, np.zeros(500, bool)) == 0.0
    everything = np.linalg.norm(points - points.mean(axis=0), axis=1).max()
    assert space.necrotic_core_radius(points, np.ones(500, bool)) == everything
    rim = np.linalg.norm(points, axis=1) > 49.0  # dead cells outside are no core
    assert space.necrotic_core_radius(points, rim) < 15.0


def test_necrotic_core_matches_a_slow_search():
    draws = np.random.default_rng(4)
    points = draws.normal(size=(60, 3))
    dead = draws.random(60) < np.exp(-np.linalg.norm(points, axis=1))
    distance = np.linalg.norm(points - points.mean(axis=0), axis=1)
    found = space.necrotic_core_radius(points, dead)

    def mistakes(radius):
        return np.sum(~dead & (distance <= radius)) + np.sum(dead & (distance > radius))

    assert mistakes(found) == min(mistakes(radius) for radius in (0.0, *distance))


def test_radial_profile_matches_a_slow_mean():
    draws = np.random.default_rng(5)
    points, values = draws.normal(size=(300, 3)) * 40, draws.random((300, 2))
    edges = np.array([0.0, 20.0, 50.0, 90.0, 500.0, 600.0])
    mean, number = space.radial_profile(points, values, edges, origin=np.zeros(3))
    distance = np.linalg.norm(points, axis=1)
    for shell in range(5):
        inside = (distance >= edges[shell]) & (distance < edges[shell + 1])
        assert number[shell] == inside.sum()
        if inside.any():
            assert mean[shell] == pytest.approx(values[inside].mean(axis=0))
        else:
            assert np.isnan(mean[shell]).all()
    single, _ = space.radial_profile(points, values[:, 0] > 0.5, edges, origin=np.zeros(3))
    assert single.shape == (5,)


BOXES = {
    "2-D": Mesh((50, 40, 1), (10.0, 10.0, 10.0)),
    "2-D periodic": Mesh((50, 40, 1), (10.0, 10.0, 10.0), (True, True, False)),
    "3-D": Mesh((20, 25, 30), (10.0, 10.0, 10.0)),
    "3-D periodic": Mesh((20, 25, 30), (10.0, 10.0, 10.0), (True, True, True)),
    "3-D half periodic": Mesh((20, 25, 30), (10.0, 10.0, 10.0), (True, False, False)),
    "1-D": Mesh((100, 1, 1), (10.0, 10.0, 10.0)),
}


@pytest.mark.parametrize("mesh", BOXES.values(), ids=BOXES.keys())
def test_unrelated_cells_have_no_correlation(mesh):
    draws, n, repeats = np.random.default_rng(6), 400, 60
    edges = np.linspace(0, 100, 6)
    values = np.array(
        [space.pair_correlation(draws.random((n, 3)) * mesh.size, mesh, edges).value for _ in range(repeats)]
    )
    error = values.std(axis=0) / np.sqrt(repeats)
    assert (np.abs(values.mean(axis=0) - 1) < 4.5 * error).all()  # fails by chance once in 30,000 runs
    assert error.max() < 0.06  # the test can tell a missing correction for walls: up to a third at 100 µm


@pytest.mark.parametrize("others", [False, True])
def test_pair_correlation_matches_a_slow_count(others):
    mesh, draws = BOXES["3-D half periodic"], np.random.default_rng(7)
    a = draws.random((80, 3)) * mesh.size
    b = draws.random((50, 3)) * mesh.size if others else a
    edges = np.array([0.0, 30.0, 60.0, 90.0])
    offset = a[:, None] - b[None]
    offset[..., 0] -= 200 * np.round(offset[..., 0] / 200)
    distance = np.linalg.norm(offset, axis=2)
    if not others:
        np.fill_diagonal(distance, np.inf)
    pairs = np.array([np.sum((distance > low) & (distance <= high)) for low, high in zip(edges, edges[1:])])
    middle = (edges[1:] + edges[:-1]) / 2
    # the share of a shell inside the walls along y and z, by averaging over directions
    way = draws.normal(size=(400_000, 3))
    way = np.abs(way / np.linalg.norm(way, axis=1)[:, None])
    share = [np.mean((1 - r * way[:, 1] / 250) * (1 - r * way[:, 2] / 300)) for r in middle]
    n_pairs = 80 * 50 if others else 80 * 79
    expected = n_pairs / (200 * 250 * 300) * 4 / 3 * np.pi * np.diff(edges**3) * share
    result = space.pair_correlation(a, mesh, edges, b if others else None)
    assert result.distance.tolist() == middle.tolist()
    assert result.value == pytest.approx(pairs / expected, rel=1e-3)  # the average over 400,000 directions


def test_clusters_and_lattices_show():
    mesh, draws = BOXES["2-D"], np.random.default_rng(8)
    clustered = np.repeat(draws.random((40, 3)) * mesh.size, 10, axis=0) + draws.normal(0, 2, (400, 3))
    assert space.pair_correlation(clustered, mesh, np.array([0.0, 5.0])).value[0] > 20
    regular = np.stack(
        np.meshgrid(np.arange(5.0, 500, 10), np.arange(5.0, 400, 10), [5.0], indexing="ij"), -1
    )
    g = space.pair_correlation(regular.reshape(-1, 3), mesh, np.array([0.0, 9.0, 11.0])).value
    assert g[0] == 0 and g[1] > 2


def test_distances_beyond_the_tissue_are_refused():
    with pytest.raises(ValueError, match="accepted is up to 400 µm"):
        space.pair_correlation(np.zeros((3, 3)), BOXES["2-D"], np.array([0.0, 401.0]))
    with pytest.raises(ValueError, match="accepted is up to 200 µm"):
        space.pair_correlation(np.zeros((3, 3)), BOXES["2-D periodic"], np.array([0.0, 201.0]))


def test_no_cells_no_correlation():
    assert np.isnan(space.pair_correlation(np.empty((0, 3)), BOXES["2-D"], np.array([0.0, 5.0])).value).all()


@pytest.mark.parametrize("mesh", BOXES.values(), ids=BOXES.keys())
def test_local_density_matches_a_slow_count(mesh):
    draws = np.random.default_rng(9)
    points = draws.random((150, 3)) * mesh.size
    axes = [axis for axis in range(3) if mesh.shape[axis] > 1]
    offset = (points[:, None] - points[None])[..., axes]
    for place, axis in enumerate(axes):
        if mesh.periodic[axis]:
            offset[..., place] -= mesh.size[axis] * np.round(offset[..., place] / mesh.size[axis])
    near = (np.linalg.norm(offset, axis=2) <= 60.0).sum(axis=1) - 1
    volume = {1: 120.0, 2: np.pi * 60.0**2, 3: 4 / 3 * np.pi * 60.0**3}[len(axes)]
    assert space.local_density(points, mesh, 60.0) == pytest.approx(near / volume)
