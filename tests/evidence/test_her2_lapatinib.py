"""Lapatinib in a small dish: signals rest where the formulas put them, and what neuregulin gives back."""

import pytest

from autocrine_abm.evidence.comparison import compare

SMALL = {"tissue.dish.size": ["240 um", "240 um", "1000 um"], "run.duration": "30 hour", "record.every": "6 hour"}
EC50, POWER = 0.97, 0.76


@pytest.mark.parametrize("arm, dose", [("lapatinib_knockout", 1.0), ("lapatinib_8uM_knockout", 8.0)])
def test_without_neuregulin_the_signal_is_the_hill_curve(arm, dose):
    seen = compare("her2_lapatinib", arms=[arm], seeds=(1,), overrides=SMALL)
    # what is left of the start after 30 hours of a time constant of 1 hour is below 1e-12
    assert seen.at("HCC1954.PI3K", arm)[0] == pytest.approx(1 / (1 + (dose / EC50) ** POWER), rel=1e-6)


def test_neuregulin_gives_back_a_part_and_pertuzumab_takes_it():
    arms = ["lapatinib_1uM", "lapatinib_NRG1", "lapatinib_NRG1_pertuzumab"]
    seen = compare("her2_lapatinib", arms=arms, seeds=(1,), overrides=SMALL)
    own, given, blocked = (seen.at("HCC1954.PI3K", arm)[0] for arm in arms)
    left = 1 / (1 + (1 / EC50) ** POWER)
    assert left < blocked < own < given < 1
    occupancy = 6.25 / (6.25 + 0.1)  # 50 ng/mL of 8 kDa, K_m 0.1 nM; a few percent are taken up, which moves it little
    assert given == pytest.approx(left + (1 - left) * occupancy / (1 + occupancy), rel=0.01)
