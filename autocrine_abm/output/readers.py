"""Reading a run folder: series and cells as pandas tables, ligand fields as arrays.

Works on a run that is finished, still going on, or was killed; a last record that is not complete is left
out.
"""

from pathlib import Path

import numpy as np

from autocrine_abm.errors import RunFolderError
from autocrine_abm.output import layout
from autocrine_abm.output.origins import SIGNALING, TOTALS, read_parts
from autocrine_abm.output.series import read_series
from autocrine_abm.output.snapshots import PARTS, step_of

__all__ = ["FieldSeries", "RunFolder"]

_SAME = 1e-6  # behavior steps between a time as asked and as recorded, which are the same but for rounding


class FieldSeries:
    """The field of one ligand at all recorded times; a time is read from disk when it is asked for.

    ``fields[3]`` is the field at the fourth recorded time, ``fields[:, 10, 10, 0]`` one voxel through time,
    ``np.asarray(fields)`` everything.

    Parameters
    ----------
    array : zarr array, shape (≥ n_times, nx, ny, nz)
        Where the numbers are.
    times : ndarray of float, shape (n_times,)
        Recorded times [min].
    """

    def __init__(self, array, times):
        self._array = array
        self.times = times
        self.shape = (len(times), *array.shape[1:])
        self.dtype = array.dtype

    def __len__(self):
        return len(self.times)

    def __getitem__(self, key):
        first, *rest = key if isinstance(key, tuple) else (key,)
        if first is Ellipsis:
            return np.asarray(self._array[: len(self)])[key]
        first = range(len(self))[first]  # counts from the end, and checks, by committed times only
        if isinstance(first, range):
            first = slice(first.start, first.stop if first.stop >= 0 else None, first.step)
            if first.step is not None and first.step < 0:
                return np.asarray(self._array[(slice(len(self)), *rest)])[first]
        return np.asarray(self._array[(first, *rest)])

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:], dtype)


