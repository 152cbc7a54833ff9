"""Self-capture of a lone cell: formulas against published numbers, and the short form of the checks."""

import pytest

from autocrine_abm.evidence import lone_cell
from autocrine_abm.scenario.files import read

MOLAR = 6.02214076e8  # molecules/µm³ of 1 M


@pytest.mark.parametrize("receptors, diffusion", lone_cell.EGFR)
def test_the_formula_gives_the_published_share(receptors, diffusion):
    clearance = 9.7e7 / MOLAR * receptors
    share = lone_cell.sphere_share(clearance, diffusion * 60.0, 7.5)
    assert share == pytest.approx(
        lone_cell.EGFR[receptors, diffusion], rel=0.02, abs=5e-5
    )  # two to four digits are given


@pytest.mark.parametrize("x", lone_cell.DISC)
def test_even_flux_is_nearly_exact_for_a_disc(x):
    assert lone_cell.disc_share(x) == pytest.approx(lone_cell.DISC[x], rel=0.007)


@pytest.mark.parametrize("share, micromolar", [(0.2, 2.78), (0.5, 7.11), (0.9, 178)])
def test_a_decoy_halves_self_capture(share, micromolar):
    k_f = 1e6 * 60 / MOLAR
    decoy = lone_cell.own_decoy(6000.0, k_f, 7.5, share)
    assert decoy / MOLAR * 1e6 == pytest.approx(micromolar, rel=2e-3)
    limit = 4 * lone_cell.pi * 6000 * 7.5
    clearance = share / (1 - share) * limit
    assert lone_cell.sphere_share(clearance, 6000.0, 7.5, k_f * decoy) == pytest.approx(share / 2, rel=1e-12)


def test_short_form_of_the_checks():
    checks = lone_cell.checks(voxels=(15.0, 75.0))
    assert len(checks) == 2 + 5 + 9 + 6 + 6
    assert [check.result for check in checks if not check.verdict] == []


def test_the_scenario_says_what_its_own_numbers_give():
    share = lone_cell.captured_share(read("lone_cell"), [300, 300, 300])
    many = lone_cell.captured_share(
        read("lone_cell", {"cell.mammary.receptor.0.number": 1e6}), [300, 300, 300]
    )
    seen = lone_cell.captured_share(read("lone_cell", {"tissue.gel.sensing": "voxel"}), [300, 300, 300])
    assert f"{share:.2f} here" in read("lone_cell").question.replace("\n", " ")
    assert f"{many:.2f} with ten times" in read("lone_cell").question
    assert f"takes back {seen:.2f}" in read("lone_cell").question
