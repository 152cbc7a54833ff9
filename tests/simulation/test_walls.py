"""Cells stay in their tissue, whatever they do at its walls."""

import numpy as np
import pytest

from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

TEXT = """
title = "crowded"
[run]
duration = "1 day"
behavior_step = "30 min"
[tissue.box]
size = SIZE
spacing = "20 um"
periodic = PERIODIC
[cell.cancer]
radius = "9 um"
division_rate = "0.3 1/hour"
[[seed]]
cell = "cancer"
pattern = "disc"
number = 2
distance = "8 um"
"""


@pytest.mark.parametrize(
    "size, periodic", [((80, 60, 40), ["x"]), ((80, 60, 20), []), ((80, 20, 20), []), ((20, 20, 20), [])]
)
def test_daughters_are_born_inside(size, periodic):
    """3-D, 2-D, 1-D and one well-mixed voxel; nothing moves along an axis with a single voxel."""
    edges = [f"{edge} um" for edge in size]
    model = TumorModel(parse_text(TEXT.replace("SIZE", str(edges)).replace("PERIODIC", str(periodic))))
    still = [axis for axis, edge in enumerate(size) if edge == 20 and axis > 0]
    before = np.sort(np.unique(model.cells.position[:, still], axis=0), axis=0)
    for _ in range(16):
        model.step()
        assert np.all((model.cells.position >= 0) & (model.cells.position <= size))
    assert model.births > 10
    assert np.array_equal(np.sort(np.unique(model.cells.position[:, still], axis=0), axis=0), before)
