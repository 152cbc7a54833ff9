"""Rules: the published grammar, checked by hand and against a slow twin."""

import numpy as np
import pytest
from naive.rules import respond_naively

from autocrine_abm.behavior.rules import RuleBook
from autocrine_abm.cells.cell_type import BEHAVIORS, CellType, Secretion
from autocrine_abm.cells.damage import Damage
from autocrine_abm.cells.receptor import Receptor
from autocrine_abm.cells.rule import Rule
from autocrine_abm.cells.state import CellState
from autocrine_abm.cells.transfer import Uptake
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
    with np.errstate(over="ignore"):  # the infinite power is what is asked about; numpy says so where nothing is compiled
        apply(types, cells)
    assert cells.division_rate[0] == pytest.approx(0.3)


# -- receptors, secretion and uptake ------------------------------------------------------------------------------


def receptor(name, number=1000):
    return Receptor(name=name, ligand="IL6", number=number, k_on="1 1/nM/min", k_off="1 1/min", k_internalize="1 1/min",
                    turnover="0.1 1/min")  # fmt: skip


def table_with_receptors(names, n=1):
    cells = CellState(["cancer", "stroma"], list(LIGANDS), names)
    cells.add(n, cell_id=np.arange(1, n + 1))
    return cells


def test_occupancy_is_read_from_the_receptor_of_that_name():
    types = book(
        Rule(signal="occupancy of gp130", increases="division_rate", to="1 1/min", half=0.25, hill=2),
        receptor=(receptor("gp130"),),
    )
    cells = table_with_receptors(["other", "gp130"], 3)
    cells.occupancy[:] = [[0.25, 0], [0, 0.25], [1, 0.75]]
    apply(types, cells)
    assert cells.division_rate == pytest.approx([0, 0.5, 0.9], rel=1e-12)


def test_rules_on_receptors_set_the_number_that_turnover_leads_to():
    types = book(
        Rule(signal="IL6", decreases="receptors of gp130", to=100, half="1 nM"),
        receptor=(receptor("other", 7), receptor("gp130", 1000)),
    )
    cells = table_with_receptors(["other", "gp130"], 2)
    cells.receptors[:], cells.receptor_target[:] = [7, 1000], [7, 1000]
    cells.sensed[:, 0] = [NM, 3 * NM]
    apply(types, cells)
    assert cells.receptor_target.tolist() == [[7, pytest.approx(550)], [7, pytest.approx(325)]]
    assert cells.receptors.tolist() == [[7, 1000]] * 2  # they follow in time, see signaling.receptors


def test_rules_on_uptake_write_the_column_of_their_ligand():
    types = book(
        Rule(signal="pressure", decreases="uptake of oxygen", to="0 um^3/min", half=1.0),
        takes_up=(Uptake(ligand="oxygen", clearance="200 um^3/min"), Uptake(ligand="IL6", clearance="3 um^3/min")),
    )
    cells = table()
    cells.uptake_clearance[:], cells.pressure[:] = [3, 200], 1
    apply(types, cells)
    assert cells.uptake_clearance.tolist() == [[3, pytest.approx(100)]]


def test_mixed_signals_agree_with_the_slow_twin():
    types = book(
        Rule(signal="occupancy of gp130", increases="receptors of gp130", to=5000, half=0.4, hill=3),
        Rule(signal="IL6", increases="receptors of gp130", to=2000, half="2 nM"),
        Rule(signal="occupancy of gp130", decreases="receptors of gp130", to=10, half=0.9, hill=8),
        Rule(signal="pressure", increases="receptors of gp130", to=1500, half=1.0, response="linear"),
        receptor=(receptor("gp130"),),
    )
    rng = np.random.default_rng(4)
    cells = table_with_receptors(["gp130"], 100)
    cells.sensed[:] = rng.exponential([2 * NM, 1.0], (100, 2))
    cells.occupancy[:, 0], cells.pressure[:] = rng.random(100), rng.random(100)
    expected = respond_naively(types["cancer"], "receptors of gp130", cells, LIGANDS)
    apply(types, cells)
    assert cells.receptor_target[:, 0] == pytest.approx(expected, rel=1e-12)


