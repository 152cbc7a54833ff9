"""Pathway nodes: exact approach, steps and loops, against the equations that they solve."""

import numpy as np
import pytest
from scipy.optimize import brentq

from autocrine_abm.behavior.pathway import Pathway, node_names
from autocrine_abm.behavior.rules import RuleBook
from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.node import Node
from autocrine_abm.cells.rule import Rule
from autocrine_abm.cells.state import CellState
from autocrine_abm.ligands.ligand import Ligand
from autocrine_abm.team import Team

NM = 0.602214076
LIGANDS = {"IL6": Ligand(diffusion="600 um^2/min")}


class Dish:
    """Cells of one type whose nodes can be advanced."""

    def __init__(self, n=1, rules=(), **nodes):
        self.types = {"a": CellType(radius="5 um", rule=rules, node=nodes)}
        self.cells = CellState(self.types, LIGANDS, (), node_names(self.types))
        self.rules, self.pathway = RuleBook(self.types, LIGANDS), Pathway(self.types)
        self.cells.add(
            n, cell_id=np.arange(1, n + 1), node=self.pathway.initial[[0] * n], node_target=self.pathway.base[[0] * n]
        )

    def run(self, steps, dt):
        for _ in range(steps):
            self.rules.aim(self.cells, Team())
            self.pathway.follow(self.cells, dt, Team())
        return self.cells.node


@pytest.mark.parametrize("steps", [1, 7])
def test_a_node_approaches_its_base_exponentially_whatever_the_step(steps):
    dish = Dish(STAT3=Node(tau="30 min", base=0.8, initial=0.2))
    assert dish.run(steps, 60 / steps)[0, 0] == pytest.approx(0.8 - 0.6 * np.exp(-2), rel=1e-12)


def test_a_ligand_moves_the_target_by_the_rule():
    dish = Dish(
        2, [Rule(signal="IL6", increases="STAT3", to=1.0, half="2 nM", hill=2)], STAT3=Node(tau="30 min", base=0.1)
    )
    dish.cells.sensed[:, 0] = [0, 2 * NM]
    assert dish.run(400, 6.0)[:, 0] == pytest.approx([0.1, 0.55], rel=1e-9)


def test_a_cascade_passes_on_what_its_first_node_does():
    dish = Dish(
        rules=[
            Rule(signal="IL6", increases="JAK", to=1.0, half="1 nM"),
            Rule(signal="JAK", increases="STAT3", to=1.0, half=0.5, hill=2),
            Rule(signal="STAT3", increases="SOCS3", to=1.0, half=0.5),
        ],
        JAK=Node(tau="5 min"), STAT3=Node(tau="30 min"), SOCS3=Node(tau="60 min"),
    )  # fmt: skip
    dish.cells.sensed[:, 0] = 3 * NM
    jak, stat3, socs3 = dish.run(2000, 6.0)[0]
    assert jak == pytest.approx(0.75)
    assert stat3 == pytest.approx(0.75**2 / (0.5**2 + 0.75**2))
    assert socs3 == pytest.approx(stat3 / (0.5 + stat3))


def fixed_points(base, to, half, hill):
    """Stable and unstable rests of S = base + (to − base) S^h/(half^h + S^h), ascending."""
    grid = np.linspace(0, 1.2 * to, 20_001)

    def excess(s):
        return base + (to - base) * s**hill / (half**hill + s**hill) - s

    changes = np.flatnonzero(np.diff(np.sign(excess(grid))) != 0)
    return [brentq(excess, grid[i], grid[i + 1]) for i in changes]


def test_a_node_that_drives_itself_rests_where_its_equation_does():
    low, threshold, high = fixed_points(0.05, 1.0, 0.5, 4)
    loop = [Rule(signal="EMT", increases="EMT", to=1.0, half=0.5, hill=4)]
    for start, rest in ((threshold - 1e-3, low), (threshold + 1e-3, high), (0.0, low), (1.2, high)):
        dish = Dish(rules=loop, EMT=Node(tau="1 hour", base=0.05, initial=start))
        assert dish.run(20_000, 6.0)[0, 0] == pytest.approx(rest, abs=1e-6)


def test_a_self_sustaining_node_shows_hysteresis():
    """A signal raised and lowered again: the node switches up at a higher signal than it switches down."""
    dish = Dish(
        rules=[
            Rule(signal="EMT", increases="EMT", to=1.0, half=0.5, hill=6),
            Rule(signal="IL6", increases="EMT", to=1.0, half="10 nM", hill=1),
        ],
        EMT=Node(tau="10 min"),
    )  # fmt: skip
    levels = np.linspace(0, 20, 81)
    up, down = [], []
    for level in levels:
        dish.cells.sensed[:, 0] = level * NM
        up.append(dish.run(300, 6.0)[0, 0])
    for level in levels[::-1]:
        dish.cells.sensed[:, 0] = level * NM
        down.append(dish.run(300, 6.0)[0, 0])
    on, off = levels[np.argmax(np.array(up) > 0.5)], levels[::-1][np.argmax(np.array(down) < 0.5)]
    # the fold where the low state vanishes: s = x/(1+x), x = (s/0.5)^6 + level/10, scanned without the simulator
    s = np.linspace(0, 0.999, 100_000)
    needed = 10 * (s / (1 - s) - (s / 0.5) ** 6)
    fold = needed[np.argmax(np.diff(needed) < 0)]
    assert on == pytest.approx(fold, abs=levels[1] + 1e-9)
    assert down[-1] > 0.9 and off == 20.0  # the high state outlives its signal: it never switched off


def test_dead_cells_signal_no_more():
    dish = Dish(2, STAT3=Node(tau="30 min", base=1.0, initial=0.0))
    dish.cells.phase[1] = 2
    assert dish.run(1, 30.0)[:, 0] == pytest.approx([1 - np.exp(-1), 0])
