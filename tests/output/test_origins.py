"""Origins of signals on disk, and in the report."""

import numpy as np
import pytest

from autocrine_abm.errors import RunFolderError
from autocrine_abm.measure.signaling import HEADLINES, SHARES, cell_table, sender_table
from autocrine_abm.output.origins import SIGNALING, TOTALS, read_parts
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.output.record import record_run
from autocrine_abm.output.report import write_report
from autocrine_abm.scenario.scenario import Scenario

DOCUMENT = {
    "title": "two loops",
    "run": {"duration": "2 hour", "behavior_step": "6 min", "seed": 3},
    "tissue": {"dish": {"size": ["200 um", "200 um", "20 um"], "spacing": "20 um"}},
    "ligand": {
        "IL6": {"diffusion": "3600 um^2/min", "decay": "0.02 1/min"},
        "idle": {"diffusion": "3600 um^2/min", "initial": "1 nM"},
    },
    "cell": {
        "cancer": {"radius": "6 um", "division_rate": "0.5 1/hour", "apoptosis_rate": "0.1 1/hour",
                   "secretes": [{"ligand": "IL6", "rate": "60 molecules/min"}],
                   "takes_up": [{"ligand": "IL6", "clearance": "3000 um^3/min"}]},
        "stroma": {"radius": "6 um", "takes_up": [{"ligand": "IL6", "clearance": "9000 um^3/min"}]},
    },
    "seed": [{"pattern": "random", "cell": cell, "number": 8} for cell in ("cancer", "stroma")],
    "record": {"every": "12 min", "cells": "1 hour", "signaling": "30 min"},
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "loops"
    return folder, record_run(Scenario.model_validate(DOCUMENT), folder)


def test_what_is_read_is_what_the_model_says(run):
    folder, model = run
    found = RunFolder(folder)
    assert found.signaling_times().tolist() == [30, 60, 90, 120]
    table, last = cell_table(model.tissues), found.signaling()
    assert (last["time"] == 120).all() and last["cell_id"].tolist() == table["cell_id"].tolist()
    assert np.allclose(last[list(SHARES)], table[list(SHARES)], atol=1e-6, equal_nan=True)  # float32
    assert np.allclose(last["sensed"] * 0.602214076, table["sensed"], rtol=1e-6)  # nM on disk
    totals = found.signaling_totals()
    assert np.allclose(totals[totals["time"] == 120]["rate"], sender_table(model.tissues)["rate"])
    shares = found.signaling_shares()
    assert np.allclose(shares[list(HEADLINES)].sum(axis=1), 1, atol=1e-6)
    assert found.signaling(time=0, nearest=True)["time"].iloc[0] == 30  # the nearest
    assert found.info["units"]["signaling"]["captured"] == "molecules/min"


def test_share_columns_are_in_the_tables_of_cells(run):
    folder, model = run
    cells = RunFolder(folder).cells(120)
    assert np.allclose(cells["share_self.IL6"], model.cells.share_self[:, 0], equal_nan=True, atol=1e-6)
    assert np.isnan(RunFolder(folder).cells(0)["share_self.IL6"]).all()


def test_a_kill_between_the_two_parts_leaves_the_time_out(run, tmp_path):
    folder, _ = run
    (tmp_path / TOTALS).mkdir(parents=True)
    for kind in (SIGNALING, TOTALS):
        for name in ("000000000005.parquet", "000000000010.parquet"):
            (tmp_path / kind / name).write_bytes((folder / kind / name).read_bytes())
    (tmp_path / SIGNALING / "000000000010.parquet").unlink()
    (tmp_path / SIGNALING / ".000000000010.parquet.partial").write_bytes(b"half")
    assert [step for step, _ in read_parts(tmp_path, TOTALS)] == [5]


def test_same_seed_same_bytes_with_two_threads(run, tmp_path):
    folder, _ = run
    record_run(Scenario.model_validate(DOCUMENT), tmp_path / "again", threads=2)
    for path in (folder / SIGNALING).rglob("*.parquet"):
        assert (tmp_path / "again" / path.relative_to(folder)).read_bytes() == path.read_bytes()


def test_report_tells_shares_senders_and_distance(run):
    folder, _ = run
    page = write_report(folder).read_text(encoding="utf-8")
    section = page[page.index('id="signaling"') :].split("</section>")[0]
    for words in (
        "autocrine [%]",
        "paracrine [%]",
        "endocrine [%]",
        "from cancer",
        "to stroma",
        "RMS distance",
        "<svg",
    ):
        assert words in section
    assert "idle" not in section  # nobody captures it
    last = RunFolder(folder).signaling_shares()
    last = last[(last["ligand"] == "IL6") & (last["time"] == 120)].iloc[0]
    assert f"<td>{100 * last['autocrine']:.1f}</td>" in section


def test_a_run_without_origins_says_so(tmp_path):
    spec = Scenario.model_validate(DOCUMENT | {"record": {"every": "12 min"}})
    record_run(spec, tmp_path / "run", until=12.0)
    found = RunFolder(tmp_path / "run")
    assert len(found.signaling_times()) == 0 and not (tmp_path / "run" / SIGNALING).exists()
    with pytest.raises(RunFolderError, match="no origins of signals were recorded; see record.signaling"):
        found.signaling_totals()
    assert 'id="signaling"' not in write_report(found.path).read_text(encoding="utf-8")
