"""beta-catenin rests where the destruction-rate model puts it, with and without APC, Axin and Wnt."""

import pytest

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.wnt_colorectal import RESTING, UNDER_WNT, fold

SMALL = {"tissue.dish.size": ["160 um", "160 um", "1000 um"], "run.duration": "24 hour", "record.every": "24 hour"}


def test_the_share_of_destruction_left_follows_from_the_published_levels():
    left = (RESTING / UNDER_WNT - 0.015) / (1 - 0.015)
    assert round(left, 3) == 0.184


@pytest.mark.parametrize("arm, left", [("knockout", 1.0), ("apc_knockout", 0.0), ("axin", 0.0)])
def test_beta_catenin_is_what_the_formula_gives(arm, left):
    seen = compare("wnt_colorectal", arms=[arm], seeds=(1,), overrides=SMALL)
    # 12 time constants of 2 hours leave 6e-6 of the way, those before it a few times that; the complex keeps 1e-6 of itself
    assert seen.at("epithelial.beta_catenin", arm)[0] == pytest.approx(fold(left, 0.015), rel=2e-3)


@pytest.mark.parametrize("other, more", [(0.015, {}), (0.05, {"base": 20.0, "half": 0.05 / 0.95})])
def test_under_wnt_it_follows_occupancy(other, more):
    changes = {"cell.epithelial.secretes.0.rate": "0 molecules/min", "regimen.3.concentration": "20 nM"}
    if more:
        changes |= {"cell.epithelial.node.beta_catenin.base": more["base"], "cell.epithelial.rule.3.half": more["half"]}
    seen = compare(
        "wnt_colorectal", arms=["control"], seeds=(1,), overrides=SMALL | changes,
        measure=lambda model: {"occupancy": float(model.tissues["dish"].cells.occupancy.mean())},
    )  # fmt: skip
    bound = (seen.at("occupancy")[0] / 0.05) ** 2
    left = (1 + 0.184 * bound) / (1 + bound)
    # cells start from 35 nM; 12 time constants leave 6e-6 of the way, and doses every 6 hours move occupancy little
    assert seen.at("epithelial.beta_catenin")[0] == pytest.approx(fold(left, other), rel=2e-3)
