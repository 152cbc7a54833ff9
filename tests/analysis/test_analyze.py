"""The analysis of a sweep: known formulas come back as tables, and the page holds its plots."""

import numpy as np
import pandas as pd
import pytest
from analysis.formula import Formula
from click.testing import CliRunner

from autocrine_abm import sweep
from autocrine_abm.analysis.analyze import analyze
from autocrine_abm.analysis.sections import _band
from autocrine_abm.analysis.study import Study
from autocrine_abm.cli import main
from autocrine_abm.errors import AutocrineError
from autocrine_abm.output.surfaces import Axis

DEATH, RATE, BIRTH = "cell.cancer.apoptosis_rate", "cell.cancer.secretes.0.rate", "cell.cancer.division_rate"


def noise(seed):
    return np.random.default_rng(seed).normal(0, 1)


def study_of(folder, formula, vary, **options):
    sweep("minimal", vary, folder, executor=Formula(formula), workers=2, **options)
    return folder


def csv(folder, name):
    return pd.read_csv(folder / "analysis" / f"{name}.csv")


def test_two_parameters_give_curves_maps_and_a_border(tmp_path):
    def formula(values, seed):
        lives = values[RATE] >= 50 * values[DEATH] * 100
        return {"alive": [20, 30, 100 + noise(seed) if lives else 0]}

    study_of(tmp_path, formula, {DEATH: "0, 0.01, 0.02 1/hour", RATE: "0, 60, 120 molecules/min"}, replicates=4)
    page = analyze(tmp_path).read_text("utf-8")
    assert page.count("<svg") == 2 * 2 + 2 + 1 and "http://" not in page.replace("http://www.w3.org", "")
    found = csv(tmp_path, "summary")
    survival = found[found["measure"] == "survival"].pivot(index=DEATH, columns=RATE, values="mean").to_numpy()
    assert survival.tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 1]]
    cells = found[(found["measure"] == "alive") & (found["mean"] > 0)]
    assert (cells["low"] < 100.0 + 3).all() and (cells["high"] > 100 - 3).all()
    assert cells["sd"].between(0.1, 3).all()  # of four normal numbers: outside in less than 1 of 1,000 cases
    assert csv(tmp_path, "courses")["time"].unique().tolist() == [0, 60, 120]


def test_the_largest_origin_is_told(tmp_path):
    def formula(values, seed):
        own = values[RATE] / 120
        return {"alive": [5], "EGF.autocrine": [own], "EGF.paracrine": [1 - own], "EGF.endocrine": [0], "EGF.boundary": [0]}

    study_of(tmp_path, formula, {DEATH: "0, 0.01 1/hour", RATE: "0, 30, 90, 120 molecules/min"})
    analyze(tmp_path)
    found = csv(tmp_path, f"phases.{DEATH}.{RATE}")
    assert found["largest"].tolist() == ["paracrine", "paracrine", "autocrine", "autocrine"] * 2
    assert found["share"].tolist() == [1, 0.75, 0.75, 1] * 2


def test_doses_give_their_hill_curve(tmp_path):
    study_of(tmp_path, lambda values, seed: {"alive": [100 / (1 + (values[RATE] / 12) ** 2)]},
             {RATE: "0, 1, 3, 10, 30, 100 molecules/min"})  # fmt: skip
    assert "<svg" in analyze(tmp_path, doses=[RATE]).read_text("utf-8")
    found = csv(tmp_path, "dose_response").iloc[0][["ic50", "hill", "top", "bottom", "half_of_control"]]
    assert found.tolist() == pytest.approx([12, 2, 100, 0, 12], rel=1e-4, abs=1e-3)


def test_independent_drugs_and_equal_drugs(tmp_path):
    def formula(values, seed):
        first, second = values[RATE], 1000 * values[DEATH]
        return {"alive": [100 / (1 + first / 10) / (1 + second / 5)], "cells": [100 / (1 + first / 10 + second / 5)]}

    study_of(tmp_path, formula, {RATE: "0, 3, 10, 30 molecules/min", DEATH: "0, 0.002, 0.005, 0.02 1/hour"}, replicates=2)
    page = analyze(tmp_path, ["alive", "cells"], doses=[RATE, DEATH]).read_text("utf-8")
    assert "Loewe excess" in page
    found = csv(tmp_path, "combination").set_index("measure")
    assert found.loc["alive", "bliss_excess"].abs().max() < 1e-12  # rounding
    assert found.loc["cells", "loewe_excess"].abs().max() < 1e-4  # fits of four doses are good to 1e-5
    assert found.loc["cells", "bliss_excess"].min() < -0.05


