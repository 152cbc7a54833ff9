"""Where a page looks from first."""

import numpy as np
import pytest

from autocrine_abm.dashboard.aim import aim
from autocrine_abm.dashboard.painter import Camera, Pane, View, place_of
from autocrine_abm.dashboard.snapshot import Shot


def shot_of(position, size=(400.0, 400.0, 1000.0)):
    n = len(position)
    codes = np.zeros(n, np.int64)
    shape = tuple(int(edge / 20) for edge in size)
    return Shot("dish", size, shape, position, np.full(n, 7.0), np.arange(1, n + 1), codes, codes, codes, None)


@pytest.fixture
def layer():
    x, y = np.meshgrid(np.arange(20.0, 400.0, 40.0), np.arange(20.0, 400.0, 40.0))
    return shot_of(np.stack([x.ravel(), y.ravel(), np.full(x.size, 7.0)], axis=1))


@pytest.fixture
def ball():
    grid = np.stack(np.meshgrid(*[np.arange(-100.0, 101.0, 20.0)] * 3), axis=-1).reshape(-1, 3)
    return shot_of(grid[np.linalg.norm(grid, axis=1) <= 100] + [250.0, 200.0, 300.0])


@pytest.mark.parametrize("name", ["layer", "ball"])
@pytest.mark.parametrize("mode", ["solid", "x", "y", "z"])
@pytest.mark.parametrize("width", [320, 640, 1000])
def test_all_cells_are_in_the_picture(name, mode, width, request):
    shot = request.getfixturevalue(name)
    view, pane = View(camera=Camera(**aim(shot, mode, width / 640))), Pane(0, 0, mode, 0, 0, width, 640)
    places = np.array([place_of(shot, pane, view, cell_id)[:2] for cell_id in shot.cell_id])
    assert places.min() > 0 and places.max() < 1
    if name == "ball":  # from near enough: 214 µm of 400 or 1000
        assert np.ptp(places, axis=0).max() > 0.5


def test_slices_cross_the_cells_and_only_a_body_is_cut_open(layer, ball):
    assert aim(layer, "z")["z"] == pytest.approx(0.007) and aim(layer)["cut"] == 0
    assert aim(ball, "z")["z"] == pytest.approx(0.3) and aim(ball)["cut"] == pytest.approx(0.5)
