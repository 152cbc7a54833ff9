import numpy as np
import pytest
from naive.multigrid import interpolation, smooth
from naive.operator import matrix

from autocrine_abm.ligands import smoothing, transfer
from autocrine_abm.ligands.multigrid import Multigrid
from autocrine_abm.ligands.smoothing import FIRST, N1, N2, PITCH, ROWS, SWEEPS
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.team import Team

SHAPES = [(8, 8, 8), (7, 5, 6), (3, 1, 5), (1, 1, 9), (2, 3, 2), (33, 4, 4), (10, 1, 7)]
WRAPS = [(False, False, False), (True, True, True)]
SINGLE = 2e-6  # single precision, 6e-8, times some ten operations on numbers of the size of the result


def inner(row, array):
    """The voxels of one level without ghosts (view)."""
    first = row[FIRST]
    return array.reshape(row[0], row[ROWS], row[PITCH])[:, first : first + row[N1], 1 : 1 + row[N2]]


def levels(shape, periodic, spacing=(20.0, 20.0, 20.0), loss=1.0, base=0.5, sweeps=4):
    rng = np.random.default_rng(3)
    grid = Multigrid(shape, spacing, periodic, Team(1), sweeps)
    inner(grid.rows[0], grid._view(grid.s, 0))[:] = loss * rng.random(shape)
    grid.absorb(600.0)
    grid.shift(base)
    return grid, rng


def fill(grid, name, level, values):
    row = grid.rows[level]
    array = grid._view(getattr(grid, name), level)
    inner(row, array)[:] = values
    for plane in array.reshape(row[0], -1):
        smoothing.refresh(row, plane)
    return array


def dense(grid, shape, periodic):
    """The operator of the finest level, its diagonal as the sweeps take it, and W."""
    s = inner(grid.rows[0], grid._view(grid.s, 0)).astype(float).ravel()
    a, _ = matrix(Mesh(shape, (20.0, 20.0, 20.0), periodic), 600.0, 0.5, s)
    total = 2 * 600.0 / 400.0 * sum(n > 1 for n in shape)
    return a, 0.5 + s + total, total / (total + s)


