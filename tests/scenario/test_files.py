"""Scenario files: read, written back without the loss of a bit, refused in one clear message."""

import json

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario import files, library


def _numbers(value):
    """All numbers of a scenario in hexadecimal, so that the last bit counts."""
    if hasattr(value, "model_fields_set"):
        value = vars(value)
    if isinstance(value, dict):
        return {key: _numbers(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_numbers(entry) for entry in value]
    return value.hex() if isinstance(value, float) else value


@pytest.mark.parametrize("name", library.names())
def test_the_resolved_copy_gives_the_same_numbers(name):
    scenario = files.read(name)
    text = files.to_toml(scenario)
    again = files.parse_text(text, folder=library.path(name).parent)
    assert again == scenario and _numbers(again) == _numbers(scenario)
    assert files.to_toml(again) == text


def test_the_resolved_copy_states_the_defaults():
    text = files.to_toml(files.read("minimal"))
    assert "threads = 1" in text and 'growth_rate = "0.0045 1/min"' in text


def test_numbers_that_are_hard_to_write_survive():
    changes = {
        "cell.cancer.rule.0.hill": 0.1 + 0.2,
        "ligand.growth_factor.decay": f"{1 / 3!r} 1/hour",
        "run.seed": 2**63 - 1,
        "title": 'quotes " and \\ and \u00b5 and\nlines',
    }
    scenario = files.read("minimal", changes)
    again = files.parse_text(files.to_toml(scenario))
    assert _numbers(again) == _numbers(scenario) and again.title == changes["title"]
    assert again.cell["cancer"].rule[0].hill == 0.1 + 0.2


def test_a_path_goes_before_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = library.path("minimal").read_text().replace("A few", "My few")
    (tmp_path / "minimal").write_text(text)
    assert files.read("minimal").title.startswith("My few")
    assert files.read(tmp_path / "minimal").title.startswith("My few")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file; shipped scenarios: "),
        (b"", "is empty; a scenario has the keys title"),
        (b"# nothing\n", "is empty"),
        (b"\x00\x01\x02", "is not text"),
        (b"\xff\xfe", "is not text"),
        (b"a = = 1", "broken.toml:1: not valid TOML"),
        (b"\n\ndecay = 0.02 1/min\n", "broken.toml:3: not valid TOML: Expected newline or end of document"),
        (b"x = [1,\n", "not valid TOML"),
        (b"a = " + b"[" * 5000, "brackets are nested too deeply"),
        (b"a = 1\na = 2\n", "broken.toml:2: not valid TOML: Cannot overwrite a value"),
        (b"x = " + b"9" * 5000, "not valid TOML"),
    ],
)
def test_files_that_are_no_scenarios(tmp_path, monkeypatch, content, words):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "broken.toml").write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        files.read("broken.toml")
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).startswith("broken.toml")


def test_an_unquoted_quantity_gets_the_right_hint():
    with pytest.raises(ScenarioError, match="is text in quotes"):
        files.parse_text("decay = 0.02 1/min", "a.toml")


def test_a_folder_is_not_a_scenario(tmp_path):
    (tmp_path / "mine.toml").touch()
    with pytest.raises(ScenarioError, match=r"is a folder; .* it holds mine\.toml"):
        files.read(tmp_path)


@pytest.mark.parametrize("name", ["minmal", "MINIMAL", "a\0b", "x" * 5000, ""])
def test_an_unknown_name_lists_the_known(name):
    with pytest.raises(ScenarioError, match="shipped scenarios: .*minimal"):
        files.read(name)


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path):
    text = library.path("minimal").read_text()
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert files.read(path).run == files.read("minimal").run


def test_csv_files_are_looked_for_beside_the_scenario(tmp_path):
    text = library.path("minimal").read_text()
    head = text[: text.index("[[seed]]")]
    path = tmp_path / "mine.toml"
    path.write_text(head + '[[seed]]\npattern = "file"\nfile = "cells.csv"\n')
    with pytest.raises(ScenarioError, match=r"seed\.0\.file: .*cells\.csv: cannot be read"):
        files.read(path)
    (tmp_path / "cells.csv").write_text("x,y,z,cell\n1,2,3,canser\n")
    with pytest.raises(ScenarioError, match=r"no cell type is called 'canser'; .*did you mean 'cancer'"):
        files.read(path)
    (tmp_path / "cells.csv").write_text("x,y,z,cell\n1,2,3,cancer\n")
    assert files.read(path).seed[0].file == "cells.csv"


def test_the_schema_is_json_and_knows_every_key():
    schema = json.loads(json.dumps(files.json_schema()))
    assert set(schema["properties"]) == set(type(files.read("minimal")).model_fields)
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_the_schema_lets_short_forms_pass():
    definitions = files.json_schema()["$defs"]
    assert definitions["Boundary"]["anyOf"][0]["type"] == "string"
    assert definitions["Domain"]["properties"]["spacing"]["anyOf"][0]["unit"] == "um"
