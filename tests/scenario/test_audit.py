"""Contradictions between the parts of a scenario are found, each at its path, and only where they are."""

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.adequacy import judge
from autocrine_abm.scenario.audit import audit
from autocrine_abm.scenario.files import parse_text, read
from autocrine_abm.scenario.library import names

TEXT = """
title = "audit"
[run]
duration = "1 day"
[tissue.box]
size = ["200 um", "200 um", "200 um"]
spacing = "20 um"
[ligand.oxygen]
diffusion = "1e5 um^2/min"
solubility = "1.3 uM/mmHg"
boundary = "fixed 38 mmHg"
[ligand.TNF]
diffusion = "3600 um^2/min"
decay = "0.01 1/min"
[cell.cancer]
radius = "6 um"
division_rate = "0.02 1/hour"
secretes = [{ ligand = "TNF", rate = "10 molecules/min" }]
takes_up = [{ ligand = "oxygen", clearance = "100 um^3/min" }]
[[cell.cancer.rule]]
signal = "oxygen"
increases = "division_rate"
to = "0.05 1/hour"
half = "5 mmHg"
[[seed]]
cell = "cancer"
pattern = "random"
number = 10
"""


@pytest.mark.parametrize("name", names())
def test_shipped_scenarios_have_no_contradictions(name):
    assert audit(read(name)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "path", "words"),
    [
        ('ligand = "TNF"', 'ligand = "TNf"', "cell.cancer.secretes.0.ligand", "did you mean 'TNF'"),
        ('ligand = "oxygen"', 'ligand = "O2"', "cell.cancer.takes_up.0.ligand", "declared: oxygen, TNF"),
        ('signal = "oxygen"', 'signal = "presure"', "cell.cancer.rule.0.signal", "did you mean 'pressure'"),
        ('cell = "cancer"', 'cell = "canser"', "seed.0.cell", "did you mean 'cancer'"),
        ('cell = "cancer"', 'cell = "cancer"\ntissue = "bx"', "seed.0.tissue", "did you mean 'box'"),
        ('increases = "division_rate"', 'increases = "divison_rate"', "cell.cancer.rule.0.increases",
         "did you mean 'division_rate'"),
        ('increases = "division_rate"', 'increases = "uptake of TNF"', "cell.cancer.rule.0.increases",
         "add [[cell.cancer.takes_up]]"),
        ('to = "0.05 1/hour"', 'to = "0.05 um"', "cell.cancer.rule.0.to",
         "is a length; 'division_rate' is a rate"),
        ('to = "0.05 1/hour"', "to = 0.05", "cell.cancer.rule.0.to", "a plain number"),
        ('to = "0.05 1/hour"', 'to = "0.01 1/hour"', "cell.cancer.rule.0.to",
         "below the base value '0.02 1/hour'"),
        ("increases =", "decreases =", "cell.cancer.rule.0.to", "above the base value"),
        ('half = "5 mmHg"', "half = 5", "cell.cancer.rule.0.half", "accepted is a concentration"),
        ('half = "5 mmHg"', 'half = "5 ng/mL"', "cell.cancer.rule.0.half", "no molar_mass"),
        ('decay = "0.01 1/min"', 'initial = "1 mmHg"', "ligand.TNF.initial", "no solubility"),
        ('decay = "0.01 1/min"', 'transport = "steady"', "ligand.TNF.transport", "no steady state"),
        ('duration = "1 day"', 'duration = "1 min"', "run.behavior_step", "longer than the whole run"),
        ('duration = "1 day"', 'duration = "1 day"\nbehavior_step = "1e-9 min"', "run.behavior_step",
         "steps"),
        ('spacing = "20 um"', 'spacing = ["20 um", "10 um", "20 um"]\nspace = "lattice"',
         "tissue.box.spacing", "cubes"),
        ('spacing = "20 um"', 'spacing = "0.02 um"', "tissue.box.spacing", "1e+12 voxels"),
        ('size = ["200 um", "200 um", "200 um"]', 'size = ["200 um", "20 um", "200 um"]', "tissue.box.size", "turn the tissue"),
        ("number = 10", "number = 1001", None, None),
        ("number = 10", 'density = "1 cells/mm^2"', "seed.0.density", "cells per area"),
        ("number = 10", 'density = "1e16 cells/mm^3"', "seed.0.density", "has room for 9095"),
        ('pattern = "random"', 'pattern = "disc"\ncenter = ["0 um", "300 um", "0 um"]', "seed.0.center.1",
         "outside"),
        ('pattern = "random"\nnumber = 10', 'pattern = "disc"\nnumber = 10000', "seed.0.number",
         "has room for 9095"),
    ],
)  # fmt: skip
def test_one_contradiction_is_reported_at_its_path(right, wrong, path, words):
    assert TEXT.count(right) == 1
    text = TEXT.replace(right, wrong)
    if path is None:
        assert parse_text(text)
        return
    with pytest.raises(ScenarioError) as caught:
        parse_text(text, "a.toml")
    (fault,) = caught.value.faults
    assert fault.path == path and words in fault.message


