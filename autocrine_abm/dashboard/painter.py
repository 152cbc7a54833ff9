"""From a snapshot to pictures: which panes there are, what colors mean, and where things lie in a pane.

Pure functions of a snapshot and a `View`; threads and browsers are left to `runner` and `session`.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from autocrine_abm.cells.columns import PHASE_NAMES
from autocrine_abm.dashboard.snapshot import ORIGINS
from autocrine_abm.output.colors import CATEGORIES, PHASE_COLORS, by_category, by_value, hex_of, ramp, scale
from autocrine_abm.output.picture import AXES_OF_SLICE, draw_map, draw_view, pick_sphere, project_point

__all__ = [
    "PAPER", "Camera", "Pane", "View", "assemble", "box_of", "cell_table", "color_key", "colors_of", "field_table", "layout",
    "paint", "pick", "place_of", "ranges_of", "span_of", "value_at",
]  # fmt: skip

PAPER = {False: (250, 250, 249), True: (19, 24, 31)}
_ORIGIN_COLORS = (CATEGORIES[0], CATEGORIES[1], CATEGORIES[3], CATEGORIES[7])
_UNKNOWN = "#9aa3ab"


@dataclass(frozen=True)
class Camera:
    """Where one looks.

    Parameters
    ----------
    x, y, z : float
        Middle of the picture, as a share of the tissue's edges [-].
    zoom : float
        1 shows all of the tissue.
    azimuth, elevation : float
        Of the solid view [degrees].
    cut : float
        Where the solid view is cut open across y, as a share of that edge; 0 leaves it whole.
    """

    x: float = 0.5
    y: float = 0.5
    z: float = 0.5
    zoom: float = 1.0
    azimuth: float = -55.0
    elevation: float = 25.0
    cut: float = 0.0


@dataclass(frozen=True)
class View:
    """How a page wants to see its tissues.

    Parameters
    ----------
    mode : str
        For 3-D tissues: ``"x"``, ``"y"``, ``"z"`` (slices across that axis), ``"solid"``, or ``"all"`` four.
    tissue : str or None
        Only this one; None for all, side by side.
    camera : Camera
    field, cells : bool
        Whether the ligand field and the cells are shown.
    spread : bool
        Whether the field's colors begin at its least value, to show small differences; else at 0.
    palette : str
        Colors of the field, see `output.colors.scale`; empty for those of the ligand.
    dark : bool
        Whether the page is dark.
    width, height : int
        Room for all panes [pixels].
    selected : int
        cell_id of the cell that is marked, 0 for none.
    fixed : tuple of 2 float, or None
        Ends of the field's color scale [nM]; None follows the field.
    """

    mode: str = "solid"
    tissue: str | None = None
    camera: Camera = field(default_factory=Camera)
    field: bool = True
    cells: bool = True
    spread: bool = False
    palette: str = ""
    dark: bool = False
    width: int = 640
    height: int = 640
    selected: int = 0
    fixed: tuple | None = None


@dataclass(frozen=True)
class Pane:
    """One picture: which model and tissue it shows, how, and where it stands on the page.

    Parameters
    ----------
    world, tissue : int
        Index of the model and, in its snapshot, of the tissue.
    mode : str
        ``"x"``, ``"y"``, ``"z"`` or ``"solid"``.
    left, top, width, height : int
        [pixels]
    """

    world: int
    tissue: int
    mode: str
    left: int
    top: int
    width: int
    height: int


_GAP = 8  # pixels between panes


def layout(snapshots, view):
    """Panes that share the room evenly: a column per model and tissue, or four views of one; list of `Pane`."""
    wanted = []
    for world, snapshot in enumerate(snapshots):
        for place, shot in enumerate(snapshot.shots):
            if view.tissue not in (None, shot.name) and any(s.name == view.tissue for s in snapshot.shots):
                continue
            modes = ("z",)
            if shot.is_solid:
                modes = ("solid", "x", "y", "z") if view.mode == "all" else (view.mode,)
            wanted.append([(world, place, mode) for mode in modes])
    columns = max(1, len(wanted))
    inner = 2 if any(len(group) > 1 for group in wanted) else 1
    per_row = columns * inner
    rows = inner
    if inner == 1 and columns > 2 and view.height * 2 > view.width:  # several tissues in two models, say
        per_row, rows = -(-columns // 2), 2
    width = (view.width - _GAP * (per_row - 1)) // per_row
    height = (view.height - _GAP * (rows - 1)) // rows
    panes = []
    for column, group in enumerate(wanted):
        for place, (world, tissue, mode) in enumerate(group):
            if inner == 2:
                at = (2 * column + place % 2, place // 2)
            else:
                at = (column % per_row, column // per_row)
            panes.append(Pane(world, tissue, mode, at[0] * (width + _GAP), at[1] * (height + _GAP), width, height))
    return panes


# -- colors -----------------------------------------------------------------------------------------------------------


def ranges_of(snapshots, view):
    """Ends of the color scales, shared by all panes: ``{"field": (low, high), "cells": (low, high)}``, as far as needed."""
    ranges = {}
    fields = [shot.field for snapshot in snapshots for shot in snapshot.shots if shot.field is not None]
    if fields:
        least, most = min(float(f.min()) for f in fields), max(float(f.max()) for f in fields)
        ranges["field"] = view.fixed or (least if view.spread else min(0.0, least), most)
    values = [shot.values for snapshot in snapshots for shot in snapshot.shots if shot.values.dtype.kind == "f"]
    finite = [v[np.isfinite(v)] for v in values]
    finite = [v for v in finite if len(v)]
    if finite:
        ranges["cells"] = (min(float(v.min()) for v in finite), max(float(v.max()) for v in finite))
    return ranges


def field_table(view, ligand_place):
    """Colors of the field: those that are asked for, or the ligand's own."""
    return scale(view.palette) if view.palette else ramp(ligand_place % 4, view.dark)


