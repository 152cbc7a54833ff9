import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from output.stand_in import NANOMOLAR, StandInModel, scenario

from autocrine_abm.errors import RunFolderError
from autocrine_abm.output import layout
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import Recorder


def recorded(folder, spec, steps=20):
    """A run folder of the stand-in model, and the model at the end."""
    from autocrine_abm.scenario.files import to_toml

    layout.write_info(folder, {"status": "done", "behavior_step": 6.0, "threads": 1, "seed": 7})
    (folder / layout.SCENARIO).write_text(to_toml(spec))
    recorder = Recorder(folder, spec, steps)
    model = StandInModel(spec, [recorder])
    for _ in range(steps):
        model.step()
    recorder.close()
    return model


def test_cells_come_back_at_a_recorded_time(tmp_path):
    recorded(tmp_path, scenario())
    run = RunFolder(tmp_path)
    assert run.cell_times().tolist() == [0.0, 30.0, 60.0, 90.0, 120.0]
    assert run.cells()["time"][0] == 120.0 and len(run.cells()) == 12 + 5 * 20
    assert run.cells(60)["time"][0] == 60.0 and run.cells(50.0, nearest=True)["time"][0] == 60.0
    with pytest.raises(RunFolderError, match=r"no cells .* at 50 min; there are 0, 30, 60, 90, 120 min.*nearest=True"):
        run.cells(50.0)
    with pytest.raises(RunFolderError, match=r"no fields were recorded at 1e\+06 min; there are 0, 60, 120 min"):
        run.field("IL6", 1e6)
    assert list(run.cells(0, columns=["x", "phase"])) == ["x", "phase"]


def test_fields_are_read_lazily_and_right(tmp_path):
    model = recorded(tmp_path, scenario(tissues=2))
    run = RunFolder(tmp_path)
    fields = run.fields("IL6", tissue="marrow")
    exact = model.tissues["marrow"].fields["IL6"].concentration / NANOMOLAR
    single = np.finfo(np.float32).eps
    assert fields.shape == (3, 10, 8, 5) and len(fields) == 3 and fields.times.tolist() == [0.0, 60.0, 120.0]
    np.testing.assert_allclose(fields[-1], exact, rtol=single)
    np.testing.assert_allclose(run.field("IL6", 130.0, "marrow", nearest=True), exact, rtol=single)
    everything = np.asarray(fields)
    assert everything.shape == fields.shape
    for key in (
        0,
        slice(1, None),
        slice(None, None, -1),
        (slice(None), 3, 2, 1),
        (-1, slice(2, 5)),
        (..., 0),
    ):
        assert np.array_equal(fields[key], everything[key])
    with pytest.raises(IndexError):
        fields[3]


def test_what_is_asked_wrongly_is_answered_in_words(tmp_path):
    recorded(tmp_path, scenario(tissues=2, record={"every": "1 hour", "cells": None, "fields": "1 hour"}))
    run = RunFolder(tmp_path)
    with pytest.raises(RunFolderError, match="say which tissue; there are tumor, marrow"):
        run.field("IL6")
    with pytest.raises(RunFolderError, match="no tissue is called 'bone'; there are tumor, marrow"):
        run.field("IL6", tissue="bone")
    with pytest.raises(RunFolderError, match="no ligand is called 'il6'; there are oxygen, IL6"):
        run.field("il6", tissue="tumor")
    with pytest.raises(RunFolderError, match="no cells were recorded"):
        run.cells()


def test_folders_that_are_no_runs_say_so(tmp_path):
    with pytest.raises(RunFolderError, match="does not exist"):
        RunFolder(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="is a file"):
        RunFolder(tmp_path / "file")
    inside = tmp_path / "runs" / "first"
    inside.mkdir(parents=True)
    layout.write_info(inside, {"status": "done"})
    with pytest.raises(RunFolderError, match="has no run.json.*runs inside it: first"):
        RunFolder(tmp_path / "runs")
    (inside / "run.json").write_text("{ torn")
    with pytest.raises(RunFolderError, match="cannot be read as JSON"):
        RunFolder(inside)
    (inside / "run.json").write_text("[]")
    with pytest.raises(RunFolderError, match="was not written by a run"):
        RunFolder(inside)


def test_a_run_whose_process_is_gone_was_killed(tmp_path):
    from socket import gethostname

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    info = {"status": "running", "host": gethostname(), "process": gone.pid}
    layout.write_info(tmp_path, info)
    assert RunFolder(tmp_path).status == "killed"
    layout.write_info(tmp_path, info | {"process": os.getpid()})
    assert RunFolder(tmp_path).status == "running"
    layout.write_info(tmp_path, info | {"host": "elsewhere"})
    assert RunFolder(tmp_path).status == "running"


_ENDLESS = """
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {root!r}]
from output.stand_in import StandInModel, scenario
from output.test_readers import recorded
spec = scenario(tissues=2, run={{"duration": "1000 day", "behavior_step": "6 min"}},
                record={{"every": "6 min", "cells": "6 min", "fields": "6 min"}})
print("started", flush=True)
recorded(Path({folder!r}), spec, steps=100000)
"""


def check_every_record(run):
    """Everything that is there is whole and right; returns how many records there are."""
    series = run.series()
    assert series["step"].tolist() == list(range(len(series)))
    if len(series):  # killed before the first row was whole, there is no more than time and step
        assert (series["cells"] == 2 * (12 + 5 * series["step"])).all()
    for time_ in run.cell_times():
        table = run.cells(time_)
        assert len(table) == 2 * (12 + 5 * round(time_ / 6.0)) and (table["time"] == time_).all()
    for tissue in ("tumor", "marrow"):
        times = run.field_times(tissue)
        assert times.tolist() == [6.0 * place for place in range(len(times))]
        if len(times):
            fields = np.asarray(run.fields("IL6", tissue))
            corner = (
                2.0 * (np.arange(len(times)) + 1.0) / NANOMOLAR
            )  # what the stand-in puts into the first voxel
            assert np.allclose(
                fields[:, 0, 0, 0] - fields[0, 0, 0, 0], corner - corner[0], rtol=1e-5
            )  # float32
            assert np.isfinite(fields).all()
    return len(series), len(run.cell_times()), len(run.field_times("tumor"))


def test_a_kill_at_any_moment_leaves_a_readable_folder(tmp_path):
    tests, found = Path(__file__).parents[1], []
    delays = np.random.default_rng(int(time.time())).uniform(0.0, 0.5, 6)  # any moment; a new one every time
    for number, delay in enumerate(delays):
        folder = tmp_path / str(number)
        folder.mkdir()
        script = _ENDLESS.format(tests=str(tests), root=str(tests.parent), folder=str(folder))
        writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        try:
            writer.stdout.readline()
            limit = time.monotonic() + 60
            while not (folder / layout.SERIES).exists() and time.monotonic() < limit:
                time.sleep(0.002)
            time.sleep(delay)
        finally:
            os.kill(writer.pid, signal.SIGKILL)
            writer.communicate()
        found.append(check_every_record(RunFolder(folder)))
    assert max(series for series, _, _ in found) > 3, found  # they were at work when they were killed
