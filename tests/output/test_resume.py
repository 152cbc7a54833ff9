"""A run that was killed, interrupted or damaged, and resumed, leaves the bytes of one that was left in peace."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import time

import numpy as np
import pytest
from click.testing import CliRunner
from contracts.every_feature import BODY, HEAD, LATTICE

from autocrine_abm.cli import main
from autocrine_abm.cli.interruption import Interruption
from autocrine_abm.errors import RunFolderError
from autocrine_abm.output import checkpoint, layout
from autocrine_abm.output.checkpoint import Checkpoints, NotPlain, paths, read_checkpoint, write_checkpoint
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import record_run
from autocrine_abm.output.resume import resume_run
from autocrine_abm.scenario.files import override, parse_text, to_toml

CHANGES = {
    "run.duration": "3 hour", "record.every": "10 min", "record.cells": "30 min", "record.fields": "20 min",
    "record.checkpoint": "10 min",  # every step
}  # fmt: skip
SCENARIOS = {
    "tissues": parse_text(HEAD + BODY, overrides=CHANGES),
    "lattice": parse_text(HEAD + LATTICE, overrides=CHANGES | {"run.duration": "10 hour"}),
}
ELSEWHERE = ("started", "finished", "wall_time", "host", "process", "machine", "threads", "resumed")


def contents(folder):
    """Bytes of every file of a run, run.json but for times and hosts."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    info = json.loads(files.pop(layout.INFO))
    return files | {layout.INFO: {key: value for key, value in info.items() if key not in ELSEWHERE}}


def same(folder, peaceful):
    found, expected = contents(folder), contents(peaceful)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []


class StopAt:
    """Interrupts a run after a step, as Ctrl-C does."""

    def __init__(self, step):
        self.step = step

    def update(self, model):
        if model.clock.step == self.step:
            raise KeyboardInterrupt

    def message(self, text):
        pass


def interrupted(kind, folder, step=7, **options):
    with pytest.raises(KeyboardInterrupt):
        record_run(SCENARIOS[kind], folder, progress=StopAt(step), **options)
    return folder


@pytest.fixture(scope="module")
def peaceful(tmp_path_factory):
    folders = {}
    for kind, spec in SCENARIOS.items():
        folders[kind] = tmp_path_factory.mktemp("peaceful") / kind
        record_run(spec, folders[kind])
    return folders


@pytest.mark.parametrize(("kind", "threads"), [("tissues", 2), ("lattice", None)])
def test_a_resumed_run_ends_like_one_without_interruption(kind, threads, peaceful, tmp_path):
    folder = interrupted(kind, tmp_path / "run", 7)
    assert RunFolder(folder).status == "interrupted"
    with pytest.raises(KeyboardInterrupt):  # and once more
        resume_run(folder, threads=threads, progress=StopAt(12))
    model = resume_run(folder, threads=threads)
    same(folder, peaceful[kind])
    info = RunFolder(folder).info
    assert [entry["step"] for entry in info["resumed"]] == [7, 12]
    assert info["threads"] == (threads or 1)
    assert len(model.datacollector.model_vars["time"]) == model.clock.step + 1 == model.steps + 1
    assert model.datacollector.model_vars["time"][:2] == [0.0, 10.0]


def test_records_beyond_the_checkpoint_are_taken_back_and_made_again(peaceful, tmp_path):
    folder = interrupted("tissues", tmp_path / "run", 9)
    newest, older = paths(folder)
    newest.unlink()  # so that series, cells, signaling and fields are ahead of what is left
    before = contents(folder)
    (folder / layout.CELLS / ".000000000099.parquet.partial").write_bytes(b"torn")
    resume_run(folder)
    assert RunFolder(folder).info["resumed"][0]["step"] == 8
    assert any(name.startswith("fields.zarr") and "/c/" in name for name in before)
    same(folder, peaceful["tissues"])


def test_without_a_checkpoint_a_run_starts_over(peaceful, tmp_path):
    folder = interrupted("lattice", tmp_path / "run", 11)
    shutil.rmtree(folder / "checkpoint")
    resume_run(folder)
    same(folder, peaceful["lattice"])


def test_a_short_run_writes_no_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(Checkpoints, "save", None)
    record_run(parse_text(HEAD + LATTICE), tmp_path / "run", until="1 hour")
    assert not (tmp_path / "run" / "checkpoint").exists()


def test_a_run_stops_after_the_step_when_asked(peaceful, tmp_path):
    asked = iter([False, False, True])
    without = override(SCENARIOS["lattice"], {"record.checkpoint": "never"})
    with pytest.raises(KeyboardInterrupt):
        record_run(without, tmp_path / "run", stop=lambda: next(asked))
    assert [path.name for path in paths(tmp_path / "run")] == ["000000000003.npz"]
    shutil.copy(peaceful["lattice"] / layout.SCENARIO, tmp_path / "run")  # which has checkpoints
    resume_run(tmp_path / "run")
    same(tmp_path / "run", peaceful["lattice"])


