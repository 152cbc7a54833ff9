"""Motility and adhesion: what cannot be is refused where it stands, what can be is told."""

import pytest

from autocrine_abm.cells.adhesion import affinities
from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.describe import describe
from autocrine_abm.scenario.files import parse_text, to_toml

TEXT = """
title = "movement"
[run]
duration = "1 day"
[tissue.box]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[ligand.VEGF]
diffusion = "3600 um^2/min"
decay = "0.01 1/min"
[cell.tip]
radius = "6 um"
adhesion_to = { stalk = 0.2 }
[cell.tip.motility]
speed = "0.5 um/min"
persistence = "20 min"
[[cell.tip.motility.chemotaxis]]
ligand = "VEGF"
bias = -0.7
half = "0.1 nM"
[[cell.tip.rule]]
signal = "VEGF"
increases = "speed"
to = "1 um/min"
half = "0.5 nM"
[[cell.tip.rule]]
signal = "VEGF"
increases = "chemotaxis to VEGF"
to = 0.9
half = "0.5 nM"
[[cell.tip.rule]]
signal = "VEGF"
decreases = "persistence"
to = "5 min"
half = "0.5 nM"
[cell.stalk]
radius = "6 um"
[[seed]]
cell = "tip"
pattern = "random"
number = 10
"""


def test_a_good_one_reads_and_writes_the_same():
    scenario = parse_text(TEXT)
    assert parse_text(to_toml(scenario)) == scenario
    assert scenario.cell["tip"].motility.chemotaxis[0].bias == -0.7
    assert affinities(scenario.cell).tolist() == [[1.0, 0.2], [0.2, 1.0]]


def test_it_is_told():
    text = describe(parse_text(TEXT))
    assert "moves by itself at 0.5 um/min, keeping a direction for 20 min on average: 10 um" in text
    assert "down gradients of VEGF, bias 0.7, half as strongly at 0.1 nM across the cell" in text
    assert "adhesion to stalk cells times 0.2" in text
    assert "VEGF increases chemotaxis to VEGF from 0.7 towards 0.9, half way at 0.5 nM" in text


@pytest.mark.parametrize(
    "fibers, told",
    [
        ("{ direction = [1, 0.5, 0] }", "fibers along (1, 0.5, 0)"),
        ('{ pattern = "radial" }', "fibers out from the middle"),
        (
            '{ pattern = "circumferential", around = ["0 um", "1 um", "2 um"] }',
            "fibers around the axis z through (0 um, 1 um, 2 um)",
        ),
    ],
)
def test_fibers_and_who_follows_them_are_told(fibers, told):
    text = TEXT.replace('persistence = "20 min"', 'persistence = "20 min"\ncontact_guidance = 0.5', 1)
    scenario = parse_text(text.replace('spacing = "20 um"', f'spacing = "20 um"\nfibers = {fibers}', 1))
    assert parse_text(to_toml(scenario)) == scenario
    assert told in describe(scenario) and "along fibers, either way alike: contact guidance 0.5 of 1" in describe(scenario)
    assert "fibers" not in describe(parse_text(TEXT))


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("bias = -0.7", "bias = -1.7", r"chemotaxis\.0\.bias"),
        ('half = "0.1 nM"', 'half = "0 nM"', "half: got 0 nM; accepted is above 0 nM"),
        (
            'ligand = "VEGF"\nbias',
            'ligand = "VEGFA"\nbias',
            "no ligand is called 'VEGFA'.*did you mean 'VEGF'",
        ),
        ('persistence = "20 min"', 'persistence = "0.1 s"', "less than a thousandth of the behavior step"),
        ('persistence = "20 min"', "", "persistence"),
        ('persistence = "20 min"', 'persistence = "20 min"\ncontact_guidance = 2', r"motility\.contact_guidance"),
        (
            'persistence = "20 min"',
            'persistence = "20 min"\ncontact_guidance = 0.5',
            r"contact_guidance.*no tissue has fibers; state tissue\.box\.fibers",
        ),
        ('spacing = "20 um"', 'spacing = "20 um"\nfibers = {}', "parallel fibers without a direction"),
        (
            'half = "0.1 nM"',
            'half = "0.1 nM"\n[[cell.tip.motility.chemotaxis]]\nligand = "VEGF"\nbias = 0.1',
            "stands 2 times",
        ),
        (
            'spacing = "20 um"',
            'spacing = "20 um"\nspace = "lattice"',
            "has no effect on the lattice of tissue 'box'",
        ),
        ("to = 0.9", "to = 1.2", "strength of a bias lies between 0 and 1"),
        ('to = "1 um/min"', 'to = "1 1/min"', "'speed' is a speed"),
        ("stalk = 0.2", "stock = 0.2", "no cell type is called 'stock'.*did you mean 'stalk'"),
        ("stalk = 0.2", "stalk = -0.2", "adhesion_to"),
        ("[cell.stalk]", "[cell.stalk]\nadhesion_to = { tip = 0.5 }", "state it once"),
        ('spacing = "20 um"', 'spacing = "20 um"\nadhesion_distance = 0.9', "adhesion_distance"),
    ],
)
def test_faults(old, new, message):
    assert old in TEXT
    with pytest.raises(ScenarioError, match=f"(?s){message}"):
        parse_text(TEXT.replace(old, new, 1))


def test_the_same_affinity_stated_twice_is_no_fault():
    parse_text(TEXT.replace("[cell.stalk]", "[cell.stalk]\nadhesion_to = { tip = 0.2, stalk = 2 }"))
