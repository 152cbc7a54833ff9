"""Which way, and how steeply, a ligand rises where a cell is.

Central differences on the mesh, averaged over the box that the near field spreads the cell over, with the
same weights. Deposit and difference being mirror images of each other, a cell away from walls feels nothing
of what it releases or takes up itself: its own halo is the same on all sides, wherever in its voxel it sits
(measured: below 2e-7 of the steepness at its surface, uptake up to 10 × 4πDa; differences across the voxel
that it lies in, the usual way, leave 3 to 11 %).

Beyond a no-flux wall the field goes on as its mirror image, beyond a wall with a fixed concentration as the
negative of that, beyond an open wall in a straight line. Constant and linear fields are read exactly away
from walls; what lies between cells closer than a voxel is not seen.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import BOX
from autocrine_abm.ligands.lattice_green import SNUG
from autocrine_abm.ligands.near_field import NearField

__all__ = ["gradient"]

_KINDS = {"no-flux": 0, "fixed": 1, "open": 2}


@kernel
def _lay_out(x, side, h, n, periodic, kind, level, value, slope, voxel):
    """Weights of voxels along one axis for value and slope at x; returns their number and slope's offset.

    `side` is the width of the cell's box in voxels, negative for the voxel that x lies in. Weights of what
    lies beyond a wall are laid on the voxels that decide it.
    """
    value[:] = 0.0
    slope[:] = 0.0
    if n == 1:
        value[0], voxel[0] = 1.0, 0
        return 1, 0.0
    center = x / h if periodic else min(max(x / h, 0.0), float(n))
    width = side if side > SNUG else 1.0
    if side < 0.0:
        inside = int(np.floor(center))
        first, count = (inside if periodic else min(inside, n - 1)), 1
    else:
        first = int(np.floor(center - 0.5 * width - 1.5)) + 1
        count = int(np.ceil(width + 2.0 - 1e-9))
    begin, end = first - 1, first + count + 1
    if not periodic:
        begin, end = max(begin, 0), min(end, n)
    offset = 0.0
    for i in range(first, first + count):
        share = 1.0
        if side >= 0.0:  # as `lattice_green.lay`
            low = min(max(i + 0.5 - center - 0.5 * width, -1.0), 1.0)
            high = min(max(i + 0.5 - center + 0.5 * width, -1.0), 1.0)
            low = 0.5 * (1.0 + low) ** 2 if low < 0.0 else 1.0 - 0.5 * (1.0 - low) ** 2
            high = 0.5 * (1.0 + high) ** 2 if high < 0.0 else 1.0 - 0.5 * (1.0 - high) ** 2
            share = (high - low) / width
        for part in range(3):  # the voxel for the value, those beside it for the slope
            v = i if part == 0 else i - 1 if part == 1 else i + 1
            tilt = 0.0 if part == 0 else -0.5 * share / h if part == 1 else 0.5 * share / h
            own = share if part == 0 else 0.0
            if periodic or 0 <= v < n:
                value[v - begin] += own
                slope[v - begin] += tilt
                continue
            wall = 0 if v < 0 else 1
            near = 0 if wall == 0 else n - 1
            if kind[wall] == 2:
                beyond = -v if wall == 0 else v - n + 1
                inner = 1 if wall == 0 else n - 2
                value[near - begin] += own * (1 + beyond)
                value[inner - begin] -= own * beyond
                slope[near - begin] += tilt * (1 + beyond)
                slope[inner - begin] -= tilt * beyond
                continue
            v = -1 - v if wall == 0 else 2 * n - 1 - v
            v = min(max(v, begin), end - 1)
            sign = 1.0 if kind[wall] == 0 else -1.0
            value[v - begin] += sign * own
            slope[v - begin] += sign * tilt
            if kind[wall] == 1:
                offset += 2.0 * level[wall] * tilt
    for v in range(end - begin):
        voxel[v] = (begin + v) % n
    return end - begin, offset


@kernel
def _rise(low, high, rows, position, side, spacing, shape, periodic, kind, level, field, out):
    """Gradient at the cells rows[low:high]."""
    most = out.shape[1]
    for place in range(low, high):
        most = max(most, int(np.ceil(side[place] / spacing.min() + 2.0)) + 3)
    value, slope = np.empty((3, most)), np.empty((3, most))
    voxel, count, offset = np.empty((3, most), np.int64), np.empty(3, np.int64), np.empty(3)
    for place in range(low, high):
        for a in range(3):
            count[a], offset[a] = _lay_out(
                position[rows[place], a], side[place] / spacing[a], spacing[a], shape[a], periodic[a],
                kind[a], level[a], value[a], slope[a], voxel[a],
            )  # fmt: skip
        rise_x = rise_y = rise_z = 0.0
        for i in range(count[0]):
            x = voxel[0, i] * shape[1]
            rise = tilt_y = tilt_z = 0.0
            for j in range(count[1]):
                line = (x + voxel[1, j]) * shape[2]
                along = tilt = 0.0
                for k in range(count[2]):
                    here = field[line + voxel[2, k]]
                    along += value[2, k] * here
                    tilt += slope[2, k] * here
                rise += value[1, j] * along
                tilt_y += slope[1, j] * along
                tilt_z += value[1, j] * tilt
            rise_x += slope[0, i] * rise
            rise_y += value[0, i] * tilt_y
            rise_z += value[0, i] * tilt_z
        out[place, 0] = rise_x + offset[0] * value[1].sum() * value[2].sum()
        out[place, 1] = rise_y + offset[1] * value[0].sum() * value[2].sum()
        out[place, 2] = rise_z + offset[2] * value[0].sum() * value[1].sum()


def gradient(field, near, rows, position, radius, team, sharp=False):
    """Gradient of a ligand at some of the cells.

    Parameters
    ----------
    field : LigandField
    near : NearField or VoxelField
        How the ligand meets cells; what the near field spreads over a box is averaged over the same box.
    rows : ndarray of int64, shape (m,)
        Which cells.
    position : ndarray of float, shape (n, 3)
        Centers of all cells [µm].
    radius : ndarray of float, shape (n,)
        Radii of all cells [µm].
    team : Team
    sharp : bool
        The cells sense their voxel only: the difference across it, wherever they sit in it.

    Returns
    -------
    ndarray of float, shape (m, 3)
        [molecules/µm⁴]; 0 along axes of one voxel. A new array.

    Examples
    --------
    >>> from autocrine_abm.ligands.field import LigandField
    >>> from autocrine_abm.ligands.voxel_field import VoxelField
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> from autocrine_abm.team import Team
    >>> mesh = Mesh((9, 1, 1), (20.0, 20.0, 20.0))
    >>> field = LigandField(mesh, 600.0, 0.0, initial=2.0 * np.arange(9.0).reshape(9, 1, 1))
    >>> middle = np.array([[90.0, 10.0, 10.0]])
    >>> gradient(field, VoxelField(mesh), np.array([0]), middle, np.array([5.0]), Team())
    array([[0.1, 0. , 0. ]])
    """
    mesh, faces = field.mesh, field.walls.faces
    out = np.empty((len(rows), 3))
    if isinstance(near, NearField):
        side = near.law[BOX] * radius[rows]
    else:
        side = np.full(len(rows), -1.0 if sharp else 0.0)
    kind = np.array([_KINDS[name] for name, _ in faces]).reshape(3, 2)
    level = np.array([float(value) for _, value in faces]).reshape(3, 2)
    team.run(
        _rise, len(rows), rows, position, side, np.array(mesh.spacing), np.array(mesh.shape),
        np.array(mesh.periodic), kind, level, field.concentration.reshape(-1), out, work=100 * len(rows),
    )  # fmt: skip
    return out
