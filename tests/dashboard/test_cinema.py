"""A recording as a film: frames, their legends, and the command that makes them."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from autocrine_abm.cli import main
from autocrine_abm.dashboard.cinema import frames, look_at
from autocrine_abm.dashboard.recording import Recording
from autocrine_abm.errors import AutocrineError


@pytest.fixture(scope="module")
def folder(small_text, tmp_path_factory):
    from autocrine_abm.output.record import record_run
    from autocrine_abm.scenario.files import parse_text

    place = tmp_path_factory.mktemp("film") / "run"
    short = small_text.replace('duration = "10 hour"', 'duration = "4 hour"')
    record_run(parse_text(short + '[record]\ncells = "1 hour"\nfields = "1 hour"\n'), place)
    return place


def test_scales_hold_for_the_whole_film(folder):
    world = Recording(folder)
    look = look_at(world, color="sensed.growth_factor")
    made = list(frames(world, look, width=320))
    assert len(made) == len(world.times) == 5 and {frame.shape for frame in made} == {made[0].shape}
    legend = [frame[-48:] for frame in made]  # two scales below each other
    assert all(np.array_equal(legend[0], other) for other in legend)
    assert not np.array_equal(made[0][:34], made[-1][:34])  # the clock
    field = [frame[34:-60, :20].mean() for frame in made]
    assert field[0] > field[-1]  # the ligand gathers, so its colors darken


def test_frames_keep_their_distance_and_their_size(folder):
    world = Recording(folder)
    made = list(frames(world, look_at(world, ligand="none"), every=120, width=300, height=240, dark=True))
    assert len(made) == 3 and made[0].shape == (240, 300, 3) and made[0].mean() < 90


@pytest.mark.parametrize(
    "wrong, words",
    [({"ligand": "growth_facter"}, "did you mean"), ({"color": "mood"}, "accepted is one of cell type, phase")],
)
def test_what_a_run_has_not_is_refused(folder, wrong, words):
    with pytest.raises(AutocrineError, match=words):
        look_at(Recording(folder), **wrong)


def test_the_command_films_runs_and_scenarios(folder, small_text, tmp_path):
    out = tmp_path / "film.webp"
    result = CliRunner().invoke(main, ["film", str(folder), "--out", str(out), "--size", "320", "--color", "clone"])
    assert result.exit_code == 0 and "5 frames" in result.output
    with Image.open(out) as film:
        assert film.n_frames == 5 and film.size[0] == 320
    scenario = tmp_path / "dish.toml"
    scenario.write_text(small_text)
    options = ["--every", "2 hour", "--set", "run.duration=4 hour", "--size", "200x200", "--quiet"]
    result = CliRunner().invoke(main, ["film", str(scenario), "--out", str(tmp_path / "frames"), *options])
    assert result.exit_code == 0, result.output
    assert [Image.open(file).size for file in (tmp_path / "frames").iterdir()] == [(200, 200)] * 3


@pytest.mark.parametrize(
    "options, words",
    [
        (["--out", "x.avi"], "accepted is a file that ends in"),
        (["--size", "large"], "--size: got 'large'"),
        (["--size", "100x100"], "--size: got '100x100'; accepted is"),
        (["--every", "3 um"], "which is a length"),
        (["--every", "0 min"], "--every"),
        (["--set", "run.seed=2"], "--set and --arm"),
        (["--color", "mood"], "--color: got 'mood'"),
        (["--view", "w"], "--view"),
    ],
)
def test_wrong_input_ends_with_one_error(folder, options, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["film", str(folder), *options])
    assert result.exit_code == 2 and words in result.output and "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []
