from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from autocrine_abm.output import picture
from autocrine_abm.output.colors import CATEGORIES, by_category, by_value, hex_of, ramp

RED, BLUE = np.array([[255, 0, 0]], np.uint8), np.array([[0, 0, 255]], np.uint8)


def where(image, color):
    """Mean (row, column) of the pixels that are nearer to a pure color than to anything else."""
    other = [channel for channel in range(3) if not color[0, channel]]
    strong = image[..., int(np.argmax(color))].astype(int) - image[..., other].max(axis=2)
    return np.argwhere(strong > 60).mean(axis=0)


@pytest.mark.parametrize(("axis", "row", "column"), [("z", 150, 20), ("y", 120, 20), ("x", 120, 50)])
def test_slices_show_the_axes_that_they_say(axis, row, column):
    # a cell at x = 20, y = 50, z = 80 in a box of 100 × 200 × 200 µm, one pixel per µm
    size, position = (100.0, 200.0, 200.0), np.array([[20.0, 50.0, 80.0]])
    width = 200 if axis == "x" else 100
    at = position[0, "xyz".index(axis)]
    image = picture.draw_map(size, position, np.array([6.0]), RED, axis=axis, at=at, width=width)
    assert image.shape == (200, width, 3)
    assert np.allclose(where(image, RED), (row - 0.5, column - 0.5), atol=0.5)  # half a pixel


def test_slice_shows_circles_and_leaves_out_what_it_misses():
    position, radius = np.array([[50.0, 50.0, 3.0], [20.0, 20.0, 9.0]]), np.array([5.0, 5.0])
    rows, cut = picture.cut_cells(position, radius, "z", 0.0)
    assert rows.tolist() == [0] and cut.tolist() == [4.0]  # 3, 4, 5


def test_window_is_a_part_of_the_whole():
    draws = np.random.default_rng(0)
    size, field = (100.0, 60.0, 20.0), draws.random((10, 6, 1))
    position = draws.random((30, 3)) * size
    position[:, 2] = 10.0
    color = by_category(np.arange(30))
    whole = picture.draw_map(size, position, np.full(30, 4.0), color, field=field, width=400)
    part = picture.draw_map(
        size, position, np.full(30, 4.0), color, field=field, window=(25.0, 75.0, 15.0, 45.0), width=200
    )
    assert part.shape == (120, 200, 3)
    difference = np.abs(part.astype(int) - whole[60:180, 100:300])
    assert difference.max() <= 1  # coordinates differ in the last digits, so may a rounded color


def test_field_takes_the_colors_of_the_table():
    field = np.zeros((2, 1, 1))
    field[1] = 4.0
    image = picture.draw_map((20.0, 10.0, 5.0), np.empty((0, 3)), np.empty(0), np.empty((0, 3), np.uint8),
                             field=field, low=0.0, high=4.0, smooth=False, width=20)  # fmt: skip
    assert (image[:, :10] == ramp()[0]).all() and (image[:, 10:] == ramp()[255]).all()


def test_nothing_to_draw_is_paper():
    empty = np.empty((0, 3)), np.empty(0), np.empty((0, 3), np.uint8)
    assert np.ptp(picture.draw_map((50.0, 50.0, 5.0), *empty, width=30)) == 0
    assert np.ptp(picture.draw_view((50.0, 50.0, 50.0), *empty, width=30)) == 0


def test_view_puts_near_cells_before_far_ones():
    size, radius = (100.0, 100.0, 100.0), np.array([10.0, 10.0])
    position = np.array([[80.0, 50.0, 50.0], [20.0, 50.0, 50.0]])  # red towards +x
    both = np.concatenate([RED, BLUE])
    for azimuth, seen in ((0.0, 0), (180.0, 2)):
        image = picture.draw_view(size, position, radius, both, azimuth=azimuth, elevation=0.0, width=101)
        assert int(np.argmax(image[50, 50])) == seen


def test_view_has_y_right_and_z_up_seen_along_x():
    position = np.array([[50.0, 75.0, 80.0]])
    image = picture.draw_view(
        (100.0, 100.0, 100.0),
        position,
        np.array([5.0]),
        RED,
        azimuth=0.0,
        elevation=0.0,
        extent=100.0,
        width=100,
    )
    assert np.allclose(
        where(image, RED), (19.5, 74.5), atol=1.0
    )  # shading moves the middle of the bright part


