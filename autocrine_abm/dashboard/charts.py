"""Numbers over time, laid out as charts: what is drawn with what, in which unit and color. The page draws them.

With two models every line comes twice, the second one dashed.
"""

import numpy as np

from autocrine_abm.cells.columns import PHASE_NAMES
from autocrine_abm.dashboard.snapshot import level_unit
from autocrine_abm.output.colors import CATEGORIES, PHASE_COLORS, hex_of, scale

__all__ = ["charts", "matrix"]

_POINTS = 300  # of a line; more than a chart has pixels to show
_SHARES = {"autocrine": CATEGORIES[0], "paracrine": CATEGORIES[1], "endocrine": CATEGORIES[3], "boundary": "#9aa3ab"}
_UNITS = (("min", 1.0, 180), ("hour", 60.0, 36 * 60), ("day", 1440.0, np.inf))


def charts(worlds):
    """All charts of some models that share a clock.

    Parameters
    ----------
    worlds : sequence of Live or Recording

    Returns
    -------
    list of dict
        ``id``, ``title``, ``unit``, ``time`` (unit of time), ``lines`` (list of ``name``, ``color``, ``dashed``, ``x``, ``y``),
        ``stacked`` and ``tab``; charts without lines are left out. Numbers have five digits, None where there is none.
    """
    last = max((world.history.table.time[-1] for world in worlds if world.history.table.time), default=0.0)
    unit, length, _ = next(entry for entry in _UNITS if last <= entry[2])
    spec, several = worlds[0].spec, len(worlds[0].spec.tissue) > 1
    types, tissues, ligands = list(spec.cell), list(spec.tissue), list(spec.ligand)

    def at(tissue):
        return f" · {tissue}" if several else ""

    def of_type(n, name, column):
        return _Line(name, CATEGORIES[n % len(CATEGORIES)], column)

    found = [
        _chart("population", "Cells by type", "cells", "Cells", [
            of_type(n, name, _total([f"cells.{name}.{phase}" for phase in PHASE_NAMES])) for n, name in enumerate(types)
        ]),
        _chart("phases", "Cells by state", "cells", "Cells", [
            _Line(phase, PHASE_COLORS.get(phase, CATEGORIES[2]), _total([f"cells.{name}.{phase}" for name in types]))
            for phase in PHASE_NAMES
        ]),
        _chart("growth", "Net growth rate of living cells", "1/day", "Cells", [
            of_type(n, name, lambda table, name=name: _growth(table, f"cells.{name}.alive")) for n, name in enumerate(types)
        ], signed=True),
    ]  # fmt: skip
    for n, ligand in enumerate(ligands):
        shades, (level, factor) = scale(("sea", "ember", "moss", "plum")[n % 4]), level_unit(spec.ligand[ligand])
        lines = []
        for k, tissue in enumerate(tissues):
            pairs = (("tissue mean", "mean", 150 - 40 * (k % 2)), ("at the cells", "sensed", 250 - 40 * (k % 2)))
            for name, column, shade in pairs:
                color = hex_of(shades[shade])
                lines.append(_Line(f"{name}{at(tissue)}", color, _total([f"{column}.{ligand}@{tissue}"], factor)))
        lines.append(_Line("blood", CATEGORIES[4], _total([f"blood.{ligand}"], factor)))
        found.append(_chart(f"ligand.{ligand}", ligand, level, "Ligands", lines))
    nodes = list(dict.fromkeys(node for own in spec.cell.values() for node in own.node))
    for tissue in tissues if nodes else ():
        lines = [of_type(n, node, _total([f"node.{node}@{tissue}"])) for n, node in enumerate(nodes)]
        found.append(_chart(f"nodes.{tissue}", f"Pathway nodes, mean{at(tissue)}", "activity", "Nodes", lines))
    ready = [_drawn(chart, [_table_of(chart, world.history) for world in worlds], length, unit) for chart in found]
    for ligand in ligands:
        for tissue in tissues:
            for number, world in enumerate(worlds):
                lines = [_Line(label, color, _total([f"{label}.{ligand}@{tissue}"])) for label, color in _SHARES.items()]
                title = f"Origins of captured {ligand}{at(tissue)}" + (f" · {'AB'[number]}" if len(worlds) > 1 else "")
                chart = _chart(f"shares.{ligand}.{tissue}.{number}", title, "share", "Signals", lines, stacked=True)
                drawn = _drawn(chart, [world.history.signals], length, unit)
                if [line["name"] for line in drawn["lines"]] != ["boundary"]:  # which would be an empty statement
                    ready.append(drawn)
    return [chart for chart in ready if chart["lines"]]


