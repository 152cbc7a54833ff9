"""Names in a scenario that nothing is called: a rule on a ligand that is not there, a seed of no cell type.

They are looked for in the document, before anything else about it is known to be right.
"""

from typing import get_origin

from autocrine_abm.cells.rule import CONTACT, DAMAGE, DEAD, OCCUPANCY, SIGNALS, TRAIT
from autocrine_abm.errors import Fault, shown
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.vocabulary import did_you_mean, dotted

__all__ = ["loose_names"]

_NAMED = [name for name, field in Scenario.model_fields.items() if get_origin(field.annotation) is dict]


def _table(document, name):
    table = document.get(name)
    return table if isinstance(table, dict) else {}


def _references(here, path=()):
    """All (path, key, text) of a document whose value is text, and which stand below the top."""
    entries = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
    for key, value in entries:
        if isinstance(value, str) and len(path) > 1:
            yield (*path, key), key, value
        else:
            yield from _references(value, (*path, key))


def _occupancies(cell):
    """Signals that the receptors of a cell type give; the type is a table, not necessarily valid."""
    parts = cell.get("receptor") if isinstance(cell, dict) else None
    parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [f"{OCCUPANCY}{part.get('name') or part.get('ligand')}" for part in parts]


def _named(cell, table, prefix):
    """Signals that the traits or kinds of damage of a cell type give; as `_occupancies`."""
    parts = cell.get(table) if isinstance(cell, dict) else None
    return [f"{prefix}{name}" for name in parts] if isinstance(parts, dict) else []


def _nodes(cell):
    """Signals that the pathway nodes of a cell type give; as `_occupancies`."""
    parts = cell.get("node") if isinstance(cell, dict) else None
    return [*parts] if isinstance(parts, dict) else []


def loose_names(document, broken=()):
    """Names in a document that nothing is called.

    A key that is called like a top-level table (``ligand``, ``cell``, ``tissue``) names one of its entries,
    and the signal of a rule a ligand, one of `SIGNALS`, or of the same cell type a pathway node ("STAT3"), a receptor
    ("occupancy of EGFR"), a trait or a kind of damage.

    Parameters
    ----------
    document : dict
        A scenario as nested tables and lists, not necessarily valid.
    broken : iterable of tuple
        Paths already known to be at fault; a table misspelled at the top hides what is missing in it.

    Returns
    -------
    list of (tuple, Fault)
    """
    hidden = {path[0] for path in broken if len(path) == 1}
    found = []
    for path, key, text in _references(document):
        table = "ligand" if key == "signal" else key
        if table not in _NAMED or any(did_you_mean(name, [table]) for name in hidden):
            continue
        known = [*_table(document, table)]
        if key == "signal":
            own = _table(document, "cell").get(path[1])
            known += [*SIGNALS, *_nodes(own), *_occupancies(own), *_named(own, "trait", TRAIT)]
            known += _named(own, "damage", DAMAGE)
            known += [f"{CONTACT}{name}" for name in (*_table(document, "cell"), DEAD) if text.startswith(CONTACT)]
        if text not in known:
            what = {"cell": "cell type"}.get(key, key)
            if key == "signal" and text.startswith((OCCUPANCY, TRAIT, DAMAGE, CONTACT)):
                what = "signal of this cell type"
            declared = ", ".join(known) or "none"
            message = f"no {what} is called {shown(text)}; declared: {declared}{did_you_mean(text, known)}"
            found.append((path, Fault(message, dotted(path))))
    return found
