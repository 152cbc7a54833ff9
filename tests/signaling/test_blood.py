"""Blood: the one-compartment model against its closed forms, and tissues coupled however tightly."""

from math import exp, log

import numpy as np
import pytest
from naive.dosing import pool_naively

from autocrine_abm.drugs.dosing import Dosing
from autocrine_abm.drugs.regimen import Regimen
from autocrine_abm.ligands.circulation import BloodLigand, Circulation
from autocrine_abm.ligands.ligand import Ligand
from autocrine_abm.signaling.blood import Blood, Pool, Pulse, one_compartment

K, V = 0.03, 5.0


def blood(elimination="0 1/min", initial="0 molecules/um^3", volume="1 um^3"):
    pool = BloodLigand(elimination=elimination, initial=initial)
    return Blood(
        Circulation(volume=volume, ligand={"drug": pool}), {"drug": Ligand(diffusion="600 um^2/min")}
    )


# -- one compartment -----------------------------------------------------------------------------------------


def test_a_bolus_decays_exponentially():
    end, mean = one_compartment(0.0, K, V, 20.0, [Pulse(0.0, 0.0, 100.0)])
    assert end == pytest.approx(20 * exp(-K * 20), rel=1e-14)
    assert mean == pytest.approx(20 * (1 - exp(-K * 20)) / (K * 20), rel=1e-14)


def test_a_bolus_in_mid_step_counts_from_its_time():
    end, mean = one_compartment(3.0, K, V, 20.0, [Pulse(5.0, 5.0, 100.0)])
    assert end == pytest.approx(3 * exp(-0.6) + 20 * exp(-K * 15), rel=1e-14)
    assert mean == pytest.approx((3 * (1 - exp(-0.6)) + 20 * (1 - exp(-K * 15))) / (K * 20), rel=1e-14)


def test_an_infusion_rises_to_its_plateau_and_falls():
    rate = 7.0  # molecules/min from 4 to 30 min of 50
    end, mean = one_compartment(0.0, K, V, 50.0, [Pulse(4.0, 30.0, 26 * rate)])
    top = rate / (K * V) * (1 - exp(-K * 26))
    assert end == pytest.approx(top * exp(-K * 20), rel=1e-14)
    # what was eliminated is what was given less what is left
    assert K * V * mean * 50 == pytest.approx(26 * rate - end * V, rel=1e-13)


def test_repeated_doses_reach_the_textbook_peak_and_trough():
    # peak C₀/(1 − e^−kτ) and trough just before the next dose, after many doses
    plan = Regimen(ligand="drug", into="blood", amount="100 molecules", every="25 min", doses=60)
    calendar, pool = Dosing([plan]), blood(f"{K} 1/min", volume="5 um^3")
    for step in range(248):  # of 6 min; doses fall into the middle of most steps
        pulses = [
            Pulse(due.begin, due.end, 100 * due.share) for due in calendar.due(step * 6.0, (step + 1) * 6.0)
        ]
        pool.advance("drug", 6.0, pulses, None)
    since_last = 248 * 6.0 - 59 * 25.0
    peak = 20 / (1 - exp(-K * 25))  # 60 doses: the rest e^−45
    assert pool.pools["drug"].concentration == pytest.approx(peak * exp(-K * since_last), rel=1e-12)
    assert pool.pools["drug"].dosed == 6000 and pool.pools["drug"].imbalance() < 1e-13


def test_several_steps_are_one_step():
    pulses = [Pulse(3.0, 3.0, 10.0), Pulse(7.0, 21.0, 50.0), Pulse(12.0, 12.0, -4.0)]
    whole = one_compartment(2.0, K, V, 30.0, pulses)
    now, integral = 2.0, 0.0
    for begin, end in zip((0.0, 5.0, 12.0, 13.0), (5.0, 12.0, 13.0, 30.0)):
        parts = []
        for p in pulses:
            if p.begin == p.end and begin <= p.begin < end:
                parts.append(Pulse(p.begin - begin, p.begin - begin, p.amount))
            elif min(p.end, end) > max(p.begin, begin):
                low, high = max(p.begin, begin), min(p.end, end)
                parts.append(Pulse(low - begin, high - begin, p.amount * (high - low) / (p.end - p.begin)))
        now, mean = one_compartment(now, K, V, end - begin, parts)
        integral += mean * (end - begin)
    assert (now, integral / 30) == pytest.approx(whole, rel=1e-14)


