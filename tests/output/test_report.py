import re
from html.parser import HTMLParser

import numpy as np
import pytest
from output.stand_in import scenario
from output.test_readers import recorded

from autocrine_abm.errors import RunFolderError
from autocrine_abm.output import layout, report
from autocrine_abm.output.markup import count, duration, number
from autocrine_abm.output.plots import Curve, curves, time_axis
from autocrine_abm.output.report import write_report

_VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Headings, pictures, plots and references of a page; complains about elements that do not nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.references, self.images, self.plots, self.text = [], [], [], 0, 0, []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in _VOID:
            self.open.append(tag)
        self.images += tag == "img"
        self.plots += tag == "svg"
        self.references += [value for name, value in attributes if name in ("src", "href", "xlink:href")]

    def handle_startendtag(self, tag, attributes):
        self.references += [value for name, value in attributes if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)
        self.text.append(data)


def page_of(folder):
    return Page(write_report(folder).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("parts", "images"),
    [
        ({"depth": 1}, 2 * 3),  # two ligands at three times
        ({"depth": 5}, 3 + 2 * 3),  # three views, two ligands along three axes
        ({"depth": 1, "space": "lattice"}, 2 * 3),
        ({"depth": 1, "tissues": 2}, 2 * 2 * 3),
        (
            {"depth": 5, "ligand": {}, "cell": {"cancer": {"radius": "6 um"}, "stroma": {"radius": "8 um"}}},
            3 + 3,
        ),
    ],
)
def test_a_report_is_whole_and_stands_alone(tmp_path, parts, images):
    recorded(tmp_path, scenario(**parts))
    page = page_of(tmp_path)
    for heading in ("Population", "Tissue", "Space", "Scenario", "Run"):
        assert heading in page.headings
    assert ("Ligands" in page.headings) == ("Ledger" in page.headings) == ("ligand" not in parts)
    assert page.images == images and page.plots >= 3
    assert [r for r in page.references if not r.startswith(("data:", "#"))] == []
    text = (tmp_path / layout.REPORT).read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?https?:|@import|url\(\s*[\"']?http", text)


def test_the_same_run_gives_the_same_report(tmp_path):
    recorded(tmp_path, scenario(depth=1))
    first = write_report(tmp_path).read_bytes()
    assert write_report(tmp_path).read_bytes() == first


def test_names_from_the_scenario_cannot_break_the_page(tmp_path):
    recorded(
        tmp_path, scenario(depth=1, title="a < b & <script>alert(1)</script>", question='"quotes" & </p><b>')
    )
    text = write_report(tmp_path).read_text(encoding="utf-8")
    assert "<script" not in text and "a &lt; b &amp; &lt;script&gt;" in text


@pytest.mark.parametrize("steps", [0, 1])
def test_a_run_that_has_hardly_begun_has_a_report(tmp_path, steps):
    recorded(tmp_path, scenario(), steps=steps)
    assert "Tissue" in page_of(tmp_path).headings


def test_a_run_without_any_record_has_a_report(tmp_path):
    recorded(tmp_path, scenario(), steps=0)
    for name in (layout.SERIES, *(f"cells/{path.name}" for path in (tmp_path / "cells").iterdir())):
        (tmp_path / name).unlink()
    assert page_of(tmp_path).headings == ["Scenario", "Run"]


def test_a_failed_run_says_why(tmp_path):
    recorded(tmp_path, scenario(depth=1))
    info = layout.read_info(tmp_path) | {"status": "failed", "error": "ValueError: <no>"}
    layout.write_info(tmp_path, info)
    assert "ValueError: &lt;no&gt;" in write_report(tmp_path).read_text(encoding="utf-8")


def test_a_new_section_needs_only_a_function(tmp_path, monkeypatch):
    recorded(tmp_path, scenario(depth=1))
    extra = [
        ("Clones", lambda material: f"<p>{len(material.types)} types</p>"),
        ("Silent", lambda material: None),
    ]
    monkeypatch.setattr(report, "SECTIONS", [*report.SECTIONS, *extra])
    page = page_of(tmp_path)
    assert page.headings[-1] == "Clones" and "2 types" in page.text


def test_no_run_no_report(tmp_path):
    with pytest.raises(RunFolderError, match="has no run.json"):
        write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_plots_follow_the_colors_of_the_page():
    text = curves(np.arange(5.0), [Curve("a", "#0072B2", np.arange(5.0))], "time [day]", "cells", "Cells")
    assert "var(--ink)" in text and "#0072b2" in text
    assert not {"#010203", "#040506", "#070809"} & set(re.findall(r"#[0-9a-f]{6}", text))


def test_small_and_large_numbers_are_scaled_in_the_label():
    tiny = curves(np.arange(3.0), [Curve("a", "#0072B2", [0, 2e-4, 6e-4])], "x", "concentration [nM]", "a")
    assert "concentration [10⁻⁶ nM]" in tiny and ">600<" in tiny
    share = curves(np.arange(3.0), [Curve("a", "#0072B2", [0, 2e-4, 6e-4])], "x", "share [-]", "a")
    assert "share [10⁻⁶]" in share


def test_names_at_line_ends_keep_apart():
    lines = [Curve(name, "#0072B2", [0.0, 1.0]) for name in ("one", "two", "three")]
    text = curves(np.arange(2.0), lines, "x", "y", "ends")
    heights = []
    for name in ("one", "two", "three"):
        position = re.search(rf"<text[^>]*?(?:translate\(|y=\")[^>]*>{name}</text>", text)[0]
        heights.append(float(re.search(r'y="([-\d.]+)"', position)[1]))
    gaps = np.abs(np.diff(sorted(heights)))
    assert (gaps > 9).all()  # points; the font is 9 high


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (12.5, "12.5"), (0.00123456, "0.001235"), (1234567.0, "1.235 × 10⁶"),
     (-2.5e-7, "−2.5 × 10⁻⁷"),      (12345.6, "12\u2009350"), (float("nan"), "–")],
)  # fmt: skip
def test_numbers_read_well(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(30, "30 min"), (120, "2 hours"), (2880, "2 days"), (3600, "2.5 days"), (float("inf"), "–")],
)
def test_durations_read_well(minutes, text):
    assert duration(minutes) == text


def test_counts_have_thin_spaces():
    assert count(1234567) == "1\u2009234\u2009567"


def test_time_axis_takes_a_fitting_unit():
    assert (
        time_axis([0, 90])[1] == "min"
        and time_axis([0, 1440])[1] == "hour"
        and time_axis([0, 7200])[1] == "day"
    )
    assert time_axis([0, 7200])[0].tolist() == [0.0, 5.0]
