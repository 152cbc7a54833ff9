"""Damage: exact over any step, for the living only."""

import numpy as np
import pytest

from autocrine_abm.behavior.damage import follow
from autocrine_abm.cells.state import CellState
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel


@pytest.mark.parametrize("steps", [1, 7])
def test_damage_follows_its_equation_whatever_the_step(steps):
    cells = CellState(["a"], [], damages=("DNA", "membrane"))
    cells.add(2, cell_id=np.array([1, 2]), phase=np.array([0, 1]), damage=3.0, damage_rate=[[0.5, 0.2]] * 2)
    cells.repair_rate[:] = [0.1, 0.0]
    for _ in range(steps):
        follow(cells, 20.0 / steps)
    assert cells.damage[0] == pytest.approx([5 + (3 - 5) * np.exp(-2.0), 3 + 0.2 * 20], rel=1e-12)
    assert cells.damage[1].tolist() == [3, 3]


def test_a_drug_damages_cells_which_die_of_it_and_repair_it_when_it_is_gone():
    """d = 0.1 1/min at the half dose, r = 0.02 1/min: damage goes to 5; daughters keep what their mother has."""
    model = TumorModel(
        parse_text("""
        title = "a drug that breaks DNA"
        [run]
        duration = "4 hour"
        behavior_step = "10 min"
        [tissue.dish]
        size = ["100 um", "100 um", "20 um"]
        spacing = "20 um"
        [ligand.cisplatin]
        diffusion = "30000 um^2/min"
        initial = "2 nM"
        [cell.cancer]
        radius = "6 um"
        damage.DNA = { repair_rate = "0.02 1/min" }
        [[cell.cancer.rule]]
        signal = "cisplatin"
        increases = "damage rate of DNA"
        to = "0.2 1/min"
        half = "2 nM"
        [[cell.cancer.rule]]
        signal = "damage to DNA"
        increases = "apoptosis_rate"
        to = "1e-6 1/min"
        half = 5
        hill = 4
        [[seed]]
        cell = "cancer"
        pattern = "random"
        number = 4
        """)
    )
    for step in range(12):
        model.step()
        assert model.cells.damage[:, 0] == pytest.approx(5 * (1 - np.exp(-0.2 * (step + 1))), rel=1e-9)
    x = (model.cells.damage[0, 0] / 5) ** 4
    assert model.cells.apoptosis_rate == pytest.approx(1e-6 * x / (1 + x))
    model.agent(1).divide()
    assert len(set(model.cells.damage[:, 0])) == 1
    model.fields["cisplatin"].put(0.0)
    before = model.cells.damage[0, 0]
    model.step()
    assert model.cells.damage[:, 0] == pytest.approx(before * np.exp(-0.2), rel=1e-9)
