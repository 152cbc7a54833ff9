"""The clones of a run: from the model, through the folder, to the page."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from autocrine_abm.measure.lineage import ancestry, clone_parents, clone_sizes, newick
from autocrine_abm.output.clones import clones
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import record_run
from autocrine_abm.output.report import write_report
from autocrine_abm.scenario.files import parse_text

TEXT = """
title = "mutants"
[run]
duration = "3 day"
behavior_step = "1 hour"
[record]
every = "12 hour"
cells = "2 hour"
[tissue.lattice]
size = ["400 um", "400 um", "20 um"]
spacing = "20 um"
space = "lattice"
[cell.cancer]
radius = "6 um"
division_rate = "0.05 1/hour"
apoptosis_rate = "0.01 1/hour"
daughter = "anywhere"
[cell.cancer.trait.vigor]
scales = "division_rate"
mutation_rate = 0.2
mutation_factor = 1.5
new_clone = true
[[seed]]
cell = "cancer"
pattern = "random"
number = 4
"""


class Births:
    """Watches a model and remembers every cell: its mother, and its clone."""

    def __init__(self):
        self.mother, self.clone = {}, {}

    def observe(self, model):
        cells = model.cells
        for cell, mother, clone in zip(
            cells.cell_id.tolist(), cells.parent_id.tolist(), cells.clone_id.tolist()
        ):
            assert self.clone.setdefault(cell, clone) == clone  # for life
            self.mother[cell] = mother


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "mutants"
    births = Births()
    model = record_run(parse_text(TEXT), folder)
    again = type(model)(parse_text(TEXT), observers=[births])  # the same cells, watched at every step
    while again.running:
        again.step()
    assert again.cells.cell_id.tobytes() == model.cells.cell_id.tobytes()
    return RunFolder(folder), model, births


def test_sizes_are_those_of_the_model(recorded):
    run, model, _ = recorded
    sizes = clone_sizes(run)
    cells = model.cells
    alive = cells.clone_id[cells.phase == 0]
    last = sizes.iloc[-1]
    assert last[last > 0].to_dict() == dict(
        zip(*(values.tolist() for values in np.unique(alive, return_counts=True)))
    )
    assert sizes.iloc[0].sum() == 4 and sizes.shape[1] > 10


def test_ancestry_is_what_happened(recorded):
    run, _, births = recorded
    table = ancestry(run)
    seen = table[table["fate"] != "unrecorded"]
    assert len(seen) > 0.99 * len(births.mother)  # corpses stay for 8.6 hours, tables come every 2
    assert all(births.mother[cell] == mother for cell, mother in zip(seen["cell_id"], seen["parent_id"]))
    for clone, parent in clone_parents(table).items():
        assert parent == (births.clone[births.mother[clone]] if births.mother[clone] else 0)


def test_the_tree_holds_everybody(recorded):
    run, model, births = recorded
    table = ancestry(run)
    tips = {int(tip) for tip in re.findall(r"[(,](\d+):|^(\d+):", newick(table), re.M) for tip in tip if tip}
    assert tips == set(table["cell_id"][table["fate"] != "unrecorded"])
    living = newick(table, living=True)
    tips = {int(tip) for tip in re.findall(r"[(,](\d+):|^(\d+):", living, re.M) for tip in tip if tip}
    assert tips == set(model.cells.cell_id[model.cells.phase == 0].tolist())


def test_the_page_shows_them(recorded):
    run, model, _ = recorded
    page = write_report(run.path).read_text(encoding="utf-8")
    section = re.search(r'<section id="clones">.*?</section>', page, re.S)[0]
    assert section.count("<svg") == 2
    sizes = clone_sizes(run)
    assert f"{sizes.shape[1]} clones were seen, {np.count_nonzero(sizes.iloc[-1])} live at the end" in section
    share = sizes.iloc[-1] / sizes.iloc[-1].sum()
    assert f"share²: {1 / (share**2).sum():.3g}." in section


@pytest.mark.parametrize("times, clone", [([0.0], [1, 2]), ([0.0, 60.0], [1, 1])])
def test_one_time_or_one_clone_says_nothing(times, clone):
    table = pd.DataFrame(
        {
            "cell_id": [1, 2],
            "parent_id": 0,
            "clone_id": clone,
            "birth_time": 0.0,
            "phase_time": 0.0,
            "phase": "alive",
        }
    )
    run = SimpleNamespace(cell_times=lambda: np.array(times), cells=lambda time, columns: table[columns])
    assert clones(SimpleNamespace(run=run)) == ""
