"""Films as files: animated GIF and WebP, MP4 where ffmpeg is installed, or a folder of pictures.

A film is any iterable of pictures of equal shape; they are written as they come, so its length does not matter. What a single
picture shows is decided elsewhere; `caption` writes clock, color bars and names around it.
"""

import shutil
import subprocess
from pathlib import Path

import numpy as np

from autocrine_abm.errors import AutocrineError

__all__ = ["Caption", "check_target", "write_film"]

_KINDS = (".gif", ".webp", ".mp4")
_TEXT, _SMALL = 15, 13  # pixels
_HEAD, _LINE, _BAR, _MARGIN = 34, 24, 120, 12  # pixels: line of the clock, line of a legend, color bar, room at the sides


def check_target(path):
    """The kind of film that a path asks for: ``".gif"``, ``".webp"``, ``".mp4"``, or ``""`` for a folder of pictures.

    Raises
    ------
    AutocrineError
        If it asks for something else, or for what cannot be written here.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if path.is_dir() or not kind:
        if path.is_file():
            raise AutocrineError(f"--out: '{path}' is a file; accepted is a folder, or a file that ends in {', '.join(_KINDS)}")
        return ""
    if kind not in _KINDS:
        raise AutocrineError(f"--out: got '{path}'; accepted is a file that ends in {', '.join(_KINDS)}, or a folder")
    if kind == ".mp4":
        _ffmpeg()
    return kind


def write_film(path, frames, fps=12.0):
    """Write a film.

    Parameters
    ----------
    path : path
        See `check_target`. It appears when it is complete; a folder fills picture by picture.
    frames : iterable of ndarray of uint8, shape (height, width, 3)
    fps : float
        Frames per second.

    Returns
    -------
    int
        How many frames there are.

    Raises
    ------
    AutocrineError
        If the path is none for a film, or there are no frames.
    """
    path, kind = Path(path), check_target(path)
    counted = _Counted(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not kind:
        _pictures(path, counted)
    else:
        partial = path.with_name(f".{path.stem}.partial{kind}")
        try:
            (_video if kind == ".mp4" else _animation)(partial, counted, fps)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return counted.number


class _Counted:
    """Frames that are counted as they pass."""

    def __init__(self, frames):
        self._frames, self.number = iter(frames), 0

    def __iter__(self):
        return self

    def __next__(self):
        frame = next(self._frames)
        self.number += 1
        return frame

    def first(self):
        try:
            return next(self)
        except StopIteration:
            raise AutocrineError("the film has no frames") from None


def _pictures(folder, frames):
    from PIL import Image

    folder.mkdir(exist_ok=True)
    for frame in frames:
        Image.fromarray(frame).save(folder / f"frame-{frames.number:05d}.png", compress_level=6)


def _animation(path, frames, fps):
    from PIL import Image

    def prepared(frame):
        image = Image.fromarray(frame)
        if path.suffix == ".gif":  # a palette per frame, in which rare colors keep a place; dither would flicker
            image = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        return image

    options = {"quality": 82, "method": 2} if path.suffix == ".webp" else {"optimize": False, "disposal": 1}
    first = prepared(frames.first())
    rest = (prepared(frame) for frame in frames)
    first.save(path, save_all=True, append_images=rest, duration=round(1000 / fps), loop=0, **options)


def _video(path, frames, fps):
    first = frames.first()
    height, width = (edge // 2 * 2 for edge in first.shape[:2])  # its colors are stored for squares of four pixels
    command = [
        _ffmpeg(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps),
        "-i", "-", "-an", "-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(path),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            for frame in (first, *frames):
                process.stdin.write(np.ascontiguousarray(frame[:height, :width]).tobytes())
        except BrokenPipeError:
            pass  # it tells below why it went
        _, complaint = process.communicate()
    if process.returncode:
        reason = complaint.decode(errors="replace").strip() or "no reason given"
        raise AutocrineError(f"ffmpeg could not write the film: {reason}")


def _ffmpeg():
    """Where ffmpeg is."""
    found = shutil.which("ffmpeg")
    if found is None:
        try:
            from imageio_ffmpeg import get_ffmpeg_exe

            found = get_ffmpeg_exe()
        except (ImportError, RuntimeError):
            raise AutocrineError(
                "--out: an .mp4 needs ffmpeg, which is not installed (pip install imageio-ffmpeg); accepted without it are "
                ".gif, .webp and a folder of pictures"
            ) from None
    return found


class Caption:
    """What is written around the pictures of a film: title and clock above, legends below, the same room in every frame.

    Parameters
    ----------
    width, height : int
        Of the picture [pixels].
    title : str
    legends : int
        Lines for legends.
    dark : bool
    """

    def __init__(self, width, height, title, legends, dark=False):
        self.paper, self.ink, self.soft = ((19, 24, 31), (228, 233, 236), (151, 164, 174)) if dark else (
            (255, 255, 255), (29, 37, 44), (92, 106, 117))  # fmt: skip
        self.width, self.height, self.title = width, height, title
        self.shape = (_HEAD + height + _LINE * legends + (_MARGIN // 2 if legends else 0), width, 3)
        self._bold, self._plain, self._small = _font(_TEXT, bold=True), _font(_TEXT), _font(_SMALL)

    def around(self, picture, clock, note, legends, bars=()):
        """A frame.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
        clock, note : str
            Upper right: the time, and something smaller before it.
        legends : sequence of list
            By line, entries ``("scale", name, low, high, colors)``, texts and colors ``#rrggbb``, or ``("chip", name, color)``.
        bars : sequence of tuple (left, bottom, pixels, text)
            Scale bars in the picture.

        Returns
        -------
        ndarray of uint8, shape `shape`
        """
        from PIL import Image, ImageDraw

        frame = np.full(self.shape, self.paper, np.uint8)
        frame[_HEAD : _HEAD + self.height] = picture
        image = Image.fromarray(frame)
        draw = ImageDraw.Draw(image)
        middle = _HEAD / 2
        draw.text((self.width - _MARGIN, middle), clock, self.ink, self._bold, anchor="rm")
        right = self.width - 2 * _MARGIN - draw.textlength(clock, self._bold)
        draw.text((right, middle), note, self.soft, self._small, anchor="rm")
        right -= draw.textlength(note, self._small) + _MARGIN
        title = _shortened(draw, self.title, self._plain, right - _MARGIN)
        draw.text((_MARGIN, middle), title, self.ink, self._plain, anchor="lm")
        for left, bottom, pixels, text in bars:
            y = _HEAD + bottom
            draw.rectangle((left, y - 4, left + pixels, y - 1), self.ink)
            draw.text(
                (left + pixels / 2, y - 7), text, self.ink, self._small, anchor="mb", stroke_width=2, stroke_fill=self.paper
            )
        y = _HEAD + self.height + _LINE / 2 + _MARGIN / 4
        for line in legends:
            self._legend(draw, line, y)
            y += _LINE
        return np.asarray(image)

    def _legend(self, draw, entries, y):
        x = _MARGIN
        for kind, name, *rest in entries:
            if kind == "scale":
                low, high, colors = rest
                for text, ink in ((name, self.ink), (low, self.soft)):
                    draw.text((x, y), text, ink, self._small, anchor="lm")
                    x += draw.textlength(text, self._small) + 8
                for pixel, color in enumerate(_between(colors)):
                    draw.line((x + pixel, y - 5, x + pixel, y + 5), color)
                x += _BAR + 8
                name = high
                draw.text((x, y), name, self.soft, self._small, anchor="lm")
            else:
                draw.ellipse((x, y - 5, x + 10, y + 5), rest[0])
                x += 15
                draw.text((x, y), name, self.ink, self._small, anchor="lm")
            x += draw.textlength(name, self._small) + 18


def _between(colors):
    """A color for each pixel of a bar, interpolated."""
    known = np.array([[int(color[place : place + 2], 16) for place in (1, 3, 5)] for color in colors], float)
    places = np.linspace(0, len(known) - 1, _BAR)
    return [
        tuple(int(np.interp(place, range(len(known)), channel) + 0.5) for channel in known.T) for place in places
    ]


def _shortened(draw, text, font, room):
    """As much of a text as fits, with three dots if something is left out."""
    if draw.textlength(text, font) <= room:
        return text
    while text and draw.textlength(f"{text} …", font) > room:
        text = text[:-1].rstrip()
    return f"{text} …" if text else ""


def _font(size, bold=False):
    """The typeface of plots, which is installed with matplotlib."""
    from matplotlib import get_data_path
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf"), size)
