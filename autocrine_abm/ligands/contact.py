"""What evenly charged spheres miss of two cells that nearly touch: an exact pair, added to every pair of a crowd.

Mesh and `close_neighbors` treat each cell as if all of its surface released and took up alike. Where a strong absorber
touches a sender, its near side takes up what its far side never sees. As in Stokesian dynamics (Brady & Bossis 1988), where
nearly touching particles lubricate each other, that part is short-ranged and nearly additive once it is written as a
conductance: with c = G J for even charges, a pair of spheres has q = (1/G + U + Y) c, and Y of many is the sum over pairs.
The flows v = Y c change the field around as charges −v would, whose far fields nearly cancel and are cut off.

The exact pair: ligand passes through the bodies of cells, whose surfaces release evenly and take up U c/(4πa²) per area. In
multipoles X_k along the axis, each seen from its own center towards the other,

    (2k + 1 + β) X_k + β Σ_l binom(k + l, k) X'_l/R^(k+l+1) = q δ_k0/(4πDa),    β = U/(4πDa), lengths in a,

c being X_0 + Σ_l X'_l/R^(l+1). Unequal cells are taken for equal ones with their mean radius. In a slab of thickness H cells
are cylinders, with powers of 1/R less by one, logarithms for k = l = 0, and β = U/(2πDH).
"""

from functools import cache
from math import log, pi
from typing import NamedTuple

import numpy as np
from scipy.special import binom

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import DIFFUSION, DIMENSION, SECTION
from autocrine_abm.ligands.lattice_green import PERIODIC, SPACING, VOXELS

__all__ = ["Contact", "contact_between", "surface_resistance"]

_FARTHEST = 1.5  # distance in sums of radii, from which on cells are no pair; fading begins at
_FADING = 1.4
_FIELD = 3.6  # distance in mean radii at which the field of a flow is cut
_LARGEST = 300.0  # β above which absorbers are as good as perfect
_DISTANCES, _RATIOS = 13, 15  # entries of the table
_POLES = 16
_FAR = 7.0  # ln of where the field of a cylinder ends, in radii; Y hardly depends on it


class Contact(NamedTuple):
    """Conductances of pairs, and the field of what flows, with lists of its own: who touches is fewer than who is close.

    Attributes
    ----------
    start : ndarray of int64, shape (n + 1,)
        As in `CloseNeighbors`; no entries where nobody touches.
    neighbor : ndarray of int32, shape (n_pairs,)
        Those within 3.6 mean radii.
    own : ndarray of float64, shape (n,)
        Σ Y_ii over all pairs of cell i [µm³/min].
    between : ndarray of float64, shape (n_pairs,)
        Y_ij [µm³/min], the same number for both of a pair.
    tie : ndarray of float64, shape (n_pairs,)
        Field of a unit flow of the neighbor, less its value where it is cut [min/µm³].
    hold : ndarray of float64, shape (n,)
        That of the cell's own flow [min/µm³].
    """

    start: np.ndarray
    neighbor: np.ndarray
    own: np.ndarray
    between: np.ndarray
    tie: np.ndarray
    hold: np.ndarray

    @classmethod
    def of_nobody(cls):
        """Where no absorber is strong."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), *np.zeros((4, 0)))


def _couple(dimension, distance, poles):
    """Potential of multipole l of the other cell in terms k around one's own, at distances (m,) in radii: (m, k, l)."""
    k, far = np.arange(poles + 1), distance[:, None, None]
    row, column = k[:, None], k[None]
    if dimension == 3:
        return binom(row + column, row) / far ** (row + column + 1.0)
    even = np.where(row == 0, _FAR - np.log(far), 1.0 / (np.maximum(row, 1) * far ** np.maximum(row, 1)))
    return np.where(column == 0, even, binom(row + column - 1.0, row) / far ** (row + column))


def _pair(dimension, distance, first, second, poles):
    """Y_11, Y_12 over 4πDa (slab: 2πDH) of two equal cells; all arguments from distance to second have shape (m,)."""
    n, m = poles + 1, len(distance)
    couple = _couple(dimension, distance, poles)
    own = 2.0 * np.arange(n) + 1.0 if dimension == 3 else np.append(1.0, 2.0 * np.arange(1, n))
    alone = 1.0 if dimension == 3 else _FAR
    to_surface = np.append(alone, np.ones(poles))
    matrix, sources = np.zeros((m, 2 * n, 2 * n)), np.zeros((m, 2 * n, 2))
    for side, beta in enumerate((first, second)):
        here, there = slice(side * n, side * n + n), slice((1 - side) * n, (1 - side) * n + n)
        matrix[:, here, here] = (own + beta[:, None] * to_surface)[:, None] * np.eye(n)
        matrix[:, here, there] = beta[:, None, None] * couple
    sources[:, 0, 0] = sources[:, n, 1] = 1.0
    pole = np.linalg.solve(matrix, sources)
    sensed = np.stack([alone * pole[:, 0] + np.einsum("ml,mlq->mq", couple[:, 0], pole[:, n:]),
                       alone * pole[:, n] + np.einsum("ml,mlq->mq", couple[:, 0], pole[:, :n])], axis=1)  # fmt: skip
    even = np.full((m, 2, 2), alone)
    even[:, 0, 1] = even[:, 1, 0] = couple[:, 0, 0]
    extra = np.linalg.inv(sensed) - np.linalg.inv(even)
    return extra[:, 0, 0] - first, 0.5 * (extra[:, 0, 1] + extra[:, 1, 0])


