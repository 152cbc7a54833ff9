"""Geometric multigrid: one V-cycle that removes most of the error of a ligand field, near and far, at once.

Solves, roughly, (s + k) x − D∇²x = b, where s is the loss per voxel. Every level is the same finite-volume operator
on voxels twice as large, discretized anew. A cycle smooths with Chebyshev–Jacobi sweeps, which damp what only the
fine voxels can see, restricts the residual, solves the coarser problem the same way and adds its interpolated
answer. Pre- and post-smoothing are the same polynomial and restriction is the adjoint of interpolation, so that
the cycle is a symmetric preconditioner. It works in single precision: the outer iteration
(conjugate_gradient.py) holds the answer and its residual in double precision and so decides the accuracy.

Layout. A level holds its planes one after another, each with a rim of ghost voxels along its last two axes. The
ghosts mirror or wrap the values beside the wall, so that the stencil is one straight loop over a whole plane, which
compilers turn into vector instructions. Differences are taken voxel by voxel (x_neighbor − x) rather than through
a summed diagonal: in single precision a decay of 10⁻⁵ of the diagonal would otherwise be rounded away. Memory traffic is
what limits the finest level, so neighboring stages of the cycle are done plane by plane in one pass, with the
few planes between them held in a ring (the slabs of two threads overlap there by one plane that both compute).
"""

import numpy as np

from autocrine_abm.compilation import kernel

__all__ = ["Multigrid"]

# Columns of a level's integer row: counts, pitch of a row, rows in a plane, first inner row, wrap flags, place, sweeps.
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
def beside(index, count, wrap):
    """Index of a plane or row, brought back into range: the wall's own voxel, or around a periodic axis."""
    if index < 0:
        return count - 1 if wrap else 0
    if index >= count:
        return 0 if wrap else count - 1
    return index


@kernel
def _relax(row, weight, relaxation, below, here, above, b, s, out):
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
        residual = right[v] - (loss[v] + base) * c
        residual += a0 * ((x0[v] - c) + (x1[v] - c))
        residual += a1 * ((y0[v] - c) + (y1[v] - c))
        residual += a2 * ((z0[v] - c) + (z1[v] - c))
        target[v] = c + relaxation * residual / (loss[v] + diagonal)
    refresh(row, out)


@kernel
def _sweep(low, high, row, weight, relaxation, b, s, x, y):
    """One Chebyshev–Jacobi sweep, y = x + ω (b − A x)/diagonal."""
    size = row[ROWS] * row[PITCH]
    for i in range(low, high):
        o, m, p = i * size, beside(i - 1, row[N0], row[WRAP0]) * size, beside(i + 1, row[N0], row[WRAP0]) * size
        below, here, above = x[m : m + size], x[o : o + size], x[p : p + size]
        _relax(row, weight, relaxation, below, here, above, b[o : o + size], s[o : o + size], y[o : o + size])


@kernel
def _begin(low, high, row, weight, first, second, b, s, y):
    """The first two sweeps from zero in one go; three planes of x = ω₁ b/diagonal are held at a time."""
    size, diagonal = row[ROWS] * row[PITCH], weight[3] + weight[4]
    ring = np.zeros(3 * size, np.float32)
    for ahead in range(low - 1, high + 1):
        slot, o = (ahead + 3) % 3 * size, beside(ahead, row[N0], row[WRAP0]) * size
        x, right, loss = ring[slot : slot + size], b[o : o + size], s[o : o + size]
        for v in range(size):
            x[v] = first * right[v] / (loss[v] + diagonal)
        refresh(row, x)
        i = ahead - 1
        if i >= low:
            o, m, h = i * size, (i + 2) % 3 * size, (i + 3) % 3 * size
            below, here = ring[m : m + size], ring[h : h + size]
            _relax(row, weight, second, below, here, x, b[o : o + size], s[o : o + size], y[o : o + size])


