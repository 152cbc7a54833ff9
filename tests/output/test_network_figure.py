"""The picture of a network: nothing overlaps, every name fits its box, arrows go where they should."""

import itertools

import pytest
from scenario.test_network import CELL

from autocrine_abm.output.network import _Layout, _width_of, draw_network, networks
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import record_run
from autocrine_abm.output.report import write_report
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.network import Effect, Network, network_of

NODES = [f"node_{number}" for number in range(9)]
TANGLE = Network(
    {"light": "signal", "heat": "signal"} | dict.fromkeys(NODES, "node") | {"division_rate": "behavior", "speed": "behavior"},
    (
        *(Effect("light", node, 1) for node in NODES[:4]), Effect("heat", "division_rate", -1),
        *(Effect(one, other, -1) for one, other in zip(NODES, NODES[1:])), Effect("node_8", "node_2", 1),
        *(Effect(node, "speed", 1) for node in NODES[5:]), Effect("node_3", "node_3", 1),
    ),
)  # fmt: skip
NETWORKS = {"a loop": network_of(CELL), "a tangle": TANGLE} | {
    name: network_of(next(iter(read(name).cell.values()))) for name in ("minimal", "il1_monocyte", "spheroid_3d", "tnf_smac")
}


def around(box):
    x, y, width, height = box
    return x, x + width, y - height / 2, y + height / 2


@pytest.mark.parametrize("name", NETWORKS)
def test_boxes_hold_their_names_and_keep_apart(name):
    layout = _Layout(NETWORKS[name], _width_of)
    assert layout.boxes.keys() == NETWORKS[name].kinds.keys()
    for node, box in layout.boxes.items():
        left, right, low, high = around(box)
        assert right - left > _width_of(node) + 0.1 and 0 < left and right < layout.width
        assert 0 < low and high < layout.height - 0.15  # below the headings
    for one, other in itertools.combinations(map(around, layout.boxes.values()), 2):
        assert one[1] < other[0] or other[1] < one[0] or one[3] < other[2] or other[3] < one[2]


@pytest.mark.parametrize("name", NETWORKS)
def test_arrows_begin_and_end_at_their_boxes_and_pass_between_the_others(name):
    layout = _Layout(NETWORKS[name], _width_of)
    routes = layout.routes()
    assert {effect for effect, _ in routes} == set(NETWORKS[name].effects)
    ends = set()
    for effect, points in routes:
        source, target = around(layout.boxes[effect.source]), around(layout.boxes[effect.target])
        assert points[0][0] == source[1] and source[2] <= points[0][1] <= source[3]
        assert 0 < target[0] - points[-1][0] < 0.05 and target[2] <= points[-1][1] <= target[3]
        assert points[-1] not in ends and not ends.add(points[-1])
        assert all(0 < x < layout.width and 0 < y < layout.height for x, y in points)
        assert effect in layout.back or [x for x, _ in points] == sorted(x for x, _ in points)
        for node, box in layout.boxes.items():
            left, right, low, high = around(box)
            assert not any(left < x < right and low < y < high for x, y in points), (effect, node)


def test_the_picture_is_the_same_each_time_and_names_everything():
    first = draw_network(TANGLE, "tangle")
    assert first == draw_network(TANGLE, "tangle") and first.startswith("<svg")
    assert all(f">{node}<" in first for node in TANGLE.kinds)


def test_the_report_shows_networks_and_tells_loops(tmp_path):
    spec = read("minimal", {"run.duration": "12 min"})
    record_run(spec.model_copy(update={"cell": {**spec.cell}}), tmp_path / "run")
    page = write_report(tmp_path / "run").read_text()
    assert "<h2>Networks</h2>" in page and "acts back on what they sense by a rule" in page

    class Material:
        run = RunFolder(tmp_path / "run")

    Material.run._scenario = spec.model_copy(update={"cell": {"monocyte": CELL}})
    told = networks(Material)
    assert "STAT3 → SOCS3 → STAT3 holds itself in check" in told and "reinforces itself" in told