@pytest.mark.parametrize("k", [0.0, 1e-12, 1e-5, 0.0033, 0.0034, 0.1, 40.0])
def test_the_limit_of_no_elimination_is_smooth(k):
    # the general formulas lose digits as k → 0; compare with their Taylor series, and beyond, with mass
    # balance
    pulses = [Pulse(2.0, 5.0, 9.0), Pulse(1.0, 1.0, 4.0)]
    end, mean = one_compartment(2.0, k, V, 6.0, pulses)
    assert (2.0 * V + 13.0 - end * V) == pytest.approx(k * V * mean * 6.0, abs=1e-13 * 23)
    if k < 1e-4:
        still = (2.0 * 6 + 4 / V * 5 + 9 / V * (3 / 2 + 1)) / 6
        area = 2.0 * 6**2 / 2 + 4 / V * 5**2 / 2 + 9 / V / 3 * (4**3 - 1) / 6
        assert mean == pytest.approx(still - k * area / 6, rel=1e-9)  # the next term is k² 6²/6, 6e-10 of it


def test_the_slow_twin_agrees():
    pulses = [Pulse(1.3, 1.3, 8.0), Pulse(2.0, 4.5, 30.0), Pulse(0.0, 6.0, -12.0)]
    fast, slow = one_compartment(4.0, 0.4, V, 6.0, pulses), pool_naively(4.0, 0.4, V, 6.0, pulses)
    assert fast == pytest.approx(
        slow, rel=1e-4
    )  # the twin gives a bolus up to one of 1e5 tiny steps early or late


@pytest.mark.parametrize("length", [1e-3, 1e-9, 1e-15])
def test_a_short_infusion_is_a_bolus(length):
    short = one_compartment(1.0, K, V, 6.0, [Pulse(2.0, 2.0 + length, 50.0)])
    # it is centered half its length later, which shifts the curve by k times that
    assert short == pytest.approx(
        one_compartment(1.0, K, V, 6.0, [Pulse(2.0, 2.0, 50.0)]), rel=length + 1e-14
    )


# -- pools ---------------------------------------------------------------------------------------------------


def test_pools_have_their_own_volume_and_what_is_not_listed_is_empty():
    ligands = {name: Ligand(diffusion="1 um^2/min") for name in ("drug", "hormone")}
    circulation = Circulation(
        volume="1 mL", ligand={"drug": BloodLigand(volume="3 mL", initial="2 nM", elimination="0.1 1/hour")}
    )
    pools = Blood(circulation, ligands).pools
    assert pools["drug"].volume == 3e12 and pools["drug"].concentration == pytest.approx(2 * 0.602214076)
    assert pools["drug"].initial == pools["drug"].present == pytest.approx(6e-12 * 6.02214076e23)
    assert (pools["hormone"].volume, pools["hormone"].present, pools["hormone"].elimination) == (1e12, 0, 0)


def test_the_ledger_of_a_pool_finds_what_is_missing():
    pool = Pool(1.0, 0.0, 10.0, initial=4.0, dosed=16.0, eliminated=3.0, passed=7.0)
    assert pool.imbalance() == 0.0
    pool.passed = 6.0
    assert pool.imbalance() == 1 / 16


def test_half_life():
    pool = blood(elimination=f"{log(2) / 2} 1/hour", initial="1 nM")
    for _ in range(20):
        pool.advance("drug", 6.0, [], None)
    assert pool.pools["drug"].concentration == pytest.approx(0.5 * 0.602214076, rel=1e-13)


# -- coupled to tissues --------------------------------------------------------------------------------------


class Tissue:
    """A well-mixed tissue behind vessels of permeability P, exact for a constant concentration in the
    blood."""

    def __init__(self, permeability, volume, decay=0.0, start=0.0, saturates=np.inf):
        self.p, self.volume, self.decay, self.saturates = permeability, volume, decay, saturates
        self.now, self.calls, self.most, self.seen = start, 0, 0, []

    def advance(self, pool, dt, doses=()):
        before, self.calls = self.now, 0

        def exchange(mean):
            self.calls += 1
            self.seen.append(mean)
            rate = self.p / self.volume + self.decay / (1 + before / self.saturates)
            goal = self.p * mean / self.volume / rate
            decayed = -np.expm1(-rate * dt) / (rate * dt)
            self.now = goal + (before - goal) * np.exp(-rate * dt)
            lost = (rate - self.p / self.volume) * (goal + (before - goal) * decayed) * dt
            return self.volume * (self.now - before + lost)

        pool.advance("drug", dt, list(doses), exchange)
        self.most = max(self.most, self.calls)


