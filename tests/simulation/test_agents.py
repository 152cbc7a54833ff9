"""Cells as Mesa agents: windows with a stable identity that know when their cell is gone."""

import gc
import weakref

import numpy as np
import pytest
from mesa import Agent

from autocrine_abm.cells.columns import COLUMNS
from autocrine_abm.simulation.agent import CellAgent
from autocrine_abm.simulation.agent_set import AgentSet
from autocrine_abm.simulation.model import TumorModel


def test_an_agent_shows_the_columns_of_its_row(model):
    agent = model.agents[4]
    assert isinstance(agent, Agent) and agent.unique_id == agent.cell_id == 5
    for name in COLUMNS:
        assert np.array_equal(getattr(agent, name), model.cells[name][4], equal_nan=True), name
    assert agent.type_name == "cancer" and agent.phase_name == "alive" and agent.tissue == "dish"


def test_asking_again_gives_the_same_agent_while_it_is_held(model):
    agent = model.agents[7]
    model.step()
    assert model.agent(agent.unique_id) is agent
    assert next(a for a in model.agents if a.unique_id == 8) is agent


def test_what_an_agent_is_given_is_seen_in_the_column(model):
    agent = model.agents[0]
    agent.division_rate = 0.5
    agent.position = [1, 2, 10]
    assert model.cells.division_rate[0] == 0.5 and model.cells.position[0].tolist() == [1, 2, 10]
    with pytest.raises(AttributeError):
        agent.cell_id = 9


def test_a_removed_cell_says_so_when_touched(model):
    agent, other = model.agents[3], model.agents[10]
    agent.remove()
    assert not agent.exists and agent not in model.agents
    with pytest.raises(LookupError, match="cell 4 is no longer there"):
        agent.volume  # noqa: B018
    assert other.unique_id == 11 and other.volume > 0
    assert "gone" in repr(agent)


def test_agents_find_their_cell_after_births_and_deaths(model):
    agents = {agent.unique_id: agent for agent in model.agents}
    for _ in range(10):
        model.step()
    assert model.births > 0 and model.deaths > 0
    for cell_id, agent in agents.items():
        if agent.exists:
            assert agent.cell_id == cell_id
    assert {a.unique_id for a in agents.values() if a.exists} <= set(model.cells.cell_id.tolist())


def test_the_agent_set_answers_as_mesa_does(model):
    everybody = model.agents
    assert isinstance(everybody, AgentSet) and len(everybody) == 50 == len(list(everybody))
    assert everybody.get("cell_id") == list(range(1, 51))
    assert everybody.get(["cell_id", "type_name"])[0] == [1, "cancer"]
    assert everybody.get("nickname", handle_missing="default", default_value="x") == ["x"] * 50
    assert everybody.agg("volume", np.sum) == pytest.approx(model.cells.volume.sum())
    assert everybody.agg("radius", [min, max]) == [5.0, 6.0]
    cancer = everybody.select(lambda agent: agent.type_name == "cancer")
    assert len(cancer) == 30 and len(everybody.select(at_most=0.1)) == 5 and len(everybody.select(at_most=7)) == 7
    assert len(everybody.select(model.cells.cell_type == 1)) == 20
    assert [a.cell_id for a in everybody.sort("cell_id")][:3] == [50, 49, 48]
    assert everybody.sort(lambda a: a.cell_id, ascending=True).get("cell_id") == everybody.get("cell_id")
    groups = everybody.groupby("cell_type")
    assert groups.count() == {0: 30, 1: 20} and groups.agg("radius", max) == {0: 6.0, 1: 5.0}
    assert everybody.groupby(lambda a: a.type_name, result_type="list").groups["stroma"][0].type_name == "stroma"
    assert sorted(everybody.shuffle().get("cell_id")) == list(range(1, 51))
    assert everybody.map("divide")[0] in model.agents and len(everybody) == 100
    cancer.set("growth_rate", 0.5)
    assert set(cancer.get("growth_rate")) == {0.5} and model.cells.growth_rate[-1] != 0.5


def test_a_selected_set_forgets_cells_that_are_gone(model):
    some = model.agents.select(lambda agent: agent.cell_id <= 10)
    model.agents[0].remove()
    assert len(some) == 9 and some.get("cell_id") == list(range(2, 11))
    some.discard(model.agent(2))
    some.add(model.agent(30))
    assert some.get("cell_id") == [*range(3, 11), 30]
    with pytest.raises(KeyError):
        some.remove(model.agent(2))


def test_do_passes_over_cells_removed_by_those_before_them(model):
    seen = []

    def remove_the_next(agent):
        seen.append(agent.cell_id)
        for other in model.agents:
            if other.cell_id == agent.cell_id + 1:
                other.remove()

    model.agents.do(remove_the_next)
    assert seen == list(range(1, 51, 2)) and len(model.agents) == 25


def test_a_cell_can_be_made_from_python(model):
    agent = CellAgent(model, "stroma", (50, 60, 10))
    assert agent in model.agents and agent.cell_id == 51 and agent.type_name == "stroma"
    with pytest.raises(ValueError, match="no cell type is called 'neuron'"):
        CellAgent(model, "neuron", (0, 0, 0))
    with pytest.raises(TypeError, match="holds cells"):
        Agent(model)


def test_agents_divide_and_die_at_their_own_word(model):
    mother = model.agents[0]
    daughter = mother.divide()
    assert daughter.parent_id == mother.cell_id and daughter.volume == pytest.approx(mother.volume)
    mother.die("necrotic")
    assert mother.phase_name == "necrotic" and mother.division_rate == 0 and model.deaths == 1
    with pytest.raises(ValueError, match="accepted is"):
        daughter.die("old age")


class Counting(CellAgent):
    """Counts its own steps and dies at the third."""

    calls = 0

    def step(self):
        self.calls += 1
        if self.calls == 3:
            self.remove()


class CountingModel(TumorModel):
    agent_class = Counting


def test_a_python_subclass_steps_and_remembers(spec):
    model = CountingModel(spec)
    model.step()
    assert {agent.calls for agent in model.agents if agent.birth_time == 0} == {1}
    model.step()
    model.step()
    assert not [agent for agent in model.agents if agent.birth_time == 0]


def test_models_and_their_cells_are_freed(spec):
    for model_class in (TumorModel, CountingModel):
        model = model_class(spec)
        model.step()
        model.agents[0]
        CellAgent(model, "stroma", (50, 60, 10))
        reference = weakref.ref(model)
        del model
        gc.collect()
        assert reference() is None


def test_a_misspelled_attribute_is_refused_where_it_would_be_forgotten(model, spec):
    with pytest.raises(AttributeError, match="did you mean 'division_rate'"):
        model.agents[0].divison_rate = 3.0
    with pytest.raises(AttributeError, match="no attribute 'mood'"):
        model.agents.set("mood", 3)
    other = CountingModel(spec)
    other.agents[0].mood = "good"
    assert other.agents[0].mood == "good"
