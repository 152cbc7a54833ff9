"""Rules: the published grammar, checked by hand and against a slow twin."""

import numpy as np
import pytest
from naive.rules import respond_naively

from autocrine_abm.behavior.rules import RuleBook
from autocrine_abm.cells.cell_type import CellType, Secretion
from autocrine_abm.cells.rule import Rule
from autocrine_abm.cells.state import CellState
from autocrine_abm.ligands.ligand import Ligand
from autocrine_abm.team import Team

LIGANDS = {
    "IL6": Ligand(diffusion="600 um^2/min"),
    "oxygen": Ligand(diffusion="1e5 um^2/min", solubility="1.3 uM/mmHg"),
}
NM = 0.602214076


def book(*rules, **type_values):
    return {"cancer": CellType(radius="5 um", rule=rules, **type_values), "stroma": CellType(radius="5 um")}


def table(n=1):
    cells = CellState(["cancer", "stroma"], list(LIGANDS))
    cells.add(n, cell_id=np.arange(1, n + 1))
    return cells


def apply(types, cells):
    RuleBook(types, LIGANDS).apply(cells, Team())


def test_a_promoter_is_half_way_at_its_half_saturation():
    types = book(
        Rule(signal="IL6", increases="division_rate", to="0.3 1/min", half="2 nM", hill=4), division_rate="0.1 1/min"
    )
    cells = table(3)
    cells.sensed[:, 0] = [0, 2 * NM, 2e6 * NM]
    apply(types, cells)
    assert cells.division_rate == pytest.approx([0.1, 0.2, 0.3], rel=1e-12)


def test_an_inhibitor_goes_down_and_reads_partial_pressures():
    types = book(
        Rule(signal="oxygen", decreases="necrosis_rate", to="0 1/min", half="4 mmHg", hill=8),
        necrosis_rate="0.004 1/min",
    )
    cells = table(2)
    cells.sensed[:, 1] = [0, 4 * 1.3e3 * NM]
    apply(types, cells)
    assert cells.necrosis_rate == pytest.approx([0.004, 0.002], rel=1e-12)


def test_a_linear_rule_is_half_way_at_half_and_goes_on():
    types = book(
        Rule(signal="IL6", increases="division_rate", to="2 1/min", half="0.5 nM", response="linear"),
        division_rate="1 1/min",
    )
    cells = table(3)
    cells.sensed[:, 0] = np.array([0, 0.5, 10]) * NM
    apply(types, cells)
    assert cells.division_rate == pytest.approx([1, 1.5, 11], rel=1e-12)


def test_a_falling_linear_rule_stops_at_zero():
    types = book(
        Rule(signal="IL6", decreases="division_rate", to="0 1/min", half="1 nM", response="linear"),
        division_rate="1 1/min",
    )
    cells = table(2)
    cells.sensed[:, 0] = np.array([1, 5]) * NM
    apply(types, cells)
    assert cells.division_rate == pytest.approx([0.5, 0.0])


def test_rules_on_secretion_write_the_column_of_their_ligand():
    types = book(
        Rule(signal="IL6", increases="secretion of oxygen", to="100 molecules/min", half="1 nM"),
        secretes=(Secretion(ligand="oxygen", rate="20 molecules/min"),),
    )
    cells = table()
    cells.sensed[:, 0] = NM
    apply(types, cells)
    assert cells.secretion_rate.tolist() == [[0, pytest.approx(60)]]


def test_corpses_and_other_types_are_left_alone():
    types = book(Rule(signal="IL6", increases="division_rate", to="1 1/min", half="1 nM"))
    cells = table(3)
    cells.sensed[:, 0] = NM
    cells.phase[1] = 1
    cells.cell_type[2] = 1
    apply(types, cells)
    assert cells.division_rate.tolist() == [0.5, 0, 0]


def test_several_rules_agree_with_the_slow_twin():
    types = book(
        Rule(signal="IL6", increases="division_rate", to="0.3 1/min", half="2 nM", hill=2),
        Rule(signal="oxygen", increases="division_rate", to="0.5 1/min", half="20 mmHg", hill=4),
        Rule(signal="pressure", decreases="division_rate", to="0 1/min", half=1.0, hill=3),
        Rule(signal="pressure", decreases="division_rate", to="0.01 1/min", half=2.0),
        Rule(signal="IL6", increases="division_rate", to="0.2 1/min", half="9 nM", response="linear"),
        division_rate="0.1 1/min",
    )
    rng = np.random.default_rng(3)
    cells = table(200)
    cells.sensed[:] = rng.exponential([2 * NM, 20 * 1.3e3 * NM], (200, 2))
    cells.pressure[:] = rng.exponential(1, 200)
    expected = respond_naively(types["cancer"], "division_rate", cells, LIGANDS)
    apply(types, cells)
    assert cells.division_rate == pytest.approx(expected, rel=1e-12)


def test_only_signals_that_rules_read_are_gathered():
    rules = RuleBook(book(Rule(signal="pressure", decreases="division_rate", to="0 1/min", half=1.0)), LIGANDS)
    assert rules.signals == ["pressure"] and rules.behaviors == ["division_rate"]
    assert RuleBook(book(), LIGANDS).signals == []


def test_overwhelming_signals_stay_finite():
    types = book(Rule(signal="IL6", increases="division_rate", to="0.3 1/min", half="1e-9 nM", hill=100))
    cells = table()
    cells.sensed[:, 0] = 1e6
    apply(types, cells)
    assert cells.division_rate[0] == pytest.approx(0.3)
