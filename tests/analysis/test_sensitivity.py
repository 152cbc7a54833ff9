"""Global sensitivity of the Ishigami function, whose indices are published, through the designs of a sweep."""

import numpy as np
import pytest

pytest.importorskip("SALib")

from autocrine_abm.analysis.sensitivity import sensitivity
from autocrine_abm.experiments.design import points_of, shares_of
from autocrine_abm.scenario.variation import parse_variation

NAMES = ["x1", "x2", "x3"]
# Ishigami and Homma 1990 with a = 7, b = 0.1: S1 = (0.3139, 0.4424, 0), ST = (0.5576, 0.4424, 0.2437), Sobol and Levitan 1999
FIRST, TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)


def ishigami(shares):
    x = np.pi * (2 * shares - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def index(table, kind):
    part = table[table["index"] == kind].set_index("parameter")
    return part["value"].reindex(NAMES).to_numpy(), part["interval"].reindex(NAMES).to_numpy()


def test_sobol_indices_of_ishigami():
    shares = shares_of(3, "saltelli", 1024, 1)
    table = sensitivity("saltelli", NAMES, shares, ishigami(shares))
    for kind, truth in (("first-order", FIRST), ("total", TOTAL)):
        value, half = index(table, kind)
        assert (half < 0.12).all()  # the estimator's standard error is about 1/√1024 = 0.03, and 0.06 for 95 %
        assert (np.abs(value - truth) < np.maximum(half, 0.01)).all()


def test_indices_of_given_data():
    shares = shares_of(3, "lhs", 1000, 1)
    value, half = index(sensitivity("lhs", NAMES, shares, ishigami(shares)), "first-order")
    assert np.abs(value - FIRST) == pytest.approx(np.zeros(3), abs=0.07)  # two standard errors, 1/√1000 each
    assert (half > 0).all()


def test_elementary_effects_of_a_plane_are_its_slopes():
    shares = shares_of(3, "morris", 6, 1)
    table = sensitivity("morris", NAMES, shares, shares @ [3.0, -2.0, 0.0])
    assert index(table, "mu_star")[0] == pytest.approx([3, 2, 0], abs=1e-12)
    assert index(table, "mu")[0] == pytest.approx([3, -2, 0], abs=1e-12)
    assert index(table, "sigma")[0] == pytest.approx([0, 0, 0], abs=1e-7)  # root of a rounded variance


def test_blocks_with_a_failed_run_are_left_out():
    shares = shares_of(3, "saltelli", 64, 1)
    values = ishigami(shares)
    kept = sensitivity("saltelli", NAMES, shares[:-5], values[:-5])
    values[-2] = np.nan
    assert sensitivity("saltelli", NAMES, shares, values).equals(kept)


def test_a_measure_that_does_not_vary_has_no_indices():
    shares = shares_of(3, "lhs", 64, 1)
    assert sensitivity("lhs", NAMES, shares, np.ones(64)).empty


@pytest.mark.parametrize("design, block", [("saltelli", 4), ("morris", 3)])
def test_designs_are_blocks_within_the_distributions(design, block):
    variations = [parse_variation("a = uniform 0..1"), parse_variation("b = normal 5 sd 1")]
    points = points_of(variations, design, 8, seed=2)
    assert len(points) == 8 * block and points == points_of(variations, design, 8, seed=2)
    first, second = np.array(points, float).T
    assert first.min() >= 0.01 and first.max() <= 0.99
    assert abs(second - 5).max() <= 2.3264  # the 99th percentile of a bell
