"""Is a document a scenario? All that is wrong with it at once, or the checked `Scenario`.

What is accepted is told by the parameter classes (in words: `explain`), and what must fit together by
`audit`.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError

from autocrine_abm.errors import Fault, ScenarioError
from autocrine_abm.scenario.audit import audit
from autocrine_abm.scenario.explain import explain
from autocrine_abm.scenario.live import change_faults, slider_faults
from autocrine_abm.scenario.names import loose_names
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.vocabulary import dotted

__all__ = ["document_of", "refuse_faults", "validate"]


def _valid_parts(document):
    """What is valid in a faulty document, shaped like a `Scenario`; entries at fault are left out or None."""

    def part(model, table):
        try:
            return model.model_validate(table)
        except ValidationError:
            return None

    parts = {}
    for name, field in Scenario.model_fields.items():
        value, kind, inner = document.get(name), get_origin(field.annotation), get_args(field.annotation)
        model = next((cls for cls in (*inner, field.annotation) if _is_model(cls)), None)
        if model is None:
            continue
        if kind is dict:
            entries = value.items() if isinstance(value, dict) else ()
            checked = {key: part(model, entry) for key, entry in entries}
            parts[name] = {key: entry for key, entry in checked.items() if entry is not None}
        elif kind is tuple:
            parts[name] = tuple(part(model, entry) for entry in value) if isinstance(value, list) else ()
        else:
            parts[name] = part(model, value) if value is not None or field.is_required() else field.default
    return SimpleNamespace(**parts)


def _is_model(cls):
    return isinstance(cls, type) and issubclass(cls, BaseModel)


def validate(document, folder, place):
    """The scenario that a document describes.

    Parameters
    ----------
    document : dict
        Nested tables and lists, as TOML gives them.
    folder : path or None
        Where CSV files named in the document lie; they are not looked for if None.
    place : callable
        Gives source and line of a path, for messages.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With all faults, in the order of their lines.
    """
    found, scenario = [], None
    try:
        scenario = Scenario.model_validate(document)
    except ValidationError as error:
        found += explain(error)
    broken = [path for path, _ in found]
    found += [(path, fault) for path, fault in loose_names(document, broken) if path not in broken]
    whole = scenario is not None
    found += [
        (path, fault)
        for path, fault in audit(scenario if whole else _valid_parts(document), folder, complete=whole)
        if not any(path[: len(other)] == other for other in broken if other)
    ]
    if whole and not found:
        later = [*slider_faults(scenario, document_of(scenario))] if scenario.view is not None else []
        later += change_faults(document, folder) if scenario.change else ()
        found += [(path, Fault(message, dotted(path))) for path, message in later]
    if found:
        faults = []
        for path, fault in dict(found).items():
            source, line = place(path)
            faults.append(replace(fault, source=source, line=line))
        raise ScenarioError(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    return scenario


def refuse_faults(scenario, folder=None):
    """Check a scenario that was put together in Python as strictly as one read from a file.

    Parameters
    ----------
    scenario : Scenario
    folder : path, optional
        Where CSV files named in it lie; they are not looked for if None.

    Raises
    ------
    ScenarioError
        With all faults.
    """
    validate(document_of(scenario), folder, lambda path: ("", None))


def document_of(scenario):
    """A scenario as nested dicts and lists of text and numbers, all defaults filled in. A new document."""

    def plain(value):
        if isinstance(value, dict):
            return {key: plain(entry) for key, entry in value.items() if entry is not None}
        return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value

    return plain(scenario.model_dump())