@kernel
def _residual(row, weight, below, here, above, b, s, out):
    """out = W (b − A x) for one plane; W is explained at `_interpolate`."""
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
        residual = right[v] - (loss[v] + base) * c
        residual += a0 * ((x0[v] - c) + (x1[v] - c))
        residual += a1 * ((y0[v] - c) + (y1[v] - c))
        residual += a2 * ((z0[v] - c) + (z1[v] - c))
        target[v] = residual * (total / (loss[v] + total))


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
def _descend(low, high, fine, coarse, weight, near, far, between, x, b, s, to):
    """Right-hand side of the coarse problem, Pᵀ W (b − A x) times the ratio of voxel volumes, P being interpolation.

    Residuals of six fine planes are held at a time; `held` says which.
    """
    pitch, size = fine[PITCH], fine[ROWS] * fine[PITCH]
    n1, n2 = coarse[N1], coarse[N2]
    line, ring = np.empty(pitch, np.float32), np.zeros(6 * size, np.float32)
    held, oldest = np.full(6, -1, np.int64), 0
    share0, share1 = np.empty(9, np.float32), np.empty(9, np.float32)
    index0, index1, slot0 = np.empty(9, np.int64), np.empty(9, np.int64), np.empty(9, np.int64)
    one, three = np.float32(0.125), np.float32(0.375)
    for i in range(low, high):
        planes = _gather(0, fine, coarse, near, far, between, i, share0, index0)
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
                _residual(fine, weight, below, here, above, b[o : o + size], s[o : o + size], out)
            slot0[p] = found * size + fine[FIRST] * pitch
        for j in range(n1):
            rows = _gather(1, fine, coarse, near, far, between, j, share1, index1)
            line[:] = 0
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
            begin = (i * coarse[ROWS] + j + coarse[FIRST]) * coarse[PITCH] + 1
            out = to[begin : begin + n2]
            if fine[N2] == n2:
                for k in range(n2):
                    out[k] = line[k + 1]
            elif fine[N2] == 2 * n2:  # halved: weights 1, 3, 3, 1, the outermost falling on the wall's mirror
                line[0], line[pitch - 1] = (line[2 * n2], line[1]) if fine[WRAP2] else (line[1], line[2 * n2])
                for k in range(n2):
                    out[k] = one * (line[2 * k] + line[2 * k + 3]) + three * (line[2 * k + 1] + line[2 * k + 2])
            else:
                out[:] = 0
                ratio = np.float32(n2 / fine[N2])
                for f in range(fine[N2]):
                    out[near[2, f]] += ratio * (1 - between[2, f]) * line[f + 1]
                    out[far[2, f]] += ratio * between[2, f] * line[f + 1]


