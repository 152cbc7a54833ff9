"""What a page remembers of a run: a row of numbers per step for its charts, and who descends from whom.

Long runs are thinned: beyond `MOST` rows every second one is forgotten and only every second step is kept from then on.
"""

import numpy as np

from autocrine_abm.cells.columns import ALIVE, PHASE_NAMES
from autocrine_abm.dashboard.snapshot import NANOMOLAR
from autocrine_abm.measure.population import count_cells
from autocrine_abm.measure.signaling import HEADLINES, cell_table, headlines, sender_table

__all__ = ["MOST", "History", "Lineage", "Table"]

MOST = 3000  # rows; a chart is a few hundred pixels wide


class Table:
    """Rows of numbers over time that thin out as they grow.

    Attributes
    ----------
    time : list of float
        [min]
    rows : list of dict of str to float
    """

    def __init__(self, most=MOST):
        self.most, self.stride, self._seen = most, 1, 0
        self.time, self.rows = [], []

    def append(self, time, row):
        """Keep a row, unless it falls between those that are kept."""
        if self._seen % self.stride == 0:
            self.time.append(float(time))
            self.rows.append(row)
            if len(self.rows) > self.most:
                self.time, self.rows = self.time[::2], self.rows[::2]
                self.stride *= 2
        self._seen += 1

    def column(self, name):
        """One number over time, ndarray; nan where it is missing."""
        return np.array([row.get(name, np.nan) for row in self.rows], float)


class History:
    """The charts' numbers of one model.

    Columns of `table`: ``cells.TYPE.PHASE``, ``births``, ``deaths``, and per tissue ``mean.LIGAND``, ``sensed.LIGAND`` [nM]
    and ``node.NAME`` (mean of living cells) with ``@TISSUE`` behind; ``blood.LIGAND`` [nM]. Columns of `signals`:
    the headline shares, ``autocrine.LIGAND@TISSUE``.

    Parameters
    ----------
    model : TumorModel

    Attributes
    ----------
    table, signals : Table
    matrices : list of dict
        Rows of `sender_table` when signals were last traced.
    """

    def __init__(self, model):
        self.table, self.signals, self.matrices = Table(), Table(), []
        self.lineage = Lineage()
        self.observe(model)

    def observe(self, model):
        """Remember the state now."""
        row = {"births": model.births, "deaths": model.deaths}
        types = list(model.spec.cell)
        counts = sum(
            count_cells(tissue.cells.cell_type, tissue.cells.phase, len(types)) for tissue in model.tissues.values()
        )
        for place, name in enumerate(types):
            row |= {f"cells.{name}.{phase}": int(number) for phase, number in zip(PHASE_NAMES, counts[place])}
        for name, tissue in model.tissues.items():
            row |= _levels(name, tissue)
        if model.blood is not None:
            row |= {f"blood.{ligand}": pool.concentration / NANOMOLAR for ligand, pool in model.blood.pools.items()}
        self.table.append(model.clock.time, row)
        self.lineage.observe(model)

    def observe_signals(self, model):
        """Remember where signals come from, as last traced."""
        shares = headlines(cell_table(model.tissues))
        row = {}
        for entry in shares.to_dict("records"):
            place = f"{entry['ligand']}@{entry['tissue']}"
            row |= {f"{label}.{place}": entry[label] for label in HEADLINES}
            row[f"distance.{place}"] = entry["mean_distance"]
        self.signals.append(model.clock.time, row)
        self.matrices = sender_table(model.tissues).to_dict("records")


def _levels(name, tissue):
    """Levels of ligands and nodes in a tissue."""
    cells, row = tissue.cells, {}
    for place, (ligand, field) in enumerate(tissue.fields.items()):
        row[f"mean.{ligand}@{name}"] = float(field.concentration.mean()) / NANOMOLAR
        row[f"sensed.{ligand}@{name}"] = float(cells.sensed[:, place].mean()) / NANOMOLAR if len(cells) else np.nan
    if cells.names["node"] and len(cells):
        alive = cells.phase == ALIVE
        means = cells.node[alive].mean(axis=0) if alive.any() else np.full(len(cells.names["node"]), np.nan)
        row |= {f"node.{node}@{name}": float(mean) for node, mean in zip(cells.names["node"], means)}
    return row


class Lineage:
    """Mothers and births of every cell that was ever seen; a cell_id is never used twice."""

    def __init__(self):
        self._ids, self._mothers, self._births, self._last = [], [], [], 0

    def observe(self, model):
        """Take in the cells that are new."""
        last = self._last
        for tissue in model.tissues.values():
            cells = tissue.cells
            first = int(np.searchsorted(cells.cell_id, self._last, side="right"))
            if first < len(cells):
                self._ids.append(cells.cell_id[first:].copy())
                self._mothers.append(cells.parent_id[first:].copy())
                self._births.append(cells.birth_time[first:].copy())
                last = max(last, int(cells.cell_id[-1]))
        self._last = last

    def of(self, cell_id):
        """A cell's mothers, the nearest first, and its daughters, each a list of (cell_id, birth time of that line [min])."""
        ids, mothers, births = (
            np.concatenate(parts) if parts else np.empty(0) for parts in (self._ids, self._mothers, self._births)
        )
        order = np.argsort(ids, kind="stable")
        ids, mothers, births = ids[order], mothers[order], births[order]
        chain, here = [], cell_id
        while True:
            row = int(np.searchsorted(ids, here))
            if row >= len(ids) or ids[row] != here or mothers[row] == 0:
                break
            chain.append((int(mothers[row]), float(births[row])))
            here = int(mothers[row])
        own = np.flatnonzero(mothers == cell_id)
        return chain, [(int(ids[row]), float(births[row])) for row in own]
