"""A model on a page, with its history: the one thing that the runner steps, changes and looks at."""

from pathlib import Path
from time import perf_counter

from autocrine_abm.dashboard.history import History
from autocrine_abm.dashboard.inspector import describe_cell
from autocrine_abm.dashboard.snapshot import property_of, shoot
from autocrine_abm.simulation.model import TumorModel

__all__ = ["Live"]

_SHARE_OF_TRACING = 0.15  # of the wall time that tracing origins may take


class Live:
    """A running model.

    Parameters
    ----------
    spec : Scenario
    folder : path
        Where its CSV files lie.

    Attributes
    ----------
    traces : bool
        Whether origins of signals are followed.
    """

    is_replay = False

    def __init__(self, spec, folder="."):
        self.folder = Path(folder)
        self.model = TumorModel(spec, threads=1, folder=folder)
        self.history = History(self.model)
        self.traces = spec.record.signaling is not None
        self._next_trace = 0.0

    @property
    def spec(self):
        """The scenario as it is now."""
        return self.model.spec

    @property
    def time(self):
        """Simulated time [min]."""
        return self.model.clock.time

    @property
    def end(self):
        """When the run is over [min]."""
        return self.spec.run.n_steps * self.model.clock.behavior_step

    @property
    def names(self):
        """What the second axis of columns stands for, by their shape."""
        return next(iter(self.model.tissues.values())).cells.names

    @property
    def n_cells(self):
        """Cells in all tissues."""
        return int(self.model.n_cells)

    def unit_of(self, color):
        """Unit of what colors the cells, empty for categories."""
        return property_of(next(iter(self.model.tissues.values())).cells, color, self.spec.ligand)[1]

    def shoot(self, look):
        """A `Snapshot` of the model."""
        return shoot(self.model, look)

    def advance(self):
        """One step; returns whether the run goes on after it."""
        if self.time >= self.end:
            return False
        self.model.step()
        self.history.observe(self.model)
        now = perf_counter()
        if self.traces and now >= self._next_trace:
            self.trace()
            self._next_trace = perf_counter() + (perf_counter() - now) * (1 / _SHARE_OF_TRACING - 1)
        return self.time < self.end

    def trace(self):
        """Tell where signals come from, now and from now on."""
        self.traces = True
        if self.spec.ligand and self.model.n_cells:
            self.model.trace()
            if self.model.clock.step:
                self.history.observe_signals(self.model)

    def describe(self, cell_id):
        """All that is known of a cell, as the page shows it; None if it is gone."""
        return describe_cell(self.model, cell_id, self.history.lineage)

    def protocol(self):
        """The scenario that repeats this session from anywhere on this machine."""
        told = self.model.protocol
        seeds = tuple(
            seed if seed.file is None else seed.model_copy(update={"file": str((self.folder / seed.file).resolve())})
            for seed in told.seed
        )
        return told.model_copy(update={"seed": seeds})
