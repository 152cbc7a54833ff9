"""Breast cancer cells with a Wnt of their own, in a small dish: who answers to sFRP1, and by which way."""

from autocrine_abm.evidence.comparison import compare

SMALL = {"tissue.dish.size": ["160 um", "160 um", "1000 um"], "run.duration": "24 hour", "record.every": "24 hour"}


def test_wnt_blocks_lower_both_branches_and_the_egfr_inhibitor_one():
    arms = ["control", "sfrp1", "egfr", "porcupine", "knockout", "apc", "apc_sfrp1", "knockout_sfrp1", "knockout_egfr"]
    seen = compare("wnt_breast", arms=arms, seeds=(1,), overrides=SMALL)
    folds = {arm: seen.at("carcinoma.beta_catenin", arm)[0] for arm in arms}
    erk = {arm: seen.at("carcinoma.ERK", arm)[0] for arm in arms}
    assert max(folds["sfrp1"], folds["porcupine"]) < 1.1 < folds["egfr"]
    assert erk["egfr"] < erk["knockout"] <= erk["sfrp1"] < erk["control"]
    # without APC the complex that is left is below 1e-5, of a threshold of 0.0152
    assert abs(folds["apc_sfrp1"] / folds["apc"] - 1) < 1e-3
    assert erk["apc_sfrp1"] < erk["apc"]
    # without Wnt sFRP1 has nothing to bind, and EGFR has what its other ligands do
    assert erk["knockout_egfr"] < erk["knockout"] == erk["knockout_sfrp1"]