@cache
def _table(dimension):
    """Y_11, Y_12, and their parts that dipoles make, as `_pair` has them; by √(s − 1), ln(1 + β_1), ln(1 + β_2), s being the
    distance in sums of radii."""
    part = np.linspace(0.0, 1.0, _DISTANCES) ** 2 * (_FARTHEST - 1.0)
    beta = np.expm1(np.linspace(0.0, np.log1p(_LARGEST), _RATIOS))
    grid = [column.ravel() for column in np.meshgrid(2.0 * (1.0 + part), beta, beta, indexing="ij")]
    whole, dipoles = _pair(dimension, *grid, _POLES), _pair(dimension, *grid, 1)
    return np.stack([*whole, *dipoles], axis=-1).reshape(_DISTANCES, _RATIOS, _RATIOS, 4)


@kernel
def _between(low, high, start, neighbor, active, position, radius, ratio, axes, law, table, own, between, tie):
    """Entries of `Contact` for cells low..high; `ratio` is the place of β in the table, which ends at its last entries."""
    coarsest, in_space = 0.0, law[DIMENSION] == 3.0
    for d in range(3):
        if axes[d, VOXELS] > 1.0:
            coarsest = max(coarsest, axes[d, SPACING])
    conductance = 2.0 * np.pi * law[DIFFUSION] * (1.0 if in_space else law[SECTION])
    part = np.empty(4)
    for i in range(low, high):
        own[i] = 0.0
        for entry in range(start[i], start[i + 1]):
            between[entry], tie[entry] = 0.0, 0.0
            j = np.int64(neighbor[entry])
            if j == i or not active[j]:
                continue
            square = 0.0
            for d in range(3):  # positions are 0 along axes of one voxel
                apart = position[i, d] - position[j, d]
                if axes[d, PERIODIC] != 0.0:
                    length = axes[d, VOXELS] * axes[d, SPACING]
                    apart -= length * np.rint(apart / length)
                square += apart * apart
            touching = radius[i] + radius[j]
            distance = max(np.sqrt(square), touching)
            cut = 0.5 * _FIELD * touching
            if distance < cut:
                fall = 0.5 / distance - 0.5 / cut
                if not in_space:  # of the slower logarithm less a disc of the opposite charge, lest packed cells run away
                    fall = np.log(cut / distance) - 0.5 + 0.5 * (distance / cut) ** 2
                tie[entry] = fall / conductance
            stretch = distance / touching
            if not active[i] or stretch >= _FARTHEST:
                continue
            along = np.sqrt((stretch - 1.0) / (_FARTHEST - 1.0)) * (table.shape[0] - 1)
            x, y, z = min(int(along), table.shape[0] - 2), int(ratio[i]), int(ratio[j])
            part[:] = 0.0
            for corner in range(8):
                a, b, c = corner >> 2, (corner >> 1) & 1, corner & 1
                share = abs(1 - a - (along - x)) * abs(1 - b - (ratio[i] - y)) * abs(1 - c - (ratio[j] - z))
                for p in range(4):
                    part[p] += share * table[x + a, y + b, z + c, p]
            # dipoles show on a mesh finer than a cell, and do not on a coarse one
            shown = min(max(2.0 - coarsest / (0.625 * touching), 0.0), 1.0)
            scale = conductance * (touching if in_space else 1.0) * min(1.0, (_FARTHEST - stretch) / (_FARTHEST - _FADING))
            own[i] += scale * (part[0] - shown * part[2])
            between[entry] = scale * (part[1] - shown * part[3])


def contact_between(near, start, neighbor, active, position, radius, clearance):
    """Conductances between cells of lists of neighbors.

    Parameters
    ----------
    near : NearField
        In 3-D, or in a slab.
    start, neighbor
        Lists as `CloseNeighbors` has them.
    active : ndarray of bool, shape (n,)
        Cells that release or take up anything.
    position : ndarray of float64, shape (n, 3)
    radius, clearance : ndarray of float64, shape (n,)
        a [µm] and U [µm³/min], in the order of the lists as all else.

    Returns
    -------
    Contact
    """
    n, law = len(radius), near.law
    own, between, tie = np.empty(n), np.empty(neighbor.size), np.empty(neighbor.size)
    ratio = np.minimum(clearance * surface_resistance(radius, law), _LARGEST)
    place = np.minimum(np.log1p(ratio) / np.log1p(_LARGEST) * (_RATIOS - 1), _RATIOS - 1 - 1e-9)
    near.team.run(
        _between, n, start, neighbor, active, np.ascontiguousarray(position), radius, place, near.axes, law,
        _table(int(law[DIMENSION])), own, between, tie, work=20 * neighbor.size,
    )  # fmt: skip
    fall = 1.0 - 1.0 / _FIELD if law[DIMENSION] == 3.0 else log(_FIELD) - 0.5 + 0.5 / _FIELD**2
    near_by = tie != 0.0
    place = np.concatenate([[0], np.cumsum(near_by)])[start]
    return Contact(place, neighbor[near_by], own, between[near_by], tie[near_by], fall * surface_resistance(radius, law))


def surface_resistance(radius, law):
    """1/(4πDa) of spheres, 1/(2πDH) of cylinders in a slab [min/µm³]: one over the clearance at which β is 1; shape (n,)."""
    if law[DIMENSION] == 3.0:
        return 1.0 / (4 * pi * law[DIFFUSION] * radius)
    return np.full(len(radius), 1.0 / (2 * pi * law[DIFFUSION] * law[SECTION]))
