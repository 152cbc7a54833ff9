"""Diffusion, decay, uptake and walls as one linear operator on the voxels of a mesh.

    (A c)_v = (σ + k + uptake_v + wall_v) c_v + Σ_n D/h_n² (c_v − c_n)        over the neighbors n of voxel v

These are finite volumes: what leaves one voxel enters the next, so that Σ A c has no diffusion in it and
ledgers can close. Right-hand sides, fields and what is left over (`defect`) are in double precision; a
direction and what A makes of it (`curvature`) are in single precision, as all of `multigrid`, which has the
same operator on coarser voxels: memory traffic is what limits large meshes. Solving is left to
`conjugate_gradient`, time to `stepping`.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.smoothing import FIRST, N0, N1, N2, PITCH, ROWS, WRAP0, WRAP1, WRAP2, beside, summed, topmost

__all__ = [
    "canonical",
    "curvature",
    "defect",
    "precondition",
    "redirect",
    "stage",
    "update",
    "wall_off",
]

LARGE_SLAB = 500_000  # voxels; a plane is walked up to three times faster than as many voxels in rows


def canonical(mesh):
    """Shape, spacing and wrap flags of a mesh with its long axes where kernels want them.

    Memory stays as it is: a slab of (nx, ny, 1) voxels is walked as one plane (1, nx, ny), which has the longest
    loops, or, if it is so large that threads should share it, as rows (nx, 1, ny); a line as (1, 1, n).

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
    (1, 40, 30)
    """
    wide = [axis for axis in range(3) if mesh.shape[axis] > 1]
    narrow = [axis for axis in range(3) if mesh.shape[axis] == 1]
    large = len(wide) == 2 and mesh.n_voxels >= LARGE_SLAB
    order = [*wide[:1], *narrow, *wide[1:]] if large else narrow + wide
    return order, *(tuple(part[axis] for axis in order) for part in (mesh.shape, mesh.spacing, mesh.periodic))


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
def defect(low, high, row, weight, base, loss, voxel, conductance, scale, x, rhs, b, partial):
    """b = scale · (rhs − A x), in single precision; partial[i] = Σ b², max |b|, max |x| over plane i."""
    n0, n1, n2 = row[N0], row[N1], row[N2]
    total, worst, highest = np.empty(n2), np.empty(n2), np.empty(n2)
    line, rest = np.empty(n2 + 2), np.empty(n2)
    a0, a1, a2 = weight[0], weight[1], weight[2]
    wall = _first_wall(voxel, low * n1 * n2)
    for i in range(low, high):
        total[:], worst[:], highest[:] = 0.0, 0.0, 0.0
        before, after = beside(i - 1, n0, row[WRAP0]), beside(i + 1, n0, row[WRAP0])
        for j in range(n1):
            begin, o = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1, (i * n1 + j) * n2
            f, g = (before * n1 + j) * n2, (after * n1 + j) * n2
            m, q = (i * n1 + beside(j - 1, n1, row[WRAP1])) * n2, (i * n1 + beside(j + 1, n1, row[WRAP1])) * n2
            here, uptake, right = x[o : o + n2], loss[o : o + n2], rhs[o : o + n2]
            x0, x1, y0, y1 = x[f : f + n2], x[g : g + n2], x[m : m + n2], x[q : q + n2]
            for k in range(n2):
                line[k + 1] = here[k]
            line[0], line[n2 + 1] = (here[n2 - 1], here[0]) if row[WRAP2] else (here[0], here[n2 - 1])
            for k in range(n2):
                c = line[k + 1]
                flux = a0 * ((x0[k] - c) + (x1[k] - c)) + a1 * ((y0[k] - c) + (y1[k] - c))
                flux += a2 * ((line[k] - c) + (line[k + 2] - c))
                rest[k] = right[k] - (base + uptake[k]) * c + flux
            while wall < voxel.size and voxel[wall] < o + n2:
                rest[voxel[wall] - o] -= conductance[wall] * here[voxel[wall] - o]
                wall += 1
            single = b[begin : begin + n2]
            for k in range(n2):
                value = scale * rest[k]
                single[k] = value
                total[k] += value * value
                size = abs(value)
                worst[k] = size if size > worst[k] else worst[k]  # unlike max(), becomes a vector instruction
                size = abs(here[k])
                highest[k] = size if size > highest[k] else highest[k]
        partial[i, 0], partial[i, 1], partial[i, 2] = summed(total), topmost(worst), topmost(highest)


@kernel
def curvature(low, high, row, weight, p, s, applied, partial):
    """applied = A p, partial[i, 3] = p·A p over plane i; p with its ghosts, s with the walls."""
    n0, n2, pitch, size = row[N0], row[N2], row[PITCH], row[ROWS] * row[PITCH]
    first, shift = row[FIRST] * pitch + 1, row[FIRST] * pitch
    length = row[N1] * pitch - 2
    a0, a1, a2, base = weight[0], weight[1], weight[2], weight[4]
    total = np.empty(n2)
    for i in range(low, high):
        o = i * size + first
        m, q = beside(i - 1, n0, row[WRAP0]) * size + first, beside(i + 1, n0, row[WRAP0]) * size + first
        here, loss, out = p[o : o + length], s[o : o + length], applied[o : o + length]
        x0, x1 = p[m : m + length], p[q : q + length]
        y0, y1 = p[o - shift : o - shift + length], p[o + shift : o + shift + length]
        z0, z1 = p[o - 1 : o - 1 + length], p[o + 1 : o + 1 + length]
        for v in range(length):  # ghosts at the ends of rows too, for one long loop
            c = here[v]
            flux = a0 * ((x0[v] - c) + (x1[v] - c))
            flux += a1 * ((y0[v] - c) + (y1[v] - c))
            flux += a2 * ((z0[v] - c) + (z1[v] - c))
            out[v] = (base + loss[v]) * c - flux
        total[:] = 0.0
        for j in range(row[N1]):
            line, new = here[j * pitch : j * pitch + n2], out[j * pitch : j * pitch + n2]
            for k in range(n2):
                total[k] += line[k] * new[k]
        partial[i, 3] = summed(total)


@kernel
def update(low, high, row, step, length, p, applied, b, x, partial):
    """b −= α A p, x += length · p; partial[i] = Σ b², max |b|, max |x| over plane i."""
    n1, n2 = row[N1], row[N2]
    alpha = np.float32(step)
    total, worst, highest = np.empty(n2), np.empty(n2, np.float32), np.empty(n2)
    for i in range(low, high):
        total[:], worst[:], highest[:] = 0.0, 0.0, 0.0
        for j in range(n1):
            begin = (i * row[ROWS] + j + row[FIRST]) * row[PITCH] + 1
            field = (i * n1 + j) * n2
            here, line, rest = p[begin : begin + n2], applied[begin : begin + n2], b[begin : begin + n2]
            answer = x[field : field + n2]
            # two short loops: one long one has too many arrays to be vectorized, 2.5 times slower
            for k in range(n2):
                value = rest[k] - alpha * line[k]
                rest[k] = value
                total[k] += value * value
                size = abs(value)
                worst[k] = size if size > worst[k] else worst[k]
            for k in range(n2):
                answer[k] += length * here[k]
                size = abs(answer[k])
                highest[k] = size if size > highest[k] else highest[k]
        partial[i, 0], partial[i, 1], partial[i, 2] = summed(total), topmost(worst), topmost(highest)


@kernel
def redirect(low, high, row, z, keep, p):
    """p = z + β p, ghosts included."""
    size, beta = row[ROWS] * row[PITCH], np.float32(keep)
    here, correction = p[low * size : high * size], z[low * size : high * size]
    for v in range(here.size):
        here[v] = correction[v] + beta * here[v]


@kernel
def stage(low, high, row, rate, ahead, c, y, source, voxel, supply, rhs, guess, partial):
    """rhs = σ (c + θ (y − c)) + source + supply, guess = y unless it is empty; partial[i] = Σ rhs, max |rhs| over plane
    i."""
    n1, n2 = row[N1], row[N2]
    total, highest = np.empty(n2), np.empty(n2)
    wall = _first_wall(voxel, low * n1 * n2)
    for i in range(low, high):
        for k in range(n2):
            total[k] = highest[k] = 0.0
        for j in range(n1):
            field = (i * n1 + j) * n2
            out, gain = rhs[field : field + n2], source[field : field + n2]
            old, new = c[field : field + n2], y[field : field + n2]
            for k in range(n2):
                out[k] = rate * (old[k] + ahead * (new[k] - old[k])) + gain[k]
            if guess.size > 0:
                begin = guess[field : field + n2]
                for k in range(n2):
                    begin[k] = new[k]
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
