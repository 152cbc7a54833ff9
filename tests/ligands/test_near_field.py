"""A cell captures what theory says, whatever the voxels; what the mesh gains is what cells release."""

import numpy as np
import pytest
import scipy.sparse.linalg
from naive.near_field import footprint, solve_endless, spheres, transport
from scipy.integrate import quad
from scipy.special import erfcx, ive, j1, k0, k1

from autocrine_abm.ligands.lattice_green import lattice_green
from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.mesh.boundaries import Walls
from autocrine_abm.mesh.cartesian import Mesh

D = 600.0  # µm²/min
A = 5.0  # radius, µm
BERG_PURCELL = 4 * np.pi * D * A  # µm³/min
UPTAKES = (0.1, 1.0, 10.0, 100.0)  # U/(4πDa)
ROUNDING = 1e-5  # gaps are kept in single precision (6e-8); the recipe itself is exact


def surface_response(dimension, reach, thickness=1.0):
    """Concentration at the surface per molecule/min, λ = reach radii: sphere, or cylinder through a slab."""
    x = 1 / reach
    if dimension == 3:
        return 1 / (BERG_PURCELL * (1 + x))
    return k0(x) / (2 * np.pi * D * thickness * x * k1(x))


def open_mesh(dimension, h):
    """A mesh so large that a cell in its middle has no walls, voxels of h radii."""
    return Mesh(
        (400, 400, 400 if dimension == 3 else 1), (h * A, h * A, h * A if dimension == 3 else 1.7 * A)
    )


