"""TNF and a Smac mimetic in a small dish: what binds, and who dies."""

import numpy as np
import pytest

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.tnf_smac import survival
from autocrine_abm.scenario.files import read
from autocrine_abm.simulation.model import TumorModel

SMALL = {"tissue.dish.size": ["160 um", "160 um", "600 um"], "run.duration": "24 hour", "record.every": "24 hour"}


def test_drug_and_own_ligand_kill_together_only():
    seen = compare("tnf_smac", arms=["control", "smac", "smac_knockout", "smac_blocked"], seeds=(1,), overrides=SMALL)
    assert survival(seen, "smac")[0] < 0.6  # half of the time of the scenario
    assert survival(seen, "smac_knockout")[0] == survival(seen, "smac_blocked")[0] == 1.0


def test_few_cells_gather_less_of_what_kills_them():
    seen = compare("tnf_smac", arms=["smac", "smac_sparse"], seeds=(1,), overrides=SMALL | {"run.duration": "12 hour"})
    assert seen.at("tumor.caspase8", "smac_sparse")[0] < 0.6 * seen.at("tumor.caspase8", "smac")[0]


def test_medium_holds_what_release_and_loss_make_of_it():
    spec = read("tnf_smac", {**SMALL, "run.duration": "6 hour", "cell.tumor.division_rate": "0 1/hour"})
    model = TumorModel(spec)
    model.run_model()
    ligand, n = spec.ligand["TNF"], model.n_cells
    # near steady state every molecule that is released decays or is taken up
    ledger = model.fields["TNF"].ledger
    captured = float(model.cells.captured[:, list(spec.ligand).index("TNF")].sum())
    present = ledger.present
    assert present * float(ligand.decay) + captured == pytest.approx(10 * n, rel=0.02)  # e^-5.5 of it is still to come
    occupied = model.cells.occupancy[:, 0]
    sensed = model.cells.sensed[:, list(spec.ligand).index("TNF")]
    half = (0.021 + 0.0231) / 1.1 * 0.602214076
    assert np.allclose(occupied, sensed / (sensed + half), rtol=1e-6)
