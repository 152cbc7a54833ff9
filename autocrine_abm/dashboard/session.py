"""One page in one browser: takes what its user does, keeps runner and screen going, and tells the page what is new.

Messages are small dicts; ``do`` says what is wanted (`Session.receive`) or told (`Session.tell`). No browser is needed to use
a session, only somebody to send messages.
"""

import traceback
from pathlib import Path
from threading import Lock, Thread
from time import perf_counter, sleep

from pydantic import ValidationError

from autocrine_abm.dashboard import charts, gallery, painter
from autocrine_abm.dashboard.inspector import in_print
from autocrine_abm.dashboard.live import Live
from autocrine_abm.dashboard.recording import Recording
from autocrine_abm.dashboard.runner import Runner
from autocrine_abm.dashboard.screen import Screen
from autocrine_abm.dashboard.snapshot import Look, color_choices, level_unit, property_of
from autocrine_abm.drugs.regimen import Regimen
from autocrine_abm.errors import AutocrineError, ScenarioError, UnitError
from autocrine_abm.output.colors import hex_of, scale
from autocrine_abm.scenario import files
from autocrine_abm.scenario.derived import in_words
from autocrine_abm.scenario.describe import dose_sentence
from autocrine_abm.scenario.explain import explain
from autocrine_abm.scenario.knobs import knobs
from autocrine_abm.scenario.live import is_live
from autocrine_abm.scenario.overrides import override
from autocrine_abm.units import dimension_of, parse

__all__ = ["Session"]