def test_the_first_signal_is_remembered_and_the_second_interrupts():
    said = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interruption(said.append) as interruption:
            assert not interruption()
            os.kill(os.getpid(), signal.SIGTERM)
            assert interruption() and "checkpoint" in said[0]
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(1)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_run_killed_at_any_moment_can_be_resumed(peaceful, tmp_path):
    folder, chance = tmp_path / "run", random.Random(4)
    spec = SCENARIOS["tissues"]
    fork = multiprocessing.get_context("fork")  # a warm start, so that kills fall into the run itself
    kills = 0
    for attempt in range(16):
        if attempt == 0:
            child = fork.Process(target=record_run, args=(spec, folder))
        else:
            child = fork.Process(target=resume_run, args=(folder,))
        child.start()
        while attempt == 0 and child.is_alive() and not (folder / layout.SCENARIO).exists():
            time.sleep(0.001)
        child.join(chance.uniform(0.02, 0.6))
        child.kill()
        child.join()
        if RunFolder(folder).status == "done":
            break
        assert RunFolder(folder).status == "killed"
        kills += 1
    assert kills >= 4
    if RunFolder(folder).status != "done":  # a slow machine, where little is done between two kills
        resume_run(folder)
    same(folder, peaceful["tissues"])


# -- damage -----------------------------------------------------------------------------------------------------------


def test_a_damaged_checkpoint_gives_way_to_the_one_before_it(peaceful, tmp_path):
    folder = interrupted("lattice", tmp_path / "run", 7)
    newest, _ = paths(folder)
    newest.write_bytes(newest.read_bytes()[:-1000])
    notices = []
    progress = StopAt(None)
    progress.notice = notices.append
    resume_run(folder, progress=progress)
    assert RunFolder(folder).info["resumed"][0]["step"] == 6
    assert "000000000007.npz: the checkpoint is damaged" in notices[0]
    same(folder, peaceful["lattice"])


def test_when_no_checkpoint_is_left_the_message_says_how_to_start_over(peaceful, tmp_path):
    folder = interrupted("lattice", tmp_path / "run", 7)
    for path in paths(folder):
        path.write_bytes(b"")
    with pytest.raises(RunFolderError, match=r"7\.npz: the checkpoint is damaged(.|\n)*6\.npz(.|\n)*remove the folder"):
        resume_run(folder)
    shutil.rmtree(folder / "checkpoint")
    resume_run(folder)
    same(folder, peaceful["lattice"])


@pytest.mark.parametrize("record", ["series.csv", "cells/000000000006.parquet", "fields.zarr/dish/t/c/0"])
def test_records_that_are_missing_are_noticed(record, tmp_path):
    folder = interrupted("lattice", tmp_path / "run", 7)
    path = folder / record
    path.write_bytes(path.read_bytes()[:100]) if record == "series.csv" else path.unlink()
    kept = contents(folder)
    with pytest.raises(RunFolderError, match=f"{record.split('/')[0]}.*(less than|holds 0 of)"):
        resume_run(folder)
    assert kept["series.csv"] == contents(folder)["series.csv"]


def test_no_flipped_bit_goes_unnoticed(tmp_path):
    chance = np.random.default_rng(3)
    content = {"numbers": chance.random(500), "text": "IL-6", "step": 4}
    write_checkpoint(tmp_path / "one.npz", content)
    original = (tmp_path / "one.npz").read_bytes()
    noticed = 0
    for place in chance.choice(len(original), 200, replace=False):
        flipped = bytearray(original)
        flipped[place] ^= 1 << int(chance.integers(8))
        (tmp_path / "two.npz").write_bytes(flipped)
        try:
            found = read_checkpoint(tmp_path / "two.npz")
        except RunFolderError:
            noticed += 1
        else:  # dates and permissions of the parts, which say nothing
            assert found["numbers"].tobytes() == content["numbers"].tobytes()
            assert (found["text"], found["step"]) == ("IL-6", 4)
    assert noticed > 150


# -- what a checkpoint holds ------------------------------------------------------------------------------------------


def test_a_checkpoint_gives_back_what_was_put_in(tmp_path):
    content = {
        "array": np.arange(6, dtype=np.int8).reshape(2, 3), "none": np.zeros((0, 3)), "flag": True, "nothing": None,
        "large": 2**100, "exact": 0.1 + 0.2, "nan": float("nan"), "inf": float("inf"), "list": [1, [2.5, "x"]],
        "tuple": (1, (2, "y")), 7: {"a": {}}, "scalar": np.float32(0.1), "µ": "µm",
    }  # fmt: skip
    write_checkpoint(tmp_path / "one.npz", content)
    found = read_checkpoint(tmp_path / "one.npz")
    assert list(found) == list(content)
    assert found.pop("nan") != found.get("nan") and content.pop("nan")
    for name in ("array", "none"):
        one, other = found.pop(name), content.pop(name)
        assert one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    assert found == content and type(found["scalar"]) is np.float32 and type(found["tuple"]) is tuple