class RunFolder:
    """A run on disk.

    Parameters
    ----------
    path : path
        The folder that `record_run` or ``autocrine run`` wrote.

    Raises
    ------
    RunFolderError
        If it is not the folder of a run.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.info = layout.read_info(self.path)
        self._scenario = None

    def __repr__(self):
        return f"RunFolder('{self.path}')"

    @property
    def status(self):
        """ "running", "done", "interrupted", "failed", or "killed" if its process is gone without a word."""
        status = self.info["status"]
        return "killed" if status == "running" and not layout.process_is_alive(self.info) else status

    @property
    def scenario(self):
        """The `Scenario` that was run."""
        if self._scenario is None:
            from autocrine_abm.scenario.files import read

            if not (self.path / layout.SCENARIO).is_file():
                raise RunFolderError(f"{self.path}: has no {layout.SCENARIO}; the run ended before it began")
            self._scenario = read(self.path / layout.SCENARIO)
        return self._scenario

    @property
    def units(self):
        """Unit of each column of the series, dict of str to str."""
        return self.info.get("units", {}).get("series", {})

    def series(self):
        """The time series, a DataFrame with one row per recorded time; time in min, concentrations in nM."""
        return read_series(self.path / layout.SERIES)

    def _parts(self):
        return sorted((self.path / layout.CELLS).glob(PARTS))

    def cell_times(self):
        """Times at which all cells were recorded [min], ndarray of shape (n_times,)."""
        return np.array([step_of(path) * self.info["behavior_step"] for path in self._parts()])

    def cells(self, time=None, columns=None, nearest=False):
        """All cells at one recorded time.

        Parameters
        ----------
        time : float, optional
            A recorded time [min]. Default the last.
        columns : list of str, optional
            Read only these.
        nearest : bool
            Take the recorded time nearest to `time`, instead of refusing one that was not recorded.

        Returns
        -------
        DataFrame
            A row per cell, units as in ``run.info["units"]["cells"]``.
        """
        import pandas as pd

        parts = self._parts()
        return pd.read_parquet(parts[self._place(self.cell_times(), time, "cells", nearest)], columns=columns)

    def signaling_times(self):
        """Times at which the origins of signals were recorded [min], ndarray of shape (n_times,)."""
        return np.array([step * self.info["behavior_step"] for step, _ in read_parts(self.path, SIGNALING)])

    def signaling(self, time=None, columns=None, nearest=False):
        """Where what each cell senses comes from, at one recorded time.

        Parameters
        ----------
        time : float, optional
            A recorded time [min]. Default the last.
        columns : list of str, optional
            Read only these.
        nearest : bool
            Take the recorded time nearest to `time`, instead of refusing one that was not recorded.

        Returns
        -------
        DataFrame
            A row per cell and ligand, as `measure.signaling.cell_table` gives them, with `time`; sensed in nM.
        """
        import pandas as pd

        place = self._place(self.signaling_times(), time, "origins of signals", nearest)
        return pd.read_parquet(read_parts(self.path, SIGNALING)[place][1], columns=columns)

    def signaling_totals(self):
        """Molecules per minute from every sender to every receiver at all recorded times, as `sender_table` gives them."""
        import pandas as pd

        parts = [pd.read_parquet(path) for _, path in read_parts(self.path, TOTALS)]
        if not parts:
            raise RunFolderError(
                f"{self.path}: no origins of signals were recorded; see record.signaling in {layout.SCENARIO}"
            )
        return pd.concat(parts, ignore_index=True)

    def signaling_shares(self):
        """Headline shares of every ligand and tissue at all recorded times, as `measure.signaling.headlines` gives them."""
        import pandas as pd

        from autocrine_abm.measure.signaling import headlines

        return pd.concat([headlines(self.signaling(time)) for time in self.signaling_times()], ignore_index=True)

    def lineage(self):
        """Every cell that was ever recorded, with its mother, birth, end and fate; see `measure.lineage.ancestry`."""
        from autocrine_abm.measure.lineage import ancestry

        table = ancestry(self)
        if table.empty:
            raise RunFolderError(f"{self.path}: no cells were recorded; see [record] in {layout.SCENARIO}")
        return table

    def newick(self, living=False):
        """The tree of all cells, or of the living, as text in Newick format; see `measure.lineage.newick`."""
        from autocrine_abm.measure.lineage import newick

        return newick(self.lineage(), living)

    def _place(self, times, time, what, nearest):
        """Which of the recorded `times` is meant."""
        if len(times) == 0:
            raise RunFolderError(f"{self.path}: no {what} were recorded; see [record] in {layout.SCENARIO}")
        if time is None:
            return len(times) - 1
        place = int(np.argmin(np.abs(times - float(time))))
        if not nearest and abs(times[place] - float(time)) > _SAME * self.info["behavior_step"]:
            raise RunFolderError(
                f"{self.path}: no {what} were recorded at {float(time):g} min; there are {_listed(times)} min; "
                "ask for one of them, or say nearest=True"
            )
        return place

    def _tissue(self, tissue):
        """The zarr group of a tissue."""
        import zarr

        names = list(self.scenario.tissue)
        if tissue is None and len(names) > 1:
            raise RunFolderError(f"{self.path}: say which tissue; there are {', '.join(names)}")
        tissue = names[0] if tissue is None else tissue
        if tissue not in names:
            raise RunFolderError(f"{self.path}: no tissue is called '{tissue}'; there are {', '.join(names)}")
        try:
            return zarr.open_group(str(self.path / layout.FIELDS / tissue), mode="r")
        except FileNotFoundError:
            return None

    def field_times(self, tissue=None):
        """Times at which the ligand fields were recorded [min], ndarray of shape (n_times,)."""
        group = self._tissue(tissue)
        try:
            times = np.asarray(group["t"][:]) if group is not None else np.empty(0)
        except KeyError:  # killed while the store was made
            return np.empty(0)
        return times[: int(np.argmax(np.isnan(times)))] if np.isnan(times).any() else times

    def fields(self, ligand, tissue=None):
        """The field of a ligand at all recorded times, read lazily: `FieldSeries`, (t, x, y, z) [nM]."""
        times = self.field_times(tissue)
        if len(times) == 0:
            raise RunFolderError(f"{self.path}: no fields were recorded; see [record] in {layout.SCENARIO}")
        if ligand not in self.scenario.ligand:
            raise RunFolderError(
                f"{self.path}: no ligand is called '{ligand}'; there are {', '.join(self.scenario.ligand)}"
            )
        return FieldSeries(self._tissue(tissue)[ligand], times)

    def field(self, ligand, time=None, tissue=None, nearest=False):
        """The field of a ligand at a recorded time, default the last, or if so said at the nearest to it [nM]."""
        fields = self.fields(ligand, tissue)
        return fields[self._place(fields.times, time, "fields", nearest)]


def _listed(times):
    """Times as text; of many the first and the last ones."""
    texts = [f"{time:g}" for time in times]
    return ", ".join(texts if len(texts) <= 12 else [*texts[:6], "…", *texts[-3:]])
