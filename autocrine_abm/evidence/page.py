"""The page of results: what was published, what was simulated, and what each arm did to cells and signals."""

from html import escape
from importlib import resources
from pathlib import Path

import numpy as np

from autocrine_abm import __version__
from autocrine_abm.measure.signaling import HEADLINES
from autocrine_abm.output.colors import CATEGORIES
from autocrine_abm.output.layout import replacing
from autocrine_abm.output.markup import note_of, number, side_by_side, table
from autocrine_abm.output.plots import Curve, curves, time_axis
from autocrine_abm.scenario.files import read

__all__ = ["PAGE", "write_page"]

PAGE = "index.html"


def write_page(folder, found):
    """Write ``index.html``, one file that refers to nothing outside itself.

    Parameters
    ----------
    folder : path
    found : dict of str to Findings
        From `evidence.checks.verify`.

    Returns
    -------
    Path
    """
    style = resources.files("autocrine_abm.output").joinpath("report.css").read_text(encoding="utf-8")
    checks = [check for findings in found.values() for check in findings.checks]
    right = sum(check.verdict for check in checks)
    links = "".join(
        f'<a href="#{name}">{name}{"" if all(check.verdict for check in findings.checks) else " ✗"}</a>'
        for name, findings in found.items()
    )
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Published results</title><style>{style}</style></head><body><main>"
        f'<header><div class="kind">Evidence</div><h1>{right} of {len(checks)} results reproduced</h1>'
        f"<nav>{links}</nav></header>{''.join(_system(name, findings) for name, findings in found.items())}"
        f"<footer>Written by autocrine_abm {escape(__version__)}.</footer></main></body></html>\n"
    )
    path = Path(folder) / PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _system(name, findings):
    spec = read(name)
    parts = [" ".join(part.split()) for part in spec.question.strip().split("\n\n")]
    question = "".join(f"<p>{escape(part)}</p>" for part in parts if part)
    rows = [
        ("✓" if c.verdict else "<b>✗ fails</b>", *map(escape, (c.result, c.published, c.simulated, c.tolerance)))
        for c in findings.checks
    ]
    sources = "; ".join(dict.fromkeys(check.source for check in findings.checks))
    return (
        f'<section id="{name}"><h2>{escape(spec.title)}</h2>'
        f"<details><summary>Question and sources</summary>{question}</details>"
        + table(("", "result", "published", "simulated", "tolerance"), rows, words=(0, 1, 2, 3, 4))
        + note_of(f"{escape(sources)}. {findings.seconds:.0f} s.")
        + (_arms(spec, findings.comparison) if findings.comparison is not None else "")
        + "</section>"
    )


def _arms(spec, comparison):
    """Cells and nodes over time in every arm, and where its signals came from."""
    courses, arms = comparison.courses, list(comparison.titles)
    measures = [f"alive.{name}" for name in spec.cell if courses[f"alive.{name}"].max() > 0]
    measures += [f"{name}.{node}" for name, cell in spec.cell.items() for node in cell.node]
    measures += [f"{ligand}.mean" for ligand in _released(comparison.shares) if f"{ligand}.mean" in courses]
    plots = [plot for measure in measures if (plot := _course(courses, arms, measure))]
    legend = "; ".join(f"{escape(arm)}: {escape(title)}" for arm, title in comparison.titles.items())
    return side_by_side(plots) + note_of(f"Means over seeds. {legend}.") + _shares(comparison)


def _course(courses, arms, measure):
    """Mean over seeds of one measure in every arm, an ``<svg>`` element; nothing where it never changes."""
    means = courses.groupby(["arm", "time"], sort=True)[measure].mean()
    if means.nunique() < 2:
        return ""
    time = np.unique(courses["time"].to_numpy(float))
    shown, unit = time_axis(time)
    lines = [
        Curve(arm, CATEGORIES[place % len(CATEGORIES)], means[arm].reindex(time).to_numpy(float))
        for place, arm in enumerate(arms)
    ]
    kind, _, what = measure.partition(".")
    title, label = f"{what} in {kind} cells", "mean activity"
    if kind == "alive":
        title, label = f"{what} cells", "living cells"
    elif what == "mean":
        title, label = f"{kind} in the tissue", "mean concentration [nM]"
    return curves(np.asarray(shown), lines, f"time [{unit}]", label, title)


def _released(shares):
    """Ligands that cells released, themselves or in another tissue."""
    if shares.empty:
        return []
    from_cells = shares[list(HEADLINES)[:3]].sum(axis=1)
    return list(dict.fromkeys(shares["ligand"][from_cells > 0]))


def _shares(comparison):
    """Headline shares at the last look, mean over seeds, a row per arm, ligand and tissue."""
    shares = comparison.shares[comparison.shares["ligand"].isin(_released(comparison.shares))]
    last = shares.groupby(["arm", "seed", "tissue", "ligand"], sort=False).last().reset_index()
    means = last.groupby(["ligand", "tissue", "arm"], sort=False)[["captured", *HEADLINES, "mean_distance"]].mean()
    several = last["tissue"].nunique() > 1
    rows = []
    for (ligand, tissue), part in means.groupby(level=[0, 1], sort=False):
        for arm in comparison.titles:
            if (ligand, tissue, arm) in part.index:
                row = part.loc[(ligand, tissue, arm)]
                place = f"{ligand} in {tissue}" if several else ligand
                shares = ("–" if row[label] != row[label] else f"{100 * row[label]:.1f}" for label in HEADLINES)
                rows.append((escape(place), escape(arm), number(row["captured"]), *shares, number(row["mean_distance"], 3)))
    if not rows:
        return ""
    head = ("signal", "arm", "captured [1/min]", *(f"{label} [%]" for label in HEADLINES), "mean distance ≤ [µm]")
    note = "At the end, mean over seeds: molecules that cells captured (sensed, where none are), by where they came from."
    return "<h3>Where signals came from</h3>" + table(head, rows, words=(1,)) + note_of(note)
