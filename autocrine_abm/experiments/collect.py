"""What the runs of a sweep gave, in one tidy table that can be read while the sweep runs.

``table.csv`` and ``table.parquet`` hold the same rows: one per run and recorded time, in the order of the runs. Columns:

* ``run``, ``point``, ``replicate``: counted from 0; ``seed``: the run's own.
* one per variation, called by its (first) dotted path, such as ``cell.glioma.apoptosis_rate``: the value as a number in
  the unit in which it was written, or as a word. ``arm`` is such a column, too.
* ``time`` [min], ``step``, and the measures of `output.series` under their names there; where the scenario records
  signaling, also ``LIGAND.autocrine``, ``.paracrine``, ``.endocrine``, ``.boundary`` (shares, which sum to 1), ``.captured``
  [molecules/min], ``.rms_distance`` and ``.mean_distance`` [µm], all with the tissue in front where there are several. They
  are empty at times at which origins are not recorded, such as the start.

Units of all columns are in ``sweep.json`` under ``units``, and in the metadata of the Parquet fields. Nothing in the table
depends on how the work was done. What does is in ``runs.csv``, one row per run: its parameters, ``status`` (waiting, done
or failed), ``attempts``, ``seconds`` of wall time, ``host`` and the ``message`` of a failure. Runs that failed have no rows
in the table.

The truth is ``journal``, to which each outcome is added the moment it arrives; both tables are made from it now and then, and
at the end, in one pass that holds a single run in memory.
"""

import csv
import errno
import hashlib
import io
import json
import threading
import time
from pathlib import Path

from autocrine_abm.experiments.journal import Journal
from autocrine_abm.experiments.plan import FIRST_COLUMNS
from autocrine_abm.output.layout import replacing

__all__ = ["JOURNAL", "RUNS", "TABLE", "Collector", "write_parquet"]

JOURNAL, TABLE, RUNS = "journal", "table", "runs.csv"
_BLOCK = 1 << 22  # bytes of CSV that become a row group of the Parquet file


