"""The sections of a report: what is said about population, ligands, ledger, scenario and run.

Each takes a `Material` and returns HTML, or nothing if there is nothing to say. Pictures are in
`output.gallery`, size and arrangement of the tumor in `output.shape`.
"""

from html import escape

import numpy as np
from pydantic import BaseModel

from autocrine_abm.measure.population import growth
from autocrine_abm.output import layout
from autocrine_abm.output.colors import CATEGORIES, PHASE_COLORS, hex_of, ramp
from autocrine_abm.output.markup import count, duration, note_of, number, side_by_side, table
from autocrine_abm.output.plots import Curve, curves, layers
from autocrine_abm.output.series import BLOOD_LEDGER, LEDGER
from autocrine_abm.scenario.derived import circulating

__all__ = ["facts", "ledger", "ligands", "parameters", "population", "summary"]

_WARNINGS = {
    "running": "This run is still going on; the report shows it as far as it has come.",
    "killed": "The process of this run ended without a word (a kill, a power cut); everything up to the last "
    "record is here.",
    "interrupted": "This run was interrupted; everything up to the last record is here.",
    "failed": "This run failed; everything up to the last record is here.",
}


def summary(material):
    """The tiles under the title, and a word of warning if the run did not reach its end."""
    run, series = material.run, material.series
    warning = ""
    if run.status in _WARNINGS:
        reason = f" <b>{escape(run.info['error'])}</b>" if "error" in run.info else ""
        warning = f'<p class="warning">{_WARNINGS[run.status]}{reason}</p>'
    if len(series) == 0:
        return warning
    first, last = series.iloc[0], series.iloc[-1]
    tiles = [
        ("simulated", duration(last["time"]), f"in {count(last['step'])} steps"),
        ("cells", count(last["cells"]), f"from {count(first['cells'])}"),
        ("births", count(last["births"]), ""),
        ("deaths", count(last["deaths"]), ""),
        (
            "wall time",
            _seconds(run.info.get("wall_time")),
            f"{run.info['threads']} thread{'s' * (run.info['threads'] > 1)}",
        ),
        ("seed", str(run.info["seed"]), ""),
    ]
    items = "".join(
        f"<div><dt>{name}</dt><dd>{value} <small>{more}</small></dd></div>" for name, value, more in tiles
    )
    return f'{warning}<dl class="tiles">{items}</dl>'


def _seconds(wall):
    return "–" if wall is None else f"{wall:.3g} s" if wall < 120 else duration(wall / 60)


def population(material):
    """Numbers of cells by type and phase, and how fast they grow."""
    series = material.series
    if len(series) < 2:
        return ""
    time, unit = material.time
    xlabel = f"time [{unit}]"
    several = len(material.types) > 1
    alive = [
        Curve(name, material.color_of(name), series[f"alive.{name}" if several else "alive"])
        for name in material.types
    ]
    dying = [Curve(name, color, series[name]) for name, color in PHASE_COLORS.items() if series[name].any()]
    plots = [layers(time, alive + dying, xlabel, "cells", "All cells")]
    positive = [
        Curve(line.name, line.color, np.where(line.values > 0, line.values, np.nan)) for line in alive
    ]
    if any(np.isfinite(line.values).sum() > 1 for line in positive):
        plots.append(curves(time, positive, xlabel, "cells", "Living cells, logarithmic", log=True))
    for tissue in material.tissues:
        column = f"{material.prefix(tissue)}occupied_fraction"
        if column in series:
            where = f" of {tissue}" if material.prefix(tissue) else ""
            lines = [Curve("occupied", CATEGORIES[0], series[column])]
            plots.append(curves(time, lines, xlabel, "fraction [-]", f"Occupied fraction{where}"))
    if len(material.tissues) > 1:
        lines = [
            Curve(tissue, CATEGORIES[place % 8], series[f"{tissue}.cells"])
            for place, tissue in enumerate(material.tissues)
        ]
        plots.append(curves(time, lines, xlabel, "cells", "Cells in each tissue"))
    rows = []
    end = series["time"].iloc[-1]
    for line in alive:
        for words, start in (("whole run", 0.0), ("last third", 2 * end / 3)):
            fit = growth(series["time"], line.values, start, end)
            if not abs(fit.rate) * end > 1e-9:  # nobody was born or died, or there are too few points
                rows.append((escape(line.name), words, "0" if fit.rate == fit.rate else "–", "–"))
                continue
            halves = "halves in " if fit.rate < 0 else ""
            rows.append(
                (escape(line.name), words, f"{number(fit.rate * 1440, 3)} ± {number(fit.spread * 1440, 2)}",
                 halves + duration(abs(fit.doubling_time)))
            )  # fmt: skip
    head = ("living cells", "fitted over", "net growth rate [1/day]", "doubling time")
    note = note_of(
        "Growth rate: slope of a straight line through the logarithm of the number of living cells."
    )
    return side_by_side(plots) + table(head, rows, words=(0, 1)) + note


