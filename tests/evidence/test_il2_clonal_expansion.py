"""IL-2 among a few T cells: what a lone cell keeps, what a sink takes away, and receptors that follow signaling."""

import numpy as np
import pytest

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.il2_clonal_expansion import (
    capture_distance,
    capture_distance_one_by_one,
    deprivation,
    kept,
    range_among_consumers,
    range_one_by_one,
    reach,
)

SMALL = {
    "tissue.node.size": ["120 um", "120 um", "120 um"], "run.duration": "4 hour", "record.every": "1 hour",
    "cell.helper.rule.7.to": "0 1/hour",
}  # fmt: skip


@pytest.mark.parametrize("receptors", [100, 10_000])
def test_a_lone_cell_keeps_what_uptake_against_diffusion_leaves(receptors):
    uptake, diffusion = 0.0276 * receptors / (0.00743668 * 0.602214076), 4 * np.pi * 600.0 * 5.0
    assert kept(receptors) == pytest.approx(uptake / (uptake + diffusion), rel=0.02)  # walls 120 um away are open


def test_a_sink_takes_away_less_with_distance():
    distance, lost = deprivation()
    near = distance < 80  # farther, images in the periodic box add up
    assert np.all(np.diff(lost[near]) < 0)
    assert reach(distance, lost) < reach(distance, lost, share=0.02)


def test_consumers_one_by_one_give_the_range_that_the_field_has():
    # point sinks see each other's mean field exactly; the mesh of 10 um resolves 29 um well
    assert range_among_consumers(1000) == pytest.approx(range_one_by_one(1000), rel=0.03)


def test_consumers_one_by_one_capture_where_the_field_brings_ligand():
    assert capture_distance(1000) == pytest.approx(capture_distance_one_by_one(1000), rel=0.03)  # as above


def test_walls_eight_ranges_away_do_not_shorten_the_way_to_capture():
    assert capture_distance(10_000, 240.0) == pytest.approx(capture_distance(10_000, 320.0), rel=1e-3)  # e^-8 beyond


def test_receptors_follow_signaling_and_ligand_gathers_without_it():
    seen = compare("il2_clonal_expansion", arms=["control", "JAK_inhibitor", "knockout"], seeds=(1,), overrides=SMALL)
    assert seen.at("helper.CD25")[0] > 0.2 > 0.01 > seen.at("helper.CD25", "JAK_inhibitor")[0]
    assert seen.at("helper.CD25", "knockout")[0] == 0.0
    assert seen.at("IL2.mean", "JAK_inhibitor")[0] > 3 * seen.at("IL2.mean")[0] > 0.0