def cell_table(view):
    """Colors of numbers on cells."""
    return scale("viridis")


def colors_of(shot, look, ranges, view):
    """A color per cell of a tissue, ndarray of uint8 (n, 3)."""
    if look.color == "cell type":
        return _with_corpses(by_category(shot.values), shot.phase)
    if look.color == "phase":
        return by_category(shot.values, (CATEGORIES[2], *PHASE_COLORS.values()))
    if look.color == "clone":
        return _with_corpses(by_category(shot.values * 5 % 7), shot.phase)
    if look.color.startswith("origin of "):
        return by_category(np.where(shot.values < 0, len(ORIGINS), shot.values), (*_ORIGIN_COLORS, _UNKNOWN))
    low, high = ranges.get("cells", (0.0, 1.0))
    return by_value(shot.values, low, high, cell_table(view))


def _with_corpses(colors, phase):
    dying = phase > 0
    if dying.any():
        colors[dying] = by_category(phase[dying] - 1, tuple(PHASE_COLORS.values()))
    return colors


def color_key(snapshots, view, types, unit, ligands, level=("nM", 1.0), ranges=None):
    """The legend: what colors of cells and field mean, as the page draws it.

    Parameters
    ----------
    snapshots : sequence of Snapshot
    view : View
    types : sequence of str
        Names of cell types.
    unit : str
        Of the property that colors the cells.
    ligands : sequence of str
    level : tuple of str and float
        Unit of the field in the legend, and what an nM is in it.
    ranges : dict, optional
        Ends of the scales; default those of `ranges_of`.

    Returns
    -------
    dict
        ``cells``: list of (name, color), or a scale (name, low, high, unit, colors); ``field``: a scale, or None.
    """
    look = snapshots[0].look
    ranges = ranges_of(snapshots, view) if ranges is None else ranges
    key = {"cells": None, "field": None, "chips": []}
    shots = [shot for snapshot in snapshots for shot in snapshot.shots]
    dying = {PHASE_NAMES[code] for shot in shots for code in np.flatnonzero(np.bincount(shot.phase))} - {"alive"}
    if look.color == "cell type":
        present = {int(code) for shot in shots for code in np.flatnonzero(np.bincount(shot.values))}
        shown = [n for n in range(len(types)) if n in present or len(types) < 5]
        key["chips"] = [[types[n], CATEGORIES[n % len(CATEGORIES)]] for n in shown]
    elif look.color == "phase":
        key["chips"] = [["alive", CATEGORIES[2]]]
    elif look.color == "clone":
        key["chips"] = [["a color per clone", ""]]
    elif look.color.startswith("origin of "):
        key["chips"] = [[name, color] for name, color in zip((*ORIGINS, "not traced"), (*_ORIGIN_COLORS, _UNKNOWN))]
    elif "cells" in ranges:
        key["cells"] = _scale(look.color, ranges["cells"], unit, cell_table(view))
    if look.color in ("cell type", "phase", "clone"):
        key["chips"] += [[name, PHASE_COLORS[name]] for name in PHASE_COLORS if name in dying]
    if "field" in ranges and look.ligand in ligands and view.field:
        ends = tuple(end * level[1] for end in ranges["field"])
        key["field"] = _scale(look.ligand, ends, level[0], field_table(view, ligands.index(look.ligand)))
    return key