@kernel
def _interpolate(i, fine, coarse, total, near, far, between, e, x, s, out):
    """out = x + W P e for one plane: linear interpolation of the coarse correction, held down in absorbers.

    A voxel that absorbs at rate s while its neighbors offer Σ 2 D/h² settles at the fraction W = Σ/(Σ + s) of
    their mean. Without W a strong absorber would be lifted to that mean, and its residual would drown all others.
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
        begin = (j + fine[FIRST]) * pitch + 1
        target, old, loss = out[begin : begin + n2], x[begin : begin + n2], s[begin : begin + n2]
        for k in range(n2):
            target[k] = old[k] + smooth[k] * (total / (total + loss[k]))
    refresh(fine, out)


@kernel
def _ascend(low, high, fine, coarse, weight, relaxation, near, far, between, e, b, s, x, y):
    """Correct x by the coarse answer e, and the first sweep after that: y; three corrected planes are held at a time."""
    size = fine[ROWS] * fine[PITCH]
    ring = np.zeros(3 * size, np.float32)
    for ahead in range(low - 1, high + 1):
        slot, plane = (ahead + 3) % 3 * size, beside(ahead, fine[N0], fine[WRAP0])
        o, above = plane * size, ring[slot : slot + size]
        old, loss = x[o : o + size], s[o : o + size]
        _interpolate(plane, fine, coarse, weight[3], near, far, between, e, old, loss, above)
        i = ahead - 1
        if i >= low:
            o, m, h = i * size, (i + 2) % 3 * size, (i + 3) % 3 * size
            below, here = ring[m : m + size], ring[h : h + size]
            _relax(fine, weight, relaxation, below, here, above, b[o : o + size], s[o : o + size], y[o : o + size])


@kernel
def _coarsen(low, high, fine, coarse, resistance, s, to):
    """Loss of the coarser voxels: the mean over the finer ones that each overlaps.

    A lone absorber on voxels of edge h is reached by diffusion at resistance G₀/(D h) only; on voxels of 2 h the
    lattice itself would offer half of that. The missing half stands in series with the absorber:
    s → s/(1 + s ρ).
    """
    pitch, n1, n2 = fine[PITCH], coarse[N1], coarse[N2]
    ratio0, ratio1, ratio2 = fine[N0] / coarse[N0], fine[N1] / n1, fine[N2] / n2
    share = np.float32(1.0 / (ratio0 * ratio1 * ratio2))
    line = np.empty(fine[N2], np.float32)
    for i in range(low, high):
        for j in range(n1):
            line[:] = 0
            for p in range(int(i * ratio0 + 1e-9), min(fine[N0], int(np.ceil((i + 1) * ratio0 - 1e-9)))):
                w0 = min(p + 1, (i + 1) * ratio0) - max(p, i * ratio0)
                for q in range(int(j * ratio1 + 1e-9), min(fine[N1], int(np.ceil((j + 1) * ratio1 - 1e-9)))):
                    w = np.float32(w0 * (min(q + 1, (j + 1) * ratio1) - max(q, j * ratio1)))
                    begin = (p * fine[ROWS] + q + fine[FIRST]) * pitch + 1
                    loss = s[begin : begin + fine[N2]]
                    for k in range(fine[N2]):
                        line[k] += w * loss[k] / (1 + resistance * loss[k])
            begin = (i * coarse[ROWS] + j + coarse[FIRST]) * coarse[PITCH] + 1
            out = to[begin : begin + n2]
            if fine[N2] == 2 * n2:
                for k in range(n2):
                    out[k] = share * (line[2 * k] + line[2 * k + 1])
            else:
                out[:] = 0
                for k in range(fine[N2]):  # a finer voxel lies in one coarser voxel or in two
                    first = int((k + 1e-9) / ratio2)
                    inside = np.float32(min(1.0, (first + 1) * ratio2 - k))
                    out[first] += share * inside * line[k]
                    if first + 1 < n2:
                        out[first + 1] += share * (1 - inside) * line[k]


@kernel
def _cycle(top, rows, weights, relaxation, near, far, between, x, y, b, s):
    """V-cycle from level `top` down, on one thread; the answer is left in y."""
    bottom = rows.shape[0] - 1
    for level in range(top, bottom):
        row, lower, weight, n0 = rows[level], rows[level + 1], weights[level], rows[level, N0]
        u, v, right, loss = _views(row, x, y, b, s)
        _begin(0, n0, row, weight, relaxation[level, 0], relaxation[level, 1], right, loss, v)
        for sweep in range(2, row[SWEEPS], 2):
            _sweep(0, n0, row, weight, relaxation[level, sweep], right, loss, v, u)
            _sweep(0, n0, row, weight, relaxation[level, sweep + 1], right, loss, u, v)
        to = b[lower[OFFSET] : lower[OFFSET] + lower[SIZE]]
        _descend(0, lower[N0], row, lower, weight, near[level], far[level], between[level], v, right, loss, to)
    row = rows[bottom]  # a single voxel, and its ghosts
    only = row[OFFSET] + row[FIRST] * row[PITCH] + 1
    y[row[OFFSET] : row[OFFSET] + row[SIZE]] = b[only] / (s[only] + weights[bottom, 4])
    for level in range(bottom - 1, top - 1, -1):
        row, lower, weight, n0 = rows[level], rows[level + 1], weights[level], rows[level, N0]
        u, v, right, loss = _views(row, x, y, b, s)
        e, first = y[lower[OFFSET] : lower[OFFSET] + lower[SIZE]], relaxation[level, 0]
        _ascend(0, n0, row, lower, weight, first, near[level], far[level], between[level], e, right, loss, v, u)
        for sweep in range(1, row[SWEEPS], 2):
            if sweep > 1:
                _sweep(0, n0, row, weight, relaxation[level, sweep - 1], right, loss, v, u)
            _sweep(0, n0, row, weight, relaxation[level, sweep], right, loss, u, v)


@kernel
def _views(row, x, y, b, s):
    """The four arrays of one level."""
    begin, end = row[OFFSET], row[OFFSET] + row[SIZE]
    return x[begin:end], y[begin:end], b[begin:end], s[begin:end]


class Multigrid:
    """The levels of one mesh and the V-cycle over them.

    Parameters
    ----------
    shape, spacing, periodic : tuples of 3
        The mesh with its axes ordered as `operator.Layout` wants them: one voxel wide axes not last.
    team : Team
        Threads that share the large levels; small ones run in the caller.
    sweeps : tuple of 2 int
        Chebyshev–Jacobi sweeps before and again after the coarse correction, on the finest level and on all others;
        even numbers.

    Attributes
    ----------
    rows : ndarray of int64, shape (n_levels, 12)
        Geometry of the levels, finest first.
    b : ndarray of float32
        Right-hand side; the caller fills the finest level, ``b[:size]``.
    s : ndarray of float32
        Loss by uptake and walls [1/min]; the caller fills the finest level.
    answer : ndarray of float32
        What `cycle` leaves: an approximate solution in the layout of the finest level (view).
    """

    def __init__(self, shape, spacing, periodic, team, sweeps=(2, 4)):
        self.team = team
        self.rows, self.spacings = _levels(shape, spacing, periodic, sweeps)
        total = int(self.rows[-1, OFFSET] + self.rows[-1, SIZE])
        self.x, self.y, self.b = (np.zeros(total, np.float32) for _ in range(3))
        self.s = np.ones(total, np.float32)  # ghosts too: they are divided by, never used
        n = len(self.rows)
        self.weights = np.zeros((n, 5), np.float32)  # D/h² per axis, Σ 2 D/h², σ + k
        self.near, self.far, self.between = _interpolation(self.rows)
        self.relaxation = np.zeros((n, max(sweeps)), np.float32)
        self.answer = self.y[: self.rows[0, SIZE]]
        # levels too small to be worth sharing are done in one call
        work = self.rows[:, :3].prod(axis=1)
        self.shared = int(np.sum(work >= 2 * team.smallest_slab)) if team.threads > 1 else 0
        self.shared = min(self.shared, n - 1)

    def absorb(self, diffusion):
        """Discretize diffusion on every level, and coarsen the loss in ``s`` of the finest.

        Parameters
        ----------
        diffusion : float
            D [µm²/min].
        """
        for level, (row, spacing) in enumerate(zip(self.rows, self.spacings)):
            a = np.where(row[:3] > 1, diffusion / spacing**2, 0.0)
            self.weights[level, :4] = *a, 2 * a.sum()
            if level + 1 < len(self.rows):
                lower = self.rows[level + 1]
                resistance = _RESISTANCE[int((lower[:3] < row[:3]).sum())] / (2 * a.sum())
                views = self._view(self.s, level), self._view(self.s, level + 1)
                self._share(_coarsen, level + 1, row, lower, np.float32(resistance), *views)

    def shift(self, base):
        """Set the loss that all voxels share, σ + k [1/min], and the sweeps that go with it."""
        self.weights[:, 4] = base
        for level in range(len(self.rows) - 1):
            a, total = self.weights[level, :3].astype(float), base + float(self.weights[level, 3])
            coarsened = self.rows[level + 1, :3] < self.rows[level, :3]
            # The sweeps damp what the next level cannot see: waves shorter than four voxels along a coarsened axis.
            shortest, longest = (base + _SHORTEST * a[coarsened].min()) / total, (base + 4 * a.sum()) / total
            sweeps = self.rows[level, SWEEPS]
            self.relaxation[level, :sweeps] = _chebyshev(shortest, longest, sweeps)

    def cycle(self):
        """One V-cycle from a zero guess: `answer` ≈ A⁻¹ b. Large levels are shared, the rest is one call."""
        for level in range(self.shared):
            row, weight, omega = self.rows[level], self.weights[level], self.relaxation[level]
            u, v, b, s = (self._view(array, level) for array in (self.x, self.y, self.b, self.s))
            self._share(_begin, level, row, weight, omega[0], omega[1], b, s, v)
            for sweep in range(2, row[SWEEPS], 2):
                self._share(_sweep, level, row, weight, omega[sweep], b, s, v, u)
                self._share(_sweep, level, row, weight, omega[sweep + 1], b, s, u, v)
            lower, tables = self.rows[level + 1], self._tables(level)
            self._share(_descend, level + 1, row, lower, weight, *tables, v, b, s, self._view(self.b, level + 1))
        tables = self.near, self.far, self.between
        _cycle(self.shared, self.rows, self.weights, self.relaxation, *tables, self.x, self.y, self.b, self.s)
        for level in reversed(range(self.shared)):
            row, weight, omega = self.rows[level], self.weights[level], self.relaxation[level]
            u, v, b, s = (self._view(array, level) for array in (self.x, self.y, self.b, self.s))
            lower, e = self.rows[level + 1], self._view(self.y, level + 1)
            self._share(_ascend, level, row, lower, weight, omega[0], *self._tables(level), e, b, s, v, u)
            for sweep in range(1, row[SWEEPS], 2):
                if sweep > 1:
                    self._share(_sweep, level, row, weight, omega[sweep - 1], b, s, v, u)
                self._share(_sweep, level, row, weight, omega[sweep], b, s, u, v)

    def _tables(self, level):
        return self.near[level], self.far[level], self.between[level]

    def _view(self, array, level):
        row = self.rows[level]
        return array[row[OFFSET] : row[OFFSET] + row[SIZE]]

    def _share(self, function, level, *arguments):
        row = self.rows[level]
        self.team.run(function, int(row[N0]), *arguments, work=int(row[SIZE]))


# Share of a voxel's diffusive resistance 1/(Σ 2a) that a lattice twice as coarse does not show, by coarsened axes:
# none in 1-D, ln 2/(2π) of 1/D against 4/D in 2-D, Watson's 0.252731/2 against 6/(D h) in 3-D.
_RESISTANCE = (0.0, 0.0, 4 * np.log(2) / (2 * np.pi), 6 * 0.252731 / 2)


_SHORTEST = 1.5


def _levels(shape, spacing, periodic, sweeps):
    """Geometry of all levels: halve the finely cut axes first, down to a single voxel.

    Every level fills the same box with equal voxels: an axis of 7 becomes 4 voxels 7/4 as long.
    """
    shape, size = np.array(shape), np.multiply(shape, spacing)
    rows, spacings, offset = [], [], 0
    while True:
        spacing, wide = size / shape, shape > 1
        pitch = shape[2] + 2
        n_rows, first = (1, 0) if shape[1] == 1 else (shape[1] + 2, 1)
        place = offset, shape[0] * n_rows * pitch
        rows.append([*shape, pitch, n_rows, first, *periodic, *place, sweeps[min(len(rows), 1)]])
        spacings.append(spacing)
        offset += rows[-1][SIZE]
        if not wide.any():
            return np.array(rows, np.int64), np.array(spacings)
        shape = np.where(wide & (spacing < 1.5 * spacing[wide].min()), (shape + 1) // 2, shape)


def _interpolation(rows):
    """For each level, axis and voxel: the coarse voxel nearest to it, the next one, and the weight of that."""
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


def _chebyshev(shortest, longest, sweeps):
    """Relaxation ω of each sweep: the inverse roots of the Chebyshev polynomial on the eigenvalues of diagonal⁻¹ A."""
    roots = np.cos(np.pi * (2 * np.arange(sweeps) + 1) / (2 * sweeps))
    return 1 / ((longest + shortest) / 2 + (longest - shortest) / 2 * roots)
