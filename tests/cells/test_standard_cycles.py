"""Published cycles by name."""

import numpy as np
import pytest
from scipy import stats

from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.standard_cycles import STANDARD_CYCLES
from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import parse_text, to_toml
from autocrine_abm.simulation.model import TumorModel

TEXT = """
title = "a published cycle"
[run]
duration = "20 hour"
behavior_step = "30 min"
[tissue.dish]
size = ["40 mm", "40 mm", "20 um"]
spacing = ["4 mm", "4 mm", "20 um"]
[cell.a]
radius = "1 um"
cycle = "live"
[[seed]]
cell = "a"
pattern = "random"
number = 1000
"""


#: Sums of the durations in Ghaffarizadeh et al. 2018 (standard models), in hours; 1/0.0432 for "live".
TOTALS = {
    "live": 1 / 0.0432, "cycling and quiescent": 20.09, "Ki67": 20.09, "Ki67 advanced": 19.12, "flow cytometry": 18.15,
    "flow cytometry, G2 and M": 17.98,
}  # fmt: skip


@pytest.mark.parametrize("name", STANDARD_CYCLES)
def test_a_named_cycle_lasts_as_long_as_published_and_doubles_the_cell(name):
    phases = CellType(radius="5 um", cycle=name).cycle
    # "live" is rounded to 23.15 hour
    assert sum(float(phase.duration) for phase in phases) / 60 == pytest.approx(TOTALS[name], rel=2e-4)
    assert sum(phase.grows for phase in phases) == 1 and len({phase.name for phase in phases}) == len(phases)


def test_live_cells_divide_as_a_birth_process():
    model = TumorModel(parse_text(TEXT))
    model.run_model()
    mean = np.exp(20 / 23.15)
    # sum of 1000 geometric numbers: mean e^{bt}, variance e^{bt}(e^{bt} − 1) each
    z = (len(model.cells) - 1000 * mean) / np.sqrt(1000 * mean * (mean - 1))
    assert abs(z) < stats.norm.isf(0.5e-6)  # one false alarm in a million


def test_a_named_cycle_is_written_out_in_the_resolved_scenario():
    text = to_toml(parse_text(TEXT.replace('"live"', '"flow cytometry"')))
    assert text.count("[[cell.a.cycle]]") == 3 and 'name = "G0/G1"' in text
    assert parse_text(text).cell["a"].cycle == STANDARD_CYCLES["flow cytometry"]


def test_an_unknown_cycle_is_refused_with_those_that_are_known():
    with pytest.raises(ScenarioError) as caught:
        parse_text(TEXT.replace('"live"', '"flow cytometri"'))
    assert "'flow cytometry'" in str(caught.value) and "cell.a.cycle" in str(caught.value)


def test_contact_inhibition_by_pressure_stops_the_middle_of_a_colony():
    """With the rule the cycle rests where cells are squeezed; without it all go on."""
    text = TEXT.replace('"live"', '"flow cytometry"').replace('"1 um"', '"6 um"').replace('"20 hour"', '"30 hour"')
    text = text.replace('"40 mm", "40 mm"', '"600 um", "600 um"').replace('["4 mm", "4 mm", "20 um"]', '"20 um"')
    text = text.replace("number = 1000", "number = 200").replace('"random"', '"disc"')
    rule = """
    [[cell.a.rule]]
    signal = "pressure"
    decreases = "exit rate of G0/G1"
    to = "0 1/hour"
    half = 0.7
    hill = 4
    """
    free, inhibited = (TumorModel(parse_text(text + more)) for more in ("", rule))
    for model in (free, inhibited):
        model.run_model()
    cells = inhibited.cells
    distance = np.linalg.norm(cells.position[:, :2] - 300, axis=1)
    inner = distance < np.quantile(distance, 0.3)
    resting = cells.cycle_phase == 0
    outer = distance > np.quantile(distance, 0.7)
    # 100 cells on either side: one-sided exact test at one in a thousand
    table = [[np.sum(resting & inner), np.sum(~resting & inner)], [np.sum(resting & outer), np.sum(~resting & outer)]]
    assert stats.fisher_exact(table, alternative="greater").pvalue < 1e-3
    assert len(cells) < 0.8 * len(free.cells)