def _table_of(chart, history):
    """Where its numbers are: a recording has those of nodes at the times of its cells."""
    return getattr(history, "nodes", history.table) if chart["tab"] == "Nodes" else history.table


def _total(columns, factor=1.0):
    """Function that sums columns of a table."""
    return lambda table: factor * sum(table.column(column) for column in columns)


class _Line:
    def __init__(self, name, color, values):
        self.name, self.color, self.values = name, color, values


def _chart(name, title, unit, tab, lines, stacked=False, signed=False):
    return {"id": name, "title": title, "unit": unit, "tab": tab, "lines": lines, "stacked": stacked, "signed": signed}


def _growth(table, column):
    """Slope of the logarithm of a number over about a twentieth of what is there [1/day]; nan where it was 0."""
    time, number = np.array(table.time), table.column(column)
    if len(time) < 3:
        return np.full(len(time), np.nan)
    reach = max(1, len(time) // 40)
    early, late = np.maximum(np.arange(len(time)) - reach, 0), np.minimum(np.arange(len(time)) + reach, len(time) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (np.log(number[late]) - np.log(number[early])) / (time[late] - time[early]) * 1440.0
    return np.where(np.isfinite(slope), slope, np.nan)


def _drawn(chart, tables, length, unit):
    """A chart with its numbers; lines without any are left out, and so are flat zeros among several lines."""
    lines = []
    for number, table in enumerate(tables):
        if not table.time:
            continue
        picked = np.unique(np.linspace(0, len(table.time) - 1, min(_POINTS, len(table.time))).round().astype(int))
        x = np.array(table.time)[picked] / length
        for line in chart["lines"]:
            values = np.asarray(line.values(table), float)
            if not np.isfinite(values).any():
                continue
            name = f"{line.name} · {'AB'[number]}" if len(tables) > 1 else line.name
            lines.append({
                "name": name, "color": line.color, "dashed": number > 0, "x": [_short(v) for v in x],
                "y": [_short(v) for v in values[picked]],
            })  # fmt: skip
    if len(lines) > 2:
        lines = [line for line in lines if any(line["y"])] or lines[:1]
    return chart | {"time": unit, "lines": lines}


def _short(value):
    return float(f"{value:.5g}") if np.isfinite(value) else None


def matrix(world):
    """Who signals to whom, as last traced: a table per ligand and tissue, with senders as rows and receivers as columns.

    Returns
    -------
    list of dict
        ``ligand``, ``tissue``, ``senders``, ``receivers``, ``rates`` [molecules/min] and ``own``, the part of them that cells
        captured of their own.
    """
    groups = {}
    for row in world.history.matrices:
        groups.setdefault((row["ligand"], row["tissue"]), []).append(row)
    found = []
    for (ligand, tissue), rows in groups.items():
        senders, receivers = (list(dict.fromkeys(row[key] for row in rows)) for key in ("sender", "receiver"))
        rates, own = np.zeros((2, len(senders), len(receivers)))
        for row in rows:
            place = senders.index(row["sender"]), receivers.index(row["receiver"])
            rates[place], own[place] = row["rate"], row["own"]
        if not rates.any():
            continue
        used = rates.any(axis=1)
        found.append({
            "ligand": ligand, "tissue": tissue, "senders": [s for s, u in zip(senders, used) if u], "receivers": receivers,
            "rates": [[_short(v) for v in line] for line in rates[used]],
            "own": [[_short(v) for v in line] for line in own[used]],
        })  # fmt: skip
    return found
