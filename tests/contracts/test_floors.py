"""Imports go downwards only: the floors of the package, read from the import statements of every module."""

import ast
from pathlib import Path

import pytest

import autocrine_abm

PACKAGE = Path(autocrine_abm.__file__).parent
FLOORS = [
    {"units", "errors", "parameters", "kinetics", "randomness", "team", "meeting", "compilation", "scratch"},
    {"mesh", "cells"},
    {"ligands"},
    {"signaling", "drugs"},
    {"behavior", "measure"},
    {"scenario"},
    {"simulation"},
    {"output"},
    {"experiments", "evidence"},
    {"analysis"},
    {"dashboard"},
    {"cli"},
    {"__main__"},
]
GROUND = FLOORS[0]  # single modules that may use each other; above, a floor is shared by strangers
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
GUESTS = {
    "mesa": {"simulation", "dashboard"},
    "matplotlib": {"output"},
    "solara": {"dashboard"},
    "click": {"cli"},
}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def room_of(module):
    """First part of a module's path, ``cells`` for cells/state.py; empty for the front door."""
    return "" if module == Path("__init__.py") else module.parts[0].removesuffix(".py")


def imports_of(tree, module):
    """Dotted names that a module imports anywhere, functions included."""
    package = ("autocrine_abm", *module.parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            origin = ".".join(filter(None, (start, node.module)))
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def faults_of(source, module):
    """What is wrong with the imports of a module, list of str."""
    here = room_of(module)
    faults = []
    for name in imports_of(ast.parse(source), module):
        top, *rest = name.split(".")
        if top in GUESTS and here not in GUESTS[top]:
            faults.append(f"{top} enters at {' and '.join(sorted(GUESTS[top]))} only")
        if top != "autocrine_abm" or here == "":
            continue
        there = rest[0] if rest else ""
        if there == here or there == "__version__":
            continue
        if there not in FLOOR:
            faults.append(f"imports '{name}', which is on no floor")
        elif FLOOR[there] > FLOOR[here]:
            faults.append(f"imports '{name}' from a floor above")
        elif FLOOR[there] == FLOOR[here] and here not in GROUND:
            faults.append(f"imports '{name}' from a neighbor")
    return faults


def test_every_room_has_a_floor():
    assert {room_of(module) for module in MODULES} - {"", "__main__"} <= set(FLOOR)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_go_downwards(module):
    assert faults_of((PACKAGE / module).read_text("utf-8"), module) == []


@pytest.mark.parametrize(
    "module, source",
    [
        ("mesh/cartesian.py", "from autocrine_abm.ligands.field import LigandField"),
        ("mesh/cartesian.py", "from autocrine_abm import cells"),
        ("mesh/cartesian.py", "from ..cells import state"),
        ("cells/state.py", "def late():\n    import autocrine_abm.simulation.model"),
        ("behavior/rules.py", "from autocrine_abm.measure.space import center"),
        ("units.py", "import autocrine_abm.mesh"),
        ("output/report.py", "from autocrine_abm import TumorModel"),
        ("ligands/field.py", "import mesa"),
        ("measure/space.py", "from matplotlib import pyplot"),
    ],
)
def test_a_wrong_import_is_found(module, source):
    assert len(faults_of(source, Path(module))) == 1


def test_right_imports_pass():
    source = "import numpy\nfrom . import columns\nfrom autocrine_abm.units import parse"
    assert faults_of(source, Path("cells/state.py")) == []