def interpolations(grid, periodic):
    fine, coarse = grid.rows[0], grid.rows[1]
    p = np.ones((1, 1))
    for n, m, wrap in zip(fine[:3], coarse[:3], periodic):
        p = np.kron(p, interpolation(n, m, wrap))
    return p


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("periodic", WRAPS)
@pytest.mark.parametrize("loss, sweeps", [(1.0, 2), (1e4, 2), (1.0, 4)])
def test_way_down_and_up_equal_dense_matrices(shape, periodic, loss, sweeps):
    """Descend: Pᵀ W (b − A x) over the children per voxel. Ascend: x + W P e, then sweeps."""
    grid, rng = levels(shape, periodic, loss=loss)
    fine, coarse, weight = grid.rows[0], grid.rows[1], grid.weights[0]
    a, diagonal, w = dense(grid, shape, periodic)
    p = interpolations(grid, periodic)
    x, b, e = rng.random(a.shape[0]) / (1 + loss), rng.random(a.shape[0]), rng.random(p.shape[1])
    old, right = fill(grid, "x", 0, x.reshape(shape)), fill(grid, "b", 0, b.reshape(shape))
    s, to = grid._view(grid.s, 0), grid._view(grid.b, 1)
    transfer.descend(0, coarse[0], fine, coarse, weight, *grid._tables(0), old, right, s, to)
    expected = p.T @ (w * (b - a @ x)) * p.shape[1] / p.shape[0]
    np.testing.assert_allclose(inner(coarse, to).ravel(), expected, atol=10 * SINGLE)  # D/h² times x up to 10
    correction, new = fill(grid, "y", 1, e.reshape(coarse[:3])), grid._view(grid.y, 0)
    omega = np.array([0.5, 0.75, 0.25, 1.0], np.float32)[:sweeps]
    fine[SWEEPS] = sweeps
    tables, partial = grid._tables(0), np.zeros((fine[0], 2))
    transfer.ascend(0, fine[0], fine, coarse, weight, omega, *tables, correction, right, s, old, new, partial)
    expected = x + w * (p @ e)
    for turn in omega:
        expected = expected + turn * (b - a @ expected) / diagonal
    np.testing.assert_allclose(inner(fine, new).ravel(), expected, atol=SINGLE)
    assert partial[:, 0].sum() == pytest.approx(b @ expected, rel=10 * SINGLE)
    assert partial[:, 1].max() == pytest.approx(abs(expected).max(), rel=SINGLE)
    halves = np.zeros_like(new), np.zeros_like(partial)
    for low, high in ((0, fine[0] // 2), (fine[0] // 2, fine[0])):
        transfer.ascend(low, high, fine, coarse, weight, omega, *tables, correction, right, s, old, *halves)
    assert halves[0].tobytes() == new.tobytes() and halves[1].tobytes() == partial.tobytes()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("periodic", WRAPS)
@pytest.mark.parametrize("sweeps", [2, 4])
def test_sweeps_are_the_chebyshev_polynomial(shape, periodic, sweeps):
    grid, rng = levels(shape, periodic)
    row, weight, b = grid.rows[0], grid.weights[0], rng.random(shape)
    right, s, u, v = fill(grid, "b", 0, b), *(grid._view(array, 0) for array in (grid.s, grid.x, grid.y))
    omega = smoothing.chebyshev(0.4, 2.0, sweeps).astype(np.float32)
    row[SWEEPS] = sweeps
    smoothing.begin(0, shape[0], row, weight, omega, right, s, v)
    a, diagonal, _ = dense(grid, shape, periodic)
    expected = smooth(a, diagonal, b.ravel(), 0.4, 2.0, sweeps)
    np.testing.assert_allclose(inner(row, v).ravel(), expected, atol=SINGLE)
    for low, high in ((0, shape[0] // 2), (shape[0] // 2, shape[0])):
        smoothing.begin(low, high, row, weight, omega, right, s, u)
    assert u.tobytes() == v.tobytes()


def test_chebyshev_is_the_smallest_polynomial():
    """Largest residual on [0.4, 2]: 1/T_m(1.5), which no other polynomial of degree m with p(0) = 1
    undercuts."""
    x = np.linspace(0.4, 2.0, 2001)
    for sweeps in (2, 4):
        left = np.prod([1 - omega * x for omega in smoothing.chebyshev(0.4, 2.0, sweeps)], axis=0)
        assert abs(left).max() == pytest.approx(1 / np.cosh(sweeps * np.arccosh(1.5)), rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("periodic", WRAPS)
@pytest.mark.parametrize("loss", [1.0, 1e6])
def test_cycle_is_symmetric_and_positive(shape, periodic, loss):
    """⟨M⁻¹ f, g⟩ = ⟨f, M⁻¹ g⟩ and > 0: what conjugate gradients need of a preconditioner."""
    grid, rng = levels(shape, periodic, loss=loss)
    row = grid.rows[0]
    f, g = rng.standard_normal((2, *shape)).astype(np.float32)
    answers = []
    for vector in (f, g):
        inner(row, grid._view(grid.b, 0))[:] = vector
        grid.cycle()
        product, most = grid.partial[:, 0].sum(), grid.highest()
        answers.append(inner(row, grid.answer).astype(float))
        assert product == pytest.approx((answers[-1] * vector).sum(), rel=1e-5) and most == abs(answers[-1]).max()
    size = np.sqrt((answers[0] * f).sum() * (answers[1] * g).sum())
    assert (answers[0] * f).sum() > 0 and (answers[1] * g).sum() > 0
    assert (answers[0] * g).sum() == pytest.approx(
        (answers[1] * f).sum(), abs=1e-5 * size
    )  # single precision sums


def test_coarse_levels_carry_the_same_loss():
    grid, _ = levels((13, 7, 10), (False,) * 3, loss=1e-5)  # so weak that no voxel shades another
    means = [inner(row, grid._view(grid.s, level)).mean() for level, row in enumerate(grid.rows)]
    np.testing.assert_allclose(means, means[0], rtol=1e-4)  # s/(1 + s ρ), s ρ < 2e-5 at the coarsest
    assert [tuple(row[:3]) for row in grid.rows] == [(13, 7, 10), (7, 4, 5), (4, 2, 3), (2, 1, 2), (1, 1, 1)]


def test_finely_cut_axes_are_halved_first():
    grid = Multigrid((16, 16, 16), (20.0, 5.0, 60.0), (False,) * 3, Team(1))
    assert [tuple(row[:3]) for row in grid.rows[:4]] == [(16, 16, 16), (16, 8, 16), (16, 4, 16), (8, 2, 16)]
