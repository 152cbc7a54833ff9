"""Diffusion against exact solutions, in one to three dimensions."""

import numpy as np
import pytest

from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.mesh.boundaries import OPEN, Walls
from autocrine_abm.mesh.cartesian import Mesh

AXES = [(0,), (2,), (0, 1), (0, 2), (0, 1, 2)]


def mesh_along(axes, n, length, periodic=False):
    """A mesh with n voxels along some axes of the given length and one voxel along the others."""
    shape = tuple(n if axis in axes else 1 for axis in range(3))
    return Mesh(shape, tuple(length / n if axis in axes else 20.0 for axis in range(3)), (periodic,) * 3)


def centers(mesh):
    return np.meshgrid(*[(np.arange(n) + 0.5) * h for n, h in zip(mesh.shape, mesh.spacing)], indexing="ij")


def cosine(mesh, axes, length, waves=1):
    x = centers(mesh)
    return np.prod([np.cos(waves * np.pi * x[axis] / length) for axis in axes], axis=0)


def one_substep_each(mesh):
    """A transport whose error control never interferes, with solves far more accurate than what is
    measured."""
    return Transport(mesh, tolerance=1e9, accuracy=1e-12)


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("periodic", [False, True])
def test_cosine_decays_with_second_order_in_space(axes, periodic):
    """c = 1 + Π cos(π x/L) e^(−rate t), a full wave on periodic axes (BioFVM 2016's first test)."""
    length, diffusion, decay = 400.0, 1000.0, 0.02
    waves = 2 if periodic else 1
    time = 10 / (len(axes) * waves**2)  # the wave falls to a half
    rate = decay + len(axes) * diffusion * (waves * np.pi / length) ** 2
    steps = 50  # time error 0.04 rate² t²/50² = 1e-5, a hundredth of the space error at n = 32
    errors = []
    for n in (8, 16, 32):
        mesh = mesh_along(axes, n, length, periodic)
        wave = cosine(mesh, axes, length, waves)
        field = LigandField(mesh, diffusion, decay, initial=1 + wave)
        zero, transport = np.zeros(mesh.shape), one_substep_each(mesh)
        for _ in range(steps):
            transport.step(field, zero, zero, time / steps)
        expected = np.exp(-decay * time) + wave * np.exp(-rate * time)
        errors.append(abs(field.concentration - expected).max())
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    # the next terms are (κ h)²/30 and rate · t (κ h)²/24 of the first, κ h = π/4 for a full wave on 8
    # voxels; then a quarter
    assert np.all(abs(orders - 2) < (0.3, 0.1)), orders
    assert errors[-1] < 0.01


