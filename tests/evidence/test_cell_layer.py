"""A layer of discs: the closed form against its integral, one disc per square, a short form of the checks."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import j0, jn_zeros

from autocrine_abm.evidence import cell_layer


@pytest.mark.parametrize("u", [0.05, 0.5, 2.0, 10.0])
def test_lateral_share_is_the_integral_of_what_the_plane_absorbs(u):
    """p(r) ∝ ∫ k J₀(kr)/(k + κ/D) dk; integrated to r, F = 1 − ∫ J₀(t) t (…) = u ∫ J₁(t)/(t + u) dt."""
    zeros = np.concatenate([[0.0], jn_zeros(1, 400)])
    pieces = [quad(lambda t: -j0_slope(t) / (t + u), low, high)[0] for low, high in zip(zeros, zeros[1:])]
    sums = np.cumsum(pieces)
    for _ in range(8):  # an alternating series: means of partial sums converge fast
        sums = (sums[1:] + sums[:-1]) / 2
    assert cell_layer.lateral_share(u) == pytest.approx(u * sums[-1], abs=1e-7)


def j0_slope(t):
    return (j0(t + 1e-5) - j0(t - 1e-5)) / 2e-5


def test_the_tail_is_so_heavy_that_the_mean_is_infinite():
    assert 1 - cell_layer.lateral_share(100.0) == pytest.approx(1 / 100, rel=1e-2)


def test_a_single_even_disc_in_a_wide_dish():
    diffusion, radius, edge, height = 600.0, 5.0, 1000.0, 1000.0
    clearance = np.pi * diffusion * radius
    own, rate = cell_layer.even_discs(
        np.array([[500.0, 500.0]]), edge, height, radius, diffusion, clearance, 1
    )
    assert own[0] == 1.0  # nobody else is there
    # a square lattice of far discs: 1/κ = L² (1/U + 8/(3π² D a)) − 3.900265 L/(2π D), the sum over the
    # lattice less its mean
    exact = edge**2 * (1 / clearance + 8 / (3 * np.pi**2 * diffusion * radius)) - 3.900265 * edge / (
        2 * np.pi * diffusion
    )
    assert 1 / rate == pytest.approx(exact, rel=2e-3)  # 1024 points: ten across the disc


def test_short_form_of_the_checks():
    checks = cell_layer.checks(fractions=(0.1,), senders=3, spread=())
    assert len(checks) == 3 + 4
    assert [check.result for check in checks if not check.verdict] == []