@pytest.mark.parametrize("thing", [{1}, object(), lambda: 0, np.array([object()])])
def test_what_is_no_plain_value_is_named_and_nothing_written(thing, tmp_path):
    with pytest.raises(NotPlain, match=r"state\.model\.views\[1\] is an? "):
        write_checkpoint(tmp_path / "one.npz", {"model": {"views": [0, thing]}})
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_state_cannot_be_written_goes_on_without(tmp_path, monkeypatch):
    def refuse(path, content):
        raise NotPlain("state.remembered.agents.3.friend is a Cell")

    monkeypatch.setattr(checkpoint, "write_checkpoint", refuse)
    record_run(SCENARIOS["lattice"], tmp_path / "run")
    info = RunFolder(tmp_path / "run").info
    assert info["status"] == "done" and info["checkpoint"] == (
        "none could be written: state.remembered.agents.3.friend is a Cell"
    )


def test_checkpoints_come_by_steps_and_by_wall_time(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(checkpoint.time, "perf_counter", lambda: now[0])
    by_step = Checkpoints(tmp_path, every=4, pause=60.0)
    assert [step for step in range(1, 13) if by_step.is_due(step)] == [4, 8, 12]
    by_time = Checkpoints(tmp_path, pause=60.0)
    assert not by_time.is_due(1)
    now[0] = 60.0
    assert by_time.is_due(2)
    by_time.last, by_time.cost = 60.0, 3.0  # one that took 3 s: a fiftieth of the time is 150 s
    now[0] = 209.0
    assert not by_time.is_due(3)
    now[0] = 210.0
    assert by_time.is_due(4)
    assert Checkpoints(tmp_path, spent=500.0).spent == 500.0


# -- who may go on ----------------------------------------------------------------------------------------------------


def test_the_command_resumes_and_says_what_it_does(peaceful, tmp_path):
    folder = interrupted("lattice", tmp_path / "run", 7)
    result = CliRunner().invoke(main, ["run", "minimal", "--out", str(folder)])
    assert result.exit_code == 2 and f"continue it with 'autocrine resume {folder}'" in result.output
    result = CliRunner().invoke(main, ["resume", str(folder)])
    assert result.exit_code == 0 and "going on from step 7 of 60" in result.output and "10 hour simulated" in result.output
    same(folder, peaceful["lattice"])
    result = CliRunner().invoke(main, ["resume", str(folder)])
    assert result.exit_code == 0 and "complete" in result.output
    with pytest.raises(RunFolderError, match="complete"):
        resume_run(folder)


def test_a_run_under_way_is_left_alone_unless_forced(peaceful, tmp_path):
    folder = interrupted("lattice", tmp_path / "run", 7)
    info = layout.read_info(folder) | {"status": "running", "process": os.getpid()}
    layout.write_info(folder, info)
    with pytest.raises(RunFolderError, match=f"process {os.getpid()} on .* is still writing"):
        resume_run(folder)
    layout.write_info(folder, info | {"host": "elsewhere", "versions": info["versions"] | {"numpy": "1.0"}})
    result = CliRunner().invoke(main, ["resume", str(folder), "--force"])
    assert result.exit_code == 0 and "numpy was 1.0 and is" in result.output
    assert contents(folder).keys() == contents(peaceful["lattice"]).keys()


def test_a_run_that_never_began_is_told_apart(tmp_path):
    layout.write_info(tmp_path, {"status": "interrupted"})
    with pytest.raises(RunFolderError, match="ended before it began.*--overwrite"):
        resume_run(tmp_path)


def test_never_is_read_and_written():
    spec = parse_text(HEAD + LATTICE + '[record]\ncells = "never"\ncheckpoint = "6 hour"\n')
    assert spec.record.cells is None and spec.record.checkpoint == 360 and spec.record.signaling is None
    assert parse_text(to_toml(spec)) == spec


CHANGING = """
title = "a dish that is changed as it grows"
[run]
duration = "3 hour"
behavior_step = "10 min"
[tissue.dish]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[ligand.factor]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "6 um"
division_rate = "0.3 1/hour"
secretes = [{ ligand = "factor", rate = "60 molecules/min" }]
[[seed]]
cell = "cancer"
pattern = "disc"
number = 20
[record]
every = "10 min"
checkpoint = "10 min"
[[change]]
time = "30 min"
path = "ligand.factor.decay"
value = "0.5 1/min"
[[change]]
time = "90 min"
path = "cell.cancer.division_rate"
value = "2 1/hour"
[[change]]
time = "100 min"
path = "ligand.factor.decay"
value = "0.02 1/min"
"""


@pytest.mark.parametrize("step", [2, 9, 14])  # before, between (a change is due next) and after the changes
def test_changes_during_the_run_are_made_once_and_in_time(tmp_path, step):
    spec = parse_text(CHANGING)
    record_run(spec, tmp_path / "peaceful")
    unchanged = record_run(spec.model_copy(update={"change": ()}), tmp_path / "unchanged")
    with pytest.raises(KeyboardInterrupt):
        record_run(spec, tmp_path / "run", progress=StopAt(step))
    model = resume_run(tmp_path / "run")
    same(tmp_path / "run", tmp_path / "peaceful")
    assert model.n_cells > unchanged.n_cells and float(model.spec.ligand["factor"].decay) == 0.02
