"""Clones and trees, against stories short enough to be told by hand."""

import re

import numpy as np
import pandas as pd
import pytest

from autocrine_abm.measure.lineage import ancestry, bands, clone_parents, clone_sizes, newick


class Told:
    """Cell tables by time, as a run folder would give them."""

    def __init__(self, tables):
        self.tables = tables

    def cell_times(self):
        return np.array(sorted(self.tables), float)

    def cells(self, time, columns):
        return self.tables[time][columns]


def cells(*rows):
    names = ["cell_id", "parent_id", "clone_id", "birth_time", "phase_time", "phase"]
    table = pd.DataFrame(rows, columns=names)
    table["phase"] = pd.Categorical(table["phase"], ["alive", "apoptotic", "necrotic"])
    return table


@pytest.fixture
def told():
    """1 bears 3 (a mutant, at 10) and 4 (at 20); 2 dies at 15; 3 bears 5 (20); unrecorded 6 bears 7 and 8."""
    one, three, four = (
        (1, 0, 1, 0.0, 0.0, "alive"),
        (3, 1, 3, 10.0, 10.0, "alive"),
        (4, 1, 1, 20.0, 20.0, "alive"),
    )
    five = (5, 3, 3, 20.0, 20.0, "alive")
    return Told(
        {
            0.0: cells(one, (2, 0, 2, 0.0, 0.0, "alive")),
            25.0: cells(one, (2, 0, 2, 0.0, 15.0, "apoptotic"), three, four, five),
            50.0: cells(one, three, five, (7, 6, 1, 35.0, 35.0, "alive"), (8, 6, 1, 40.0, 40.0, "alive")),
        }
    )


def test_ends_and_fates(told):
    table = ancestry(told).set_index("cell_id")
    assert list(table.index) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert table["fate"].to_dict() == {
        1: "alive",
        2: "apoptotic",
        3: "alive",
        4: "lost",
        5: "alive",
        6: "unrecorded",
        7: "alive",
        8: "alive",
    }
    assert table["end_time"].tolist() == [50, 15, 50, 25, 50, 40, 50, 50]
    assert table.loc[6, ["parent_id", "clone_id", "birth_time"]].tolist() == [0, 0, 35.0]


def test_sizes_count_the_living(told):
    sizes = clone_sizes(told)
    assert sizes.index.tolist() == [0.0, 25.0, 50.0]
    assert sizes.to_dict("list") == {1: [1, 2, 3], 2: [1, 0, 0], 3: [0, 2, 2]}


def test_a_clone_arose_in_the_clone_of_its_founders_mother(told):
    assert clone_parents(ancestry(told)) == {1: 0, 2: 0, 3: 1}


def test_bands_put_a_clone_inside_the_one_it_arose_in(told):
    stacked = bands(clone_sizes(told), clone_parents(ancestry(told)))
    assert [(clone, band.tolist()) for clone, band in stacked] == [
        (1, [0.5, 1.0, 1.5]),
        (3, [0, 2, 2]),
        (1, [0.5, 1.0, 1.5]),
        (2, [1, 0, 0]),
    ]


def test_bands_keep_all_cells_when_only_a_few_clones_are_shown():
    random = np.random.default_rng(1)
    clones = np.arange(1, 60)
    sizes = pd.DataFrame(random.integers(0, 50, (5, 59)), columns=clones, index=np.arange(5.0))
    parents = {int(c): int(random.integers(0, c)) for c in clones}
    stacked = bands(sizes, parents, most=6)
    assert len({clone for clone, _ in stacked} - {0}) == 6
    assert np.array_equal(
        sum(band for _, band in stacked), sizes.sum(axis=1)
    )  # halves of whole numbers: exact
    places = {}
    for place, (clone, _) in enumerate(stacked):
        places.setdefault(clone, []).append(place)
    for clone, at in places.items():  # whoever lies between the two bands of a clone descends from it
        for inner, _ in stacked[at[0] + 1 : at[-1]]:
            while inner not in (0, clone):
                inner = parents[inner]
            assert inner == clone


def test_the_tree_of_all_recorded_cells(told):
    assert newick(ancestry(told)).splitlines() == [
        "((1:30,4:5):10,(3:30,5:30):10):10;",
        "2:15;",
        "(8:15,7:15):0;",  # 6 has no tip; its second daughter goes on in its place
    ]


def test_the_tree_of_the_living(told):
    assert newick(ancestry(told), living=True).splitlines() == [
        "(1:40,(3:30,5:30):10):10;",
        "(8:15,7:15):0;",
    ]


def test_a_dead_mother_leaves_her_line_to_her_last_daughter():
    table = pd.DataFrame(
        {
            "cell_id": [1, 2, 3],
            "parent_id": [0, 1, 1],
            "birth_time": [0.0, 10.0, 20.0],
            "end_time": [25.0, 50.0, 50.0],
            "fate": ["apoptotic", "alive", "alive"],
        }
    )
    assert newick(table) == "((1:5,3:30):10,2:40):10;\n"
    assert newick(table, living=True) == "(3:40,2:40):10;\n"


def depths_of_tips(text):
    """Distance of each tip from the root of its tree, by a reader that shares nothing with the writer."""
    depths = {}
    for line in text.splitlines():
        open_tips, groups, last = [], [], []
        for mark, name, length in scan(line):
            if mark == "(":
                groups.append(open_tips)
                open_tips = []
            elif mark == ")":
                last, open_tips = open_tips, groups.pop()
            elif mark == "tip":
                last = [name]
                depths[name] = 0.0
            if mark == "length":
                for tip in last:
                    depths[tip] += length
                open_tips = open_tips + last
    return depths


def scan(line):
    for token in re.findall(r"[(),;]|:[-\d.e+]+|\d+", line):
        if token in "(),;":
            yield token, None, None
        elif token[0] == ":":
            yield "length", None, float(token[1:])
        else:
            yield "tip", int(token), None


def test_every_tip_lies_as_far_from_the_root_as_it_lived_after_it():
    random = np.random.default_rng(2)
    n = 3000
    birth, parent = np.zeros(n), np.zeros(n, int)
    for cell in range(5, n):  # a random tree: mothers among those born before
        parent[cell] = random.integers(1, cell + 1)
        birth[cell] = birth[cell - 1] + random.exponential()
    table = pd.DataFrame(
        {
            "cell_id": np.arange(1, n + 1),
            "parent_id": parent,
            "birth_time": birth,
            "end_time": birth[-1] + 1.0,
            "fate": "alive",
        }
    )
    depths = depths_of_tips(newick(table))
    assert sorted(depths) == list(range(1, n + 1))
    # each tree starts at 0; ten digits per branch and a few hundred branches at most
    assert np.array(list(depths.values())) == pytest.approx(birth[-1] + 1.0, rel=1e-6)


def test_a_tree_as_deep_as_it_has_cells_needs_no_recursion():
    n = 20_000
    times = np.arange(n, dtype=float)
    table = pd.DataFrame(
        {
            "cell_id": np.arange(1, n + 1),
            "parent_id": np.arange(n),
            "birth_time": times,
            "end_time": float(n),
            "fate": "alive",
        }
    )
    text = newick(table)
    assert text.count("(") == text.count(")") == n - 1


def test_a_run_without_cell_tables_has_no_ancestry():
    assert len(ancestry(Told({}))) == 0
