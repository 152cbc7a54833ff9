"""What a page has set on top of a scenario, and the doses that it offers."""

import pytest

from autocrine_abm.dashboard.doses import dose_table, worth_giving
from autocrine_abm.dashboard.settings import Settings
from autocrine_abm.errors import AutocrineError, ScenarioError
from autocrine_abm.scenario.files import parse_text


@pytest.fixture
def settings(small_text):
    return Settings(
        parse_text(
            small_text
            + '[[regimen]]\nligand = "growth_factor"\nconcentration = "0 nM"\n'
            + '[arm.fed]\nset = { "regimen.0.concentration" = "7 nM", "ligand.growth_factor.decay" = "0.5 1/min" }\n'
        )
    )


def test_a_wrong_value_sets_nothing_in_any_model(settings):
    settings.compare(True)
    settings.put("cell.cancer.radius", "7 um", world=1)
    with pytest.raises(ScenarioError):
        settings.put("cell.cancer.radius", "7 min")
    assert settings.values == [{}, {"cell.cancer.radius": "7 um"}]
    (knob,) = [knob for knob in settings.knobs() if knob["path"] == "cell.cancer.radius"]
    assert knob["text"] == ["6 um", "7 um"] and knob["changed"]


def test_an_arm_replaces_what_was_set_but_the_seed(settings):
    settings.compare(True)
    settings.put("run.seed", 5)
    settings.put("cell.cancer.radius", "7 um", world=1)
    assert settings.arms() == ["control", ""]
    settings.take_arm("fed", world=1)
    assert settings.arms() == ["control", "fed"]
    fed = settings.spec(1)
    assert fed.regimen[0].concentration.text == "7 nM" and fed.run.seed == 5 and float(fed.cell["cancer"].radius) == 6


def test_a_dose_of_nothing_is_offered_as_the_arms_give_it(settings):
    assert worth_giving(settings.base)[0] == {
        "ligand": "growth_factor", "planned": True, "amount": "7 nM", "into": "bath", "tissue": "",
    }  # fmt: skip


def test_a_form_becomes_a_regimen():
    table = {"ligand": "a", "into": "bath", "doses": 1}
    assert dose_table("a", "5 nM") == table | {"concentration": "5 nM"}
    assert dose_table("a", "1e6 molecules", every="1 day", doses=3) == table | {
        "amount": "1e6 molecules", "every": "1 day", "doses": 3,
    }  # fmt: skip
    with pytest.raises(AutocrineError, match="amount"):
        dose_table("a", "5 parsec")
