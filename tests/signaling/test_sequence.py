"""Results do not depend on the order in which a scenario names its ligands."""

from itertools import permutations
from math import exp

import pytest

from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

NM = 0.602214076
WELL_MIXED = """
title = "well mixed"
[run]
duration = "1 hour"
behavior_step = "STEP"
[tissue.box]
size = ["20 um", "20 um", "20 um"]
spacing = "20 um"
[cell.sink]
radius = "5 um"
[[cell.sink.receptor]]
ligand = "IL6"
number = 2000
k_on = "0.1 1/nM/min"
k_off = "0.01 1/min"
k_internalize = "0.03 1/min"
antagonist = [{ ligand = "blocker", k_i = "0.1 nM" }]
[[seed]]
cell = "sink"
pattern = "random"
number = 2
"""
LIGANDS = {
    "IL6": 'initial = "1 nM"\ntrap = [{ ligand = "antibody", k_on = "0.05 1/nM/min" }]',
    "antibody": 'initial = "2 nM"\ndecay = "0.05 1/min"',
    "blocker": 'initial = "5 nM"\ndecay = "0.1 1/min"\ntrap = [{ ligand = "antibody", k_on = "0.02 1/nM/min" }]',
}


def finished(names, step="10 min", **changes):
    text = WELL_MIXED.replace("STEP", step)
    for name in names:
        text += f'[ligand.{name}]\ndiffusion = "600 um^2/min"\n{LIGANDS[name]}\n'
    model = TumorModel(parse_text(text), **changes)
    model.run_model()
    return model


def test_the_order_of_the_tables_makes_no_difference():
    states = set()
    for names in permutations(LIGANDS):
        model = finished(names)
        fields = [model.fields[name].concentration.tobytes() for name in LIGANDS]
        captured = model.cells.captured[:, names.index("IL6")]
        assert captured.all()
        states.add((*fields, model.cells.occupancy.tobytes(), captured.tobytes()))
    assert len(states) == 1


@pytest.mark.parametrize("names", [("IL6", "antibody", "blocker"), ("antibody", "blocker", "IL6")])
def test_a_trap_that_decays_takes_out_what_it_should(names):
    """dc/dt = −k T₀ e^(−d t) c, in steps of most of the trap's half-life; frozen at either end of a step it errs by 40 %."""
    exact = exp(-0.05 * 2 * (1 - exp(-0.05 * 60)) / 0.05)
    model = finished(names, **{"cell.sink.receptor.0.number": 0})
    found = model.fields["IL6"].concentration.mean() / NM
    assert found == pytest.approx(exact, rel=0.03)  # six steps of two fields, each of which may err by half of 1 %
