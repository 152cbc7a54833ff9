"""Sweeps as a whole: the same bytes whoever does the work, continued and refused, on the command line too."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from autocrine_abm.cli import main
from autocrine_abm.errors import AutocrineError, RunFolderError, ScenarioError
from autocrine_abm.experiments import sweep as module
from autocrine_abm.experiments.folder import SweepFolder, locked
from autocrine_abm.experiments.journal import Journal
from autocrine_abm.experiments.single import simulate
from autocrine_abm.experiments.sweep import sweep

VARY = {"cell.cancer.apoptosis_rate": "0, 0.1 1/hour", "seed.0.number": [5, 10]}
SHORT = {"run.duration": "2 hour"}
DAY = ["sweep", "minimal", "--vary", "run.duration=1 day"]


def study(folder, vary=None, workers=2, **options):
    """A sweep by threads of this process."""
    with ThreadPoolExecutor(workers) as executor:
        options = {"overrides": SHORT, "replicates": 2, "executor": executor, "workers": workers} | options
        return sweep("minimal", VARY if vary is None else vary, folder, **options)


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def tables(folder):
    return [(folder / name).read_bytes() for name in ("table.csv", "table.parquet")]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return study(tmp_path_factory.mktemp("done") / "sweep", workers=1)


def test_the_folder_tells_all(done):
    table = done.table()
    assert done.status == "done" and len(table) == 8 * 3 and table["run"].nunique() == 8
    assert done.parameters == ["cell.cancer.apoptosis_rate", "seed.0.number"]
    assert done.units["cell.cancer.apoptosis_rate"] == "1/hour" and done.units["time"] == "min"
    assert {"cells", "growth_factor.mean"} <= set(done.measures) and "time" not in done.measures
    first = table[table["time"] == 0].groupby("seed.0.number")["cells"].unique()
    assert first[5] == [5] and first[10] == [10]
    assert done.final(["cells", "time"])["time"].tolist() == [120.0] * 8
    runs = done.runs()
    assert runs["status"].tolist() == ["done"] * 8 and runs["seed"].tolist() == table.groupby("run")["seed"].first().tolist()
    assert done.scenario.run.duration == 120 and repr(done).startswith("SweepFolder(")


def test_who_does_the_work_does_not_matter(tmp_path, done):
    study(tmp_path / "threads", workers=3)
    sweep("minimal", VARY, tmp_path / "processes", overrides=SHORT, replicates=2, workers=2)
    assert tables(tmp_path / "threads") == tables(tmp_path / "processes") == tables(done.path)


def test_an_interrupted_sweep_goes_on_and_ends_the_same(tmp_path, done, monkeypatch):
    class Stop:
        looks = 0

        def update(self, tally):
            Stop.looks += 1
            if tally.finished >= 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(tmp_path / "stopped", workers=1, progress=Stop())
    halfway = SweepFolder(tmp_path / "stopped")
    assert halfway.status == "interrupted" and 3 <= halfway.table()["run"].nunique() < 8
    study(tmp_path / "stopped", workers=1)
    numbers = [entry["run"] for _, entry in Journal.entries(tmp_path / "stopped" / "journal") if "run" in entry]
    assert sorted(numbers) == list(range(8)) and tables(tmp_path / "stopped") == tables(done.path)
    before = (tmp_path / "stopped" / "journal").read_bytes()
    monkeypatch.setattr(module, "execute", None)  # all is there, nothing is called
    assert study(tmp_path / "stopped").status == "done" and (tmp_path / "stopped" / "journal").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"replicates": 3}, "its replicates is 2, asked for is 3"),
        ({"vary": {"cell.cancer.apoptosis_rate": "0 1/hour"}}, "its vary is"),
        ({"overrides": {"run.duration": "3 hour"}}, "its scenario had other values"),
        ({"design": "random", "samples": 4}, "its design is grid, asked for is random; its samples is none"),
        ({"paired": True}, "its paired is False"), ({"seed": 9}, "its seed is 1, asked for is 9"),
    ],
)  # fmt: skip
def test_another_sweep_in_the_folder_is_refused(done, change, words):
    before = tables(done.path)
    with pytest.raises(RunFolderError, match="already holds another sweep") as error:
        study(done.path, **change)
    assert words in str(error.value) and tables(done.path) == before


def test_folders_that_cannot_be_used_are_refused(tmp_path, done):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RunFolderError, match="is not empty and holds no sweep"):
        study(tmp_path)
    with pytest.raises(RunFolderError, match="is a file"):
        study(tmp_path / "thesis.txt")
    with locked(done.path), pytest.raises(RunFolderError, match="another sweep is at work there"):
        study(done.path)
    with pytest.raises(RunFolderError, match=r"has no sweep\.json"):
        SweepFolder(tmp_path)


def test_runs_that_fail_are_told_and_tried_again(tmp_path, monkeypatch):
    from dataclasses import replace

    def moody(task):
        failed = {"columns": (), "rows": "", "message": "OSError: no network"} if task.number == 2 else {}
        return replace(simulate(task), **failed)

    execute = module.execute
    monkeypatch.setattr(module, "execute", lambda *arguments: execute(*arguments, function=moody))
    failed = study(tmp_path / "sweep")
    assert failed.info["failed"] == 1 and failed.runs()["status"].tolist().count("failed") == 1
    assert failed.runs()["attempts"][2] == 2 and 2 not in failed.table()["run"].tolist()
    monkeypatch.undo()
    mended = study(tmp_path / "sweep")
    assert mended.info["failed"] == 0 and mended.table()["run"].nunique() == 8


def test_paired_treatments_meet_the_same_chance(tmp_path):
    vary = {"cell.cancer.secretes.0.rate": ["600 molecules/min", "600.0 molecules/min"]}  # two names of one treatment
    one, two = (part for _, part in study(tmp_path / "paired", vary, paired=True).table().groupby("point"))
    assert one["births"].tolist() == two["births"].tolist() and one["seed"].tolist() == two["seed"].tolist()


def test_arms_are_treatments(tmp_path):
    arms = '\n[arm.silent]\nset = { "cell.cancer.secretes.0.rate" = "0 molecules/min" }\n'
    from autocrine_abm.scenario import library

    (tmp_path / "arms.toml").write_text(library.path("minimal").read_text() + arms)
    with ThreadPoolExecutor(1) as executor:
        found = sweep(tmp_path / "arms.toml", ["arm = control, silent"], tmp_path / "out", overrides=SHORT, executor=executor)
    assert found.final().set_index("arm")["growth_factor.mean"].gt(0).to_dict() == {"control": True, "silent": False}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vary": {}}, "sweep.vary"), ({"vary": {"run.sed": [1]}}, "did you mean 'seed'"),
        ({"desing": "grid"}, "'desing': unknown"),
        ({"design": "lattice"}, "sweep.design"), ({"samples": 9}, "this grid has 4 points"),
        ({"vary": {"run.duration": "uniform 1..2 hour"}}, "is a distribution"), ({"time_limit": "soon"}, "sweep.time_limit"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, options, words):
    with pytest.raises((AutocrineError, ScenarioError)) as error:
        study(tmp_path / "never", **options)
    assert words in str(error.value) and not (tmp_path / "never").exists()


def test_the_command_sweeps_continues_and_refuses(tmp_path):
    line = ["sweep", "minimal", "--vary", "cell.cancer.radius=5, 6 um", "--set", "run.duration=1 hour", "--workers", 1]
    first = call(*line, "--out", tmp_path / "out", "--keep-runs", "--memory-limit", "8 GB", "--time-limit", "9 min")
    assert first.exit_code == 0 and "2 of 2 runs finished" in first.output, first.output
    found = SweepFolder(tmp_path / "out")
    assert [found.run(number).scenario.cell["cancer"].radius for number in range(2)] == [5.0, 6.0]
    assert found.run(0).series()["cells"].tolist() == found.table().query("run == 0")["cells"].tolist()
    again = call(*line, "--out", tmp_path / "out", "--quiet")
    assert again.exit_code == 0 and again.output == ""
    other = call(*line, "--out", tmp_path / "out", "--replicates", 2)
    assert other.exit_code == 2 and "already holds another sweep" in other.stderr


def test_the_table_of_the_file_is_swept_and_runs_that_fail_are_told(tmp_path):
    from autocrine_abm.scenario import library

    table = '\n[sweep]\nvary = ["seed.0.pattern = sphere, disc", "seed.0.number = 2, 3"]\ntime_limit = "0.00001 s"\n'
    (tmp_path / "mine.toml").write_text(library.path("minimal").read_text() + table)
    result = call("sweep", tmp_path / "mine.toml", "--out", tmp_path / "out", "--workers", 1)
    assert result.exit_code == 1 and "4 of 4 runs failed; the same command tries them again" in result.stderr
    assert "run 0 failed: LimitError: took longer than its time limit of 1e-05 s" in result.stderr
    assert json.loads((tmp_path / "out" / "sweep.json").read_text())["failed"] == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sweep", "minimal", "--out", "x"], "nothing to vary"), (["sweep", "minimal", "--vary", "a=1"], "--out"),
        (["sweep", "minimal", "--vary", "seed.0.number=1..3", "--out", "x"], "say how"),
        ([*DAY, "--scheduler", "127.0.0.1:9", "--out", "x"], "no Dask scheduler answers"),
        ([*DAY, "--workers", "0", "--out", "x"], "--workers"),
    ],
)  # fmt: skip
def test_wrong_commands_exit_with_2(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("autocrine_abm.experiments.cluster.Cluster.CONNECT", "1 s")
    result = call(*arguments)
    assert result.exit_code == 2 and words in result.stderr and "Traceback" not in result.output
