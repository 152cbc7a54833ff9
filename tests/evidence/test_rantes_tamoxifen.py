"""RANTES under tamoxifen in a small dish: the loop saves, and rests where release and loss balance."""

import numpy as np
import pytest

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.rantes_tamoxifen import TREATED, fixed_point, grows, settled

SMALL = {
    "tissue.dish.size": ["150 um", "150 um", "600 um"], "run.duration": "36 hour", "record.every": "6 hour",
    "run.behavior_step": "30 min", "regimen.3.doses": 6,
}  # fmt: skip


def test_only_the_broken_loop_kills_and_added_ligand_makes_up_for_the_inhibitor():
    arms = ["tamoxifen", "tamoxifen_inhibitor", "tamoxifen_inhibitor_added"]
    seen = compare("rantes_tamoxifen", arms=arms, seeds=(1,), overrides=SMALL)
    ratio = {arm: float(grows(seen, arm)[0]) for arm in arms}
    assert ratio["tamoxifen_inhibitor"] < 1 < ratio["tamoxifen"]
    assert ratio["tamoxifen_inhibitor_added"] > 1


def test_nodes_rest_where_their_rules_put_them_without_a_loop():
    arms = ["knockout", "knockout_inhibitor"]
    seen = compare("rantes_tamoxifen", arms=arms, seeds=(1,), overrides=SMALL | {"run.duration": "6 hour"})
    # the inhibitor leaves 1/(1 + (10 uM/1 uM)^2) of the base of 0.1, approached with 30 min
    assert np.isclose(seen.at("resistant.STAT3", "knockout")[0], 0.1, rtol=1e-9)
    inhibited = 0.1 / 101 + (0.1 - 0.1 / 101) * np.exp(-12)
    assert np.isclose(seen.at("resistant.STAT3", "knockout_inhibitor")[0], inhibited, rtol=1e-6)


@pytest.mark.parametrize("changes, treated", [({}, False), (TREATED, True)])
def test_loop_rests_where_release_and_loss_balance(changes, treated):
    stat3, density = settled(changes)
    expected, gain = fixed_point(density, treated)
    assert stat3 == pytest.approx(expected, rel=0.01)  # cells on a mesh instead of one layer
    assert 0 < gain < 1


def test_fixed_point_without_ligand_is_the_base():
    # an antibody that takes all leaves b = 0.1, and 0.1 + 0.1·10/(10 + 0.1) under 10 uM tamoxifen
    assert fixed_point(1e-3, antibody=1e9)[0] == pytest.approx(0.1, rel=1e-3)
    assert fixed_point(1e-3, tamoxifen=True, antibody=1e9)[0] == pytest.approx(0.1 + 0.1 / 1.01, rel=1e-3)