@pytest.mark.parametrize("azimuth", [0.0, 180.0])
def test_cut_removes_the_half_that_faces_the_viewer(azimuth):
    size, radius = (100.0, 100.0, 100.0), np.array([10.0, 10.0])
    position = np.array([[80.0, 50.0, 50.0], [20.0, 50.0, 50.0]])
    image = picture.draw_view(
        size,
        position,
        radius,
        np.concatenate([RED, BLUE]),
        azimuth=azimuth,
        elevation=0.0,
        cut=("x", 50.0),
        width=101,
    )
    assert int(np.argmax(image[50, 50])) == (2 if azimuth == 0.0 else 0)


def test_samples_keep_the_size_and_soften_the_edge():
    arguments = (100.0, 100.0, 100.0), np.array([[50.0, 50.0, 50.0]]), np.array([30.0]), RED
    plain, soft = (picture.draw_view(*arguments, width=120, samples=samples) for samples in (1, 3))
    assert plain.shape == soft.shape == (120, 120, 3)
    between = [np.count_nonzero((image[..., 1] > 80) & (image[..., 1] < 240)) for image in (plain, soft)]
    assert between[0] == 0 and between[1] > 60  # half of an edge of 2π · 21 pixels


def test_same_arrays_give_the_same_picture():
    draws = np.random.default_rng(1)
    position, radius = draws.random((200, 3)) * 100, draws.uniform(3, 6, 200)
    color = by_category(np.arange(200))
    views = [
        picture.draw_view((100.0,) * 3, position, radius, color, cut=("y", 50.0), width=90) for _ in range(2)
    ]
    assert np.array_equal(*views)


def test_png_keeps_every_pixel_and_jpeg_nearly():
    image = picture.draw_map(
        (100.0, 80.0, 5.0), np.array([[40.0, 30.0, 2.5]]), np.array([20.0]), RED, width=100
    )
    assert np.array_equal(np.asarray(Image.open(BytesIO(picture.encode(image)))), image)
    jpeg = np.asarray(Image.open(BytesIO(picture.encode(image, "jpeg", 90))))
    assert (
        jpeg.shape == image.shape and np.abs(jpeg.astype(int) - image).mean() < 6
    )  # it rounds colors near edges
    with pytest.raises(ValueError, match="accepted is png or jpeg"):
        picture.encode(image, "gif")


@pytest.mark.parametrize("name", ["sea", "ember", "moss", "plum"])
def test_ramps_step_evenly_from_pale_to_dark(name):
    linear = (ramp(name) / 255.0) ** 2.2
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    lightness = np.cbrt(luminance)  # as the eye sees it
    steps = -np.diff(lightness[::17])  # 15 steps; single ones are smaller than the rounding to 8 bits
    assert (steps > 0).all()
    assert (
        steps.max() / steps.min() < 1.6
    )  # OKLab's lightness and the cube root of luminance differ for strong colors


def test_numbers_beyond_the_ends_take_the_last_color_and_nan_is_gray():
    colors = by_value(np.array([-1.0, 0.0, 10.0, 99.0, np.nan]), 0.0, 10.0)
    assert (colors[0] == colors[1]).all() and (colors[2] == colors[3]).all()
    assert (colors[2] == ramp()[255]).all() and (colors[4] == 160).all()


def test_categories_repeat_after_the_palette():
    colors = by_category([0, 1, len(CATEGORIES)])
    assert hex_of(colors[0]).upper() == CATEGORIES[0] and (colors[0] == colors[2]).all()


def test_picking_finds_the_sphere_that_is_drawn_in_front():
    from autocrine_abm.output.picture import pick_sphere, project_point

    size, radius = (100.0, 100.0, 100.0), np.array([6.0, 6.0])
    view = {"azimuth": -90.0, "elevation": 0.0, "center": (50.0, 50.0, 50.0), "extent": 100.0, "width": 200, "height": 200}
    position = np.array([[40.0, 70.0, 50.0], [40.0, 30.0, 50.0]])  # the viewer stands at low y: the second is in front
    x, y = project_point(position[0], **view)
    assert (round(x), round(y)) == (80, 100)
    assert pick_sphere(size, position, radius, (int(x), int(y)), **view) == 1
    assert pick_sphere(size, position, radius, (int(x), int(y)), cut=("y", 60.0), **view) == 0
    assert pick_sphere(size, position, radius, (150, 100), **view) == -1
