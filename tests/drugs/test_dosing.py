"""The calendar of doses: nothing is lost and nothing given twice, however steps and doses fall."""

import random
from math import fsum

import pytest
from naive.dosing import due_naively

from autocrine_abm.drugs.dosing import Dosing
from autocrine_abm.drugs.regimen import Regimen


def regimen(**changes):
    return Regimen(**{"ligand": "drug", "amount": "1 pmol", "into": "blood"} | changes)


def steps(dt, count):
    """Times at which steps start and stop, as the model's clock has them."""
    return [(number * dt, (number + 1) * dt) for number in range(count)]


def test_random_regimens_agree_with_the_slow_twin():
    rng = random.Random(5)
    for _ in range(300):
        every = rng.choice([0.25, 1.0, 7.5, rng.uniform(0.1, 40.0)])
        infusion = rng.choice([0.0, every, every * rng.random()])
        plan = regimen(
            start=f"{rng.choice([0.0, 6.0, rng.uniform(0, 50)])!r} min", every=f"{every!r} min",
            infusion=f"{infusion!r} min", doses=rng.randint(1, 30),
        )  # fmt: skip
        for start, stop in steps(rng.choice([0.5, 6.0, rng.uniform(0.2, 30.0)]), 40):
            found = [(due.begin, due.end, due.share) for due in Dosing([plan]).due(start, stop)]
            for mine, exact in zip(found, expected := due_naively(plan, start, stop)):
                # times are a few hundred minutes, known to 1e-13; shares are a hundredth of that or more
                # apart
                assert mine[:2] == pytest.approx([float(time) for time in exact[:2]], abs=1e-12)
                assert mine[2] == pytest.approx(float(exact[2]), abs=1e-10)
            # parts that rounding creates or swallows are no larger than rounding
            shares = [entry[2] for entry in found], [float(entry[2]) for entry in expected]
            assert sum(shares[0]) == pytest.approx(sum(shares[1]), abs=1e-10)


@pytest.mark.parametrize("dt", [0.1, 0.7, 6.0, 1 / 3, 1e-3 * 7])
@pytest.mark.parametrize("infusion", ["0 min", "0.05 min", "0.1 min", "1e-9 min", "1e-25 min"])
def test_every_dose_is_given_once_even_at_the_edge_of_steps(dt, infusion):
    # doses fall on the edges between steps, where rounding would lose or double them if steps did not share
    # their edge
    plan = regimen(
        every=f"{dt!r} min" if dt > 0.1 else "0.1 min", doses=90, infusion=infusion if dt >= 0.1 else "0 min"
    )
    given = [
        due.share
        for start, stop in steps(dt, 2000 if dt < 0.1 else 100)
        for due in Dosing([plan]).due(start, stop)
    ]
    whole = 90 if dt >= 0.1 else len([t for t in plan.starts() if t < 2000 * dt])
    assert fsum(given) == pytest.approx(
        whole, rel=1e-12
    )  # shares of one dose add up to 1 exactly but for rounding


def test_a_bolus_in_mid_step_has_its_time():
    plan = regimen(start="8 min")
    (due,) = Dosing([plan]).due(6.0, 12.0)
    assert (due.begin, due.end, due.share) == (2.0, 2.0, 1.0)
    assert Dosing([plan]).due(12.0, 18.0) == []


def test_an_infusion_spans_steps():
    calendar = Dosing([regimen(start="4 min", infusion="10 min")])
    parts = [calendar.due(*step) for step in steps(6.0, 4)]
    assert [[(due.begin, due.end) for due in part] for part in parts] == [[(4, 6)], [(0, 6)], [(0, 2)], []]
    assert [due.share for part in parts for due in part] == pytest.approx([0.2, 0.6, 0.2])


def test_several_infusions_end_and_begin_within_one_step():
    calendar = Dosing([regimen(infusion="2 min", every="2 min", doses=7)])
    assert [(due.begin, due.end) for due in calendar.due(6.0, 12.0)] == [(0, 2), (2, 4), (4, 6)]
    assert [(due.begin, due.end) for due in calendar.due(12.0, 18.0)] == [(0, 2)]


def test_doses_come_in_the_order_of_time_then_of_the_file():
    late, early, wash = (
        regimen(start="4 min"),
        regimen(start="1 min"),
        regimen(start="4 min", amount="2 pmol"),
    )
    due = Dosing([late, early, wash]).due(0.0, 6.0)
    assert [entry.regimen for entry in due] == [early, late, wash]


def test_a_million_doses_are_found_quickly():
    plan = regimen(every="1 min", doses=1_000_000)
    assert [due.begin for due in Dosing([plan]).due(999_990.0, 999_993.0)] == [0, 1, 2]
