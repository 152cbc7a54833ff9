"""The scenarios to start from, each with its question and a picture of it after a few steps.

A picture is painted once, in the background, and kept beside the compiled kernels, under a name that changes with the file.
"""

import hashlib
import tomllib
from time import perf_counter

from autocrine_abm import __version__
from autocrine_abm.compilation import cache_folder
from autocrine_abm.dashboard import painter
from autocrine_abm.dashboard.aim import aim
from autocrine_abm.dashboard.snapshot import Look, shoot
from autocrine_abm.output.picture import encode
from autocrine_abm.scenario import library

__all__ = ["cards", "picture_of"]

_PATIENCE = 1.2  # s of stepping for a picture
_WIDTH, _HEIGHT = 320, 200
_MANNER = 2  # of painting; to be raised when pictures change, so that kept ones are painted anew


def cards():
    """What the gallery says of every shipped scenario: list of dict with ``name``, ``group``, ``title`` and ``question``."""
    found = []
    for name, group, title in library.summaries():
        table = tomllib.loads(library.path(name).read_text(encoding="utf-8"))
        question = " ".join(table.get("question", "").split("\n\n")[0].split())
        found.append({"name": name, "group": group or "Others", "title": title, "question": question})
    return found


def picture_of(name):
    """A picture of a shipped scenario, bytes of a JPEG; takes a second or two the first time.

    Parameters
    ----------
    name : str
    """
    path = library.path(name)
    key = hashlib.sha256(path.read_bytes() + f"{__version__} {_MANNER}".encode()).hexdigest()[:16]
    folder = cache_folder()
    kept = folder and folder.parent / "pictures" / f"{name}-{key}.jpg"
    if kept and kept.is_file():
        return kept.read_bytes()
    picture = _paint(path)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial")
        partial.write_bytes(picture)
        partial.replace(kept)
    return picture


def _paint(path):
    from autocrine_abm.scenario.files import read
    from autocrine_abm.simulation.model import TumorModel

    spec = read(path)
    model = TumorModel(spec, threads=1, folder=path.parent)
    end = perf_counter() + _PATIENCE
    while perf_counter() < end and model.clock.step < spec.run.n_steps:
        model.step()
    snapshot = shoot(model, Look(_busiest(model), "cell type"))
    solid = any(shot.is_solid for shot in snapshot.shots)
    first, shot = next(iter(model.tissues)), snapshot.shots[0]
    if solid:  # many cells as a body, few as those that lie in one plane
        mode = "solid" if model.n_cells > 2000 else "z"
        camera = painter.Camera(**aim(shot, mode, _WIDTH / _HEIGHT))
        view = painter.View(mode=mode, tissue=first, camera=camera, width=_WIDTH, height=_HEIGHT)
    else:  # fill the card
        fill = max(shot.size[0] / shot.size[1] * _HEIGHT / _WIDTH, shot.size[1] / shot.size[0] * _WIDTH / _HEIGHT)
        view = painter.View(camera=painter.Camera(zoom=fill), tissue=first, width=_WIDTH, height=_HEIGHT)
    snapshots = [snapshot]
    pane = painter.Pane(0, 0, view.mode if solid else "z", 0, 0, _WIDTH, _HEIGHT)
    ranges = painter.ranges_of(snapshots, view)
    return encode(painter.paint(snapshots, view, pane, ranges, list(spec.ligand), 2.0), "jpeg", 82)


def _busiest(model):
    """The ligand whose field varies most, None without ligands."""
    fields = next(iter(model.tissues.values())).fields
    spread = {name: float(field.concentration.std() / (field.concentration.mean() or 1)) for name, field in fields.items()}
    return max(spread, key=spread.get) if spread else None
