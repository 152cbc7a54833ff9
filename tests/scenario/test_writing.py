"""TOML that people can read, and that gives every value back."""

import tomllib

from autocrine_abm.scenario import files, library
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.writing import write_toml


def test_whatever_there_is_comes_back():
    document = {
        "title": 'quotes " and \\ and a tab\t', "many": "two\nlines \"\"\" and \\ more\n",
        "carriage": "a\r\nb",
        "numbers": [1, -2, 0.1 + 0.2, 1e300, 5e-324, True], "texts": ["µ", "b, c"],
        "deep": {"a-b": {"c": {"x": 1.5, "y": "text"}, "d": {"more": {"z": 1}}}},
        "entries": [{"name": "one", "inner": [{"k": 1}, {"k": 2}]}, {"name": "two",
        "table": {"t": {"u": 3}}}, {"flag": False}],
        "odd key": {"with.dot": {"µ": 1}},
    }  # fmt: skip
    assert tomllib.loads(write_toml(document)) == document


def test_empty_lists_and_tables_are_left_out_but_not_empty_entries():
    text = write_toml({"a": [], "b": {}, "c": {"d": []}, "e": [{"f": []}, {}]})
    assert tomllib.loads(text) == {"c": {}, "e": [{}, {}]}


def test_a_table_below_is_not_taken_for_part_of_an_array_entry():
    document = {
        "cell": {"x": {"rule": [{"hill": 1.0}], "node": {"A": {"deep": {"tau": 1}}}}, "y": {"radius": "5 um"}}
    }
    assert tomllib.loads(write_toml(document)) == document


def test_scenarios_are_written_as_people_write_them():
    lines = files.to_toml(files.read("spheroid_3d")).split("\n")
    tables = [line for line in lines if line.startswith("[")]
    assert tables == [
        "[run]", "[tissue.spheroid]", "[ligand.oxygen]", "[cell.cancer]", "[[cell.cancer.takes_up]]",
        *["[[cell.cancer.rule]]"] * 3, "[[seed]]", "[record]",
    ]  # fmt: skip
    assert 'size = ["1 mm", "1 mm", "1 mm"]' in lines and 'boundary = { others = "fixed 50 mmHg" }' in lines
    order = [
        name
        for name in Scenario.model_fields
        if any(table.strip("[]").split(".")[0] == name for table in tables)
    ]
    assert list(dict.fromkeys(table.strip("[]").split(".")[0] for table in tables)) == order
    for name in library.names():
        text = files.to_toml(files.read(name))
        assert max(map(len, text[text.index("[run]") :].split("\n"))) <= 110
