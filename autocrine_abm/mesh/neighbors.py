"""Who is near whom: cells sorted into bins, so that neighbors are found without looking at everybody.

Bins are boxes at least as wide as the reach asked for, laid over the cells (not over the mesh, so empty space
costs nothing), hence all neighbors of a cell sit in its own bin or a touching one. What neighbors do to each
other is left to `behavior.mechanics` and others.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.scratch import Scratch

__all__ = ["BLOCK", "NeighborBins"]

NEIGHBORS = 24  # that room is made for at first, per cell
BLOCK = 256  # cells of the sorted order; threads share blocks of so many, and each tells where its lists begin
LANES = 32  # the compiler takes so many cells at most in one go
BINS_PER_CELL = 4  # at most; sparse cells get wider bins, so memory follows the cells and not the box


@kernel
def _sort(position, axes, period, origin, bins_per_length, shape, bin_of, start, order, coordinates):
    """Stable counting sort of rows by bin, with the coordinates copied in that order (wrapped on periodic
    axes).

    An axis with zero bins per length does not count: its coordinates are copied as 0. `start` has one more
    entry than there are bins.
    """
    n_cells = position.shape[0]
    start[:] = 0
    for row in range(n_cells):
        b = 0
        for a in range(3):
            along = position[row, axes[a]]
            if period[a] > 0.0:
                along -= period[a] * np.floor(along / period[a])
            b = b * shape[a] + min(max(int((along - origin[a]) * bins_per_length[a]), 0), shape[a] - 1)
        bin_of[row] = b
        start[b + 1] += 1
    for b in range(1, start.shape[0]):
        start[b] += start[b - 1]
    for row in range(n_cells):
        b = bin_of[row]
        place = start[b]
        start[b] += 1
        order[place] = row
        for a in range(3):
            along = position[row, axes[a]] if bins_per_length[a] > 0.0 else 0.0
            if period[a] > 0.0:
                along -= period[a] * np.floor(along / period[a])
            coordinates[a, place] = along
    for b in range(start.shape[0] - 1, 0, -1):  # every start has moved on to the next one: move them back
        start[b] = start[b - 1]
    start[0] = 0


@kernel
def _pairs(low, high, fill, coordinates, reach, order, bin_of, start, shape, period, per_cell, first, last, neighbor):
    """Neighbors of the cells in blocks low..high of the sorted order; or, unless `fill`, only how many there are, in
    ``last[cell]``.

    Lists follow each other in ``neighbor[per_cell * BLOCK * low : per_cell * BLOCK * high]``: those of a block begin at
    ``first[block]``, and each ends at ``last[cell]``, where the next one begins. If there is too little room, `last` stays
    negative from there on. Coordinates follow the order of the bin axes (the last is the fastest). Cells i and j are
    neighbors when their distance is below reach[i] + reach[j]. Bins that follow each other along the fastest axis are
    one stretch of sorted cells. Stretches are copied side by side, once for all cells of a bin.
    """
    low, high = BLOCK * low, min(BLOCK * high, order.shape[0])
    most = np.int64(0)
    for b in range(start.shape[0] - 1):
        most = max(most, start[b + 1] - start[b])
    # all who may be neighbors of the cells of a bin, one after the other, and filled up with nobody
    room = 27 * most + LANES
    xs, ys, zs, reaches = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    places, inside, found = np.empty(room, np.int32), np.empty(room, np.uint8), np.empty(room, np.int32)
    all_x, all_y, all_z = coordinates[0], coordinates[1], coordinates[2]
    n_near = own = np.uint64(0)
    last_bin = -1
    place, end = per_cell * low, per_cell * high
    for cell in range(low, high):
        this_bin = bin_of[order[cell]]
        if this_bin != last_bin:
            last_bin = this_bin
            n_near = np.uint64(0)
            k = this_bin % shape[2]
            j = (this_bin // shape[2]) % shape[1]
            i = this_bin // (shape[2] * shape[1])
            for ii in range(i - 1, i + 2):
                if (ii < 0 or ii >= shape[0]) and period[0] == 0.0:
                    continue
                turn_i = -1 if ii < 0 else int(ii >= shape[0])
                for jj in range(j - 1, j + 2):
                    if (jj < 0 or jj >= shape[1]) and period[1] == 0.0:
                        continue
                    turn_j = -1 if jj < 0 else int(jj >= shape[1])
                    line = ((ii - turn_i * shape[0]) * shape[1] + jj - turn_j * shape[1]) * shape[2]
                    for turn_k in range(-1, 2):
                        if turn_k != 0 and period[2] == 0.0:
                            continue
                        k_low = max(k - 1 - turn_k * shape[2], 0)
                        k_high = min(k + 2 - turn_k * shape[2], shape[2])
                        if k_low >= k_high or start[line + k_low] == start[line + k_high]:
                            continue
                        begin, stop = start[line + k_low], start[line + k_high]
                        if ii == i and jj == j and turn_k == 0:
                            own = n_near + np.uint64(cell - begin)
                        shift_x, shift_y, shift_z = turn_i * period[0], turn_j * period[1], turn_k * period[2]
                        for other in range(np.uint64(begin), np.uint64(stop)):
                            xs[n_near] = all_x[other] + shift_x
                            ys[n_near] = all_y[other] + shift_y
                            zs[n_near] = all_z[other] + shift_z
                            reaches[n_near] = reach[other]
                            places[n_near] = other
                            n_near += np.uint64(1)
            padded = (n_near + np.uint64(LANES - 1)) // np.uint64(LANES) * np.uint64(LANES)
            for t in range(n_near, padded):
                xs[t], ys[t], zs[t], reaches[t] = np.inf, 0.0, 0.0, 0.0
        x, y, z, own_reach = all_x[cell], all_y[cell], all_z[cell], reach[cell]
        if cell % BLOCK == 0:
            first[cell // BLOCK] = place
        last[cell] = -1
        if fill:
            for t in range(padded):  # no branch in here: several in one go
                dx = x - xs[t]
                dy = y - ys[t]
                dz = z - zs[t]
                both = own_reach + reaches[t]
                inside[t] = dx * dx + dy * dy + dz * dz < both * both
            inside[own] = 0
            n = np.uint64(0)
            for t in range(n_near):  # written always, kept by moving on: no branch to mispredict
                found[n] = places[t]
                n += np.uint64(inside[t])
            if place + int(n) > end:
                return
            for t in range(n):
                neighbor[place + int(t)] = found[t]
            place += int(n)
            last[cell] = place
        else:
            count = 0
            for t in range(padded):
                dx = x - xs[t]
                dy = y - ys[t]
                dz = z - zs[t]
                both = own_reach + reaches[t]
                count += 1 if dx * dx + dy * dy + dz * dz < both * both else 0
            last[cell] = count - 1  # but itself
        own += np.uint64(1)


@kernel
def _begin(place, first, last):
    """Where the list of the cell at a place begins."""
    return first[place // BLOCK] if place % BLOCK == 0 else last[place - 1]


@kernel
def _by_row(order, place_of, first, last, places, start, index):
    """Lists of places turned into lists of rows, ascending: each row in turn enters itself with its
    neighbors."""
    start[0] = 0
    for row in range(order.shape[0]):
        place = place_of[row]
        start[row + 1] = start[row] + last[place] - _begin(place, first, last)
    for row in range(order.shape[0]):
        place = place_of[row]
        for pair in range(_begin(place, first, last), last[place]):
            other = order[places[pair]]
            index[start[other]] = row
            start[other] += 1
    for row in range(order.shape[0], 0, -1):  # every start has moved on to the next one: move them back
        start[row] = start[row - 1]
    start[0] = 0


class NeighborBins:
    """Cells sorted by bin, and lists of neighbors made from it.

    The arrays are owned and reused: what a method returns is a view that the next call overwrites.

    Parameters
    ----------
    mesh : Mesh
        Gives the size of the box, which axes are periodic and which have a single voxel. Coordinates along an
        axis with a single voxel are ignored: in a 2-D run, cells are neighbors by x and y alone.
    team : Team or None
        Threads that share the search for pairs.
    scratch : Scratch, optional
        Where to take arrays from, if they need not outlast a phase; see `take_anew`.

    Attributes
    ----------
    order : ndarray of int32, shape (n_cells,)
        Row of the cell at each place of the sorted order; cells of one bin keep the order of their rows.
    start : ndarray of int64, shape (n_bins + 1,)
        Cells of bin b are ``order[start[b]:start[b + 1]]``.
    bin_of : ndarray of int32, shape (n_cells,)
        Bin of each row.
    coordinates : ndarray of float, shape (3, n_cells)
        Sorted coordinates [µm], in the order of `axes`; wrapped into the box along periodic axes.
    axes : ndarray of int64, shape (3,)
        Axis of the mesh (0, 1, 2) that each bin axis runs along; the last is the fastest and never a flat
        one.

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> bins = NeighborBins(Mesh((10, 10, 1), (20.0, 20.0, 20.0)))
    >>> position = np.array([[5.0, 5.0, 10.0], [60.0, 5.0, 10.0], [12.0, 5.0, 10.0]])
    >>> start, index = bins.neighbors(position, reach=10.0)
    >>> index[start[0]:start[1]], index[start[1]:start[2]]
    (array([2], dtype=int32), array([], dtype=int32))
    """

    def __init__(self, mesh, team=None, scratch=None):
        flat = [axis for axis in range(3) if mesh.shape[axis] == 1]
        if len(flat) == 3:
            flat = [1, 2]
        self.mesh, self.team, self._scratch, self._shares = mesh, team, scratch or Scratch(), scratch is not None
        self.axes = np.array(flat + [axis for axis in range(3) if axis not in flat])
        self.counts = np.array([axis not in flat for axis in self.axes])
        size, periodic = np.array(mesh.size)[self.axes], np.array(mesh.periodic)[self.axes]
        self.period = np.where(periodic & self.counts, size, 0.0)
        self.shape = np.ones(3, np.int64)
        self.start = np.zeros(2, np.int64)
        self._per_cell = NEIGHBORS
        self.take_anew()
        self.reserve(0)

    def take_anew(self):
        """The scratch has been cleared: take arrays again."""
        self._room, self._neighbor = -1, np.empty(0, np.int32)

    def reserve(self, n_cells):
        """Make arrays for so many cells, as `sort` does."""
        if self._room < n_cells:
            self._room = room = n_cells if self._shares else n_cells + n_cells // 8  # a growing tumor seldom asks
            self._order, self._bin_of = self._scratch.take(room, np.int32), self._scratch.take(room, np.int32)
            self._coordinates = self._scratch.take(3 * room)
            self._first, self._last = self._scratch.take(-(-room // BLOCK), np.int32), self._scratch.take(room, np.int32)
            if self._shares:  # so that the scratch learns at once how large it has to be
                self._neighbor = self._scratch.take(self._per_cell * room, np.int32)
        self.order, self.bin_of = self._order[:n_cells], self._bin_of[:n_cells]
        self.first, self.last = self._first[: -(-n_cells // BLOCK)], self._last[:n_cells]
        self.coordinates = self._coordinates[: 3 * n_cells].reshape(3, n_cells)

    def sort(self, position, reach):
        """Sort cells into bins that are at least `reach` wide.

        Parameters
        ----------
        position : ndarray of float, shape (n_cells, 3)
            Positions [µm]. They may lie outside the box; along periodic axes they are wrapped.
        reach : float
            Largest distance at which two cells are to be found [µm], > 0; at most half the box along periodic
            axes.
        """
        if not reach > 0:
            raise ValueError(f"reach of neighbor bins: got {reach} µm, accepted is a length above 0")
        looped = self.period > 0
        if np.any(self.period[looped] < 2 * reach):
            raise ValueError(
                f"reach of neighbor bins: got {reach:g} µm in a periodic box of {self.mesh.size} µm, "
                "accepted is at most half the box, beyond which a cell would meet another one twice; "
                "widen the box"
            )
        self.reserve(len(position))
        low, high = np.zeros(3), np.ones(3)
        if len(position):
            # each axis for itself: twenty times faster than position.min(axis=0)
            low, high = (np.array([most(position[:, axis]) for axis in self.axes]) for most in (np.min, np.max))
        if not np.all(np.isfinite(low) & np.isfinite(high)):
            raise ValueError("neighbor bins: got positions that are not numbers; check what moved the cells")
        origin = np.where(looped, 0.0, low)
        length = np.where(looped, self.period, high - low)
        most = BINS_PER_CELL * len(position) + 64
        width = reach * (1 + 1e-9)  # a little more, so that rounding of a coordinate cannot reach past the next bin
        while True:
            shape = np.where(self.counts, np.maximum(length / width, 1), 1)
            if np.prod(shape) <= most:
                break
            width *= 1.1
        self.shape = shape.astype(np.int64)
        # along open axes the last bin is clamped: it takes what is left over
        edge = np.where(looped, self.period / self.shape, width)
        if self.start.size != np.prod(self.shape) + 1:
            self.start = np.empty(np.prod(self.shape) + 1, np.int64)
        per_length = np.where(self.counts, 1 / edge, 0.0)
        _sort(position, self.axes, self.period, origin, per_length, self.shape,
              self.bin_of, self.start, self.order, self.coordinates)  # fmt: skip

    def lists(self, reach):
        """Neighbors of every cell, cells being numbered by their place in the sorted order.

        Parameters
        ----------
        reach : ndarray of float, shape (n_cells,)
            Own reach of the cell at each place [µm]: i and j are neighbors when closer than reach[i] +
            reach[j], which must not exceed the reach given to `sort`.

        Returns
        -------
        first : ndarray of int32, shape (n_blocks,)
            Where the list of the first of each `BLOCK` cells begins; others begin where the list before ends. A view.
        last : ndarray of int32, shape (n_cells,)
            Where the list of the cell at each place ends. A view.
        neighbor : ndarray of int32
            Places of the neighbors, each pair listed from both sides, with gaps between blocks. A view.
        """
        n_cells = self.order.size
        while True:
            if self._neighbor.size < self._per_cell * n_cells:
                self._neighbor = self._scratch.take(self._per_cell * self._order.size, np.int32)
            self._run_pairs(True, reach)
            if n_cells == 0 or self.last.min() >= 0:
                return self.first, self.last, self._neighbor
            self._per_cell += self._per_cell // 2

    def sorted_pairs(self, reach):
        """As `lists`, without gaps and to keep.

        Returns
        -------
        start : ndarray of int64, shape (n_cells + 1,)
            Neighbors of the cell at place s are ``neighbor[start[s]:start[s + 1]]``. A new array.
        neighbor : ndarray of int32, shape (n_pairs,)
            Places of the neighbors, each pair listed from both sides. A new array.
        """
        first, last, neighbor = self.lists(reach)
        start = np.zeros(len(last) + 1, np.int64)
        np.cumsum(self._lengths(), out=start[1:])
        ends = last[np.minimum(BLOCK * np.arange(1, len(first) + 1), len(last)) - 1]
        pieces = [neighbor[begin:end] for begin, end in zip(first, ends)]
        return start, np.concatenate([neighbor[:0], *pieces])

    def _lengths(self):
        """How long the list of the cell at each place is, shape (n_cells,). A new array."""
        length = np.diff(self.last, prepend=np.int32(0))
        length[::BLOCK] = self.last[::BLOCK] - self.first
        return length

    def count(self, reach):
        """How many neighbors each cell has, as `lists` would list them; shape (n_cells,). A view."""
        self._run_pairs(False, reach)
        return self.last

    def _run_pairs(self, fill, reach):
        arguments = (
            fill, self.coordinates, reach, self.order, self.bin_of, self.start, self.shape, self.period,
            self._per_cell, self.first, self.last, self._neighbor,
        )  # fmt: skip
        n_blocks = self.first.size
        self.last.fill(-1)
        if self.team is None:
            _pairs(0, n_blocks, *arguments)
        else:
            self.team.run(_pairs, n_blocks, *arguments, work=30 * self.order.size)

    def neighbors(self, position, reach):
        """Neighbors of every row within `reach`, as a compressed list.

        Parameters
        ----------
        position : ndarray of float, shape (n_cells, 3)
            Positions [µm].
        reach : float
            Cells closer than this are neighbors [µm]; > 0.

        Returns
        -------
        start : ndarray of int64, shape (n_cells + 1,)
            Neighbors of `row` are ``index[start[row]:start[row + 1]]``. A new array.
        index : ndarray of int32, shape (n_pairs,)
            Rows of the neighbors, ascending for each row; every pair appears from both sides. A new array.
        """
        self.sort(position, reach)
        n_cells = len(position)
        first, last, places = self.lists(np.full(n_cells, 0.5 * reach))
        place_of = np.empty(n_cells, np.int64)
        place_of[self.order] = np.arange(n_cells)
        start, index = np.empty(n_cells + 1, np.int64), np.empty(int(self._lengths().sum()), np.int32)
        _by_row(self.order, place_of, first, last, places, start, index)
        return start, index
