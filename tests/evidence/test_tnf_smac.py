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


def test_few_cells_do_not_gather_enough_ligand_to_die_of():
    seen = compare("tnf_smac", arms=["smac_sparse"], seeds=(1,), overrides=SMALL)
    # a tenth of 1 pM occupies 0.25 % of the receptors: caspase 8 at 0.06 of its most, and death at 2e-5 per hour
    assert seen.at("cells", "smac_sparse", time=0.0)[0] > 1
    assert seen.at("deaths", "smac_sparse")[0] == 0


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
