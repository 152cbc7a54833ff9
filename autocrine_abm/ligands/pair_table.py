"""What the mesh shows of one cell at another, tabulated over their distance.

Two footprints (`lattice_green.lay`) and the mesh's answer between them make a sum of thousands of terms for each pair. It
depends on the distance vector d, on how wide the cells' boxes are, and a little on where between the faces of voxels the
middle m of the pair lies. By symmetry that last part is even in d and goes as cos(2π m/h) along each axis, so four smooth
functions of |d| say it all:

    S(d, m) = S₀(d) + Σ_axes S_axis(d) cos(2π m_axis/h_axis).

Linear interpolation, ten steps to a box, errs by less than 1 % of the field of a point source at that distance (mostly by
0.2 %). A pair of unequal boxes is taken for one of equal boxes with their mean square. Tables stand on a ladder of boxes;
between its rungs lengths are scaled, as mean squares of footprints are (box²/12 + h²/6 along each axis). What the pair
exchanges is left to `close_neighbors`.
"""

from functools import lru_cache
from math import ceil, log, pi
from typing import NamedTuple

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import DIFFUSION, SECTION
from autocrine_abm.ligands.extent import REACH
from autocrine_abm.ligands.lattice_green import SPACING, VOXELS

__all__ = ["PairTable", "lookup", "pair_table"]

_STEPS = 10  # of the table in a box
_RATIO = 1.05  # of the boxes of neighboring tables
_MIDDLES = 8  # places of the middle of a pair that mean and cosine are taken over

# What a kernel knows of the ladder: entries of `PairTable.scales`.
FINEST, PER_LOG, RATIO, POWER, LOGARITHM = range(5)


class PairTable(NamedTuple):
    """Tables for a ladder of box widths.

    Attributes
    ----------
    scales : ndarray of float64, shape (5,)
        What `lookup` needs to know of the ladder.
    steps : ndarray of float64, shape (n_rungs, 3)
        Between entries along each axis [µm].
    shape : ndarray of int64, shape (4,)
        Rungs, and entries along each axis; two along axes with a single voxel, the second never looked at.
    values : ndarray of float32
        S₀, S_x, S_y, S_z [min/µm³] for each entry; flat.
    """

    scales: np.ndarray
    steps: np.ndarray
    shape: np.ndarray
    values: np.ndarray


def pair_table(axes, law, widest, green):
    """Tabulate what the mesh shows of cells at each other.

    Parameters
    ----------
    axes : ndarray of float64, shape (3, 5)
        Rows as `lattice_green` has them.
    law : ndarray
        From `cell_field.law_of`.
    widest : float
        Box of the largest cell [µm].
    green : ndarray of float64
        From `lattice_green`, longer than the reach of a pair and a box along each axis.

    Returns
    -------
    PairTable
    """
    wide = [axis for axis in range(3) if axes[axis, VOXELS] > 1]
    finest = min((axes[axis, SPACING] for axis in wide), default=1.0)
    n_rungs = 1 + round(log(max(widest / finest, 1.0)) / log(_RATIO))
    boxes = finest * _RATIO ** np.arange(n_rungs)
    n_steps = ceil(_STEPS * REACH * (_RATIO if widest > finest else 1.0)) + 2
    steps, values = np.ones((n_rungs, 3)), []
    for rung, box in enumerate(boxes):
        mean, cosine = [], []
        for axis in range(3):
            if axis not in wide:
                mean.append(np.array([[1.0], [0.0]]))
                cosine.append(np.zeros((2, 1)))
                continue
            h = axes[axis, SPACING]
            steps[rung, axis] = max(box, h) / _STEPS
            width = max(box / h, 1.0)
            overlap = _overlap(width, steps[rung, axis] / h, n_steps, green.shape[axis])
            mean.append(overlap[0])
            cosine.append(overlap[1])
        parts = [[cosine[axis] if axis == wave else mean[axis] for axis in range(3)] for wave in (-1, 0, 1, 2)]
        answers = [np.tensordot(np.tensordot(x, green, 1), z, (2, 1)).transpose(0, 2, 1) @ y.T for x, y, z in parts]
        values.append(np.stack([answer.transpose(0, 2, 1) for answer in answers], axis=-1))
    values = np.array(values, np.float32)
    one_size = widest <= finest  # every box is a voxel wide: nothing to scale
    unit = 1.0 / (2 * pi * law[DIFFUSION] * law[SECTION])
    scales = np.array(
        [
            0.0 if one_size else finest**2, 0.5 / log(_RATIO), _RATIO, {1: 1.0, 2: 0.0, 3: -1.0}[len(wide) or 1],
            -unit if len(wide) == 2 else 0.0,
        ]
    )  # fmt: skip
    return PairTable(scales, steps, np.array(values.shape[:4]), values.reshape(-1))


