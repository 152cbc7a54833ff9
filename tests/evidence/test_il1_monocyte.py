"""IL-1 in monocytes, in a lower well: what is stopped follows competition for the receptor."""

import pytest

from autocrine_abm.evidence.comparison import compare

LOW = {"tissue.well.size": ["200 um", "200 um", "200 um"], "run.duration": "6 hour", "record.every": "6 hour"}
STIMULUS, KM, KI = 0.588, 0.138, 0.276  # nM; 10 ng/mL of 17 kDa


@pytest.mark.parametrize("arm, excess", [("knockout", 0), ("knockout_tenfold", 10)])
def test_receptors_are_lost_as_competition_has_it(arm, excess):
    seen = compare("il1_monocyte", arms=[arm], seeds=(1,), overrides=LOW)
    expected = STIMULUS / (STIMULUS + KM * (1 + excess * STIMULUS / KI))
    # cells take up a few percent of the stimulus in a medium this low
    assert seen.at("monocyte.signal", arm)[0] == pytest.approx(expected, rel=0.04)


def test_the_loop_adds_to_the_stimulus_and_the_antagonist_alone_does_nothing():
    seen = compare("il1_monocyte", arms=["control", "knockout", "antagonist_alone"], seeds=(1,), overrides=LOW)
    assert seen.at("monocyte.signal")[0] > seen.at("monocyte.signal", "knockout")[0]
    assert seen.at("IL1b.secreted", "antagonist_alone")[0] == 0
    assert seen.share("paracrine", "IL1b")[0] > seen.share("autocrine", "IL1b")[0]
