import json
import os

import numpy as np
import pytest
from output.stand_in import StandInModel, scenario

from autocrine_abm.errors import AutocrineError, RunFolderError
from autocrine_abm.output import layout
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import Recorder, record_run
from autocrine_abm.output.series import read_series
from autocrine_abm.scenario.scenario import Scenario

SMALL = Scenario.model_validate({
    "title": "small",
    "run": {"duration": "2 hour", "behavior_step": "6 min", "seed": 3},
    "tissue": {"dish": {"size": ["100 um", "100 um", "20 um"], "spacing": "20 um"}},
    "ligand": {"IL6": {"diffusion": "3600 um^2/min", "decay": "0.02 1/min", "transport": "transient"}},
    "cell": {"cancer": {"radius": "6 um", "division_rate": "0.5 1/hour", "apoptosis_rate": "0.1 1/hour",
                        "secretes": [{"ligand": "IL6", "rate": "60 molecules/min"}]}},
    "seed": [{"pattern": "random", "cell": "cancer", "number": 8}],
    "record": {"every": "12 min", "cells": "30 min", "fields": "1 hour"},
})  # fmt: skip


def contents(folder):
    """Bytes of every file of a run but those that say when and where it ran."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (layout.INFO, layout.REPORT)
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "small"
    model = record_run(SMALL, folder)
    return folder, model


def test_a_run_holds_what_the_contract_names(run):
    folder, model = run
    assert {path.name for path in folder.iterdir()} == {
        "scenario.toml",
        "run.json",
        "series.csv",
        "cells",
        "fields.zarr",
    }
    info = json.loads((folder / "run.json").read_text())
    assert info["status"] == "done" and info["seed"] == 3 and info["step"] == 20 and info["time"] == 120.0
    assert {"python", "numpy", "numba", "mesa", "autocrine_abm"} <= set(info["versions"])
    assert info["wall_time"] > 0 and info["host"] and info["started"] <= info["finished"]
    assert list(info["units"]["series"]) == list(read_series(folder / "series.csv"))
    assert info["units"]["series"]["IL6.mean"] == "nM"


def test_the_last_row_is_the_model_at_the_end(run):
    folder, model = run
    last = RunFolder(folder).series().iloc[-1]
    assert last["time"] == 120.0 and last["cells"] == model.n_cells
    assert (last["births"], last["deaths"]) == (model.births, model.deaths)
    assert last["births"] > 0
    ledger = model.fields["IL6"].ledger
    assert last["IL6.secreted"] == ledger.secreted and last["IL6.present"] == ledger.present


def test_the_resolved_scenario_runs_again_to_the_same_bytes(run, tmp_path):
    folder, _ = run
    record_run(RunFolder(folder).scenario, tmp_path / "again")
    first, again = contents(folder), contents(tmp_path / "again")
    assert [name for name in first if first[name] != again.get(name)] == [] and first.keys() == again.keys()


def test_threads_do_not_change_a_byte(run, tmp_path):
    folder, _ = run
    record_run(SMALL, tmp_path / "two", threads=2)
    assert contents(tmp_path / "two") == contents(folder)


@pytest.mark.parametrize(
    ("record", "series", "cells", "fields"),
    [
        ({"every": "12 min", "cells": "30 min", "fields": "1 hour"}, 11, 5, 3),
        (
            {"every": "5 min", "cells": "8 min", "fields": "50 hour"},
            21,
            21,
            2,
        ),  # 5 and 8 min snap to 6; start and end
        ({"every": "48 min", "cells": None, "fields": None}, 4, 0, 0),  # 0, 48, 96 and the end at 120
    ],
)
def test_intervals_snap_to_steps(tmp_path, record, series, cells, fields):
    spec = scenario(record=record)
    layout.write_info(tmp_path, {"status": "running", "behavior_step": 6.0})
    (tmp_path / layout.SCENARIO).write_text("")
    recorder = Recorder(tmp_path, spec)
    model = StandInModel(spec, [recorder])
    for _ in range(20):
        model.step()
    recorder.close()
    folder = RunFolder(tmp_path)
    folder._scenario = spec
    assert len(folder.series()) == series
    assert len(folder.cell_times()) == cells
    assert len(folder.field_times()) == fields


def test_nothing_is_looked_at_on_steps_that_record_nothing(tmp_path):
    class Untouchable:
        clock = type("clock", (), {"step": 1, "time": 6.0})

        def __getattr__(self, name):
            raise AssertionError(f"the recorder looked at {name}")

    Recorder(tmp_path, scenario()).observe(Untouchable())


def test_until_stops_early_and_records_the_end(tmp_path):
    model = record_run(SMALL, tmp_path / "run", until="42 min")
    assert model.clock.time == 42.0
    folder = RunFolder(tmp_path / "run")
    assert folder.series()["time"].tolist() == [0, 12, 24, 36, 42]
    assert folder.field_times().tolist() == [0.0, 42.0] and folder.cell_times()[-1] == 42.0
    assert folder.status == "done"


class Progress:
    def __init__(self, trouble=None):
        self.updates, self.messages, self.trouble = 0, [], trouble

    def update(self, model):
        self.updates += 1
        if self.trouble is not None and model.clock.step == 7:
            raise self.trouble

    def message(self, text):
        self.messages.append(text)


def test_progress_hears_of_every_step(tmp_path):
    progress = Progress()
    record_run(SMALL, tmp_path / "run", progress=progress)
    assert progress.updates == 21 and progress.messages


@pytest.mark.parametrize(
    ("trouble", "status"), [(KeyboardInterrupt(), "interrupted"), (ZeroDivisionError("no"), "failed")]
)
def test_trouble_is_written_down_and_the_folder_stays_readable(tmp_path, trouble, status):
    with pytest.raises(type(trouble)):
        record_run(SMALL, tmp_path / "run", progress=Progress(trouble))
    folder = RunFolder(tmp_path / "run")
    assert folder.status == status and folder.info["step"] == 7
    assert folder.series()["step"].tolist() == [0, 2, 4, 6]
    assert folder.cell_times().tolist() == [0.0, 30.0]
    assert folder.info.get("error") == ("ZeroDivisionError: no" if status == "failed" else None)


def test_a_run_is_not_overwritten_unless_asked(run, tmp_path):
    target = tmp_path / "run"
    record_run(SMALL, target, until=6.0)
    with pytest.raises(RunFolderError, match="already holds a run.*allow it to be overwritten"):
        record_run(SMALL, target, until=12.0)
    assert RunFolder(target).info["step"] == 1
    (target / "my notes.txt").write_text("keep me")
    record_run(SMALL, target, until=12.0, overwrite=True)
    assert RunFolder(target).info["step"] == 2
    assert (target / "my notes.txt").read_text() == "keep me"


def test_a_folder_of_something_else_is_left_alone_even_if_asked(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(RunFolderError, match="is not empty and holds no run"):
            record_run(SMALL, tmp_path, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(RunFolderError, match="is a file"):
        record_run(SMALL, tmp_path / "thesis.tex")


def test_a_run_that_is_going_on_is_not_overwritten(tmp_path):
    from socket import gethostname

    (tmp_path / "run").mkdir()
    info = {"status": "running", "host": gethostname(), "process": os.getppid()}
    layout.write_info(tmp_path / "run", info)
    with pytest.raises(RunFolderError, match="still writing"):
        layout.claim(tmp_path / "run", overwrite=True)


def test_a_missing_file_of_cells_is_told_before_anything_is_written(tmp_path):
    seed = SMALL.seed[0].model_validate({"pattern": "file", "cell": "cancer", "file": "nowhere.csv"})
    with pytest.raises(AutocrineError, match="nowhere.csv: no such file"):
        record_run(SMALL.model_copy(update={"seed": (seed,)}), tmp_path / "run", source_folder=tmp_path)
    assert not (tmp_path / "run").exists()


def test_a_file_of_cells_goes_into_the_run_folder(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "plated.csv").write_text("x,y,z\n30,30,10\n70,60,10\n")
    spec = SMALL.model_copy(
        update={
            "seed": (
                SMALL.seed[0].model_validate({"pattern": "file", "cell": "cancer", "file": "plated.csv"}),
            )
        }
    )
    record_run(spec, tmp_path / "run", until=6.0, source_folder=source)
    (source / "plated.csv").unlink()
    folder = RunFolder(tmp_path / "run")
    record_run(folder.scenario, tmp_path / "again", until=6.0, source_folder=folder.path)
    assert np.array_equal(RunFolder(tmp_path / "again").cells(0.0)["x"], [30.0, 70.0])
    assert contents(tmp_path / "again")["series.csv"] == contents(folder.path)["series.csv"]
