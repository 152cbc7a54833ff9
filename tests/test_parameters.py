"""The base of the parameter classes: strict about names and units, frozen, fed with quantities as text."""

import pytest
from pydantic import ValidationError

from autocrine_abm.parameters import (
    Concentration,
    Fraction,
    Parameters,
    Position,
    PositiveLength,
    Rate,
)


class Sheet(Parameters):
    edge: PositiveLength
    rate: Rate = "0.5 1/hour"
    corner: Position = "-5 um"
    share: Fraction = 0.5
    dose: Concentration = "1 nM"


def test_text_becomes_a_quantity_in_base_units():
    sheet = Sheet(edge="2 mm")
    assert sheet.edge == 2000.0 and sheet.edge.text == "2 mm"
    assert sheet.rate == pytest.approx(0.5 / 60, rel=1e-15) and sheet.corner == -5.0


def test_defaults_are_checked_too():
    class Wrong(Parameters):
        rate: Rate = "1 um"

    with pytest.raises(ValidationError, match="is a length"):
        Wrong()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"edge": 20}, "has no unit"),
        ({"edge": 20.5}, "has no unit"),
        ({"edge": True}, "got true"),
        ({"edge": 10**5000}, "a very long number"),
        ({"edge": "0 um"}, "above 0"),
        ({"edge": "-1 um"}, "above 0"),
        ({"edge": "1 um", "rate": "-1 1/min"}, "0 or more"),
        ({"edge": "1 um", "share": 1.5}, "less than or equal to 1"),
        ({"edge": "1 um", "share": "0.5"}, "valid number"),
        ({"edge": "1 um", "share": True}, "valid number"),
        ({"edge": "1 um", "dose": "1 um"}, "a concentration"),
        ({"edge": "1 um", "egde": "2 um"}, "Extra inputs"),
    ],
)
def test_what_does_not_fit_is_refused(values, words):
    with pytest.raises(ValidationError) as caught:
        Sheet(**values)
    assert words in str(caught.value)


def test_a_sheet_is_frozen():
    sheet = Sheet(edge="1 um")
    with pytest.raises(ValidationError, match="frozen"):
        sheet.edge = "2 um"


def test_dumped_and_read_again_it_is_the_same_to_the_last_bit():
    sheet = Sheet(edge="0.1 mm", rate="0.1 1/hour", dose="3 ng/mL", share=1 / 3)
    dumped = sheet.model_dump()
    assert dumped == {
        "edge": "0.1 mm",
        "rate": "0.1 1/hour",
        "corner": "-5 um",
        "share": 1 / 3,
        "dose": "3 ng/mL",
    }
    again = Sheet(**dumped)
    assert [float(v).hex() for v in vars(again).values()] == [float(v).hex() for v in vars(sheet).values()]


def test_the_schema_tells_editors_units_and_examples():
    properties = Sheet.model_json_schema()["properties"]
    assert properties["edge"]["unit"] == "um" and properties["edge"]["examples"] == ["20 um"]
