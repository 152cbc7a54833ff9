"""HER2, IL-6 and STAT3 in a few cells: nodes at rest, the drug at the source, and whose IL-6 makes carcinoma cells move."""

import pytest

from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.il6_stat3_breast_her2 import Watch

SMALL = {
    "tissue.tumor.size": ["160 um", "160 um", "20 um"], "tissue.coculture.size": ["200 um", "200 um", "20 um"],
    "seed.1.number": 20, "seed.2.number": 10, "run.duration": "8 hour", "record.every": "8 hour",
}  # fmt: skip


@pytest.fixture(scope="module")
def seen():
    arms = ["control", "HER2_inhibitor", "knockout", "silent_carcinoma", "silent_fibroblast", "silent_both"]
    return compare("il6_stat3_breast_her2", arms=arms, seeds=(1,), overrides=SMALL, measure=Watch())


def test_the_source_is_her2_and_nodes_rest_at_their_base_without_ligand(seen):
    # 1/(1 + (1 uM/10 nM)^2) of HER2 is left after 16 time constants
    assert seen.at("HER2_positive.HER2", "HER2_inhibitor")[0] == pytest.approx(1e-4, rel=0.01)
    assert seen.at("released", "HER2_inhibitor")[0] < 0.1 * seen.at("released")[0]
    assert seen.at("HER2_positive.STAT3", "knockout")[0] == pytest.approx(0.1, rel=1e-9)


def test_carcinoma_cells_migrate_on_the_ligand_of_fibroblasts(seen):
    way = {arm: seen.at("migrated", arm)[0] for arm in seen.titles if arm.startswith(("control", "silent"))}
    assert way["silent_fibroblast"] < 0.1 * way["control"]
    assert way["silent_carcinoma"] > 0.9 * way["control"]
    assert way["silent_both"] == 0.0


def test_shares_come_from_the_type_that_secretes(seen):
    gel = seen.shares[(seen.shares["tissue"] == "coculture") & (seen.shares["ligand"] == "IL6")].set_index("arm")
    assert gel.loc["silent_carcinoma", "autocrine"] == 0.0
    assert gel.loc["silent_carcinoma", "paracrine"] == pytest.approx(1.0)
