"""What stands along an axis, and that a phase diagram names each phase once."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from autocrine_abm.output.surfaces import Axis, phase_map


def told(values, along="xaxis"):
    axes = Figure().subplots()
    Axis(values, "dose").mark(getattr(axes, along))
    return [label.get_text() for label in getattr(axes, along).get_ticklabels()]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1e-3, 1e-2, 0.1, 1.0], ["0.001", "0.01", "0.1", "1"]),
        ([1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6], ["1", "10", "10²", "10³", "10⁴", "10⁵", "10⁶"]),
    ],
)
def test_powers_of_ten_are_all_written_alike(values, expected):
    assert told(values) == expected


def test_numbers_do_not_touch_across_and_have_room_upward():
    densities = [0.01, 0.02, 0.04, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4]
    across, places = told(densities), np.log10([float(text) for text in told(densities)])
    assert across[0] == "0.01" and across[-1] == "0.4" and np.diff(places).min() > 0.09 * np.ptp(places)
    assert set(across) < set(told(densities, "yaxis"))


def test_a_phase_diagram_names_each_phase_once():
    first, second = Axis([1.0, 2.0, 3.0, 4.0], "range"), Axis([0.0, 1.0, 2.0], "rate")
    left = np.repeat(np.array([[0.9], [0.7], [0.2], [0.1]]), 3, axis=1)
    svg = phase_map(first, second, np.array([left, 1 - left, 0 * left]), ["near", "far", "none"], "Whose")
    words = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert words.count("near") == words.count("far") == 1 and "none" not in words
    assert phase_map(first, second, np.array([np.full((4, 3), np.nan), left]), ["a", "b"], "Part").count("<svg") == 1
