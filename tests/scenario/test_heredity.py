"""Traits in a file: refused where they cannot be, told where they can."""

import pytest

from autocrine_abm.cells.trait import Trait
from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import parse_text, to_toml
from autocrine_abm.scenario.heredity import trait_sentence

TEXT = """
title = "heredity"
[run]
duration = "1 day"
[tissue.box]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[cell.cancer]
radius = "6 um"
division_rate = "0.02 1/hour"
[cell.cancer.trait.vigor]
spread = 0.2
distribution = "normal"
inherit_noise = 0.05
mutation_rate = 0.001
mutation_spread = 0.3
scales = "division_rate"
[[cell.cancer.rule]]
signal = "trait vigor"
increases = "apoptosis_rate"
to = "0.02 1/hour"
half = 2.0
[[seed]]
cell = "cancer"
pattern = "random"
number = 10
"""


def test_a_good_one_reads_and_writes_the_same():
    scenario = parse_text(TEXT)
    assert parse_text(to_toml(scenario)) == scenario
    assert (
        parse_text(TEXT, overrides=["cell.cancer.trait.vigor.spread=0.3"])
        .cell["cancer"]
        .trait["vigor"]
        .spread
        == 0.3
    )


def test_a_trait_is_a_sentence():
    trait = Trait(
        mean=2,
        spread=0.2,
        inherit_noise=0.05,
        mutation_rate=0.001,
        mutation_factor=1.5,
        mutation_spread=0.3,
        scales="speed",
        new_clone=True,
    )
    assert trait_sentence("vigor", trait) == (
        "trait vigor, 2 on average, CV 0.2 (lognormal), multiplies speed; inherited with CV 0.05; "
        "mutates in 0.001 of divisions, to 1.5 times on average, CV 0.3, and founds a clone"
    )


@pytest.mark.parametrize(
    "old, new, message",
    [
        (
            'scales = "division_rate"',
            'scales = "division_rat"',
            "no behavior is called 'division_rat'.*did you mean",
        ),
        (
            'scales = "division_rate"',
            'scales = "speed"',
            "no behavior is called 'speed'",
        ),  # it has no motility
        (
            'signal = "trait vigor"',
            'signal = "trait vigour"',
            "no signal of this cell type is called 'trait vigour'",
        ),
        ("half = 2.0", 'half = "2 nM"', "half"),
        ("spread = 0.2", "spread = 0.5", "accepted with distribution 'normal' is 0 to 0.33"),
        ("mutation_rate = 0.001", "mutation_rate = 1.5", "mutation_rate"),
        ("[cell.cancer.trait.vigor]", "[cell.cancer.trait.'a b']", "a b"),
    ],
)
def test_faults(old, new, message):
    assert old in TEXT
    with pytest.raises(ScenarioError, match=f"(?s){message}"):
        parse_text(TEXT.replace(old, new, 1))


def test_too_many_traits():
    more = "".join(f"[cell.cancer.trait.t{number}]\n" for number in range(64))
    with pytest.raises(ScenarioError, match="65 traits in all; accepted are up to 64"):
        parse_text(TEXT.replace("[[cell.cancer.rule]]", more + "[[cell.cancer.rule]]", 1))
