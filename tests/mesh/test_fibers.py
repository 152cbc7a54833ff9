"""Directions of fibers, from their definition."""

import numpy as np
import pytest
from pydantic import ValidationError

from autocrine_abm.mesh.fibers import Fibers

SIZE = (100.0, 80.0, 60.0)
PLACES = np.array([[10.0, 20.0, 30.0], [90.0, 70.0, 5.0]])


def test_parallel_fibers_run_alike_everywhere():
    along = Fibers(direction=[2, 0, -2]).along(PLACES, SIZE)
    assert np.allclose(along, np.tile([0.5**0.5, 0, -(0.5**0.5)], (2, 1)), rtol=1e-15)


def test_radial_fibers_point_away_and_circumferential_ones_across():
    for about, middle in ((None, [50.0, 40.0, 30.0]), (["1 um", "2 um", "3 um"], [1.0, 2.0, 3.0])):
        away = PLACES - middle
        radial = Fibers(pattern="radial", around=about).along(PLACES, SIZE)
        assert np.allclose(radial, away / np.linalg.norm(away, axis=1)[:, None], rtol=1e-14)
        for axis in (None, [1.0, 1.0, 0.0]):
            across = Fibers(pattern="circumferential", around=about, direction=axis).along(PLACES, SIZE)
            assert np.allclose(np.linalg.norm(across, axis=1), 1, rtol=1e-14)
            assert np.allclose(across @ np.array(axis or [0.0, 0.0, 1.0]), 0, atol=1e-14)
            assert np.allclose(np.einsum("ij,ij->i", across, away), 0, atol=1e-12)


def test_there_is_no_direction_in_the_middle():
    middle = 0.5 * np.array([SIZE])
    assert (Fibers(pattern="radial").along(middle, SIZE) == 0).all()
    assert (Fibers(pattern="circumferential").along(middle + [[0, 0, 9.0]], SIZE) == 0).all()


@pytest.mark.parametrize(
    "stated, message",
    [
        ({}, "without a direction"),
        ({"direction": [0, 0, 0]}, "not 0"),
        ({"direction": [float("nan"), 0, 0]}, "not 0"),
        ({"direction": [1, 0]}, "direction"),
        ({"pattern": "radial", "around": [1, 2, 3]}, "no unit"),
        ({"pattern": "crossed"}, "radial"),
    ],
)
def test_faults(stated, message):
    with pytest.raises(ValidationError, match=message):
        Fibers(**stated)
