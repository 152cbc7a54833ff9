"""Receptors: what they clear, how full they are and how their number moves, against the formulas."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from autocrine_abm.cells.columns import APOPTOTIC, NECROTIC
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

NM = 0.602214076  # molecules/µm³
K_M = (0.24 + 0.15) / 0.097 * NM  # of EGFR below
TEXT = """
title = "cells with receptors in a small dish"
[run]
duration = "1 hour"
[tissue.dish]
size = ["100 um", "100 um", "100 um"]
spacing = "20 um"
[ligand.EGF]
diffusion = "600 um^2/min"
[ligand.antibody]
diffusion = "600 um^2/min"
[ligand.oxygen]
diffusion = "1e5 um^2/min"
[cell.cancer]
radius = "7 um"
[[cell.cancer.receptor]]
name = "EGFR"
ligand = "EGF"
number = 2e5
k_on = "0.097 1/nM/min"
k_off = "0.24 1/min"
k_internalize = "0.15 1/min"
turnover = "0.02 1/min"
antagonist = [{ ligand = "antibody", k_i = "2 nM" }]
[[cell.cancer.takes_up]]
ligand = "oxygen"
clearance = "300 um^3/min"
half_saturation = "5 nM"
[[cell.cancer.takes_up]]
ligand = "EGF"
clearance = "10 um^3/min"
[cell.bare]
radius = "5 um"
[[seed]]
cell = "cancer"
pattern = "random"
number = 6
[[seed]]
cell = "bare"
pattern = "random"
number = 2
"""


@pytest.fixture
def tissue():
    return TumorModel(parse_text(TEXT)).tissues["dish"]


CONCENTRATIONS = np.array([0.0, 1e-6, 0.1 * K_M, K_M, 1e3 * K_M, -1e-9, K_M, K_M])


def test_receptors_clear_less_the_fuller_they_are(tissue):
    cells = tissue.cells
    cells.sensed[:, 0] = CONCENTRATIONS
    c = np.maximum(
        CONCENTRATIONS[:6], 0
    )  # a field may dip below zero by rounding; receptors take it for zero
    expected = 10.0 + 0.15 * 2e5 / (K_M + c)
    assert tissue.receptors.clearance(cells, 0) == pytest.approx([*expected, 0.0, 0.0], rel=1e-14)


def test_an_antagonist_raises_the_half_saturation(tissue):
    cells = tissue.cells
    cells.sensed[:, 0], cells.sensed[:, 1] = K_M, 6 * NM  # thrice its K_i: K_m becomes fourfold
    assert tissue.receptors.clearance(cells, 0)[0] == pytest.approx(10.0 + 0.15 * 2e5 / (5 * K_M), rel=1e-14)
    tissue.bind(1.0)
    assert cells.occupancy[:, 0] == pytest.approx([0.2] * 6 + [0, 0], rel=1e-14)


def test_direct_uptake_saturates_where_asked(tissue):
    cells = tissue.cells
    cells.sensed[:, 2] = 15 * NM
    assert tissue.receptors.clearance(cells, 2) == pytest.approx([300 / 4] * 6 + [0, 0], rel=1e-14)
    assert tissue.receptors.saturable == {0, 2}


def test_corpses_neither_clear_nor_bind(tissue):
    cells = tissue.cells
    cells.sensed[:] = 1.0
    for row, phase in ((0, APOPTOTIC), (1, NECROTIC)):
        tissue.life.kill(np.array([row]), phase, 0.0)
    assert list(tissue.receptors.clearance(cells, 0)[:2]) == [0, 0]
    tissue.bind(1.0)
    assert list(cells.occupancy[:2, 0]) == [0, 0] and cells.occupancy[2, 0] > 0


@pytest.mark.parametrize("number", [0.0, 1.0, 1e6, 1e9])
def test_the_limits_of_few_and_many_receptors(number):
    spec = override(parse_text(TEXT), {"cell.cancer.receptor.0.number": number})
    tissue = TumorModel(spec).tissues["dish"]
    cells = tissue.cells
    cells.sensed[:, 0] = [0, 1e-300, 1e-12, 1.0, 1e12, 1e300, 0, 0]
    taken = (tissue.receptors.clearance(cells, 0) - 10.0)[:6] * cells.sensed[:6, 0]
    assert (
        np.all(np.isfinite(taken))
        and np.all(taken >= 0)
        and np.all(taken <= 0.15 * number * (1 + 1e-12) + 1e-3)
    )
    assert taken[3] == pytest.approx(0.15 * number / (K_M + 1), rel=1e-9, abs=1e-12)


def test_receptor_numbers_follow_their_equation(tissue):
    cells = tissue.cells
    cells.sensed[:6, 0] = K_M * np.array([0, 0.1, 1, 9, 1e6, 1])
    cells.receptors[5, 0] = 1e3  # far below its target of 2e5: recovers
    theta = cells.sensed[:6, 0] / (K_M + cells.sensed[:6, 0])
    start = cells.receptors[:6, 0].copy()

    def slope(_, number):
        return 0.02 * (2e5 - number) - (0.15 - 0.02) * theta * number

    exact = solve_ivp(slope, (0, 30), start, rtol=1e-11, atol=1e-9).y[:, -1]
    tissue.bind(30.0)
    assert cells.receptors[:6, 0] == pytest.approx(exact, rel=1e-8)  # tolerance of the reference
    for _ in range(400):
        tissue.bind(30.0)
    assert cells.receptors[:6, 0] == pytest.approx(
        0.02 * 2e5 / (0.02 * (1 - theta) + 0.15 * theta), rel=1e-12
    )


def test_the_step_does_not_matter_to_receptor_numbers(tissue):
    cells = tissue.cells
    cells.sensed[:, 0] = K_M
    tissue.bind(60.0)
    once = cells.receptors[:6, 0].copy()
    cells.receptors[:6, 0] = 2e5
    for _ in range(60):
        tissue.bind(1.0)
    assert cells.receptors[:6, 0] == pytest.approx(once, rel=1e-12)


def test_without_turnover_the_number_stays():
    spec = override(parse_text(TEXT), {"cell.cancer.receptor.0.turnover": "0 1/min"})
    tissue = TumorModel(spec).tissues["dish"]
    tissue.cells.sensed[:, 0] = K_M
    tissue.bind(1e4)
    assert np.all(tissue.cells.receptors[:6, 0] == 2e5)
