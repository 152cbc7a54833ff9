"""The table satisfies the equation it solves, and known values; footprints keep sum and center."""

import numpy as np
import pytest
from scipy.special import ellipk, k0

from autocrine_abm.ligands.lattice_green import answer, lattice_green, lay


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (10.0, 20.0, 15.0), (3.0, 2.0, 1.0)])
@pytest.mark.parametrize("decay", [0.0, 0.3, 20.0])
def test_table_solves_the_discrete_equation(spacing, decay):
    diffusion, n = 2.0, 9
    table = lattice_green(spacing, (n,) * 3, diffusion, decay)
    whole = table[np.ix_(*[np.abs(np.arange(-n + 1, n))] * 3)]
    left = decay * whole
    for axis, h in enumerate(spacing):
        left = left - diffusion / h**2 * (np.roll(whole, 1, axis) - 2 * whole + np.roll(whole, -1, axis))
    left = left[1:-1, 1:-1, 1:-1]
    right = np.zeros_like(left)
    right[n - 2, n - 2, n - 2] = 1 / np.prod(spacing)
    np.testing.assert_allclose(left, right, atol=1e-10 * right.max())  # differences of 13-digit numbers


def test_table_equals_the_sum_over_waves():
    decay, n = 0.04, 128  # 25 ranges across: images are e⁻²⁵ away
    wave = 2 - 2 * np.cos(2 * np.pi * np.arange(n) / n)
    spectrum = 1 / (decay + wave[:, None, None] + wave[:, None] + wave)
    table = lattice_green((1.0,) * 3, (6, 6, 6), 1.0, decay)
    np.testing.assert_allclose(table, np.fft.ifftn(spectrum).real[:6, :6, :6], rtol=1e-8)


def test_table_goes_to_zero_like_the_continuous_field():
    table = lattice_green((1.0, 1.0, 1.0), (31, 31, 1 + 1), 1.0, 0.01)
    for i, j in ((30, 0), (20, 20), (12, 25)):
        r = np.hypot(i, j)
        # leading error of finite volumes is of order (h/r)² / 8 along an axis
        assert table[i, j, 0] == pytest.approx(np.exp(-0.1 * r) / (4 * np.pi * r), rel=2 / r**2 + 0.002)


@pytest.mark.parametrize("ratio, expected", [(0, 0.252731), (0.05, 0.24869), (0.25, 0.23223), (0.5, 0.21115), (1, 0.17052)])
def test_own_voxel_in_space(ratio, expected):
    """Watson (1939) without decay; the others, for h/λ, are tabulated numbers that hold to about 1e-4."""
    h, diffusion = 7.0, 600.0
    table = lattice_green((h,) * 3, (2, 2, 2), diffusion, diffusion * (ratio / h) ** 2)
    assert table[0, 0, 0] * diffusion * h == pytest.approx(expected, abs=1e-6 if ratio == 0 else 5e-5)


@pytest.mark.parametrize("ratio", [0.05, 0.2, 1.0])
def test_own_voxel_on_a_plane(ratio):
    table = lattice_green((7.0, 7.0, 3.0), (9, 9, 1), 600.0, 600.0 * (ratio / 7) ** 2)
    z = 4 + ratio**2
    assert table[0, 0, 0] * 600 * 3 == pytest.approx(2 / (np.pi * z) * ellipk((4 / z) ** 2), rel=1e-9)
    if ratio < 1:  # where a voxel is short against the range, the far field is that of a line
        assert table[8, 8, 0] * 600 * 3 == pytest.approx(k0(8 * 2**0.5 * ratio) / (2 * np.pi), rel=0.01)


def test_on_a_line():
    h, kappa = 2.0, 0.3
    table = lattice_green((h, 3.0, 5.0), (6, 1, 1), 10.0, 10.0 * kappa**2)[:, 0, 0]
    slope = 2 / h * np.arcsinh(kappa * h / 2)  # solution of the difference equation
    expected = np.exp(-slope * h * np.arange(6)) / (15 * 10 * kappa * np.sqrt(4 + (kappa * h) ** 2))
    np.testing.assert_allclose(table, expected, rtol=1e-9)


def axis_of(h, n, periodic=False):
    return np.array([h, n, periodic, 1.0, 1.0])


@pytest.mark.parametrize("side", [0.0, 2.0, 3.7, 9.0])
def test_spread_keeps_sum_and_center(side):
    weight = np.empty(12)
    for x in np.linspace(40, 42, 21):
        begin, count = lay(x, side, axis_of(2.0, 50), weight)
        part = weight[:count]
        assert part.min() >= 0
        assert part.sum() == pytest.approx(1, abs=1e-13)
        assert part @ (begin + 0.5 + np.arange(count)) * 2 == pytest.approx(x, abs=1e-12)
        if side <= 2:  # the quadratic B-spline: its variance is h²/4 wherever it stands
            assert part @ ((begin + 0.5 + np.arange(count)) * 2 - x) ** 2 == pytest.approx(2.0**2 / 4, abs=1e-11)


@pytest.mark.parametrize("x", [-3.0, 0.0, 1.3, 18.2, 20.0, 25.0])
def test_spread_beyond_a_wall_comes_back(x):
    weight = np.empty(12)
    begin, count = lay(x, 5.0, axis_of(2.0, 10), weight)
    assert begin >= 0 and begin + count <= 10
    assert weight[:count].sum() == pytest.approx(1, abs=1e-13)
    far, wide = lay(min(max(x, 0), 20) + 100, 5.0, axis_of(2.0, 500), beyond := np.empty(12))
    for v in range(count):
        mirrored = {begin + v, -1 - begin - v, 19 - begin - v} & set(range(far - 50, far - 50 + wide))
        assert weight[v] == pytest.approx(sum(beyond[m - far + 50] for m in mirrored), abs=1e-12)


def test_answer_is_the_plain_sum():
    axes = np.array([axis_of(2.0, 9), axis_of(3.0, 30), axis_of(2.0, 8)])
    table = lattice_green((2.0, 3.0, 2.0), (30, 20, 30), 5.0, 0.2)
    mirrored = np.array([[True, False], [False, False], [True, True]])
    begin, count, weight = np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros((3, 6))
    for d, x in enumerate((3.1, 40.2, 8.3)):
        begin[d], count[d] = lay(x, 4.5, axes[d], weight[d])
    out = np.zeros((6, 6, 6))
    work = (np.zeros((3, 30), np.int64), np.zeros((3, 6, 30)), np.zeros((2, 30, 30, 6)))
    answer(begin, count, weight, axes, mirrored, table, *work, out)

    def green(v, other):
        """The other voxel and its images."""
        total = 0.0
        for x in (other[0], -1 - other[0]):
            for z in (other[2], -1 - other[2], 15 - other[2]):
                total += table[abs(v[0] - x), abs(v[1] - other[1]), abs(v[2] - z)]
        return total

    voxels = [begin + local for local in np.ndindex(*count)]
    amount = [np.prod([weight[d, local[d]] for d in range(3)]) for local in np.ndindex(*count)]
    plain = [sum(w * green(v, other) for w, other in zip(amount, voxels)) for v in voxels]
    np.testing.assert_allclose(out[: count[0], : count[1], : count[2]].ravel(), plain, rtol=1e-11)
