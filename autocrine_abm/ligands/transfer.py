"""Transfer between a mesh and one with voxels up to twice as large: residuals down, corrections up, losses
once.

Interpolation is linear between voxel centers, restriction its adjoint. Any two meshes of equal voxels that
fill the same box will do, so that an axis of 7 voxels may become one of 4. Smoothing next to the transfer is
done plane by plane in the same pass, with the planes between held in a ring, since memory traffic is what
limits large meshes (two slabs overlap there by a plane that both compute).
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.smoothing import (
    FIRST,
    N0,
    N1,
    N2,
    OFFSET,
    PITCH,
    ROWS,
    SWEEPS,
    WRAP0,
    WRAP2,
    beside,
    cascade,
    refresh,
    residual,
    summed,
    topmost,
)

__all__ = ["ascend", "coarsen", "descend", "interpolation", "series_resistance"]

# Share of a voxel's diffusive resistance 1/(Σ 2a) that a lattice twice as coarse does not show, by coarsened
# axes: none in 1-D, ln 2/(2π) of 1/D against 4/D in 2-D, Watson's 0.252731/2 against 6/(D h) in 3-D.
_RESISTANCE = (0.0, 0.0, 4 * np.log(2) / (2 * np.pi), 6 * 0.252731 / 2)


@kernel
def _share_of(near, far, weight, axis, fine, coarse):
    """Weight with which a fine plane or row draws on a coarse one."""
    share = np.float32(0)
    if near[axis, fine] == coarse:
        share += 1 - weight[axis, fine]
    if far[axis, fine] == coarse:
        share += weight[axis, fine]
    return share


@kernel
def _gather(axis, fine, coarse, near, far, weight, count, share, index):
    """Which fine planes or rows draw on a coarse one, and how much; returns how many."""
    n, ratio, found = fine[axis], coarse[axis] / fine[axis], 0
    middle = int((count + 0.5) / ratio)
    for step in range(-4, 5):
        f = middle + step
        if n <= 8:
            f = step + 4  # so few that all are looked at, each once
        elif fine[WRAP0 + axis]:
            f = f % n
        if 0 <= f < n:
            w = _share_of(near, far, weight, axis, f, count)
            if w > 0:
                share[found], index[found] = w * np.float32(ratio), f
                found += 1
    return found


@kernel
def descend(low, high, fine, coarse, weight, near, far, between, x, b, s, to):
    """Right-hand side of the coarse problem, Pᵀ W (b − A x) times the ratio of voxel volumes, P being
    interpolation.

    Residuals of six fine planes are held at a time; `held` says which.
    """
    pitch, size = fine[PITCH], fine[ROWS] * fine[PITCH]
    n1, n2 = coarse[N1], coarse[N2]
    line, ring = np.empty(pitch, np.float32), np.zeros(6 * size, np.float32)
    held, oldest = np.empty(6, np.int64), 0
    for slot in range(6):
        held[slot] = -1
    share, index, slot0 = np.empty(9 * (n1 + 1), np.float32), np.empty(9 * (n1 + 1), np.int64), np.empty(9, np.int64)
    share0, index0 = share[9 * n1 :], index[9 * n1 :]
    rows_of = np.empty(n1, np.int64)
    one, three = np.float32(0.125), np.float32(0.375)
    across, along = np.int64(0), np.int64(1)  # bare numbers have `_gather` compiled for each
    for j in range(n1):
        rows_of[j] = _gather(along, fine, coarse, near, far, between, j, share[9 * j :], index[9 * j :])
    for i in range(low, high):
        planes = _gather(across, fine, coarse, near, far, between, i, share0, index0)
        for p in range(planes):
            plane, found = index0[p], -1
            for slot in range(6):
                if held[slot] == plane:
                    found = slot
            if found < 0:
                found, oldest = oldest, (oldest + 1) % 6
                held[found] = plane
                o, m = plane * size, beside(plane - 1, fine[N0], fine[WRAP0]) * size
                q = beside(plane + 1, fine[N0], fine[WRAP0]) * size
                below, here, above = x[m : m + size], x[o : o + size], x[q : q + size]
                out = ring[found * size : (found + 1) * size]
                residual(fine, weight, below, here, above, b[o : o + size], s[o : o + size], out)
            slot0[p] = found * size + fine[FIRST] * pitch
        for j in range(n1):
            rows, share1, index1 = rows_of[j], share[9 * j :], index[9 * j :]
            for v in range(pitch):
                line[v] = 0
            for p in range(planes):
                for q in range(0, rows - 1, 2):  # two rows at once: a quarter faster than one by one
                    wa, wb = share0[p] * share1[q], share0[p] * share1[q + 1]
                    a, c = slot0[p] + index1[q] * pitch, slot0[p] + index1[q + 1] * pitch
                    ra, rb = ring[a : a + pitch], ring[c : c + pitch]
                    for v in range(pitch):
                        line[v] += wa * ra[v] + wb * rb[v]
                if rows % 2:
                    wa, a = share0[p] * share1[rows - 1], slot0[p] + index1[rows - 1] * pitch
                    ra = ring[a : a + pitch]
                    for v in range(pitch):
                        line[v] += wa * ra[v]
            start = (i * coarse[ROWS] + j + coarse[FIRST]) * coarse[PITCH] + 1
            out = to[start : start + n2]
            if fine[N2] == n2:
                for k in range(n2):
                    out[k] = line[k + 1]
            elif fine[N2] == 2 * n2:  # halved: weights 1, 3, 3, 1, the outermost falling on the wall's mirror
                left, right = (2 * n2, 1) if fine[WRAP2] else (1, 2 * n2)
                line[0] = line[left]
                line[pitch - 1] = line[right]
                for k in range(n2):
                    out[k] = one * (line[2 * k] + line[2 * k + 3]) + three * (line[2 * k + 1] + line[2 * k + 2])
            else:
                for k in range(n2):
                    out[k] = 0
                ratio = np.float32(n2 / fine[N2])
                for f in range(fine[N2]):
                    out[near[2, f]] += ratio * (1 - between[2, f]) * line[f + 1]
                    out[far[2, f]] += ratio * between[2, f] * line[f + 1]


@kernel
def _interpolate(i, fine, coarse, total, near, far, between, e, x, s, out):
    """out = x + W P e for one plane: linear interpolation of the coarse correction, held down in absorbers.

    A voxel that absorbs at rate s while its neighbors offer Σ 2 D/h² settles at the fraction W = Σ/(Σ + s)
    of their mean. Without W a strong absorber would be lifted to that mean, and its residual would drown all
    others.
    """
    n1, n2, pitch = fine[N1], fine[N2], fine[PITCH]
    from_pitch, from_size = coarse[PITCH], coarse[ROWS] * coarse[PITCH]
    line, smooth = np.empty(from_pitch, np.float32), np.empty(n2, np.float32)
    most, least = np.float32(0.75), np.float32(0.25)
    w0 = between[0, i]
    for j in range(n1):
        w1 = between[1, j]
        a = near[0, i] * from_size + (near[1, j] + coarse[FIRST]) * from_pitch
        b = far[0, i] * from_size + (near[1, j] + coarse[FIRST]) * from_pitch
        c = near[0, i] * from_size + (far[1, j] + coarse[FIRST]) * from_pitch
        d = far[0, i] * from_size + (far[1, j] + coarse[FIRST]) * from_pitch
        ea, eb = e[a : a + from_pitch], e[b : b + from_pitch]
        ec, ed = e[c : c + from_pitch], e[d : d + from_pitch]
        wa, wb, wc, wd = (1 - w0) * (1 - w1), w0 * (1 - w1), (1 - w0) * w1, w0 * w1
        for v in range(from_pitch):
            line[v] = (wa * ea[v] + wb * eb[v]) + (wc * ec[v] + wd * ed[v])
        if n2 == coarse[N2]:
            for k in range(n2):
                smooth[k] = line[k + 1]
        elif n2 == 2 * coarse[N2]:
            for k in range(coarse[N2]):
                smooth[2 * k] = most * line[k + 1] + least * line[k]
                smooth[2 * k + 1] = most * line[k + 1] + least * line[k + 2]
        else:
            for k in range(n2):
                smooth[k] = line[near[2, k] + 1] + between[2, k] * (line[far[2, k] + 1] - line[near[2, k] + 1])
        start = (j + fine[FIRST]) * pitch + 1
        target, old, loss = out[start : start + n2], x[start : start + n2], s[start : start + n2]
        for k in range(n2):
            target[k] = old[k] + smooth[k] * (total / (total + loss[k]))
    refresh(fine, out)


@kernel
def ascend(low, high, fine, coarse, weight, relaxation, near, far, between, e, b, s, x, y, partial):
    """Correct x by the coarse answer e, and sweep after that: y. On the finest level also partial[i] = Σ y b,
    max |y| over plane i."""
    size, n0, n2 = fine[ROWS] * fine[PITCH], fine[N0], fine[N2]
    wrap, sweeps = fine[WRAP0], fine[SWEEPS]
    ring, total, worst = np.empty(3 * sweeps * size, np.float32), np.empty(n2), np.empty(n2, np.float32)
    for ahead in range(low - sweeps, high + sweeps):
        if wrap or 0 <= ahead < n0:
            slot, o = ahead % 3 * size, ahead % n0
            old, loss, corrected = x[o * size :], s[o * size :], ring[slot : slot + size]
            _interpolate(o, fine, coarse, weight[3], near, far, between, e, old, loss, corrected)
        cascade(ahead, low, high, fine, weight, relaxation[:sweeps], b, s, ring, y)
        i = ahead - sweeps
        if i >= low and fine[OFFSET] == 0:
            total[:], worst[:] = 0.0, 0.0
            for j in range(fine[FIRST], fine[FIRST] + fine[N1]):
                start = i * size + j * fine[PITCH] + 1
                line, given = y[start : start + n2], b[start : start + n2]
                for k in range(n2):
                    total[k] += line[k] * given[k]
                    depth = abs(line[k])
                    worst[k] = depth if depth > worst[k] else worst[k]
            partial[i, 0], partial[i, 1] = summed(total), topmost(worst)


@kernel
def coarsen(low, high, fine, coarse, resistance, s, to):
    """Loss of the coarser voxels: the mean over the finer ones that each overlaps.

    A lone absorber on voxels of edge h is reached by diffusion at resistance G₀/(D h) only; on voxels of 2 h
    the lattice itself would offer half of that. The missing half stands in series with the absorber: s →
    s/(1 + s ρ).
    """
    pitch, n1, n2 = fine[PITCH], coarse[N1], coarse[N2]
    ratio0, ratio1, ratio2 = fine[N0] / coarse[N0], fine[N1] / n1, fine[N2] / n2
    share = np.float32(1.0 / (ratio0 * ratio1 * ratio2))
    line = np.empty(fine[N2], np.float32)
    for i in range(low, high):
        for j in range(n1):
            for k in range(fine[N2]):
                line[k] = 0
            for p in range(int(i * ratio0 + 1e-9), min(fine[N0], int(np.ceil((i + 1) * ratio0 - 1e-9)))):
                w0 = min(p + 1, (i + 1) * ratio0) - max(p, i * ratio0)
                for q in range(int(j * ratio1 + 1e-9), min(fine[N1], int(np.ceil((j + 1) * ratio1 - 1e-9)))):
                    w = np.float32(w0 * (min(q + 1, (j + 1) * ratio1) - max(q, j * ratio1)))
                    start = (p * fine[ROWS] + q + fine[FIRST]) * pitch + 1
                    loss = s[start : start + fine[N2]]
                    for k in range(fine[N2]):
                        line[k] += w * loss[k] / (1 + resistance * loss[k])
            start = (i * coarse[ROWS] + j + coarse[FIRST]) * coarse[PITCH] + 1
            out = to[start : start + n2]
            if fine[N2] == 2 * n2:
                for k in range(n2):
                    out[k] = share * (line[2 * k] + line[2 * k + 1])
            else:
                for k in range(n2):
                    out[k] = 0
                for k in range(fine[N2]):  # a finer voxel lies in one coarser voxel or in two
                    first = int((k + 1e-9) / ratio2)
                    inside = np.float32(min(1.0, (first + 1) * ratio2 - k))
                    out[first] += share * inside * line[k]
                    if first + 1 < n2:
                        out[first + 1] += share * (1 - inside) * line[k]


def series_resistance(axes, total):
    """ρ of `coarsen` [min], when `axes` axes are coarsened and the neighbors of a voxel offer Σ 2 D/h² =
    total [1/min]."""
    return _RESISTANCE[axes] / total


def interpolation(rows):
    """For each level, axis and voxel: the coarse voxel nearest to it, the next one, and the weight of
    that."""
    n, most = len(rows), int(rows[0, :3].max())
    near, far = np.zeros((2, n, 3, most), np.int32)
    between = np.zeros((n, 3, most), np.float32)
    for level in range(n - 1):
        for axis in range(3):
            fine, coarse = rows[level, axis], rows[level + 1, axis]
            place = (np.arange(fine) + 0.5) * coarse / fine - 0.5  # in coarse voxels, centers at whole numbers
            low = np.floor(place).astype(np.int32)
            closer = np.rint(place).astype(np.int32)
            other = np.where(closer == low, low + 1, low)
            wrap = rows[level, WRAP0 + axis]
            between[level, axis, :fine] = np.abs(place - closer)
            for table, index in ((near, closer), (far, other)):
                table[level, axis, :fine] = index % coarse if wrap else np.clip(index, 0, coarse - 1)
    return near, far, between
