"""IL-2 in a well-mixed culture: as a hand calculation where no cell senses it, lower where cells do."""

import numpy as np
import pytest

from autocrine_abm.evidence.il2_culture import INHIBITED, exponents, highest, highest_unsensed

ALONE = {
    "cell.helper.apoptosis_rate": "0 1/hour", "cell.helper.rule.8.to": "0 1/hour", "cell.helper.receptor.0.number": 1,
    "cell.helper.rule.5.to": 1,
}  # fmt: skip


def test_what_nobody_senses_gathers_as_release_and_decay_make_it():
    # release follows antigen a step of 5 min late, and antigen loses 1.6 % in one
    assert highest(1e4, 0.1, ALONE, number=10) == pytest.approx(highest_unsensed(1e4, 0.1), rel=0.02)


def test_signaling_stops_release_at_its_threshold():
    untreated, inhibited = highest(1e5), highest(1e5, overrides=INHIBITED)
    assert 10.0 < untreated < 0.5 * inhibited < 0.5 * highest_unsensed(1e5)


def test_the_exponents_of_a_power_law_are_found():
    cells, antigen = np.array([1e3, 1e3, 1e5, 1e5]), np.array([0.1, 1.0, 0.1, 1.0])
    assert exponents(cells, antigen, 3.0 * cells**-0.1 * antigen**0.76) == pytest.approx((-0.1, 0.76))
