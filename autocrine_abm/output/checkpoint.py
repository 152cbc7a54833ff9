"""What a run goes on from after a kill: the whole state of the model, in one file that is never half written.

A checkpoint is an npz file: the arrays of `TumorModel.state`, and the rest of it as JSON. Nothing in it is code, so one
from a stranger can be opened. Every part carries a checksum, so damage is noticed. Two are kept, the last and the one
before it. When one is due is decided here too; what else belongs to going on is told by `resume`.
"""

import json
import time
from pathlib import Path

import numpy as np

from autocrine_abm.errors import RunFolderError
from autocrine_abm.output.layout import replacing

__all__ = ["CHECKPOINT", "FORMAT", "Checkpoints", "NotPlain", "paths", "read_checkpoint", "write_checkpoint"]

CHECKPOINT = "checkpoint"
FORMAT = 1  # rises when an older file can no longer be understood
PAUSE = 60.0  # seconds of wall time between checkpoints, at least
SHARE = 0.02  # of the wall time that checkpoints may take
_TEXT = "state"
_PLAIN = (bool, int, float, str, type(None))


class NotPlain(TypeError):
    """Something in a state is no number, text, list, table or array, so that it cannot be written down."""


def _pack(value, arrays, path):
    """A value as JSON can hold it; arrays go to `arrays` and leave their number."""
    if isinstance(value, np.generic | np.ndarray):
        if value.dtype.hasobject:
            raise NotPlain(f"{path} is an array of Python objects")
        arrays.append(np.asarray(value))
        return {"scalar" if isinstance(value, np.generic) else "array": len(arrays) - 1}
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list):
        return [_pack(entry, arrays, f"{path}[{place}]") for place, entry in enumerate(value)]
    if isinstance(value, tuple):
        return {"tuple": [_pack(entry, arrays, f"{path}[{place}]") for place, entry in enumerate(value)]}
    if isinstance(value, dict):
        return {"table": [[_pack(key, arrays, path), _pack(value[key], arrays, f"{path}.{key}")] for key in value]}
    raise NotPlain(f"{path} is a {type(value).__name__}")


def _unpack(value, arrays):
    if isinstance(value, list):
        return [_unpack(entry, arrays) for entry in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "table":
        return {_unpack(key, arrays): _unpack(entry, arrays) for key, entry in content}
    if kind == "tuple":
        return tuple(_unpack(entry, arrays) for entry in content)
    array = arrays[f"a{content}"]
    return array[()] if kind == "scalar" else array


def write_checkpoint(path, content):
    """Write a checkpoint; at any moment there is the whole file or none of it.

    Parameters
    ----------
    path : path
    content : dict
        Text, numbers, None, lists, tuples, dicts, and numpy arrays and scalars.

    Raises
    ------
    NotPlain
        If there is anything else in it, with its path; nothing is written then.
    """
    arrays = []
    text = json.dumps({"format": FORMAT, "content": _pack(content, arrays, "state")})
    with replacing(path) as temporary:
        with open(temporary, "wb") as file:
            members = {f"a{number}": array for number, array in enumerate(arrays)}
            np.savez(file, allow_pickle=False, **members, **{_TEXT: np.frombuffer(text.encode(), np.uint8)})


def read_checkpoint(path):
    """What `write_checkpoint` wrote.

    Raises
    ------
    RunFolderError
        If the file is damaged, or of another version of the format.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        document = json.loads(arrays.pop(_TEXT).tobytes())
        if document["format"] == FORMAT:
            return _unpack(document["content"], arrays)
    except Exception as error:  # whatever the readers of zip, npy and JSON stumble over, each in its own way
        raise RunFolderError(f"{path}: the checkpoint is damaged: {error or type(error).__name__}") from None
    raise RunFolderError(f"{path}: the checkpoint has format {document['format']}; this version reads format {FORMAT}")


class Checkpoints:
    """The checkpoints of one run: when, and which are kept.

    Parameters
    ----------
    folder : path
        The run folder.
    every : int
        Steps between checkpoints; 0 to leave it to `pause` alone.
    pause : float
        Seconds of wall time between checkpoints; they come more rarely if they would take more than a fiftieth of the
        time. A run that is over sooner writes none.
    spent : float
        Seconds that earlier sittings of the run took.
    """

    def __init__(self, folder, every=0, pause=PAUSE, spent=0.0):
        self.folder, self.every, self.pause = Path(folder) / CHECKPOINT, every, pause
        self.began = time.perf_counter() - spent
        self.last, self.cost = time.perf_counter(), 0.0
        self.refused = None  # why the state cannot be written down

    @property
    def spent(self):
        """Wall time of the run so far, earlier sittings included [s]."""
        return time.perf_counter() - self.began

    def is_due(self, step):
        """Whether a checkpoint should be written now, after a step."""
        if self.every and step % self.every == 0:
            return True
        return time.perf_counter() - self.last >= max(self.pause, self.cost / SHARE)

    def save(self, model, recorder):
        """Write a checkpoint of the model, whose records until now have been written; returns whether it could be."""
        if self.refused:
            return False
        start = time.perf_counter()
        content = {"step": model.clock.step, "spent": self.spent, "records": recorder.mark(), "model": model.state()}
        self.folder.mkdir(exist_ok=True)
        try:
            write_checkpoint(self.folder / f"{model.clock.step:012d}.npz", content)
        except NotPlain as error:
            self.refused = str(error)
            return False
        for old in paths(self.folder.parent)[2:]:
            old.unlink(missing_ok=True)
        self.last = time.perf_counter()
        self.cost = self.last - start
        return True

    def clear(self):
        """Remove all checkpoints: the run is complete, or starts over."""
        if self.folder.is_dir():
            for entry in self.folder.iterdir():
                entry.unlink()
            self.folder.rmdir()


def paths(folder):
    """Checkpoints of a run folder, newest first; list of Path."""
    return sorted((Path(folder) / CHECKPOINT).glob("[0-9]*.npz"), reverse=True)
