"""The folder of a sweep: who may write to it, what it was started with, and how to read it.

``sweep.json`` tells what the sweep is (identity, parameters, units, versions) and how it stands, ``scenario.toml`` is the
resolved scenario, and the tables are told in `collect`. ``runs/`` holds the folders of the runs where they are kept.
"""

import json
from contextlib import contextmanager
from pathlib import Path

from autocrine_abm.errors import RunFolderError
from autocrine_abm.experiments.collect import RUNS, TABLE
from autocrine_abm.output.layout import replacing

__all__ = ["INFO", "KEPT", "SCENARIO", "SweepFolder", "claim", "locked", "read_info", "run_name", "write_info"]

INFO, SCENARIO, KEPT, LOCK = "sweep.json", "scenario.toml", "runs", ".lock"


def read_info(folder):
    """Read ``sweep.json``, a dict.

    Raises
    ------
    RunFolderError
        If `folder` is not the folder of a sweep.
    """
    path = Path(folder) / INFO
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise RunFolderError(
            f"{folder}: has no {INFO}; accepted is the folder of a sweep, as 'autocrine sweep' writes it"
        ) from None
    except ValueError as error:
        raise RunFolderError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(info, dict) or "identity" not in info:
        raise RunFolderError(f"{path}: has no 'identity', so it was not written by a sweep")
    return info


def write_info(folder, info):
    """Write ``sweep.json``, in one move."""
    with replacing(Path(folder) / INFO) as temporary:
        temporary.write_text(json.dumps(info, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def locked(folder, info=INFO, kind="sweep"):
    """Make `folder` if it is missing, and keep others out of it until the block, or this process, ends.

    Parameters
    ----------
    folder : path
    info : str
        The file by which a folder of this kind is known.
    kind : str
        Of work that goes on there, for messages.

    Raises
    ------
    RunFolderError
        If it is a file, holds something else, or another process is at work there.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder}: is a file; name a folder that does not exist yet")
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / info).exists() and any(entry.name not in (LOCK, f".{info}.partial") for entry in folder.iterdir()):
        raise RunFolderError(
            f"{folder}: is not empty and holds no {kind}, so nothing is written there; name a new or an empty folder"
        )
    with open(folder / LOCK, "a") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # no such locks on Windows
            pass
        except OSError:
            raise RunFolderError(f"{folder}: another {kind} is at work there; wait for it, or stop it") from None
        yield


def claim(folder, info):
    """Start a sweep in a folder, or continue the very same one.

    Parameters
    ----------
    folder : path
        Which is `locked`.
    info : dict
        What is to be written; its ``identity`` must equal that of an earlier sweep in the folder.

    Returns
    -------
    bool
        Whether an earlier sweep is continued.

    Raises
    ------
    RunFolderError
        If the folder holds another sweep; says what differs.
    """
    folder = Path(folder)
    if not (folder / INFO).exists():
        write_info(folder, info)
        return False
    before, now = read_info(folder)["identity"], info["identity"]
    differing = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    if differing:
        told = "; ".join(_difference(key, before.get(key), now.get(key)) for key in differing)
        raise RunFolderError(
            f"{folder}: already holds another sweep: {told}. Name another folder, or repeat the command "
            f"that it was started with: {read_info(folder).get('command', 'see sweep.json')}"
        )
    return True


def _difference(key, before, now):
    if key in ("scenario", "files"):
        return f"its {'scenario' if key == 'scenario' else 'files beside it'} had other values"
    if isinstance(before, list):
        before, now = ", ".join(map(str, before)), ", ".join(map(str, now or ()))
    nothing = "none"
    return f"its {key} is {nothing if before is None else before}, asked for is {nothing if now is None else now}"


class SweepFolder:
    """A sweep on disk, finished or not.

    Parameters
    ----------
    path : path
        The folder that `sweep` or ``autocrine sweep`` wrote.

    Raises
    ------
    RunFolderError
        If it is not the folder of a sweep.

    Attributes
    ----------
    info : dict
        ``sweep.json``.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.info = read_info(self.path)

    def __repr__(self):
        return f"SweepFolder('{self.path}')"

    @property
    def status(self):
        """ "done" when no run is missing (some may have failed), "interrupted", or "running", which a killed sweep says too."""
        return self.info["status"]

    @property
    def parameters(self):
        """Columns of the table that were varied, list of str."""
        return list(self.info["parameters"])

    @property
    def units(self):
        """Unit of each column of the table that has one, dict of str to str."""
        return self.info.get("units", {})

    @property
    def measures(self):
        """Columns of the table that were measured, list of str; time and step not among them."""
        known = {"run", "point", "replicate", "seed", "time", "step", *self.parameters}
        return [name for name in self.table(columns=None, rows=False) if name not in known]

    @property
    def scenario(self):
        """The `Scenario` before its values were varied."""
        from autocrine_abm.scenario.files import read

        return read(self.path / SCENARIO)

    def table(self, columns=None, rows=True):
        """One row per run and recorded time, see `experiments.collect`; of a sweep that runs, those collected lately.

        Parameters
        ----------
        columns : list of str, optional
            Only these.
        rows : bool
            False for the names of the columns alone.

        Returns
        -------
        DataFrame
        """
        import pandas as pd
        import pyarrow.parquet as parquet

        path = self.path / f"{TABLE}.parquet"
        if not path.exists():
            return pd.DataFrame()
        if not rows:
            return pd.DataFrame(columns=parquet.read_schema(path).names)
        return parquet.read_table(path, columns=columns).to_pandas()

    def final(self, columns=None):
        """The last recorded time of each run, a DataFrame with one row per run."""
        table = self.table(columns if columns is None else [*dict.fromkeys(["run", *columns])])
        return table.groupby("run", sort=False).tail(1).reset_index(drop=True)

    def runs(self):
        """One row per run: its parameters, status, attempts, seconds, host and message; a DataFrame."""
        import pandas as pd

        path = self.path / RUNS
        text = ["status", "host", "message"]
        return pd.read_csv(path, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values={"seconds": [""]})

    def run(self, number):
        """The `RunFolder` of a run, where it was kept."""
        from autocrine_abm.output.readers import RunFolder

        return RunFolder(self.path / KEPT / run_name(number, self.info["runs"]))


def run_name(number, total):
    """Name of the folder of a run: digits enough for all, so that names sort like numbers."""
    return f"{number:0{max(4, len(str(total - 1)))}d}"
