"""Two compartments of VEGF: levels follow mass balance, and only what is released wakes distant cells."""

import pytest

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.endocrine_relay import CLEARANCE, expected_level, levels
from autocrine_abm.scenario.files import read


@pytest.mark.parametrize("elimination, ratio", [(0.0, 1.0), (0.0206, 5.0)])
def test_levels_in_tissue_and_blood_follow_mass_balance(elimination, ratio):
    changes = {CLEARANCE: f"{elimination} 1/min"}
    tissue, blood = levels(changes)
    # the tumor is well mixed within its range of 300 um, and vessels stand at random: a few percent
    assert tissue == pytest.approx(expected_level(read("endocrine_relay", changes)), rel=0.03)
    assert tissue / blood == pytest.approx(ratio, rel=0.03)


def test_all_that_distant_cells_capture_has_come_with_the_blood():
    seen = compare("endocrine_relay", arms=["control", "knockout"], seeds=(1,), overrides={"run.duration": "24 hour"})
    assert seen.share("endocrine", "VEGF", tissue="distant")[0] == pytest.approx(1)
    assert seen.share("endocrine", "VEGF", tissue="tumor")[0] < 0.05
    assert seen.at("distant.births")[0] > 0 and seen.at("distant.births", "knockout")[0] == 0
