"""Cells travel in the blood: numbers follow the master equation, nobody is lost, and everybody stays who he is."""

import copy

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import expm

from autocrine_abm.output.record import record_run
from autocrine_abm.output.series import read_series, series_row
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.agent import CellAgent
from autocrine_abm.simulation.model import TumorModel

RARE = 1e-6  # false alarms of each test of statistics


def text(step="20 min", hours=6, space="off-lattice", size="40 mm", spacing='["4 mm", "4 mm", "20 um"]', number=3000):
    tissues = "".join(
        f'[tissue.{name}]\nsize = ["{size}", "{size}", "20 um"]\nspacing = {spacing}\nspace = "{space}"\n'
        for name in ("breast", "lung", "liver")
    )
    return f"""
    title = "seed and soil"
    [run]
    duration = "{hours} hour"
    behavior_step = "{step}"
    seed = 8
    {tissues}
    [cell.cancer]
    radius = "1 um"
    [cell.cancer.bloodstream]
    intravasation_rate = "0.4 1/hour"
    death_rate = "0.5 1/hour"
    extravasation_rate = {{ lung = "0.3 1/hour", liver = "0.1 1/hour" }}
    [[seed]]
    cell = "cancer"
    tissue = "breast"
    pattern = "random"
    number = {number}
    """


@pytest.mark.parametrize("step", ["20 min", "6 hour"])
def test_numbers_everywhere_follow_the_master_equation_whatever_the_step(step):
    """breast ⇀ blood ⇌ lung, liver; blood ⇀ dead: cells are independent, so counts are multinomial."""
    model = TumorModel(parse_text(text(step)))
    model.run_model()
    # columns: from; order breast, blood, lung, liver, dead
    rates = np.zeros((5, 5))
    for start, end, rate in ((0, 1, 0.4), (2, 1, 0.4), (3, 1, 0.4), (1, 2, 0.3), (1, 3, 0.1), (1, 4, 0.5)):
        rates[end, start] += rate
        rates[start, start] -= rate
    expected = 3000 * expm(6 * rates)[:, 0]
    there = [len(model.tissues[name].cells) for name in ("breast", "lung", "liver")]
    observed = [there[0], len(model.circulation.cells), *there[1:], model.circulation.died]
    assert sum(observed) == 3000
    assert stats.chisquare(observed, expected).pvalue > RARE
    assert model.circulation.entered == sum(observed[1:2]) + model.circulation.seeded + model.circulation.died
    assert model.deaths == model.circulation.died


def test_cells_stay_who_they_are_and_the_series_closes(tmp_path):
    spec = parse_text(text(number=200).replace('radius = "1 um"', 'radius = "1 um"\ndivision_rate = "0.2 1/hour"'))
    model = record_run(spec, tmp_path / "run")
    for name, table in model.tables.items():
        ids = table.cell_id
        assert np.all(np.diff(ids) > 0), name
        assert len(ids) > 5 and set(table.clone_id) <= set(range(1, 201))
    everybody = np.concatenate([table.cell_id for table in model.tables.values()])
    assert len(set(everybody)) == len(everybody) == 200 + model.births - model.deaths
    series = read_series(tmp_path / "run" / "series.csv")
    balance = series["circulating"] + series["circulating.died"] + series["came_from_blood"]
    assert (series["entered_blood"] == balance).all() and balance.iloc[-1] > 50
    assert (series["entered_blood"] == sum(series[f"{name}.entered_blood"] for name in model.tissues)).all()
    assert (series["cells"] + series["circulating"] == 200 + series["births"] - series["deaths"]).all()


def test_threads_and_a_second_run_give_the_same_bytes():
    spec = parse_text(text(number=500, hours=3))
    states = []
    for threads in (1, 2):
        model = TumorModel(spec, threads=threads)
        model.team.smallest_slab = 1
        model.run_model()
        states.append([table[name].tobytes() for table in model.tables.values() for name in ("cell_id", "position")])
    assert states[0] == states[1]


VESSELS = """
[ligand.oxygen]
diffusion = "1e5 um^2/min"
[cell.vessel]
radius = "8 um"
exchanges = [{ ligand = "oxygen", permeability_area = "10 um^3/min" }]
[blood]
volume = "1 mL"
[[seed]]
cell = "vessel"
tissue = "lung"
pattern = "random"
number = 3
"""


