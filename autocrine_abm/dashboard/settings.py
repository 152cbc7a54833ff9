"""What a page has set: a scenario, and for each model the values that differ from it.

A number is checked when it is set; whether it acts at once or on the next start is told by `scenario.live`.
"""

from pathlib import Path

from autocrine_abm.scenario.arm import CONTROL
from autocrine_abm.scenario.knobs import knobs
from autocrine_abm.scenario.live import value_at
from autocrine_abm.scenario.overrides import override
from autocrine_abm.scenario.validation import document_of
from autocrine_abm.scenario.vocabulary import split

__all__ = ["Settings"]


class Settings:
    """Values by dotted path on top of a scenario, for one model or for two that are compared.

    Parameters
    ----------
    base : Scenario or None
        As the file has it; None for a recording, of which nothing is changed.
    folder : path
        Where its other files lie.
    name : str
        What it is called in names of files.

    Attributes
    ----------
    values : list of dict of str to str or number
        By model, what the next start begins with.
    """

    def __init__(self, base=None, folder=".", name=""):
        self.base, self.folder, self.name = base, Path(folder), name
        self.values = [{}]

    def spec(self, number=0, more=()):
        """The scenario of a model with all that is set, and `more` by path.

        Raises
        ------
        ScenarioError
            If that is no scenario that could run.
        """
        return override(self.base, self.values[number] | dict(more))

    def specs(self):
        """The scenario of each model."""
        return [self.spec(number) for number in range(len(self.values))]

    def put(self, path, value, world=None):
        """Set a value in one model, or in all; returns their indices. Nothing is set if it is wrong in any of them."""
        chosen = range(len(self.values)) if world is None else [int(world)]
        for number in chosen:
            self.spec(number, {path: value})
        for number in chosen:
            self.values[number][path] = value
        return chosen

    def stated(self, path):
        """The value at a path as the file has it."""
        return value_at(document_of(self.base), split(path))

    def take_arm(self, name, world=None):
        """Set what an arm of the scenario differs in, and nothing else, in one model or in all; ``control`` is the file."""
        wanted = {} if name == CONTROL else dict(self.base.arm[name].set)
        override(self.base, wanted)
        for number in range(len(self.values)) if world is None else [int(world)]:
            seed = {path: value for path, value in self.values[number].items() if path == "run.seed"}
            self.values[number] = wanted | seed

    def arms(self):
        """By model the name of the arm that it is, empty if it is none of them."""
        known = {CONTROL: {}, **{name: own.set for name, own in self.base.arm.items()}} if self.base else {}
        told = [{path: value for path, value in values.items() if path != "run.seed"} for values in self.values]
        return [next((name for name, own in known.items() if own == values), "") for values in told]

    def forget(self, path):
        """Set nothing at a path any more."""
        for values in self.values:
            values.pop(path, None)

    def compare(self, on):
        """Go on with two models that are set alike, or with the first of them."""
        self.values = [dict(self.values[0]), dict(self.values[0])] if on else self.values[:1]

    def knobs(self):
        """The numbers to turn, as a page lists them: dicts of a `Knob`, with ``text`` and ``values`` by model, ``changed``."""
        if self.base is None:
            return []
        stated = knobs(self.base)
        wanted = [{knob.path: knob for knob in knobs(spec)} for spec in self.specs()]
        listed = []
        for knob in stated:
            now = [own.get(knob.path, knob) for own in wanted]
            listed.append(vars(knob) | {
                "value": now[0].value, "text": [own.text for own in now], "values": [own.value for own in now],
                "changed": any(own.text != knob.text for own in now),
            })  # fmt: skip
        return listed
