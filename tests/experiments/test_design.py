"""Designs hold what their names promise; plans give every run its seed."""

import numpy as np
import pytest

from autocrine_abm.errors import AutocrineError
from autocrine_abm.experiments.design import points_of
from autocrine_abm.experiments.plan import Plan, seed_of
from autocrine_abm.scenario.sweep import Sweep
from autocrine_abm.scenario.variation import parse_variation

UNIT = [parse_variation("a = uniform 0..1"), parse_variation("b = uniform 0..1"), parse_variation("c = uniform 0..1")]


def test_a_grid_holds_every_combination_once():
    points = points_of([parse_variation("a = 1, 2"), parse_variation("b = x, y, z")])
    assert points == [(1, "x"), (1, "y"), (1, "z"), (2, "x"), (2, "y"), (2, "z")]


def test_a_latin_hypercube_has_one_value_in_every_slice():
    points = np.array(points_of(UNIT, "lhs", samples=20, seed=3))
    for column in points.T:
        assert sorted((column * 20).astype(int)) == list(range(20))


def test_a_sobol_sequence_has_one_point_in_every_elementary_box():
    points = np.array(points_of(UNIT[:2], "sobol", samples=16, seed=3))
    for rows, columns in ((16, 1), (8, 2), (4, 4), (2, 8), (1, 16)):  # a (0, 4, 2)-net in base 2, scrambled or not
        boxes = (points * [rows, columns]).astype(int)
        assert len(np.unique(boxes, axis=0)) == 16


def test_a_sobol_sequence_goes_on_where_it_was():
    assert points_of(UNIT, "sobol", 5, seed=3) == points_of(UNIT, "sobol", 8, seed=3)[:5]


def test_random_points_are_uniform():
    points = np.array(points_of(UNIT, "random", samples=4000, seed=3))
    # standard error of the mean is 1/sqrt(12 * 4000) = 0.0046; five of them are exceeded once in a million
    assert np.abs(points.mean(axis=0) - 0.5).max() < 0.023 and np.abs(np.corrcoef(points.T) - np.eye(3)).max() < 0.08


@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
def test_the_seed_decides(design):
    assert points_of(UNIT, design, 8, seed=1) == points_of(UNIT, design, 8, seed=1) != points_of(UNIT, design, 8, seed=2)


@pytest.mark.parametrize(
    ("design", "samples", "words"),
    [("grid", None, "is a distribution"), ("lhs", None, "samples: missing"), ("sobol", 10**9, "up to 10,000,000")],
)
def test_designs_that_cannot_be(design, samples, words):
    with pytest.raises(AutocrineError, match=words):
        points_of(UNIT, design, samples)


def test_a_grid_knows_its_size():
    with pytest.raises(AutocrineError, match="this grid has 2 points"):
        points_of([parse_variation("a = 1, 2")], samples=5)


def plan(*lines, **options):
    return Plan(Sweep(vary=lines, **options), seed=5)


def test_seeds_differ_between_runs_and_stay_when_replicates_are_added():
    few, many = plan("a = 1, 2, 3", replicates=2), plan("a = 1, 2, 3", replicates=50)
    seeds = [many[number].seed for number in range(len(many))]
    assert len(set(seeds)) == 150 and 0 <= min(seeds) and max(seeds) < 2**63
    assert {(run.point, run.replicate, run.seed) for run in few} < {(run.point, run.replicate, run.seed) for run in many}


def test_paired_plans_share_seeds_between_points():
    runs = list(plan("a = 1, 2, 3", replicates=4, paired=True))
    for replicate in range(4):
        assert len({run.seed for run in runs if run.replicate == replicate}) == 1
    assert len({run.seed for run in runs}) == 4


def test_the_sweep_seed_decides():
    assert plan("a = 1", seed=1)[0].seed != plan("a = 1", seed=2)[0].seed and plan("a = 1")[0].seed == seed_of(5, 0, 0)


def test_rows_tell_numbers_in_one_unit_and_words():
    table = plan("a = 0.5 nM, 1 uM", "b = x, y", "c = 1, 2", "d, e = 1 1/min, 2 1/min", "f = true, 3")
    assert table.units == {"a": "nM", "b": "", "c": "", "d": "1/min", "f": ""}
    assert table.kinds == {"a": "float", "b": "word", "c": "int", "d": "int", "f": "word"}
    first, last = table.row(0), table.row(len(table) - 1)
    assert [first[name] for name in "abcdf"] == [0.5, "x", 1, 1, "true"] and "e" not in first
    assert [last[name] for name in "abcdf"] == [1000, "y", 2, 2, "3"]
    assert table[0].values == {"a": "0.5 nM", "b": "x", "c": 1, "d": "1 1/min", "e": "1 1/min", "f": True}


def test_quantities_without_a_common_dimension_stay_words():
    assert plan("a = 20 mmHg, 1 nM").kinds == {"a": "word"} and plan("a = no-flux, 5 nM").kinds == {"a": "word"}