def test_a_lattice_has_room_for_one_cell_per_voxel():
    text = TEXT.replace('spacing = "20 um"', 'spacing = "20 um"\nspace = "lattice"')
    assert parse_text(text.replace("number = 10", "number = 1000"))
    with pytest.raises(ScenarioError, match="has 1,000 voxels"):
        parse_text(text.replace("number = 10", "number = 1001"))


def test_a_periodic_axis_has_no_walls():
    text = TEXT.replace('spacing = "20 um"', 'spacing = "20 um"\nperiodic = ["x"]')
    assert parse_text(text)  # "others" does not mean the faces that are not there
    text = text.replace('boundary = "fixed 38 mmHg"', 'boundary = { x_low = "fixed 38 mmHg" }')
    with pytest.raises(ScenarioError, match=r"ligand\.oxygen\.boundary\.x_low: .*periodic along x"):
        parse_text(text)


def test_a_ligand_is_stated_once():
    double = '{ ligand = "TNF", rate = "10 molecules/min" }'
    with pytest.raises(ScenarioError, match=r"secretes\.0\.ligand: 'TNF' stands 2 times"):
        parse_text(TEXT.replace(double, f"{double}, {double}"))


def test_with_several_tissues_a_seed_names_its_own():
    second = '[tissue.other]\nsize = ["20 um", "20 um", "20 um"]\nspacing = "20 um"\n[[seed]]'
    with pytest.raises(
        ScenarioError, match=r"seed\.0\.tissue: missing; there are several tissues: box, other"
    ):
        parse_text(TEXT.replace("[[seed]]", second))


def test_an_inhibitor_may_end_above_the_base_if_a_promoter_leads_higher():
    text = TEXT.replace(
        "[[seed]]",
        """[[cell.cancer.rule]]
signal = "pressure"
decreases = "division_rate"
to = "0.03 1/hour"
half = 1
[[seed]]""",
    )
    assert parse_text(text)
    with pytest.raises(ScenarioError, match="above the base value"):
        parse_text(text.replace('"0.03 1/hour"', '"0.06 1/hour"'))


def test_a_steady_ligand_without_decay_needs_a_sink():
    steady = TEXT.replace('solubility = "1.3', 'transport = "steady"\nsolubility = "1.3')
    assert parse_text(steady)
    no_uptake = steady.replace('takes_up = [{ ligand = "oxygen", clearance = "100 um^3/min" }]', "")
    assert parse_text(no_uptake)  # the walls hold it
    with pytest.raises(ScenarioError, match=r"ligand\.oxygen\.transport"):
        parse_text(no_uptake.replace('boundary = "fixed 38 mmHg"', ""))


def test_a_misspelled_table_is_the_only_fault():
    with pytest.raises(ScenarioError) as caught:
        parse_text(
            TEXT.replace("[ligand.oxygen]", "[ligands.oxygen]").replace("[ligand.TNF]", "[ligands.TNF]")
        )
    assert [fault.path for fault in caught.value.faults] == ["ligands"]


def test_behaviors_and_their_base_values():
    cell = parse_text(TEXT).cell["cancer"]
    assert cell.behaviors()["secretion of TNF"] == "molecules/min"
    assert cell.base_value("secretion of TNF") == 10.0 and cell.base_value("uptake of oxygen") == 100.0
    assert cell.base_value("division_rate") == pytest.approx(0.02 / 60)
    assert cell.base_value("secretion of oxygen") == cell.base_value("receptors of TNF") == 0.0


def test_without_a_solubility_every_partial_pressure_is_reported():
    with pytest.raises(ScenarioError) as caught:
        parse_text(TEXT.replace('solubility = "1.3 uM/mmHg"', ""))
    assert {fault.path for fault in caught.value.faults} == {
        "ligand.oxygen.boundary.others",
        "cell.cancer.rule.0.half",
    }


def test_a_periodic_box_in_which_cells_would_meet_themselves_is_refused():
    text = """
        title = "too small to wrap"
        [run]
        duration = "5 hour"
        behavior_step = "2 hour"
        [tissue.d]
        size = ["40 um", "40 um", "20 um"]
        spacing = "20 um"
        periodic = ["x"]
        [cell.c]
        radius = "9 um"
    """
    with pytest.raises(ScenarioError, match=r"tissue\.d\.size: got 40 um along the periodic axis x.*45 um or more"):
        parse_text(text)
    spec = parse_text(text.replace('"9 um"', '"6 um"'))
    assert any("not a whole number of steps; the last one ends after 6 hour" in told.message for told in judge(spec))
