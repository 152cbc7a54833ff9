import time

import numpy as np
import pytest

from autocrine_abm.dashboard import painter, screen
from autocrine_abm.dashboard.live import Live
from autocrine_abm.dashboard.screen import Screen
from autocrine_abm.dashboard.snapshot import Look

ABOUT = {"types": ["cancer"], "ligands": ["growth_factor"], "level": ("nM", 1.0), "unit": ""}
LONGEST = 30.0  # s; a page that has not answered by then never will


@pytest.fixture
def frames():
    """Frames that the screen below has sent: (meta, pictures)."""
    return []


@pytest.fixture
def watched(frames):
    """A screen whose browser acknowledges nothing by itself."""
    made = Screen(lambda meta, pictures: frames.append((meta, pictures)), pytest.fail)
    made.look(width=120, height=120)
    made.start()
    yield made
    made.close()
    made._thread.join(LONGEST)


def wait_for(condition):
    end = time.perf_counter() + LONGEST
    while not condition():
        assert time.perf_counter() < end
        time.sleep(0.002)


def test_a_turning_camera_does_not_color_the_cells_anew(small, frames, watched, monkeypatch):
    colored = []
    colors_of = painter.colors_of
    monkeypatch.setattr(painter, "colors_of", lambda shot, *more: colored.append(shot) or colors_of(shot, *more))
    world = Live(small)
    for step in (1, 2):
        world.advance()
        watched.show([world.shoot(Look("growth_factor"))], ABOUT)
        for zoom in (1.0, 1.5, 2.0):
            watched.look(camera={"zoom": zoom})
            wait_for(lambda zoom=zoom: frames and frames[-1][0]["camera"]["zoom"] == zoom)
            watched.acknowledge(frames[-1][0]["frame"])
        assert len(colored) == step
    watched.look(dark=True)
    wait_for(lambda: len(colored) == 3)


def test_known_colors_give_the_same_picture(small):
    shot = Live(small).shoot(Look("growth_factor"))
    view = painter.View(width=150, height=150)
    ranges, (pane,) = painter.ranges_of([shot], view), painter.layout([shot], view)
    known = painter.colors_of(shot.shots[0], shot.look, ranges, view)
    arguments = [shot], view, pane, ranges, ["growth_factor"]
    assert np.array_equal(painter.paint(*arguments), painter.paint(*arguments, color=known))


def test_frames_wait_for_the_browser(small, frames, watched):
    watched.show([Live(small).shoot(Look("growth_factor"))], ABOUT)
    for turn in range(100):
        watched.look(camera={"azimuth": float(turn)})
        time.sleep(0.003)
    wait_for(lambda: len(frames) == screen._IN_FLIGHT)
    time.sleep(0.1)
    assert len(frames) == screen._IN_FLIGHT
    watched.acknowledge(frames[-1][0]["frame"])
    wait_for(lambda: len(frames) == screen._IN_FLIGHT + 1)
    assert frames[-1][0]["camera"]["azimuth"] == 99.0  # what was turned meanwhile is not painted one by one


def test_frames_are_no_more_than_those_of_a_film(small, frames, watched):
    watched._send = lambda meta, pictures: (frames.append(time.perf_counter()), watched.acknowledge(meta["frame"]))
    watched.show([Live(small).shoot(Look("growth_factor"))], ABOUT)
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + 0.6:
        watched.look(camera={"azimuth": now})
        time.sleep(0.002)
    assert 2 <= len(frames) <= 0.6 * 24 + 2  # one at each end