def _scale(name, ends, unit, table):
    colors = [hex_of(table[n]) for n in range(0, 256, 15)]
    return {"name": name, "low": ends[0], "high": ends[1], "unit": unit, "colors": colors}


# -- geometry ---------------------------------------------------------------------------------------------------------


def _window(shot, pane, camera):
    """Part of a slice that fills a pane: left, right, bottom, top [µm]."""
    right, up = AXES_OF_SLICE[pane.mode]
    across, upward = shot.size[right], shot.size[up]
    per_pixel = max(across / pane.width, upward / pane.height) / camera.zoom
    middle = [(camera.x, camera.y, camera.z)[axis] * shot.size[axis] for axis in (right, up)]
    half = [per_pixel * pane.width / 2, per_pixel * pane.height / 2]
    return middle[0] - half[0], middle[0] + half[0], middle[1] - half[1], middle[1] + half[1]


def _solid(shot, pane, camera):
    """Arguments of the solid view that follow from the camera."""
    size = np.array(shot.size)
    extent = 1.02 * float(np.linalg.norm(size)) / camera.zoom * max(1.0, pane.width / pane.height) * 0.86
    cut = ("y", camera.cut * size[1]) if camera.cut > 0 else None
    center = np.array([camera.x, camera.y, camera.z]) * size
    return {
        "azimuth": camera.azimuth, "elevation": camera.elevation, "cut": cut, "center": center, "extent": extent,
        "width": pane.width, "height": pane.height,
    }  # fmt: skip


def span_of(shot, pane, camera):
    """What the width of a pane spans [µm]."""
    if pane.mode == "solid":
        return _solid(shot, pane, camera)["extent"]
    window = _window(shot, pane, camera)
    return window[1] - window[0]


def _slice_at(shot, mode, camera):
    axis = "xyz".index(mode)
    share = (camera.x, camera.y, camera.z)[axis] if shot.is_solid else 0.5
    return share * shot.size[axis]


def place_of(shot, pane, view, cell_id):
    """Where a cell is in a pane: x, y and radius as shares of its width and height, or None if it is not shown."""
    row = int(np.searchsorted(shot.cell_id, cell_id))
    if not cell_id or row >= len(shot.cell_id) or shot.cell_id[row] != cell_id:
        return None
    where, radius = shot.position[row], float(shot.radius[row])
    if pane.mode == "solid":
        x, y = project_point(where, **{k: v for k, v in _solid(shot, pane, view.camera).items() if k != "cut"})
        return x / pane.width, y / pane.height, radius / span_of(shot, pane, view.camera)
    right, up = AXES_OF_SLICE[pane.mode]
    window = _window(shot, pane, view.camera)
    x = (where[right] - window[0]) / (window[1] - window[0])
    y = (window[3] - where[up]) / (window[3] - window[2])
    return float(x), float(y), radius / (window[1] - window[0])


def box_of(shot, pane, view):
    """The twelve edges of the tissue in a solid view: list of (x0, y0, x1, y1) as shares of width and height."""
    arguments = {k: v for k, v in _solid(shot, pane, view.camera).items() if k != "cut"}
    corners = {
        (i, j, k): project_point(np.array([i, j, k]) * shot.size, **arguments) for i in (0, 1) for j in (0, 1) for k in (0, 1)
    }
    edges = []
    for corner, (x0, y0) in corners.items():
        for axis in range(3):
            if corner[axis] == 0:
                other = tuple(1 if a == axis else c for a, c in enumerate(corner))
                x1, y1 = corners[other]
                edges.append([round(v, 4) for v in (x0 / pane.width, y0 / pane.height, x1 / pane.width, y1 / pane.height)])
    return edges


