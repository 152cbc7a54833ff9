"""A run folder on a page: the same face as a running model, with times to go back and forth between."""

from functools import lru_cache

import numpy as np

from autocrine_abm.cells.columns import COLUMNS, PHASE_NAMES
from autocrine_abm.dashboard.inspector import in_print, readable
from autocrine_abm.dashboard.snapshot import Shot, Snapshot, lattice_radius, level_unit
from autocrine_abm.dashboard.story import Story
from autocrine_abm.errors import RunFolderError
from autocrine_abm.output.readers import RunFolder
from autocrine_abm.scenario.derived import in_words

__all__ = ["Recording"]

_KEPT = 48  # moments in memory
_NEEDED = ["cell_id", "cell_type", "phase", "x", "y", "z", "radius", "clone_id"]


class Recording:
    """A run folder.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    times : ndarray of float
        Recorded times of the cells [min].
    place : int
        Index of the time that is shown.
    """

    is_replay = True

    def __init__(self, path):
        self.run = RunFolder(path)
        self.spec = self.run.scenario
        self.times = self.run.cell_times()
        if not len(self.times):
            raise RunFolderError(f"{path}: no cells were recorded, so there is nothing to show; see [record] in its scenario")
        self.place = 0
        self.history = Story(self.run)
        self.names = {"ligand": tuple(self.spec.ligand)}
        self._several = len(self.spec.tissue) > 1
        self._columns = set(self.run.cells(self.times[0]).columns)
        self._cells = lru_cache(maxsize=_KEPT)(self._read_cells)
        self._field = lru_cache(maxsize=_KEPT)(self.run.field)

    @property
    def time(self):
        """The time that is shown [min]."""
        return float(self.times[self.place])

    @property
    def end(self):
        """The last recorded time [min]."""
        return float(self.times[-1])

    @property
    def n_cells(self):
        """Cells in all tissues at the time that is shown."""
        return len(self._cells(self.time, "cell type"))

    def unit_of(self, color):
        """Unit of what colors the cells, empty for categories."""
        unit = self.run.info.get("units", {}).get("cells", {}).get(color, "")
        if unit == "nM":
            return level_unit(self.spec.ligand[color.partition(".")[2]])[0]
        return "1/hour" if unit == "1/min" else in_print(unit)

    def seek(self, place):
        """Show the moment with this index."""
        self.place = int(np.clip(place, 0, len(self.times) - 1))

    def advance(self):
        """Show the next moment; returns whether there are more."""
        self.seek(self.place + 1)
        return self.place < len(self.times) - 1

    def color_choices(self):
        """As `snapshot.color_choices`, of what was recorded."""
        own = set(_NEEDED) | {"time", "tissue", "parent_id", "x", "y", "z"}
        others = sorted(name for name in self._columns - own if not name.startswith(("heading.", "exit_rate.", "chemotaxis.")))
        return [
            ("Kind", ["cell type", "phase", "clone"]), ("State", [name for name in others if "." not in name]),
            ("Signals", [name for name in others if "." in name]),
        ]  # fmt: skip

    def _read_cells(self, time, color):
        columns = [*_NEEDED, *({color} & self._columns - set(_NEEDED))] + (["tissue"] if self._several else [])
        return self.run.cells(time, columns=columns)

    def shoot(self, look):
        """A `Snapshot` of the moment that is shown; fields are those recorded nearest to it."""
        table = self._cells(self.time, look.color)
        shots = tuple(self._shot(table, name, domain.mesh(), look) for name, domain in self.spec.tissue.items())
        return Snapshot(self.time, int(round(self.time / float(self.spec.run.behavior_step))), look, shots)

    def _shot(self, table, tissue, mesh, look):
        if self._several:
            table = table[(table["tissue"] == tissue).to_numpy()]
        types, phases = list(self.spec.cell), list(PHASE_NAMES)
        kind = _codes(table["cell_type"], types)
        phase = _codes(table["phase"], phases)
        values = {"cell type": kind, "phase": phase, "clone": table["clone_id"].to_numpy(np.int64)}.get(look.color)
        if values is None:
            values = table[look.color].to_numpy(float) if look.color in table else np.full(len(table), np.nan)
            column, _, part = look.color.partition(".")
            unit = COLUMNS[column].unit if column in COLUMNS else ""
            if unit == "1/min":
                values = values * 60
            elif unit == "molecules/um^3":  # in nM here
                values = values * level_unit(self.spec.ligand[part])[1]
        radius = table["radius"].to_numpy(float)
        if self.spec.tissue[tissue].space == "lattice":
            radius = np.full(len(table), lattice_radius(mesh))
        field = None
        if look.ligand in self.spec.ligand and len(self.run.field_times(tissue)):
            field = self._field(look.ligand, self.time, tissue).astype(float)
        position = np.ascontiguousarray(table[["x", "y", "z"]].to_numpy(float))
        cell_id = table["cell_id"].to_numpy(np.int64)
        return Shot(tissue, mesh.size, mesh.shape, position, radius, cell_id, kind, phase, values, field)

    def describe(self, cell_id):
        """All that was recorded of a cell at the time that is shown; None if it is not there."""
        table = self.run.cells(self.time)
        table = table[table["cell_id"] == cell_id]
        if not len(table):
            return None
        cell = table.iloc[0]
        units = self.run.info.get("units", {}).get("cells", {})
        state, groups = [], {}
        for name, value in cell.items():
            if name in ("time", "tissue", "cell_id", "parent_id", "clone_id", "cell_type", "phase", "birth_time"):
                continue
            column, _, part = name.partition(".")
            text = readable(value, units.get(name, ""), self.spec.ligand.get(part)) if not isinstance(value, str) else value
            meaning = COLUMNS[column].meaning if column in COLUMNS else ""
            if part:
                groups.setdefault(part, []).append([column.replace("_", " "), text, meaning])
            else:
                state.append([column.replace("_", " "), text, meaning])
        tables = [
            {"title": part, "columns": ["value"], "meanings": [""], "rows": [[label, text] for label, text, _ in rows]}
            for part, rows in groups.items()
        ]
        facts = [
            ["Phase", str(cell["phase"]), COLUMNS["phase"].meaning],
            ["Age", in_words(self.time - float(cell["birth_time"])), "time since its birth"],
            ["Clone", str(cell["clone_id"]), COLUMNS["clone_id"].meaning],
        ]
        return {
            "id": int(cell_id), "title": f"{cell['cell_type']} {cell_id}", "type": str(cell["cell_type"]),
            "phase": str(cell["phase"]), "facts": facts, "state": state, "tables": tables,
            "lineage": self.history.family(cell_id, int(cell["clone_id"]), self.time),
        }  # fmt: skip


def _codes(column, names):
    """Indices into `names` of a column of names."""
    if hasattr(column, "cat"):
        place = np.array([names.index(name) for name in column.cat.categories] or [0])
        return place[column.cat.codes.to_numpy()].astype(np.int64)
    return np.array([names.index(name) for name in column], np.int64)
