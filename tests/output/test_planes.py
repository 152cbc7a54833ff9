"""The field on the plane of a cut through a solid tissue."""

import naive.picture as naive
import numpy as np
import pytest

from autocrine_abm.output.colors import ramp
from autocrine_abm.output.picture import draw_view

SIZE, EXTENT = (120.0, 90.0, 60.0), 150.0
NOBODY = np.empty((0, 3)), np.empty(0), np.empty((0, 3), np.uint8)


@pytest.mark.parametrize("axis, at", [("x", 70.0), ("y", 40.0), ("z", 25.0)])
@pytest.mark.parametrize("azimuth, elevation", [(-55.0, 25.0), (130.0, -40.0)])
def test_it_lies_where_the_line_of_sight_meets_the_plane(axis, at, azimuth, elevation):
    """Blocks of equal voxels, so that interpolation matters at their borders only; the paper shines through by a fifth."""
    field = np.kron(np.random.default_rng(1).uniform(0, 1, (3, 3, 3)), np.ones((8, 6, 4)))
    center = np.array(SIZE) / 2
    view = {"azimuth": azimuth, "elevation": elevation, "cut": (axis, at), "extent": EXTENT, "width": 90, "height": 70}
    shown = draw_view(SIZE, *NOBODY, field=field, low=0.0, high=1.0, paper=200, **view)
    expected = naive.section_colors(field, SIZE, 0.0, 1.0, ramp(), paper=200, center=center, **view).astype(float)
    plane = (expected != 200).any(axis=2)
    expected[plane] = 0.8 * expected[plane] + 0.2 * 200
    close = np.abs(shown - expected).max(axis=2) <= 2  # rounding of color and level
    assert plane.mean() > 0.1 and close[~plane].all()  # a pixel on the rim may fall either way, and none did
    assert close[plane].mean() > 0.5  # the rest lies within a voxel of a border between blocks


def test_cells_that_are_cut_stand_before_it_and_those_behind_shimmer_through():
    position, radius = np.array([[60.0, 45.0, 30.0], [60.0, 75.0, 30.0]]), np.array([10.0, 10.0])
    color = np.array([[250, 0, 0], [250, 0, 0]], np.uint8)
    view = {"azimuth": -90.0, "elevation": 0.0, "cut": ("y", 45.0), "extent": EXTENT, "width": 90, "shadows": False}
    field = np.full((12, 9, 6), 1.0)

    def middle(rows, **options):
        return draw_view(SIZE, position[rows], radius[rows], color[rows], **options, **view)[45, 45].astype(float)

    np.testing.assert_array_equal(middle([0], field=field), middle([0]))
    for rows in ([], [1]):
        expected = 0.8 * ramp()[255] + 0.2 * middle(rows)
        np.testing.assert_allclose(middle(rows, field=field), expected, atol=0.51)  # rounded to whole numbers
    assert (draw_view(SIZE, *NOBODY, field=field, **view | {"cut": None}) == 250).all()  # no cut, no plane
    assert (draw_view(SIZE, *NOBODY, field=field, **view | {"azimuth": 0.0}) == 250).all()  # seen edge on
