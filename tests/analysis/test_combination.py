"""Two drugs together: independent drugs have no Bliss excess, a drug and itself no Loewe excess."""

import numpy as np
import pytest

from autocrine_abm.analysis.combination import bliss_excess, effects, loewe_effect, loewe_excess
from autocrine_abm.analysis.dose_response import HillFit

A, B = np.array([0, 1, 3, 10, 30.0]), np.array([0, 0.2, 0.5, 2, 5.0])


def test_independent_drugs_have_no_bliss_excess():
    left = np.outer(1 / (1 + A / 4), 1 / (1 + (B / 0.7) ** 2))
    assert bliss_excess(effects(1000 * left)) == pytest.approx(np.zeros((5, 5)), abs=1e-14)  # rounding


def test_synergy_and_antagonism_have_their_sign():
    effect = np.array([[0, 0.5], [0.5, 0.9]])
    assert bliss_excess(effect)[1, 1] == pytest.approx(0.15)
    effect[1, 1] = 0.5
    assert bliss_excess(effect)[1, 1] == pytest.approx(-0.25)


def test_a_drug_and_itself_have_no_loewe_excess():
    drug = HillFit(0, 0.9, 4, 1.7)  # the same drug, told in units of which the second is five times larger
    effect = drug(A[:, None] + 5 * B[None, :])
    excess = loewe_excess(A, B, effect, drug, HillFit(0, 0.9, 4 / 5, 1.7))
    assert excess == pytest.approx(np.zeros((5, 5)), abs=1e-10)  # what the root finder leaves
    fitted = loewe_excess(A, B, effect)
    assert fitted == pytest.approx(np.zeros((5, 5)), abs=1e-4)  # curves are fitted to five doses, good to 1e-5


def test_a_dose_beyond_what_the_weaker_drug_can_do_counts_nothing():
    strong, weak = HillFit(0, 1, 1, 1), HillFit(0, 0.2, 1, 1)
    assert loewe_effect(9, 5, strong, weak) == pytest.approx(0.9)


def test_one_drug_alone_has_its_own_effect():
    curve = HillFit(0, 1, 1, 1)
    assert loewe_effect(0, 1, curve, curve) == loewe_effect(1, 0, curve, curve) == 0.5
