"""Where signals came from, on disk: at each recorded time one Parquet part per cell and one of totals.

``signaling/000000000120.parquet`` holds a row per cell and ligand (`measure.signaling.cell_table`), and
``signaling/totals/000000000120.parquet`` the molecules per minute from each sender to each receiver
(`measure.signaling.sender_table`). Both are written under a temporary name and renamed, the cells last: a
time belongs to the record once its cells are there.
"""

import numpy as np

from autocrine_abm.measure.signaling import SHARES, cell_table, sender_table
from autocrine_abm.output.layout import replacing
from autocrine_abm.output.series import NANOMOLAR
from autocrine_abm.output.snapshots import part_name, step_of

__all__ = ["SIGNALING", "TOTALS", "UNITS", "read_parts", "write_origins"]

SIGNALING, TOTALS = "signaling", "signaling/totals"

#: Unit of each column that has one.
UNITS = {"time": "min", "sensed": "nM", "captured": "molecules/min", "distance": "um"}


def write_origins(folder, model):
    """Trace every ligand and write the two parts of this time.

    Parameters
    ----------
    folder : Path
        The run folder.
    model : TumorModel
        Its share columns are filled; nothing else changes.
    """
    model.trace()
    (folder / TOTALS).mkdir(parents=True, exist_ok=True)
    name, time = part_name(model.clock.step), float(model.clock.time)
    totals = sender_table(model.tissues)
    totals.insert(0, "time", time)
    _write(folder / TOTALS / name, totals)
    cells = cell_table(model.tissues)
    cells.insert(0, "time", time)
    cells["sensed"] = cells["sensed"] / NANOMOLAR
    small = {column: np.float32 for column in (*SHARES, "sensed", "captured", "distance")}
    _write(folder / SIGNALING / name, cells.astype(small))


def _write(path, table):
    with replacing(path) as temporary:
        table.to_parquet(temporary, engine="pyarrow", compression="zstd", index=False)


def read_parts(folder, kind):
    """Steps and files of the recorded times, list of (int, Path) in the order of time; `kind` is SIGNALING or
    TOTALS."""
    done = sorted((folder / SIGNALING).glob("[0-9]*.parquet"))
    return [(step_of(path), folder / kind / path.name) for path in done]
