"""Python code that a scenario brings along is found and judged without being run."""

import re

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.custom import Python, python_faults, source_of
from autocrine_abm.scenario.files import parse_text, to_toml

CODE = """
raise SystemExit("a check must not run this")
from autocrine_abm import CellAgent
def starve(tissue, dt): pass
def often(tissue, dt, *, twice=True): pass
def any_number(*values): pass
def one(tissue): pass
def three(tissue, dt, more): pass
def keyword(tissue, dt, *, needed): pass
class Ramp:
    def __call__(self, tissue, dt): pass
class Mute: pass
class Eager(CellAgent):
    def step(self): pass
later = Ramp()
if later:
    perhaps = starve
"""
SCENARIO = """
title = "own code"
[run]
duration = "1 hour"
[tissue.dish]
size = ["100 um", "100 um", "20 um"]
spacing = "20 um"
[cell.cancer]
radius = "6 um"
division_rate = "0.5 1/hour"
[[seed]]
cell = "cancer"
pattern = "random"
number = 6
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "own.py").write_text(CODE)
    return tmp_path


@pytest.mark.parametrize("name", ["starve", "often", "any_number", "Ramp", "later", "perhaps"])
def test_what_can_be_called_is_accepted(name, folder):
    assert python_faults(Python(behaviors=(f"own.py:{name}",)), folder) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("strave", "own.py defines no 'strave'; there are .*starve.*; did you mean 'starve'"),
        ("one", r"own.py:7: one takes \(tissue\); accepted is a function of \(tissue, dt\)"),
        ("three", r"own.py:8: three takes \(tissue, dt, more\)"),
        ("keyword", "own.py:9: keyword takes"),
        ("Mute", "own.py:12: class Mute cannot be called"),
    ],
)
def test_what_cannot_is_refused(name, message, folder):
    ((path, text),) = python_faults(Python(behaviors=("own.py:starve", f"own.py:{name}")), folder)
    assert path == ("behaviors", 1)
    assert re.match(message, text), text


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("own.py:starve", "own.py:4: 'starve' is a function; accepted is a subclass of CellAgent"),
        ("own.py:Mute", "own.py:12: class Mute is no agent; write class Mute(CellAgent)"),
        ("own.py:Eagre", "own.py defines no 'Eagre'; there are Ramp, Mute, Eager; did you mean 'Eager'?"),
        ("gone.py:Eager", "no such file"),
        ("no_such_package.rules:Eager", "no module 'no_such_package.rules' is installed"),
        ("json.nothing:Eager", "no module 'json.nothing' is installed"),
    ],
)
def test_agents_are_judged_too(reference, message, folder):
    assert python_faults(Python(agent="own.py:Eager"), folder) == []
    ((path, text),) = python_faults(Python(agent=reference), folder)
    assert path == ("agent",) and message in text


@pytest.mark.parametrize(("content", "line"), [(b"def starve(:", 1), (b"\n\nx = (", 3), (b"x = 1\0", 1)])
def test_a_file_that_is_no_python_is_told_with_its_line(content, line, folder):
    (folder / "bad.py").write_bytes(content)
    ((_, text),) = python_faults(Python(behaviors=("bad.py:starve",)), folder)
    assert text.startswith(f"bad.py:{line}: is not Python")


def test_faults_come_with_file_line_and_path(folder):
    text = SCENARIO + '[python]\nbehaviors = ["own.py:starve",\n"own.py:one"]\n'
    with pytest.raises(ScenarioError, match=r"s.toml:17: python.behaviors.1: own.py:7: one takes"):
        parse_text(text, "s.toml", folder=folder)
    with pytest.raises(ScenarioError, match=r"got 'own.py'; accepted is text such as 'my_rules.py:starve'"):
        parse_text(SCENARIO + '[python]\nagent = "own.py"\n', "s.toml", folder=folder)
    spec = parse_text(SCENARIO + '[python]\nbehaviors = ["own.py:starve"]\n', folder=folder)
    assert parse_text(to_toml(spec)) == spec and "python" not in to_toml(parse_text(SCENARIO))


def test_installed_modules_are_found_without_importing_them(tmp_path, monkeypatch):
    package = tmp_path / "site" / "bold" / "rules"
    package.mkdir(parents=True)
    for init in (package, package.parent):
        (init / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "late.py").write_text("def starve(tissue, dt): pass")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert source_of("bold.rules.late:starve", tmp_path) == package / "late.py"
    assert python_faults(Python(behaviors=("bold.rules.late:starve",)), tmp_path) == []
