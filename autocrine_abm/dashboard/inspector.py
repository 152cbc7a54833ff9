"""Everything about one cell, in words and numbers that a page can lay out."""

import math

import numpy as np

from autocrine_abm.cells.columns import COLUMNS, PHASE_NAMES
from autocrine_abm.dashboard.snapshot import NANOMOLAR, level_unit
from autocrine_abm.scenario.derived import in_words
from autocrine_abm.units import format_number

__all__ = ["describe_cell", "in_print", "readable"]

_IN_THE_HEAD = ("cell_id", "parent_id", "clone_id", "cell_type", "phase", "birth_time")
_HEADINGS = {
    "ligand": "Ligands", "traced": "Where its signals come from", "receptor": "Receptors", "node": "Pathway nodes",
    "trait": "Traits", "cycle": "Cell cycle", "attractant": "Chemotaxis",
}  # fmt: skip


def readable(value, unit, ligand=None):
    """A number in base units, or in nM, as text with the unit that people use; for some ligands that is mmHg.

    >>> readable(0.602214076, "molecules/um^3"), readable(0.01, "1/min"), readable(float("nan"), "")
    ('1 nM', '0.6 1/hour', '–')
    """
    value = float(value)
    if not math.isfinite(value):
        return "–"
    if unit == "molecules/um^3":
        value, unit = value / NANOMOLAR, "nM"
    if unit == "nM" and ligand is not None:
        level, factor = level_unit(ligand)
        value, unit = value * factor, level
    elif unit == "1/min":
        value, unit = value * 60, "1/hour"
    return f"{format_number(value)} {in_print(unit)}".strip()


def in_print(unit):
    """A unit as people print it: ``"µm³/min"`` for ``"um^3/min"``."""
    return unit.replace("um", "µm").replace("^2", "²").replace("^3", "³")


def describe_cell(model, cell_id, lineage):
    """A cell as a page shows it.

    Parameters
    ----------
    model : TumorModel
    cell_id : int
    lineage : Lineage

    Returns
    -------
    dict or None
        ``title``, ``facts`` and ``sections``, lists of (label, text, meaning); ``tables`` with ``columns`` and ``rows``;
        ``lineage``. None if the cell is not there.
    """
    for tissue in model.tissues.values():
        row = int(tissue.cells.rows_of(np.array([cell_id]))[0])
        if row >= 0:
            break
    else:
        return None
    cells, now = tissue.cells, model.clock.time
    type_name = cells.type_names[cells.cell_type[row]]
    phase = PHASE_NAMES[cells.phase[row]]
    facts = [
        ["Phase", phase, COLUMNS["phase"].meaning], ["Age", in_words(now - cells.birth_time[row]), "time since its birth"],
        ["Clone", str(cells.clone_id[row]), COLUMNS["clone_id"].meaning],
    ]  # fmt: skip
    if len(model.tissues) > 1:
        facts.append(["Tissue", tissue.name, ""])
    if cells.cycle_phases:
        facts.append(["Cycle", cells.cycle_phases[cells.cycle_phase[row]], COLUMNS["cycle_phase"].meaning])
    state = []
    for column in COLUMNS.values():
        if column.name in _IN_THE_HEAD or column.name == "cycle_phase":
            continue
        if column.shape == "":
            state.append([column.name.replace("_", " "), readable(cells[column.name][row], column.unit), column.meaning])
        elif column.shape == "xyz":
            place = ", ".join(format_number(float(part)) for part in cells[column.name][row])
            state.insert(0, [column.name, f"{place} µm", column.meaning])
    tables = [_table(cells, row, shape, heading, model.spec.ligand) for shape, heading in _HEADINGS.items()]
    chain, daughters = lineage.of(cell_id)
    alive = sum(
        int(np.count_nonzero((t.cells.clone_id == cells.clone_id[row]) & (t.cells.phase == 0))) for t in model.tissues.values()
    )
    return {
        "id": int(cell_id), "title": f"{type_name} {cell_id}", "type": type_name, "phase": phase,
        "facts": facts, "state": state, "tables": [table for table in tables if table],
        "lineage": {
            "mothers": [[mother, f"born {in_words(birth)}"] for mother, birth in chain],
            "daughters": [[daughter, in_words(birth)] for daughter, birth in daughters],
            "clone": f"{alive:,} living cell{'s' if alive != 1 else ''} in its clone",
        },
    }  # fmt: skip


def _table(cells, row, shape, heading, ligands):
    """One row per ligand (receptor, node …), one column per property of it."""
    names = cells.names.get(shape, ())
    columns = [column for column in COLUMNS.values() if column.shape == shape]
    if not names or not columns or (shape == "traced" and np.isnan(cells[columns[0].name][row]).all()):
        return None
    rows = [
        [name, *(readable(cells[column.name][row, place], column.unit, ligands.get(name)) for column in columns)]
        for place, name in enumerate(names)
    ]
    labels = [column.name.replace("share_", "").replace("_", " ") for column in columns]
    return {"title": heading, "columns": labels, "meanings": [column.meaning for column in columns], "rows": rows}
