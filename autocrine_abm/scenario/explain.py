"""From what pydantic says about a scenario to what its author needs to hear.

Each fault tells where, what was got, what is accepted, and, for a near miss, what was probably meant.
"""

from autocrine_abm.errors import Fault, shown
from autocrine_abm.scenario.vocabulary import accepted, did_you_mean, dotted, is_known, keys, purpose

__all__ = ["explain"]


def _got(value):
    """A value as a person would call it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return shown(value)


def _meaning(path):
    text = purpose(path)
    return f" ({text})" if text else ""


def _missing(path):
    inner = keys(path)
    if inner:
        return f"missing; add a table [{dotted(path)}] with the keys {', '.join(inner)}"
    if accepted(path).startswith("tables"):
        return f"missing; add a table [{dotted(path)}.NAME] with the keys {', '.join(keys((*path, 'NAME')))}"
    return f"missing; accepted is {accepted(path)}{_meaning(path)}"


def _message(kind, path, error):
    """One sentence for one complaint of pydantic."""
    value = error["input"]
    if kind == "extra_forbidden":
        known = keys(path[:-1])
        return f"unknown key '{path[-1]}'; accepted keys: {', '.join(known)}{did_you_mean(path[-1], known)}"
    if kind == "missing":
        return _missing(path)
    if "url" not in error:  # raised by a parameter class, in our words already
        return error["msg"]
    if kind == "too_short" and isinstance(value, dict):
        return _missing(path)
    suggestion = ""
    if kind == "literal_error" and isinstance(value, str):
        choices = error["ctx"]["expected"].replace(" or ", ", ").split(", ")
        suggestion = did_you_mean(value, [choice.strip("'") for choice in choices])
    return f"got {_got(value)}; accepted is {accepted(path) or 'something else'}{_meaning(path)}{suggestion}"


def explain(error):
    """Translate a validation error.

    Parameters
    ----------
    error : pydantic.ValidationError
        From validating a scenario, or a part of one.

    Returns
    -------
    list of (tuple, Fault)
        Path and fault, without file and line; at least one.
    """
    faults = {}
    likely = set()
    for detail in error.errors(include_context=True):
        path, kind = detail["loc"], detail["type"]
        if path and path[-1] == "[key]":
            message = (
                f"got the name '{path[-2]}'; accepted are letters, digits, '_', '-', and a letter in front"
            )
            faults.setdefault(path[:-1], message)
            continue
        while path and kind not in ("extra_forbidden", "missing") and not is_known(path):
            path = path[:-1]  # tags that pydantic adds for the members of a choice
        faults.setdefault(path, _message(kind, path, detail))
        if kind == "extra_forbidden":
            meant = [key for key in keys(path[:-1]) if did_you_mean(path[-1], [key])]
            likely.update((*path[:-1], key) for key in meant)
    return [
        (path, Fault(message, dotted(path)))
        for path, message in faults.items()
        if not (path in likely and message.startswith("missing"))  # the misspelled key tells it already
    ]
