"""Films as files, read back with Pillow."""

import sys

import numpy as np
import pytest
from PIL import Image, ImageSequence

from autocrine_abm.errors import AutocrineError
from autocrine_abm.output import film
from autocrine_abm.output.film import Caption, write_film

COLORS = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]


def plain_frames():
    for color in COLORS:
        yield np.full((30, 40, 3), color, np.uint8)


@pytest.mark.parametrize("kind, slack", [("gif", 0), ("webp", 6)])  # WebP stores colors at half resolution, rounded
def test_an_animation_shows_its_frames_in_order_and_time(tmp_path, kind, slack):
    path = tmp_path / "new" / f"film.{kind}"
    assert write_film(path, plain_frames(), fps=10) == 3
    with Image.open(path) as shown:
        assert shown.n_frames == 3 and shown.size == (40, 30)
        for frame, color in zip(ImageSequence.Iterator(shown), COLORS):
            middle = np.asarray(frame.convert("RGB"), int)[15, 20]
            assert np.abs(middle - color).max() <= slack
            assert frame.info["duration"] == 100
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_folder_gets_numbered_pictures(tmp_path):
    assert write_film(tmp_path / "frames", plain_frames()) == 3
    files = sorted((tmp_path / "frames").iterdir())
    assert [file.name for file in files] == [f"frame-0000{n}.png" for n in (1, 2, 3)]
    assert np.asarray(Image.open(files[1]))[0, 0].tolist() == list(COLORS[1])


def test_a_film_that_fails_leaves_nothing(tmp_path):
    def broken():
        yield from plain_frames()
        raise ValueError("out of film")

    with pytest.raises(ValueError, match="out of film"):
        write_film(tmp_path / "film.gif", broken())
    with pytest.raises(AutocrineError, match="no frames"):
        write_film(tmp_path / "film.gif", [])
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_refused(tmp_path, monkeypatch):
    with pytest.raises(AutocrineError, match=r"accepted is a file that ends in \.gif"):
        write_film(tmp_path / "film.avi", plain_frames())
    monkeypatch.setattr(film.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(AutocrineError, match=r"\.mp4 needs ffmpeg"):
        write_film(tmp_path / "film.mp4", plain_frames())


def test_an_mp4_is_handed_to_ffmpeg(tmp_path, monkeypatch):
    """A stand-in keeps what it is given: raw pixels of an even size, and its complaint is passed on."""
    tool = tmp_path / "ffmpeg"
    monkeypatch.setattr(film.shutil, "which", lambda name: str(tool))
    tool.write_text('#!/bin/sh\nfor last; do :; done\ncat > "$last"\n')
    tool.chmod(0o755)
    odd = (frame[:29, :39] for frame in plain_frames())
    assert write_film(tmp_path / "film.mp4", odd) == 3
    raw = np.frombuffer((tmp_path / "film.mp4").read_bytes(), np.uint8).reshape(3, 28, 38, 3)
    assert [frame[0, 0].tolist() for frame in raw] == [list(color) for color in COLORS]
    tool.write_text("#!/bin/sh\necho unknown encoder >&2\nexit 1\n")
    with pytest.raises(AutocrineError, match="unknown encoder"):
        write_film(tmp_path / "other.mp4", plain_frames())


def test_a_caption_leaves_the_picture_as_it_is():
    picture = np.full((80, 300, 3), 90, np.uint8)
    caption = Caption(300, 80, "a very long title that cannot possibly fit beside the clock", legends=1)
    scale = ("scale", "IL6", "0", "3 nM", ["#000000", "#ff0000"])
    frame = caption.around(picture, "2.50 day", "12 cells", [[scale, ("chip", "tumor", "#00ff00")]])
    assert frame.shape == caption.shape
    inside = (frame == 90).all(axis=2)
    assert inside.sum() == picture.shape[0] * picture.shape[1]
    colors = {tuple(color) for color in frame.reshape(-1, 3).tolist()}
    assert {(0, 0, 0), (255, 0, 0), (0, 255, 0)} <= colors
