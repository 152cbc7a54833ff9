"""Point sources: Green's functions in two and three dimensions, and the value in the secreting voxel
itself."""

import numpy as np
import pytest
from scipy.fft import dctn, idctn
from scipy.special import ellipk, k0

from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.mesh.boundaries import Walls
from autocrine_abm.mesh.cartesian import Mesh

RATE = 60.0  # molecules/min


def steady(shape, h, diffusion, decay, walls=None, place=None):
    """Steady field of one voxel that secretes, in the middle unless said otherwise."""
    mesh = Mesh(shape, (h,) * 3)
    field, source = LigandField(mesh, diffusion, decay, walls), np.zeros(shape)
    place = tuple(n // 2 for n in shape) if place is None else place
    source[place] = RATE / mesh.voxel_volume
    Transport(mesh, accuracy=1e-8).settle(field, source, np.zeros(shape))
    distance = np.sqrt(sum(((np.indices(shape)[axis] - place[axis]) * h) ** 2 for axis in range(3)))
    return field, distance, place


def test_yukawa_in_three_dimensions():
    """q e^(−r/λ)/(4 π D r), from three voxels on (EVIDENCE T1)."""
    field, r, _ = steady((61, 61, 61), 20.0, 1000.0, 0.1)  # λ = 5 h; walls at 6 λ
    expected = RATE * np.exp(-r / field.range) / (4 * np.pi * 1000.0 * np.maximum(r, 1))
    excess = field.concentration / expected - 1
    # a cubic lattice reads too high along its axes, too low along diagonals, by some 2 (h/r)²: in all
    # directions together from 3 voxels on, in each of them from 6 on
    for near, far in ((60, 80), (80, 120), (120, 300)):
        assert abs(excess[(r >= near) & (r <= far)].mean()) < 0.02
    assert abs(excess[(r >= 120) & (r <= 300)]).max() < 0.02


def test_macdonald_in_two_dimensions():
    """q K₀(r/λ)/(2 π D H) in a slab of thickness H."""
    field, r, _ = steady((121, 121, 1), 20.0, 1000.0, 0.1)
    expected = RATE * k0(np.maximum(r, 1) / field.range) / (2 * np.pi * 1000.0 * 20.0)
    asked = (r >= 60) & (r <= 300)
    assert abs(field.concentration / expected - 1)[asked].max() < 0.02  # as in three dimensions


def test_exponential_in_one_dimension():
    """q λ e^(−|x|/λ)/(2 D) per area of the rod."""
    field, r, _ = steady((201, 1, 1), 20.0, 1000.0, 0.1)
    expected = RATE / 400.0 * field.range * np.exp(-r / field.range) / (2 * 1000.0)
    asked = r <= 300
    assert (
        abs(field.concentration / expected - 1)[asked].max() < 0.01
    )  # (h/λ)²/8 in height, (h/λ)²/24 · 3 in exponent


@pytest.mark.parametrize("share, value", [(0.25, 0.23223), (0.5, 0.21115), (1.0, 0.17052)])
def test_secreting_voxel_in_three_dimensions(share, value):
    """c_self D h/q of the infinite lattice with decay, h/λ = share (EVIDENCE T2)."""
    diffusion, h = 1000.0, 20.0
    n = (
        2 * int(np.ceil(5 / share)) + 1
    )  # walls at 5 λ: images add 6 e^−10 / (4 π · 10/share) < 1e-5 of the value
    field, _, place = steady((n,) * 3, h, diffusion, diffusion * (share / h) ** 2)
    assert field.concentration[place] * diffusion * h / RATE == pytest.approx(
        value, rel=1e-4
    )  # the table's digits


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5, 1.0])
def test_secreting_voxel_in_two_dimensions(share):
    """(2/π) K(m)/z with z = 4 + (h/λ)², m = (4/z)² (EVIDENCE T2)."""
    diffusion, h = 1000.0, 20.0
    n = 2 * int(np.ceil(6 / share)) + 1  # walls at 6 λ: images add 4 K₀(12) < 1e-5 of the value
    field, _, place = steady((n, n, 1), h, diffusion, diffusion * (share / h) ** 2)
    z = 4 + share**2
    expected = 2 / np.pi * ellipk((4 / z) ** 2) / z
    assert field.concentration[place] * diffusion * h / RATE == pytest.approx(expected, rel=1e-4)


def test_watson_integral_without_decay():
    """0.252731 q/(D h) for an endless lattice: open walls supply most of what is outside the box."""
    diffusion, h, n = 1000.0, 20.0, 41
    field, _, place = steady((n,) * 3, h, diffusion, 0.0, Walls.alike("open"))
    # spherical waves leave exactly from the middle; corners and lattice err by (h/L)² of the wall's 1/(4 π D
    # L)
    assert field.concentration[place] * diffusion * h / RATE == pytest.approx(0.252731, rel=5e-4)


@pytest.mark.parametrize("shape", [(25, 25, 25), (41, 41, 1)])
def test_open_walls_act_as_a_larger_box(shape):
    """Off the middle as well, to a few percent of what closed walls would do."""
    h, diffusion, decay = 20.0, 1000.0, 0.02  # λ = 11 h: the box ends at one to two λ
    large = tuple(3 * n if n > 1 else 1 for n in shape)
    place = tuple(n // 2 + 3 if n > 1 else 0 for n in shape)
    walls = Walls(*[("open", 0.0)] * (2 * sum(n > 1 for n in shape)))
    there = tuple(n + p if n > 1 else 0 for n, p in zip(shape, place))
    reference = steady(large, h, diffusion, decay, place=there)[0].concentration
    middle = tuple(slice(n, 2 * n) if n > 1 else slice(None) for n in shape)
    reference = reference[middle]
    open_, closed = (steady(shape, h, diffusion, decay, w, place)[0].concentration for w in (walls, None))
    error, effect = abs(open_ - reference).max(), abs(closed - reference).max()
    assert error < 0.1 * effect  # a first-order radiation condition, with a source off its center


@pytest.mark.parametrize("shape", [(17, 17, 17), (33, 33, 1)])
def test_source_switched_on(shape):
    """Within 1 % of the exact-in-time lattice solution at every behavior step, also in the secreting
    voxel."""
    mesh, diffusion, decay = Mesh(shape, (20.0,) * 3), 600.0, 0.1
    field, transport, source = LigandField(mesh, diffusion, decay), Transport(mesh), np.zeros(shape)
    place = tuple(n // 2 for n in shape)
    source[place] = RATE / mesh.voxel_volume
    rates = decay + sum(
        diffusion / h**2 * (2 - 2 * np.cos(np.pi * index / n))
        for index, n, h in zip(np.indices(shape), mesh.shape, mesh.spacing)
    )
    waves = dctn(source, norm="ortho")
    for step in range(1, 11):
        transport.step(field, source, np.zeros(shape), 6.0)
        exact = idctn(waves * -np.expm1(-6.0 * step * rates) / rates, norm="ortho")
        assert abs(field.concentration - exact).max() < 0.01 * exact.max()
        assert field.concentration[place] == pytest.approx(exact[place], rel=0.01)
    transport.settle(field, source, np.zeros(shape))
    exact = idctn(waves / rates, norm="ortho")
    assert abs(field.concentration - exact).max() < 1e-5 * exact.max()  # solver accuracy 1e-6
