"""Calibration finds the birth rate that made synthetic data, within its interval, and continues what it began."""

from concurrent.futures import ThreadPoolExecutor
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
from autocrine_abm.errors import AutocrineError

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
    spheroid = read_observations(DATA / "emt6_spheroid.csv", {"alive": "cells"})
    assert spheroid.times[0] == pytest.approx(101.7 * 60) and np.isnan(spheroid.values["alive"]).sum() == 1
    assert read_observations(DATA / "wm983b_spheroid.csv", {"radius": "radius"}).units == {"radius": "um"}


def test_faults_are_told(tmp_path, data):
    def told(*options):
        return CliRunner().invoke(main, ["calibrate", "minimal", "--data", str(data), "--out", str(tmp_path / "x"), *options])

    fit, measure = ("--fit", FIT[0]), ("--measure", "alive=cells")
    assert "columns are cells" in told(*fit, "--measure", "alive=birds").output
    assert "accepted is a range" in told("--fit", f"{BIRTH}=1, 2 1/hour", *measure).output
    assert "NAME=COLUMN" in told(*fit, "--measure", "alive").output
    with pytest.raises(AutocrineError, match="accepted: alive"):
        calibrate("minimal", data, FIT, ["alife=cells"], tmp_path / "y", executor=Formula(growth), workers=1, generations=1)