def value_at(shot, pane, view, x, y):
    """The field at a point of a slice [nM], or None; x and y are shares of the pane's width and height."""
    if pane.mode == "solid" or shot.field is None:
        return None
    right, up = AXES_OF_SLICE[pane.mode]
    window = _window(shot, pane, view.camera)
    point = np.empty(3)
    point[right] = window[0] + x * (window[1] - window[0])
    point[up] = window[3] - y * (window[3] - window[2])
    point["xyz".index(pane.mode)] = _slice_at(shot, pane.mode, view.camera)
    voxel = np.floor(point / shot.size * shot.shape).astype(int)
    if (voxel < 0).any() or (voxel >= shot.shape).any():
        return None
    return float(shot.field[tuple(voxel)])


def pick(shot, pane, view, x, y, slack=6.0):
    """cell_id of the cell that is shown at a point of a pane, 0 if there is none.

    Parameters
    ----------
    x, y : float
        Shares of the pane's width and height.
    slack : float
        How far beside a cell one may point [pixels]; 0 for hovering.
    """
    if not len(shot.cell_id) or not view.cells:
        return 0
    if pane.mode == "solid":
        arguments = _solid(shot, pane, view.camera)
        row = pick_sphere(shot.size, shot.position, shot.radius, (int(x * pane.width), int(y * pane.height)), **arguments)
        return int(shot.cell_id[row]) if row >= 0 else 0
    right, up = AXES_OF_SLICE[pane.mode]
    window = _window(shot, pane, view.camera)
    point = window[0] + x * (window[1] - window[0]), window[3] - y * (window[3] - window[2])
    depth = shot.position[:, "xyz".index(pane.mode)] - _slice_at(shot, pane.mode, view.camera)
    squared = shot.radius**2 - depth**2
    beside = np.hypot(shot.position[:, right] - point[0], shot.position[:, up] - point[1]) - np.sqrt(np.maximum(squared, 0))
    beside[squared <= 0] = np.inf
    row = len(beside) - 1 - int(np.argmin(beside[::-1]))  # of several the one on top
    reach = slack * (window[1] - window[0]) / pane.width
    return int(shot.cell_id[row]) if beside[row] <= reach else 0


# -- pictures ---------------------------------------------------------------------------------------------------------


def paint(snapshots, view, pane, ranges, ligands, magnify=1.0, color=None):
    """The picture of a pane, ndarray of uint8 (height, width, 3).

    `magnify` gives more pixels for the same view; `color` are the `colors_of` the cells, if they are known.
    """
    snapshot = snapshots[pane.world]
    shot, look = snapshot.shots[pane.tissue], snapshot.look
    pane = replace(pane, width=max(16, int(pane.width * magnify)), height=max(16, int(pane.height * magnify)))
    color = colors_of(shot, look, ranges, view) if color is None else color
    position, radius = shot.position, shot.radius
    if not view.cells:
        position, radius, color = position[:0], radius[:0], color[:0]
    low, high = ranges.get("field", (0.0, 1.0))
    shown = view.field and shot.field is not None
    field = {
        "field": shot.field if shown else None, "low": low, "high": high, "paper": PAPER[view.dark],
        "table": field_table(view, ligands.index(look.ligand)) if shown else None,
    }  # fmt: skip
    if pane.mode == "solid":
        return draw_view(shot.size, position, radius, color, **field, **_solid(shot, pane, view.camera))
    return draw_map(
        shot.size, position, radius, color, **field, axis=pane.mode, at=_slice_at(shot, pane.mode, view.camera),
        window=_window(shot, pane, view.camera), width=pane.width, height=pane.height,
    )  # fmt: skip


def assemble(snapshots, view, ranges, ligands, magnify=1.0):
    """All panes in one picture, ndarray of uint8 (height, width, 3) of the view's size times `magnify`."""
    whole = np.full((int(view.height * magnify), int(view.width * magnify), 3), PAPER[view.dark], np.uint8)
    for pane in layout(snapshots, view):
        image = paint(snapshots, view, pane, ranges, ligands, magnify)
        top, left = int(pane.top * magnify), int(pane.left * magnify)
        image = image[: whole.shape[0] - top, : whole.shape[1] - left]
        whole[top : top + image.shape[0], left : left + image.shape[1]] = image
    return whole
