"""Receptors, traps, vessels, blood and regimens that do not fit each other are refused, each at its path."""

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import parse_text

TEXT = """
title = "binding"
[run]
duration = "1 day"
[tissue.box]
size = ["200 um", "200 um", "200 um"]
spacing = "20 um"
[ligand.EGF]
diffusion = "6000 um^2/min"
decay = "0.01 1/min"
boundary = { x_low = "open" }
[[ligand.EGF.trap]]
ligand = "antibody"
k_on = "0.1 1/nM/min"
[ligand.antibody]
diffusion = "3000 um^2/min"
[cell.cancer]
radius = "6 um"
shape = "disc"
secretes = [{ ligand = "EGF", rate = "10 molecules/min" }]
exchanges = [{ ligand = "antibody", permeability_area = "10 um^3/min" }]
[[cell.cancer.receptor]]
name = "EGFR"
ligand = "EGF"
number = 1e4
k_on = "0.1 1/nM/min"
k_off = "0.1 1/min"
k_internalize = "0.1 1/min"
turnover = "0.02 1/min"
antagonist = [{ ligand = "antibody", k_i = "1 nM" }]
[[cell.cancer.rule]]
signal = "occupancy of EGFR"
increases = "division_rate"
to = "0.05 1/hour"
half = 0.3
[[cell.cancer.rule]]
signal = "EGF"
decreases = "receptors of EGFR"
to = 1000
half = "1 nM"
[blood]
volume = "1.5 mL"
ligand.antibody = { elimination = "0.1 1/day" }
[[regimen]]
ligand = "antibody"
into = "blood"
amount = "1 nmol"
[[regimen]]
ligand = "EGF"
concentration = "1 nM"
[[seed]]
cell = "cancer"
pattern = "random"
number = 10
"""

SECOND = """[cell.other]
radius = "5 um"
[[cell.other.receptor]]
name = "NAME"
ligand = "LIGAND"
number = 10
k_on = "0.1 1/nM/min"
k_off = "0.1 1/min"
k_internalize = "0.1 1/min"
[blood]"""


def test_it_is_sound():
    scenario = parse_text(TEXT)
    assert scenario.cell["cancer"].receptor[0].label == "EGFR"


@pytest.mark.parametrize(
    ("right", "wrong", "path", "words"),
    [
        ('signal = "occupancy of EGFR"', 'signal = "occupancy of EGF"', "cell.cancer.rule.0.signal",
         "did you mean 'occupancy of EGFR'"),
        ('signal = "occupancy of EGFR"', 'signal = "EGFR"', "cell.cancer.rule.0.signal",
         "no signal is called 'EGFR'; declared: EGF, antibody, pressure, time, volume, dead, occupancy of EGFR"),
        ("half = 0.3", 'half = "0.3 nM"', "cell.cancer.rule.0.half", "is a concentration"),
        ("half = 0.3", "half = 1.5", "cell.cancer.rule.0.half", "between 0 and 1"),
        ('decreases = "receptors of EGFR"', 'decreases = "receptors of EGF"', "cell.cancer.rule.1.decreases",
         "did you mean 'receptors of EGFR'"),
        ('turnover = "0.02 1/min"', 'turnover = "0 1/min"', "cell.cancer.rule.1.decreases",
         "state a turnover"),
        ("to = 1000", "to = 20000", "cell.cancer.rule.1.to", "above the base value"),
        ("to = 1000", 'to = "1000 um"', "cell.cancer.rule.1.to", "a plain number"),
        ('antagonist = [{ ligand = "antibody"', 'antagonist = [{ ligand = "EGF"',
         "cell.cancer.receptor.0.antagonist.0.ligand", "the very ligand that the receptor binds"),
        ('antagonist = [{ ligand = "antibody"', 'antagonist = [{ ligand = "antbody"',
         "cell.cancer.receptor.0.antagonist.0.ligand", "did you mean 'antibody'"),
        ('k_i = "1 nM"', 'k_i = "1 mmHg"', "cell.cancer.receptor.0.antagonist.0.k_i", "no solubility"),
        ('k_i = "1 nM"', 'k_i = "0 nM"', "cell.cancer.receptor.0.antagonist.0", "accepted is above 0 nM"),
        ('[[ligand.EGF.trap]]\nligand = "antibody"', '[[ligand.EGF.trap]]\nligand = "EGF"',
         "ligand.EGF.trap.0.ligand", "the ligand itself"),
        ('[[ligand.EGF.trap]]\nligand = "antibody"', '[[ligand.EGF.trap]]\nligand = "anti"',
         "ligand.EGF.trap.0.ligand", "no ligand is called 'anti'"),
        ('[[regimen]]\nligand = "EGF"', '[[regimen]]\nligand = "EFG"', "regimen.1.ligand",
         "did you mean 'EGF'"),
        ('concentration = "1 nM"', 'concentration = "1 ng/mL"', "regimen.1.concentration", "no molar_mass"),
        ('concentration = "1 nM"', 'concentration = "1 nM"\ntissue = "bx"', "regimen.1.tissue",
         "did you mean 'box'"),
        ("ligand.antibody = {", "ligand.antibdy = {", "blood.ligand.antibdy", "did you mean 'antibody'"),
        ('boundary = { x_low = "open" }', 'boundary = { z_low = "open" }', "cell.cancer.shape",
         "EGF passes through the low z wall"),
        ('spacing = "20 um"', 'spacing = "20 um"\nperiodic = ["z"]', "cell.cancer.shape", "periodic along z"),
        ('spacing = "20 um"', 'spacing = "20 um"\nspace = "lattice"', "cell.cancer.shape",
         "not a 3-D off-lattice"),
        ('size = ["200 um", "200 um", "200 um"]', 'size = ["200 um", "200 um", "20 um"]', "cell.cancer.shape",
         "not a 3-D off-lattice"),
        ("[blood]\n", SECOND.replace("NAME", "EGFR").replace("LIGAND", "antibody") + "\n",
         "cell.other.receptor.0.ligand",
         "binds antibody here and EGF in cell.cancer"),
        ('exchanges = [{ ligand = "antibody"', 'exchanges = [{ ligand = "antibodies"',
         "cell.cancer.exchanges.0.ligand",
         "did you mean 'antibody'"),
    ],
)  # fmt: skip
def test_one_contradiction_is_reported_at_its_path(right, wrong, path, words):
    assert TEXT.count(right) == 1
    with pytest.raises(ScenarioError) as caught:
        parse_text(TEXT.replace(right, wrong), "a.toml")
    (fault,) = caught.value.faults
    assert fault.path == path and words in fault.message


