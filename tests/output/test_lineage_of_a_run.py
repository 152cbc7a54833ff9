"""The trees of a real run say what happened in it: names are cells, lengths are times."""

import re

import pandas as pd
import pytest
from click.testing import CliRunner

from autocrine_abm.cli import main
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import record_run
from autocrine_abm.scenario.scenario import Scenario

SPEC = {
    "title": "dividing and dying",
    "run": {"duration": "12 hour", "behavior_step": "6 min", "seed": 2},
    "tissue": {"dish": {"size": ["200 um", "200 um", "20 um"], "spacing": "20 um"}},
    "cell": {"cancer": {"radius": "6 um", "division_rate": "0.2 1/hour", "apoptosis_rate": "0.05 1/hour"}},
    "seed": [{"pattern": "random", "cell": "cancer", "number": 5}],
    "record": {"every": "1 hour", "cells": "1 hour"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    record_run(Scenario.model_validate(SPEC), folder)
    return folder


def depths(tree):
    """Distance from the root of every tip, and sorted distances of all inner nodes, read by a plain Newick parser."""
    tips, forks, stack = {}, [], [[]]
    for token in re.findall(r"[(),;]|[^(),;]+", tree.strip()):
        if token == "(":
            stack.append([])
        elif token == ")":
            fork = stack.pop()
            stack[-1].append((fork, 0.0))
        elif token not in ",;":
            name, length = token.split(":")
            if name:
                stack[-1].append((name, float(length)))
            else:
                stack[-1][-1] = (stack[-1][-1][0], float(length))
    waiting = [(stack[0][0], 0.0)]
    while waiting:
        (what, length), above = waiting.pop()
        if isinstance(what, str):
            tips[int(what)] = above + length
        else:
            forks.append(above + length)
            waiting += [(child, above + length) for child in what]
    return tips, sorted(forks)


def test_tips_are_the_cells_and_forks_are_the_births(folder):
    cells = RunFolder(folder).lineage().set_index("cell_id")
    trees = RunFolder(folder).newick().splitlines()
    assert len(trees) == 5  # all of the start: corpses stay for 8.6 h, so nobody is missed
    tips, forks = {}, []
    for tree in trees:
        more, births = depths(tree)
        assert not tips.keys() & more.keys()
        tips, forks = tips | more, forks + births
    assert tips.keys() == set(cells.index)
    assert all(depth == pytest.approx(cells.loc[cell, "end_time"], abs=1e-6) for cell, depth in tips.items())  # ten digits
    births = cells["birth_time"][cells["parent_id"] > 0]
    assert sorted(forks) == pytest.approx(sorted(births), abs=1e-6)
    assert len(births) == RunFolder(folder).series()["births"].iloc[-1] > 10


def test_the_command_writes_trees_and_table(folder, tmp_path):
    result = CliRunner().invoke(
        main, ["lineage", str(folder), "--out", str(tmp_path / "t.nwk"), "--table", str(tmp_path / "t.csv")]
    )
    assert result.exit_code == 0 and result.output.startswith("5 trees of ")
    assert (tmp_path / "t.nwk").read_text() == RunFolder(folder).newick()
    table = pd.read_csv(tmp_path / "t.csv")
    assert len(table) == len(RunFolder(folder).lineage()) and set(table["fate"]) <= {"alive", "apoptotic", "lost"}
    printed = CliRunner().invoke(main, ["lineage", str(folder), "--living"])
    alive = set(table["cell_id"][table["fate"] == "alive"])
    assert {tip for line in printed.output.splitlines() for tip in depths(line)[0]} == alive


def test_without_cells_on_record_there_is_no_lineage(tmp_path):
    record_run(Scenario.model_validate(SPEC | {"record": {"cells": "never"}}), tmp_path / "run", until="1 hour")
    result = CliRunner().invoke(main, ["lineage", str(tmp_path / "run")])
    assert result.exit_code == 2 and "no cells were recorded" in result.output
