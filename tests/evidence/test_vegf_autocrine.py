"""One VEGF, two uses: a lone cell hardly sees its own, and each antibody acts on the use that it is made for."""

import pytest

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.vegf_autocrine import lone_cell

BRIEF = {"run.duration": "36 hour", "regimen.0.start": "0 hour", "regimen.1.start": "0 hour"}


def test_a_lone_cell_raises_the_vegf_at_its_surface_by_a_fiftieth_of_a_picomolar():
    found, expected = lone_cell()
    assert expected == pytest.approx(1.76e-5, rel=0.01)  # nM
    assert found == pytest.approx(expected, rel=0.02)  # the near field holds within that for any spacing


def test_each_antibody_hits_its_own_use():
    arms = ["control", "tumor_blocked", "vessels_blocked"]
    seen = compare("vegf_autocrine", arms=arms, seeds=(1,), overrides=BRIEF)
    survival = {arm: seen.at("tumor.survival", arm)[0] for arm in arms}
    assert survival["tumor_blocked"] < 1e-3 < survival["control"]
    assert survival["vessels_blocked"] > survival["control"]  # vessels take up less, and more oxygen is missing
    vessels = {arm: seen.at("births", arm)[0] for arm in arms}
    assert vessels["vessels_blocked"] < vessels["control"]
