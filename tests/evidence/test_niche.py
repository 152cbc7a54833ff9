"""The niche of a cytokine: the boundary value problem, and a short form of the simulation."""

import numpy as np
import pytest

from autocrine_abm.evidence import niche
from autocrine_abm.scenario.files import read


@pytest.mark.parametrize("release, length", niche.PUBLISHED)
def test_the_boundary_value_problem_gives_the_published_numbers(release, length):
    u = niche.profile(release, length)
    rho = np.linspace(1, 60, 20_001)
    surface, *radii = niche.PUBLISHED[release, length]
    assert u(1.0) == pytest.approx(surface, abs=0.006)  # the digits given
    for level, radius in zip(niche.LEVELS, radii):
        assert niche.radius_of(level, rho, u(rho)) == pytest.approx(radius, abs=0.006)


def test_far_from_saturation_it_is_the_screened_field_of_a_sphere():
    u = niche.profile(1e-6, 7.0, edge=100.0)
    for rho in (1.0, 3.0, 10.0, 30.0):
        assert u(rho) == pytest.approx(1e-6 * np.exp(-(rho - 1) / 7) / (rho * (1 + 1 / 7)), rel=1e-3)


def test_the_scenario_has_the_published_numbers():
    release, length = niche._numbers(read("cytokine_niche"))
    assert release == pytest.approx(3.17, abs=0.005) and length == pytest.approx(7, abs=0.005)


def test_a_small_field_of_consumers_has_the_niche_of_the_equations():
    """Half the box of the scenario, 8.6 decay lengths: only u = 1 and 0.1 are far from the walls."""
    spec = read("cytokine_niche", {"tissue.node.size": ["300 um"] * 3})
    shells, level, model = niche.simulate(spec)
    assert model.n_cells == 25**3  # one place of 25³ is the sender's
    u = niche.profile(*niche._numbers(spec))
    rho = np.linspace(1, 28, 20_001)
    assert level[0] == pytest.approx(u(1.0), rel=0.05)  # consumers smeared out
    for threshold in (1.0, 0.1):
        expected = niche.radius_of(threshold, rho, u(rho))
        assert niche.radius_of(threshold, shells, level) == pytest.approx(expected, rel=0.05)
