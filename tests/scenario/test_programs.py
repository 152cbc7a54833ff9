"""Cycles and nodes in scenario files: what is refused, and how they are told."""

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.describe import describe
from autocrine_abm.scenario.files import parse_text

TEXT = """
title = "programs"
[run]
duration = "2 hour"
[tissue.dish]
size = ["100 um", "100 um", "20 um"]
spacing = "20 um"
[ligand.IL6]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "6 um"
[[cell.cancer.cycle]]
name = "G1"
duration = "7 hour"
[[cell.cancer.cycle]]
name = "S"
duration = "8 hour"
spread = 0
grows = true
[cell.cancer.node.STAT3]
tau = "30 min"
base = 0.1
[[cell.cancer.rule]]
signal = "IL6"
increases = "STAT3"
to = 1
half = "1 nM"
[[cell.cancer.rule]]
signal = "STAT3"
increases = "exit rate of G1"
to = "0.01 1/min"
half = 0.5
"""


def test_programs_are_told_in_sentences():
    told = describe(parse_text(TEXT))
    assert "cycle of 15 hour on average: G1 7 hour (CV 1), then S 8 hour (CV 0, grows)" in told
    assert "pathway node STAT3: goes to 0.1 with time constant 30 min unless rules say otherwise" in told
    assert "STAT3 increases exit rate of G1 from 0.002381 1/min towards 0.01 1/min, half way at 0.5" in told


@pytest.mark.parametrize(
    "old, new, path, message",
    [
        ('name = "S"', 'name = "G1"', "cell.cancer.cycle.1.name", "is there twice"),
        ('radius = "6 um"', 'radius = "6 um"\ndivision_rate = "1 1/day"', "cell.cancer.division_rate", "leave its last phase"),
        ("exit rate of G1", "exit rate of S", "cell.cancer.rule.1", "has a fixed length"),
        ("exit rate of G1", "exit rate of G7", "cell.cancer.rule.1.increases", "no behavior is called"),
        ("node.STAT3", "node.IL6", "cell.cancer.node.IL6", "the name of a ligand too"),
        ("node.STAT3", "node.pressure", "cell.cancer.node.pressure", "the name of a signal too"),
        ('signal = "STAT3"', 'signal = "STAT5"', "cell.cancer.rule.1.signal", "did you mean 'STAT3'"),
        ("half = 0.5", 'half = "0.5 nM"', "cell.cancer.rule.1.half", "is a concentration"),
    ],
)
def test_programs_that_cannot_be_are_refused(old, new, path, message):
    with pytest.raises(ScenarioError) as caught:
        parse_text(TEXT.replace(old, new))
    assert any(fault.path == path and message in fault.message for fault in caught.value.faults), str(caught.value)
