import numpy as np
import pytest
from naive.operator import matrix

from autocrine_abm.ligands import operator
from autocrine_abm.ligands.conjugate_gradient import Solver
from autocrine_abm.ligands.smoothing import N0, refresh
from autocrine_abm.mesh.boundaries import OPEN, Walls
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.team import Team

SHAPES = [(1, 1, 1), (7, 1, 1), (1, 1, 6), (13, 5, 1), (1, 5, 8), (6, 1, 5), (5, 4, 3), (2, 2, 2), (9, 3, 2)]
MIXED = Walls(x_low=("fixed", 2.0), y_high=OPEN, z_low=("fixed", 0.5), z_high=OPEN)


SINGLE = 2e-6  # single precision, 6e-8, times some ten operations on numbers of the size of the result


def inside(solver, array):
    """The voxels of an array with ghosts (view)."""
    n0, n1, n2, pitch, rows, first = solver.row[:6]
    return array.reshape(n0, rows, pitch)[:, first : first + n1, 1 : 1 + n2]


def prepared(shape, periodic=(False,) * 3, walls=MIXED, seed=0):
    """A solver with a random operator, its dense twin, and random vectors to try both on."""
    rng = np.random.default_rng(seed)
    mesh = Mesh(shape, (20.0, 10.0, 15.0), periodic)
    loss = rng.random(shape)
    solver = Solver(mesh, Team(1))
    exchanges = [walls.exchange(level, 600.0, 0.1) for level in solver.meshes]
    solver.prepare(600.0, loss.ravel(), exchanges)
    solver.shift(0.3)
    a, supply = matrix(mesh, 600.0, 0.3, loss, walls, decay=0.1)
    return solver, a, supply, rng


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("periodic", [(False, False, False), (True, True, True), (False, True, False)])
def test_operator_equals_dense_matrix(shape, periodic):
    solver, a, supply, rng = prepared(shape, periodic)
    x, y, source = rng.random((3, a.shape[0]))
    exchange = solver.walls
    walls, moved = (exchange.voxel, exchange.supply), np.empty_like(y)
    solver.share(operator.stage, 2.0, 0.7, x, y, source, *walls, solver.rhs, moved, solver.partial)
    rhs = 2.0 * (x + 0.7 * (y - x)) + source + supply
    # tolerances in double precision: rounding of sums of at most 200 terms of order D/h² = 6
    assert solver.partial[:, 0].sum() == pytest.approx(rhs.sum(), rel=1e-12)
    assert solver.partial[:, 1].max() == pytest.approx(rhs.max(), rel=1e-12)
    assert (moved == y).all()
    square, worst, highest = solver.defect(0.3, 1.0, moved)
    rest = rhs - a @ y
    np.testing.assert_allclose(inside(solver, solver.b).ravel(), rest, atol=SINGLE * abs(rest).max())
    assert square == pytest.approx(rest @ rest, rel=1e-10)
    assert worst == pytest.approx(abs(rest).max(), rel=1e-10)
    assert highest == pytest.approx(abs(y).max(), rel=1e-14)
    inside(solver, solver.multigrid.answer)[:] = x.reshape(solver.row[:3])  # p = answer, ghosts and all
    for plane in solver.multigrid.answer.reshape(solver.row[N0], -1):
        refresh(solver.row, plane)
    applied = np.zeros_like(solver.p)
    solver.share(operator.redirect, solver.multigrid.answer, 0.0, solver.p)
    solver.share(operator.curvature, solver.multigrid.weights[0], solver.p, solver.s, applied, solver.partial)
    assert solver.partial[:, 3].sum() == pytest.approx(x @ a @ x, rel=SINGLE)
    solver.share(operator.update, 0.5, 0.25, solver.p, applied, solver.b, moved, solver.partial)
    square, worst, highest = solver._met()
    rest -= 0.5 * a @ x
    np.testing.assert_allclose(moved, y + 0.25 * x, atol=SINGLE)
    assert square == pytest.approx(rest @ rest, rel=10 * SINGLE)
    assert worst == pytest.approx(abs(rest).max(), rel=10 * SINGLE)
    assert highest == pytest.approx(abs(moved).max(), rel=1e-14)


def test_what_leaves_a_voxel_enters_the_next():
    """Without loss and walls, Σ A x = 0 whatever x: diffusion only moves molecules about."""
    solver, _, _, rng = prepared((9, 6, 5), walls=Walls())
    x = rng.random(solver.mesh.n_voxels)
    solver.prepare(600.0, np.zeros(x.size), [Walls().exchange(m, 600.0, 0.1) for m in solver.meshes])
    solver.shift(0.0)
    solver.rhs[:] = 0.0
    solver.defect(0.0, 1.0, x)
    flow = inside(solver, solver.b).astype(float)
    assert abs(flow).max() > 1
    assert abs(flow.sum()) < 1e-7 * abs(flow).sum()  # single precision, 6e-8 of each of 270 terms, at random
