"""Arms of an experiment: what one file compares, and what is said when an arm does not fit."""

import re

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.describe import describe
from autocrine_abm.scenario.files import parse_text, read, to_toml
from autocrine_abm.scenario.overrides import choose_arm

TEXT = """
title = "Growth factor, blocked or not"
[run]
duration = "2 hour"
[tissue.dish]
size = ["100 um", "100 um", "20 um"]
spacing = "20 um"
[ligand.factor]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "6 um"
[[cell.cancer.secretes]]
ligand = "factor"
rate = "60 molecules/min"
[[seed]]
cell = "cancer"
pattern = "random"
number = 5
[arm.knockout]
title = "secretion cut"
set = { "cell.cancer.secretes.0.rate" = "0 molecules/min" }
[arm.fast]
set = { "ligand.factor.decay" = "1 1/min", "run.seed" = 4 }
"""


def test_an_arm_differs_where_it_says_and_nowhere_else():
    spec = parse_text(TEXT)
    cut = choose_arm(spec, "knockout")
    assert cut.cell["cancer"].secretes[0].rate == 0
    assert cut.title == "Growth factor, blocked or not: secretion cut"
    control = choose_arm(spec, "control")
    assert cut.model_copy(update={"cell": control.cell, "title": control.title}) == control
    fast = parse_text(TEXT, arm="fast")
    assert (fast.ligand["factor"].decay, fast.run.seed, fast.arm) == (1.0, 4, {})


def test_arms_stay_in_the_file_and_are_told():
    spec = parse_text(TEXT)
    assert parse_text(to_toml(spec)) == spec
    told = describe(spec)
    assert "knockout: secretion cut (cell.cancer.secretes.0.rate = 0 molecules/min)" in told
    assert "control: as above" in told


@pytest.mark.parametrize(
    "old, new, message",
    [
        ('"run.seed" = 4', '"run.sead" = 4', r"my\.toml:2\d: arm\.fast\.set: 'run.sead': .* no 'sead'.*did you mean 'seed'"),
        ('decay" = "1 1/min"', 'decay" = "1 um"', r"my\.toml:2\d: arm\.fast\.set: 'ligand.factor.decay': "),
        ('set = { "ligand.factor.decay" = "1 1/min", "run.seed" = 4 }', "set = {}", r"arm\.fast: set: is empty"),
        ("[arm.fast]", "[arm.control]", r"'control' is the scenario as it stands"),
    ],
)  # fmt: skip
def test_an_arm_that_does_not_fit_is_refused_with_its_line(old, new, message):
    assert old in TEXT
    with pytest.raises(ScenarioError) as caught:
        parse_text(TEXT.replace(old, new), source="my.toml")
    assert re.search(message, str(caught.value)), str(caught.value)


def test_an_unknown_arm_is_refused_with_those_there_are():
    with pytest.raises(ScenarioError, match=r"no arm is called 'knokout'; declared: control, knockout, fast; did you mean"):
        parse_text(TEXT, arm="knokout")
    with pytest.raises(ScenarioError, match="declared: control"):
        read("minimal", arm="treated")


def test_an_override_counts_in_every_arm():
    path = "cell.cancer.secretes.0.rate"
    cut = parse_text(TEXT, overrides={path: "5 molecules/min"}, arm="knockout")
    assert cut.cell["cancer"].secretes[0].rate == 5
