"""Two tissues on one blood: the balance in its limits, and a short form of the checks."""

import pytest

from autocrine_abm.evidence import endocrine_pair
from autocrine_abm.scenario.files import read


def test_the_balance_has_the_limits_of_two_compartments():
    for exchange in (1.0, 10.0, 1e4):
        gland, organ, blood = endocrine_pair.levels(5.0, exchange, 2.0, 0.0)
        assert blood == organ == pytest.approx(5.0 / 2.0)
        assert blood / gland == pytest.approx(exchange / (exchange + 2.0))
    gland, organ, blood = endocrine_pair.levels(5.0, 1.0, 1e9, 3.0)  # blood cleared at once: c = Q/(kV + PS)
    assert gland == pytest.approx(5.0 / 4.0) and organ == pytest.approx(0, abs=1e-8)


def test_short_form_of_the_checks():
    checks = endocrine_pair.checks(permeabilities=(2e4,))
    assert len(checks) == 6 + 5
    assert [check.result for check in checks if not check.verdict] == []


def test_molecules_are_accounted_for_before_anything_is_at_rest():
    model = endocrine_pair.simulate(read("endocrine_pair", {"run.duration": "1 hour"}))
    assert model.blood.pools["hormone"].concentration > 0
    assert endocrine_pair.unaccounted(model) < 1e-9
