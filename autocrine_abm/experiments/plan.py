"""The runs of a sweep in their order: which point, which replicate, which seed.

A plan is computed from a few words each time it is needed and never changes, so that a sweep which was interrupted
finds its place again. Seeds depend on the sweep's seed, the point and the replicate only: more replicates leave the
first ones as they are. Paired plans give a replicate the same seed at all points (common random numbers); as every
cell draws by its own name, a treated cell and its twin in the control then meet the same chance.
"""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autocrine_abm.errors import UnitError
from autocrine_abm.experiments.design import points_of
from autocrine_abm.units import in_unit, parse

__all__ = ["FIRST_COLUMNS", "Plan", "PlannedRun", "seed_of"]

#: Columns of every table that tell the run, before those of the parameters.
FIRST_COLUMNS = ("run", "point", "replicate", "seed")


def seed_of(seed, replicate, point=None):
    """Seed of one run, from 0 to 2⁶³ - 1.

    Parameters
    ----------
    seed : int
        Of the sweep.
    replicate : int
        From 0.
    point : int, optional
        From 0; left out, all points share the seed.

    Examples
    --------
    >>> seed_of(1, replicate=0) == seed_of(1, replicate=0, point=0)
    False
    """
    key = (0, replicate) if point is None else (1, point, replicate)
    return int(np.random.SeedSequence(seed, spawn_key=key).generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True)
class PlannedRun:
    """One run that is to be done.

    Parameters
    ----------
    number : int
        From 0, its place in the plan.
    point, replicate : int
        From 0.
    seed : int
        Its ``run.seed``.
    values : dict of str to value
        By dotted path, with every path that changes together.
    """

    number: int
    point: int
    replicate: int
    seed: int
    values: dict


class Plan:
    """All runs of a sweep: ``plan[number]`` is a `PlannedRun`, ``len(plan)`` how many there are.

    Parameters
    ----------
    sweep : scenario.sweep.Sweep
        Variations, design and replicates.
    seed : int
        Of the design and of all runs, where `sweep` names none.

    Examples
    --------
    >>> from autocrine_abm.scenario.sweep import Sweep
    >>> plan = Plan(Sweep(vary=["ligand.IL6.decay = 1, 2 1/min"], replicates=3), seed=1)
    >>> len(plan), plan[4].values
    (6, {'ligand.IL6.decay': '2 1/min'})
    """

    def __init__(self, sweep, seed):
        self.variations = sweep.variations
        self.seed = seed if sweep.seed is None else sweep.seed
        self.replicates, self.paired = sweep.replicates, sweep.paired
        self.points = points_of(self.variations, sweep.design, sweep.samples, self.seed)

    def __len__(self):
        return len(self.points) * self.replicates

    def __getitem__(self, number):
        if not 0 <= number < len(self):
            raise IndexError(f"run {number}; the plan has {len(self):,}")
        point, replicate = divmod(number, self.replicates)
        values = {
            path: value
            for variation, value in zip(self.variations, self.points[point])
            for path in variation.paths
        }
        return PlannedRun(number, point, replicate, seed_of(self.seed, replicate, None if self.paired else point), values)

    @cached_property
    def _scales(self):
        """For each variation its unit, or None if its values are words."""
        return [_scale([point[index] for point in self.points]) for index in range(len(self.variations))]

    @property
    def units(self):
        """Unit of the column of each variation, dict of str to str; empty for plain numbers and words."""
        return {variation.name: unit or "" for variation, unit in zip(self.variations, self._scales)}

    @cached_property
    def kinds(self):
        """What the column of each variation holds, dict of str to ``"int"``, ``"float"`` or ``"word"``."""
        kinds = {}
        for index, (variation, unit) in enumerate(zip(self.variations, self._scales)):
            if unit is None:
                kinds[variation.name] = "word"
                continue
            numbers = {_number(point[index], unit) for point in self.points}
            kinds[variation.name] = "int" if all(isinstance(number, int) for number in numbers) else "float"
        return kinds

    def row(self, number):
        """What tables say about a run before its measures.

        Returns
        -------
        dict of str to int, float or str
            `FIRST_COLUMNS`, then a number in the unit of its column, or a word, per variation.
        """
        run = self[number]
        row = dict(zip(FIRST_COLUMNS, (run.number, run.point, run.replicate, run.seed)))
        for variation, value, unit in zip(self.variations, self.points[run.point], self._scales):
            row[variation.name] = _word(value) if unit is None else _number(value, unit)
        return row


def _word(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


_WITH_UNIT = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*((?![-+.\d]).*|1/.*)")


def _split(text):
    """Number and unit of a quantity as written, or None."""
    match = _WITH_UNIT.fullmatch(text.strip())
    try:
        return (float(match[1]), match[2]) if match and match[2] else None
    except ValueError:
        return None


def _scale(values):
    """The unit in which all values can be told as numbers: that of the first; empty for plain numbers, None for words."""
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return ""
    parts = [_split(value) if isinstance(value, str) else None for value in values]
    if None in parts:
        return None
    unit = parts[0][1]
    try:
        for value in {text for text, part in zip(values, parts) if part[1] != unit}:
            parse(value, unit)
        parse(values[0])
    except UnitError:
        return None
    return unit


def _number(value, unit):
    if not unit:
        return value
    number, own = _split(value)
    if own != unit:
        number = float(f"{in_unit(parse(value), unit):.12g}")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