def still(source):
    """Without forces, so that cells stay where they have settled."""
    return parse_text(source.replace('radius = "', 'repulsion = "0 um/min"\nadhesion = "0 um/min"\nradius = "'))


@pytest.mark.parametrize("space", ["off-lattice", "lattice"])
def test_cells_settle_at_vessels_if_there_are_any(space):
    model = TumorModel(still(text(space=space, size="400 um", spacing='"20 um"', number=150) + VESSELS))
    model.run_model()
    lung = model.tissues["lung"].cells
    vessel, cancer = (lung.position[lung.cell_type == kind] for kind in (1, 0))
    apart = np.linalg.norm(cancer[:, None] - vessel[None], axis=2).min(axis=1)
    if space == "lattice":
        assert apart == pytest.approx(20.0) and 3 <= len(apart) <= 12  # as many as there are places, at most
    else:
        inside = np.all((cancer[:, :2] > 0) & (cancer[:, :2] < 400), axis=1)
        assert apart[inside] == pytest.approx(9.0) and inside.sum() > 10  # 8 + 1 um
    liver = model.tissues["liver"].cells.position  # no vessels: uniform
    assert len(liver) > 3 and np.ptp(liver[:, 0]) > 100


def test_cells_in_a_voxel_of_their_own_and_in_the_blood_while_all_are_taken():
    source = text(space="lattice", size="40 um", spacing='"20 um"', number=4).replace("0.5 1/hour", "0 1/hour")
    model = TumorModel(parse_text(source.replace(', liver = "0.1 1/hour"', "").replace("0.3 1/hour", "30 1/hour")))
    lung, filled = model.tissues["lung"], 0
    model.add_cells(["cancer"] * 3, np.array([[10.0, 10, 10], [10, 30, 10], [30, 10, 10]]), "lung")
    for _ in range(18 * 4):
        model.step()
        assert len(set(lung.lattice.voxel)) == len(lung.cells)
        assert sum(map(len, model.tables.values())) == 7
        filled += len(lung.cells) == 4
    # of three who wait one takes a free place within 40 s on average; nobody comes back to the breast
    assert filled > 60 and len(model.circulation.cells) >= 2 and len(model.tissues["breast"].cells) == 0


class Remembers(CellAgent):
    def step(self):
        self.steps = getattr(self, "steps", 0) + 1


def test_an_agent_follows_its_cell_into_the_blood_and_back():
    source = text(number=1).replace("0.4 1/hour", "1000 1/hour").replace("0.5 1/hour", "0 1/hour")
    model = type("Model", (TumorModel,), {"agent_class": Remembers})(parse_text(source.replace("0.3 1/hour", "0.2 1/min")))
    agent, seen = model.agent(1), []
    for _ in range(60):
        model.step()
        assert agent.exists and agent.cell_id == 1 and model.agent(1) is agent
        seen.append(agent.tissue)
        for tissue in model.tissues.values():
            tissue.cells.transition_rate[:] = 0.5 / 20  # stays for a while
    assert {"blood", "lung"} <= set(seen)
    assert agent.steps == 1 + sum(name != "blood" for name in seen[:-1])  # in the blood it has nothing to decide
    while agent.tissue != "blood":
        model.step()
    assert len(model.agents) == 0
    with pytest.raises(LookupError):
        agent.divide()
    agent.die()
    assert not agent.exists and model.deaths == model.circulation.died == 1


def test_what_nobody_enters_is_not_there():
    assert not any("blood" in name or "circulating" in name for name in series_row(TumorModel("minimal")))


def test_a_restored_model_goes_on_with_the_cells_in_the_blood():
    spec = parse_text(text(number=300, hours=3).replace("[cell.cancer]", "[cell.other]\nradius = \"1 um\"\n[cell.cancer]\n"
                      "transition_to = { other = \"0.1 1/hour\" }"))  # fmt: skip
    model, other = TumorModel(spec), TumorModel(spec)
    for _ in range(5):
        model.step()
    other.restore(copy.deepcopy(model.state()))
    for _ in range(4):
        model.step()
        other.step()
    assert len(model.circulation.cells) > 20 and series_row(model)["transitions.cancer.other"][0] > 20
    assert str(series_row(model)) == str(series_row(other))
    assert all(table.cell_id.tobytes() == other.tables[name].cell_id.tobytes() for name, table in model.tables.items())
