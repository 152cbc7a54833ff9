import numpy as np
import pytest
from output.stand_in import NANOMOLAR, StandInModel, scenario

from autocrine_abm.measure.outline import covered_area
from autocrine_abm.measure.space import necrotic_core_radius
from autocrine_abm.output.series import SeriesWriter, read_series, series_row
from autocrine_abm.signaling.blood import Blood, Pulse


def values(model):
    return {name: value for name, (value, _) in series_row(model).items()}


def test_one_tissue_has_plain_names_and_counts_add_up():
    model = StandInModel(scenario())
    model.step()
    row = values(model)
    assert list(row)[:2] == ["time", "step"] and (row["time"], row["step"]) == (6.0, 1)
    assert row["cells"] == 17 == row["cells.cancer"] + row["cells.stroma"]
    assert row["alive"] + row["apoptotic"] + row["necrotic"] == 17
    assert row["necrotic"] == 3 == row["necrotic.cancer"] + row["necrotic.stroma"]  # cells 0, 7 and 14
    assert (row["births"], row["deaths"]) == (5, 0)
    assert "occupied_fraction" not in row


def test_concentrations_are_written_in_nanomolar():
    model = StandInModel(scenario())
    row = series_row(model)
    field = model.tissues["tumor"].fields["IL6"].concentration
    assert row["IL6.mean"] == (field.mean() / NANOMOLAR, "nM")
    assert row["IL6.max"] == (field.max() / NANOMOLAR, "nM")
    assert row["IL6.sensed"] == (model.tissues["tumor"].cells.sensed[:, 1].mean() / NANOMOLAR, "nM")
    assert row["IL6.present"] == (field.sum() * 8000.0, "molecules")


def test_ledger_columns_balance():
    model = StandInModel(scenario())
    model.step()
    model.tissues["tumor"].fields["IL6"].ledger.secreted += 3.0
    row = values(model)
    assert [row[f"IL6.{term}"] for term in ("initial", "added", "decayed", "taken_up", "lost")] == [
        10,
        4,
        1,
        2,
        -0.5,
    ]
    largest = row["oxygen.present"]
    assert abs(row["oxygen.imbalance"]) <= 8 * np.spacing(largest)  # rounding of seven terms
    assert abs(row["IL6.imbalance"] - 3.0) <= 8 * np.spacing(row["IL6.present"])


def test_several_tissues_give_totals_and_prefixed_columns():
    model = StandInModel(scenario(tissues=2))
    model.step()
    row = values(model)
    for name in ("cells", "cells.cancer", "necrotic", "births", "IL6.secreted"):
        assert row[name] == row[f"tumor.{name}"] + row[f"marrow.{name}"]
    assert "IL6.mean" not in row and "marrow.IL6.mean" in row


def test_lattice_has_the_occupied_fraction():
    row = values(StandInModel(scenario(space="lattice")))
    assert row["occupied_fraction"] == 12 / (10 * 8 * 5)


def test_the_outline_is_that_of_the_cells():
    tissue = StandInModel(scenario()).tissues["tumor"]
    row = values(StandInModel(scenario()))
    area = covered_area(tissue.cells.position, tissue.cells.radius, tissue.mesh)
    assert row["confluence"] == area / (200 * 160) and row["radius"] == np.sqrt(area / np.pi)
    assert row["necrotic_radius"] == necrotic_core_radius(tissue.cells.position, tissue.cells.phase == 2)


def test_sensed_is_empty_without_cells(tmp_path):
    model = StandInModel(scenario())
    model.tissues["tumor"].cells.keep(np.zeros(12, bool))
    writer = SeriesWriter(tmp_path / "series.csv")
    writer.append(series_row(model))
    writer.close()
    assert np.isnan(read_series(tmp_path / "series.csv")["IL6.sensed"][0])


def test_numbers_come_back_exactly(tmp_path):
    model = StandInModel(scenario())
    writer = SeriesWriter(tmp_path / "series.csv")
    rows = []
    for _ in range(5):
        model.step()
        rows.append(series_row(model))
        writer.append(rows[-1])
    writer.close()
    table = read_series(tmp_path / "series.csv")
    assert list(table) == list(rows[0])
    for place, row in enumerate(rows):
        assert all(table[name][place] == value for name, (value, _) in row.items())


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_torn_last_line_is_left_out(tmp_path, cut):
    path = tmp_path / "series.csv"
    model = StandInModel(scenario())
    writer = SeriesWriter(path)
    for _ in range(3):
        model.step()
        writer.append(series_row(model))
    writer.close()
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    assert read_series(path)["step"].tolist() == [1, 2]


def test_nothing_recorded_yet_is_an_empty_table(tmp_path):
    (tmp_path / "torn.csv").write_text("time,st")
    assert len(read_series(tmp_path / "missing.csv")) == len(read_series(tmp_path / "torn.csv")) == 0


def test_columns_may_not_change(tmp_path):
    model = StandInModel(scenario())
    writer = SeriesWriter(tmp_path / "series.csv")
    writer.append(series_row(model))
    with pytest.raises(ValueError, match="columns changed"):
        writer.append({"time": (0.0, "min")})


BLOOD = {
    "blood": {"volume": "1 mL", "ligand": {"IL6": {"elimination": "0.01 1/min", "initial": "2 pM"}}},
    "regimen": [{"ligand": "oxygen", "into": "blood", "amount": "1 amol"}],
}


@pytest.mark.parametrize("tissues", [1, 2])
def test_blood_has_its_own_columns_and_a_total(tissues):
    spec = scenario(tissues=tissues, **BLOOD)
    model = StandInModel(spec)
    model.blood = Blood(spec.blood, spec.ligand)
    model.step()
    model.blood.advance("IL6", 6.0, [Pulse(0.0, 6.0, 1000.0)], lambda mean: 40.0)
    pool = model.blood.pools["IL6"]
    row = series_row(model)
    assert row["blood.IL6"] == (pool.concentration / NANOMOLAR, "nM") and row["blood.oxygen"] == (0.0, "nM")
    assert row["blood.IL6.dosed"] == (1000.0, "molecules") and row["blood.IL6.passed"][0] == 40.0
    assert row["blood.IL6.initial"][0] == pytest.approx(2e-3 * NANOMOLAR * 1e12)
    assert (
        row["blood.IL6.present"][0] == pool.present and row["blood.IL6.eliminated"][0] == pool.eliminated > 0
    )
    # rounding of a pool of 1e9 molecules, and of fields of as many
    assert abs(row["blood.IL6.imbalance"][0]) < 1e-5 and abs(row["IL6.total_imbalance"][0]) < 1e-5
    pool.passed += 3.0  # three molecules that no tissue got
    assert values(model)["IL6.total_imbalance"] == pytest.approx(-3.0, abs=1e-5)


def test_without_blood_there_are_no_columns_of_it():
    assert not [
        name for name in values(StandInModel(scenario())) if "blood" in name or "total_imbalance" in name
    ]
