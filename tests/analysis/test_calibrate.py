"""Calibration finds the birth rate that made synthetic data, within its interval, and continues what it began."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysis.formula import Formula
from click.testing import CliRunner

from autocrine_abm.analysis import fitting
from autocrine_abm.analysis.calibrate import calibrate
from autocrine_abm.analysis.observations import read_observations
from autocrine_abm.cli import main
from autocrine_abm.errors import AutocrineError, RunFolderError
from autocrine_abm.experiments.folder import locked
from autocrine_abm.experiments.single import Outcome
from autocrine_abm.scenario import files
from autocrine_abm.scenario.describe import describe
from autocrine_abm.scenario.files import read

BIRTH, TRUTH = "cell.cancer.division_rate", 0.04
FIT = [f"{BIRTH}=0.01..0.059 1/hour"]
DATA = Path(__file__).parents[2] / "scenarios" / "data"


def growth(values, seed):
    """Twenty cells that divide, with noise of 3 % as of some thousand divisions."""
    noise = np.random.default_rng(seed).normal(0, 0.03, 25)
    return {"alive": 20 * np.exp(values[BIRTH] * np.arange(25) + noise)}


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.csv"
    seen = growth({BIRTH: TRUTH}, 99)["alive"][::4]
    path.write_text("# made up\ntime [hour],cells\n" + "".join(f"{4 * k},{value}\n" for k, value in enumerate(seen)))
    return path


def estimate(folder):
    return pd.read_csv(folder / "parameters.csv").iloc[0]


def test_the_optimizer_recovers_the_birth_rate_and_continues(tmp_path, data):
    first = Formula(growth)
    page = calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "fit", executor=first, workers=2, generations=8)
    found = estimate(tmp_path / "fit")
    assert found["low"] <= TRUTH <= found["high"] and found["high"] - found["low"] < 0.02
    assert page.read_text("utf-8").count("<svg") == 2 and first.runs > 100
    before, again = page.read_bytes(), Formula(growth)
    calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "fit", executor=again, workers=2, generations=8)
    assert again.runs == 0 and page.read_bytes() == before
    with pytest.raises(AutocrineError, match="seed differ"):
        calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "fit", executor=again, generations=8, seed=2)


def test_the_posterior_holds_the_birth_rate(tmp_path, data, monkeypatch):
    pytest.importorskip("pyabc")
    monkeypatch.setattr(fitting, "simulate", lambda task: Formula(growth).submit(None, task).result())
    with ThreadPoolExecutor(1) as executor:
        options = {"method": "abc", "executor": executor, "workers": 1, "population": 40}
        calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "abc", generations=1, **options)
        wide = estimate(tmp_path / "abc")
        calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "abc", generations=3, **options)
    found = estimate(tmp_path / "abc")
    assert found["low"] < TRUTH < found["high"]
    assert found["high"] - found["low"] < 0.7 * (wide["high"] - wide["low"])  # two halvings of the distance: a third or so


def test_data_that_ship_can_be_read():
    spheroid = read_observations(DATA / "emt6_spheroid.csv", ["8 * alive = cells"])
    assert spheroid.times[0] == pytest.approx(101.7 * 60) and np.isnan(spheroid.values["alive"]).sum() == 1
    assert spheroid.factors == {"alive": 8} and spheroid.columns == {"alive": "cells"}
    part = read_observations(DATA / "emt6_spheroid.csv", ["alive=cells"], start=101.7 * 60, until=200 * 60)
    assert part.times == pytest.approx([0, 46.8 * 60, 90.8 * 60]) and list(part.values["alive"]) == [600, 1472, 4409]
    assert read_observations(DATA / "wm983b_spheroid.csv", ["radius=radius"]).units == {"radius": "um"}


def failing(values, seed):
    """Cells that divide faster than 0.05 per hour make the run fail."""
    if values[BIRTH] > 0.05:
        raise ValueError("too fast")
    return growth(values, seed)


class Fragile(Formula):
    """A formula whose faults come back as those of runs do."""

    def submit(self, function, task):
        try:
            return super().submit(function, task)
        except ValueError as error:
            future = Future()
            future.set_result(Outcome(task.number, message=f"ValueError: {error}"))
            return future


def test_runs_that_fail_are_noted_and_stop_nothing(tmp_path, data):
    options = {"workers": 2, "generations": 4, "replicates": 2}
    page = calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "fit", executor=Fragile(failing), **options)
    failed = pd.read_csv(tmp_path / "fit" / "failures.csv")
    tried = failed[BIRTH].str.split(" ").str[0].astype(float)
    assert len(failed) and (tried > 0.05).all() and (failed["message"] == "ValueError: too fast").all()
    assert f"{len(failed)} runs failed" in page.read_text("utf-8") and estimate(tmp_path / "fit")["estimate"] < 0.05
    again = Fragile(failing)
    calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "fit", executor=again, **options)
    assert again.runs == 0 and len(pd.read_csv(tmp_path / "fit" / "failures.csv")) == len(failed)
    never = ["cell.cancer.division_rate=0.051..0.059 1/hour"]
    with pytest.raises(AutocrineError, match="every run failed, the first with: ValueError: too fast"):
        calibrate("minimal", data, never, ["alive=cells"], tmp_path / "never", executor=Fragile(failing), **options)


def test_the_posterior_lives_with_runs_that_fail(tmp_path, data, monkeypatch, capfd):
    pytest.importorskip("pyabc")
    monkeypatch.setattr(fitting, "simulate", lambda task: Fragile(failing).submit(None, task).result())
    options = {"method": "abc", "workers": 1, "population": 20, "generations": 2}
    with ThreadPoolExecutor(1) as executor:
        calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "abc", executor=executor, **options)
        assert (tmp_path / "abc" / "failures.csv").exists() and estimate(tmp_path / "abc")["high"] < 0.05
        never = ["cell.cancer.division_rate=0.051..0.059 1/hour"]
        with pytest.raises(AutocrineError, match="every run failed"):
            calibrate("minimal", data, never, ["alive=cells"], tmp_path / "never", executor=executor, **options)
    assert "INFO" not in "".join(capfd.readouterr())


def test_a_calibration_keeps_others_out_of_its_folder(tmp_path, data):
    with locked(tmp_path / "fit", "calibration.json", "calibration"):
        with pytest.raises(RunFolderError, match="another calibration is at work there"):
            calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "fit", executor=Formula(growth), workers=1)


def test_the_table_of_a_scenario_says_the_same(tmp_path, data):
    text = files.to_toml(read("minimal"))
    own = tmp_path / "own.toml"
    own.write_text(f'{text}\n[calibrate]\ndata = "{data.name}"\nfit = {FIT}\nmeasures = ["alive=cells"]\nreplicates = 2\n')
    options = {"workers": 2, "generations": 2}
    calibrate(own, folder=tmp_path / "table", executor=Formula(growth), **options)
    calibrate("minimal", data, FIT, ["alive=cells"], tmp_path / "options", replicates=2, executor=Formula(growth), **options)
    tables = [(tmp_path / name / "points.csv").read_bytes() for name in ("table", "options")]
    assert tables[0] == tables[1]
    assert "Calibration" in describe(read(own))


def test_faults_are_told(tmp_path, data):
    def told(*options):
        return CliRunner().invoke(main, ["calibrate", "minimal", "--data", str(data), "--out", str(tmp_path / "x"), *options])

    fit, measure = ("--fit", FIT[0]), ("--measure", "alive=cells")
    assert "columns are cells" in told(*fit, "--measure", "alive=birds").output
    assert "accepted is a range" in told("--fit", f"{BIRTH}=1, 2 1/hour", *measure).output
    assert "NAME=COLUMN" in told(*fit, "--measure", "alive").output
    assert "--measure: missing" in told(*fit).output and "--until: " in told(*fit, *measure, "--until", "soon").output
    assert "two or more" in told(*fit, *measure, "--start", "30 day").output
    with pytest.raises(AutocrineError, match="accepted: alive"):
        calibrate("minimal", data, FIT, ["alife=cells"], tmp_path / "y", executor=Formula(growth), workers=1, generations=1)