@pytest.mark.parametrize("permeability", [1e-3, 1.0, 1e2, 1e5, 1e10])
def test_tight_coupling_settles_within_three_trials_and_does_not_overshoot(permeability):
    tissue, pool = Tissue(permeability, volume=10.0), blood(initial="1 molecules/um^3")
    course = []
    for _ in range(400):
        tissue.advance(pool, 6.0)
        course.append(pool.pools["drug"].concentration)
        assert course[-1] >= 0 and tissue.now >= 0
        # what is not in the blood is in the tissue
        assert course[-1] + 10 * tissue.now == pytest.approx(1.0, abs=1e-9)
    assert tissue.most <= 3
    # equilibrium is 1/11 on both sides, reached at rate 1.1 P
    if permeability > 1e-2:
        assert course[-1] == pytest.approx(1 / 11, rel=2e-4) and tissue.now == pytest.approx(1 / 11, rel=2e-4)


@pytest.mark.parametrize("permeability", [0.01, 0.3, 20.0])
def test_a_step_agrees_with_tiny_steps(permeability):
    doses = [Pulse(1.0, 1.0, 3.0), Pulse(2.0, 5.0, 6.0)]

    def course(cuts):
        tissue, pool = (
            Tissue(permeability, 10.0, decay=0.02, start=0.2),
            blood("0.05 1/min", "1 molecules/um^3"),
        )
        h = 6.0 / cuts
        for number in range(10 * cuts):
            start, given = number * h, []
            if number < cuts:
                for p in doses:
                    low, high = max(p.begin, start), min(p.end, start + h)
                    if p.begin == p.end and start <= p.begin < start + h:
                        given.append(Pulse(p.begin - start, p.begin - start, p.amount))
                    elif high > low:
                        given.append(Pulse(low - start, high - start, p.amount * (high - low) / 3.0))
            tissue.advance(pool, h, given)
        return np.array([pool.pools["drug"].concentration, tissue.now]), pool.pools["drug"].imbalance()

    (coarse, imbalance), (middle, _), (fine, _) = course(1), course(10), course(600)
    assert imbalance < 1e-13
    # tissues see the mean of a step: 4 % where all the exchange happens within one, and less the shorter the
    # step
    assert coarse == pytest.approx(fine, rel=0.04)
    assert np.abs(middle - fine).max() <= 0.2 * max(np.abs(coarse - fine).max(), 1e-3)


def test_a_steady_exchange_takes_one_trial():
    # constant infusion against elimination, tissue in equilibrium: nothing changes from step to step
    tissue, pool = Tissue(3.0, 10.0, decay=0.1), blood("0.05 1/min")
    for _ in range(200):
        tissue.advance(pool, 6.0, [Pulse(0.0, 6.0, 12.0)])
    assert tissue.calls == 1
    # 2 molecules/min in, of which k V B are eliminated and P (B − c) = decay V_T c taken: B (0.05 + 3/4) = 2
    assert pool.pools["drug"].concentration == pytest.approx(2.0 / 0.8, rel=1e-4)
    assert tissue.now == pytest.approx(2.0 / 0.8 * 3 / 4, rel=1e-4)


def test_tissues_see_the_mean_that_follows():
    tissue, pool = Tissue(5.0, 10.0, decay=0.3), blood("0.05 1/min", "2 molecules/um^3")
    for _ in range(12):
        tissue.advance(pool, 6.0)
        assert tissue.seen[-1] == pytest.approx(pool.pools["drug"].mean, rel=2e-4, abs=1e-9)


def test_a_tissue_fills_an_empty_pool():
    tissue, pool = Tissue(1e4, 10.0, start=1.0), blood()
    tissue.advance(pool, 6.0)
    assert tissue.most <= 3
    for _ in range(3):
        tissue.advance(pool, 6.0)
    assert pool.pools["drug"].concentration == pytest.approx(10 / 11, rel=1e-3)


def test_uptake_that_saturates_keeps_the_ledger():
    tissue, pool = Tissue(50.0, 10.0, decay=5.0, saturates=0.01), blood("0.01 1/min", "1 molecules/um^3")
    for _ in range(30):
        tissue.advance(pool, 6.0, [Pulse(2.0, 4.0, 1.0)])
        assert pool.pools["drug"].concentration >= -1e-15  # rounding
    assert tissue.most <= 3 and pool.pools["drug"].imbalance() < 1e-12
