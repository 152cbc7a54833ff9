"""Cells closer to each other than voxels can tell see more, or less, of each other than the mesh shows.

As in particle-mesh methods (Hockney & Eastwood 1988), the mesh carries what is far and a sum over close pairs
what it misses. How accurate the two are together is stated in `near_field`.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import BOX, DIMENSION, point
from autocrine_abm.ligands.contact import Contact, contact_between, surface_resistance
from autocrine_abm.ligands.extent import REACH
from autocrine_abm.ligands.lattice_green import FACTOR_HIGH, FACTOR_LOW, PERIODIC, SPACING, VOXELS
from autocrine_abm.ligands.pair_table import lookup

__all__ = ["CloseNeighbors", "own_reach"]

_NOISE = 1e-9  # change of all fluxes, as a share of them, that rounding may make
_CALM = 0.5  # share of its own flux that neighbors may add to that of a cell in a heap; sweeps then converge two-fold each
_AGREED = 1e-5  # change of all fluxes in a sweep, as a share of them, that ends sweeps over cells that touch
_STRONG = 0.1  # least β = U/(4πDa) of an absorber that matters where it touches others


@kernel
def _spread(first, second, square, z):
    """Field between two cells over that of points, for discs of squared radii first and second (0 for a sphere).

    1 + <w²> ∇²/4 + <w⁴> ∇⁴/64 + <w⁶> ∇⁶/2304 of 1/r, w being the difference of two places on the discs; the derivatives
    along the floor are those along z with alternating sign. 0.6 % too low where equal discs touch, 0.1 % at 2.5 radii.
    """
    sine = z * z / square
    second_mean = 0.5 * (first + second)
    fourth_mean = (first**2 + second**2) / 3.0 + first * second
    sixth_mean = (first**3 + second**3) / 4.0 + 1.5 * first * second * (first + second)
    second_slope = 1.0 - 3.0 * sine
    fourth_slope = 3.0 * (3.0 - 30.0 * sine + 35.0 * sine**2)
    sixth_slope = 45.0 * (5.0 - 105.0 * sine + 315.0 * sine**2 - 231.0 * sine**3)
    return (
        1.0
        + second_mean * second_slope / (4.0 * square)
        + fourth_mean * fourth_slope / (64.0 * square**2)
        + sixth_mean * sixth_slope / (2304.0 * square**3)
    )


@kernel
def _exchange(
    low, high, start, neighbor, active, place, radius, form, flat, farthest, axes, law, curve, scales, steps, shape, values,
    out,
):  # fmt: skip
    """Exact less mesh field at a cell of its neighbor, per unit of its net release, for pairs of cells low..high.

    A row of `place` holds the position of a cell, cos(π x/h) along each axis and sin(π x/h), for the middles of pairs.
    """
    length, finest, widest = np.zeros(3), np.inf, 0.0
    for d in range(3):
        if axes[d, VOXELS] > 1.0:
            length[d] = axes[d, VOXELS] * axes[d, SPACING]
            finest, widest = min(finest, axes[d, SPACING]), max(widest, axes[d, SPACING])
    room = 256
    apart, wave, square_box, shown = np.empty((3, room)), np.empty((3, room)), np.empty(room), np.empty(room)
    strength, entry_of = np.empty(room), np.empty(room, np.int64)
    factor = np.ones((3, 3))  # of a neighbor and of its images behind the low and high wall
    for i in range(low, high):
        images = 1
        for d in range(3):
            factor[d, 1] = factor[d, 2] = 0.0
            if axes[d, PERIODIC] == 0.0 and length[d] > 0.0:
                if place[i, d] < farthest:
                    factor[d, 1] = axes[d, FACTOR_LOW]
                if length[d] - place[i, d] < farthest:
                    factor[d, 2] = axes[d, FACTOR_HIGH]
                if factor[d, 1] != 0.0 or factor[d, 2] != 0.0:
                    images = 3
        if (start[i + 1] - start[i]) * images**3 > room:
            room = 2 * (start[i + 1] - start[i]) * images**3
            apart, wave, square_box, shown = np.empty((3, room)), np.empty((3, room)), np.empty(room), np.empty(room)
            strength, entry_of = np.empty(room), np.empty(room, np.int64)
        own_box = law[BOX] * radius[i]
        count = np.int64(0)  # a bare 0 has `lookup` compiled once more, for that value
        for entry in range(start[i], start[i + 1]):
            j = np.uint64(neighbor[entry])
            out[entry] = 0.0
            if j == np.uint64(i) or not active[j]:
                continue
            other_box = law[BOX] * radius[j]
            reach = 0.5 * REACH * (max(own_box, widest) + max(other_box, widest))
            for a in range(images):
                for b in range(images):
                    for c in range(images):
                        square, factors = 0.0, 1.0
                        for d in range(3):
                            image = a if d == 0 else (b if d == 1 else c)
                            even, odd = place[i, 3 + d] * place[j, 3 + d], place[i, 6 + d] * place[j, 6 + d]
                            if image == 0:
                                distance, middle = place[i, d] - place[j, d], even - odd
                                if axes[d, PERIODIC] != 0.0 and length[d] > 0.0:
                                    turns = np.rint(distance / length[d])
                                    distance -= turns * length[d]
                                    if (turns * axes[d, VOXELS]) % 2.0 != 0.0:
                                        middle = -middle
                            else:
                                distance, middle = place[i, d] + place[j, d], even + odd
                                if image == 2:
                                    distance -= 2.0 * length[d]
                            apart[d, count], wave[d, count] = distance, middle
                            square += distance * distance
                            factors *= factor[d, image]
                        square_box[count] = 0.5 * (max(own_box, finest) ** 2 + max(other_box, finest) ** 2)
                        strength[count], entry_of[count] = factors, entry
                        count += 1 if square <= reach * reach and factors != 0.0 else 0
        lookup(count, apart, wave, square_box, scales, steps, shape, values, shown)
        for pair in range(count):
            entry = entry_of[pair]
            j = neighbor[entry]
            touching = radius[i] + radius[j]
            square = max(apart[0, pair] ** 2 + apart[1, pair] ** 2 + apart[2, pair] ** 2, touching * touching)
            exact = form[i] * form[j] * point(np.sqrt(square), law, curve)
            if flat[i] or flat[j]:
                first, second = radius[i] ** 2 if flat[i] else 0.0, radius[j] ** 2 if flat[j] else 0.0
                exact *= _spread(first, second, square, apart[2, pair])
            out[entry] += strength[pair] * (exact - shown[pair])


@kernel
def _relax(
    order, start, neighbor, coefficient, first, touched, own, between, tie, hold, level, through, flux, effective, sweeps, net,
    excess,
):  # fmt: skip
    """Gauss-Seidel for J_i = F_i − u_i e_i, e_i = Σ_j B_ij J_j − Σ_j P_ij v_j, v = Y c, c_i = level_i + through_i e_i.

    Cells in the order of the lists; `level` to `effective`, `net` and `excess` by row. Leaves J in `net` and e in `excess`.
    Without entries in `own` there are no v. What e_i takes from v_i itself is solved for, as it may be larger than c_i. Returns
    Σ |change of J| of the second sweep, as the first makes up for a guess, and of the last one.
    """
    n = order.shape[0]
    early = late = 0.0
    touching = own.shape[0] > 0
    here, sensed, flow = np.empty(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        here[i] = net[order[i]] if sweeps > 0 else flux[order[i]]
    if touching:
        for i in range(n):
            row, added = order[i], 0.0
            for entry in range(start[i], start[i + 1]):
                added += coefficient[entry] * here[neighbor[entry]]
            sensed[i] = level[row] + through[row] * added
        for i in range(n):
            flow[i] = own[i] * sensed[i]
            for entry in range(first[i], first[i + 1]):
                flow[i] += between[entry] * sensed[touched[entry]]
    scale = np.abs(flux).sum() if touching else 0.0
    sweep, final = 0, sweeps == 0
    while True:
        changed = 0.0
        for i in range(n):
            row, added = order[i], 0.0
            for entry in range(start[i], start[i + 1]):
                added += coefficient[entry] * here[neighbor[entry]]
            if touching:
                from_others = 0.0
                for entry in range(first[i], first[i + 1]):
                    j = touched[entry]
                    added -= tie[entry] * flow[j]
                    from_others += between[entry] * sensed[j]
                added -= hold[i] * (own[i] * level[row] + from_others)
                added /= 1.0 + hold[i] * own[i] * through[row]
                if not final:
                    sensed[i] = level[row] + through[row] * added
                    flow[i] = own[i] * sensed[i] + from_others
            if not final:
                after = flux[row] - effective[row] * added
                changed += abs(after - here[i])
                here[i] = after
            else:
                excess[row] = added
        if final:
            break
        late = changed
        if sweep <= 1:
            early = changed
        sweep += 1
        final = sweep == sweeps or changed < _AGREED * scale
    for i in range(n):
        net[order[i]] = here[i]
    return early, late


@kernel
def _calm(order, start, neighbor, effective, most, coefficient):
    """Lower the coefficients of those whose neighbors add more than a share `most` of what they bring by themselves."""
    n = order.shape[0]
    share = np.ones(n)
    for i in range(n):
        total = 0.0
        for entry in range(start[i], start[i + 1]):
            total += abs(coefficient[entry])
        total *= effective[order[i]]
        if total > most:
            share[i] = most / total
    for i in range(n):
        for entry in range(start[i], start[i + 1]):
            coefficient[entry] *= min(share[i], share[neighbor[entry]])


class CloseNeighbors:
    """What the close neighbors of each cell add to the field there.

    e_i = Σ_j B_ij J_j with B_ij = P(r_ij) − w_i·G w_j: the field of a small cell j at cell i, less what the mesh shows of
    it (`pair_table`), mirror images behind walls within reach included in both. Cells that overlap count as touching. For
    discs on a floor P is the mean over both (`_spread`), 8 % more than between their centers at contact. Where absorbers
    of β = U/(4πDa) ≥ 0.1 nearly touch others in space, e has a part more (`contact`).

    Parameters
    ----------
    near : NearField
    cells : Footprint
        From ``near.place``.
    start : ndarray of int64, shape (n + 1,)
    neighbor : ndarray of int32, shape (n_pairs,)
        Neighbors of cell i are ``neighbor[start[i]:start[i + 1]]``, all those nearer than the sum of their `own_reach`.
        Each pair stands in both lists; those farther away do no harm.
    order : ndarray of int64, shape (n,), optional
        Row of cell i of the lists; cells of one place should follow each other. Rows as they are if not given.
    active : ndarray of bool, shape (n,), optional
        Rows that release or take up anything; all if not given. The others add nothing to anybody.
    clearance : ndarray of float64, shape (n,), optional
        U of each row, for what passes where cells touch; left out if not given [µm³/min].

    Attributes
    ----------
    coefficient : ndarray of float64, shape (n_pairs,)
        B [min/µm³], the same number for both of a pair if both are active.
    contact : Contact
        What strong absorbers change where they touch; empty if there are none.
    calmed : bool
        Whether coefficients had to be lowered, see `relax`.

    Examples
    --------
    >>> from autocrine_abm.ligands.near_field import NearField
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> near = NearField(Mesh((20, 20, 20), (20.0,) * 3), diffusion=600.0, decay=0.0, largest_radius=5.0)
    >>> cells = near.place(np.array([[200.0, 205.0, 190.0], [209.0, 200.0, 190.0]]), np.array([5.0, 5.0]))
    >>> close = CloseNeighbors(near, cells, np.array([0, 1, 2]), np.array([1, 0]))
    >>> hidden = close.coefficient * 4 * np.pi * 600 * np.sqrt(106)  # of the exact field of the other cell
    >>> bool(np.isclose(*hidden)), float(hidden[0].round(1))
    (True, 0.4)
    """

    def __init__(self, near, cells, start, neighbor, order=None, active=None, clearance=None):
        self.near, self.cells = near, cells
        n = len(start) - 1
        self.start = np.ascontiguousarray(start, np.int64)
        self.neighbor = np.ascontiguousarray(neighbor, np.int32)
        self.order = np.arange(n) if order is None else np.array(order, np.int64)
        active = np.ones(n, bool) if active is None else active[self.order]
        position = cells.position[self.order] * (near.axes[:, VOXELS] > 1)
        phase = np.pi * position / near.axes[:, SPACING]
        place = np.concatenate([position, np.cos(phase), np.sin(phase)], axis=1)
        self.coefficient = np.empty(self.neighbor.size)
        near.team.run(
            _exchange, n, self.start, self.neighbor, active, place, cells.radius[self.order], cells.form[self.order],
            cells.flat[self.order], near.reach, near.axes, near.law, near.curve, *near.pairs, self.coefficient,
            work=20 * self.neighbor.size,
        )  # fmt: skip
        self.contact, self.calmed = Contact.of_nobody(), False
        if clearance is not None and near.law[DIMENSION] > 1.0:
            round_ = ~cells.flat[self.order]
            radius, taken = cells.radius[self.order], np.ascontiguousarray(clearance, float)[self.order]
            if (round_ & (taken * surface_resistance(radius, near.law) > _STRONG)).any():
                self.contact = contact_between(near, self.start, self.neighbor, active & round_, position, radius, taken)

    def by_row(self):
        """The lists as rows see them: start, neighbor, coefficient, contact. New arrays."""
        place_of = np.empty_like(self.order)
        place_of[self.order] = np.arange(self.order.size)
        start, neighbor, entry = self._turned(place_of, self.start, self.neighbor)
        contact = self.contact
        if contact.own.size:
            lists = self._turned(place_of, contact.start, contact.neighbor)
            own, hold = contact.own[place_of], contact.hold[place_of]
            contact = Contact(*lists[:2], own, contact.between[lists[2]], contact.tie[lists[2]], hold)
        return start, neighbor, self.coefficient[entry], contact

    def _turned(self, place_of, start, neighbor):
        """Lists by row instead of by place: start, neighbor, and where each entry stood."""
        count = np.diff(start)[place_of]
        begin = np.concatenate([[0], np.cumsum(count)])
        entry = np.arange(begin[-1]) + np.repeat(start[place_of] - begin[:-1], count)
        return begin, self.order[neighbor[entry]].astype(np.int32), entry

    def relax(self, rate, clearance, field, net, sweeps=4):
        """Field that neighbors add, their fluxes following from it.

        Solves J_i = F_i − u_i Σ_j B_ij J_j by Gauss-Seidel, F being the net release in this field without neighbors.
        (1/u + B) is positive definite for packings in space, so that sweeps converge for any uptake. It is not for heaps of
        cells that overlap a lot, nor in packed slabs of all but perfect absorbers. Where sweeps over strong absorbers diverge,
        coefficients of such cells are lowered until they converge, for what cells on top of each other take from each other
        is no physics. Where nobody takes up anything, J = F at once.

        Parameters
        ----------
        rate, clearance, field
            As in `NearField.sense`.
        net : ndarray of float64, shape (n,)
            Net release to start from, of the step before or zeros; replaced in place [molecules/min].
        sweeps : int
            Rounds of Gauss-Seidel.

        Returns
        -------
        ndarray of float64, shape (n,)
            e, for ``near.deposit`` and ``near.sense`` [molecules/µm³]. A new array.
        """
        sensed, flux, effective = self.near.sense(self.cells, rate, clearance, field)
        return self.spread(sensed, flux, effective, clearance, net, sweeps)

    def spread(self, sensed, flux, effective, clearance, net, sweeps=4):
        """As `relax`, where the cells have sensed the field already.

        Parameters
        ----------
        sensed, flux, effective : ndarray of float64, shape (n,)
            What ``near.sense`` gives without an excess. With an excess e, net release is flux − effective · e.
        clearance, net, sweeps
            As in `relax`; where cells touch, there are up to three times as many sweeps.

        Returns
        -------
        ndarray of float64, shape (n,)
            e [molecules/µm³]. A new array.
        """
        excess = np.empty(flux.size)
        sweeps = sweeps if effective.any() else 0
        through = effective
        if self.contact.own.size:
            sweeps *= 3
            through = np.divide(effective, clearance, out=np.ones(flux.size), where=np.asarray(clearance) > 0)
        lists, columns = (self.order, self.start, self.neighbor), (sensed, through, flux, effective)
        early, late = _relax(*lists, self.coefficient, *self.contact, *columns, sweeps, net, excess)
        if late > early and late > _NOISE * np.abs(flux).sum():
            self.calm(effective)
            net[:] = flux
            _relax(*lists, self.coefficient, *self.contact, *columns, sweeps, net, excess)
        return excess

    def calm(self, effective):
        """Let neighbors add so little to each other that repeating converges in any case; `effective` as for `spread`."""
        _calm(self.order, self.start, self.neighbor, effective, _CALM, self.coefficient)
        self.calmed, self.contact = True, Contact.of_nobody()  # heaps have no gaps between surfaces


def own_reach(near, radius):
    """Half the distance within which a cell and one of its size see each other less rightly than they should [µm].

    Cells are close neighbors when closer than the sum of the two.
    """
    widest = max((h for h, n in zip(near.mesh.spacing, near.mesh.shape) if n > 1), default=0.0)
    return 0.5 * REACH * np.maximum(near.law[BOX] * radius, widest)
