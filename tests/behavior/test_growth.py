"""Volumes: exact exponential approach, and what is shared at division."""

import numpy as np
import pytest

from autocrine_abm.behavior.death import cleared, die
from autocrine_abm.behavior.division import divide
from autocrine_abm.behavior.growth import grow
from autocrine_abm.cells.columns import APOPTOTIC
from autocrine_abm.cells.state import CellState
from autocrine_abm.team import Team

FULL, ONE = np.array([1000.0]), np.ones((1, 1))


def table(n=3, volume=500.0):
    cells = CellState(["a"], ["IL6"])
    cells.add(
        n, cell_id=np.arange(1, n + 1), clone_id=np.arange(1, n + 1), volume=volume,
        radius=(3 * volume / 4 / np.pi) ** (1 / 3), growth_rate=0.01, secretion_rate=7.0, division_rate=0.1,
    )  # fmt: skip
    return cells


@pytest.mark.parametrize("steps", [1, 10])
def test_a_daughter_regains_full_volume_exponentially_whatever_the_step(steps):
    cells = table()
    for _ in range(steps):
        grow(cells, FULL, ONE, 100 / steps, Team())
    assert cells.volume == pytest.approx(1000 - 500 * np.exp(-1), rel=1e-12)
    assert 4 / 3 * np.pi * cells.radius**3 == pytest.approx(cells.volume, rel=1e-12)


def test_a_corpse_neither_secretes_nor_divides_and_is_cleared_in_its_time():
    cells = table()
    die(cells, np.array([1]), APOPTOTIC, 10.0, {"secretion_rate": np.zeros((1, 1))})
    assert cells.secretion_rate[:, 0].tolist() == [7, 0, 7] and cells.division_rate.tolist() == [0.1, 0, 0.1]
    stays = np.array([100.0, 200.0])
    assert cleared(cells, stays, 109.9).tolist() == [False, False, False]
    assert cleared(cells, stays, 110.0).tolist() == [False, True, False]


def test_division_shares_the_volume_and_keeps_the_lineage():
    cells = table(volume=1000.0)
    daughters = divide(cells, np.array([2, 0]), 50, np.array([3.0, 4.0]), np.zeros((1, 0), bool))
    assert cells.cell_id.tolist() == [1, 2, 3, 50, 51]
    assert cells.parent_id[daughters].tolist() == [3, 1] and cells.clone_id[daughters].tolist() == [3, 1]
    assert cells.volume.tolist() == [500, 1000, 500, 500, 500]
    assert cells.birth_time[daughters].tolist() == [3, 4]
    assert cells.secretion_rate[daughters, 0].tolist() == [7, 7]


def test_receptors_with_turnover_are_shared_and_others_are_not():
    cells = CellState(["a"], [], ["renewed", "fixed"])
    cells.add(1, cell_id=np.array([1]), receptors=np.array([[100.0, 60.0]]), volume=1000.0, radius=6.0)
    divide(cells, np.array([0]), 2, np.array([0.0]), np.array([[True, False]]))
    assert cells.receptors.tolist() == [[50, 60], [50, 60]]
