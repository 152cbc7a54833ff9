"""Diffusion, decay, uptake and walls as one linear operator on the voxels of a mesh.

    (A c)_v = (σ + k + uptake_v + wall_v) c_v + Σ_n D/h_n² (c_v − c_n)        over the neighbors n of voxel v

These are finite volumes: what leaves one voxel enters the next, so that Σ A c has no diffusion in it and
ledgers can close. Everything here is in double precision; `multigrid` has the same operator on coarser
voxels. Solving is left to `conjugate_gradient`, time to `stepping`.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.smoothing import FIRST, N0, N1, N2, PITCH, ROWS, WRAP0, beside, refresh

__all__ = [
    "canonical",
    "curvature",
    "inner",
    "load",
    "precondition",
    "redirect",
    "stage",
    "summed",
    "topmost",
    "update",
    "wall_off",
]


def canonical(mesh):
    """Shape, spacing and wrap flags of a mesh with its long axes where kernels want them.

    Memory stays as it is: a slab of (nx, ny, 1) voxels is walked as (nx, 1, ny), a line as (1, 1, n).

    Returns
    -------
    order : list of 3 int
        Axes of the mesh, in the order in which kernels walk them.
    shape : tuple of 3 int
    spacing : tuple of 3 float
        Of an axis that has one voxel: whatever it was.
    periodic : tuple of 3 bool

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> canonical(Mesh((40, 30, 1), (20.0, 10.0, 5.0)))[1]
    (40, 1, 30)
    """
    wide = [axis for axis in range(3) if mesh.shape[axis] > 1]
    narrow = [axis for axis in range(3) if mesh.shape[axis] == 1]
    order = {3: wide, 2: [*wide[:1], *narrow, *wide[1:]], 1: narrow + wide, 0: narrow}[len(wide)]
    return order, *(tuple(part[axis] for axis in order) for part in (mesh.shape, mesh.spacing, mesh.periodic))


@kernel
def summed(line):
    """Σ line, from first to last."""
    total = 0.0
    for value in line:
        total += value
    return total


@kernel
def topmost(line):
    """Largest of the values, which are ≥ 0."""
    most = 0.0
    for value in line:
        most = value if value > most else most
    return most


@kernel
def _first_wall(voxel, begin):
    """Position of the first wall voxel at or after a flat index (bisection)."""
    low, high = 0, voxel.size
    while low < high:
        middle = (low + high) // 2
        if voxel[middle] < begin:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _apply(i, j, row, weight, base, p, loss, voxel, conductance, wall, line):
    """line = A p along one row of voxels; returns how far in the list of wall voxels it got."""
    n2, pitch, size = row[N2], row[PITCH], row[ROWS] * row[PITCH]
    shift = pitch if row[FIRST] else 0
    begin = i * size + (j + row[FIRST]) * pitch + 1
    before = begin + (beside(i - 1, row[N0], row[WRAP0]) - i) * size
    after = begin + (beside(i + 1, row[N0], row[WRAP0]) - i) * size
    field = (i * row[N1] + j) * n2
    a0, a1, a2 = weight[0], weight[1], weight[2]
    here, uptake = p[begin : begin + n2], loss[field : field + n2]
    x0, x1 = p[before : before + n2], p[after : after + n2]
    y0, y1 = p[begin - shift : begin - shift + n2], p[begin + shift : begin + shift + n2]
    z0, z1 = p[begin - 1 : begin - 1 + n2], p[begin + 1 : begin + 1 + n2]
    for k in range(n2):
        c = here[k]
        flux = a0 * ((x0[k] - c) + (x1[k] - c)) + a1 * ((y0[k] - c) + (y1[k] - c)) + a2 * ((z0[k] - c) + (z1[k] - c))
        line[k] = (base + uptake[k]) * c - flux
    while wall < voxel.size and voxel[wall] < field + n2:
        line[voxel[wall] - field] += conductance[wall] * here[voxel[wall] - field]
        wall += 1
    return wall


@kernel
def curvature(low, high, row, weight, base, p, loss, voxel, conductance, applied, partial):
    """applied = A p, partial[i, 0] = p·A p over plane i."""
    n2, n1 = row[N2], row[N1]
    total = np.empty(n2)
    wall = _first_wall(voxel, low * n1 * n2)
    for i in range(low, high):
        for k in range(n2):
            total[k] = 0.0
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            here, line = p[begin : begin + n2], applied[begin : begin + n2]
            wall = _apply(i, j, row, weight, base, p, loss, voxel, conductance, wall, line)
            for k in range(n2):
                total[k] += here[k] * line[k]
        partial[i, 0] = summed(total)


@kernel
def update(low, high, row, p, applied, step, moves, scale, x, r, b, partial):
    """x += α p if it moves, r −= α A p, b = r · scale in single precision.

    partial[i] = Σ r², max |r|, max |x| over plane i.
    """
    n2, n1 = row[N2], row[N1]
    total, worst, highest = np.empty(n2), np.empty(n2), np.empty(n2)
    travel = step if moves else 0.0
    for i in range(low, high):
        for k in range(n2):
            total[k] = worst[k] = highest[k] = 0.0
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            field = (i * n1 + j) * n2
            here, line, rest = p[begin : begin + n2], applied[begin : begin + n2], r[begin : begin + n2]
            answer, single = x[field : field + n2], b[begin : begin + n2]
            # three short loops: one long one has too many arrays to be vectorized, 2.5 times slower
            for k in range(n2):
                rest[k] -= step * line[k]
                total[k] += rest[k] * rest[k]
            for k in range(n2):
                single[k] = rest[k] * scale
                size = abs(rest[k])
                worst[k] = size if size > worst[k] else worst[k]  # unlike max(), becomes a vector instruction
            for k in range(n2):
                answer[k] += travel * here[k]
                size = abs(answer[k])
                highest[k] = size if size > highest[k] else highest[k]
        partial[i, 0], partial[i, 1], partial[i, 2] = summed(total), topmost(worst), topmost(highest)


@kernel
def inner(low, high, row, z, b, partial):
    """partial[i] = Σ z b, max |z| over plane i."""
    n2, n1 = row[N2], row[N1]
    total, worst = np.empty(n2), np.empty(n2)
    for i in range(low, high):
        for k in range(n2):
            total[k] = worst[k] = 0.0
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            correction, right = z[begin : begin + n2], b[begin : begin + n2]
            for k in range(n2):
                total[k] += float(correction[k]) * right[k]
                size = abs(correction[k])
                worst[k] = size if size > worst[k] else worst[k]
        partial[i, 0], partial[i, 1] = summed(total), topmost(worst)


@kernel
def redirect(low, high, row, z, keep, p):
    """p = z + β p, ghosts included."""
    size = row[ROWS] * row[PITCH]
    for i in range(low, high):
        here, correction = p[i * size : (i + 1) * size], z[i * size : (i + 1) * size]
        for v in range(size):
            here[v] = correction[v] + keep * here[v]


@kernel
def load(low, high, row, x, p):
    """Copy a field into the layout with ghosts."""
    n1, n2 = row[N1], row[N2]
    for i in range(low, high):
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            field = (i * n1 + j) * n2
            here, values = p[begin : begin + n2], x[field : field + n2]
            for k in range(n2):
                here[k] = values[k]
        refresh(row, p[i * row[ROWS] * row[PITCH] : (i + 1) * row[ROWS] * row[PITCH]])


@kernel
def stage(low, high, row, rate, ahead, c, y, source, voxel, supply, r, partial):
    """Right-hand side r = σ (c + θ (y − c)) + source + supply; partial[i] = Σ r, max |r| over plane i."""
    n1, n2 = row[N1], row[N2]
    total, highest = np.empty(n2), np.empty(n2)
    wall = _first_wall(voxel, low * n1 * n2)
    for i in range(low, high):
        for k in range(n2):
            total[k] = highest[k] = 0.0
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            field = (i * n1 + j) * n2
            out, old, new, gain = (
                r[begin : begin + n2],
                c[field : field + n2],
                y[field : field + n2],
                source[field : field + n2],
            )
            for k in range(n2):
                out[k] = rate * (old[k] + ahead * (new[k] - old[k])) + gain[k]
            while wall < voxel.size and voxel[wall] < field + n2:
                out[voxel[wall] - field] += supply[wall]
                wall += 1
            for k in range(n2):
                total[k] += out[k]
                size = abs(out[k])
                highest[k] = size if size > highest[k] else highest[k]
        partial[i, 0], partial[i, 1] = summed(total), topmost(highest)


@kernel
def precondition(low, high, row, loss, s):
    """Uptake of the finest multigrid level, in single precision; walls are added by `wall_off`."""
    n1, n2 = row[N1], row[N2]
    for i in range(low, high):
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            field = (i * n1 + j) * n2
            out, uptake = s[begin : begin + n2], loss[field : field + n2]
            for k in range(n2):
                out[k] = uptake[k]


@kernel
def wall_off(row, voxel, conductance, s):
    """Add the loss through walls to that of one multigrid level."""
    n1, n2 = row[N1], row[N2]
    for wall in range(voxel.size):
        line, k = divmod(voxel[wall], n2)
        i, j = divmod(line, n1)
        s[(i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1 + k] += conductance[wall]
