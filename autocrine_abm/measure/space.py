"""Where the cells are: how large the tumor is, how dense, how arranged, what changes with depth.

Numbers out, nothing changed. Positions are in µm; a 2-D tissue has the same z everywhere.
"""

from math import pi
from typing import NamedTuple

import numpy as np

__all__ = [
    "PairCorrelation", "center", "equivalent_radius", "local_density", "mean_radius", "necrotic_core_radius",
    "pair_correlation", "radial_profile", "radius_of_gyration",
]  # fmt: skip


def center(position):
    """Mean position of the cells [µm], ndarray of shape (3,); nan without cells."""
    position = np.asarray(position, float)
    return position.mean(axis=0) if len(position) else np.full(3, np.nan)


def _distance(position, origin):
    position = np.asarray(position, float)
    return np.linalg.norm(position - (center(position) if origin is None else origin), axis=1)


def radius_of_gyration(position, origin=None):
    """Root mean square distance of the cells from their center [µm]; √(3/5) R for a full ball of radius R.

    >>> radius_of_gyration(np.array([[0.0, 0, 0], [20.0, 0, 0]]))
    10.0
    """
    distance = _distance(position, origin)
    return float(np.sqrt(np.mean(distance**2))) if len(distance) else np.nan


def mean_radius(position, origin=None):
    """Mean distance of the cells from their center [µm]; 3/4 R for a full ball, 2/3 R for a full disc."""
    distance = _distance(position, origin)
    return float(np.mean(distance)) if len(distance) else np.nan


def equivalent_radius(volume, flat=False):
    """Radius of the ball, or of the disc, that the cells would fill if packed without gaps [µm].

    Parameters
    ----------
    volume : ndarray of float, shape (n,)
        Volumes of the cells [µm³].
    flat : bool
        Whether the tissue is 2-D, where cells count with their cross section instead.

    Returns
    -------
    float
        (3 ΣV / 4π)^⅓ in 3-D; (Σ r²)^½ in 2-D, with r the radius of each cell.

    Examples
    --------
    >>> round(equivalent_radius(np.full(8, 4 / 3 * np.pi)), 9)
    2.0
    """
    each = (3 * np.asarray(volume, float) / (4 * pi)) ** (1 / 3)
    total = np.sqrt(np.sum(each**2)) if flat else np.sum(each**3) ** (1 / 3)
    return float(total)


def necrotic_core_radius(position, is_dead, origin=None):
    """Radius of the necrotic core [µm]: the ball that best separates dead cells from living ones.

    The radius R that minimizes the number of living cells nearer than R plus dead cells beyond it, so that a
    few stragglers on either side do not move it. Zero when no ball holds more dead cells than living ones.

    Parameters
    ----------
    position : ndarray of float, shape (n, 3)
        Positions of all cells [µm].
    is_dead : ndarray of bool, shape (n,)
        Which of them are necrotic.
    origin : ndarray of float, shape (3,), optional
        Center of the tumor [µm]; default the mean position of all cells.

    Returns
    -------
    float

    Examples
    --------
    >>> line = np.array([[float(x), 0.0, 0.0] for x in range(-10, 11)])
    >>> necrotic_core_radius(line, np.abs(line[:, 0]) <= 4)
    4.5
    """
    distance = _distance(position, origin)
    order = np.argsort(distance, kind="stable")
    distance, dead = distance[order], np.asarray(is_dead, bool)[order]
    if not dead.any():
        return 0.0
    gain = np.cumsum(
        np.where(dead, 1, -1)
    )  # dead minus living within the ball: largest where the split errs least
    last_of_shell = np.append(np.diff(distance) > 1e-9, True)  # cells at one distance go in or out together
    best = int(np.argmax(np.where(last_of_shell, gain, gain.min() - 1)))
    if gain[best] <= 0:
        return 0.0
    return float(distance[best] if best + 1 == len(distance) else (distance[best] + distance[best + 1]) / 2)


def radial_profile(position, values, edges, origin=None):
    """Mean of a per-cell value in shells around the center of the tumor.

    Parameters
    ----------
    position : ndarray of float, shape (n, 3)
        Positions [µm].
    values : ndarray of float or bool, shape (n,) or (n, m)
        What to average; a bool gives the share of cells that have it.
    edges : ndarray of float, shape (n_shells + 1,)
        Radii between the shells [µm], increasing.
    origin : ndarray of float, shape (3,), optional
        Center [µm]; default the mean position.

    Returns
    -------
    mean : ndarray of float, shape (n_shells,) or (n_shells, m)
        Mean in each shell; nan where there is no cell. A new array.
    number : ndarray of int64, shape (n_shells,)
        Cells in each shell.
    """
    values = np.asarray(values, float)
    n_shells = len(edges) - 1
    shell = np.searchsorted(edges, _distance(position, origin), side="right") - 1
    inside = (shell >= 0) & (shell < n_shells)
    shell, kept = shell[inside], values[inside].reshape(inside.sum(), -1)
    number = np.bincount(shell, minlength=n_shells)
    total = np.stack([np.bincount(shell, column, n_shells) for column in kept.T], axis=1)
    with np.errstate(invalid="ignore"):
        mean = total / number[:, None]
    return mean.reshape((n_shells, *values.shape[1:])), number