class Collector:
    """Keeps outcomes on disk, knows which are there, and makes the tables.

    Parameters
    ----------
    folder : path
        Of the sweep.
    plan : Plan

    Attributes
    ----------
    done, failed : set of int
        Numbers of the runs that ended well, or did not.
    seconds : float
        Wall time of all runs that are done [s].
    """

    LONGEST_WAIT = 20.0  # s between two tables while the sweep runs, or longer where making them takes long

    def __init__(self, folder, plan):
        self.folder, self.plan = Path(folder), plan
        self.done, self.failed, self.seconds = set(), set(), 0.0
        self._places, self._layouts, self._layout_of = {}, {}, {}
        self._notes = {}  # per run: status, attempts, seconds, host, message
        self._thread, self._due, self._fault = None, time.monotonic() + self.LONGEST_WAIT, None
        path = self.folder / JOURNAL
        for place, entry in Journal.entries(path):
            self._take(place, entry)
        self._journal = Journal(path)

    def _take(self, place, entry):
        """Understand one entry of the journal."""
        if "layout" in entry:
            self._layouts[entry["layout"]] = tuple(tuple(column) for column in entry["columns"])
            return
        number, layout = entry.get("run", -1), entry.get("layout_of_rows")
        if not 0 <= number < len(self.plan) or (not entry["message"] and layout not in self._layouts):
            return  # its line is whole, but not what it builds on: it will be run again
        self._notes[number] = (
            "failed" if entry["message"] else "done", entry["attempts"], entry["seconds"], entry["host"], entry["message"],
        )  # fmt: skip
        if entry["message"]:
            self.failed.add(number)
            return
        self.failed.discard(number)
        self.done.add(number)
        self.seconds += entry["seconds"]
        self._places[number], self._layout_of[number] = place, layout

    def store(self, outcome, attempts):
        """Keep the outcome of a run, for good."""
        if outcome.number in self.done:
            return
        entry = {
            "run": outcome.number, "attempts": attempts, "seconds": round(outcome.seconds, 3), "host": outcome.host,
            "message": outcome.message,
        }  # fmt: skip
        if not outcome.message:
            layout = _name_of(outcome.columns)
            if layout not in self._layouts:
                self._journal.append({"layout": layout, "columns": outcome.columns})
                self._layouts[layout] = outcome.columns
            entry |= {"layout_of_rows": layout, "rows": outcome.rows}
        self._take(self._journal.append(entry), entry)

    def missing(self):
        """Numbers of the runs that are still to be done, in order; yields int."""
        done = frozenset(self.done)
        return (number for number in range(len(self.plan)) if number not in done)

    @property
    def columns(self):
        """Name, unit and kind of each measure that some run has, list in the order of the runs."""
        return self._columns(sorted(self._layout_of))

    def _columns(self, numbers):
        found = {}
        for layout in dict.fromkeys(self._layout_of[number] for number in numbers):
            for name, unit, kind in self._layouts[layout]:
                wider = kind if found.get(name, (unit, kind))[1] == kind else "float"
                found[name] = (unit, wider)
        return [(name, unit, kind) for name, (unit, kind) in found.items()]

    def refresh(self):
        """Make the tables in the background if it is time; raises what went wrong the last time."""
        if self._fault is not None:
            raise self._fault
        if time.monotonic() < self._due or (self._thread is not None and self._thread.is_alive()):
            return
        self._journal.sync()

        def write():
            begin = time.monotonic()
            try:
                self.write_tables()
            except OSError as error:
                self._fault = error
            cost = time.monotonic() - begin
            self._due = time.monotonic() + max(self.LONGEST_WAIT, 30 * cost)

        self._thread = threading.Thread(target=write, daemon=True, name="tables")
        self._thread.start()

    def close(self):
        """Let the journal go; tables are left as they are."""
        if self._thread is not None:
            self._thread.join()
        self._journal.close()

    def write_tables(self):
        """Make ``table.csv``, ``table.parquet`` and ``runs.csv`` of what is there."""
        numbers = sorted(self.done.copy())
        columns = self._columns(numbers)
        names = [name for name, _, _ in columns]
        parameters = list(self.plan.row(0))
        target = self.folder / f"{TABLE}.csv"
        with replacing(target) as temporary:
            with open(temporary, "w", encoding="utf-8", newline="") as file:
                file.write(_line([*parameters, *names]))
                with open(self.folder / JOURNAL, "rb") as journal:
                    for number in numbers:
                        self._write_run(file, journal, number, names)
        write_parquet(target, self._kinds(columns))
        self._write_runs(parameters)

    def _write_run(self, file, journal, number, names):
        offset, length = self._places[number]
        journal.seek(offset)
        entry = Journal.decode(journal.read(length))
        if entry is None:
            path = self.folder / JOURNAL
            raise OSError(errno.EIO, f"run {number} cannot be read any more; the same command does it again", str(path))
        head = _line(self.plan.row(number).values()).rstrip("\n")
        own = [name for name, _, _ in self._layouts[self._layout_of[number]]]
        for line in entry["rows"].splitlines():
            if own != names:
                values = dict(zip(own, line.split(",")))
                line = ",".join(values.get(name, "") for name in names)
            file.write(f"{head},{line}\n")

    def _write_runs(self, parameters):
        with replacing(self.folder / RUNS) as temporary:
            with open(temporary, "w", encoding="utf-8", newline="") as file:
                file.write(_line([*parameters, "status", "attempts", "seconds", "host", "message"]))
                for number in range(len(self.plan)):
                    note = self._notes.get(number, ("waiting", 0, "", "", ""))
                    file.write(_line([*self.plan.row(number).values(), *note]))

    def _kinds(self, columns):
        """Unit and kind of every column of the table, dict in their order."""
        kinds = dict.fromkeys(FIRST_COLUMNS, ("", "int"))
        kinds |= {name: (unit, self.plan.kinds[name]) for name, unit in self.plan.units.items()}
        return kinds | {name: (unit, kind) for name, unit, kind in columns}

    @property
    def units(self):
        """Unit of each column of the table that has one, dict of str to str."""
        return {name: unit for name, (unit, _) in self._kinds(self.columns).items() if unit}


def _name_of(columns):
    """Short name of a set of columns, the same wherever it is met."""
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:12]


def _line(values):
    """One line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def write_parquet(path, kinds):
    """Write a Parquet file beside a CSV file, in pieces, so that memory stays small.

    Parameters
    ----------
    path : Path
        The CSV file.
    kinds : dict of str to (str, str)
        Unit and kind (``"int"``, ``"float"`` or ``"word"``) of each column, in their order.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    types = {"int": pa.int64(), "float": pa.float64(), "word": pa.string()}
    schema = pa.schema([pa.field(name, types[kind], metadata={"unit": unit}) for name, (unit, kind) in kinds.items()])
    with replacing(path.with_suffix(".parquet")) as temporary:
        with (
            parquet.ParquetWriter(temporary, schema, compression="zstd") as writer,
            arrow_csv.open_csv(
                path,
                read_options=arrow_csv.ReadOptions(block_size=_BLOCK, use_threads=False),
                convert_options=arrow_csv.ConvertOptions(column_types=schema, strings_can_be_null=False),
            ) as reader,
        ):  # fmt: skip
            for batch in reader:
                if batch.num_rows:
                    writer.write_table(pa.Table.from_batches([batch]).cast(schema))
