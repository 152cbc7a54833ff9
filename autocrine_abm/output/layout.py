"""Where things lie in a run folder, and how they get there so that a kill at any moment leaves it readable.

A file is written under a temporary name, pushed to disk, and renamed: readers see the old one or the new one,
never half of one. What the files say is left to `series`, `snapshots` and `record`.
"""

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from autocrine_abm.errors import RunFolderError

__all__ = [
    "CELLS", "FIELDS", "INFO", "REPORT", "SCENARIO", "SERIES", "claim", "is_run_folder", "process_is_alive",
    "read_info", "replacing", "write_info",
]  # fmt: skip

SCENARIO = "scenario.toml"
INFO = "run.json"
SERIES = "series.csv"
CELLS = "cells"
FIELDS = "fields.zarr"
REPORT = "report.html"
INPUTS = "inputs"

#: All that a run writes; nothing else in a run folder is ever removed. The last one makes it a run folder.
CONTENTS = (SCENARIO, SERIES, CELLS, "signaling", FIELDS, REPORT, INPUTS, "checkpoint", INFO)


@contextmanager
def replacing(path):
    """A temporary name next to `path`; the file is renamed to `path` if the block ends well, else removed."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.partial")
    try:
        yield temporary
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_info(folder, info):
    """Write ``run.json``."""
    with replacing(Path(folder) / INFO) as temporary:
        temporary.write_text(json.dumps(info, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_info(folder):
    """Read ``run.json`` as a dict.

    Raises
    ------
    RunFolderError
        If `folder` is not the folder of a run.
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise RunFolderError(
            f"{folder}: {what}; accepted is the folder of a run, as 'autocrine run' writes it"
        )
    try:
        info = json.loads((folder / INFO).read_text(encoding="utf-8"))
    except FileNotFoundError:
        inside = sorted(entry.name for entry in folder.iterdir() if is_run_folder(entry))
        hint = f"; runs inside it: {', '.join(inside[:5])}" if inside else ""
        raise RunFolderError(f"{folder}: has no {INFO}, so it is not the folder of a run{hint}") from None
    except ValueError as error:
        raise RunFolderError(f"{folder / INFO}: cannot be read as JSON: {error}") from None
    if not isinstance(info, dict) or "status" not in info:
        raise RunFolderError(f"{folder / INFO}: has no 'status', so it was not written by a run")
    return info


def is_run_folder(folder):
    """Whether `folder` holds a run, finished or not."""
    return (Path(folder) / INFO).is_file()


def process_is_alive(info):
    """Whether the process that writes the run still runs; True on another host, where nobody can tell."""
    from socket import gethostname

    if info.get("host") != gethostname():
        return True
    try:
        os.kill(int(info["process"]), 0)
    except (ProcessLookupError, KeyError):
        return False
    except PermissionError:
        return True
    return True


def claim(folder, overwrite=False):
    """Make `folder` ready for a new run: create it, or empty it of an earlier run.

    Parameters
    ----------
    folder : path
        May be missing, empty, or (with `overwrite`) hold an earlier run, of which only what runs write is
        removed.
    overwrite : bool
        Whether an earlier run may be removed.

    Returns
    -------
    Path

    Raises
    ------
    RunFolderError
        If the folder is a file, holds something else, holds a run and `overwrite` is false, or is being
        written.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder}: is a file; name a folder that does not exist yet")
    folder.mkdir(parents=True, exist_ok=True)
    if all(
        entry.name == f".{INFO}.partial" for entry in folder.iterdir()
    ):  # empty, or killed in its first moment
        return folder
    if not is_run_folder(folder):
        raise RunFolderError(
            f"{folder}: is not empty and holds no run, so nothing is written there; "
            "name a new or an empty folder"
        )
    info = read_info(folder)
    if not overwrite:
        alive = info["status"] == "running" and process_is_alive(info)
        goes_on = "" if info["status"] == "done" or alive else f"continue it with 'autocrine resume {folder}', "
        status = "killed" if info["status"] == "running" and not alive else info["status"]
        raise RunFolderError(
            f"{folder}: already holds a run ('{info.get('title', '')}', {status}); "
            f"{goes_on}name another folder, or allow it to be overwritten"
        )
    if info["status"] == "running" and process_is_alive(info) and info.get("process") != os.getpid():
        raise RunFolderError(
            f"{folder}: process {info.get('process')} on {info.get('host')} is still writing this run; "
            "wait for it, stop it, or name another folder"
        )
    for name in CONTENTS:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return folder
