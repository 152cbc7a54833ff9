"""Changes of type: exact in time, and the cell stays who it is."""

import numpy as np
import pytest
from scipy import stats

from autocrine_abm.behavior.cycle import Cycle
from autocrine_abm.behavior.events import APOPTOSIS, DIVISION, NOTHING, TRANSITIONS, first_events
from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.state import CellState
from autocrine_abm.output.series import series_row
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel
from autocrine_abm.team import Team

#: False alarms of each test of statistics below: one in a million.
RARE = 1e-6


def dish(types, hours, step, number=4000, cell="epithelial"):
    return TumorModel(
        parse_text(f"""
        title = "cells that change"
        [run]
        duration = "{hours} hour"
        behavior_step = "{step}"
        [tissue.dish]
        size = ["40 mm", "40 mm", "20 um"]
        spacing = ["4 mm", "4 mm", "20 um"]
        {types}
        [[seed]]
        cell = "{cell}"
        pattern = "random"
        number = {number}
        """)
    )


def test_kinds_of_events_come_in_the_ratio_of_their_rates():
    cells, n = CellState(["a", "b"], [], transitions=("b", "c")), 100_000
    cells.add(n, cell_id=np.arange(1, n + 1), division_rate=0.03, apoptosis_rate=0.01, transition_rate=[[0.04, 0.02]] * n)
    cycle = Cycle({"a": CellType(radius="5 um"), "b": CellType(radius="5 um")})
    event, time = first_events(cells, cycle, np.arange(n), np.zeros(n), 0.0, 1e9, 1, 0, 0, Team())
    kinds = (NOTHING, DIVISION, APOPTOSIS, TRANSITIONS, TRANSITIONS + 1)
    counts = [np.count_nonzero(event == kind) for kind in kinds]
    assert counts[0] == 0 and stats.chisquare(counts[1:], n * np.array([0.3, 0.1, 0.4, 0.2])).pvalue > RARE
    assert stats.kstest(time, "expon", args=(0, 10)).pvalue > RARE


TWO_WAYS = """
[cell.epithelial]
radius = "1 um"
transition_to = { mesenchymal = "0.3 1/hour" }
[cell.mesenchymal]
radius = "1 um"
transition_to = { epithelial = "0.1 1/hour" }
"""


@pytest.mark.parametrize("step", ["20 min", "5 hour"])
def test_two_states_are_mixed_as_the_master_equation_says_whatever_the_step(step):
    """P(mesenchymal at t) = a/(a + b) (1 − e^{−(a + b) t}), a = 0.3 and b = 0.1 1/hour, cells being independent."""
    model = dish(TWO_WAYS, 5, step)
    model.run_model()
    share = 0.75 * (1 - np.exp(-0.4 * 5))
    changed = int(np.count_nonzero(model.cells.cell_type == 1))
    assert stats.binomtest(changed, 4000, share).pvalue > RARE
    # the expected number of ways back is the integral of b P
    back = 4000 * 0.1 * 0.75 * (5 - (1 - np.exp(-2)) / 0.4)
    row = {name: value for name, (value, _) in series_row(model).items()}
    forth_and_back = row["transitions.epithelial.mesenchymal"], row["transitions.mesenchymal.epithelial"]
    assert forth_and_back[0] - forth_and_back[1] == changed
    # of 4000 cells only the few that come back twice count more than once: a Poisson bound is wide enough;
    # five standard deviations fail less than once in a million seeds
    assert abs(forth_and_back[1] - back) < 5 * np.sqrt(back)


@pytest.mark.parametrize("step", ["20 min", "5 hour"])
def test_rules_of_the_new_type_hold_in_the_rest_of_the_step(step):
    """Dead at t are those of two exponential waits in a row, 0.3 and (by a rule on volume, at its half) 0.5 1/hour."""
    types = """
    [cell.epithelial]
    radius = "1 um"
    transition_to = { mesenchymal = "0.3 1/hour" }
    [cell.mesenchymal]
    radius = "1 um"
    apoptosis_duration = "0 min"
    [[cell.mesenchymal.rule]]
    signal = "volume"
    increases = "apoptosis_rate"
    to = "1 1/hour"
    half = "4.1887902047863905 um^3"
    """
    model = dish(types, 5, step)
    model.run_model()
    a, b, t = 0.3, 0.5, 5.0
    dead = 1 - (b * np.exp(-a * t) - a * np.exp(-b * t)) / (b - a)
    assert stats.binomtest(model.deaths, 4000, dead).pvalue > RARE


