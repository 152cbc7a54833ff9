"""What a page does to its models: sets numbers, gives doses, traces origins, and keeps it all for a file that repeats it.

A change waits until the runner is between two steps; of several changes of one number only the last is made.
"""

from pydantic import ValidationError

from autocrine_abm.dashboard.bulletin import moment
from autocrine_abm.dashboard.doses import dose_table
from autocrine_abm.dashboard.settings import Settings
from autocrine_abm.drugs.regimen import Regimen
from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario import files
from autocrine_abm.scenario.describe import dose_sentence
from autocrine_abm.scenario.explain import explain
from autocrine_abm.scenario.live import is_live
from autocrine_abm.units import parse

__all__ = ["Steering", "plainly"]


class Steering:
    """The hand on the models of a page.

    Parameters
    ----------
    tell : callable
        ``tell(do, **message)``.
    runner : Runner
    renew : callable
        Called when charts have something new to show.

    Attributes
    ----------
    settings : Settings
    log : list of dict
        What was done to the models since they started: ``world``, ``time`` and ``text``.
    """

    def __init__(self, tell, runner, renew):
        self.tell, self.runner, self._renew = tell, runner, renew
        self._pending = {}  # changes of running models that wait for the runner: (world, path) → value
        self.settings, self.log = Settings(), []

    def prepare(self, settings):
        """New models are about to start with these settings; what is set from now on is theirs."""
        self.settings = settings
        self._pending.clear()

    def begin(self, settings):
        """They have started."""
        self.settings, self.log = settings, []

    def tell_all(self):
        """Tell all numbers, and what was done."""
        self.tell("knobs", knobs=self.settings.knobs(), arms=self.settings.arms())
        self.tell("log", log=self.log)

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
        if self.settings.base is None:
            return
        for number in self.settings.put(path, value, world):
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
                self.tell("fault", at=path, message=plainly(error))
                continue
            self._note(number, model.clock.time, f"{path} = {value}")
        self.tell_all()

    def on_default(self, path):
        """Set a number back to what the file says."""
        self.on_set(path, self.settings.stated(path))
        self.settings.forget(path)

    def on_dose(self, start="", world=None, **dose):
        """Give a dose now, or plan some.

        Parameters
        ----------
        start : str
            When, from now on; empty for now.
        world : int, optional
            Index of the model; None for all.
        **dose
            As `doses.dose_table` takes it.
        """
        table = dose_table(**dose)
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
                    self.tell("fault", at="dose", message=plainly(error))
                    return
                self._note(number, model.clock.time, dose_sentence(regimen, entry.spec.tissue))
            self.tell("fine", at="dose")
            self.tell("log", log=self.log)

        self.runner.do(give)

    def on_trace(self, on=True):
        """Follow where signals come from, or stop asking."""

        def trace(worlds):
            for world in worlds:
                if not world.is_replay:
                    world.traces = bool(on)
                    if on:
                        world.trace()
            self._renew()

        self.runner.do(trace)

    def on_save(self, world=0):
        """The session as a scenario file that repeats it."""

        def save(worlds):
            entry = worlds[int(world)]
            if entry.is_replay:
                return
            suffix = f"-{'AB'[int(world)]}" if len(worlds) > 1 else ""
            name = f"{self.settings.name}-session{suffix}.toml"
            text = files.to_toml(entry.protocol())
            self.tell("file", name=name, kind="application/toml", text=text, until=f"{entry.time:g} min")

        self.runner.do(save)

    def _note(self, world, time, text):
        self.log.append({"world": world, "time": moment(time), "text": text})


def plainly(error):
    """What is wrong, without the name of the override that it came by."""
    if isinstance(error, ScenarioError):
        return "; ".join(fault.message for fault in error.faults)
    return str(error)
