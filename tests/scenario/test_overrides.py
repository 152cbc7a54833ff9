"""Overrides by dotted path: what they change, what they leave alone, what they refuse."""

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override, parse_overrides


@pytest.fixture(scope="module")
def minimal():
    return read("minimal")


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("run.seed=3", ("run", "seed"), 3),
        ("run.seed = 3", ("run", "seed"), 3),
        ('a.b="x"', ("a", "b"), "x"),
        ("a.b=0.02 1/min", ("a", "b"), "0.02 1/min"),
        ("a.0.c=[1, 2]", ("a", 0, "c"), [1, 2]),
        ("a=true", ("a",), True),
        ("a=x=y", ("a",), "x=y"),
        ("a=", ("a",), ""),
        ("a=anywhere", ("a",), "anywhere"),
    ],
)
def test_values_are_toml_where_they_can_be(text, path, value):
    assert parse_overrides([text]) == ({path: value}, [])


def test_one_value_changes_and_nothing_else(minimal):
    changed = override(minimal, ["ligand.growth_factor.decay=2 1/min"])
    assert changed.ligand["growth_factor"].decay == 2.0 and minimal.ligand["growth_factor"].decay == 1.0
    assert override(changed, {"ligand.growth_factor.decay": "1 1/min"}) == minimal


def test_text_and_python_values_say_the_same(minimal):
    by_text = override(minimal, ["run.seed=3", "cell.cancer.rule.0.hill=4", "tissue.dish.spacing=10 um"])
    by_value = override(
        minimal, {"run.seed": 3, "cell.cancer.rule.0.hill": 4.0, "tissue.dish.spacing": ("10 um",) * 3}
    )
    assert by_text == by_value and by_text.run.seed == 3


def test_values_that_the_file_leaves_out_can_be_set(minimal):
    changed = override(minimal, ["ligand.growth_factor.boundary.x_low=fixed 1 nM", "record.every=2 hour"])
    assert changed.ligand["growth_factor"].wall("x_low") == ("fixed", pytest.approx(0.602214076))
    assert changed.ligand["growth_factor"].wall("x_high") == ("no-flux", 0.0)


def test_whole_tables_and_lists_can_be_set(minimal):
    changed = override(minimal, {"cell.cancer.secretes": [], "cell.cancer.rule": []})
    assert changed.cell["cancer"].secretes == () and changed.cell["cancer"].rule == ()


def test_of_two_overrides_the_later_counts(minimal):
    assert override(minimal, ["run.seed=3", "run.seed=4"]).run.seed == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "run.sed=3",
            "'run' has no 'sed'; accepted: duration, behavior_step, seed, threads; did you mean 'seed'?",
        ),
        ("rnu.seed=3", "there is no 'rnu'; accepted: title, question"),
        (
            "ligand.growth_facto.decay=1 1/min",
            "'ligand' has no 'growth_facto'; accepted: growth_factor; did you mean",
        ),
        (
            "cell.cancer.rule.2.hill=3",
            "'cell.cancer.rule' is a list and has no entry '2'; its entries: 0 to 1",
        ),
        ("cell.cancer.rule.first.hill=3", "is a list and has no entry 'first'"),
        ("run.seed.x=3", "'run.seed' is a value and has nothing named 'x' inside"),
        ("cell.cancer.takes_up.0.clearance=1 um^3/min", "its entries: none, it is empty"),
        ("run.seed", "accepted is PATH=VALUE"),
        ("=3", "accepted is PATH=VALUE"),
        ("run.seed=abc", "override 'run.seed': run.seed: got 'abc'; accepted is a whole number"),
        ("run.duration=3", "has no unit"),
        ("cell.cancer.rule.0.signal=growthfactor", "did you mean 'growth_factor'"),
        ("tissue.dish.spacing=70 um", "override 'tissue.dish.spacing': tissue.dish: size 600 um along x"),
        ("cell.cancer.rule.0.to=0.001 1/hour", "below the base value"),
        ("run={}", "run.duration: missing"),
        ("ligand=3", "accepted is tables, each under a name of your choice"),
    ],
)
def test_what_cannot_be_is_refused(minimal, text, words):
    with pytest.raises(ScenarioError) as caught:
        override(minimal, [text])
    assert words in str(caught.value)


def test_all_wrong_overrides_are_reported_at_once(minimal):
    with pytest.raises(ScenarioError) as caught:
        override(minimal, ["run.sed=1", "x=1", "seed.7.number=1"])
    assert len(caught.value.faults) == 3


def test_a_fault_elsewhere_keeps_its_line(tmp_path):
    path = tmp_path / "mine.toml"
    from autocrine_abm.scenario import library

    path.write_text(library.path("minimal").read_text())
    with pytest.raises(ScenarioError) as caught:
        read(path, {"cell.cancer.rule.0.half": "5 mmHg"})
    assert str(caught.value).startswith("override 'cell.cancer.rule.0.half': cell.cancer.rule.0.half: ")
