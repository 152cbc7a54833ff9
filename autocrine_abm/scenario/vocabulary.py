"""What may be written where in a scenario: the keys, the kinds of values, and what they mean.

Everything here is read off the parameter classes, so a new field is known to messages and overrides at once.
"""

from difflib import get_close_matches
from functools import cache

from autocrine_abm.scenario.scenario import Scenario

__all__ = ["accepted", "did_you_mean", "dotted", "is_known", "keys", "kind", "limits", "purpose", "schema", "split"]


@cache
def schema():
    """JSON schema of a scenario. Shared: do not change it."""
    return Scenario.model_json_schema()


def dotted(path):
    """A path as people write it: ``cell.cancer.rule.0.half``."""
    return ".".join(map(str, path))


def split(text):
    """The parts of a dotted path; whole numbers become list positions."""
    return tuple(int(part) if part.isdecimal() and part.isascii() else part for part in text.split("."))


def did_you_mean(name, known):
    """``"; did you mean 'diffusion'?"`` for a near miss, else nothing."""
    by_lower = {str(other).lower(): str(other) for other in known}
    close = get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[close[0]]}'?" if close else ""


def _alternatives(node):
    """The plain schemas behind references and choices; "nothing" is left out."""
    if "$ref" in node:
        target = schema()["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return _alternatives(target)
    if "anyOf" in node:
        return [plain for choice in node["anyOf"] for plain in _alternatives(choice)]
    return [] if node.get("type") == "null" else [node]


def _child(node, part):
    """Schema of one entry of a table or list, or None."""
    if isinstance(part, int):
        items = node.get("prefixItems")
        if items:
            return items[part] if part < len(items) else None
        return node.get("items")
    if part in node.get("properties", {}):
        return node["properties"][part]
    named = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return next((entry for entry in named if isinstance(entry, dict)), None)


def _nodes(path):
    """The plain schemas at a path, and the one that carries its description."""
    nodes, outer = _alternatives(schema()), schema()
    for part in path:
        children = [child for child in (_child(node, part) for node in nodes) if child is not None]
        if not children:
            return [], {}
        outer = children[0]
        nodes = [plain for child in children for plain in _alternatives(child)]
    return nodes, outer


def is_known(path):
    """Whether the grammar has a place for this path, whatever names the author chose."""
    return bool(_nodes(path)[0])


def keys(path):
    """The fixed keys of the table at `path`, list of str; empty where names are free or there is no table."""
    return [key for node in _nodes(path)[0] for key in node.get("properties", {})]


def kind(path):
    """What kind of value stands at a path, in a word.

    ``"quantity"`` for text with a unit, ``"number"``, ``"integer"``, ``"flag"``, ``"choice"``, ``"text"``; empty for tables
    and lists, and where there is nothing.
    """
    nodes = _nodes(path)[0]
    if {"string", "number"} <= {node.get("type") for node in nodes}:  # a number, or text with a unit
        return "quantity"
    for node in nodes:
        if "unit" in node:
            return "quantity"
        if "enum" in node or "const" in node:
            return "choice"
        found = {"number": "number", "integer": "integer", "boolean": "flag", "string": "text"}.get(node.get("type"))
        if found:
            return found
    return ""


def limits(path):
    """Least and greatest number accepted at a path, None where there is no limit; for numbers without a unit."""
    for node in _nodes(path)[0]:
        if node.get("type") in ("number", "integer"):
            low = node.get("minimum", node.get("exclusiveMinimum"))
            return low, node.get("maximum", node.get("exclusiveMaximum"))
    return None, None


def _bounds(node):
    low, high = node.get("minimum"), node.get("maximum")
    if "exclusiveMinimum" in node:
        return f" above {node['exclusiveMinimum']:g}" + ("" if high is None else f" and up to {high:g}")
    if "exclusiveMaximum" in node and node["exclusiveMaximum"] < 1e9:
        high = node["exclusiveMaximum"] - 1
    if low is None:
        return ""
    return f" of {low} or more" if high is None else f" from {low} to {high}"


def _phrase(node):
    kind = node.get("type")
    if "enum" in node or "const" in node:
        words = [repr(word) for word in node.get("enum", [node.get("const")])]
        return words[0] if len(words) == 1 else f"one of {', '.join(words)}"
    if kind == "string" and "unit" in node:
        return f"text with a unit, such as '{node['examples'][0]}'"
    if kind == "string":
        examples = ", ".join(f"'{example}'" for example in node.get("examples", ()))
        return f"text such as {examples}" if examples else "text"
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _bounds(node)
    if kind == "boolean":
        return "true or false"
    if kind == "array":
        items = node.get("prefixItems") or [node.get("items", {})]
        count = f"{len(items)} entries" if "prefixItems" in node else "entries"
        inner = _alternatives(items[0])
        return f"a list of {count}" + (f", each {_phrase(inner[0])}" if inner else "")
    if kind == "object" and node.get("properties"):
        return f"a table with the keys {', '.join(node['properties'])}"
    if kind == "object":
        return "tables, each under a name of your choice"
    return "text or a number"


def accepted(path):
    """What may stand at `path`, in words: ``"text with a unit, such as '20 um'"``."""
    phrases = dict.fromkeys(_phrase(node) for node in _nodes(path)[0])
    return " or ".join(phrases)


def purpose(path):
    """What the value at `path` means, in words; empty where nothing is written about it."""
    return _nodes(path)[1].get("description", "").split("\n")[0]
