"""Traits in a run: what they multiply follows them, and threads make no difference."""

import numpy as np
import pytest

from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

TEXT = """
title = "traits in a dish"
[run]
duration = "2 day"
behavior_step = "30 min"
[tissue.dish]
size = ["300 um", "300 um", "20 um"]
spacing = "20 um"
[ligand.IL6]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "6 um"
division_rate = "0.05 1/hour"
motility = { speed = "0.2 um/min", persistence = "20 min", chemotaxis = [{ ligand = "IL6", bias = 0.3 }] }
secretes = [{ ligand = "IL6", rate = "60 molecules/min" }]
adhesion_to = { stroma = 0.2 }
[cell.cancer.trait.vigor]
spread = 0.3
inherit_noise = 0.1
scales = "division_rate"
[cell.cancer.trait.speed]
spread = 0.3
scales = "speed"
mutation_rate = 0.2
mutation_factor = 1.5
new_clone = true
[cell.stroma]
radius = "5 um"
[[seed]]
cell = "cancer"
pattern = "disc"
number = 30
[[seed]]
cell = "stroma"
pattern = "random"
number = 30
"""


def test_behaviors_follow_traits_and_mutants_found_clones():
    model = TumorModel(parse_text(TEXT))
    cells = model.cells
    for _ in range(40):
        model.step()
    cancer = cells.cell_type == 0
    vigor, speed = (cells.trait_names.index(name) for name in ("vigor", "speed"))
    assert cells.division_rate[cancer] == pytest.approx(0.05 / 60 * cells.traits[cancer, vigor], rel=1e-12)
    assert cells.speed[cancer] == pytest.approx(0.2 * cells.traits[cancer, speed], rel=1e-12)
    assert (cells.traits[~cancer] == 1).all() and (cells.speed[~cancer] == 0).all()
    founders = cells.clone_id == cells.cell_id
    assert founders[:60].all() and founders[60:].any() and not founders[60:].all()
    unchanged = np.isin(cells.clone_id, cells.cell_id[:60]) & cancer
    assert cells.traits[unchanged, speed] == pytest.approx(
        cells.traits[cells.clone_id[unchanged] - 1, speed], rel=1e-12
    )
    assert model.tissues["dish"].affinity.tolist() == [[1.0, 0.2], [0.2, 1.0]]
    assert model.agent(1).traits == pytest.approx(cells.traits[0])


def test_threads_do_not_change_a_run():
    one, two = (TumorModel(parse_text(TEXT), threads=threads) for threads in (1, 2))
    two.team.smallest_slab = 1
    for _ in range(10):
        one.step()
        two.step()
    for column in ("position", "traits", "heading", "division_rate", "clone_id"):
        assert one.cells[column].tobytes() == two.cells[column].tobytes()
