"""The scenarios that come with the package.

In a source checkout they lie in ``scenarios/`` beside the package, in an installed package inside it.
"""

import tomllib
from pathlib import Path

from autocrine_abm.errors import Fault, ScenarioError
from autocrine_abm.scenario.vocabulary import did_you_mean

__all__ = ["names", "path", "summaries"]

_PACKAGE = Path(__file__).resolve().parents[1]


def _folder():
    return next((f for f in (_PACKAGE / "_scenarios", _PACKAGE.parent / "scenarios") if f.is_dir()), None)


def _files():
    folder = _folder()
    return {file.stem: file for file in sorted(folder.glob("*.toml"))} if folder else {}


def names():
    """Names of the shipped scenarios, list of str in alphabetical order."""
    return list(_files())


def path(name):
    """Path of the shipped scenario `name`.

    Raises
    ------
    ScenarioError
        If there is none; lists those that are there.
    """
    files = _files()
    if name not in files:
        known = f"shipped scenarios: {', '.join(files) or 'none'}"
        message = f"is neither a file nor a shipped scenario; {known}{did_you_mean(name, files)}"
        raise ScenarioError([Fault(message, source=str(name))])
    return files[name]


def summaries():
    """Name, group and title of every shipped scenario, list of (str, str, str) sorted by group and name."""
    found = []
    for name, file in _files().items():
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        found.append((name, table.get("group", ""), table.get("title", "")))
    return sorted(found, key=lambda entry: (entry[1], entry[0]))
