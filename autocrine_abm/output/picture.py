"""Pictures of a tissue: flat maps of field and cells, and solid views of three-dimensional ones.

Arrays in, an array of pixels out, in milliseconds: reports, films and the dashboard draw with the same two
functions. Which color stands for what is told in `output.colors`.
"""

from io import BytesIO

import numpy as np

from autocrine_abm.output.colors import ramp
from autocrine_abm.output.planes import blend_plane
from autocrine_abm.output.raster import (
    NOTHING,
    cover_spheres,
    depth_span,
    mean_depth,
    paint_discs,
    paint_field,
    shade_spheres,
)

__all__ = ["AXES_OF_SLICE", "cut_cells", "draw_map", "draw_view", "encode", "pick_sphere", "project_point", "slice_field"]

#: Axes that a slice across an axis shows to the right and upwards.
AXES_OF_SLICE = {"x": (1, 2), "y": (0, 2), "z": (0, 1)}

_PAPER = 250  # gray level of the background
_EDGE_ON = 0.02  # sine of the angle below which a plane is a line
_OPACITY = 0.8  # of the field on a cut: cells behind it shimmer through
_EDGE = 0.62  # brightness of the outline of a cell relative to its inside
_LIGHT = np.array(
    [-0.42, -0.52, 0.744]
)  # unit vector: from the upper left, towards the viewer; y points down


def cut_cells(position, radius, axis, at):
    """Cells that a plane cuts, and the radii of the circles it cuts out of them.

    Parameters
    ----------
    position : ndarray of float, shape (n, 3)
        Positions [µm].
    radius : ndarray of float, shape (n,)
        Radii [µm].
    axis : str
        ``"x"``, ``"y"`` or ``"z"``: the axis that the plane stands across.
    at : float
        Where it crosses that axis [µm].

    Returns
    -------
    rows : ndarray of int64, shape (m,)
        Cells that are cut.
    radius : ndarray of float, shape (m,)
        Radii of the circles [µm]; new arrays both.
    """
    depth = position[:, "xyz".index(axis)] - at
    squared = radius**2 - depth**2
    rows = np.flatnonzero(squared > 0)
    return rows, np.sqrt(squared[rows])


def slice_field(field, size, axis, at):
    """The plane of voxels of a field, shape (nx, ny, nz), that holds the coordinate `at` [µm]; a 2-D view."""
    index = "xyz".index(axis)
    voxel = int(np.clip(at / size[index] * field.shape[index], 0, field.shape[index] - 1))
    return np.take(field, voxel, axis=index)


def draw_map(
    size, position, radius, color, *, field=None, low=0.0, high=1.0, table=None, axis="z", at=None,
    window=None, width=640, height=None, smooth=True, outline=True, paper=_PAPER,
):  # fmt: skip
    """Draw a slice through a tissue: the field in color, and the cells that the slice cuts as discs.

    Parameters
    ----------
    size : tuple of 3 float
        Edges of the tissue [µm].
    position : ndarray of float, shape (n, 3)
        Positions of the cells [µm].
    radius : ndarray of float, shape (n,)
        Their radii [µm].
    color : ndarray of uint8, shape (n, 3)
        Their colors.
    field : ndarray of float, shape (nx, ny, nz), optional
        What lies behind the cells; plain paper if None.
    low, high : float
        Values of `field` at the two ends of `table`.
    table : ndarray of uint8, shape (256, 3), optional
        Colors of the field; default ``ramp("sea")``.
    axis : str
        Axis that the slice stands across; ``"z"`` shows x to the right and y upwards.
    at : float, optional
        Where the slice crosses it [µm]; default the middle. A 2-D tissue has its cells in the middle.
    window : tuple of 4 float, optional
        Part that is shown: from and to along the right axis, from and to along the upward axis [µm]; default
        all.
    width, height : int
        Size of the picture [pixels]; the height follows if it is left out.
    smooth : bool
        Whether to interpolate the field between voxels.
    outline : bool
        Whether cells get a darker rim.
    paper : int or sequence of 3 int
        Color of what is beyond the tissue, or behind the cells without a field.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        A new array; row 0 is the top.
    """
    right, up = AXES_OF_SLICE[axis]
    across = "xyz".index(axis)
    at = size[across] / 2 if at is None else at
    left, far, bottom, top = map(float, (0.0, size[right], 0.0, size[up]) if window is None else window)
    height = max(1, round(width * (top - bottom) / (far - left))) if height is None else height
    image = _sheet(height, width, paper)
    if field is not None:
        values = np.ascontiguousarray(slice_field(field, size, axis, at), np.float64)
        per_length = values.shape[0] / size[right], values.shape[1] / size[up]
        in_voxels = np.array([left, far, bottom, top]) * np.repeat(per_length, 2)
        paint_field(
            values, ramp() if table is None else table, float(low), float(high), smooth, in_voxels, image
        )
    position = np.asarray(position, np.float64)
    rows, radius = cut_cells(position, np.asarray(radius, np.float64), axis, at)
    scale = width / (far - left)
    x = (position[rows, right] - left) * scale
    y = (top - position[rows, up]) * height / (top - bottom)
    color = np.ascontiguousarray(color, np.uint8)[rows]
    paint_discs(x, y, radius * scale, color, _EDGE if outline else 1.0, image)
    return image


