"""A scenario in words: what the file says is there, with units, and nothing of the machine shows."""

import pytest

from autocrine_abm.scenario.describe import describe, sentence
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.library import names


def test_a_rule_is_a_sentence():
    cell = read("spheroid_3d").cell["cancer"]
    assert sentence(cell.rule[1], cell) == (
        "oxygen decreases necrosis_rate from 0.0028 1/min towards 0 1/min, half way at 3.75 mmHg, Hill "
        "power 8"
    )
    glioma = read("allee_glioblastoma").cell["glioma"]
    assert sentence(glioma.rule[0], glioma).endswith("in a straight line")


def test_derived_numbers_are_told():
    text = describe(read("minimal"))
    assert "range sqrt(D/k) = 77.46 um" in text  # sqrt(6000/1)
    assert "half-life 41.59 s" in text  # ln 2 / (1 1/min)
    assert "h^2/D = 4 s" in text  # 400/6000 min
    assert "division rate: 0.01 1/hour (once in 4.167 day)" in text


def test_partial_pressures_are_told_in_nM_too():
    assert "38 mmHg (49400 nM)" in describe(read("spheroid_3d"))  # 38 * 1.3 uM


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_reads_well(name):
    scenario = read(name)
    text = describe(scenario)
    for word in ("None", "Quantity(", "{", "nan", "Annotated"):
        assert word not in text
    for table in (scenario.tissue, scenario.ligand, scenario.cell):
        assert all(entry in text for entry in table)


def test_only_what_the_space_uses_is_told():
    assert "daughter" in describe(read("allee_glioblastoma")) and "daughter" not in describe(read("minimal"))
    assert "repulsion" in describe(read("minimal")) and "repulsion" not in describe(
        read("allee_glioblastoma")
    )
