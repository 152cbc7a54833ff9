"""Analyze a sweep: this is the front door of `analysis`; the command ``autocrine analyze`` calls it.

Each part takes a `Study`, writes its numbers as CSV, and returns HTML, or nothing where it has nothing to say.
"""

from html import escape
from pathlib import Path

from autocrine_abm import __version__
from autocrine_abm.analysis import doses as dosing
from autocrine_abm.analysis import sections
from autocrine_abm.analysis.study import Study
from autocrine_abm.output.layout import replacing
from autocrine_abm.output.markup import count
from autocrine_abm.output.page import page_of, paragraphs, tiles

__all__ = ["analyze"]


def analyze(folder, measures=(), time=None, contour=None, doses=(), level=0.95, out=None):
    """Write a page and tables about a sweep, finished or not.

    Parameters
    ----------
    folder : path
        Of the sweep.
    measures : iterable of str
        Columns of its table, or questions such as ``"alive > 100"`` and ``"alive > 0.5 start"`` (half of what the run
        started with); default those of the table [sweep], or else living cells, survival where some tumor dies out, and
        origins of signals where they are recorded.
    time : str, optional
        Such as ``"2 day"``; the record nearest to it is looked at, default that of the table [sweep], or else the last.
    contour : float, optional
        Value at which maps have a line; default 0.5 for shares.
    doses : iterable of str
        Varied paths that are doses; default those of the table [sweep].
    level : float
        Of confidence.
    out : path, optional
        Folder to write to; default ``analysis`` in that of the sweep.

    Returns
    -------
    Path
        ``report.html``.

    Raises
    ------
    AutocrineError
        If the folder is no sweep, has no finished runs, or something named is not in it.
    """
    study = Study(folder, tuple(measures), time, contour, tuple(doses), level)
    out = Path(folder) / "analysis" if out is None else Path(out)
    out.mkdir(parents=True, exist_ok=True)
    written = []

    def keep(name, table):
        with replacing(out / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False)
        written.append(name)

    parts = [
        (heading, section(study, keep))
        for heading, section in (
            ("Maps", sections.maps), ("Response", sections.responses), ("Over time", sections.courses),
            ("Dose response", dosing.single), ("Combination", dosing.combined), ("Sensitivity", sections.sensitivities),
            ("Numbers", sections.numbers),
        )
    ]  # fmt: skip
    info, scenario = study.folder.info, study.folder.scenario
    failed = info.get("failed", 0)
    warning = "" if info["status"] == "done" else '<p class="warning">The sweep is not finished; this is what there is.</p>'
    opening = paragraphs(scenario.question) + warning + tiles([
        ("runs", count(study.final["run"].nunique()), f"of {count(info['runs'])}" + (f", {failed} failed" if failed else "")),
        ("points", count(study.final["point"].nunique()), escape(study.sweep.design)),
        ("replicates", count(study.sweep.replicates), "paired" if study.sweep.paired else ""),
        ("varied", count(len(study.parameters)), ""),
        ("looked at", escape(study.when), ""),
        ("confidence", f"{100 * level:g} %", ""),
    ])  # fmt: skip
    page = page_of("Analysis of a sweep", scenario.title, opening, parts, study.folder.path.resolve().name, __version__)
    path = out / "report.html"
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path