def test_the_same_receptor_of_two_types_is_fine():
    scenario = parse_text(
        TEXT.replace("[blood]\n", SECOND.replace("NAME", "EGFR").replace("LIGAND", "EGF") + "\n")
    )
    assert len(scenario.cell) == 2


def test_without_blood_vessels_and_doses_have_nowhere_to_go():
    text = TEXT.replace('[blood]\nvolume = "1.5 mL"\nligand.antibody = { elimination = "0.1 1/day" }\n', "")
    with pytest.raises(ScenarioError) as caught:
        parse_text(text)
    assert [fault.path for fault in caught.value.faults] == ["cell.cancer.exchanges", "regimen.0.into"]
    assert all("add a table [blood]" in fault.message for fault in caught.value.faults)


def test_two_receptors_of_one_name():
    start, stop = TEXT.index("[[cell.cancer.receptor]]"), TEXT.index("[[cell.cancer.rule]]")
    receptor = TEXT[start:stop]
    with pytest.raises(ScenarioError, match="'EGFR' stands 2 times; give each receptor a name of its own"):
        parse_text(TEXT[:stop] + receptor + TEXT[stop:])
    assert parse_text(TEXT[:stop] + receptor.replace("EGFR", "HER2") + TEXT[stop:])


def test_names_that_the_grammar_needs():
    text = (
        TEXT.replace("ligand.EGF]", "ligand.pressure]")
        .replace('"EGF"', '"pressure"')
        .replace("EGF.trap", "pressure.trap")
    )
    with pytest.raises(ScenarioError, match=r"ligand\.pressure: 'pressure' is the name of a signal"):
        parse_text(text)
    with pytest.raises(ScenarioError, match=r"tissue\.blood: 'blood' is the pool"):
        parse_text(TEXT.replace("[tissue.box]", "[tissue.blood]"))


def test_a_bath_names_its_tissue_if_there_are_several():
    second = '[tissue.other]\nsize = ["20 um", "20 um", "20 um"]\nspacing = "20 um"\n[ligand.EGF]'
    text = TEXT.replace("[ligand.EGF]", second).replace("number = 10\n", 'number = 10\ntissue = "box"\n')
    with pytest.raises(
        ScenarioError, match=r"regimen\.1\.tissue: missing; there are several tissues: box, other"
    ):
        parse_text(text)


def test_receptors_have_plain_names():
    with pytest.raises(
        ScenarioError, match=r"receptor\.0\.name: got 'EGF R'; accepted is text such as 'EGFR'"
    ):
        parse_text(TEXT.replace("EGFR", "EGF R"))


def test_a_half_saturation_of_uptake_is_above_zero():
    text = TEXT.replace(
        "[[cell.cancer.receptor]]",
        'takes_up = [{ ligand = "EGF", clearance = "1 um^3/min", half_saturation = "0 nM" }]\n'
        "[[cell.cancer.receptor]]",
    )
    with pytest.raises(ScenarioError, match="half_saturation: got 0 nM; accepted is above 0 nM"):
        parse_text(text)


SLAB = """
[tissue.slab]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[cell.free]
radius = "5 um"
[cell.free.bloodstream]
death_rate = "0.1 1/hour"
extravasation_rate = { slab = "1 1/hour", box = "1 1/hour" }
[cell.free.transition_to]
cancer = "0.1 1/hour"
[[seed]]
cell = "free"
tissue = "box"
pattern = "random"
number = 1
"""


def test_a_disc_needs_a_floor_wherever_cells_may_turn_into_it():
    text = TEXT.replace('concentration = "1 nM"', 'concentration = "1 nM"\ntissue = "box"') + 'tissue = "box"\n' + SLAB
    with pytest.raises(ScenarioError, match="'slab' is not a 3-D off-lattice one, where free cells turn into them"):
        parse_text(text)
    assert parse_text(text.replace('slab = "1 1/hour"', 'slab = "0 1/hour"'))
    assert parse_text(text.replace('cancer = "0.1 1/hour"', ""))
    own = text.replace('cancer = "0.1 1/hour"', "").replace("[cell.free.bloodstream]", "[cell.cancer.bloodstream]")
    with pytest.raises(ScenarioError, match=r"where they settle from the blood"):
        parse_text(own)
