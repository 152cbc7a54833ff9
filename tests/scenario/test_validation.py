"""A scenario put together in Python is held to the same rules as a file."""

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.library import names
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.validation import document_of, refuse_faults
from autocrine_abm.simulation.model import TumorModel


def broken():
    """A minimal scenario with a rule on a ligand that is not there, and an impossible value of another."""
    document = document_of(read("minimal"))
    document["cell"]["cancer"]["rule"][0]["signal"] = "grwth_factor"
    document["cell"]["cancer"]["rule"][1]["to"] = "9 1/hour"
    return Scenario.model_validate(document)


@pytest.mark.parametrize("name", names())
def test_shipped_scenarios_pass(name):
    assert refuse_faults(read(name)) is None


def test_contradictions_are_refused_before_a_model_is_made():
    for use in (refuse_faults, TumorModel):
        with pytest.raises(ScenarioError) as caught:
            use(broken())
        assert [fault.path for fault in caught.value.faults] == [
            "cell.cancer.rule.0.signal",
            "cell.cancer.rule.1.to",
        ]
        assert "did you mean 'growth_factor'" in str(caught.value)


def test_a_sound_scenario_is_used_as_it_is():
    spec = read("minimal")
    assert TumorModel(spec).spec is spec


def test_more_cells_than_fit_side_by_side_are_refused():
    # 600 x 600 um hold at most (612/(1.9 * 6))^2/sqrt(0.75) discs of 6 um radius, centers up to the walls
    with pytest.raises(ScenarioError, match="has room for"):
        read("minimal", {"seed.0.number": 20000})
    read("minimal", {"seed.0.number": 20000, "seed.0.distance": "3 um"})  # they are meant to overlap
