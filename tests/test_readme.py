"""What the front page tells people to write works as it stands there."""

import re
from pathlib import Path

from autocrine_abm.scenario import library
from autocrine_abm.scenario.files import parse_text

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_runs(capsys):
    shared = {}
    for block in blocks("python"):
        exec(block, shared)  # noqa: S102
    assert shared["model"].clock.step == 100 and capsys.readouterr().out


def test_the_scenario_parts_make_a_scenario():
    parts = "\n".join(blocks("toml"))
    frame = """
        title = "from the front page"
        [run]
        duration = "1 day"
        [tissue.dish]
        size = ["400 um", "400 um", "20 um"]
        spacing = "20 um"
    """
    spec = parse_text(frame + parts)
    assert list(spec.ligand) == ["IL6"] and list(spec.cell) == ["stroma"]


def test_pictures_and_commands_are_there():
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (Path(__file__).parent.parent / picture).is_file()
    makefile = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE):
        assert f"\n{target}:" in makefile


def test_every_scenario_of_the_table_is_shipped_and_has_its_picture():
    named = re.findall(r'<img src="docs/scenarios/(\w+)\.png"[^|]*\| \*\*(\w+)\*\*', README)
    assert len(named) >= 14
    for picture, name in named:
        assert picture == name and name in library.names()
        assert (Path(__file__).parent.parent / "docs" / "scenarios" / f"{name}.png").is_file()
