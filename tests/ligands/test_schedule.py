"""What parts of a step may cost at its end, over all waves that a field can be made of."""

import numpy as np
import pytest
from naive.operator import matrix
from naive.stepping import exact, sdirk2

from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.schedule import GAMMA, ONE, after_change, after_error
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.mesh.cartesian import Mesh

WAVES = np.logspace(-2, 6, 20_000)


def left(parts, z):
    """P(z), part by part."""
    product = np.ones_like(z)
    for share, backward in parts:
        x = share * z
        product *= 1 / (1 + x) if backward else (1 - (1 - 2 * GAMMA) * x) / (1 + GAMMA * x) ** 2
    return product


def test_one_part_is_the_second_order_method():
    z, one = np.array([0.7]), np.ones((1, 1))
    assert left(ONE, z) == pytest.approx(sdirk2(z[0] * one, one[0], 0 * one[0], 1.0)[0])


@pytest.mark.parametrize("tolerance", [0.5, 0.1, 0.05, 0.01, 3e-3, 1e-3])
@pytest.mark.parametrize("change", [1e-3, 0.1, 1.0])
def test_no_wave_errs_more_than_is_said(change, tolerance):
    parts, error = after_change(change, tolerance)
    assert sum(share for share, _ in parts) == pytest.approx(1)
    assert error <= tolerance
    # 5e-5: the table is rounded to four digits
    assert change * abs(left(parts, WAVES) - np.exp(-WAVES)).max() <= error + change * 5e-5


def test_error_falls_with_the_square_of_the_parts():
    cost = [(len(parts), error) for parts, error in (after_change(1.0, tolerance) for tolerance in (0.02, 6e-3, 2e-3))]
    (n1, e1), (n2, e2), (n3, e3) = cost
    assert n1 < n2 < n3 and e3 < e1 * (n1 / n3) ** 2 and e2 < e1


def test_what_errs_by_little_is_halved():
    parts, error = after_error(0.3, 0.02, 0.01)
    assert parts == ((0.5, False),) * 2 and error == 0.005
    assert after_error(1.0, 0.5, 0.01) == after_change(1.0, 0.01)


@pytest.mark.parametrize("shape", [(40, 1, 1), (9, 8, 1), (5, 5, 4)])
@pytest.mark.parametrize("diffusion", [10.0, 600.0, 1e4, 1e5])
@pytest.mark.parametrize("kind", ["on", "moving", "blinking", "cells"])
def test_field_is_within_one_percent_at_every_step(shape, diffusion, kind):
    """One source that is switched on, moves every step, or is on every other step; many cells that come and go.

    The error is measured against the largest value now, for sources that stop against that of the step before.
    """
    rng, mesh = np.random.default_rng(0), Mesh(shape, (20.0, 20.0, 20.0))
    field, transport, c = LigandField(mesh, diffusion, 0.1), Transport(mesh), np.zeros(mesh.n_voxels)
    highest, solves = 0.0, 0
    for step in range(6):
        source, loss = np.zeros(shape), np.zeros(shape)
        place = (mesh.n_voxels // 2 + (3 * step if kind == "moving" else 0)) % mesh.n_voxels
        if kind == "cells":
            source, loss = (rng.random(shape) * (rng.random(shape) < 0.3) for _ in range(2))
        elif kind != "blinking" or step % 2 == 0:
            source.flat[place] = 1.0
        a, _ = matrix(mesh, diffusion, 0.1, loss)
        solves += transport.step(field, source, loss, 6.0).solves
        before, c = highest, exact(a, c, source.ravel(), 6.0)
        highest = c.max()
        assert abs(field.concentration.ravel() - c).max() <= 0.01 * max(highest, before)
    assert solves <= 7 + 5 * 12
