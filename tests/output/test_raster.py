import naive.picture as naive
import numpy as np
import pytest

from autocrine_abm.output import raster
from autocrine_abm.output.colors import ramp


@pytest.fixture
def draws():
    return np.random.default_rng(3)


def test_field_matches_twin(draws):
    values = draws.random((7, 5))
    window = np.array([-1.0, 7.5, 0.5, 6.0])
    image, expected = np.full((33, 51, 3), 9, np.uint8), np.full((33, 51, 3), 9, np.uint8)
    raster.paint_field(values, ramp(), 0.1, 0.8, False, window, image)
    naive.paint_field(values, ramp(), 0.1, 0.8, window, expected)
    assert np.array_equal(image, expected)


def test_smooth_field_is_linear_between_centers():
    values = np.arange(6.0)[:, None] * np.ones((6, 4))
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    image = np.zeros((8, 120, 3), np.uint8)
    raster.paint_field(values, gray, 0.0, 5.0, True, np.array([0.0, 6.0, 0.0, 4.0]), image)
    u = (np.arange(120) + 0.5) / 20 - 0.5
    exact = np.clip(u, 0, 5) / 5 * 255
    assert np.abs(image[3, :, 0] - exact).max() <= 0.5 + 1e-9  # half a gray level: rounding to whole levels


def test_discs_cover_what_the_twin_covers(draws):
    shape, n = (60, 80), 12
    x, y, r = draws.uniform(0, 80, n), draws.uniform(0, 60, n), draws.uniform(3, 9, n)
    for cell in range(n):
        image = np.zeros((*shape, 3), np.uint8)
        raster.paint_discs(x[[cell]], y[[cell]], r[[cell]], np.full((1, 3), 200, np.uint8), 1.0, image)
        inside = naive.covered(x[[cell]], y[[cell]], r[[cell]], shape)[0]
        # pixels that the rim passes are blended; a pixel is more than half covered where its center is inside
        assert (
            np.array_equal(image[..., 0] >= 100, inside) or np.mean((image[..., 0] >= 100) != inside) < 2e-3
        )
        well_inside = naive.covered(x[[cell]], y[[cell]], r[[cell]] - 0.5, shape)[0]
        outside = ~naive.covered(x[[cell]], y[[cell]], r[[cell]] + 0.5, shape)[0]
        assert (image[well_inside] == 200).all() and (image[outside] == 0).all()


def test_disc_area_is_right_whatever_its_size():
    for r in (0.7, 1.5, 4.3, 20.0):
        image = np.zeros((50, 50, 3), np.uint8)
        raster.paint_discs(
            np.array([25.2]), np.array([24.7]), np.array([r]), np.full((1, 3), 250, np.uint8), 1.0, image
        )
        area = image[..., 0].sum() / 250
        # a rim of width 1 that fades evenly covers the disc, and 1/24 of a pixel's width more per rim length
        assert area == pytest.approx(
            np.pi * (r**2 + 1 / 12), rel=0.06
        )  # pixels sample the rim, few for small discs


def test_outline_is_darker_and_inside_is_not():
    image = np.full((60, 60, 3), 255, np.uint8)
    raster.paint_discs(
        np.array([30.0]), np.array([30.0]), np.array([20.0]), np.full((1, 3), 200, np.uint8), 0.5, image
    )
    assert image[30, 30, 0] == 200
    assert image[30, 10:13, 0].min() == 100  # half as bright


def test_discs_outside_the_picture_do_no_harm():
    image = np.zeros((20, 30, 3), np.uint8)
    x, y = np.array([-50.0, 15.0, 400.0, 29.9]), np.array([10.0, -80.0, 10.0, 19.9])
    raster.paint_discs(x, y, np.full(4, 3.0), np.full((4, 3), 255, np.uint8), 1.0, image)
    assert image[:15, :25].max() == 0 and image[19, 29, 0] == 255


