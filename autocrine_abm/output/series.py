"""The time series of a run: one row of numbers per recorded time, in a CSV file that survives a kill.

Which numbers there are, in which order and unit, is told by `series_row`. Several tissues give the totals
first and then the same columns for each of them, prefixed with the name of the tissue. Ligands in the blood
come last: concentration, ledger of the pool, and what is unaccounted for in tissues and blood together.
"""

import os
import time

from autocrine_abm.cells.columns import NECROTIC, PHASE_NAMES
from autocrine_abm.measure.outline import covered_area, outline_radius
from autocrine_abm.measure.population import calcified_volume, count_cells, occupied_fraction
from autocrine_abm.measure.space import necrotic_core_radius
from autocrine_abm.scenario.derived import circulating
from autocrine_abm.units import parse

__all__ = ["BLOOD_LEDGER", "ENDS", "GAINS", "LEDGER", "SeriesWriter", "read_series", "series_row"]

NANOMOLAR = float(parse("1 nM"))  # molecules/µm³

#: Terms of a ligand's ledger [molecules], since the start, but for `present`: what came, what went.
GAINS = ("initial", "added", "secreted")
ENDS = ("decayed", "taken_up", "lost", "present")
#: Columns of a ledger; `imbalance` is what came minus what went.
LEDGER = (*GAINS, *ENDS, "imbalance")
#: Columns of the ledger of a pool of blood; `passed` went to tissues, net.
BLOOD_LEDGER = ("initial", "dosed", "eliminated", "passed", "present", "imbalance")

LONGEST_UNSYNCED = (
    2.0  # seconds of wall time; the system may lose this much in a power cut, nothing in a kill
)


def series_row(model):
    """Numbers that describe the model now.

    Parameters
    ----------
    model : TumorModel
        Read, not changed.

    Returns
    -------
    dict of str to (number, str)
        Value and unit of each column, in the order of the file.
    """
    row = {"time": (float(model.clock.time), "min"), "step": (int(model.clock.step), "")}
    tissues = model.tissues
    counts = {name: _counts(tissue) for name, tissue in tissues.items()}
    type_names = next(iter(tissues.values())).cells.type_names
    _population(row, "", sum(counts.values()), model.births, model.deaths, type_names)
    _changes(row, "", model, tissues.values())
    _circulating(row, model, type_names)
    if len(tissues) == 1:
        ((name, tissue),) = tissues.items()
        _space(row, "", tissue)
        _ligands(row, "", tissue)
        _blood(row, model)
        return row
    for ligand in next(iter(tissues.values())).fields:
        ledgers = [_terms(tissue.fields[ligand].ledger) for tissue in tissues.values()]
        for term in LEDGER:
            row[f"{ligand}.{term}"] = (sum(terms[term] for terms in ledgers), "molecules")
    for name, tissue in tissues.items():
        _population(row, f"{name}.", counts[name], tissue.births, tissue.deaths, type_names)
        _changes(row, f"{name}.", model, [tissue])
        _space(row, f"{name}.", tissue)
        _ligands(row, f"{name}.", tissue)
    _blood(row, model)
    return row


def _counts(tissue):
    cells = tissue.cells
    return count_cells(cells.cell_type, cells.phase, len(cells.type_names), len(PHASE_NAMES))


def _population(row, prefix, counts, births, deaths, type_names):
    row[f"{prefix}cells"] = (int(counts.sum()), "cells")
    for name, number in zip(type_names, counts.sum(axis=1)):
        row[f"{prefix}cells.{name}"] = (int(number), "cells")
    for phase, number in zip(PHASE_NAMES, counts.sum(axis=0)):
        row[f"{prefix}{phase}"] = (int(number), "cells")
    if len(type_names) > 1:
        for phase, column in zip(PHASE_NAMES, counts.T):
            for name, number in zip(type_names, column):
                row[f"{prefix}{phase}.{name}"] = (int(number), "cells")
    row[f"{prefix}births"] = (int(births), "cells")
    row[f"{prefix}deaths"] = (int(deaths), "cells")


def _changes(row, prefix, model, tissues):
    """Changes of type, ways into and out of the blood, and what has calcified, where cell types have them."""
    cell_types, now = model.spec.cell, float(model.clock.time)
    names = list(cell_types)
    for name, own in cell_types.items():
        for other in own.transition_to:
            place = names.index(name), names.index(other)
            row[f"{prefix}transitions.{name}.{other}"] = (sum(int(t.change.counts[place]) for t in tissues), "cells")
    if any(own.bloodstream is not None for own in cell_types.values()):
        row[f"{prefix}entered_blood"] = (sum(tissue.entered_blood for tissue in tissues), "cells")
        row[f"{prefix}came_from_blood"] = (sum(tissue.came_from_blood for tissue in tissues), "cells")
    if any(own.necrosis_volume and own.necrosis_volume.calcification_rate > 0 for own in cell_types.values()):
        row[f"{prefix}calcified"] = (sum(calcified_volume(t.cells, t.life.corpses, now) for t in tissues), "um^3")


