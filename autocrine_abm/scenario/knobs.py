"""The numbers of a scenario as things to turn: value, unit, range, meaning, and whether turning acts at once.

What its author put into ``[view]`` comes first, with the ranges stated there. All other numbers that were stated, rather than
left at their defaults, follow, over a decade to both sides. Faces draw sliders from this list; nothing here draws.
"""

import re
from dataclasses import dataclass

from pydantic import BaseModel

from autocrine_abm.scenario.live import is_live, value_at
from autocrine_abm.scenario.validation import document_of
from autocrine_abm.scenario.vocabulary import dotted, kind, limits, purpose, split
from autocrine_abm.units import Quantity, format_number, in_unit, parse

__all__ = ["Knob", "knobs"]

_SKIPPED = ("title", "question", "group", "record", "change", "view")
_NUMBER = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*")


@dataclass(frozen=True)
class Knob:
    """One number of a scenario.

    Parameters
    ----------
    path : str
        Dotted path.
    group : str
        What it belongs to: ``"Ligand IL6"``.
    label : str
        What it is called within the group.
    meaning : str
        One sentence; may be empty.
    text : str
        Its value as a scenario file has it.
    value : float
        The number in `unit`.
    unit : str
        As its author wrote it; empty for plain numbers.
    low, high : float
        Range of a slider, in `unit`.
    scale : str
        ``"linear"`` or ``"log"``.
    whole : bool
        Whether only whole numbers are accepted.
    live : bool
        Whether a change acts on the running model; if not, on the next start.
    first : bool
        Whether the author asked for it in ``[view]``.
    """

    path: str
    group: str
    label: str
    meaning: str
    text: str
    value: float
    unit: str
    low: float
    high: float
    scale: str
    whole: bool
    live: bool
    first: bool

    def written(self, value):
        """A number in `unit` as a scenario has it: text with the unit, or a plain number."""
        if self.unit:
            return f"{value!r} {self.unit}"
        return int(value) if self.whole else float(value)


def knobs(scenario):
    """All knobs of a scenario, list of `Knob`; those of ``[view]`` first.

    Examples
    --------
    >>> from autocrine_abm.scenario.files import read
    >>> {knob.path: knob.unit for knob in knobs(read("minimal"))}["ligand.growth_factor.decay"]
    '1/min'
    """
    document = document_of(scenario)
    asked = {slider.path: slider for slider in (scenario.view.slider if scenario.view else ())}
    found = [_knob(split(path), value_at(document, split(path)), document, slider) for path, slider in asked.items()]
    for path, value in _stated(scenario):
        if path[0] not in _SKIPPED and dotted(path) not in asked:
            found.append(_knob(path, value, document))
    return [knob for knob in found if knob is not None]


def _stated(here, path=()):
    """(path, value) of all numbers of the scenario that differ from their defaults."""
    if isinstance(here, BaseModel):
        for name, field in type(here).model_fields.items():
            value = getattr(here, name)
            if field.is_required() or not _is_default(value, field.default):
                yield from _stated(value, (*path, name))
    elif isinstance(here, dict):
        for name, value in here.items():
            yield from _stated(value, (*path, name))
    elif isinstance(here, tuple):
        for place, value in enumerate(here):
            yield from _stated(value, (*path, place))
    elif isinstance(here, Quantity):
        yield path, here.text
    elif isinstance(here, (int, float)) and not isinstance(here, bool):
        yield path, here


def _is_default(value, default):
    return value == default or getattr(value, "text", value) == default


def _knob(path, value, document, slider=None):
    match = _NUMBER.fullmatch(str(value))
    if match is None or kind(path) not in ("quantity", "number", "integer"):
        return None
    number, unit = float(match[1]), match[2]
    if slider is not None:
        low, high = (_in(end, unit) for end in (slider.low, slider.high))
        scale = slider.scale
    else:
        low, high, scale = _range(number, limits(path))
    return Knob(
        dotted(path), _group(path), (slider and slider.label) or _label(path, document), purpose(path), str(value),
        number, unit, low, high, scale, kind(path) == "integer", is_live(path), slider is not None,
    )  # fmt: skip


def _in(end, unit):
    """An end of a slider as a number in the unit of the value."""
    return in_unit(float(parse(end)), unit) if isinstance(end, str) else float(end)


def _range(number, bounds):
    least, most = bounds
    if least == 0 and most == 1:
        return 0.0, 1.0, "linear"
    if number > 0:
        low, high = _tidy(number / 10), _tidy(number * 10)
        if least is not None:
            low = max(low, least)
        return low, (min(high, most) if most is not None else high), "log" if low > 0 else "linear"
    reach = abs(number) * 2 or 1.0
    return (0.0 if number == 0 else -reach), reach, "linear"


def _tidy(number):
    return float(format_number(number))


def _group(path):
    if path[0] in ("ligand", "cell", "tissue"):
        return f"{ {'ligand': 'Ligand', 'cell': 'Cell', 'tissue': 'Tissue'}[path[0]]} {path[1]}"
    if path[0] in ("regimen", "seed"):
        return f"{ {'regimen': 'Dose', 'seed': 'Cells at the start'}[path[0]]} {path[1] + 1}"
    return str(path[0]).capitalize()


def _label(path, document):
    """What a number is called within its group: ``"secretion of IL6"``, ``"pressure → division rate: half"``."""
    inner = path[2:] if path[0] in ("ligand", "cell", "tissue", "regimen", "seed") else path[1:]
    words = []
    for place, part in enumerate(inner):
        if isinstance(part, int):
            entry = value_at(document, path[: len(path) - len(inner) + place + 1])
            if isinstance(entry, dict):
                told = entry.get("name") or entry.get("signal") or entry.get("ligand") or ""
                target = entry.get("increases") or entry.get("decreases")
                words.append(f"{told} → {target}:" if target else f"{told}:" if told else str(part + 1))
            else:
                words.append("xyz"[part] if part < 3 else str(part + 1))
        elif part not in ("rule",):
            words.append(str(part).replace("_", " "))
    return " ".join(words)