@lru_cache(maxsize=256)
def _overlap(width, step, n_steps, n_lags):
    """Weight by voxels apart of two footprints along one axis: mean over the middle of the pair, and its first cosine.

    Shape (2, n_steps, n_lags); lengths in voxels. Lags beyond the last are beyond the reach, and left out.
    """
    distance = step * np.arange(n_steps)[:, None]
    middle = (np.arange(_MIDDLES) + 0.5) / _MIDDLES
    most = ceil(1 + distance.max() / 2 + width / 2 + 2)
    here, there = _weights(width, middle - distance / 2, most), _weights(width, middle + distance / 2, most)
    reach = 2 * most
    lag = abs(np.arange(reach)[:, None] - np.arange(reach))
    product = here[..., :, None] * there[..., None, :]
    by_lag = np.stack([product[..., lag == apart].sum(-1) for apart in range(reach)], axis=-1)
    by_lag = np.pad(by_lag, ((0, 0), (0, 0), (0, max(n_lags - reach, 0))))[..., :n_lags]
    return np.stack([by_lag.mean(1), 2.0 * np.cos(2.0 * pi * middle) @ by_lag / _MIDDLES])


def _weights(width, place, most):
    """Footprint along an endless axis of cells at `place`: shape of `place`, and 2 × `most` voxels around 0."""
    edge = np.clip(np.arange(-most, most)[:, None] + 0.5 - place[..., None, None] + [-width / 2, width / 2], -1.0, 1.0)
    risen = np.where(edge < 0.0, 0.5 * (1.0 + edge) ** 2, 1.0 - 0.5 * (1.0 - edge) ** 2)
    return (risen[..., 1] - risen[..., 0]) / width


@kernel
def lookup(n_pairs, apart, wave, square_box, scales, steps, shape, values, shown):
    """What the mesh shows of pairs: S(d, m).

    Parameters
    ----------
    n_pairs : int
    apart : ndarray of float64, shape (3, room)
        Distance along each axis, of either sign [µm].
    wave : ndarray of float64, shape (3, room)
        cos(2π m/h) of the middle along each axis.
    square_box : ndarray of float64, shape (room,)
        Mean square of the two boxes [µm²].
    scales, steps, shape, values : ndarray
        A `PairTable`.
    shown : ndarray of float64, shape (room,)
        Filled up to `n_pairs` [min/µm³].
    """
    line, plane = np.uint64(4 * shape[3]), np.uint64(4 * shape[3] * shape[2])
    last_x, last_y, last_z, one = shape[1] - 2, shape[2] - 2, shape[3] - 2, np.float32(1.0)
    rung, wider, factor, added, last_box = 0, 1.0, 1.0, 0.0, 0.0
    for pair in range(n_pairs):
        if square_box[pair] != last_box and scales[FINEST] > 0.0:
            last_box = square_box[pair]
            place = np.log(last_box / scales[FINEST]) * scales[PER_LOG]
            rung = min(max(int(place + 0.5), 0), shape[0] - 1)
            standing = scales[FINEST] * scales[RATIO] ** (2 * rung)
            wider = np.sqrt((last_box + 2.0 * scales[FINEST]) / (standing + 2.0 * scales[FINEST]))
            factor, added = wider ** scales[POWER], scales[LOGARITHM] * np.log(wider)
        x, y, z = abs(apart[0, pair]), abs(apart[1, pair]), abs(apart[2, pair])
        x, y, z = x / (wider * steps[rung, 0]), y / (wider * steps[rung, 1]), z / (wider * steps[rung, 2])
        i, j, k = min(int(x), last_x), min(int(y), last_y), min(int(z), last_z)
        x, y, z = np.float32(min(x - i, 1.0)), np.float32(min(y - j, 1.0)), np.float32(min(z - k, 1.0))
        a = np.uint64(4) * np.uint64(((rung * shape[1] + i) * shape[2] + j) * shape[3] + k)
        b, c, d = a + line, a + plane, a + plane + line
        wa, wb, wc, wd = (one - x) * (one - y), (one - x) * y, x * (one - y), x * y
        found = np.float32(0.0)  # single precision throughout: conversions take longer than all else
        for part in range(4):
            strength = one if part == 0 else np.float32(wave[part - 1, pair])
            p, q = np.uint64(part), np.uint64(part + 4)
            low = wa * values[a + p] + wb * values[b + p] + (wc * values[c + p] + wd * values[d + p])
            high = wa * values[a + q] + wb * values[b + q] + (wc * values[c + q] + wd * values[d + q])
            found += strength * ((one - z) * low + z * high)
        shown[pair] = factor * found + added