def test_base_values_of_all_behaviors():
    cell = CellType(
        radius="5 um", division_rate="2 1/hour", receptor=[receptor("gp130", 50)],
        secretes=[Secretion(ligand="IL6", rate="7 molecules/min")],
        takes_up=[Uptake(ligand="oxygen", clearance="30 um^3/min")],
    )  # fmt: skip
    values = {behavior: float(cell.base_value(behavior)) for behavior in cell.behaviors()}
    assert list(values) == [*BEHAVIORS, "secretion of IL6", "uptake of oxygen", "receptors of gp130"]
    assert list(values.values()) == pytest.approx([2 / 60, 0, 0, 0.0045, 0, 7, 30, 50])
    assert cell.base_value("division_rate").text == "2 1/hour"
    assert cell.base_value("secretion of oxygen") == cell.base_value("receptors of IL6") == 0.0
    # 50 receptors, k_e = 1 1/min, K_m = 2 nM
    assert cell.clearance_of("IL6") == pytest.approx(50 / (2 * NM)) and cell.clearance_of("oxygen") == 30.0


# -- contacts, time, damage, volume, and the dead ---------------------------------------------------------------------


def test_time_volume_damage_and_contacts_are_signals():
    types = book(
        Rule(signal="time", increases="division_rate", to="1 1/min", half="2 hour"),
        Rule(signal="volume", increases="apoptosis_rate", to="1 1/min", half="500 um^3"),
        Rule(signal="damage to DNA", increases="necrosis_rate", to="1 1/min", half=3),
        Rule(signal="contact with stroma", decreases="growth_rate", to="0 1/min", half=2),
        Rule(signal="contact with dead", increases="migration_rate", to="1 1/min", half=1),
        damage={"DNA": Damage()},
    )
    cells = CellState(["cancer", "stroma"], list(LIGANDS), contacts=("dead", "stroma"), damages=("DNA",))
    cells.add(1, cell_id=np.array([1]), volume=1500.0, damage=[[1.0]], contacts=[[3, 6]])
    RuleBook(types, LIGANDS).apply(cells, Team(), now=120.0)
    assert (cells.division_rate[0], cells.apoptosis_rate[0]) == pytest.approx((0.5, 0.75))
    assert (cells.necrosis_rate[0], cells.growth_rate[0]) == pytest.approx((0.25, 0.0045 * 0.25))
    assert cells.migration_rate[0] == pytest.approx(0.75)


def test_rules_that_apply_to_the_dead_start_from_what_a_dead_cell_goes_on_with():
    types = book(
        Rule(signal="dead", increases="secretion of IL6", to="100 molecules/min", half=0.5, applies_to_dead=True),
        Rule(signal="oxygen", increases="secretion of IL6", to="900 molecules/min", half="1 mmHg"),
        secretes=(Secretion(ligand="IL6", rate="20 molecules/min", dead=0.5),),
    )
    cells = table(3)
    cells.phase[1:], cells.cell_type[2] = [1, 1], 1
    cells.secretion_rate[:, 0], cells.sensed[:, 1] = 5.0, 1.3e3 * NM
    apply(types, cells)
    # alive: oxygen alone, half way from 20 to 900; dead: b0 = 10, x = 1/0.5, two thirds of the way to 100
    assert cells.secretion_rate[:, 0] == pytest.approx([460, 10 / 3 + 200 / 3, 5])


def test_rules_for_a_few_cells_leave_the_others_alone():
    types = book(
        Rule(signal="IL6", increases="division_rate", to="0.4 1/min", half="1 nM"),
        Rule(signal="IL6", increases="secretion of IL6", to="40 molecules/min", half="1 nM"),
        secretes=(Secretion(ligand="IL6", rate="0 molecules/min"),),
    )
    cells = table(4)
    cells.sensed[:, 0] = NM
    RuleBook(types, LIGANDS).apply(cells, Team(), rows=np.array([2, 0]))
    assert cells.division_rate.tolist() == [0.2, 0, 0.2, 0]
    assert cells.secretion_rate[:, 0].tolist() == [20, 0, 20, 0]