_STATE_EVERY, _CHARTS_EVERY, _CELL_EVERY = 0.1, 0.5, 0.4  # s between messages while a model runs


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
    settings : list of dict
        By model: values by path that the page has set, which the next start begins with.
    """

    def __init__(self, send):
        self._send, self._lock = send, Lock()
        self.runner = Runner(self._after, self._failed)
        self.screen = Screen(lambda meta, pictures: send("frame", meta, pictures), self._failed)
        self.base, self.folder, self.name = None, Path("."), ""
        self.settings, self.log = [{}], []
        self.look = Look()
        self._building, self._arranged = "", False
        self._selected_world = 0
        self._told = dict.fromkeys(("state", "charts", "cell"), 0.0)
        self._last_state = None
        self._pending = {}  # changes of running models that wait for the runner: (world, path) → value
        self._closed = False
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
            ``do``: the name of one of the methods below, and its arguments.
        """
        message = dict(message)
        do = message.pop("do", "")
        if do not in _WANTS:
            return
        try:
            getattr(self, f"on_{do}")(**message)
        except AutocrineError as error:
            self.tell("fault", at=message.get("path") or do, message=_plain(error))
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
            self._building, self._arranged = "reading the run", False
            self.screen.look(tissue=None, selected=0, fixed=None, mode="solid", camera=vars(painter.Camera()))
            self._say()
            self.runner.play(False)
            self.runner.do(lambda worlds: self._settle(worlds, [Recording(folder)], folder.name))
            return
        path = files.locate(target)
        self._begin(files.read(path), path.parent, path.stem)

    def on_text(self, text, name="pasted.toml"):
        """Open a scenario that the page has read from a file of its user."""
        self._begin(files.parse_text(text, name), Path("."), Path(name).stem)

    def _begin(self, spec, folder, name):
        self.base, self.folder, self.name = spec, folder, name
        self.settings, self._arranged = [{}], False
        view = spec.view
        ligand = (view.ligand if view else None) or _most_telling(spec)
        self.look = Look(ligand, view.color if view else "cell type")
        self.screen.look(
            tissue=None, selected=0, fixed=None, mode="solid", camera=vars(painter.Camera())
        )
        self._build()

    def _build(self):
        """Make new models out of the scenario and the settings, in the runner."""
        specs = [self._spec_of(number) for number in range(len(self.settings))]
        self._building = "placing the cells"
        self.runner.play(False)
        self._say()

        def build(worlds):
            from autocrine_abm.compilation import CompilationWatch

            traces = [world.traces for world in worlds if not world.is_replay]
            worlds.clear()
            with CompilationWatch(lambda text: self.tell("note", text=text)):
                made = [Live(spec, self.folder) for spec in specs]
            for world in made:
                world.traces = world.traces or any(traces)
            self._settle(worlds, made, self.name)

        self.runner.do(build)

    def _spec_of(self, number, **more):
        """The scenario of a model with what the page has set, and `more` by path."""
        return override(self.base, self.settings[number] | more)

    def _settle(self, worlds, made, name):
        """New worlds are there: tell the page all about them."""
        worlds[:] = made
        self._building, self.name = "", name
        self._pending.clear()
        self.log = []
        first = worlds[0]
        choices = first.color_choices() if first.is_replay else color_choices(first.names, list(first.spec.ligand))
        if first.is_replay:
            self.base, self.settings = None, [{}]
            self.look = Look(_most_telling(first.spec), "cell type")
        known = [entry for _, entries in choices for entry in entries]
        if self.look.color not in known:
            self.look = Look(self.look.ligand, "cell type")
        spec = first.spec
        solid = [min(domain.mesh().shape) > 1 for domain in spec.tissue.values()]
        if any(solid) and not self._arranged:
            self._arranged = True
            shot = first.shoot(Look()).shots[solid.index(True)]
            self.screen.look(camera={"cut": 0.5, "zoom": painter.fitting(shot)})
        self.tell(
            "open", name=name, title=spec.title, question=spec.question.strip(), tissues=list(spec.tissue), solid=any(solid),
            ligands=list(spec.ligand), colors=[[heading, entries] for heading, entries in choices], look=vars(self.look),
            replay=[float(time) for time in first.times] if first.is_replay else None, seed=int(spec.run.seed),
            traces=False if first.is_replay else first.traces, drugs=_drugs(spec), blood=spec.blood is not None,
            mode=self.screen.view.mode, worlds=len(worlds), camera=vars(self.screen.view.camera),
            palettes={p: [hex_of(scale(p)[n]) for n in range(0, 256, 51)] for p in ("sea", "cividis", "viridis")},
        )  # fmt: skip
        self._tell_knobs(worlds)
        self._tell_log()
        self._told = dict.fromkeys(self._told, 0.0)

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
        if self.base is None:
            self.on_seek(0)
            return
        if seed is not None:
            for number in range(len(self.settings)):
                self._spec_of(number, **{"run.seed": int(seed)})
                self.settings[number]["run.seed"] = int(seed)
        self._build()

    # -- numbers ------------------------------------------------------------------------------------------------------

    def on_set(self, path, value, world=None):
        """Set a number: now, if it may change while the model runs, else on the next start.

        Parameters
        ----------
        path : str
        value : str or number
            As in a scenario file.
        world : int, optional
            Index of the model; None for all.
        """
        if self.base is None:
            return
        chosen = range(len(self.settings)) if world is None else [int(world)]
        for number in chosen:
            self._spec_of(number, **{path: value})  # raises if it is wrong
        for number in chosen:
            self.settings[number][path] = value
            if is_live(path):
                self._pending[number, path] = value
        self.tell("fine", at=path)
        self.runner.do(self._change)

    def _change(self, worlds):
        """Make the changes that wait, in the runner."""
        waiting, self._pending = self._pending, {}
        for (number, path), value in waiting.items():
            if number >= len(worlds) or worlds[number].is_replay:
                continue
            model = worlds[number].model
            try:
                model.change(path, value)
            except ScenarioError as error:
                self.tell("fault", at=path, message=_plain(error))
                continue
            self._note(number, model.clock.time, f"{path} = {value}")
        self._tell_knobs(worlds)
        self._tell_log()

    def on_default(self, path):
        """Set a number back to what the file says."""
        from autocrine_abm.scenario.live import value_at
        from autocrine_abm.scenario.validation import document_of
        from autocrine_abm.scenario.vocabulary import split

        value = value_at(document_of(self.base), split(path))
        self.on_set(path, value)
        for settings in self.settings:
            settings.pop(path, None)

    def on_dose(self, ligand, amount, into="bath", tissue=None, start="", infusion="", every="", doses=1, world=None):
        """Give a dose now, or plan some.

        Parameters
        ----------
        ligand, into, tissue : str
            As in a regimen.
        amount : str
            A concentration or a number of molecules.
        start : str
            When, from now on; empty for now.
        """
        try:
            quantity = parse(str(amount), None)
        except UnitError as error:
            raise AutocrineError(f"amount: {error}") from None
        molecules = quantity.dimension == dimension_of("molecules")
        table = {"ligand": ligand, "into": into, "doses": int(doses or 1), ("amount" if molecules else "concentration"): amount}
        table |= {key: text for key, text in (("infusion", infusion), ("every", every)) if text}
        if into == "bath" and tissue:
            table["tissue"] = tissue
        later = float(parse(start, "min")) if start else 0.0

        def give(worlds):
            for number, entry in enumerate(worlds):
                if entry.is_replay or world not in (None, number):
                    continue
                model = entry.model
                try:
                    regimen = Regimen.model_validate(table | {"start": f"{model.clock.time + later!r} min"})
                    model.give(regimen)
                except ValidationError as error:
                    self.tell("fault", at="dose", message="; ".join(fault.message for _, fault in explain(error)))
                    return
                except ScenarioError as error:
                    self.tell("fault", at="dose", message=_plain(error))
                    return
                self._note(number, model.clock.time, dose_sentence(regimen, entry.spec.tissue))
            self.tell("fine", at="dose")
            self._tell_log()

        self.runner.do(give)

    def on_compare(self, on=True):
        """Put a second model from the same seed beside the first, or take it away; both start anew."""
        if self.base is None:
            return
        self.settings = [dict(self.settings[0]), dict(self.settings[0])] if on else self.settings[:1]
        self._build()

    def on_trace(self, on=True):
        """Follow where signals come from, or stop asking."""

        def trace(worlds):
            for world in worlds:
                if not world.is_replay:
                    world.traces = bool(on)
                    if on:
                        world.trace()
            self._told["charts"] = 0.0

        self.runner.do(trace)

    # -- looking ------------------------------------------------------------------------------------------------------

    def on_look(self, ligand=None, color=None, **view):
        """Show something else, or from elsewhere; see `painter.View` and `painter.Camera`."""
        if ligand is not None or color is not None:
            self.look = Look(self.look.ligand if ligand is None else ligand or None, color or self.look.color)
            self.runner.do(lambda worlds: None)
        if view:
            self.screen.look(**view)

    def on_ack(self, frame):
        """The page has shown a frame."""
        self.screen.acknowledge(frame)

    def on_point(self, pane, x, y):
        """What is under the pointer."""
        found = self.screen.at(int(pane), float(x), float(y), 0.0)
        if found is None:
            return
        _, shot, cell_id, value = found
        words = []
        if cell_id:
            row = int(shot.cell_id.searchsorted(cell_id))
            kinds = self._types()
            words.append(f"{kinds[shot.cell_type[row]]} {cell_id}" if kinds else str(cell_id))
        if value is not None:
            unit, factor = level_unit(self.runner.worlds[0].spec.ligand[self.look.ligand])
            words.append(f"{self.look.ligand} {value * factor:.3g} {unit}")
        self.tell("under", text=" · ".join(words), x=x, y=y, pane=pane)

    def on_pick(self, pane, x, y):
        """Mark the cell at a point and tell all about it."""
        found = self.screen.at(int(pane), float(x), float(y), 6.0)
        if found is not None:
            self.on_select(found[2], found[0])

    def on_select(self, cell_id, world=0):
        """Mark a cell by its id; 0 for none."""
        self.screen.look(selected=int(cell_id))
        self._selected_world = int(world)
        self.runner.do(lambda worlds: self._tell_cell(worlds, asked=True))

    def on_picture(self, width=1600):
        """The view as a file."""
        picture = self.screen.picture(int(width))
        if picture is not None:
            self._send("take", {"do": "file", "name": f"{self.name}.png", "kind": "image/png"}, [picture])

    def on_save(self, world=0):
        """The session as a scenario file that repeats it."""

        def save(worlds):
            entry = worlds[int(world)]
            if entry.is_replay:
                return
            suffix = f"-{'AB'[int(world)]}" if len(worlds) > 1 else ""
            name = f"{self.name}-session{suffix}.toml"
            text = files.to_toml(entry.protocol())
            self.tell("file", name=name, kind="application/toml", text=text, until=f"{entry.time:g} min")

        self.runner.do(save)

    # -- what is told -------------------------------------------------------------------------------------------------

    def _types(self):
        worlds = self.runner.worlds
        return list(worlds[0].spec.cell) if worlds else []

    def _after(self, worlds):
        """Something has happened in the runner: hand out snapshots, and tell what is due."""
        if not worlds:
            self._say()
            return
        if not self.screen.is_watched:
            self.runner.playing = False
        now, playing = perf_counter(), self.runner.playing
        if self.screen.is_hungry or not playing:
            spec, look = worlds[0].spec, self.look
            level = level_unit(spec.ligand[look.ligand]) if look.ligand in spec.ligand else ("nM", 1.0)
            about = {"types": list(spec.cell), "ligands": list(spec.ligand), "level": level}
            about["unit"] = self._unit(worlds[0], look)
            self.screen.show([world.shoot(look) for world in worlds], about)
        if not playing or now - self._told["state"] >= _STATE_EVERY:
            self._told["state"] = now
            self._say(worlds)
        if not playing or now - self._told["charts"] >= _CHARTS_EVERY:
            self._told["charts"] = perf_counter()
            self.tell("charts", charts=charts.charts(worlds), matrix=charts.matrix(worlds[0]))
        if self.screen.view.selected and (not playing or now - self._told["cell"] >= _CELL_EVERY):
            self._told["cell"] = now
            self._tell_cell(worlds)

    def _unit(self, world, look):
        if world.is_replay:
            unit = world.run.info.get("units", {}).get("cells", {}).get(look.color, "")
            return "1/hour" if unit == "1/min" else in_print(unit)
        return property_of(next(iter(world.model.tissues.values())).cells, look.color)[1]

    def _say(self, worlds=()):
        """Tell the state of play."""
        state = {
            "playing": self.runner.playing and bool(worlds), "building": self._building, "rate": round(self.runner.rate, 2),
        }  # fmt: skip
        if worlds:
            first = worlds[0]
            state |= {
                "time": first.time, "end": first.end, "over": first.time >= first.end,
                "clock": _moment(first.time),
                "until": in_words(first.end), "place": getattr(first, "place", 0),
                "cells": [_count(world) for world in worlds],
            }  # fmt: skip
        if state != self._last_state:
            self._last_state = state
            self.tell("state", **state)

    def _tell_knobs(self, worlds):
        told = [world.spec for world in worlds if not world.is_replay]
        if not told:
            self.tell("knobs", knobs=[])
            return
        listed = []
        base = {knob.path: knob.text for knob in knobs(self.base)}
        wanted = [{knob.path: knob for knob in knobs(self._spec_of(number))} for number in range(len(told))]
        for knob in knobs(self.base):
            now = [own.get(knob.path, knob) for own in wanted]
            listed.append(vars(knob) | {
                "value": now[0].value, "text": [own.text for own in now], "values": [own.value for own in now],
                "changed": any(own.text != base[knob.path] for own in now),
            })  # fmt: skip
        self.tell("knobs", knobs=listed)

    def _note(self, world, time, text):
        self.log.append({"world": world, "time": _moment(time), "text": text})

    def _tell_log(self):
        self.tell("log", log=self.log)

    def _tell_cell(self, worlds, asked=False):
        cell_id = self.screen.view.selected
        world = min(self._selected_world, len(worlds) - 1)
        self.tell("cell", cell=worlds[world].describe(cell_id) if cell_id and worlds else None, asked=asked)

    def _failed(self, error):
        """Something went wrong in a thread of this page: show it, and stay."""
        self._building = ""
        words = _plain(error) if isinstance(error, AutocrineError) else f"{type(error).__name__}: {error}"
        details = "".join(traceback.format_exception(error))
        self.tell("error", message=words, details="" if isinstance(error, AutocrineError) else details)
        self._say(self.runner.worlds)


