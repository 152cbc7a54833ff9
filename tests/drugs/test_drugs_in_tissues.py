"""Doses, blood and tissues in whole models: every molecule accounted for, baths filled and washed out."""

from math import exp

import numpy as np
import pytest

from autocrine_abm.output.series import series_row
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

NM = 0.602214076

STILL = 'repulsion = "0 um/min"\nadhesion = "0 um/min"\n'

TWO_TISSUES = """
title = "two tissues that only the blood connects"
[run]
duration = "3 hour"
[tissue.gland]
size = ["120 um", "120 um", "120 um"]
spacing = "20 um"
[tissue.target]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[ligand.hormone]
diffusion = "6000 um^2/min"
decay = "0.01 1/min"
initial = "1 pM"
boundary = { x_low = "open" }
[cell.endocrine]
radius = "6 um"
repulsion = "0 um/min"
secretes = [{ ligand = "hormone", rate = "600 molecules/min" }]
[cell.vessel]
radius = "5 um"
repulsion = "0 um/min"
exchanges = [{ ligand = "hormone", permeability_area = "PERMEABILITY um^3/min" }]
[[cell.responder.receptor]]
name = "HR"
ligand = "hormone"
number = 20000
k_on = "0.1 1/nM/min"
k_off = "0.02 1/min"
k_internalize = "0.1 1/min"
turnover = "0.02 1/min"
[cell.responder]
radius = "6 um"
repulsion = "0 um/min"
[blood]
volume = "1e-3 uL"
ligand.hormone = { elimination = "0.02 1/min", initial = "2 pM" }
[[regimen]]
ligand = "hormone"
into = "blood"
amount = "40000 molecules"
start = "20 min"
infusion = "25 min"
every = "50 min"
doses = 3
[[regimen]]
ligand = "hormone"
into = "blood"
concentration = "0.05 nM"
start = "33 min"
[[regimen]]
ligand = "hormone"
tissue = "gland"
concentration = "10 pM"
start = "50 min"
[[regimen]]
ligand = "hormone"
tissue = "target"
amount = "5000 molecules"
start = "1 hour"
infusion = "31 min"
"""

SEEDS = "".join(
    f'[[seed]]\npattern = "random"\ncell = "{cell}"\ntissue = "{tissue}"\nnumber = {number}\n'
    for cell, tissue, number in (
        ("endocrine", "gland", 12), ("vessel", "gland", 6), ("responder", "target", 15), ("vessel",
         "target", 5),
    )
)  # fmt: skip


def two_tissues(permeability=2000, **changes):
    text = TWO_TISSUES.replace("PERMEABILITY", str(permeability)) + SEEDS
    return TumorModel(override(parse_text(text), changes) if changes else parse_text(text))


class Account:
    """What passes through cells, counted cell by cell beside the ledgers of the fields."""

    def __init__(self, model, ligand):
        self.model, self.index = model, list(model.spec.ligand).index(ligand)
        self.ligand, self.secreted, self.captured = ligand, 0.0, 0.0

    def run(self, steps):
        dt = self.model.clock.behavior_step
        for _ in range(steps):
            self.secreted += dt * sum(
                float(t.cells.secretion_rate[:, self.index].sum()) for t in self.tissues
            )
            self.model.step()
            self.captured += dt * sum(float(t.cells.captured[:, self.index].sum()) for t in self.tissues)

    @property
    def tissues(self):
        return self.model.tissues.values()

    def imbalance(self, infused=0.0):
        """Relative to the largest entry; `infused` went evenly into baths."""
        ledgers = [tissue.fields[self.ligand].ledger for tissue in self.tissues]
        pool = self.model.blood.pools[self.ligand]
        gains = [self.secreted, infused, pool.initial, pool.dosed]
        gains += [ledger.initial for ledger in ledgers] + [ledger.added for ledger in ledgers]
        ends = [self.captured, pool.present, pool.eliminated]
        ends += [getattr(ledger, term) for ledger in ledgers for term in ("present", "decayed", "lost")]
        return abs(sum(gains) - sum(ends)) / max(map(abs, gains + ends))


@pytest.mark.parametrize("transport", ["transient", "steady"])
@pytest.mark.parametrize("permeability", [20, 2000, 1e6])
def test_tissues_blood_drugs_and_bath_close_over_a_whole_run(permeability, transport):
    model = two_tissues(permeability, **{"ligand.hormone.transport": transport})
    account = Account(model, "hormone")
    account.run(30)
    pool = model.blood.pools["hormone"]
    # molecules of vessels are nowhere counted twice: what left the blood is what arrived
    assert account.imbalance(infused=5000) < 1e-9
    assert pool.imbalance() < 1e-12 and pool.dosed == pytest.approx(3 * 40000 + 0.05 * NM * 1e6, rel=1e-12)
    assert all(tissue.fields["hormone"].ledger.imbalance() < 1e-12 for tissue in model.tissues.values())
    assert pool.passed != 0 and account.captured > 0
    row = series_row(model)
    assert row["blood.hormone"] == (pool.concentration / NM, "nM")
    assert abs(row["hormone.total_imbalance"][0]) < 1e-9 * account.secreted


def test_the_target_hears_of_the_gland_by_way_of_the_blood_only():
    off = {"regimen": [], "ligand.hormone.initial": "0 nM", "blood.ligand.hormone.initial": "0 nM"}
    heard = {}
    for permeability in (2000, 0):
        model = two_tissues(permeability, **off)
        for _ in range(30):
            model.step()
        heard[permeability] = model.tissues["target"].cells.occupancy[:15].max()
    assert heard[2000] > 1e-4 and heard[0] == 0.0