def ligands(material):
    """Level of each ligand, and what cells sense of it."""
    series = material.series
    if not material.ligands or len(series) < 2:
        return ""
    time, unit = material.time
    plots = []
    for tissue in material.tissues:
        for place, ligand in enumerate(material.ligands):
            stem = f"{material.prefix(tissue)}{ligand}"
            dark, middle = hex_of(ramp(place)[200]), hex_of(ramp(place)[115])
            sensed = series[f"{stem}.sensed"].where(
                series["step"] > 0
            )  # at the start nothing has been sensed yet
            lines = [
                Curve("highest", middle, series[f"{stem}.max"], dashed=True),
                Curve("mean", middle, series[f"{stem}.mean"]),
                Curve("at the cells", dark, sensed),
            ]
            where = f" in {tissue}" if material.prefix(tissue) else ""
            plots.append(curves(time, lines, f"time [{unit}]", "concentration [nM]", f"{ligand}{where}"))
    for ligand in circulating(material.scenario):
        lines = [Curve("blood", hex_of(ramp(material.ligands.index(ligand))[200]), series[f"blood.{ligand}"])]
        plots.append(curves(time, lines, f"time [{unit}]", "concentration [nM]", f"{ligand} in the blood"))
    note = note_of("Mean and highest concentration over the tissue, and the mean of what the cells sense.")
    return side_by_side(plots) + note


def ledger(material):
    """Where the molecules of each ligand came from and went, and whether the sums agree."""
    series = material.series
    if not material.ligands or len(series) == 0:
        return ""
    rows = []
    last = series.iloc[-1]
    for ligand in material.ligands:
        values = [float(last[f"{ligand}.{term}"]) for term in LEDGER]
        turnover = max(map(abs, values[:-1]))
        share = abs(values[-1]) / turnover if turnover else 0.0
        rows.append((escape(ligand), *map(number, values), number(share)))
    head = ("molecules", *(term.replace("_", " ") for term in LEDGER), "imbalance / largest")
    note = note_of(
        "Since the start: initial + added + secreted = decayed + taken up + lost + present. "
        "Lost is what left through the walls or with exchanged medium; it is negative where more came in."
    )
    return table(head, rows) + note + _blood_ledger(material, last)


def _blood_ledger(material, last):
    """The same for the pools of blood, and for tissues and blood together."""
    rows = []
    for ligand in circulating(material.scenario):
        values = [float(last[f"blood.{ligand}.{term}"]) for term in BLOOD_LEDGER[:-1]]
        largest = max(
            [abs(float(last[f"{ligand}.{term}"])) for term in LEDGER[:-1]] + [abs(value) for value in values]
        )
        total = abs(float(last[f"{ligand}.total_imbalance"]))
        rows.append((escape(ligand), *map(number, values), number(total / largest if largest else 0.0)))
    if not rows:
        return ""
    head = (
        "molecules in the blood",
        "initial",
        "dosed",
        "eliminated",
        "passed on",
        "present",
        "total imbalance / largest",
    )
    note = note_of(
        "Since the start: initial + dosed = eliminated + passed on + present. Passed on is what vessels "
        "brought into "
        "tissues, net; the total imbalance is that of tissues and blood together."
    )
    return table(head, rows) + note


def parameters(material):
    """The scenario as tables, and as the file that runs it again."""
    scenario = material.scenario
    parts = []
    for group in type(scenario).model_fields:
        value = getattr(scenario, group)
        if isinstance(value, BaseModel):
            value = {group: value}
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            value = {str(place + 1): entry for place, entry in enumerate(value)}
        if isinstance(value, dict) and value:
            parts.append(_sheet(group, value))
    file = material.run.path / layout.SCENARIO
    text = escape(file.read_text(encoding="utf-8"))
    return "".join(parts) + f"<details><summary>The whole file</summary><pre>{text}</pre></details>"


def _sheet(group, entries):
    """Parameters of a group: a row per parameter that is not at rest, a column per entry."""
    rows = []
    first = next(iter(entries.values()))
    for name, field in type(first).model_fields.items():
        values = [getattr(entry, name) for entry in entries.values()]
        if any(values):  # what is zero, empty or not stated plays no part
            about = escape(field.description or "")
            rows.append((f"{escape(name)}", *(escape(_words(value)) for value in values), about))
    head = (escape(group), *map(escape, entries), "")
    if len(entries) == 1 and next(iter(entries)) == group:
        head = (escape(group), "", "")
    return table(head, rows, words=(0, len(head) - 1), kind_of="sheet")


def _words(value):
    """A parameter as its author wrote it."""
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in type(value).model_fields}
        return ", ".join(f"{name} {_words(entry)}" for name, entry in given.items() if entry is not None)
    if isinstance(value, tuple):
        return (" × " if value and hasattr(value[0], "text") else "; ").join(map(_words, value)) or "–"
    return "–" if value is None else getattr(value, "text", str(value))


def facts(material):
    """What ran where and when, and how to run it again."""
    info = material.run.info
    versions = ", ".join(f"{name} {version}" for name, version in info.get("versions", {}).items())
    rows = [
        ("status", material.run.status),
        ("started", info.get("started", "–")),
        ("finished", info.get("finished", "–")),
        ("machine", f"{info.get('host', '–')}: {info.get('machine', '–')}"),
        ("versions", versions),
        ("again", f"autocrine run {layout.SCENARIO} --seed {info['seed']}"),
    ]
    return table(("", ""), [tuple(map(escape, map(str, row))) for row in rows], words=(0, 1))
