import numpy as np
import pytest

from autocrine_abm.measure.population import count_cells, growth, occupied_fraction


def test_counts_match_a_slow_count():
    draws = np.random.default_rng(0)
    kind, phase = draws.integers(0, 4, 500).astype(np.int32), draws.integers(0, 3, 500).astype(np.int8)
    counts = count_cells(kind, phase, n_types=5)
    assert counts.shape == (5, 3) and counts.sum() == 500
    for t in range(5):
        for p in range(3):
            assert counts[t, p] == sum(1 for a, b in zip(kind, phase) if (a, b) == (t, p))


def test_no_cells_count_to_zero():
    assert count_cells(np.empty(0, np.int32), np.empty(0, np.int8), n_types=2).tolist() == [
        [0, 0, 0],
        [0, 0, 0],
    ]


def test_occupied_fraction_is_cells_per_voxel():
    assert occupied_fraction(30, 120) == 0.25


@pytest.mark.parametrize("rate", [0.01, -0.003])
def test_exponential_growth_is_recovered(rate):
    time = np.linspace(0, 500, 40)
    fit = growth(time, 80 * np.exp(rate * time))
    assert fit.rate == pytest.approx(rate, rel=1e-12)  # rounding
    assert fit.doubling_time == pytest.approx(np.log(2) / rate)
    assert fit.spread < 1e-12


def test_growth_looks_at_the_stretch_asked_for():
    time = np.arange(100.0)
    cells = np.where(time < 50, 100.0, 100.0 * np.exp(0.02 * (time - 50)))
    assert growth(time, cells, start=50).rate == pytest.approx(0.02)
    assert growth(time, cells, end=49).rate == pytest.approx(0.0, abs=1e-15)


def test_spread_covers_the_truth_as_often_as_it_should():
    draws = np.random.default_rng(5)
    time, inside = np.arange(30.0), 0
    for _ in range(400):
        fit = growth(time, np.exp(0.05 * time + draws.normal(0, 0.2, 30)))
        inside += abs(fit.rate - 0.05) < fit.spread
    # one standard error, 28 degrees of freedom: 67.4 %, here ± 9.4 % = 4 standard deviations of the share
    assert 0.58 < inside / 400 < 0.768


def test_growth_that_cannot_be_told_is_nan():
    assert np.isnan(growth([0.0], [5]).rate)
    assert np.isnan(growth([], []).rate)
    assert np.isnan(growth([0.0, 1.0, 2.0], [0, 0, 4]).rate)  # times without cells are left out
    assert np.isnan(growth([0.0, 1.0], [4, 5]).spread)