KEEPS = """
[ligand.EGF]
diffusion = "600 um^2/min"
[cell.epithelial]
radius = "5 um"
cycle = "flow cytometry"
transition_to = { mesenchymal = "0 1/hour" }
node.ERK = { tau = "1 hour", initial = 0.7 }
node.ECAD = { tau = "1 hour", base = 1 }
trait.vigor = { spread = 0.3 }
damage.DNA = { repair_rate = "0 1/min" }
secretes = [{ ligand = "EGF", rate = "5 molecules/min" }]
[cell.mesenchymal]
radius = "7 um"
growth_rate = "0.01 1/min"
node.ERK = { tau = "2 hour", initial = 0.1, base = 0.2 }
node.TWIST = { tau = "1 hour", base = 0.5 }
trait.vigor = { spread = 0.3 }
trait.speediness = { mean = 2, spread = 0.1, scales = "speed" }
damage.DNA = { repair_rate = "0.5 1/min" }
motility = { speed = "1 um/min", persistence = "5 min" }
[[cell.mesenchymal.cycle]]
name = "G1"
duration = "9 hour"
[[cell.mesenchymal.cycle]]
name = "S"
duration = "9 hour"
[[cell.mesenchymal.receptor]]
ligand = "EGF"
number = 100
k_on = "1 1/nM/min"
k_off = "1 1/min"
k_internalize = "1 1/min"
"""


def test_a_cell_that_changes_keeps_what_both_types_have_and_gets_the_rest():
    model = dish(KEEPS, 5, "6 min", number=50)
    cells = model.cells
    cells.cycle_phase[0], cells.cycle_phase[1] = 0, 1  # G0/G1, S
    cells.cycle_time[:2], cells.damage[0] = -30.0, 4.0
    same = ("cell_id", "clone_id", "parent_id", "position", "birth_time", "volume", "damage")
    before = {name: cells[name][:2].copy() for name in same}
    vigor = cells.traits[0, 1]
    agent = model.agent(1)
    agent.become("mesenchymal")
    model.agent(2).become("mesenchymal")
    assert agent.type_name == "mesenchymal" and model.agent(3).type_name == "epithelial"
    assert all(np.array_equal(cells[name][:2], before[name]) for name in same)
    assert cells.node[0].tolist() == [0.7, 0, 0.5] and cells.node_target[0].tolist() == [0.2, 0, 0.5]
    assert cells.secretion_rate[:3, 0].tolist() == [0, 0, 5] and cells.growth_rate[0] == 0.01
    assert cells.receptors[0].tolist() == [100] and cells.repair_rate[0, 0] == 0.5
    names = [cells.cycle_phases[index] for index in cells.cycle_phase[:2]]
    assert names == ["G1", "S"] and cells.cycle_time[:2].tolist() == [0.0, -30.0]  # S goes on, G0/G1 is not there
    assert model.cells.trait_names == ("speediness", "vigor") and cells.traits[0, 1] == vigor
    assert cells.traits[0, 0] != 1 and cells.speed[0] == cells.traits[0, 0]
    chosen = model.agents.select(cells.cell_type == 1)
    assert [one.unique_id for one in chosen] == [1, 2] and agent in model.agents
    tables = model.agents.groupby("type_name").groups
    assert {name: len(group) for name, group in tables.items()} == {"mesenchymal": 2, "epithelial": 48}
    with pytest.raises(ValueError, match="no cell type is called 'fibroblast'"):
        agent.become("fibroblast")


def test_without_transitions_there_is_nothing_to_keep():
    model = TumorModel("minimal")
    assert model.cells.transition_rate.size == model.cells.contacts.size == model.cells.damage.size == 0
    assert model.circulation is None and next(iter(model.tissues.values())).contacts.bins is None