def test_steady_blood_follows_secretion_and_clearance():
    # no loss in tissue: at steady state all that is secreted is eliminated from the blood, c_B = Q/(k V),
    # whatever P is
    changes = {
        "regimen": [], "ligand.hormone.initial": "0 nM", "blood.ligand.hormone.initial": "0 nM",
        "ligand.hormone.decay": "0 1/min", "ligand.hormone.boundary": {},
        "cell.responder.receptor.0.number": 0,
        "blood.volume": "1e-5 uL", "blood.ligand.hormone.elimination": "0.5 1/min",
        "run.duration": "200 hour",
        "run.behavior_step": "60 min",
    }  # fmt: skip
    for permeability in (2e4, 2e5):
        model = two_tissues(permeability, **changes)
        for _ in range(200):
            model.step()
        cleared = 0.5 * 1e4
        assert model.blood.pools["hormone"].concentration == pytest.approx(
            12 * 600 / cleared, rel=5e-3
        )  # T7: 0.5 %
        # the target, without loss, stands at the blood's concentration everywhere
        assert np.ptp(model.tissues["target"].fields["hormone"].concentration) < 0.005 * 12 * 600 / cleared


@pytest.mark.parametrize("permeability", [200, 2e4])
def test_short_steps_give_the_same_blood(permeability):
    levels = {}
    for step in (6.0, 0.5):
        model = two_tissues(permeability, **{"run.behavior_step": f"{step} min"})
        for _ in range(round(120 / step)):
            model.step()
        target = model.tissues["target"].fields["hormone"].concentration.mean()
        levels[step] = model.blood.pools["hormone"].concentration, target
    # fields may be off by 1 % of their scale per step, and tissues see the mean over a step
    assert levels[6.0] == pytest.approx(levels[0.5], rel=0.03)


def test_dead_vessels_exchange_nothing():
    model = two_tissues(1e5)
    for tissue in model.tissues.values():
        tissue.life.kill(np.flatnonzero(tissue.cells.cell_type == 1), 1, 0.0)
    for _ in range(5):
        model.step()
    assert model.blood.pools["hormone"].passed == 0.0


# -- the bath ------------------------------------------------------------------------------------------------

DISH = """
title = "a dish and a drug"
[run]
duration = "4 hour"
[tissue.dish]
size = ["100 um", "100 um", "100 um"]
spacing = "20 um"
[ligand.drug]
diffusion = "6000 um^2/min"
decay = "DECAY 1/min"
[cell.bystander]
radius = "6 um"
[[seed]]
cell = "bystander"
pattern = "random"
number = 3
"""


def dish(*regimens, decay="0"):
    doses = "".join(f'[[regimen]]\nligand = "drug"\n{keys}\n' for keys in regimens)
    return TumorModel(parse_text(DISH.replace("DECAY", decay) + doses))


def level(model):
    """Concentration [nM] of a bath; it is even to the 1e-4 to which steps in time are solved."""
    c = model.fields["drug"].concentration / NM
    assert np.ptp(c) <= 1e-4 * c.max()
    return float(c.mean())


def course(model, steps):
    levels = []
    for _ in range(steps):
        model.step()
        levels.append(level(model))
    return levels


def test_a_bolus_an_amount_and_a_wash_out_of_the_bath():
    model = dish(
        'concentration = "10 nM"\nstart = "6 min"',
        f'amount = "{1e6 * NM * 5} molecules"\nstart = "12 min"',  # 5 nM in 1e6 um^3
        'concentration = "2 nM"\nreplace = true\nstart = "20 min"',
        'concentration = "0 nM"\nreplace = true\nstart = "24 min"',
    )
    assert course(model, 5) == pytest.approx([0, 10, 15, 2, 0], abs=1e-9)
    ledger = model.fields["drug"].ledger
    # the exchanged medium took 15 and then 2 nM with it
    assert ledger.added == pytest.approx(17 * NM * 1e6) == ledger.lost and ledger.imbalance() < 1e-12


def test_a_dose_before_a_wash_out_in_the_same_step_is_washed_out():
    wash = 'concentration = "1 nM"\nreplace = true\nstart = "4 min"'
    assert course(dish(wash, 'concentration = "10 nM"\nstart = "2 min"'), 1) == pytest.approx([1])
    assert course(dish(wash, 'concentration = "10 nM"\nstart = "5 min"'), 1) == pytest.approx([11])


def test_an_infusion_into_the_bath_spans_steps_and_adds_up():
    model = dish('concentration = "12 nM"\nstart = "3 min"\ninfusion = "12 min"')
    assert course(model, 4) == pytest.approx([3, 9, 12, 12], rel=1e-9)
    assert model.fields["drug"].ledger.secreted == pytest.approx(12 * NM * 1e6, rel=1e-9)


def test_repeated_doses_into_a_bath_that_decays():
    # the 1 % that time steps may cost, per dose; doses at the start of every tenth step
    model = dish('concentration = "10 nM"\nevery = "60 min"\ndoses = 4', decay="0.01")
    levels = course(model, 40)
    for hour in range(4):
        peak = 10 * sum(exp(-0.6 * past) for past in range(hour + 1))
        assert levels[10 * hour] == pytest.approx(peak * exp(-0.06), rel=0.01)