def places(mesh, n, seed=0):
    """Middle of a voxel, its corner, and other places in it, far from walls."""
    inside = np.random.default_rng(seed).random((n, 3))
    inside[0], inside[1] = 0.5, 0.0
    position = (np.array(mesh.shape) // 2 + inside) * mesh.spacing
    position[:, np.array(mesh.shape) == 1] = mesh.size[2] / 2
    return position


def solve(mesh, decay, source, loss):
    """Steady field in the box, mesh-shaped."""
    matrix = transport(mesh, D, decay) + scipy.sparse.diags(loss.ravel())
    field, failed = scipy.sparse.linalg.cg(matrix, source.ravel(), rtol=1e-10)
    assert failed == 0
    return field.reshape(mesh.shape)


@pytest.mark.parametrize("dimension", [3, 2])
@pytest.mark.parametrize("reach", [2, 10, 100])
@pytest.mark.parametrize("h", [0.5, 0.8, 1.2, 2, 3.3, 5, 10])
def test_lone_cell_captures_and_absorbs_what_theory_says(dimension, reach, h):
    mesh = open_mesh(dimension, h)
    decay = D / (reach * A) ** 2
    near = NearField(mesh, D, decay, A)
    response = surface_response(dimension, reach, mesh.size[2])
    for position in places(mesh, 3):
        cell = near.place(position[None], np.array([A]))
        for uptake in np.array(UPTAKES)[:, None] * BERG_PURCELL:
            sensed, _ = solve_endless(near, mesh, D, decay, cell, np.array([1.0]), uptake)
            share = uptake * response / (1 + uptake * response)
            np.testing.assert_allclose(uptake * sensed, share, rtol=ROUNDING)
            _, net = solve_endless(near, mesh, D, decay, cell, np.array([0.0]), uptake, background=1.0)
            np.testing.assert_allclose(-net, uptake / (1 + uptake * response), rtol=ROUNDING)


def test_voxels_need_not_be_cubes_and_radii_need_not_be_equal():
    mesh = Mesh((400, 300, 200), (15.0, 20.0, 8.0))
    near = NearField(mesh, D, 0.1, 9.0)
    for radius in (2.0, 5.0, 9.0):
        cell = near.place(places(mesh, 3)[2:], np.array([radius]))
        uptake = np.array([4 * np.pi * D * radius])
        sensed, _ = solve_endless(near, mesh, D, 0.1, cell, np.array([1.0]), uptake)
        share = 1 / (1 + 1 + radius * np.sqrt(0.1 / D))
        np.testing.assert_allclose(uptake * sensed, share, rtol=ROUNDING)


@pytest.mark.parametrize("dimension", [3, 2])
def test_no_voxel_of_a_cell_shows_more_than_its_surface(dimension):
    for h in np.geomspace(0.4, 12, 15):
        for reach in (2, 10, 1e3):
            near = NearField(open_mesh(dimension, h), D, D / (reach * A) ** 2, A)
            cells = near.place(places(near.mesh, 5), np.full(5, A))
            for _, _, gap in footprint(near, cells):
                assert gap.min() > 0  # clipped at 0 by the code, so that 0 would hide a violation


def crowd(periodic, seed=2):
    """Twenty random cells in a small box, some at walls."""
    mesh = Mesh((6, 5, 7), (20.0, 15.0, 11.0), periodic)
    random = np.random.default_rng(seed)
    near = NearField(mesh, D, 0.1, 8.0)
    position = random.random((20, 3)) * mesh.size
    position[0], position[1] = 0.0, mesh.size
    cells = near.place(position, random.uniform(1, 8, 20))
    return near, cells, random


@pytest.mark.parametrize("periodic", [(False,) * 3, (True,) * 3, (True, False, True)])
def test_the_mesh_gains_exactly_what_cells_release(periodic):
    near, cells, random = crowd(periodic)
    rate, clearance, excess = random.random(20), random.random(20) * 1e5, random.normal(size=20) * 1e-5
    clearance[:3] = 0, 1e12, 1
    field, source, loss = random.random(near.mesh.shape) * 1e-4, *np.zeros((2, *near.mesh.shape))
    near.deposit(cells, rate, clearance, source, loss, excess)
    sensed, net, _ = near.sense(cells, rate, clearance, field, excess)
    gained = (source - loss * field).sum() * near.mesh.voxel_volume
    assert net.sum() == pytest.approx(gained, rel=1e-12)
    np.testing.assert_allclose(net, rate - clearance * sensed, rtol=1e-9, atol=1e-12 * np.abs(net).max())


@pytest.mark.parametrize("periodic", [(False,) * 3, (True,) * 3])
def test_voxels_and_weights_are_those_that_are_used(periodic):
    near, cells, random = crowd(periodic)
    voxel, weight, gap = cells.voxels(near.mesh)
    np.testing.assert_allclose(weight.sum(1), 1, rtol=1e-12)
    rate, clearance = random.random(20), random.random(20) * 1e5
    source, loss = np.zeros((2, *near.mesh.shape))
    near.deposit(cells, rate, clearance, source, loss)
    part = weight / (1 + clearance[:, None] * gap) / near.mesh.voxel_volume
    for filled, column in ((source, rate), (loss, clearance)):
        expected = np.bincount(voxel.ravel(), (part * column[:, None]).ravel(), near.mesh.n_voxels)
        np.testing.assert_allclose(filled.ravel(), expected, rtol=1e-12)


def test_footprint_keeps_the_center_of_a_cell():
    mesh = Mesh((40, 40, 40), (7.0, 9.0, 11.0))
    near = NearField(mesh, D, 0.1, 8.0)
    random = np.random.default_rng(3)
    position = mesh.size * random.uniform(0.3, 0.7, (50, 3))
    voxel, weight, _ = near.place(position, random.uniform(1, 8, 50)).voxels(mesh)
    center = (np.stack(np.unravel_index(voxel, mesh.shape), -1) + 0.5) * mesh.spacing
    np.testing.assert_allclose((weight[..., None] * center).sum(1), position, rtol=1e-12)


@pytest.mark.parametrize("h", [1.5, 3.0])
@pytest.mark.parametrize("height", [1.0, 1.3, 2.0, 4.0])
def test_sphere_on_and_above_the_floor(h, height):
    reach = 4.0
    n = int(np.ceil(24 / h))  # six ranges to the nearest other wall: e⁻¹² comes back
    mesh = Mesh((2 * n, 2 * n, n), (h * A,) * 3)
    decay = D / (reach * A) ** 2
    near = NearField(mesh, D, decay, A)
    position = np.array([[(n + 0.3) * h * A, (n - 0.1) * h * A, height * A]])
    cell = near.place(position, np.array([A]))
    for ratio in (0.1, 1.0, 100.0):
        uptake = np.array([ratio * BERG_PURCELL])
        source, loss = np.zeros((2, *mesh.shape))
        near.deposit(cell, np.array([1.0]), uptake, source, loss)
        _, net, _ = near.sense(cell, np.array([1.0]), uptake, solve(mesh, decay, source, loss))
        exact = spheres(position - position * [1, 1, 0], A, [1.0], uptake, D, decay, floor=True, charges=200)
        # 2 % asked for; 1.7 % is what the fitted shape of the flux leaves
        assert 1 - net[0] == pytest.approx(1 - exact[0], rel=0.02), ratio


def test_cell_in_a_corner_has_seven_images():
    mesh = Mesh((14, 14, 14), (2 * A,) * 3)
    reach = 2.5
    decay = D / (reach * A) ** 2
    position = A * np.array([[2.0, 2.2, 2.4]])
    near = NearField(mesh, D, decay, A)
    cell = near.place(position, np.array([A]))
    source, loss = np.zeros((2, *mesh.shape))
    near.deposit(cell, np.array([1.0]), np.array([0.0]), source, loss)
    sensed, _, _ = near.sense(cell, np.array([1.0]), np.array([0.0]), solve(mesh, decay, source, loss))
    signs = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T[1:]
    distance = np.linalg.norm(2 * signs * position, axis=1)
    form = np.exp(1 / reach) / (1 + 1 / reach)
    images = form**2 * np.exp(-distance / (reach * A)) / (4 * np.pi * D * distance)
    # 1 %: the fitted deformation of the flux, which the sum of images does not have, is 0.5 % at these
    # distances
    assert sensed[0] == pytest.approx(surface_response(3, reach) + images.sum(), rel=0.01)


@pytest.mark.parametrize("h", [1.0, 3.3, 6.0])
def test_disc_on_the_floor(h):
    reach = 4.0 if h < 2 else 12.0
    n = int(np.ceil(5 * reach / h))
    mesh = Mesh((2 * n, 2 * n, n), (h * A,) * 3)
    decay = D / (reach * A) ** 2
    near = NearField(mesh, D, decay, A)
    cell = near.place(
        np.array([[(n + 0.3) * h * A, (n - 0.2) * h * A, A]]), np.array([A]), flat=np.array([True])
    )
    # Hankel transform of a disc that releases evenly into a half-space
    response = quad(lambda s: 2 * j1(s) ** 2 / (s * np.hypot(s, 1 / reach)), 0, 400, limit=800)[0] / (
        np.pi * D * A
    )
    for x in (0.1, 1.0, 10.0):  # κa/D of Batsilas et al.
        uptake = np.array([x * np.pi * A * D])
        source, loss = np.zeros((2, *mesh.shape))
        near.deposit(cell, np.array([1.0]), uptake, source, loss)
        sensed, _, _ = near.sense(cell, np.array([1.0]), uptake, solve(mesh, decay, source, loss))
        # 1 %: e⁻¹⁰ comes back from the other walls, and the integral is cut off at s = 400 (0.3 %)
        assert uptake[0] * sensed[0] == pytest.approx(
            uptake[0] * response / (1 + uptake[0] * response), rel=0.01
        )


@pytest.mark.parametrize("x, exact", [(0.1, 0.0782), (1, 0.4567), (3, 0.7136), (30, 0.9601)])
def test_disc_without_decay_is_that_of_batsilas(x, exact):
    near = NearField(open_mesh(3, 5.0), D, 0.0, A)
    position = np.array([[200.3 * 5 * A, 200.1 * 5 * A, 0.0]])
    cell = near.place(position, np.array([A]), flat=np.array([True]))
    # Below the floor the mesh goes on in the mirror: two halves of an unfolded footprint, each with half the
    # cell.
    ((voxel, weight, gap),) = footprint(near, cell)
    mirrored = voxel * [1, 1, -1] - [0, 0, 1]
    whole = np.concatenate([voxel, mirrored])
    green = lattice_green(near.mesh.spacing, (12, 12, 12), D, 0.0)
    apart = np.abs(voxel[:, None] - whole[None])
    green = green[apart[..., 0], apart[..., 1], apart[..., 2]]
    green = green[:, : len(voxel)] + green[:, len(voxel) :]
    uptake = x * np.pi * A * D
    part = weight / (1 + uptake * gap)
    field = np.linalg.solve(np.eye(len(voxel)) + green * uptake * part, green @ part)
    share = uptake * part @ (field + gap)
    assert share == pytest.approx(x / (x + 3 * np.pi / 8), rel=ROUNDING)
    assert share == pytest.approx(exact, rel=0.007)  # even release against a disc that takes up unevenly


@pytest.mark.parametrize("h", [2.0, 4.0, 10.0])
def test_a_cell_that_starts_to_release(h):
    """c* of an impermeable sphere is q/(4πDa) (1 − exp(Dt/a²) erfc(√(Dt)/a)); the mesh is exact in time."""
    mesh = open_mesh(3, h)
    near = NearField(mesh, D, 0.0, A)
    for position in places(mesh, 3):
        ((voxel, weight, gap),) = footprint(near, near.place(position[None], np.array([A])))
        apart = np.abs(voxel[:, None] - voxel[None])
        for t in np.array([1.0, 3.0, 10.0]) * (h * A) ** 2 / D:
            time = t * np.linspace(0, 1, 1501)[1:] ** 2  # dt = t/750 √(time/t): fine where it matters
            line = ive(np.arange(apart.max() + 1)[:, None], 2 * D * time / (h * A) ** 2)
            step = np.diff(time, prepend=0.0)
            green = np.einsum(
                "...t,...t,...t,t", *(line[apart[..., d]] for d in range(3)), step, optimize=True
            )
            sensed = weight @ (green @ weight / mesh.voxel_volume + gap)
            exact = (1 - erfcx(np.sqrt(D * t) / A)) / BERG_PURCELL
            # corrections establish at once, not in h²/D: what is left falls as (h²/Dt)^(3/2)
            assert sensed == pytest.approx(exact, rel=0.01 * ((h * A) ** 2 / (D * t)) ** 1.5 + 0.002)


@pytest.mark.parametrize("dt", [0.01, 1.0, 100.0])
def test_implicit_steps_of_any_length_arrive_at_the_exact_steady_state(dt):
    reach, h = 4.0, 3.0
    mesh = Mesh((24, 24, 1), (h * A, h * A, 10.0), (True, True, False))
    decay = D / (reach * A) ** 2
    near = NearField(mesh, D, decay, A)
    cell = near.place(np.array([[11.2 * h * A, 12.6 * h * A, 5.0]]), np.array([A]))
    rate, uptake = np.array([1.0]), np.array([3 * 2 * np.pi * D * 10.0])
    source, loss = np.zeros((2, *mesh.shape))
    near.deposit(cell, rate, uptake, source, loss)
    factors = scipy.sparse.linalg.splu(
        (transport(mesh, D, decay) + scipy.sparse.diags(loss.ravel() + 1 / dt)).tocsc()
    )
    field = np.zeros(mesh.n_voxels)
    for _ in range(int(np.ceil(20 / (decay * dt))) + 12):  # e⁻²⁰ of the start is left, or less
        field = factors.solve(source.ravel() + field / dt)
    _, net, _ = near.sense(cell, rate, uptake, field.reshape(mesh.shape))
    response = surface_response(2, reach, 10.0)
    # images of the periodic box are 18 ranges away
    assert 1 - net[0] == pytest.approx(uptake[0] * response / (1 + uptake[0] * response), rel=ROUNDING)


def test_wall_that_takes_everything_up_has_an_image_of_the_other_sign():
    mesh = Mesh((30, 30, 15), (2 * A,) * 3)
    reach = 3.0
    decay = D / (reach * A) ** 2
    near = NearField(mesh, D, decay, A, walls=Walls(z_low=("fixed", 0.0)))
    position = np.array([[30.3 * A, 29.0 * A, 1.6 * A]])
    cell = near.place(position, np.array([A]))
    source, loss = np.zeros((2, *mesh.shape))
    near.deposit(cell, np.array([1.0]), np.array([0.0]), source, loss)
    held = loss.copy()
    held[:, :, 0] += 2 * D / mesh.spacing[2] ** 2
    sensed, _, _ = near.sense(cell, np.array([1.0]), np.array([0.0]), solve(mesh, decay, source, held))
    form, apart = np.exp(1 / reach) / (1 + 1 / reach), 2 * position[0, 2]
    image = form**2 * np.exp(-apart / (reach * A)) / (4 * np.pi * D * apart)
    assert sensed[0] == pytest.approx(
        surface_response(3, reach) - image, rel=1e-3
    )  # e⁻⁷ comes back from other walls


@pytest.mark.parametrize(
    "radius, flat, message", [(6.0, None, "largest_radius"), (0.0, None, "above 0"), (5.0, True, "flat")]
)
def test_wrong_cells_are_turned_away(radius, flat, message):
    near = NearField(open_mesh(2, 2.0), D, 0.1, A)
    with pytest.raises(ValueError, match=message):
        near.place(np.full((1, 3), 50.0), np.array([radius]), None if flat is None else np.array([flat]))


def test_arrays_that_cannot_be_filled_in_place_are_turned_away():
    near, cells, _ = crowd((False,) * 3)
    ones = np.ones(20)
    with pytest.raises(ValueError, match="in place"):
        near.deposit(cells, ones, ones, np.zeros((7, 5, 6)).T, np.zeros(near.mesh.shape))
    with pytest.raises(ValueError, match="one per cell"):
        near.deposit(cells, ones[:3], ones, *np.zeros((2, *near.mesh.shape)))


@pytest.mark.parametrize("shape", [(9, 9, 9), (12, 12, 1)])
def test_cells_that_take_nothing_up_need_but_the_mean_of_their_gaps(shape):
    mesh = Mesh(shape, (12.0, 12.0, 12.0))
    near = NearField(mesh, D, decay=0.1, largest_radius=A)
    rng = np.random.default_rng(2)
    position = rng.random((60, 3)) * mesh.size  # some beside walls
    radius, rate, none = np.linspace(0.6, 1.0, 60) * A, rng.random(60), np.zeros(60)
    field = rng.random(shape)
    whole, passive = near.place(position, radius), near.place(position, radius, passive=True)
    for found, expected in zip(near.sense(passive, rate, none, field), near.sense(whole, rate, none, field)):
        np.testing.assert_allclose(found, expected, rtol=ROUNDING)
    deposits = []
    for cells in (whole, passive):
        source, loss = np.zeros(shape), np.zeros(shape)
        near.deposit(cells, rate, none, source, loss)
        deposits.append(source)
        assert not loss.any()
    assert np.array_equal(*deposits)
    assert passive.gap.nbytes == 0
    with pytest.raises(ValueError, match="passive"):
        near.sense(passive, rate, none + 1.0, field)