@pytest.mark.parametrize("axes", AXES)
def test_cosine_decays_with_second_order_in_time(axes):
    """Against the decay of the same wave on the same voxels, 4 D/h² sin²(π h/2L) per axis, so that only time
    errs."""
    length, diffusion, decay, time, n = 400.0, 1000.0, 0.02, 10.0, 8
    h = length / n
    rate = decay + len(axes) * 4 * diffusion / h**2 * np.sin(np.pi * h / (2 * length)) ** 2
    mesh = mesh_along(axes, n, length)
    wave, zero = cosine(mesh, axes, length), np.zeros(mesh.shape)
    errors = []
    for steps in (4, 8, 16):
        field = LigandField(mesh, diffusion, decay, initial=1 + wave)
        transport = one_substep_each(mesh)
        for _ in range(steps):
            transport.step(field, zero, zero, time / steps)
        errors.append(abs(field.concentration - np.exp(-decay * time) - wave * np.exp(-rate * time)).max())
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert np.all((orders > 1.8) & (orders < 2.2)), orders  # third-order term: rate · dt ≤ 0.5 of the second


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("spacing", [(20.0, 20.0, 20.0), (10.0, 25.0, 15.0)])
def test_a_spot_spreads_by_2_dt_along_each_axis(axes, spacing):
    """Variance grows by exactly 2 D t per axis on any voxels, as long as nothing reaches the walls."""
    shape = tuple(int(1200 / spacing[axis]) | 1 if axis in axes else 1 for axis in range(3))
    if len(axes) == 3:
        shape = tuple(n // 2 | 1 for n in shape)
    mesh, diffusion, dt = Mesh(shape, spacing), 600.0, 1.0
    spot = np.zeros(shape)
    spot[tuple(n // 2 for n in shape)] = 1.0
    field, transport, zero = LigandField(mesh, diffusion, 0.0, initial=spot), Transport(mesh), np.zeros(shape)
    steps = 2 if len(axes) == 3 else 6
    for _ in range(steps):
        transport.step(field, zero, zero, dt)
    x = centers(mesh)
    for axis in axes:
        mean = (x[axis] * field.concentration).sum() / field.concentration.sum()
        variance = ((x[axis] - mean) ** 2 * field.concentration).sum() / field.concentration.sum()
        # Exact for the scheme itself (both stages are linear in t); 0.5 % allows for tails that wall and
        # solver cut.
        assert variance == pytest.approx(2 * diffusion * dt * steps, rel=5e-3)
    assert field.concentration.sum() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slab_between_fixed_walls(axis):
    """c = w cosh(x/λ)/cosh(L/λ) from the middle of a slab of half-width L, and order 2 towards it."""
    half, diffusion, decay, value, errors = 200.0, 1000.0, 0.1, 3.0, []
    for n in (20, 40, 80):
        mesh = mesh_along((axis,), n, 2 * half)
        faces = [("no-flux", 0.0)] * 6
        faces[2 * axis] = faces[2 * axis + 1] = ("fixed", value)
        field = LigandField(mesh, diffusion, decay, Walls(*faces))
        Transport(mesh, accuracy=1e-10).settle(field, np.zeros(mesh.shape), np.zeros(mesh.shape))
        x = centers(mesh)[axis] - half
        expected = value * np.cosh(x / field.range) / np.cosh(half / field.range)
        errors.append(abs(field.concentration - expected).max() / value)
    assert errors[-1] < 3.1e-4  # h²/(8 λ²) at the wall, where the half voxel counts
    assert np.all(np.log2(np.divide(errors[:-1], errors[1:])) > 1.85)  # the wall adds a term of order h³/λ³


def test_slab_as_the_lattice_has_it():
    """Exact on the lattice, too: c = A cosh(κ x) with cosh κh = 1 + h²/(2 λ²), and D (w − c₀)/(h/2) through
    the wall."""
    n, h, diffusion, decay, value = 12, 20.0, 1000.0, 0.1, 3.0
    mesh = Mesh((1, n, 1), (h, h, h))
    field = LigandField(mesh, diffusion, decay, Walls(y_low=("fixed", value), y_high=("fixed", value)))
    Transport(mesh, accuracy=1e-12).settle(field, np.zeros(mesh.shape), np.zeros(mesh.shape))
    kappa = np.arccosh(1 + h**2 * decay / (2 * diffusion)) / h
    x = (np.arange(n) + 0.5) * h - n * h / 2
    # at the wall: (w − c₀) 2D/h² = k c₀ + D/h² (c₀ − c₁)
    shape = np.cosh(kappa * x)
    amplitude = 2 * value / (2 * shape[0] + decay * h**2 / diffusion * shape[0] + shape[0] - shape[1])
    np.testing.assert_allclose(field.concentration.ravel(), amplitude * shape, rtol=1e-11)


def test_plane_wave_leaves_through_an_open_wall():
    """One open end continues the medium: the decaying exponential of a half space, 1-D in the middle of a
    3-D box."""
    mesh, diffusion, decay = Mesh((3, 2, 60), (20.0, 20.0, 5.0)), 1000.0, 0.1
    walls = Walls(z_low=("fixed", 1.0), z_high=OPEN)
    field = LigandField(mesh, diffusion, decay, walls)
    Transport(mesh, accuracy=1e-10).settle(field, np.zeros(mesh.shape), np.zeros(mesh.shape))
    z = (np.arange(60) + 0.5) * 5.0
    expected = np.exp(-z / field.range)
    # lattice exponent is off by (h/λ)²/24 = 1e-4 per range, over the 3 ranges of the box; wall half voxel
    # h²/(8 λ²)
    np.testing.assert_allclose(field.concentration, np.broadcast_to(expected, mesh.shape), rtol=1e-3)
    assert field.concentration[0, 0, -1] < 0.06  # the wave is not reflected: a closed end would double it


def test_effectiveness_of_a_consuming_ball():
    """A ball that takes up at first order in a medium held at c₀ far away: c₀ (R/r) sinh(r/l)/sinh(R/l)
    inside.

    The medium outside has a finite D as well, so the surface is below c₀; matching flux at R gives the level
    there.
    """
    n, h, radius, diffusion, uptake = 48, 10.0, 100.0, 1000.0, 1.0
    mesh = Mesh((n,) * 3, (h,) * 3)
    x = [axis - n * h / 2 for axis in centers(mesh)]
    fine = (np.arange(5) - 2) / 5 * h  # share of each voxel inside the ball, by 5³ points
    share = np.zeros(mesh.shape)
    for dx in fine:
        for dy in fine:
            for dz in fine:
                share += (x[0] + dx) ** 2 + (x[1] + dy) ** 2 + (x[2] + dz) ** 2 < radius**2
    loss = uptake * share / 125
    field = LigandField(mesh, diffusion, 0.0, Walls.alike("fixed", 1.0))
    Transport(mesh).settle(field, np.zeros(mesh.shape), loss)
    r = np.sqrt(sum(axis**2 for axis in x))
    reach = np.sqrt(diffusion / uptake)
    inside = r < radius - h
    profile = np.sinh(r / reach) / r
    level = (field.concentration / profile)[inside]
    # the shape, whatever the level; 2 %: staircase surface h²/(12 l²) = 0.8 % and lattice exponent (h/l)²/24
    # · R/l = 1.3 %
    assert abs(level / level.mean() - 1).max() < 0.02
