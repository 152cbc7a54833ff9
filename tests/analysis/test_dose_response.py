"""Hill curves: known ones are found again, and the interval of their half-maximal dose holds the truth as often as it says."""

import numpy as np
import pytest

from autocrine_abm.analysis.dose_response import HillFit, fit_hill
from autocrine_abm.errors import AutocrineError

DOSES = np.array([0, 0.3, 1, 3, 10, 30, 100.0])


@pytest.mark.parametrize("truth", [HillFit(100, 5, 12, 1.5), HillFit(0, 40, 0.8, 3), HillFit(1, 0, 100, 1)])
def test_exact_data_give_their_curve(truth):
    found = fit_hill(DOSES, truth(DOSES))
    # the simplex stops when the sum of squares changes by less than 1e-18 of its scale: numbers are good to 1e-9, and spare
    assert found.half_dose == pytest.approx(truth.half_dose, rel=1e-5)
    assert (found.top, found.bottom, found.hill) == pytest.approx((truth.top, truth.bottom, truth.hill), rel=1e-5, abs=1e-6)
    assert found.low <= truth.half_dose * (1 + 1e-5) and found.high >= truth.half_dose * (1 - 1e-5)
    assert found.high / found.low < 1.001


def test_the_interval_holds_the_truth_as_often_as_it_says():
    truth, draws, inside = HillFit(1, 0.1, 5, 2), np.random.default_rng(3), 0
    dose = np.repeat(DOSES, 3)
    for _ in range(40):
        found = fit_hill(dose, truth(dose) + draws.normal(0, 0.05, len(dose)))
        inside += found.low < truth.half_dose < found.high
    assert inside >= 34  # of 40 at 95 %: 33 or fewer in less than one of 10,000 experiments (binomial)


def test_the_interval_is_open_where_the_doses_do_not_enclose_the_answer():
    draws = np.random.default_rng(4)
    dose = np.repeat([0, 0.1, 0.2, 0.3, 0.4], 3)
    found = fit_hill(dose, HillFit(1, 0, 50, 1)(dose) + draws.normal(0, 0.05, len(dose)))
    assert found.high == np.inf


def test_the_dose_of_a_response_gives_that_response():
    curve = HillFit(1, 0.2, 5, 2)
    assert curve(curve.dose_for(0.5)) == pytest.approx(0.5, abs=1e-12)
    assert curve.dose_for(0.1) == np.inf and curve.dose_for(1.0) == 0


def test_too_few_doses_are_refused():
    with pytest.raises(AutocrineError, match="got 3 doses"):
        fit_hill([0, 1, 2], [1, 2, 3])
