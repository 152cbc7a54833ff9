"""The command line: exit codes, messages without tracebacks, silence where nobody looks, a quick start."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from autocrine_abm.cli import main
from autocrine_abm.evidence.check import Check, Findings
from autocrine_abm.scenario import library

QUICK = ["--until", "30 min"]


def _call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def _process(*arguments, **options):
    command = [sys.executable, "-m", "autocrine_abm", *map(str, arguments)]
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path} | options.pop("env", {})
    return subprocess.Popen(  # a test run in the background ignores Ctrl-C; what it starts must not
        command, text=True, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
    )  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["--help", "run --help", "sweep --help", "list", "check minimal", "show --schema", "show minimal", "check nowhere.toml"],
)
def test_what_does_not_simulate_imports_no_simulator(line):
    code = (
        "import sys\nfrom autocrine_abm.cli import main\n"
        f"try:\n    main({line.split()!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'numba', 'mesa', 'pandas', 'matplotlib', 'zarr', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stderr
    assert done.stdout or "no such file" in done.stderr


def test_help_names_all_commands():
    result = _call("--help")
    assert result.exit_code == 0
    for command in ("list", "show", "check", "run", "report", "sweep", "verify"):
        assert re.search(rf"^  {command} ", result.output, re.MULTILINE)


def test_list_has_one_line_per_scenario():
    result = _call("list")
    assert result.exit_code == 0
    lines = [line for line in result.output.splitlines() if line.startswith("  ")]
    assert [line.split()[0] for line in lines] == [name for name, _, _ in library.summaries()]


def test_show_in_words_as_file_and_as_schema(tmp_path):
    words = _call("show", "minimal")
    assert words.exit_code == 0 and "range sqrt(D/k)" in words.output and "Adequacy" in words.output
    resolved = _call("show", "minimal", "--toml", "--set", "run.seed=5")
    path = tmp_path / "resolved.toml"
    path.write_text(resolved.output)
    assert _call("check", path).exit_code == 0 and "seed = 5" in resolved.output
    assert json.loads(_call("show", "--schema").output)["title"] == "Scenario"
    assert _call("show").exit_code == 2


def test_check_judges_adequacy(tmp_path):
    path = tmp_path / "coarse.toml"
    path.write_text(library.path("minimal").read_text().replace('decay = "1 1/min"', 'decay = "100 1/min"'))
    result = _call("check", path)
    assert result.exit_code == 0 and f"{path}: valid" in result.output
    assert "warning: ligand.growth_factor: in tissue 'dish' a voxel of 20 um is 2.6 ranges" in result.output


def test_check_prints_every_fault_and_exits_with_2(tmp_path):
    path = tmp_path / "broken.toml"
    text = library.path("minimal").read_text()
    path.write_text(text.replace("number = 20", "number = 0").replace("radius", "raduis"))
    result = _call("check", path)
    assert result.exit_code == 2 and result.stdout == ""
    assert "did you mean 'radius'" in result.stderr and "accepted is a whole number from 1" in result.stderr
    assert result.stderr.endswith("2 faults\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere.toml"], "nowhere.toml: no such file"),
        (["run", "minmal"], "did you mean 'minimal'"),
        (["run", "minimal", "--set", "run.sed=3"], "did you mean 'seed'"),
        (["run", "minimal", "--set", "nonsense"], "accepted is PATH=VALUE"),
        (["run", "minimal", "--seed", "-1"], "--seed"),
        (["run", "minimal", "--seed", str(2**63)], "run.seed"),
        (["run", "minimal", "--threads", "0"], "--threads"),
        (["run", "minimal", "--until", "soon"], "not a number with a unit"),
        (["run", "minimal", "--until", "3"], "has no unit"),
        (["run", "minimal", "--until", "-3 day"], "accepted is above 0"),
        (["run", "minimal", "--until", "900 day"], "--set run.duration='900 day'"),
        (["report", "nowhere"], "does not exist"),
        (["verify", "minimal"], "no published results"),
        (["fly"], "No such command"),
        (["run"], "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_exits_with_2_and_says_why(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = _call(*arguments)
    assert result.exit_code == 2 and words in result.stderr
    assert "Traceback" not in result.output and list(tmp_path.iterdir()) == []


def test_a_run_says_where_its_results_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = _call("run", "minimal", *QUICK)
    assert result.exit_code == 0, result.output
    (folder,) = (tmp_path / "runs").iterdir()
    assert re.fullmatch(r"minimal-\d{8}-\d{6}", folder.name)
    assert f"Results: {Path('runs') / folder.name}" in result.stdout
    assert "30 min simulated, " in result.stdout and len(result.stdout.splitlines()) == 2
    assert json.loads((folder / "run.json").read_text())["status"] == "done"


def test_options_reach_the_run(tmp_path):
    folder = tmp_path / "run"
    result = _call(
        "run", "minimal", *QUICK, "--out", folder, "--seed", 7, "--set", "seed.0.number=3", "--quiet"
    )
    assert result.exit_code == 0 and result.output == ""
    info = json.loads((folder / "run.json").read_text())
    assert info["seed"] == 7
    assert "number = 3" in (folder / "scenario.toml").read_text()


def test_the_resolved_copy_runs_again_to_the_same_series(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert _call("run", "minimal", *QUICK, "--out", first, "--seed", 3).exit_code == 0
    assert _call("run", first / "scenario.toml", *QUICK, "--out", second).exit_code == 0
    assert (first / "series.csv").read_bytes() == (second / "series.csv").read_bytes()


def test_earlier_runs_are_kept_unless_overwriting_is_asked_for(tmp_path):
    folder = tmp_path / "run"
    assert _call("run", "minimal", *QUICK, "--out", folder).exit_code == 0
    again = _call("run", "minimal", *QUICK, "--out", folder)
    assert again.exit_code == 2 and "already holds a run" in again.stderr
    assert _call("run", "minimal", *QUICK, "--out", folder, "--overwrite").exit_code == 0


def test_a_folder_with_other_things_is_never_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    result = _call("run", "minimal", *QUICK, "--out", tmp_path, "--overwrite")
    assert result.exit_code == 2 and (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_bug_is_said_in_one_line_and_its_details_are_saved(monkeypatch):
    def broken():
        raise ZeroDivisionError("a bug for this test")

    monkeypatch.setattr(library, "summaries", broken)
    result = _call("list")
    assert result.exit_code == 1 and "Traceback" not in result.output
    assert "internal error: ZeroDivisionError: a bug for this test" in result.stderr
    details = Path(re.search(r"Details for a bug report: (.+)", result.stderr)[1])
    assert "in broken" in details.read_text()
    details.unlink()


@pytest.mark.parametrize(
    ("error", "words"),
    [(MemoryError(), "not enough memory"), (OSError(28, "No space left on device", "x"), "x: No space left"),
     (KeyboardInterrupt(), "interrupted")],
)  # fmt: skip
def test_trouble_of_the_machine_is_said_in_one_line(monkeypatch, error, words):
    def broken():
        raise error

    monkeypatch.setattr(library, "summaries", broken)
    result = _call("list")
    assert result.exit_code == 1 and words in result.stderr and len(result.stderr.splitlines()) == 1


def test_verify_prints_a_table_and_fails_if_anything_disagrees(monkeypatch, tmp_path):
    from autocrine_abm.evidence import checks

    table = {
        "lone_cell": Check("lone_cell", "occupied fraction", "0.72", "0.71", "0.03 (one run)", True, "Gerlee 2022"),
        "minimal": Check("minimal", "critical rate", "3.2e-5", "4e-5", "5 %", False, "Gerlee 2022"),
    }
    monkeypatch.setattr(checks, "SYSTEMS", dict.fromkeys(table, ""))
    monkeypatch.setattr(checks, "find", lambda name, progress=None: Findings([table[name]]))
    out = ("--out", tmp_path, "--workers", "1")
    good, bad = _call("verify", "lone_cell", *out), _call("verify", "all", *out)
    assert good.exit_code == 0 and "1 of 1 results reproduced" in good.output
    assert bad.exit_code == 1 and "1 of 2 results reproduced" in bad.output
    row = next(line for line in bad.output.splitlines() if "critical rate" in line)
    assert row.split()[0] == "FAIL" and "3.2e-5" in row and "5 %" in row


def test_without_a_terminal_only_the_results_are_printed(tmp_path):
    _call("run", "minimal", *QUICK, "--out", tmp_path / "warm")  # compiles what is not compiled yet
    process = _process("run", "minimal", *QUICK, "--out", tmp_path / "run")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and err == ""
    assert len(out.splitlines()) == 2 and "\x1b" not in out


def test_on_a_terminal_a_bar_shows_time_cells_and_speed(tmp_path):
    pty = pytest.importorskip("pty")
    master, terminal = pty.openpty()
    process = _process(
        "run", "minimal", "--until", "20 hour", "--out", tmp_path / "run",
        stderr=terminal, env={"TERM": "xterm", "COLUMNS": "120"},
    )  # fmt: skip
    os.close(terminal)
    drawn = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break  # the other end is closed
        if not piece:
            break
        drawn += piece
    out, _ = process.communicate(timeout=120)
    text = drawn.decode(errors="replace")
    assert process.returncode == 0 and "Results:" in out
    assert re.search(r"of 20 hour, \d+ cells, [\d.e+]+ h/s, \d+:\d\d left", text)


def test_interrupted_runs_exit_with_1_and_stay_readable(tmp_path):
    from autocrine_abm.output.readers import RunFolder

    folder = tmp_path / "run"
    process = _process("run", "minimal", "--out", folder, "--set", "record.every=6 min")
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        series = folder / "series.csv"
        if series.exists() and len(series.read_text().splitlines()) > 5:
            break
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in err
    assert f"interrupted; what was recorded until then is in {folder}" in err
    run = RunFolder(folder)
    assert run.info["status"] == "interrupted" and len(run.series()) >= 5


def test_a_closed_pipe_ends_quietly():
    process = _process("show", "--schema")
    process.stdout.close()
    err = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert "Traceback" not in err and "internal error" not in err


def test_names_that_the_terminal_cannot_print_do_no_harm(tmp_path):
    path = tmp_path / "greek.toml"
    path.write_text(library.path("minimal").read_text().replace("A few", "β-catenin µ"), encoding="utf-8")
    process = _process("show", path, env={"PYTHONIOENCODING": "latin-1"}, encoding="latin-1")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "?-catenin µ" in out and err == ""
