"""Variations: lists, ranges and distributions, read from text."""

import math

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.describe import describe
from autocrine_abm.scenario.files import parse_text, read, to_toml
from autocrine_abm.scenario.sweep import Sweep, bytes_of
from autocrine_abm.scenario.trial import vary
from autocrine_abm.scenario.variation import VariationError, parse_variation


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("a = 0.1, 1, 10 nM", ("0.1 nM", "1 nM", "10 nM")),
        ("a = 1 nM, 1 uM", ("1 nM", "1 uM")),
        ("a = fixed 20 mmHg, no-flux", ("fixed 20 mmHg", "no-flux")),
        ("a = 1, 2.5", (1, 2.5)),
        ("a = true, false", (True, False)),
        ('a = ["1, 2", "x"]', ("1, 2", "x")),
        ("a = linear 0..1 nM by 0.25", ("0 nM", "0.25 nM", "0.5 nM", "0.75 nM", "1 nM")),
        ("a = linear 0..1 nM by 0.3 nM", ("0 nM", "0.3 nM", "0.6 nM", "0.9 nM")),
        ("a = linear 0..0.3 by 0.1", (0, 0.1, 0.2, 0.3)),
        ("a = linear -1..1 in 3", (-1, 0, 1)),
        ("a = linear 1.5 1/min..2.5 1/min in 2", ("1.5 1/min", "2.5 1/min")),
        ("a = log 1e-5..1e-3 1/s in 3", ("1e-05 1/s", "0.0001 1/s", "0.001 1/s")),
        ("a = integers 3..5", (3, 4, 5)),
        ("a = integers 3..4 um", ("3 um", "4 um")),
    ],
)
def test_levels(text, levels):
    assert parse_variation(text).levels == levels


@pytest.mark.parametrize(
    ("text", "quarter", "middle"),
    [
        ("a = uniform 0..1 nM", "0.25 nM", "0.5 nM"),
        ("a = loguniform 0.01..1", 0.01 * math.sqrt(10), 0.1),
        # the lower quartile of a normal distribution lies 0.6744898 standard deviations below the mean
        ("a = normal 5 sd 2 um", "3.6510205 um", "5 um"),
        ("a = normal 5 um sd 2 um", "3.6510205 um", "5 um"),
        ("a = lognormal 5 sigma 0.3", 5 * math.exp(-0.3 * 0.6744897502), 5),
    ],
)
def test_quantiles(text, quarter, middle):
    variation = parse_variation(text)
    got = variation.at(0.25)
    if isinstance(quarter, str):
        assert got == quarter
    else:
        assert got == pytest.approx(quarter, rel=1e-8)  # nine digits are kept
    assert variation.at(0.5) == middle and variation.levels == ()


def test_levels_are_equally_likely():
    variation = parse_variation("a = x, y, z, w")
    assert [variation.at(share) for share in (0, 0.24, 0.25, 0.74, 0.999)] == ["x", "x", "y", "z", "w"]


def test_several_paths_change_together():
    variation = parse_variation("seed.0.number, seed.2.number = 10, 20")
    assert variation.paths == ("seed.0.number", "seed.2.number") and variation.name == "seed.0.number"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a", "PATH=SPEC"), ("a=", "PATH=SPEC"), ("=3", "PATH=SPEC"), ("a=1..2", "say how: 'linear 1..2 in 5'"),
        ("a=linear 1..2", "say how many"), ("a=linear 2..1 in 4", "smaller number first"),
        ("a=log 0..1 in 3", "above 0"), ("a=loguniform 0..1", "above 0"), ("a=liner 0..1 in 3", "accepted in front"),
        ("a=linear 0..1 nM in 1", "2 or more"), ("a=linear 0..1 nM by 0.1 uM", "in the unit of the range"),
        ("a=linear 0..1 by 0", "above 0"), ("a=normal 5", "normal 5 sd 1 um"), ("a=normal 5 sd -1", "normal 5 sd 1 um"),
        ("a=normal 5 sigma 2", "normal 5 sd 1 um"), ("a=uniform 0..1 in 4", "'linear' and 'log'"),
        ("a=integers 0.5..2", "integers 1..10"), ("a=1,,2", "between two commas"), ("a=[1", "as in TOML"),
        ("a=[]", "no values"),
        ("a=linear 0..1e9 by 1", "up to 100,000"), ("a=linear 1 um..2 nM in 3", "accepted is 'linear"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(text, words):
    with pytest.raises(VariationError) as error:
        parse_variation(text)
    assert words in str(error.value)


def sweeping(**table):
    return read("minimal", {f"sweep.{key}": value for key, value in table.items()})


def test_the_table_is_told_and_written_back():
    spec = sweeping(vary=["cell.cancer.radius = 5, 6 um", "cell.cancer.rule.0.hill = integers 1..3"], replicates=4, paired=True)
    text = describe(spec)
    assert "cell.cancer.radius: 5, 6 um" in text
    assert "every combination: 6 points, 4 runs each with the same seeds at all points, 24 runs in all" in text
    assert 'vary = ["cell.cancer.radius = 5, 6 um"' in to_toml(spec)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"vary": ["cell.cancer.raduis = 5, 6 um"]}, ["sweep.vary.0", "did you mean 'radius'"]),
        ({"vary": ["cell.cancer.radius = 5, 6 um", "run.behavior_step = 1, 2 nM"]}, ["sweep.vary.1", "step: got '1 nM'"]),
        ({"vary": ["cell.cancer.radius = linear -1..1 um in 3"]}, ["sweep.vary.0", "got '-1 um'"]),
        ({"vary": ["run.seed = 1, 2"]}, ["number of replicates instead"]),
        ({"vary": ["run.duration = 1, 2 day", "run.duration = 3 day"]}, ["a second time"]),
        ({"vary": ["arm = control, treatd"]}, ["sweep.vary.0", "no arm is called 'treatd'"]),
        ({"vary": ["run.duration = one..two in 3"]}, ["sweep.vary.0", "run.duration"]),
        ({"vary": []}, ["sweep.vary"]),
        ({"vary": ["run.duration = 1, 2 day"], "desing": "grid"}, ["did you mean 'design'"]),
        ({"vary": ["run.duration = 1, 2 day"], "design": "lattice"}, ["sweep.design", "'sobol'"]),
        ({"vary": ["run.duration = 1, 2 day"], "memory_limit": "2 apples"}, ["accepted is a size such as '2 GB'"]),
    ],
)  # fmt: skip
def test_the_table_is_refused_where_the_scenario_is_read(table, words):
    with pytest.raises(ScenarioError) as error:
        parse_text(to_toml(sweeping(**table)), "again.toml")  # an override alone is not tried yet
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_run_is_the_scenario_with_its_values_in_its_arm():
    arms = '[arm.small]\nset = { "cell.cancer.radius" = "3 um" }\n[sweep]\nvary = ["arm = control, small"]\n'
    spec = parse_text(to_toml(read("minimal")) + arms)
    run = vary(spec, {"arm": "small", "run.seed": 9})
    assert run.cell["cancer"].radius == 3.0 and run.run.seed == 9 and run.sweep is None and run.arm == {}
    assert vary(spec, {}).cell["cancer"].radius == 6.0


def test_sizes_of_memory():
    assert bytes_of("2 GB") == 2_000_000_000 and bytes_of("500MB") == 500_000_000
    assert bytes_of("0 GB") is None and bytes_of("2") is None and bytes_of(None) is None
    assert Sweep(vary=["a = 1"], memory_limit="1 GB").time_limit is None
