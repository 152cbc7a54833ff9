"""What a recording tells beyond the moment that is shown: numbers over its whole time, and who descends from whom."""

from functools import cached_property

from autocrine_abm.cells.columns import PHASE_NAMES
from autocrine_abm.dashboard.history import Table
from autocrine_abm.measure.signaling import HEADLINES
from autocrine_abm.scenario.derived import in_words

__all__ = ["Story"]


class Story:
    """The charts' numbers of a run folder, in the columns of `History`.

    Parameters
    ----------
    run : RunFolder

    Attributes
    ----------
    table, nodes, signals : Table
        `nodes` has the times at which cells were recorded.
    matrices : list of dict
        As last recorded.
    """

    def __init__(self, run):
        self.run = run
        self.table, self.nodes, self.signals, self.matrices = Table(), Table(), Table(), []
        types, tissues = list(run.scenario.cell), list(run.scenario.tissue)
        for entry in run.series().to_dict("records"):
            row = {"births": entry["births"], "deaths": entry["deaths"]}
            for phase in PHASE_NAMES:
                for name in types:
                    row[f"cells.{name}.{phase}"] = entry[f"{phase}.{name}" if len(types) > 1 else phase]
            for tissue in tissues:
                prefix = f"{tissue}." if len(tissues) > 1 else ""
                for ligand in run.scenario.ligand:
                    row[f"mean.{ligand}@{tissue}"] = entry[f"{prefix}{ligand}.mean"]
                    row[f"sensed.{ligand}@{tissue}"] = entry[f"{prefix}{ligand}.sensed"]
            for ligand in run.scenario.ligand:
                if f"blood.{ligand}" in entry:
                    row[f"blood.{ligand}"] = entry[f"blood.{ligand}"]
            self.table.append(entry["time"], row)
        if len(run.signaling_times()):
            for time, part in run.signaling_shares().groupby("time"):
                row = {}
                for entry in part.to_dict("records"):
                    place = f"{entry['ligand']}@{entry['tissue']}"
                    row |= {f"{label}.{place}": entry[label] for label in HEADLINES}
                self.signals.append(time, row)
            totals = run.signaling_totals()
            last = totals["time"].max() if "time" in totals else None
            self.matrices = (totals if last is None else totals[totals["time"] == last]).to_dict("records")
        self._observe_nodes()

    def _observe_nodes(self):
        """Means of the pathway nodes of living cells, from the tables of cells."""
        spec = self.run.scenario
        nodes = [f"node.{node}" for node in dict.fromkeys(node for own in spec.cell.values() for node in own.node)]
        several = len(spec.tissue) > 1
        for time in self.run.cell_times() if nodes else ():
            cells = self.run.cells(time, columns=["phase", *nodes, *(["tissue"] if several else [])])
            cells = cells[cells["phase"] == "alive"]
            row = {}
            for tissue in spec.tissue:
                own = cells[cells["tissue"] == tissue] if several else cells
                row |= {f"{node}@{tissue}": float(mean) for node, mean in own[nodes].mean().items()}
            self.nodes.append(time, row)

    @cached_property
    def _lineage(self):
        """Every cell that was ever recorded, by cell_id; read when a cell is first asked for."""
        return self.run.lineage().set_index("cell_id")

    def family(self, cell_id, clone_id, time):
        """A cell's mothers, the nearest first, its daughters so far, and the size of its clone, as a page shows them."""
        known = self._lineage
        mothers, here = [], cell_id
        while here in known.index and (mother := int(known.at[here, "parent_id"])):
            mothers.append([mother, f"born {in_words(float(known.at[here, 'birth_time']))}"])
            here = mother
        born = known[(known["parent_id"] == cell_id) & (known["birth_time"] <= time)]
        daughters = [[int(daughter), in_words(float(birth))] for daughter, birth in born["birth_time"].items()]
        now = self.run.cells(time, columns=["clone_id", "phase"])
        alive = int(((now["clone_id"] == clone_id) & (now["phase"] == "alive")).sum())
        clone = f"{alive:,} living cell{'s' if alive != 1 else ''} in its clone"
        return {"mothers": mothers, "daughters": daughters, "clone": clone}
