"""Quantities as text: values against the definitions of the units, messages for what cannot be read."""

import copy
import pickle
from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocrine_abm.errors import UnitError
from autocrine_abm.units import dimension_of, format_number, in_unit, is_computable, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20 um", 20.0), ("20um", 20.0), ("20 µm", 20.0), ("1 mm", 1000.0), ("2 cm", 20_000.0),
        ("1 nm", 1e-3),
        ("6 min", 6.0), ("1 s", 1 / 60), ("2 hour", 120.0), ("1.5 day", 2160.0), ("1 week", 10_080.0),
        ("100 um^2/s", 6000.0), ("100 µm²/s", 6000.0), ("5e-9 cm^2/s", 5e-9 * 1e8 * 60),
        ("0.02 1/min", 0.02), ("0.02 /min", 0.02), ("0.02 min^-1", 0.02), ("36 1/hour", 0.6),
        ("60 molecules/min", 60.0), ("10 molecules/cell/s", 600.0),
        ("1 M", 0.602214076e9), ("1 nM", 0.602214076), ("1000 pM", 0.602214076), ("1 nmol/L", 0.602214076),
        ("1 pL", 1000.0), ("1 ml", 1e12), ("1 um^3", 1.0), ("38 mmHg", 38.0), ("7 kDa", 7000.0),
        ("50 %", 0.5), ("1e5 cells/mm^3", 1e-4), ("100 cells/mm^2", 1e-4), ("-3 um", -3.0), ("0 nM", 0.0),
    ],
)  # fmt: skip
def test_value_in_base_units(text, value):
    assert parse(text) == pytest.approx(value, rel=1e-14)  # a few roundings of the last digit


def test_mass_over_molar_mass_is_an_amount():
    # 17 ng/mL of a 17 kDa protein is 1 nM: 1e-9 g / 17000 g/mol * 17 / 1e-3 L
    assert parse("17 ng/mL") / parse("17 kDa") == pytest.approx(parse("1 nM"), rel=1e-12)


def test_a_quantity_remembers_its_text_and_survives_copies():
    quantity = parse(" 0.5 nM ")
    assert quantity.text == "0.5 nM" and quantity.dimension == dimension_of("nM")
    for twin in (copy.deepcopy(quantity), pickle.loads(pickle.dumps(quantity)), parse(quantity.text)):
        assert (float(twin), twin.text, twin.dimension) == (float(quantity), "0.5 nM", quantity.dimension)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("20 min", "um", "is a time; accepted is a length such as '20 um'"),
        ("20", "um", "has no unit; accepted is a length"),
        ("20 parsec", "um", "unknown unit 'parsec'"),
        ("20 Um", "um", "did you mean 'um'?"),
        ("20 mins", "min", "did you mean 'min'?"),
        ("twenty um", "um", "not a number with a unit"),
        ("", "um", "not a number with a unit"),
        ("nan um", "um", "not a number with a unit"),
        ("1e999 um", "um", "too large"),
        ("1e-40 um", "um", "too small"),
        ("1e-999 um", "um", "too small"),
        (None, "um", "not a number with a unit"),
        (["20 um"], "um", "not a number with a unit"),
        ("0.1 g", "nM", "is a mass; accepted is a concentration"),
    ],
)
def test_what_cannot_be_read_is_said(text, unit, words):
    with pytest.raises(UnitError) as caught:
        parse(text, unit)
    assert words in str(caught.value)


def test_further_dimensions_are_accepted_only_where_named():
    assert parse("38 mmHg", "nM", ("mmHg",)) == 38.0
    with pytest.raises(UnitError, match="partial pressure"):
        parse("38 mmHg", "nM")


@given(st.floats(min_value=1e-12, max_value=1e12), st.sampled_from(["um", "nM", "1/hour", "um^2/s", "kDa"]))
def test_units_there_and_back(number, unit):
    # one multiplication and one division: at most two roundings
    assert in_unit(parse(f"{number!r} {unit}"), unit) == pytest.approx(number, rel=5e-16)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        assert is_computable(parse(text))
    except UnitError as error:
        assert str(error).startswith("got ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3600.0, "3600"),
        (1.23456e-7, "1.235e-7"),
        (0.5, "0.5"),
        (123456.0, "123456"),
        (1e9, "1e9"),
        (pi, "3.142"),
    ],
)
def test_numbers_as_people_write_them(value, text):
    assert format_number(value) == text
