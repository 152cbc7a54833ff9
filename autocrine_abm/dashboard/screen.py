"""The thread of a page that paints: always the newest snapshot, never more than the browser can take.

A frame goes out when the browser has acknowledged enough of those before; what is skipped meanwhile was never painted. While
things move, frames are JPEG; once they rest, one exact PNG follows.
"""

from dataclasses import replace
from threading import Condition, Thread
from time import perf_counter

from autocrine_abm.dashboard import painter
from autocrine_abm.output.picture import encode

__all__ = ["Screen"]

_IN_FLIGHT = 3  # frames on their way: one is decoded and one shown while the next is painted
_SHORTEST = 1 / 24  # s between frames; as smooth as a film, and the rest of the processors is the model's
_REST = 0.35  # s without change after which a frame is sent as PNG
_LARGEST = 235_000  # bytes of a frame that moves; quality gives way
_LOST = 10.0  # s without a word after which nobody is thought to look


class Screen:
    """Paints snapshots for one browser.

    Parameters
    ----------
    send : callable
        ``send(meta, buffers)`` takes a frame to the browser.
    failed : callable
        ``failed(error)``, if painting raises.

    Attributes
    ----------
    view : View
    """

    def __init__(self, send, failed):
        self.view = painter.View()
        self._send, self._failed = send, failed
        self._snapshots, self._about = None, {}
        self._condition, self._closed = Condition(), False
        self._wanted = False  # something has changed since the last frame
        self._taken = True  # the newest snapshot has been painted, or there is none
        self._exact = True  # the last frame was a PNG, or there was none
        self._frame, self._acknowledged, self._heard = 0, 0, perf_counter()
        self._quality = 85
        self._prepared = None, None  # what a frame needs and a camera does not change, and what that was made of
        self._shown = ((), painter.View(), [])  # snapshots, view and panes of the last frame
        self._thread = Thread(target=self._run, name="autocrine-screen", daemon=True)

    def start(self):
        """Start the thread."""
        self._thread.start()

    def close(self):
        """End the thread."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    @property
    def is_hungry(self):
        """Whether the last snapshot has been painted, so that a new one is worth taking; a moving camera does not matter."""
        return self._taken

    @property
    def is_watched(self):
        """Whether the browser has taken its frames lately."""
        return self._frame == self._acknowledged or perf_counter() - self._heard < _LOST

    def show(self, snapshots, about):
        """Have new snapshots painted; `about` (types, ligands, unit) goes into the legend."""
        with self._condition:
            self._snapshots, self._about, self._wanted, self._taken = tuple(snapshots), about, True, False
            self._condition.notify()

    def look(self, **changes):
        """Change the view; ``camera`` may be a dict of what changes in it."""
        with self._condition:
            if "camera" in changes:
                changes["camera"] = replace(self.view.camera, **changes["camera"])
            self.view = replace(self.view, **changes)
            self._wanted = True
            self._condition.notify()

    def acknowledge(self, frame):
        """The browser has shown a frame."""
        with self._condition:
            self._acknowledged, self._heard = max(self._acknowledged, int(frame)), perf_counter()
            self._condition.notify()

    def picture(self, width):
        """The view now as one PNG of this width, bytes; None without a snapshot."""
        snapshots, view = self._snapshots, self.view
        if not snapshots:
            return None
        ranges = painter.ranges_of(snapshots, view)
        return encode(painter.assemble(snapshots, view, ranges, self._about["ligands"], width / view.width))

    def at(self, pane, x, y, slack):
        """What is shown at a point of a pane: ``(world, tissue, cell_id, field value or None)``."""
        snapshots, view, panes = self._shown
        if not 0 <= pane < len(panes):
            return None
        pane = panes[pane]
        shot = snapshots[pane.world].shots[pane.tissue]
        return pane.world, shot, painter.pick(shot, pane, view, x, y, slack), painter.value_at(shot, pane, view, x, y)

    # -- in the thread ------------------------------------------------------------------------------------------------

    def _run(self):
        last = changed = 0.0
        while True:
            with self._condition:
                while not self._closed and not self._ready(last, changed):
                    self._condition.wait(self._patience(last))
                if self._closed:
                    return
                moving = self._wanted
                self._wanted, self._taken = False, True
                snapshots, about, view = self._snapshots, self._about, self.view
                self._frame += 1
                frame = self._frame
            last = perf_counter()
            if moving:
                changed = last
            self._exact = not moving
            try:
                self._paint(frame, snapshots, about, view, moving)
            except Exception as error:
                with self._condition:
                    self._acknowledged, self._exact = frame, True
                self._failed(error)

    def _ready(self, last, changed):
        """Whether to paint now: something is new and may be sent, or has come to rest and deserves better."""
        if not self._snapshots:
            return False
        now = perf_counter()
        room = self._frame - self._acknowledged < _IN_FLIGHT
        if self._wanted:
            return room and now - last >= _SHORTEST
        return not self._exact and self._frame == self._acknowledged and now - changed >= _REST

    def _patience(self, last):
        """How long to wait for news [s]; None for as long as it takes."""
        if self._wanted and perf_counter() - last < _SHORTEST:
            return _SHORTEST - (perf_counter() - last)
        return 0.02 if self._wanted or not self._exact else None

    def _prepare(self, snapshots, about, view):
        """Ranges, legend and colors of the cells by shot: kept while only the camera moves."""
        plain = replace(view, camera=painter.Camera(), selected=0, mode="", tissue=None, width=0, height=0)
        made_of, prepared = self._prepared
        if made_of is None or made_of[0] is not snapshots or made_of[1:] != (about, plain):
            ranges = painter.ranges_of(snapshots, view)
            key = painter.color_key(snapshots, view, about["types"], about["unit"], about["ligands"], about["level"])
            colors = [[painter.colors_of(shot, one.look, ranges, view) for shot in one.shots] for one in snapshots]
            prepared = ranges, key, colors
            self._prepared = (snapshots, about, plain), prepared
        return prepared

    def _paint(self, frame, snapshots, about, view, moving):
        ranges, key, colors = self._prepare(snapshots, about, view)
        panes = painter.layout(snapshots, view)
        pictures, places = [], []
        for pane in panes:
            color = colors[pane.world][pane.tissue]
            image = painter.paint(snapshots, view, pane, ranges, about["ligands"], color=color)
            pictures.append(encode(image, "jpeg", self._quality) if moving else encode(image))
            shot = snapshots[pane.world].shots[pane.tissue]
            places.append({
                "world": pane.world, "tissue": shot.name, "mode": pane.mode, "solid": shot.is_solid, "left": pane.left,
                "top": pane.top, "width": pane.width, "height": pane.height, "size": [float(edge) for edge in shot.size],
                "span": painter.span_of(shot, pane, view.camera), "mark": painter.place_of(shot, pane, view, view.selected),
                "box": painter.box_of(shot, pane, view) if pane.mode == "solid" else None,
            })  # fmt: skip
        self._shown = snapshots, view, panes
        if moving:
            self._adapt(sum(map(len, pictures)))
        meta = {
            "frame": frame, "panes": places, "key": key, "kind": "jpeg" if moving else "png", "camera": vars(view.camera),
            "times": [snapshot.time for snapshot in snapshots],
        }  # fmt: skip
        self._send(meta, pictures)

    def _adapt(self, size):
        """Let quality give way to size, and come back when there is room."""
        if size > _LARGEST:
            self._quality = max(50, self._quality - 6)
        elif size < 0.75 * _LARGEST and self._quality < 88:
            self._quality += 1