def draw_view(
    size, position, radius, color, *, azimuth=-55.0, elevation=25.0, cut=None, center=None, extent=None,
    width=640, height=None, samples=1, shadows=True, paper=_PAPER, field=None, low=0.0, high=1.0, table=None,
):  # fmt: skip
    """Draw the cells of a three-dimensional tissue as shaded spheres, and on the cut the field between them.

    Parameters
    ----------
    size : tuple of 3 float
        Edges of the tissue [µm].
    position, radius, color
        As in `draw_map`.
    azimuth, elevation : float
        Where the viewer stands [degrees]: turned about z from the x axis, and above the horizon.
    cut : tuple of (str, float), optional
        ``("x", 100.0)`` removes everything on the viewer's side of x = 100 µm and shows the cut faces.
    center : sequence of 3 float, optional
        Point in the middle of the picture [µm]; default the middle of the tissue.
    extent : float, optional
        What the width of the picture spans [µm]; default the diagonal of the tissue.
    width, height : int
        Size of the picture [pixels]; square by default.
    samples : int
        Samples per pixel along each side; 2 gives smooth edges at four times the cost.
    shadows : bool
        Whether gaps between cells are darkened (depth-buffer unsharp masking, Luft, Colditz and Deussen
        2006).
    paper : int or sequence of 3 int
        Color behind the cells, into which distant ones fade.
    field, low, high, table
        As in `draw_map`; shown on the plane of the cut, translucent before the cells behind it.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        A new array; row 0 is the top.
    """
    height = width if height is None else height
    size = np.asarray(size, np.float64)
    center = size / 2 if center is None else np.asarray(center, np.float64)
    extent = float(np.linalg.norm(size)) if extent is None else extent
    columns, lines = width * samples, height * samples
    x, y, depth, radius, plane = _project(position, radius, center, extent, azimuth, elevation, cut, columns, lines)
    color = np.ascontiguousarray(color, np.uint8)
    image = _sheet(lines, columns, paper)
    depth_of = np.full((lines, columns), -np.inf, np.float32)
    owner = np.full((lines, columns), NOTHING, np.int64)
    cover_spheres(x, y, depth, radius, plane, depth_of, owner)
    span = np.empty(2)
    if depth_span(depth_of, span):
        mean = depth_of
        typical = float(np.median(radius[:: max(1, len(radius) // 4096)]))  # of some thousand cells: sorting all takes 1 ms
        if shadows:
            mean = np.empty_like(depth_of)
            mean_depth(depth_of, owner, max(1, round(1.5 * typical)), mean)
        shade_spheres(
            x, y, depth, radius, color, plane, _LIGHT, depth_of, mean, owner, max(1.0, 2.5 * typical), span,
            image,
        )  # fmt: skip
    if field is not None and cut is not None:
        _lay_section(field, low, high, table, size, center, columns / extent, azimuth, elevation, cut, depth_of, image)
    if samples > 1:
        blocks = image.reshape(height, samples, width, samples, 3)
        image = (blocks.mean(axis=(1, 3), dtype=np.float32) + 0.5).astype(np.uint8)
    return image


def _lay_section(field, low, high, table, size, center, scale, azimuth, elevation, cut, depth_of, image):
    """Blend the field on the plane of a cut into a solid view; not if it is seen edge on."""
    axis, at = "xyz".index(cut[0]), cut[1]
    screen = _screen(np.radians(azimuth), np.radians(elevation))
    towards = screen[2, axis]
    if abs(towards) < _EDGE_ON:
        return
    lines, columns = depth_of.shape
    # a pixel shows center + (right dx + down dy)/scale + towards t; the plane fixes t, so all is linear in column and row
    first = np.array([0.5 - columns / 2, 0.5 - lines / 2]) / scale
    slope = -screen[:2, axis] / towards  # depth [µm] per µm to the right and downwards
    depth = np.array([(at - center[axis]) / towards + slope @ first, *(slope / scale)])
    across = np.empty((3, 3))
    for place, other in enumerate(number for number in range(3) if number != axis):
        steps = screen[:2, other] / scale + screen[2, other] * depth[1:]
        start = center[other] + screen[:2, other] @ first + screen[2, other] * depth[0]
        across[place] = np.array([start, *steps]) * field.shape[other] / size[other]
    across[2] = depth * scale
    values = np.ascontiguousarray(slice_field(field, size, cut[0], at), np.float64)
    blend_plane(values, ramp() if table is None else table, float(low), float(high), across, depth_of, _OPACITY, image)


def pick_sphere(
    size, position, radius, at, *, azimuth=-55.0, elevation=25.0, cut=None, center=None, extent=None, width=640, height=None
):
    """Which sphere `draw_view` shows in one pixel.

    Parameters
    ----------
    size, position, radius, azimuth, elevation, cut, center, extent, width, height
        As in `draw_view`.
    at : tuple of 2 int
        Column and row of the pixel.

    Returns
    -------
    int
        Row of the cell; −1 if there is none.
    """
    height = width if height is None else height
    size = np.asarray(size, np.float64)
    center = size / 2 if center is None else np.asarray(center, np.float64)
    extent = float(np.linalg.norm(size)) if extent is None else extent
    x, y, depth, radius, plane = _project(position, radius, center, extent, azimuth, elevation, cut, width, height)
    x, y = x - at[0], y - at[1]
    plane[3] -= plane[0] * at[0] + plane[1] * at[1]
    depth_of, owner = np.full((1, 1), -np.inf, np.float32), np.full((1, 1), NOTHING, np.int64)
    cover_spheres(x, y, depth, radius, plane, depth_of, owner)
    return int(owner[0, 0])


def _sheet(height, width, paper):
    """An empty picture; line by line, which takes a fiftieth of the time of filling pixel by pixel."""
    image = np.empty((height, width, 3), np.uint8)
    image[:1] = paper
    image[1:] = image[:1]
    return image


def project_point(point, *, azimuth, elevation, center, extent, width, height):
    """Column and row, not rounded, at which `draw_view` shows a point [µm]; parameters as there."""
    screen = _screen(np.radians(azimuth), np.radians(elevation))
    right, down, _ = screen @ (np.asarray(point, float) - center) * (width / extent)
    return float(right + width / 2), float(down + height / 2)


def _project(position, radius, center, extent, azimuth, elevation, cut, columns, lines):
    """Spheres and cut in pixels: x, y, depth, radius (n,), and the plane as `cover_spheres` takes it."""
    scale = columns / extent
    screen = _screen(np.radians(azimuth), np.radians(elevation))  # rows: right, down, towards the viewer
    # one row per axis in single precision, a ten-thousandth of a pixel: a third of the time of doubles in triples
    away = np.ascontiguousarray((np.asarray(position, np.float64) - center).T, np.float32)
    turned = (scale * screen).astype(np.float32)
    x, y, depth = (row[0] * away[0] + row[1] * away[1] + row[2] * away[2] for row in turned)  # no threads, as @ would take
    x += np.float32(columns / 2)
    y += np.float32(lines / 2)
    radius = (np.asarray(radius, np.float64) * scale).astype(np.float32)
    return x, y, depth, radius, _plane(cut, screen, center, scale, columns, lines)


def _screen(azimuth, elevation):
    """Unit vectors to the right, downwards and towards the viewer, as rows."""
    sin_a, cos_a, sin_e, cos_e = np.sin(azimuth), np.cos(azimuth), np.sin(elevation), np.cos(elevation)
    return np.array(
        [[-sin_a, cos_a, 0.0], [sin_e * cos_a, sin_e * sin_a, -cos_e], [cos_e * cos_a, cos_e * sin_a, sin_e]]
    )


def _plane(cut, screen, center, scale, columns, lines):
    """The cut in pixels: normal towards the viewer, and its offset; everything is kept if there is no cut."""
    if cut is None:
        return np.array([0.0, 0.0, 0.0, np.inf])
    axis, at = "xyz".index(cut[0]), cut[1]
    normal = screen[:, axis]
    offset = (at - center[axis]) * scale
    if normal[2] < 0:
        normal, offset = -normal, -offset
    return np.array([*normal, offset + normal[0] * columns / 2 + normal[1] * lines / 2])


def encode(image, kind="png", quality=85):
    """A picture as bytes of a file.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    kind : str
        ``"png"`` (exact) or ``"jpeg"`` (small and fast, for pictures that move).
    quality : int
        Of a JPEG, 1 to 95.

    Returns
    -------
    bytes
    """
    from PIL import Image

    options = {"png": {"compress_level": 6}, "jpeg": {"quality": quality}}
    if kind not in options:
        raise ValueError(f"kind: got '{kind}', accepted is {' or '.join(options)}")
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, kind.upper(), **options[kind])
    return buffer.getvalue()
