import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import parse_text, read
from autocrine_abm.scenario.knobs import knobs
from autocrine_abm.scenario.library import names
from autocrine_abm.scenario.overrides import override

TEXT = """
title = "a dish"
[run]
duration = "1 day"
[tissue.dish]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[ligand.IL6]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "6 um"
[[seed]]
cell = "cancer"
pattern = "random"
number = 5
"""


def test_knobs_have_the_units_and_places_of_their_numbers():
    found = {knob.path: knob for knob in knobs(parse_text(TEXT))}
    decay, number = found["ligand.IL6.decay"], found["seed.0.number"]
    assert (decay.value, decay.unit, decay.low, decay.high, decay.scale, decay.live) == (0.1, "1/min", 0.01, 1.0, "log", True)
    assert (number.value, number.unit, number.whole, number.live) == (5, "", True, False)
    assert decay.written(0.5) == "0.5 1/min" and number.written(7.0) == 7
    assert "cell.cancer.apoptosis_rate" not in found  # left at its default


@pytest.mark.parametrize("name", names())
def test_every_knob_of_shipped_scenarios_can_be_turned_to_its_ends(name):
    spec = read(name)
    for knob in knobs(spec):
        assert knob.low < knob.high and knob.label and knob.group
    live = [knob for knob in knobs(spec) if knob.live][:3]
    for knob in live:
        assert override(spec, {knob.path: knob.written(knob.value)}) is not None


def test_sliders_come_first_with_their_own_ranges():
    view = '[view]\nslider = [{ path = "ligand.IL6.decay", low = "0 1/hour", high = "60 1/hour", label = "loss" }]\n'
    first = knobs(parse_text(TEXT + view))[0]
    assert (first.path, first.label, first.first) == ("ligand.IL6.decay", "loss", True)
    assert (first.low, first.high) == (0.0, pytest.approx(1.0, rel=1e-12))


@pytest.mark.parametrize(
    "slider, words",
    [
        ('path = "ligand.IL6.decy", low = "0 1/min", high = "1 1/min"', "did you mean 'decay'"),
        ('path = "ligand.IL6.decay", low = "0 um", high = "1 1/min"', "got '0 um'"),
        ('path = "ligand.IL6.decay", low = "2 1/min", high = "1 1/min"', "not above low"),
        ('path = "ligand.IL6.decay", low = "0 1/min", high = "1 1/min", scale = "log"', "starts above 0"),
        ('path = "ligand.IL6.transport", low = 0, high = 1', "is not a number"),
    ],
)
def test_sliders_that_make_no_sense_are_refused(slider, words):
    with pytest.raises(ScenarioError, match=words):
        parse_text(TEXT + f"[view]\nslider = [{{ {slider} }}]\n")