def _tree(position, mesh):
    """Neighbor tree of the axes that have an extent; periodic axes close on themselves."""
    from scipy.spatial import cKDTree

    axes = [axis for axis in range(3) if mesh.shape[axis] > 1] or [0]
    size = np.array(mesh.size)[axes]
    periodic = np.array(mesh.periodic)[axes]
    points = np.asarray(position, float)[:, axes]
    points = np.where(periodic, points % size, points)
    points = np.where(periodic & (points >= size), 0.0, points)  # -1e-20 % size is size itself
    return cKDTree(points, boxsize=np.where(periodic, size, 0.0)), size, periodic


def local_density(position, mesh, reach):
    """Cells per volume in a ball around each cell, itself not counted.

    Parameters
    ----------
    position : ndarray of float, shape (n, 3)
        Positions [µm].
    mesh : Mesh
        The tissue's box; only its size, its flat axes and its periodic axes are used.
    reach : float
        Radius of the ball, or of the disc in a 2-D tissue [µm].

    Returns
    -------
    ndarray of float, shape (n,)
        [1/µm³] in 3-D, [1/µm²] in 2-D, [1/µm] in 1-D. Near walls the ball sticks out and the value is low. A
        new array.
    """
    tree, size, _ = _tree(position, mesh)
    number = tree.query_ball_point(tree.data, reach, return_length=True) - 1
    return number / (2 * reach, pi * reach**2, 4 / 3 * pi * reach**3)[len(size) - 1]


class PairCorrelation(NamedTuple):
    """`distance` [µm] and `value` g(r) [-], two arrays of shape (n_bins,)."""

    distance: np.ndarray
    value: np.ndarray


def pair_correlation(position, mesh, edges, others=None):
    """How much more often than by chance two cells are r apart: above 1 clustered, below 1 kept apart.

    g(r) = pairs at r / (N M / V · shell volume · c(r)), with c(r) the mean share of the shell that lies
    inside the box. For a box with walls along some axes, averaging ∏(1 - r|uᵢ|/Lᵢ) over directions u gives
    c(r) in closed form (the isotropic set covariance; Ohser and Mücklich 2000), so unrelated cells give 1 up
    to the walls.

    Parameters
    ----------
    position : ndarray of float, shape (n, 3)
        Positions [µm].
    mesh : Mesh
        The tissue's box: size, flat axes (one voxel) and periodic axes.
    edges : ndarray of float, shape (n_bins + 1,)
        Distances between the bins [µm], increasing; the last at most the shortest edge (half of it if
        periodic).
    others : ndarray of float, shape (m, 3), optional
        Count pairs between `position` and these instead of pairs within `position`.

    Returns
    -------
    PairCorrelation
        nan where there are no cells to pair.
    """
    edges = np.asarray(edges, float)
    tree, size, periodic = _tree(position, mesh)
    longest = np.min(np.where(periodic, size / 2, size))
    if edges[-1] > longest * (1 + 1e-12):
        raise ValueError(
            f"edges: got distances up to {edges[-1]:g} µm, accepted is up to {longest:g} µm in this tissue"
        )
    partner = tree if others is None else _tree(others, mesh)[0]
    within = tree.count_neighbors(partner, edges).astype(float)
    pairs = np.diff(within)
    if others is None and edges[0] == 0.0:
        pairs[0] += within[0] - tree.n  # cells at distance 0 are pairs too, a cell and itself is not
    n_pairs = tree.n * partner.n if others is not None else tree.n * (tree.n - 1)
    dimension = len(size)
    middle = (edges[1:] + edges[:-1]) / 2
    ball = (2 * edges, pi * edges**2, 4 / 3 * pi * edges**3)[dimension - 1]
    expected = n_pairs / size.prod() * np.diff(ball) * _share_inside(middle, size[~periodic], dimension)
    with np.errstate(invalid="ignore", divide="ignore"):
        return PairCorrelation(*(middle, pairs / expected))


def _share_inside(r, walled, dimension):
    """Mean over directions of ∏(1 - r|uᵢ|/Lᵢ), the product over the axes with walls at distance Lᵢ."""
    #          <|u|>, <|u₁u₂|>, <|u₁u₂u₃|> over the unit circle and the unit sphere
    moments = {1: (1.0,), 2: (2 / pi, 1 / pi), 3: (1 / 2, 2 / (3 * pi), 1 / (4 * pi))}[dimension]
    # coefficients of ∏(1 - x/Lᵢ): each power of x has its own mean over directions
    coefficients = np.poly1d([1.0])
    for length in walled:
        coefficients = coefficients * np.poly1d([-1 / length, 1.0])
    share = np.zeros_like(r)
    for power, coefficient in enumerate(coefficients.coeffs[::-1]):
        share += coefficient * (moments[power - 1] if power else 1.0) * r**power
    return share
