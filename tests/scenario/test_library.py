"""The shipped scenarios are found, and each says what it is."""

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario import library


def test_the_shipped_scenarios_are_there():
    assert {"minimal", "spheroid_3d", "allee_glioblastoma"} <= set(library.names())
    assert all(library.path(name).is_file() for name in library.names())


def test_each_says_what_it_is():
    for name, group, title in library.summaries():
        assert name and group and 10 < len(title) < 90


def test_an_unknown_name_is_refused_with_a_suggestion():
    with pytest.raises(ScenarioError, match="did you mean 'spheroid_3d'"):
        library.path("spheroid")


def test_an_installed_package_looks_inside_itself_first(tmp_path, monkeypatch):
    package = tmp_path / "autocrine_abm"
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "beside.toml").touch()
    package.mkdir()
    monkeypatch.setattr(library, "_PACKAGE", package)
    assert library.names() == ["beside"]
    (package / "_scenarios").mkdir()
    (package / "_scenarios" / "inside.toml").touch()
    assert library.names() == ["inside"]
