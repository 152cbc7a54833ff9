"""The experiments that come with the package: a few of their runs show what they are for."""

import pytest

from autocrine_abm.experiments.plan import Plan
from autocrine_abm.experiments.single import Task, simulate
from autocrine_abm.measure.signaling import HEADLINES
from autocrine_abm.scenario import library
from autocrine_abm.scenario.files import read

READY = [name for name in library.names() if read(name).sweep is not None]


def last(scenario, values, overrides=()):
    """Measures at the end of a run, dict of str to float."""
    outcome = simulate(Task(0, read(scenario, overrides), values, seed=3))
    assert not outcome.message
    numbers = outcome.rows.splitlines()[-1].split(",")
    return {name: float(number or "nan") for (name, _, _), number in zip(outcome.columns, numbers)}


def test_they_are_there_and_of_a_size_for_a_laptop():
    assert {"allee_threshold", "signaling_phases"} <= set(READY)
    for name in READY:
        spec = read(name)
        assert 20 <= len(Plan(spec.sweep, spec.run.seed)) <= 2000


def test_the_dense_live_and_the_sparse_die_between_the_two_critical_rates():
    # mean field at 3.7e-5 1/s: unstable at a density of 0.12, stable at 0.46; a tumor of 0.02 falls to a third in 3e5 s
    rate, short = "3.7e-5 1/s", {"run.duration": "3e5 s"}
    ends = [
        last("allee_threshold", {"cell.glioma.apoptosis_rate": rate, "seed.0.fraction": density}, short)["occupied_fraction"]
        for density in (0.02, 0.4)
    ]
    assert ends[0] < 0.02 and ends[1] > 0.3


@pytest.mark.parametrize(
    ("decay", "secretion", "largest"),
    [
        ("1500 1/min", "10 molecules/min", "autocrine"), ("1500 1/min", "1e6 molecules/min", "autocrine"),
        ("7e-4 1/min", "10 molecules/min", "paracrine"), ("7e-4 1/min", "1e6 molecules/min", "endocrine"),
    ],
)  # fmt: skip
def test_range_and_secretion_decide_whom_the_signal_reaches(decay, secretion, largest):
    found = last("signaling_phases", {"ligand.VEGF.decay": decay, "cell.cancer.secretes.0.rate": secretion})
    shares = {kind: found[f"tumor.VEGF.{kind}"] for kind in HEADLINES}
    assert max(shares, key=shares.get) == largest and sum(shares.values()) == pytest.approx(1, abs=1e-9)
