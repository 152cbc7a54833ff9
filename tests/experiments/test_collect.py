"""The journal survives whatever happens to its file, and the tables depend on nothing but the outcomes."""

import errno
import random

import pandas as pd
import pytest

from autocrine_abm.experiments.collect import Collector
from autocrine_abm.experiments.journal import Journal
from autocrine_abm.experiments.plan import Plan
from autocrine_abm.experiments.single import Outcome
from autocrine_abm.scenario.sweep import Sweep

PLAN = Plan(Sweep(vary=["dose = 0.0, 1, 10 nM", 'kind = ["a, b", "c"]'], replicates=3), seed=1)
COLUMNS = (("time", "min", "float"), ("step", "", "int"), ("cells", "cells", "int"), ("IL6.mean", "nM", "float"))
OTHER = (*COLUMNS[:3], ("occupied_fraction", "", "float"), COLUMNS[3])


def outcome(number, message=""):
    other = number % 5 == 0
    rows = ""
    for k in range(3):
        rows += f"{60.0 * k},{k},{number + k},{f'{k / 7},' if other else ''}{'' if k == 0 else repr(number / 3 + k)}\n"
    return Outcome(number, () if message else OTHER if other else COLUMNS, "" if message else rows, 0.2, "here", message)


def collect(folder, numbers, **options):
    folder.mkdir(exist_ok=True)
    collector = Collector(folder, PLAN)
    for number in numbers:
        collector.store(outcome(number, **options), 1)
    return collector


def tables(folder):
    return [(folder / name).read_bytes() for name in ("table.csv", "table.parquet")]


@pytest.fixture
def whole(tmp_path):
    collector = collect(tmp_path / "whole", range(len(PLAN)))
    collector.write_tables()
    collector.close()
    return tables(tmp_path / "whole")


def test_the_table_is_tidy_and_both_files_say_the_same(tmp_path, whole):
    table = pd.read_parquet(tmp_path / "whole" / "table.parquet")
    assert len(table) == 3 * len(PLAN)
    assert list(table) == [
        "run", "point", "replicate", "seed", "dose", "kind", "time", "step", "cells", "occupied_fraction", "IL6.mean",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(table, pd.read_csv(tmp_path / "whole" / "table.csv"))
    row = table[(table["run"] == 7) & (table["step"] == 2)].iloc[0]
    assert row["dose"] == 1 and row["kind"] == "a, b" and row["cells"] == 9 and row["IL6.mean"] == 7 / 3 + 2
    assert pd.isna(row["occupied_fraction"]) and table["occupied_fraction"].notna().sum() == 3 * 4
    assert table["cells"].dtype == "int64" and table["dose"].dtype == "int64"


def test_the_order_of_outcomes_does_not_matter(tmp_path, whole):
    numbers = list(range(len(PLAN)))
    random.Random(2).shuffle(numbers)
    collector = collect(tmp_path / "shuffled", numbers)
    collector.write_tables()
    assert tables(tmp_path / "shuffled") == whole


def test_failures_are_listed_and_have_no_rows(tmp_path, whole):
    collector = collect(tmp_path / "some", [0, 1])
    collector.store(outcome(2, "ValueError: no, and\nnever"), 2)
    collector.write_tables()
    assert collector.failed == {2} and list(collector.missing()) == list(range(2, len(PLAN)))
    runs = pd.read_csv(tmp_path / "some" / "runs.csv")
    assert runs["status"].tolist()[:4] == ["done", "done", "failed", "waiting"] and len(runs) == len(PLAN)
    assert runs["message"][2] == "ValueError: no, and\nnever" and runs["attempts"][2] == 2
    for number in range(2, len(PLAN)):
        collector.store(outcome(number), 1)
    collector.store(outcome(3), 1)  # a second time
    collector.write_tables()
    assert collector.failed == set() and tables(tmp_path / "some") == whole


def test_units_are_told(tmp_path, whole):
    import pyarrow.parquet as parquet

    assert collect(tmp_path / "whole", []).units == {"dose": "nM", "time": "min", "cells": "cells", "IL6.mean": "nM"}
    assert parquet.read_schema(tmp_path / "whole" / "table.parquet").field("dose").metadata == {b"unit": b"nM"}


def test_without_any_run_the_table_is_empty(tmp_path):
    collector = collect(tmp_path / "none", [])
    collector.write_tables()
    table = pd.read_parquet(tmp_path / "none" / "table.parquet")
    assert len(table) == 0 and list(table) == ["run", "point", "replicate", "seed", "dose", "kind"]


def damages(content):
    """A journal as kills, power cuts and bad disks leave it."""
    draws = random.Random(5)
    for _ in range(25):
        yield content[: draws.randrange(len(content))]
    for _ in range(10):
        here = draws.randrange(len(content))
        yield content[:here] + bytes(draws.randrange(200)) + content[here + 200 :]  # a page of zeros
    for _ in range(10):
        here = draws.randrange(len(content))
        yield content[:here] + bytes([content[here] ^ 1]) + content[here + 1 :]
    yield b"\n\n" + content
    yield content + b"\0" * 5000


def test_whatever_is_torn_is_done_again_and_the_table_is_the_same(tmp_path, whole):
    journal = tmp_path / "whole" / "journal"
    content = journal.read_bytes()
    for damaged in damages(content):
        journal.write_bytes(damaged)
        collector = collect(tmp_path / "whole", [])
        lost = list(collector.missing())
        for number in lost:
            collector.store(outcome(number), 1)
        collector.write_tables()
        collector.close()
        assert tables(tmp_path / "whole") == whole
        again = collect(tmp_path / "whole", [])
        assert list(again.missing()) == []
        again.close()


def test_a_full_disk_leaves_whole_lines_and_is_said_with_the_path(tmp_path, whole, monkeypatch):
    collector = collect(tmp_path / "full", range(5))
    write = Journal._write

    def full(self, line):
        write(self, line[: len(line) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "_write", full)
    with pytest.raises(OSError, match="No space left on device") as error:
        collector.store(outcome(5), 1)
    assert error.value.filename == str(tmp_path / "full" / "journal")
    collector.close()
    monkeypatch.undo()
    collector = collect(tmp_path / "full", [])
    assert collector.done == {0, 1, 2, 3, 4}
    for number in collector.missing():
        collector.store(outcome(number), 1)
    collector.write_tables()
    assert tables(tmp_path / "full") == whole


def test_tables_are_made_in_the_background_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(Collector, "LONGEST_WAIT", 0.0)
    collector = collect(tmp_path / "live", range(4))
    collector.refresh()
    collector.close()
    assert pd.read_parquet(tmp_path / "live" / "table.parquet")["run"].nunique() == 4


def test_entries_are_cut_off_where_they_are_torn(tmp_path):
    journal = Journal(tmp_path / "journal")
    for number in range(3):
        journal.append({"run": number, "rows": "1,2\n" * 50_000})  # longer than a block that is looked through
    journal.close()
    content = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(content[:-70_000])
    journal = Journal(tmp_path / "journal")
    journal.append({"run": 9})
    journal.close()
    assert [entry["run"] for _, entry in Journal.entries(tmp_path / "journal")] == [0, 1, 9]
