"""Cells in suspension: the formulas with each other, random places, and a short form of the checks."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial.distance import pdist

from autocrine_abm.evidence import suspension


def test_distances_follow_from_the_density_of_captures():
    a, span = 5.0, 25.4
    density = lambda r: r * np.exp(-(r - a) / span) / (span * (a + span))  # noqa: E731
    assert quad(density, a, 60 * span)[0] == pytest.approx(1, rel=1e-9)
    assert suspension.mean_distance(a, span) == pytest.approx(
        quad(lambda r: r * density(r), a, 60 * span)[0], rel=1e-9
    )
    for part in (0.1, 0.5, 0.9):
        assert quad(density, a, suspension.quantile(part, a, span))[0] == pytest.approx(part, rel=1e-9)


@pytest.mark.parametrize(
    "receptors, share, span, mean",
    [(1e3, 0.14, 30.1, 60.9), (1.5e3, 0.197, 25.4, 51.7), (1e4, 0.62, 14.3, 29.9)],
)
def test_the_linear_regime_of_brunner_2024(receptors, share, span, mean):
    """Consumers of radius 5 µm 20 µm apart, K = 7.4 pM, internalization 0.46e-3 1/s, D = 10 µm²/s."""
    clearance = 0.46e-3 * 60 * receptors / (7.437e-3 * 0.602214076)
    limit = 4 * np.pi * 600.0 * 5.0
    assert clearance / (clearance + limit) == pytest.approx(share, abs=0.005)
    found = suspension.effective_range(1 / 20.0**3, clearance, 600.0, 5.0)
    assert found == pytest.approx(span, abs=0.06)
    assert suspension.mean_distance(5.0, found) == pytest.approx(mean, abs=0.15)


def test_scattered_points_keep_their_distance():
    points = suspension.scatter(200, [100.0, 100.0], 5.0, np.random.default_rng(1))
    assert points.shape == (200, 2) and pdist(points).min() >= 5.0
    wrapped = np.abs(points[:, None] - points[None])
    wrapped = np.minimum(wrapped, 100 - wrapped)
    assert (np.hypot(*wrapped.T) + 10 * np.eye(200)).min() >= 5.0


def test_short_form_of_the_checks():
    checks = suspension.checks(fractions=(0.0045,), senders=12)
    assert len(checks) == 7
    assert [check.result for check in checks if not check.verdict] == []
