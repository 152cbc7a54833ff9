"""What the sections of a report draw on: the tables of a run, read once, and the colors they share."""

from functools import cached_property, lru_cache

import numpy as np

from autocrine_abm.output.colors import CATEGORIES, PHASE_COLORS, by_category
from autocrine_abm.output.plots import time_axis

__all__ = ["Material"]

_NEEDED = ["cell_type", "phase", "x", "y", "z", "radius", "volume", "neighbors"]


class Material:
    """A run as its report sees it.

    Parameters
    ----------
    run : RunFolder
    """

    def __init__(self, run):
        self.run = run
        self.scenario = run.scenario
        self.ligands = list(self.scenario.ligand)
        self.types = list(self.scenario.cell)
        self.tissues = list(self.scenario.tissue)
        self.version = run.info.get("versions", {}).get("autocrine_abm", "")
        self.cells = lru_cache(maxsize=4)(self._cells)

    @cached_property
    def series(self):
        """The time series, a DataFrame."""
        return self.run.series()

    @cached_property
    def time(self):
        """Times of the series in a unit for people, and that unit."""
        return time_axis(self.series["time"])

    def meshes(self):
        """Mesh of each tissue, dict."""
        return {name: domain.mesh() for name, domain in self.scenario.tissue.items()}

    def prefix(self, tissue):
        """What the columns of a tissue start with."""
        return f"{tissue}." if len(self.tissues) > 1 else ""

    def color_of(self, cell_type):
        """Color of a cell type, ``#rrggbb``."""
        return CATEGORIES[self.types.index(cell_type) % len(CATEGORIES)]

    def _cells(self, time, tissue):
        """Cells of one tissue at the recorded time nearest to `time`; a DataFrame."""
        several = len(self.tissues) > 1
        sensed = [f"sensed.{ligand}" for ligand in self.ligands]
        table = self.run.cells(time, columns=_NEEDED + sensed + (["tissue"] if several else []))
        return table[table["tissue"] == tissue] if several else table

    def colors(self, table):
        """A color per cell, shape (n, 3): its type, or its phase once it is dying."""
        palette = [self.color_of(name) for name in self.types] + list(PHASE_COLORS.values())
        names = self.types + list(PHASE_COLORS)
        kind = table["cell_type"].astype(str).to_numpy()
        phase = table["phase"].astype(str).to_numpy()
        shown = np.where(np.isin(phase, list(PHASE_COLORS)), phase, kind)
        codes = np.zeros(len(table), np.int64)
        for code, name in enumerate(names):
            codes[shown == name] = code
        return by_category(codes, palette)

    def key(self):
        """Legend of the colors: (name, color) of every type, and of every phase that occurs."""
        seen = [name for name in PHASE_COLORS if len(self.series) and self.series[name].any()]
        return [(name, self.color_of(name)) for name in self.types] + [
            (name, PHASE_COLORS[name]) for name in seen
        ]

    @cached_property
    def moments(self):
        """Start, middle and end among the times at which cells were recorded [min]; fewer if fewer were."""
        times = self.run.cell_times()
        if len(times) == 0:
            return []
        picked = [times[0], times[int(np.argmin(np.abs(times - (times[0] + times[-1]) / 2)))], times[-1]]
        return sorted(set(map(float, picked)))
