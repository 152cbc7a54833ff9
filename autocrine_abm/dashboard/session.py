"""One page in one browser: takes what its user does, and keeps its runner and screen going.

Messages are small dicts; ``do`` says what is wanted (`Session.receive`) or told (`Session.tell`). No browser is needed to use
a session, only somebody to send messages. Here things start, stop and end; what is done to models is up to `steering`, what is
shown of them to `gaze`, and what is told while they run to `bulletin`.
"""

import traceback
from pathlib import Path
from threading import Thread
from time import sleep

from autocrine_abm.dashboard import gallery
from autocrine_abm.dashboard.bulletin import Bulletin
from autocrine_abm.dashboard.gaze import Gaze
from autocrine_abm.dashboard.live import Live
from autocrine_abm.dashboard.opening import opening
from autocrine_abm.dashboard.recording import Recording
from autocrine_abm.dashboard.runner import Runner
from autocrine_abm.dashboard.screen import Screen
from autocrine_abm.dashboard.settings import Settings
from autocrine_abm.dashboard.steering import Steering, plainly
from autocrine_abm.errors import AutocrineError
from autocrine_abm.scenario import files

__all__ = ["Session"]


class Session:
    """Everything behind one page.

    Parameters
    ----------
    send : callable
        ``send(method, message, buffers)`` takes a message to the page; method is ``"take"`` or ``"frame"``.

    Attributes
    ----------
    runner : Runner
    screen : Screen
    steering : Steering
    gaze : Gaze
    """

    def __init__(self, send):
        self._send, self._closed = send, False
        self.runner = Runner(lambda worlds: self._bulletin.publish(worlds, self.gaze.look), self._failed)
        self.screen = Screen(lambda meta, pictures: send("frame", meta, pictures), self._failed)
        self._bulletin = Bulletin(self.tell, self.runner, self.screen)
        self.steering = Steering(self.tell, self.runner, self._bulletin.renew)
        self.gaze = Gaze(self.tell, self.runner, self.screen, self._bulletin)
        self._wants = {
            name.removeprefix("on_"): getattr(part, name)
            for part in (self, self.steering, self.gaze) for name in vars(type(part)) if name.startswith("on_")
        }  # fmt: skip
        self.runner.start()
        self.screen.start()

    # -- messages -----------------------------------------------------------------------------------------------------

    def tell(self, do, **message):
        """Send a message to the page."""
        if not self._closed:
            self._send("take", {"do": do, **message}, None)

    def receive(self, message):
        """Do what the page wants; what its user got wrong is told beside the field it came from.

        Parameters
        ----------
        message : dict
            ``do``: the name of a method ``on_…`` of the session, its steering or its gaze, and its arguments.
        """
        message = dict(message)
        do = message.pop("do", "")
        if do not in self._wants:
            return
        try:
            self._wants[do](**message)
        except AutocrineError as error:
            self.tell("fault", at=message.get("path") or do, message=plainly(error))
        except Exception as error:
            self._failed(error)

    def close(self):
        """Let everything go; the page is no more."""
        self._closed = True
        self.runner.close()
        self.screen.close()

    # -- start --------------------------------------------------------------------------------------------------------

    def on_hello(self, scenario="", run="", dark=False, width=640, height=640):
        """The page is there; open what its address asks for, or show the gallery."""
        self.screen.look(dark=bool(dark), width=int(width), height=int(height))
        if run:
            self.on_open(run)
        elif scenario:
            self.on_open(scenario)
        else:
            self.on_gallery()

    def on_gallery(self):
        """Show what there is to start from; pictures follow one by one."""
        self.tell("gallery", cards=gallery.cards())
        Thread(target=self._paint_gallery, name="autocrine-gallery", daemon=True).start()

    def _paint_gallery(self):
        for card in gallery.cards():
            while self.runner.playing and not self._closed:
                sleep(0.5)
            if self._closed:
                return
            try:
                self._send("take", {"do": "picture", "name": card["name"]}, [gallery.picture_of(card["name"])])
            except Exception:  # a scenario that cannot be pictured is still there to be opened
                continue

    def on_open(self, target):
        """Open a shipped scenario, a scenario file, or the folder of a run."""
        target = str(target).strip()
        folder = Path(target).expanduser()
        if folder.is_dir():
            self._clear("reading the run")
            self.runner.do(lambda worlds: self._settle(worlds, [Recording(folder)], Settings(name=folder.name)))
            return
        path = files.locate(target)
        self._begin(Settings(files.read(path), path.parent, path.stem))

    def on_text(self, text, name="pasted.toml"):
        """Open a scenario that the page has read from a file of its user."""
        self._begin(Settings(files.parse_text(text, name), ".", Path(name).stem))

    def _clear(self, building, spec=None):
        """Nothing of what was open is looked at any more."""
        self._bulletin.building = building
        self.gaze.begin(spec)
        self.runner.play(False)
        self._bulletin.state()

    def _begin(self, settings):
        self._clear("placing the cells", settings.base)
        self._build(settings)

    def _build(self, settings):
        """Make new models out of a scenario and what is set, in the runner."""
        specs = settings.specs()
        self.steering.prepare(settings)
        self._bulletin.building = "placing the cells"
        self.runner.play(False)
        self._bulletin.state()

        def build(worlds):
            from autocrine_abm.compilation import CompilationWatch

            traces = [world.traces for world in worlds if not world.is_replay]
            worlds.clear()
            with CompilationWatch(lambda text: self.tell("note", text=text)):
                made = [Live(spec, settings.folder) for spec in specs]
            for world in made:
                world.traces = world.traces or any(traces)
            self._settle(worlds, made, settings)

        self.runner.do(build)

    def _settle(self, worlds, made, settings):
        """New worlds are there: tell the page all about them."""
        worlds[:] = made
        self._bulletin.building = ""
        self.steering.begin(settings)
        self.gaze.arrange(worlds[0])
        self.tell("open", **opening(worlds, settings.name, self.gaze.look, self.screen.view))
        self.steering.tell_all()
        self._bulletin.renew()

    # -- time ---------------------------------------------------------------------------------------------------------

    def on_play(self, playing=True):
        """Play or pause; at the end of a recording, play starts over."""
        if playing:
            self.runner.do(_rewind)
        self.runner.play(bool(playing))
        self.runner.do(lambda worlds: None)

    def on_step(self):
        """One step."""
        self.runner.play(False)
        self.runner.do(lambda worlds: worlds and self.runner.step())

    def on_speed(self, per_second):
        """Steps per second at most; 0 for as fast as it goes."""
        self.runner.interval = 1 / per_second if per_second else 0.0

    def on_seek(self, place):
        """Show a moment of a recording."""
        self.runner.play(False)

        def seek(worlds):
            for world in worlds:
                if world.is_replay:
                    world.seek(place)

        self.runner.do(seek)

    def on_reset(self, seed=None):
        """Start anew with the settings."""
        settings = self.steering.settings
        if settings.base is None:
            self.on_seek(0)
            return
        if seed is not None:
            settings.put("run.seed", int(seed))
        self._build(settings)

    def on_arm(self, name, world=None):
        """Start anew with an arm of the scenario, in one model or in all."""
        settings = self.steering.settings
        if settings.base is not None:
            settings.take_arm(name, world)
            self._build(settings)

    def on_compare(self, on=True):
        """Put a second model from the same seed beside the first, or take it away; both start anew."""
        settings = self.steering.settings
        if settings.base is not None:
            settings.compare(on)
            self._build(settings)

    # -- files and faults ---------------------------------------------------------------------------------------------

    def on_picture(self, width=1600):
        """The view as a file."""
        picture = self.screen.picture(int(width))
        if picture is not None:
            name = f"{self.steering.settings.name}.png"
            self._send("take", {"do": "file", "name": name, "kind": "image/png"}, [picture])

    def _failed(self, error):
        """Something went wrong in a thread of this page: show it, and stay."""
        self._bulletin.building = ""
        words = plainly(error) if isinstance(error, AutocrineError) else f"{type(error).__name__}: {error}"
        details = "".join(traceback.format_exception(error))
        self.tell("error", message=words, details="" if isinstance(error, AutocrineError) else details)
        self._bulletin.state(self.runner.worlds)


def _rewind(worlds):
    """A recording that has been shown to its end starts over."""
    if worlds and worlds[0].is_replay and worlds[0].time >= worlds[0].end:
        worlds[0].seek(0)
