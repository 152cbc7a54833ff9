"""Smoothing: what a few sweeps over one mesh can do about an error, which is to level it over neighboring
voxels.

Chebyshev–Jacobi sweeps for (s + base) x − D∇²x = b in single precision, and the residual they leave.
`multigrid` says on which mesh, `transfer` carries the rest to a coarser one.

Layout. Planes stand one after another, each with a rim of ghost voxels along its two axes. The ghosts mirror
or wrap the values beside the wall, so that the stencil is one straight loop over a whole plane, which
compilers turn into vector instructions. Differences are taken voxel by voxel (x_neighbor − x) rather than
through a summed diagonal: in single precision a decay of 10⁻⁵ of the diagonal would otherwise be rounded
away.
"""

import numpy as np

from autocrine_abm.compilation import kernel

__all__ = ["begin", "beside", "cascade", "chebyshev", "refresh", "relax", "residual", "summed", "topmost"]

# Columns of a level's integer row: counts, pitch of a row, rows in a plane, first inner row, wrap flags,
# place in the arrays of all levels, sweeps.
N0, N1, N2, PITCH, ROWS, FIRST, WRAP0, WRAP1, WRAP2, OFFSET, SIZE, SWEEPS = range(12)


@kernel
def refresh(row, plane):
    """Set the ghosts of one plane: mirror images beside a wall, the opposite side on a periodic axis."""
    n1, n2, pitch = row[N1], row[N2], row[PITCH]
    left, right = (n2, 1) if row[WRAP2] else (1, n2)
    for j in range(row[FIRST], row[FIRST] + n1):
        line = j * pitch
        plane[line] = plane[line + left]
        plane[line + n2 + 1] = plane[line + right]
    if row[FIRST]:
        below, above = (n1, 1) if row[WRAP1] else (1, n1)
        for k in range(pitch):
            plane[k] = plane[below * pitch + k]
            plane[(n1 + 1) * pitch + k] = plane[above * pitch + k]


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
def beside(index, count, wrap):
    """Index of a plane or row, brought back into range: the wall's own voxel, or around a periodic axis."""
    if index < 0:
        return count - 1 if wrap else 0
    if index >= count:
        return 0 if wrap else count - 1
    return index


@kernel
def relax(row, weight, relaxation, below, here, above, b, s, out):
    """One Jacobi sweep of one plane: out = x + ω (b − A x)/diagonal."""
    pitch = row[PITCH]
    first, shift = row[FIRST] * pitch + 1, row[FIRST] * pitch
    length = row[N1] * pitch - 2
    a0, a1, a2, base, diagonal = weight[0], weight[1], weight[2], weight[4], weight[3] + weight[4]
    x, target = here[first : first + length], out[first : first + length]
    right, loss = b[first : first + length], s[first : first + length]
    x0, x1 = below[first : first + length], above[first : first + length]
    y0, y1 = here[first - shift : first - shift + length], here[first + shift : first + shift + length]
    z0, z1 = here[first - 1 : first - 1 + length], here[first + 1 : first + 1 + length]
    for v in range(length):
        c = x[v]
        rest = right[v] - (loss[v] + base) * c
        rest += a0 * ((x0[v] - c) + (x1[v] - c))
        rest += a1 * ((y0[v] - c) + (y1[v] - c))
        rest += a2 * ((z0[v] - c) + (z1[v] - c))
        target[v] = c + relaxation * rest / (loss[v] + diagonal)
    refresh(row, out)


@kernel
def cascade(ahead, low, high, row, weight, relaxation, b, s, ring, y):
    """All sweeps in one pass over memory: those that plane `ahead` makes possible, one of each order, each a
    plane behind the one before; the last leaves planes low to high in y.

    The ring holds three planes of each order, the first of them what is to be smoothed, which the caller puts
    there. Slabs overlap by as many planes as there are sweeps, less one, which both compute.
    """
    size, n0, wrap, sweeps = row[ROWS] * row[PITCH], row[N0], row[WRAP0], relaxation.size
    for order in range(1, sweeps + 1):
        i, reach = ahead - order, sweeps - order
        if i < low - reach or i >= high + reach or (not wrap and (i < 0 or i >= n0)):
            continue
        before, after = (i - 1, i + 1) if wrap else (max(i - 1, 0), min(i + 1, n0 - 1))
        turn, o = 3 * (order - 1), i % n0 * size
        m, h, q = (turn + before % 3) * size, (turn + i % 3) * size, (turn + after % 3) * size
        below, here, above = ring[m : m + size], ring[h : h + size], ring[q : q + size]
        out = ring[h + 3 * size : h + 4 * size] if order < sweeps else y[o : o + size]
        relax(row, weight, relaxation[order - 1], below, here, above, b[o : o + size], s[o : o + size], out)


@kernel
def begin(low, high, row, weight, relaxation, b, s, y):
    """All sweeps from zero, of which the first is x = ω₁ b/diagonal: y."""
    size, n0, diagonal, first = row[ROWS] * row[PITCH], row[N0], weight[3] + weight[4], relaxation[0]
    later = relaxation[1 : row[SWEEPS]]
    ring = np.empty(3 * later.size * size, np.float32)
    for ahead in range(low - later.size, high + later.size):
        if row[WRAP0] or 0 <= ahead < n0:
            slot, o = ahead % 3 * size, ahead % n0 * size
            x, right, loss = ring[slot : slot + size], b[o : o + size], s[o : o + size]
            for v in range(size):
                x[v] = first * right[v] / (loss[v] + diagonal)
            refresh(row, x)
        cascade(ahead, low, high, row, weight, later, b, s, ring, y)


@kernel
def residual(row, weight, below, here, above, b, s, out):
    """out = W (b − A x) for one plane; W is explained at `transfer._interpolate`."""
    pitch = row[PITCH]
    first, shift = row[FIRST] * pitch + 1, row[FIRST] * pitch
    length = row[N1] * pitch - 2
    a0, a1, a2, total, base = weight[0], weight[1], weight[2], weight[3], weight[4]
    x, target = here[first : first + length], out[first : first + length]
    right, loss = b[first : first + length], s[first : first + length]
    x0, x1 = below[first : first + length], above[first : first + length]
    y0, y1 = here[first - shift : first - shift + length], here[first + shift : first + shift + length]
    z0, z1 = here[first - 1 : first - 1 + length], here[first + 1 : first + 1 + length]
    for v in range(length):
        c = x[v]
        rest = right[v] - (loss[v] + base) * c
        rest += a0 * ((x0[v] - c) + (x1[v] - c))
        rest += a1 * ((y0[v] - c) + (y1[v] - c))
        rest += a2 * ((z0[v] - c) + (z1[v] - c))
        target[v] = rest * (total / (loss[v] + total))


def chebyshev(shortest, longest, sweeps):
    """Relaxation ω of each sweep, shape (…, sweeps): the inverse roots of the Chebyshev polynomial on the
    eigenvalues of diagonal⁻¹ A, which lie between `shortest` and `longest`."""
    roots = np.cos(np.pi * (2 * np.arange(sweeps) + 1) / (2 * sweeps))
    return 1 / (np.add(longest, shortest)[..., None] / 2 + np.subtract(longest, shortest)[..., None] / 2 * roots)