@pytest.mark.parametrize("design", ["saltelli", "morris", "lhs"])
def test_sampled_designs_give_indices(tmp_path, design):
    pytest.importorskip("SALib")
    study_of(tmp_path, lambda values, seed: {"alive": [values[RATE] + 1e4 * values[DEATH]]},
             {RATE: "uniform 0..300 molecules/min", DEATH: "uniform 0..0.01 1/hour"}, design=design, samples=64)  # fmt: skip
    page = analyze(tmp_path).read_text("utf-8")
    assert page.count("<svg") == 3
    found = csv(tmp_path, "sensitivity")
    part = found[found["index"].isin(["first-order", "mu_star"])].set_index("parameter")["value"]
    if design == "morris":
        assert part.tolist() == pytest.approx([300 * 0.98, 100 * 0.98], rel=1e-9)
    else:
        assert part.tolist() == pytest.approx([0.9, 0.1], abs=0.25)  # 64 blocks or points: two standard errors of 1/√64


def test_questions_times_and_faults(tmp_path):
    study_of(tmp_path, lambda values, seed: {"alive": [20, 30, 40 * values[RATE]]}, {RATE: "0, 1 molecules/min"})
    analyze(tmp_path, ["alive > 25"], "1 hour", out=tmp_path / "elsewhere")
    assert pd.read_csv(tmp_path / "elsewhere" / "summary.csv")["mean"].tolist() == [1, 1]
    for options in ({"measures": ["alife"]}, {"doses": ["nothing"]}, {"time": "1 apple"}):
        with pytest.raises(AutocrineError):
            analyze(tmp_path, **options)
    told = CliRunner().invoke(main, ["analyze", str(tmp_path), "--measure", "alife"])
    assert told.exit_code == 2 and "accepted: alive" in told.output
    assert CliRunner().invoke(main, ["analyze", str(tmp_path)]).exit_code == 0


def test_the_scenario_says_what_is_looked_at(tmp_path):
    # three tumors that start with 20 cells: one grows, one keeps more than half, one is about to die out
    asked = {"measures": ["alive > 0.5 start", "alive > start"], "doses": [RATE, DEATH]}
    study_of(tmp_path, lambda values, seed: {"alive": [20, 15, 40 - values[RATE]]}, {RATE: "0, 29, 35 molecules/min"}, **asked)
    page = analyze(tmp_path).read_text("utf-8")
    assert csv(tmp_path, "summary")["mean"].tolist() == [1, 1, 0, 1, 0, 0]
    assert "a Hill curve has four numbers" in page  # the path that is not varied is no dose
    sweep("minimal", {RATE: "0, 29, 35 molecules/min"}, tmp_path, executor=Formula(None), workers=2, at="1 hour", **asked)
    analyze(tmp_path)
    assert csv(tmp_path, "summary")["mean"].tolist() == [1, 1, 1, 0, 0, 0]  # after an hour all have 15 cells
    asked = {"measures": ["alife"]}
    sweep("minimal", {RATE: "0, 29, 35 molecules/min"}, tmp_path, executor=Formula(None), workers=2, **asked)
    with pytest.raises(AutocrineError, match="sweep.measures: got 'alife'"):
        analyze(tmp_path)


def test_labels_name_the_item_of_a_list(tmp_path):
    study_of(tmp_path, lambda values, seed: {"alive": [1, 2]}, {"seed.0.number": "5, 10", DEATH: "3e-5, 1e-4, 2e-5 1/min"})
    study = Study(tmp_path)
    assert study.label("seed.0.number") == "cancer number"
    assert study.label(DEATH) == "cancer apoptosis rate [1/min]"
    assert study.axis(DEATH).values == [2e-5, 3e-5, 1e-4]


def test_small_rates_share_their_power_of_ten(tmp_path):
    study_of(tmp_path, lambda values, seed: {"alive": [1, 2]}, {DEATH: "linear 3e-5..4e-5 1/min in 5"})
    page = analyze(tmp_path).read_text("utf-8")
    assert "cancer apoptosis rate [10⁻⁵ 1/min]" in page
    assert ">3.4<" in page and ">4<" in page


def test_lines_tell_a_common_power_of_ten_once_and_few_answers_have_no_band(tmp_path):
    def formula(values, seed):
        return {"alive": [10, 10 if values[DEATH] < 3e-5 else 0]}

    vary = {DEATH: "2e-5, 4e-5 1/min", RATE: "0, 60 molecules/min"}
    study_of(tmp_path, formula, vary, replicates=3)
    page = analyze(tmp_path, ["survival"]).read_text("utf-8")
    assert "by cancer apoptosis rate [10⁻⁵ 1/min]" in page and "cancer secretion rate [molecules/min]" in page
    assert ">4</text>" in page and "4 × 10⁻⁵</text>" not in page
    few, many = (_band(frame(runs), Axis([1.0, 2.0], "x"), "x", "", "#000000", True) for runs in (9, 10))
    assert np.isnan(few.low).all() and (many.low == 0.2).all()


def frame(runs):
    return pd.DataFrame({"x": [1.0, 2.0], "mean": 0.5, "low": 0.2, "high": 0.8, "runs": runs})
