"""A run in which things were changed by hand is repeated to the last bit by the scenario that tells of it."""

import numpy as np
import pytest

from autocrine_abm.cells.columns import COLUMNS
from autocrine_abm.drugs.regimen import Regimen
from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import parse_text, to_toml
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

EVERYTHING = """
title = "everything that can be changed"
[run]
duration = "1 day"
behavior_step = "30 min"
[tissue.dish]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[ligand.IL6]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
boundary = "fixed 0.1 nM"
[ligand.drug]
diffusion = "600 um^2/min"
[blood]
volume = "1 uL"
ligand.drug = { elimination = "0.1 1/hour", initial = "5 nM" }
[cell.cancer]
radius = "6 um"
division_rate = "0.05 1/hour"
motility = { speed = "0.2 um/min", persistence = "20 min", chemotaxis = [{ ligand = "IL6", bias = 0.5 }] }
secretes = [{ ligand = "IL6", rate = "60 molecules/min" }]
node.STAT3 = { base = 0.1, initial = 0.1, tau = "1 hour" }
trait.fitness = { scales = "division_rate", spread = 0.3 }
[[cell.cancer.receptor]]
ligand = "IL6"
number = 1000
k_on = "0.1 1/nM/min"
k_off = "0.01 1/min"
k_internalize = "0.03 1/min"
[[cell.cancer.rule]]
signal = "occupancy of IL6"
increases = "STAT3"
to = 1
half = 0.3
[cell.vessel]
radius = "5 um"
exchanges = [{ ligand = "drug", permeability_area = "500 um^3/min" }]
[[seed]]
cell = "cancer"
pattern = "disc"
number = 20
[[seed]]
cell = "vessel"
pattern = "random"
number = 5
"""

CHANGES = {
    "ligand.IL6.decay": "0.5 1/min", "ligand.IL6.diffusion": "900 um^2/min", "ligand.IL6.boundary.others": "no-flux",
    "cell.cancer.radius": "7 um", "cell.cancer.division_rate": "0.2 1/hour", "cell.cancer.secretes.0.rate": "600 molecules/min",
    "cell.cancer.receptor.0.number": 300, "cell.cancer.receptor.0.k_on": "0.3 1/nM/min", "cell.cancer.rule.0.half": 0.1,
    "cell.cancer.node.STAT3.base": 0.5, "cell.cancer.motility.speed": "1 um/min",
    "cell.cancer.motility.chemotaxis.0.bias": -0.8, "cell.cancer.apoptosis_rate": "0.02 1/hour",
    "cell.cancer.adhesion": "1 um/min", "cell.vessel.exchanges.0.permeability_area": "50 um^3/min",
    "blood.ligand.drug.elimination": "1 1/hour",
}  # fmt: skip


def assert_same(one, other):
    for name in COLUMNS:
        np.testing.assert_array_equal(one.cells[name], other.cells[name], err_msg=name)
    for name, field in one.fields.items():
        np.testing.assert_array_equal(field.concentration, other.fields[name].concentration)
        assert field.ledger == other.fields[name].ledger


def run(model, steps):
    for _ in range(steps):
        model.step()
    return model


def test_a_session_is_repeated_from_its_file():
    model = TumorModel(parse_text(EVERYTHING))
    model.trace()
    for path, value in CHANGES.items():
        model.change(path, value)
        model.step()
    model.give(Regimen(ligand="drug", into="blood", amount="1e9 molecules", start=f"{model.clock.time} min"))
    run(model, 2)
    told = parse_text(to_toml(model.protocol))
    assert [(change.time, change.path) for change in told.change] == [(30.0 * n, path) for n, path in enumerate(CHANGES)]
    again = TumorModel(told)
    again.trace()
    assert_same(model, run(again, model.clock.step))


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_at_the_start_is_as_good_as_another_scenario(path):
    """Made before the first step it gives what the changed scenario gives, but for the sizes that cells have already."""
    spec = parse_text(EVERYTHING)
    changed = TumorModel(spec)
    changed.change(path, CHANGES[path])
    planned = TumorModel(override(spec, {path: CHANGES[path]}))
    if path == "cell.cancer.radius":
        planned.cells.radius[:], planned.cells.volume[:] = changed.cells.radius, changed.cells.volume
        planned.cells.position[:] = changed.cells.position
    run(changed, 2)
    assert_same(changed, run(planned, 2))
    assert any(not np.array_equal(changed.cells[name], run(TumorModel(spec), 2).cells[name]) for name in COLUMNS)


def test_changes_of_the_file_are_made_in_the_step_of_their_time():
    spec = parse_text(EVERYTHING + '[[change]]\ntime = "70 min"\npath = "ligand.IL6.decay"\nvalue = "1 1/min"\n')
    model = run(TumorModel(spec), 2)
    assert model.fields["IL6"].decay == 0.1
    assert run(model, 1).fields["IL6"].decay == 1.0


@pytest.mark.parametrize(
    "path, value, words",
    [
        ("tissue.dish.spacing", "10 um", "laid out at the start"),
        ("ligand.IL6.initial", "1 nM", "laid out at the start"),
        ("run.seed", 3, "laid out at the start"),
        ("ligand.IL6.decy", "1 1/min", "did you mean 'decay'"),
        ("ligand.IL6.decay", "1 um", "which is a length"),
        ("cell.cancer.receptor.0.number", -1, "got -1"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_and_leaves_everything(path, value, words):
    model = TumorModel(parse_text(EVERYTHING))
    before = model.spec
    with pytest.raises(ScenarioError, match=words):
        model.change(path, value)
    assert model.spec is before and model.protocol.change == ()
    text = EVERYTHING + f'[[change]]\ntime = "1 hour"\npath = "{path}"\nvalue = {value!r}\n'
    with pytest.raises(ScenarioError, match=words) as caught:
        parse_text(text, "file.toml")
    (fault,) = caught.value.faults
    assert fault.path.startswith("change.0") and fault.line > EVERYTHING.count("\n")


def test_past_doses_are_refused(model):
    model.step()
    with pytest.raises(ScenarioError, match="which is past"):
        model.give(Regimen(ligand="growth_factor", concentration="1 nM", start="0 min"))
