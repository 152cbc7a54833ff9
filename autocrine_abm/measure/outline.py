"""What a microscope sees of a tissue from above, along z: how much of it cells cover, and how large they are together.

Spheroids and wound assays are measured by the area of their outline, cultures by their confluency. Numbers out, nothing
changed. Living and dead cells count alike, as they do in an image without a dye.
"""

from math import pi

import numpy as np

__all__ = ["covered_area", "outline_radius"]

_LINES_PER_RADIUS = 4  # of the mean cell: a lone disc is then within 3 % of its area, more of them within less
_MOST_LINES = 400  # across all cells, so that a million cells take a tenth of a second


def covered_area(position, radius, mesh, lattice=False):
    """Area that the cells cover, seen from above [µm²].

    Cells are discs of their radius; what lies beyond a wall is left out, what crosses a periodic face comes in on the other
    side. The union of the discs is cut by lines along x at equal distances dy, and their covered lengths are summed:
    A = dy Σ L(y). On a lattice a cell covers its voxel.

    Parameters
    ----------
    position : ndarray of float, shape (n, 3)
        Of all cells [µm].
    radius : ndarray of float, shape (n,)
        Of all cells [µm].
    mesh : Mesh
        Of the tissue.
    lattice : bool
        Whether there is a cell per voxel.

    Returns
    -------
    float

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> mesh = Mesh((10, 10, 1), (10.0, 10.0, 10.0))
    >>> twice = np.array([[50.0, 50.0, 2.0], [50.0, 50.0, 8.0]])
    >>> round(covered_area(twice, np.full(2, 20.0), mesh) / (np.pi * 20**2), 1)
    1.0
    """
    position, radius = np.asarray(position, float), np.asarray(radius, float)
    if not len(position):
        return 0.0
    if lattice:
        column = mesh.voxel_of(position) // mesh.shape[2]  # z is the last axis of a flat index
        return float(len(np.unique(column)) * mesh.spacing[0] * mesh.spacing[1])
    x, y, r = _with_copies(position[:, :2], radius, mesh)
    low, high = max(0.0, float((y - r).min())), min(float(mesh.size[1]), float((y + r).max()))
    dy = max(float(radius.mean()) / _LINES_PER_RADIUS, (high - low) / _MOST_LINES)
    count = max(1, round((high - low) / dy))
    dy = (high - low) / count
    first = np.ceil((y - r - low) / dy - 0.5).astype(np.int64)  # line k lies at low + (k + 1/2) dy
    last = np.floor((y + r - low) / dy - 0.5).astype(np.int64)
    first, last = np.maximum(first, 0), np.minimum(last, count - 1)
    times = np.maximum(last - first + 1, 0)
    cell = np.repeat(np.arange(len(x)), times)
    line = np.arange(len(cell)) - np.repeat(np.cumsum(times) - times, times) + first[cell]
    half = np.sqrt(np.maximum(r[cell] ** 2 - (low + (line + 0.5) * dy - y[cell]) ** 2, 0))
    start, end = np.clip(x[cell] - half, 0, mesh.size[0]), np.clip(x[cell] + half, 0, mesh.size[0])
    return float(dy * _length_of_union(line * (2.0 * mesh.size[0]) + start, line * (2.0 * mesh.size[0]) + end))


def _with_copies(position, radius, mesh):
    """x, y and radius of all discs, and of copies of those that cross a periodic face."""
    x, y, r = position[:, 0], position[:, 1], radius
    for axis in (0, 1):
        if mesh.periodic[axis]:
            along, size = (x, y)[axis], mesh.size[axis]
            over, under = along + r > size, along - r < 0
            shift = np.concatenate([np.zeros(len(r)), np.full(over.sum(), -size), np.full(under.sum(), size)])
            x, y, r = (np.concatenate([each, each[over], each[under]]) for each in (x, y, r))
            x, y = (x + shift, y) if axis == 0 else (x, y + shift)
    return x, y, r


def _length_of_union(start, end):
    """Length that intervals cover together."""
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    return np.maximum(end - np.maximum(start, np.concatenate([start[:1], end[:-1]])), 0).sum()


def outline_radius(area):
    """Radius of the circle of that area [µm], √(A/π): the radius of a spheroid, or of a round colony.

    >>> round(outline_radius(np.pi * 9.0), 9)
    3.0
    """
    return float(np.sqrt(area / pi))
