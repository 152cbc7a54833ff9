"""Columns that are the same for all cells of a type take no memory, and make no difference to a run."""

import numpy as np
import pytest

from autocrine_abm.cells.columns import COLUMNS
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

TEXT = """
title = "two types that divide, die and change"
[run]
duration = "4 hour"
behavior_step = "10 min"
seed = 3
[tissue.dish]
size = ["160 um", "160 um", "160 um"]
spacing = "20 um"
[ligand.IL6]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[cell.a]
radius = "6 um"
division_rate = "0.2 1/hour"
apoptosis_rate = "0.1 1/hour"
necrosis_rate = "0.05 1/hour"
growth_rate = "0.01 1/min"
transition_to = { b = "0.1 1/hour" }
secretes = [{ ligand = "IL6", rate = "60 molecules/min", dead = 0.5 }]
[cell.b]
radius = "5 um"
takes_up = [{ ligand = "IL6", clearance = "100 um^3/min", dead = 0.3 }]
[[cell.b.rule]]
signal = "IL6"
increases = "division_rate"
to = "0.5 1/hour"
half = "1 nM"
[[seed]]
cell = "a"
pattern = "sphere"
number = 80
"""


def model():
    return TumorModel(parse_text(TEXT))


def test_only_what_is_written_has_an_array():
    cells = model().cells
    alike = {name for name in COLUMNS if not cells.is_stored(name)}
    assert {"apoptosis_rate", "growth_rate", "migration_rate", "speed", "secretion_rate", "uptake_clearance"} <= alike
    assert cells.is_stored("division_rate") and cells.is_stored("sensed")  # one is ruled, the other a result
    before = cells.nbytes
    assert cells.values("secretion_rate").tolist() == [[60.0]] * 80 and cells.nbytes == before
    cells.secretion_rate[3] = 7.0  # whoever asks for the array gets one to write to
    assert cells.nbytes > before and cells.values("secretion_rate", 0)[:5].tolist() == [60.0, 60.0, 60.0, 7.0, 60.0]


def test_places_in_a_cycle_are_kept_only_where_a_type_has_one():
    bare = model()
    bare.run_model()
    assert not bare.cells.is_stored("cycle_phase") and not bare.cells.is_stored("cycle_time")
    assert not bare.cells.values("cycle_phase").any() and not bare.cells.values("cycle_time").any()
    assert {"cycle_phase", "cycle_time"} <= bare.cells.state()["columns"].keys()  # files and checkpoints have them
    cycling = TumorModel(parse_text(TEXT.replace('division_rate = "0.2 1/hour"', 'cycle = "live"', 1)))
    for _ in range(6):
        cycling.step()
    assert cycling.cells.is_stored("cycle_phase") and cycling.cells.cycle_time.any()


def test_a_run_is_the_same_to_the_bit_whether_columns_are_looked_up_or_stored():
    looked_up, stored = model(), model()
    stored.cells.store()
    for run in (looked_up, stored):
        run.run_model()
    assert stored.deaths > 10 and stored.births > 10 and len(set(stored.cells.cell_type)) == 2
    assert not looked_up.cells.is_stored("apoptosis_rate") and not looked_up.cells.is_stored("uptake_clearance")
    assert (stored.cells.phase > 0).any()
    for name in COLUMNS:
        assert np.array_equal(looked_up.cells.values(name), stored.cells.values(name), equal_nan=True), name


def test_what_a_program_writes_holds_from_then_on():
    run = model()
    run.step()
    run.cells.apoptosis_rate[:] = 0.0
    run.cells.necrosis_rate[:] = 0.0
    kinds, deaths = run.cells.cell_type.copy(), run.deaths
    run.step()
    changed = run.cells.cell_type[: len(kinds)] != kinds
    assert run.deaths == deaths or changed.any()  # who changes takes the rates of the other type
    assert run.cells.is_stored("apoptosis_rate")


@pytest.mark.parametrize("path", ["cell.a.apoptosis_rate", "cell.a.necrosis_rate"])
def test_a_change_reaches_the_living_and_no_others(path):
    run = model()
    for _ in range(12):
        run.step()
    name = path.split(".")[-1]
    before = run.cells.values(name).copy()
    run.change(path, "0.3 1/hour")
    here = (run.cells.cell_type == 0) & (run.cells.phase == 0)
    assert np.allclose(run.cells.values(name)[here], 0.005)
    assert np.array_equal(run.cells.values(name)[~here], before[~here]) and (~here).any()
