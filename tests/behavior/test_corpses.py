"""Dead volumes: the closed form against the equations themselves, and the same whatever the step."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from autocrine_abm.behavior.corpses import Corpses, remaining
from autocrine_abm.behavior.growth import decay
from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.columns import APOPTOTIC, NECROTIC
from autocrine_abm.cells.corpse import Apoptosis, Necrosis
from autocrine_abm.cells.state import CellState
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

HOUR = 60.0


def integrated(own, age, swelling=0.0):
    """Volume over that at death from the differential equations; lysis where they reach the rupture volume."""
    solid = 1 - own.fluid_fraction
    start = [own.fluid_fraction, own.nuclear_fraction * solid, (1 - own.nuclear_fraction) * solid, 0.0]
    calcifies = float(getattr(own, "calcification_rate", 0.0))

    def change(lysed):
        def rates(_, y):
            fluid, nucleus, cytoplasm, calcified = y
            into = -float(own.fluid_loss) * fluid if lysed else swelling * (sum(y) - fluid)
            gone = float(own.nucleus_loss) * nucleus, float(own.cytoplasm_loss) * cytoplasm
            hardens = calcifies * nucleus, calcifies * cytoplasm
            return [into, -gone[0] - hardens[0], -gone[1] - hardens[1], sum(hardens)]

        return rates

    accurate = {"rtol": 1e-11, "atol": 1e-13}
    if swelling:

        def bursts(_, y):
            return sum(y) - own.rupture

        bursts.terminal = True
        swollen = solve_ivp(change(False), (0, age), start, events=bursts, **accurate)
        if not swollen.t_events[0].size:
            return sum(swollen.y[:, -1]), swollen.y[3, -1]
        start, age = swollen.y[:, -1], age - swollen.t[-1]
    end = solve_ivp(change(True), (0, age), start, **accurate).y[:, -1]
    return sum(end), end[3]


@pytest.mark.parametrize("age", [10.0, 1 * HOUR, 8.6 * HOUR])
def test_an_apoptotic_cell_shrinks_as_the_equations_say(age):
    corpses = Corpses({"a": CellType(radius="5 um")})
    expected, _ = integrated(Apoptosis(), age)
    # the solver's own accuracy
    assert corpses.volume([0], [APOPTOTIC], [age]) == pytest.approx([expected], rel=1e-8)


@pytest.mark.parametrize("age", [1 * HOUR, 6 * HOUR, 10 * HOUR, 240 * HOUR])
@pytest.mark.parametrize("calcification", ["0 1/hour", "0.0042 1/hour"])
def test_a_necrotic_cell_swells_bursts_and_shrinks_as_the_equations_say(age, calcification):
    own = Necrosis(calcification_rate=calcification)
    corpses = Corpses({"a": CellType(radius="5 um", necrosis_volume=own)})
    expected, calcified = integrated(own, age, float(own.swelling))
    assert corpses.volume([0], [NECROTIC], [age]) == pytest.approx([expected], rel=1e-7)  # where the solver saw the lysis
    assert corpses.calcified([0], [age]) == pytest.approx([calcified], rel=1e-7, abs=1e-12)


def test_a_necrotic_cell_bursts_at_twice_its_volume_after_six_hours():
    corpses = Corpses({"a": CellType(radius="5 um")})
    (lysis,) = corpses.lysis
    assert 5.9 * HOUR < lysis < 6.3 * HOUR  # V0 = 0.67 1/hour · 0.25 V0 · t, and a little more for the loss of solids
    assert remaining(corpses.parts[1], np.array([lysis - 1.0, lysis, lysis + 1.0])) == pytest.approx([2, 2, 2], rel=2e-3)
    assert remaining(corpses.parts[1], lysis) == pytest.approx(2.0, rel=1e-12)


def test_a_cell_without_swelling_never_bursts_and_one_of_rupture_1_does_at_once():
    for own, lysis in ((Necrosis(swelling="0 1/min"), np.inf), (Necrosis(rupture=1.0), 0.0)):
        assert Corpses({"a": CellType(radius="5 um", necrosis_volume=own)}).lysis[0] == lysis


@pytest.mark.parametrize("phase", [APOPTOTIC, NECROTIC])
def test_a_corpse_is_as_large_in_one_step_as_in_many_and_shrinks_from_its_death_on(phase):
    corpses, volumes = Corpses({"a": CellType(radius="5 um")}), []
    for steps in (1, 40):
        cells = CellState(["a"], [])
        cells.add(1, cell_id=np.array([1]), phase=phase, phase_time=7.0, volume=1000.0, radius=(750 / np.pi) ** (1 / 3))
        dt = 600 / steps
        for step in range(steps):
            if (step + 1) * dt > 7.0:
                decay(cells, np.array([0]), corpses, step * dt, dt)
        volumes.append(cells.volume[0])
        assert 4 / 3 * np.pi * cells.radius[0] ** 3 == pytest.approx(cells.volume[0], rel=1e-12)
    assert volumes == pytest.approx(1000 * corpses.volume([0, 0], [phase] * 2, [593.0] * 2), rel=1e-12)


def test_an_old_corpse_keeps_a_radius():
    assert Corpses({"a": CellType(radius="5 um")}).volume([0], [APOPTOTIC], [1e7]) > 0


DYING = """
title = "cells that die of necrosis"
[run]
duration = "12 hour"
behavior_step = "30 min"
[tissue.dish]
size = ["100 um", "100 um", "100 um"]
spacing = "10 um"
[ligand.HMGB1]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[ligand.oxygen]
diffusion = "1e5 um^2/min"
initial = "1 nM"
[cell.cancer]
radius = "8 um"
necrosis_rate = "10 1/hour"
secretes = [{ ligand = "HMGB1", rate = "6 molecules/min", dead = DEAD }]
takes_up = [{ ligand = "oxygen", clearance = "100 um^3/min", dead = DEAD }]
[[seed]]
cell = "cancer"
pattern = "sphere"
number = 6
"""


@pytest.mark.parametrize("dead", [0.0, 0.5])
def test_swollen_cells_take_room_and_go_on_with_a_share_of_what_they_did(dead):
    model = TumorModel(parse_text(DYING.replace("DEAD", str(dead))))
    start, largest = None, []
    while model.running:
        model.step()
        largest.append(model.cells.volume.max())
        if model.deaths == 6 and start is None:
            start = model.clock.time, [model.fields[name].ledger for name in ("HMGB1", "oxygen")]
            start = start[0], start[1][0].secreted, start[1][1].taken_up
    assert model.deaths == 6 and 1.8 < max(largest) / (4 / 3 * np.pi * 8**3) <= 2 + 1e-12
    assert (model.cells.secretion_rate[:, 0] == 6 * dead).all() and (model.cells.uptake_clearance[:, 1] == 100 * dead).all()
    released = model.fields["HMGB1"].ledger.secreted - start[1]
    assert released == pytest.approx(6 * 6 * dead * (model.clock.time - start[0]), rel=1e-9)
    assert (model.fields["oxygen"].ledger.taken_up > start[2]) == (dead > 0)
    apart = model.cells.position[:, None] - model.cells.position[None]
    near = np.linalg.norm(apart, axis=2)[np.triu_indices(6, 1)].min()
    assert near > 1.9 * 8  # they have pushed each other away: living ones were seeded at 0.95 diameters
