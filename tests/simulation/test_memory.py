"""A step holds no work arrays as long as the tissue but those that phases share, and works stretch by stretch for that."""

import tracemalloc

import numpy as np

from autocrine_abm import team
from autocrine_abm.cells import state
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

TEXT = """
title = "a ball of cells that release one ligand and take another up"
[run]
duration = "1 hour"
behavior_step = "6 min"
[tissue.dish]
size = ["{size} um", "{size} um", "{size} um"]
spacing = "40 um"
close_neighbors = "mesh"
[ligand.oxygen]
diffusion = "1e5 um^2/min"
decay = "0.1 1/min"
boundary = "fixed 50 uM"
[ligand.EGF]
diffusion = "6000 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "8 um"
division_rate = "0.001 1/min"
apoptosis_rate = "0.0005 1/min"
secretes = [{{ ligand = "EGF", rate = "100 molecules/min" }}]
takes_up = [{{ ligand = "oxygen", clearance = "25000 um^3/min" }}]
[[cell.cancer.rule]]
signal = "EGF"
increases = "division_rate"
to = "0.002 1/min"
half = "1 nM"
[[seed]]
cell = "cancer"
pattern = "sphere"
number = {cells}
"""


def ball(cells):
    size = 40 * int(np.ceil((18.0 * cells ** (1 / 3) + 200) / 40))
    return TumorModel(parse_text(TEXT.format(cells=cells, size=size)), threads=1)


def test_lengths_of_stretches_make_no_difference(monkeypatch):
    def run():
        model = ball(500)
        for _ in range(4):
            model.step()
        return model.births, model.cells.state()["columns"]

    births, expected = run()
    monkeypatch.setattr(team, "STRETCH", 37)
    monkeypatch.setattr(state, "_STRETCH", 41)
    again, columns = run()
    assert births == again > 5
    for name, values in expected.items():
        assert values.tobytes() == columns[name].tobytes(), name


def test_phases_make_no_arrays_as_long_as_the_tissue(monkeypatch):
    cells = 20_000
    monkeypatch.setattr(team, "STRETCH", 500)
    monkeypatch.setattr(state, "_STRETCH", 500)
    model, most = ball(cells), {}
    model.step()  # which finds out how large shared work arrays have to be
    model.step()

    def watched(name, work):
        def run(*arguments):
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            result = work(*arguments)
            most[name] = (tracemalloc.get_traced_memory()[1] - before) / cells
            return result

        return run

    (tissue,) = model.tissues.values()
    for owner, name in ((tissue.exchange, "locate"), (tissue, "respond"), (tissue, "decide"), (tissue, "move")):
        monkeypatch.setattr(owner, name, watched(name, getattr(owner, name)))
    tracemalloc.start()
    try:
        model.step()
    finally:
        tracemalloc.stop()
    assert len(most) == 4 and max(most.values()) < 8  # not one number per cell; masks take a byte