def _circulating(row, model, type_names):
    """Cells in the blood: entered_blood = circulating + circulating.died + came_from_blood."""
    if any(own.bloodstream is not None for own in model.spec.cell.values()):
        cells = model.circulation.cells
        row["circulating"] = (len(cells), "cells")
        for index, name in enumerate(type_names if len(type_names) > 1 else ()):
            row[f"circulating.{name}"] = (int((cells.cell_type == index).sum()), "cells")
        row["circulating.died"] = (int(model.circulation.died), "cells")


def _space(row, prefix, tissue):
    """The outline, as a microscope shows it, and the dead core."""
    cells, mesh, lattice = tissue.cells, tissue.mesh, tissue.domain.space == "lattice"
    if lattice:
        row[f"{prefix}occupied_fraction"] = (occupied_fraction(len(cells), mesh.n_voxels), "")
    area = covered_area(cells.position, cells.radius, mesh, lattice)
    row[f"{prefix}confluence"] = (area / float(mesh.size[0] * mesh.size[1]), "")
    row[f"{prefix}radius"] = (outline_radius(area), "um")
    dead = cells.phase == NECROTIC
    row[f"{prefix}necrotic_radius"] = (necrotic_core_radius(cells.position, dead) if dead.any() else 0.0, "um")


def _ligands(row, prefix, tissue):
    sensed = tissue.cells.sensed
    for index, (ligand, field) in enumerate(tissue.fields.items()):
        row[f"{prefix}{ligand}.mean"] = (float(field.concentration.mean()) / NANOMOLAR, "nM")
        row[f"{prefix}{ligand}.max"] = (float(field.concentration.max()) / NANOMOLAR, "nM")
        mean_sensed = float(sensed[:, index].mean()) / NANOMOLAR if len(sensed) else float("nan")
        row[f"{prefix}{ligand}.sensed"] = (mean_sensed, "nM")
        for term, amount in _terms(field.ledger).items():
            row[f"{prefix}{ligand}.{term}"] = (amount, "molecules")


def _blood(row, model):
    for ligand in circulating(model.spec):
        pool = model.blood.pools[ligand]
        row[f"blood.{ligand}"] = (float(pool.concentration) / NANOMOLAR, "nM")
        terms = {term: float(getattr(pool, term)) for term in BLOOD_LEDGER[:-1]}
        terms["imbalance"] = (
            terms["initial"] + terms["dosed"] - sum(terms[term] for term in BLOOD_LEDGER[2:-1])
        )
        for term, amount in terms.items():
            row[f"blood.{ligand}.{term}"] = (amount, "molecules")
        row[f"{ligand}.total_imbalance"] = (row[f"{ligand}.imbalance"][0] + terms["imbalance"], "molecules")


def _terms(ledger):
    """Every column of a ledger, dict of str to float [molecules]."""
    terms = {term: float(getattr(ledger, term)) for term in (*GAINS, *ENDS)}
    return terms | {"imbalance": sum(terms[term] for term in GAINS) - sum(terms[term] for term in ENDS)}


class SeriesWriter:
    """Appends rows to a CSV file, each in one write, so that at most the last line can be torn.

    Parameters
    ----------
    path : path
        File to append to; a header is written if it is new.
    """

    def __init__(self, path):
        self._file = open(path, "ab", buffering=0)
        self._synced = time.monotonic()
        self._columns = None

    def append(self, row):
        """Write one row, as `series_row` gives it."""
        if self._columns is None:
            self._columns = tuple(row)
            if self._file.tell() == 0:
                self._file.write((",".join(self._columns) + "\n").encode())
        if tuple(row) != self._columns:
            raise ValueError(f"series: columns changed from {self._columns} to {tuple(row)}")
        self._file.write((",".join(_text(value) for value, _ in row.values()) + "\n").encode())
        if time.monotonic() - self._synced > LONGEST_UNSYNCED:
            self._sync()

    def _sync(self):
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def size(self):
        """Push everything to disk; returns the length of the file [bytes]."""
        self._sync()
        return os.fstat(self._file.fileno()).st_size

    def close(self):
        """Push everything to disk and close the file."""
        if not self._file.closed:
            self._sync()
            self._file.close()


def _text(value):
    """Shortest text that reads back as the same number; nothing for nan."""
    return "" if value != value else repr(value)


def read_series(path):
    """Read a time series, leaving out a last line that was torn by a kill.

    Returns
    -------
    DataFrame
        One row per recorded time; without rows if nothing was recorded yet.
    """
    import pandas as pd

    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        content = b""
    header, *lines = content[: content.rfind(b"\n") + 1].decode().splitlines() or ["time,step"]
    columns = zip(*(line.split(",") for line in lines)) if lines else ([] for _ in header.split(","))
    return pd.DataFrame({name: _numbers(texts) for name, texts in zip(header.split(","), columns)})


def _numbers(texts):
    """Whole numbers if all are, else floats exactly as they were written (pandas rounds the last digit)."""
    try:
        return [int(text) for text in texts]
    except ValueError:
        return [float(text or "nan") for text in texts]