_WANTS = {name.removeprefix("on_") for name in vars(Session) if name.startswith("on_")}


def _rewind(worlds):
    """A recording that has been shown to its end starts over."""
    if worlds and worlds[0].is_replay and worlds[0].time >= worlds[0].end:
        worlds[0].seek(0)


def _most_telling(spec):
    """The ligand to show first: one that cells release, else the first; None without ligands."""
    released = {entry.ligand for own in spec.cell.values() for entry in own.secretes}
    return min(spec.ligand, key=lambda name: name not in released, default=None)


def _moment(time):
    """A time of the experiment in words."""
    return in_words(time) if time else "0 min"


def _count(world):
    table = world.history.table
    if world.is_replay or not table.rows:
        return int(len(world._cells(world.time, "cell type"))) if world.is_replay else 0
    return int(world.model.n_cells)


def _plain(error):
    """What is wrong, without the name of the override that it came by."""
    if isinstance(error, ScenarioError):
        return "; ".join(fault.message for fault in error.faults)
    return str(error)


def _drugs(spec):
    """Ligands worth giving, the likely ones first, each with the dose that the scenario gives of it."""
    doses = {}
    for regimen in spec.regimen:
        amount = regimen.amount if regimen.amount is not None else regimen.concentration
        doses.setdefault(regimen.ligand, {"amount": amount.text, "into": regimen.into, "tissue": regimen.tissue or ""})
    return [
        {"ligand": ligand, "planned": ligand in doses, **doses.get(ligand, {"amount": "10 nM", "into": "bath", "tissue": ""})}
        for ligand in sorted(spec.ligand, key=lambda name: name not in doses)
    ]
