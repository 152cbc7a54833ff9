"""The network of a cell type: effects with their signs, loops, columns, and how they read as text."""

import pytest

from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.scenario.describe import describe
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.network import Effect, Network, drawn, network_of

RATES = {"k_on": "0.1 1/nM/min", "k_off": "0.01 1/min", "k_internalize": "0.03 1/min"}
CELL = CellType.model_validate({
    "radius": "6 um",
    "secretes": [{"ligand": "IL6", "rate": "10 molecules/min"}, {"ligand": "VEGF", "rate": "1 molecules/min"}],
    "receptor": [
        {"name": "IL6R", "ligand": "IL6", "number": 1000, **RATES, "antagonist": [{"ligand": "mab", "k_i": "1 nM"}]},
    ],
    "node": {"STAT3": {"tau": "30 min"}, "SOCS3": {"tau": "2 hour"}},
    "rule": [
        {"signal": "occupancy of IL6R", "increases": "STAT3", "to": 1, "half": 0.2},
        {"signal": "STAT3", "increases": "SOCS3", "to": 1, "half": 0.5},
        {"signal": "SOCS3", "decreases": "STAT3", "to": 0, "half": 0.5},
        {"signal": "STAT3", "increases": "secretion of IL6", "to": "90 molecules/min", "half": 0.5},
        {"signal": "STAT3", "increases": "division_rate", "to": "0.05 1/hour", "half": 0.5},
        {"signal": "pressure", "decreases": "division_rate", "to": "0 1/hour", "half": 2},
    ],
})  # fmt: skip


def test_effects_follow_receptors_antagonists_rules_and_secretion():
    network = network_of(CELL)
    assert set(network.effects) == {
        Effect("IL6", "IL6R receptor", 1), Effect("mab", "IL6R receptor", -1), Effect("IL6R receptor", "STAT3", 1),
        Effect("STAT3", "SOCS3", 1), Effect("SOCS3", "STAT3", -1), Effect("STAT3", "secretion of IL6", 1),
        Effect("secretion of IL6", "IL6", 1), Effect("STAT3", "division_rate", 1), Effect("pressure", "division_rate", -1),
    }  # fmt: skip
    assert [kind for kind in dict.fromkeys(network.kinds.values())] == ["signal", "receptor", "node", "behavior"]
    assert "VEGF" not in network.kinds  # which the cell does not sense


def test_loops_have_the_sign_of_their_product():
    loops = dict((frozenset(path), sign) for path, sign in network_of(CELL).loops())
    assert loops == {
        frozenset({"IL6", "IL6R receptor", "STAT3", "secretion of IL6"}): 1,
        frozenset({"STAT3", "SOCS3"}): -1,
    }
    twice = Network({"a": "node", "b": "node"}, (Effect("a", "b", -1), Effect("b", "a", -1), Effect("a", "a", 1)))
    assert sorted(twice.loops()) == [(("a",), 1), (("a", "b"), 1)]


def test_columns_run_from_signals_to_behaviors():
    network = network_of(CELL)
    columns, back = network.columns()
    place = {node: number for number, column in enumerate(columns) for node in column}
    assert sorted(place) == sorted(network.kinds)
    assert back == {Effect("SOCS3", "STAT3", -1), Effect("secretion of IL6", "IL6", 1)}
    assert all(place[effect.source] < place[effect.target] for effect in set(network.effects) - back)
    assert {place[node] for node, kind in network.kinds.items() if kind == "behavior"} == {len(columns) - 1}


def test_text_tells_every_effect_once_and_marks_loops():
    lines = drawn(network_of(CELL))
    assert lines == [
        "mab --| IL6R receptor --> STAT3 --> SOCS3 --| STAT3 (loop -)",
        "                                --> secretion of IL6 --> IL6 --> IL6R receptor (loop +)",
        "                                --> division_rate",
        "pressure --| division_rate",
    ]


@pytest.mark.parametrize("name", ["minimal", "il1_monocyte", "tnf_smac"])
def test_every_effect_is_drawn_once(name):
    for cell in read(name).cell.values():
        network = network_of(cell)
        text = "\n".join(drawn(network))
        assert text.count("-->") + text.count("--|") == len(network.effects)
        assert max(map(len, text.splitlines() or [""])) <= 110
        assert not text or text.splitlines()[0] in describe(read(name))


def test_wide_networks_are_indented_instead():
    names = [f"a_node_with_a_rather_long_name_{number}" for number in range(5)]
    chain = tuple(Effect(one, other, 1) for one, other in zip(names, names[1:]))
    lines = drawn(Network(dict.fromkeys(names, "node"), (*chain, Effect(names[1], names[4], -1))))
    assert lines == [
        names[0], f"    --> {names[1]}", f"        --> {names[2]}", f"            --> {names[3]}",
        f"                --> {names[4]}", f"        --| {names[4]}",
    ]  # fmt: skip


def test_a_cell_without_rules_has_no_network():
    assert network_of(CellType(radius="6 um")).effects == () and drawn(network_of(CellType(radius="6 um"))) == []


def test_damage_is_done_and_repaired_and_rules_that_change_nothing_are_left_out():
    cell = CellType.model_validate({
        "radius": "6 um", "damage": {"DNA": {"repair_rate": "1 1/hour"}},
        "rule": [
            {"signal": "drug", "increases": "damage rate of DNA", "to": "2 1/hour", "half": "1 nM"},
            {"signal": "damage to DNA", "decreases": "repair rate of DNA", "to": "0 1/hour", "half": 2},
            {"signal": "drug", "increases": "apoptosis_rate", "to": "0 1/hour", "half": "1 nM"},
        ],
    })  # fmt: skip
    network = network_of(cell)
    assert set(network.effects) == {
        Effect("drug", "damage rate of DNA", 1), Effect("damage rate of DNA", "damage to DNA", 1),
        Effect("damage to DNA", "repair rate of DNA", -1), Effect("repair rate of DNA", "damage to DNA", -1),
    }  # fmt: skip
    assert network.loops() == [(("damage to DNA", "repair rate of DNA"), 1)]
