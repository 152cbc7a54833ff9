"""Functions and agents that a scenario names take part in its run, which can be repeated from its folder."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from autocrine_abm.cli import main
from autocrine_abm.errors import AutocrineError
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import record_run
from autocrine_abm.output.resume import resume_run
from autocrine_abm.scenario.files import parse_text, read
from autocrine_abm.simulation.agent import CellAgent
from autocrine_abm.simulation.model import TumorModel

SCENARIO = """
title = "own code"
[run]
duration = "10 hour"
behavior_step = "10 min"
[tissue.dish]
size = ["100 um", "100 um", "20 um"]
spacing = "20 um"
[ligand.IL6]
diffusion = "600 um^2/min"
decay = "1 1/min"
[cell.cancer]
radius = "6 um"
division_rate = "0.5 1/hour"
[[cell.cancer.secretes]]
ligand = "IL6"
rate = "60 molecules/min"
[[seed]]
cell = "cancer"
pattern = "random"
number = 6
[record]
every = "10 min"
checkpoint = "10 min"
"""
CODE = """
from dataclasses import dataclass

import numpy as np

from autocrine_abm import CellAgent

calls = 0

def sterile(tissue, dt):
    tissue.cells.division_rate[:] = 0.0

def counted(tissue, dt):
    global calls
    calls += 1
    tissue.cells.apoptosis_rate[:] = 1e-4 * calls

@dataclass
class Ramp:
    calls: int = 0
    def __call__(self, tissue, dt):
        self.calls += 1
        tissue.cells.apoptosis_rate[:] = 1e-4 * self.calls
    def state(self):
        return self.calls
    def restore(self, state):
        self.calls = state

class Aging(CellAgent):
    def step(self):
        self.age = getattr(self, "age", 0) + 1
        if self.age == 20:
            self.die()

def wrong(tissue, dt):
    number = 1
    tissue.cells.no_such_column[:] = number

class Wrong(CellAgent):
    def step(self):
        raise ValueError("no idea")
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "own.py").write_text(CODE)
    return tmp_path


def written(folder, python):
    path = folder / "own.toml"
    path.write_text(f"{SCENARIO}[python]\n{python}\n")
    return path


def test_a_function_takes_part(folder):
    model = TumorModel(str(written(folder, 'behaviors = ["own.py:sterile"]')))
    model.run_model()
    assert model.births == 0 and "own.py:sterile" in repr(model.behaviors)
    without = TumorModel(parse_text(SCENARIO))
    without.run_model()
    assert without.births > 0


def test_each_model_has_modules_of_its_own(folder):
    path = written(folder, 'behaviors = ["own.py:counted", "own.py:sterile"]')
    for _ in range(2):
        model = TumorModel(str(path))
        model.step()
        model.step()
        assert np.all(model.cells.apoptosis_rate == 2e-4)


def test_a_class_of_agents_takes_part(folder):
    model = TumorModel(str(written(folder, 'agent = "own.py:Aging"\nbehaviors = ["own.py:sterile"]')))
    for _ in range(20):
        model.step()
    assert model.deaths == 6 and isinstance(next(iter(model.agents)), CellAgent)
    assert type(next(iter(model.agents))).__name__ == "Aging"
    model.agents.set("growth_rate", 3.0)
    assert np.all(model.cells.growth_rate == 3.0)


def test_a_run_folder_runs_again_and_is_resumed_alone(folder):
    path = written(folder, 'agent = "own.py:Aging"\nbehaviors = ["own.py:Ramp"]')
    spec = read(path)
    record_run(spec, folder / "one", source_folder=folder)
    asked = iter([False] * 24 + [True])
    with pytest.raises(KeyboardInterrupt):
        record_run(spec, folder / "two", source_folder=folder, stop=lambda: next(asked))
    (folder / "own.py").unlink()
    resume_run(folder / "two")
    again = RunFolder(folder / "one").scenario
    assert again.python.behaviors == ("inputs/own.py:Ramp",) and again.python.agent == "inputs/own.py:Aging"
    record_run(again, folder / "three", source_folder=folder / "one")
    for name in ("series.csv", "scenario.toml", "inputs/own.py"):
        one, two, three = ((folder / run / name).read_bytes() for run in ("one", "two", "three"))
        assert one == two == three
    assert RunFolder(folder / "one").series()["deaths"].iloc[-1] > 0


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ('behaviors = ["own.py:wrong"]', r"own.py:37: wrong: AttributeError: a cell table has no column 'no_such_column'"),
        ('agent = "own.py:Wrong"', r"own.py:41: Wrong: ValueError: no idea"),
    ],
)
def test_what_goes_wrong_inside_is_told_with_its_line(python, message, folder):
    result = CliRunner().invoke(main, ["run", str(written(folder, python)), "--out", str(folder / "run")])
    assert result.exit_code == 2 and re.search(message, result.output), result.output


def test_what_cannot_be_loaded_is_told(folder):
    for code, python, message in (
        ("import no_such_thing\ndef f(tissue, dt): pass", 'behaviors = ["own.py:f"]', "own.py:1: f: ModuleNotFoundError"),
        ("f = 3", 'behaviors = ["own.py:f"]', "'own.py:f' is a int"),
        ("class A(int): pass", 'agent = "own.py:A"', "no subclass of CellAgent with a step of its own"),
    ):
        (folder / "own.py").write_text(code)
        with pytest.raises(AutocrineError, match=message):
            TumorModel(str(written(folder, python)))


def test_the_example_of_the_front_page_runs(tmp_path):
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(# thirst.py\n.*?)```", readme, re.DOTALL)
    (table,) = re.findall(r"```toml\n\[python\]\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "thirst.py").write_text(code)
    result = CliRunner().invoke(main, ["check", str(written(tmp_path, table))])
    assert result.exit_code == 0 and "valid" in result.output
    assert "thirst.py:thirst is called in every step" in CliRunner().invoke(main, ["show", str(tmp_path / "own.toml")]).output
    model = TumorModel(str(tmp_path / "own.toml"))
    thirsty = 0
    for _ in range(10):
        model.step()
        sensed, rate = model.cells.sensed[:, 0], model.cells.division_rate
        assert model.births == 0  # so that rows are still those that the function saw
        assert np.array_equal(rate == 0, sensed < 0.8 * sensed.mean())
        thirsty += np.count_nonzero(rate == 0)
    assert 0 < thirsty < 60
