"""RANTES under tamoxifen in a small dish: the loop saves, and what the medium holds is what was made."""

import numpy as np

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.rantes_tamoxifen import grows

SMALL = {
    "tissue.dish.size": ["160 um", "160 um", "600 um"], "run.duration": "36 hour", "record.every": "6 hour",
    "regimen.3.doses": 6,
}  # fmt: skip


def test_only_the_broken_loop_kills_and_added_ligand_makes_up_for_the_inhibitor():
    arms = ["tamoxifen", "tamoxifen_inhibitor", "tamoxifen_inhibitor_added"]
    seen = compare("rantes_tamoxifen", arms=arms, seeds=(1,), overrides=SMALL)
    ratio = {arm: float(grows(seen, arm)[0]) for arm in arms}
    assert ratio["tamoxifen_inhibitor"] < 1 < ratio["tamoxifen"]
    assert ratio["tamoxifen_inhibitor_added"] > 1


def test_nodes_rest_where_their_rules_put_them():
    seen = compare("rantes_tamoxifen", arms=["control", "inhibitor"], seeds=(1,), overrides=SMALL | {"run.duration": "6 hour"})
    # the inhibitor leaves 1/(1 + (10 uM/1 uM)^2) of the base of 0.3, approached with 30 min
    assert np.isclose(seen.at("resistant.STAT3")[0], 0.3, rtol=1e-9)
    assert np.isclose(seen.at("resistant.STAT3", "inhibitor")[0], 0.3 / 101 + (0.3 - 0.3 / 101) * np.exp(-12), rtol=1e-6)
