"""Findings kept in a folder, and taken from there while neither the code nor the scenario has changed."""

import hashlib
import json
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from autocrine_abm.evidence.check import Check, Findings
from autocrine_abm.evidence.comparison import Comparison
from autocrine_abm.output.layout import replacing
from autocrine_abm.scenario.files import locate

__all__ = ["fingerprint", "load", "save"]

_PACKAGE = Path(__file__).resolve().parent.parent
_FACES = {"cli", "dashboard", "experiments"}  # what they say does not change what is found
_LIBRARIES = ("numpy", "scipy", "numba", "mesa")


def fingerprint(scenario):
    """A hash of all that the findings for a scenario depend on: its file, this package, and the numerical libraries."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        inside = path.relative_to(_PACKAGE)
        if inside.parts[0] not in _FACES:
            digest.update(f"{inside}\n".encode() + path.read_bytes())
    digest.update(locate(scenario).read_bytes())
    digest.update(" ".join(metadata.version(name) for name in _LIBRARIES).encode())
    return digest.hexdigest()


def save(folder, scenario, key, findings):
    """Write findings into ``folder/scenario``; the file that says they are whole appears last."""
    place = Path(folder) / scenario
    place.mkdir(parents=True, exist_ok=True)
    comparison = findings.comparison
    if comparison is not None:
        for name in ("courses", "shares"):
            with replacing(place / f"{name}.parquet") as temporary:
                getattr(comparison, name).to_parquet(temporary, index=False)
    content = {
        "key": key, "seconds": findings.seconds, "checks": [asdict(check) for check in findings.checks],
        "titles": None if comparison is None else comparison.titles,
    }  # fmt: skip
    with replacing(place / "findings.json") as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def load(folder, scenario, key):
    """The `Findings` kept under this key; None if there are none, or they are damaged."""
    import pandas as pd

    place = Path(folder) / scenario
    try:
        content = json.loads((place / "findings.json").read_text(encoding="utf-8"))
        if content["key"] != key:
            return None
        checks = [Check(**check) for check in content["checks"]]
        comparison = None
        if content["titles"] is not None:
            courses, shares = (pd.read_parquet(place / f"{name}.parquet") for name in ("courses", "shares"))
            comparison = Comparison(scenario, content["titles"], courses, shares)
        return Findings(checks, comparison, content["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