PLANES = {
    "no cut": [0.0, 0.0, 0.0, np.inf],
    "facing": [0.0, 0.0, 1.0, 3.0],
    "slanted": [0.6, 0.0, 0.8, 20.0],
    "edge on": [1.0, 0.0, 0.0, 25.0],
}


@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
def test_spheres_match_twin(draws, plane):
    shape, n = (40, 50), 25
    x, y, z = draws.uniform(0, 50, n), draws.uniform(0, 40, n), draws.uniform(-10, 10, n)
    r, plane = draws.uniform(2, 8, n), np.array(plane)
    depth_of, owner = np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int64)
    raster.cover_spheres(x, y, z, r, plane, depth_of, owner)
    expected_depth, expected_owner = naive.cover_spheres(x, y, z, r, plane, shape)
    covered = expected_owner >= 0
    assert np.array_equal(owner >= 0, covered) and 0.1 < covered.mean() < 1
    # depths are kept in float32; where two surfaces are that close (cut faces are), either may win
    assert np.allclose(depth_of[covered], expected_depth[covered], atol=1e-5)
    same = owner == expected_owner
    if plane[2] == 0:
        assert same.all()


def test_cut_faces_in_one_plane_show_no_stripes():
    x, y, z, r = np.array([300.0, 306.0]), np.array([300.0, 303.0]), np.zeros(2), np.full(2, 8.0)
    plane = np.array([0.48, 0.36, 0.8, 0.48 * 303 + 0.36 * 301])
    depth_of, owner = np.full((600, 600), -np.inf, np.float32), np.full((600, 600), -1, np.int64)
    raster.cover_spheres(x, y, z, r, plane, depth_of, owner)
    row, column = np.mgrid[:600, :600] + 0.5
    face = (plane[3] - plane[0] * column - plane[1] * row) / plane[2]
    inside = [np.hypot(column - x[n], row - y[n]) ** 2 + (face - z[n]) ** 2 < (r[n] - 0.1) ** 2 for n in (0, 1)]
    both = inside[0] & inside[1]
    assert both.sum() > 50 and (owner[both] == 0).all() and (owner == 1).any()


def test_mean_depth_matches_twin(draws):
    depth_of = draws.normal(size=(23, 31)).astype(np.float32)
    owner = draws.integers(-1, 2, size=(23, 31))
    depth_of[owner < 0] = -np.inf
    for reach in (1, 4, 40):
        mean = np.empty_like(depth_of)
        raster.mean_depth(depth_of, owner, reach, mean)
        assert np.allclose(mean, naive.mean_depth(depth_of, owner, reach), atol=1e-5)  # float32


def test_depth_span_is_that_of_what_is_seen():
    depth_of, span = np.full((4, 5), -np.inf, np.float32), np.empty(2)
    assert not raster.depth_span(depth_of, span)
    depth_of[1, 2], depth_of[3, 0] = 2.5, -1.0
    assert raster.depth_span(depth_of, span) and span.tolist() == [-1.0, 2.5]


def test_shading_brightens_towards_the_light_and_leaves_the_background():
    shape = (60, 60)
    x, y, z, r = np.array([30.0]), np.array([30.0]), np.array([0.0]), np.array([25.0])
    plane = np.array([0.0, 0.0, 0.0, np.inf])
    depth_of, owner = np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int64)
    raster.cover_spheres(x, y, z, r, plane, depth_of, owner)
    image = np.full((*shape, 3), 250, np.uint8)
    light = np.array([-0.42, -0.52, 0.744])
    raster.shade_spheres(
        x, y, z, r, np.full((1, 3), 150, np.uint8), plane, light, depth_of, depth_of, owner, 10.0,
        np.array([0.0, 25.0]), image,
    )  # fmt: skip
    assert image[20, 20, 0] > image[30, 30, 0] > image[42, 42, 0]  # the light comes from the upper left
    assert (image[owner < 0] == 250).all()
