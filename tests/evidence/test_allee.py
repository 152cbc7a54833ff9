"""The Allee effect: formulas against published numbers, a short run against the mean-field equation."""

import numpy as np
import pytest

from autocrine_abm.evidence import allee


def test_the_self_signal_is_the_exact_value_of_the_lattice():
    # (2/π) K(m)/z at h/λ = 0.8944 is 0.27418, in units of h²/D = 800 s
    assert allee.self_signal() == pytest.approx(0.27418 * 800, rel=2e-5)
    assert allee.self_signal() == pytest.approx(219.34, abs=0.01)


def test_critical_death_rates():
    assert allee.critical_death_rate(allee.PAPER_KAPPA) == pytest.approx(3.286e-5, abs=1e-8)
    assert allee.critical_death_rate(allee.self_signal()) == pytest.approx(3.193e-5, abs=1e-8)
    assert allee.critical_death_rate(0.0) == allee.ALPHA  # nobody makes anything: plain logistic growth


@pytest.mark.parametrize(
    "death_rate, published, digits", [(2.5e-5, 0.716, 1e-3), (3.0e-5, 0.633, 1e-3), (3.2e-5, 0.071, 1e-3),
    (3.4e-5, 0.0043, 1e-4)]
)  # fmt: skip
def test_mean_field_equation_with_the_papers_self_signal(death_rate, published, digits):
    (density,) = allee.mean_field(0.01, death_rate, [1e6], allee.PAPER_KAPPA)
    assert density == pytest.approx(published, abs=digits)  # the digits given


def test_mean_field_equation_on_the_exact_lattice_and_over_time():
    (density,) = allee.mean_field(0.01, 3.0e-5, [1e6], allee.self_signal())
    assert density == pytest.approx(0.621, abs=1e-3)
    course = allee.mean_field(0.05, 3.75e-5, [1e5, 3e5, 1e6], allee.PAPER_KAPPA)
    assert course == pytest.approx([0.038, 0.019, 0.001], abs=6e-4)


def test_chance_spreads_a_sparse_tumor_as_a_birth_death_process_does(monkeypatch):
    monkeypatch.setattr(allee, "RHO", 0.0)  # b = 1e-5, d = 3e-5 1/s while nearly all sites are free
    (mean,), (deviation,) = allee.demographic(0.001, 3e-5, [30_000.0], 0.0, sites=1_000_000, runs=4000)
    growth = np.exp(-2e-5 * 30_000)
    assert mean == pytest.approx(0.001 * growth, rel=0.005)  # 1000 cells, 4000 runs: 4 standard errors are 0.2 %
    variance = 1000 * (4e-5 / 2e-5) * growth * (1 - growth)  # n0 (b + d)/(d − b) e^(bt−dt) (1 − e^(bt−dt))
    assert deviation * 1e6 == pytest.approx(np.sqrt(variance), rel=0.06)  # 4 standard errors of 4000 runs are 4.5 %


def test_chance_hardly_moves_a_dense_tumor():
    (mean,), (deviation,) = allee.demographic(0.1, 1e-5, [5e5], allee.self_signal())
    assert mean == pytest.approx(allee.mean_field(0.1, 1e-5, [5e5], allee.self_signal())[0], abs=2e-3)
    assert 0.002 < deviation < 0.005


def test_a_short_run_follows_the_mean_field_equation():
    times = [1e5, 2e5]
    simulated = allee._simulate(1e-5, 0.05, times, seed=1)
    expected = allee.mean_field(0.05, 1e-5, times, allee.self_signal())
    # 500 cells at the start that divide and die independently: 3 sd of ln n is 3 sqrt(t * (birth + death) /
    # n) = 0.2
    assert np.abs(np.log(simulated / expected)).max() < 0.2
