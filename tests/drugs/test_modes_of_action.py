"""What a drug does to cells and ligands in a whole model: antagonists, traps, inhibitors, poisons, and rules on receptors."""

from math import exp

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

NM = 0.602214076

ACTION = """
title = "what a drug does"
[run]
duration = "10 hour"
behavior_step = "2 min"
[tissue.dish]
size = ["240 um", "240 um", "240 um"]
spacing = "20 um"
periodic = ["x", "y", "z"]
[ligand.EGF]
diffusion = "6000 um^2/min"
initial = "1 nM"
LIGAND
[ligand.drug]
diffusion = "6000 um^2/min"
[cell.cancer]
radius = "6 um"
repulsion = "0 um/min"
adhesion = "0 um/min"
CELL
[[cell.cancer.receptor]]
name = "EGFR"
ligand = "EGF"
number = RECEPTORS
k_on = "0.1 1/nM/min"
k_off = "0.2 1/min"
k_internalize = "0.1 1/min"
RECEPTOR
RULES
[[regimen]]
ligand = "drug"
concentration = "DOSE nM"
[[seed]]
cell = "cancer"
pattern = "random"
number = 20
"""


def treated(dose, steps, ligand="", cell="", receptor="", rules="", receptors="1"):
    text = ACTION.replace("DOSE", repr(float(dose))).replace("RECEPTORS", receptors)
    for place, part in (("LIGAND", ligand), ("CELL", cell), ("RECEPTOR", receptor), ("RULES", rules)):
        text = text.replace(place + "\n", part + "\n", 1)
    model = TumorModel(parse_text(text))
    for _ in range(steps):
        model.step()
    return model


@pytest.mark.parametrize("dose", [0.0, 0.5, 9 * 0.5, 100.0])
def test_a_receptor_antagonist_competes(dose):
    # one receptor per cell takes nothing away, so c = 1 nM; K_m = (0.2 + 0.1)/0.1 = 3 nM, K_i = 0.5 nM
    model = treated(dose, 2, receptor='antagonist = [{ ligand = "drug", k_i = "0.5 nM" }]')
    assert model.cells.occupancy[:, 0] == pytest.approx(1 / (3 * (1 + dose / 0.5) + 1), rel=1e-4)


def test_an_antagonist_spares_the_ligand():
    antagonist = 'antagonist = [{ ligand = "drug", k_i = "0.1 nM" }]'
    left = [
        treated(dose, 60, receptor=antagonist, receptors="1e5").fields["EGF"].ledger.present
        for dose in (0.0, 10.0)
    ]
    start = NM * 240**3
    # without the drug 20 cells clear 8e4 um^3 of 1.4e7 a minute, more as c falls; K_m is a hundred times
    # higher with it
    assert left[0] < 0.5 * start and left[1] > 0.9 * start


def test_a_trap_adds_its_decay():
    # 0.03 1/nM/min · 4 nM = 0.12 1/min on top of 0.02 1/min, for 60 min
    model = treated(
        4.0, 30, ligand='decay = "0.02 1/min"\ntrap = [{ ligand = "drug", k_on = "0.03 1/nM/min" }]'
    )
    expected = exp(-0.14 * 60)
    assert model.fields["EGF"].concentration.mean() / NM == pytest.approx(
        expected, rel=0.05
    )  # 30 steps of up to 1 %
    assert model.fields["drug"].concentration.mean() / NM == pytest.approx(4.0)  # the trap is not used up
    untreated = treated(
        0.0, 30, ligand='decay = "0.02 1/min"\ntrap = [{ ligand = "drug", k_on = "0.03 1/nM/min" }]'
    )
    assert untreated.fields["EGF"].concentration.mean() / NM == pytest.approx(exp(-0.02 * 60), rel=0.02)


def test_a_secretion_inhibitor():
    rule = """
[[cell.cancer.rule]]
signal = "drug"
decreases = "secretion of EGF"
to = "0 molecules/min"
half = "2 nM"
hill = 2"""
    secretes = 'secretes = [{ ligand = "EGF", rate = "100 molecules/min" }]'
    for dose, share in ((0.0, 1.0), (2.0, 0.5), (6.0, 0.1)):
        model = treated(dose, 10, cell=secretes, rules=rule)
        assert model.cells.secretion_rate[:, 0] == pytest.approx(100 * share, rel=1e-6)
        # the first step goes by the base rate, for cells respond at its end
        assert model.fields["EGF"].ledger.secreted == pytest.approx(20 * 100 * 2 * (1 + 9 * share), rel=2e-3)


def test_a_cytotoxic_drug():
    rule = """
[[cell.cancer.rule]]
signal = "drug"
increases = "apoptosis_rate"
to = "0.02 1/min"
half = "1 nM"
hill = 2"""
    spared, killed = (treated(dose, 120, rules=rule) for dose in (0.0, 3.0))
    assert killed.cells.apoptosis_rate[killed.cells.phase == 0] == pytest.approx(0.018, rel=1e-6)
    # at 0.018 1/min for 4 hours a cell lives on with e^−4.3 = 1.3 %; six of 20 or more with less than 1e-6
    assert spared.deaths == 0 and killed.deaths > 14


def test_a_rule_reads_the_occupancy_of_a_receptor():
    rule = """
[[cell.cancer.rule]]
signal = "occupancy of EGFR"
increases = "division_rate"
to = "0.001 1/min"
half = 0.25
hill = 4"""
    antagonist = 'antagonist = [{ ligand = "drug", k_i = "0.5 nM" }]'
    for dose, occupied in ((0.0, 0.25), (0.5, 1 / 7)):
        model = treated(dose, 2, receptor=antagonist, rules=rule)
        x = (occupied / 0.25) ** 4
        # four times the 1e-4 to which concentrations are solved
        assert model.cells.division_rate == pytest.approx(0.001 * x / (1 + x), rel=5e-4)


def test_a_rule_changes_the_number_of_receptors():
    rule = """
[[cell.cancer.rule]]
signal = "drug"
increases = "receptors of EGFR"
to = 40
half = "1 nM" """
    model = treated(1.0, 1, receptor='turnover = "0.1 1/min"', rules=rule, receptors="20")
    # target 30 from the end of the first step; occupied or free, receptors are lost at 0.1 1/min
    assert model.cells.receptor_target[:, 0] == pytest.approx(30, rel=1e-6)
    for _ in range(10):
        model.step()
    assert model.cells.receptors[:, 0] == pytest.approx(30 - 10 * exp(-0.1 * 20), rel=1e-5)


def test_a_rule_on_receptors_without_turnover_is_refused():
    rule = '[[cell.cancer.rule]]\nsignal = "drug"\nincreases = "receptors of EGFR"\nto = 40\nhalf = "1 nM"'
    with pytest.raises(ScenarioError, match="its turnover is 0; state a turnover"):
        treated(1.0, 0, rules=rule)
