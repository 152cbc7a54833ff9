"""Shares, totals and distances from origins that were written down by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from autocrine_abm.measure.signaling import HEADLINES, SHARES, cell_table, headlines, sender_table
from autocrine_abm.signaling.provenance import Origins

# three cells: two producers of type a, one vessel-less consumer of type b; senders a, b, blood, boundary
ORIGINS = Origins(
    senders=("a", "b", "blood", "boundary"),
    signal=np.array([[3.0, 1.0, 4.0, 2.0], [5.0, 0.0, 0.0, 0.0], [6.0, 0.0, 2.0, 0.0]]),
    own=np.array([2.0, 5.0, 0.0]),
    clearance=np.array([1.0, 2.0, 10.0]),
    returned=np.array([0.0, 0.0, 0.5]),
    square_distance=np.array([100.0, 0.0, 400.0]),
    cell_type=np.array([0, 0, 1]),
    cell_id=np.array([4, 7, 9]),
)
TISSUES = {"tumor": SimpleNamespace(origins={"A": ORIGINS}, cells=SimpleNamespace(type_names=("a", "b")))}


def test_shares_of_each_cell():
    table = cell_table(TISSUES)
    expected = [[0.2, 0.1, 0.1, 0.4, 0.2], [1, 0, 0, 0, 0], [0, 0, 0.75, 0.25, 0]]
    assert np.allclose(table[list(SHARES)], expected)
    assert table["captured"].tolist() == [10, 10, 80] and table["distance"].tolist() == [10, 0, 20]
    assert table["cell_type"].tolist() == ["a", "a", "b"] and table["cell_id"].tolist() == [4, 7, 9]


def test_nothing_sensed_has_no_origin():
    silent = Origins(
        ("a", "blood", "boundary"),
        np.zeros((1, 3)),
        *np.zeros((3, 1)),
        np.full(1, np.nan),
        np.zeros(1, int),
        np.ones(1, int),
    )
    assert np.isnan(silent.shares()).all()


def test_senders_to_receivers():
    table = sender_table(TISSUES)
    rate = table.pivot(index="sender", columns="receiver", values="rate")
    assert rate.loc["a"].to_dict() == {"a": 3 + 10, "b": 60, "blood": 3}
    assert rate.loc["blood"].to_dict() == {"a": 4, "b": 20, "blood": 1}
    assert rate.loc["boundary", "a"] == 2 and rate.loc["b", "a"] == 1
    assert table["own"].sum() == 2 + 10
    captured = rate[["a", "b"]].to_numpy().sum()
    assert captured == cell_table(TISSUES)["captured"].sum()


def test_headlines_weigh_cells_by_what_they_capture():
    (row,) = headlines(cell_table(TISSUES)).to_dict("records")
    assert row["captured"] == 100
    assert row["autocrine"] == pytest.approx((2 + 10) / 100)
    assert row["paracrine"] == pytest.approx((2 + 60) / 100)
    assert row["endocrine"] == pytest.approx((4 + 20) / 100)
    assert row["boundary"] == pytest.approx(2 / 100)
    assert sum(row[label] for label in HEADLINES) == pytest.approx(1)
    # of what came from cells: 4 at 10 µm rms, 10 at 0, 60 at 20 µm rms
    assert row["rms_distance"] == pytest.approx(np.sqrt((4 * 100 + 60 * 400) / 74))
    assert row["mean_distance"] == pytest.approx(
        (10 * np.sqrt(0.4 * 0.2 * 100) + 80 * np.sqrt(0.75 * 0.75 * 400)) / 74
    )


def test_headlines_go_by_what_is_sensed_where_nobody_captures():
    table = cell_table(TISSUES)
    table["captured"] = 0.0
    (row,) = headlines(table).to_dict("records")
    assert row["autocrine"] == pytest.approx((2 + 5 + 0) / 23) and row["captured"] == 0


def test_a_row_per_time():
    import pandas as pd

    table = pd.concat([cell_table(TISSUES).assign(time=time) for time in (6.0, 12.0)])
    assert headlines(table)["time"].tolist() == [6.0, 12.0]


def test_distance_in_a_crowd():
    """Traps everywhere: c ∝ e^(−r/λ)/r around each sender, so that captures are at ⟨r²⟩ = 6 λ² once the cell
    is a point."""
    from autocrine_abm.scenario.files import parse_text
    from autocrine_abm.simulation.model import TumorModel

    model = TumorModel(
        parse_text("""
title = "one sender in a crowd"
[run]
duration = "1 hour"
[tissue.crowd]
size = ["600 um", "600 um", "600 um"]
spacing = "20 um"
close_neighbors = "mesh"
[ligand.A]
diffusion = "6000 um^2/min"
transport = "steady"
[cell.sender]
radius = "5 um"
[[cell.sender.secretes]]
ligand = "A"
rate = "60 molecules/min"
[cell.trap]
radius = "5 um"
repulsion = "0 um/min"
adhesion = "0 um/min"
[[cell.trap.takes_up]]
ligand = "A"
clearance = "19200 um^3/min"
[[seed]]
cell = "sender"
pattern = "sphere"
number = 1
[[seed]]
cell = "trap"
pattern = "regular"
distance = "20 um"
""")
    )
    model.step()
    model.trace()
    row = headlines(cell_table(model.tissues)).iloc[0]
    # 19200 µm³/min in 8000 µm³: 2.4 1/min, λ = 50 µm; the mesh dips at each trap by less than 4 %, 2 % in λ
    assert row["rms_distance"] == pytest.approx(np.sqrt(6) * 50, rel=0.03)
    assert 2 * 50 < row["mean_distance"] <= row["rms_distance"]
