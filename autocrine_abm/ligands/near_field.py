"""What a cell senses is the concentration at its surface, whatever the size of the voxels around it.

A voxel cannot show the steep rise of concentration towards a cell smaller than itself, nor how two close
cells see each other. Both are added here from exact solutions, so that what a cell captures does not depend
on the mesh.

**One cell.** It is spread over voxels v with weights w_v (`lattice_green.lay`: a box 2.4 radii or one voxel
wide, whichever is more; 27 voxels when h ≥ 2.4 a, 64 down to 1.2 a, 125 down to 0.8 a). Released alone
and without uptake, J molecules/min show as J (G w)_v in voxel v, G being the mesh's answer to a unit source,
and as R J at the surface of the cell (`cell_field.surface`). Each voxel carries its share w_v of the surface,
with the difference of the two, Δ_v = R − (G w)_v ≥ 0, as a resistance in series:

    c*_v = c_v + Δ_v (q − U c*_v) = (c_v + Δ_v q)/(1 + U Δ_v)
    source_v = w_v q/(1 + U Δ_v)/V,     loss_v = w_v U/(1 + U Δ_v)/V,     c* = Σ_v w_v c*_v

Source and loss are ≥ 0 for every U and the loss acts on its own voxel, so the system stays an M-matrix: the
solver's job is no harder and the field not negative. For a lone cell in any uniform background c*_v is the
same in all v, and its capture and its uptake are *exact*: for any voxel, U, decay and position. What the mesh
gains, Σ (source_v − loss_v c_v) V, is Σ (q − U c*) identically.

Mirror images behind near walls belong to both R and G w. A flat cell (a disc of radius a lying on the low z
wall and releasing evenly; the geometry of Batsilas et al. 2003) has R = 8/(3π²Da) without decay. A sphere
that touches a no-flux wall captures what it should within 2 %.

**Time.** The decay in R and G is the ligand's own, without the 1/(γΔt) of an implicit step: the field of the
last step already holds the near field of earlier release. So steady states are exact for any step. When
release changes, the part below a voxel follows at once instead of within a²/D to h²/D: the error is 1 % after
h²/D and falls as t^(−3/2). To first order screening, by a time step or by the uptake of others, cancels
between R and G w.

**Close neighbors** (`close_neighbors`). Cells nearer than `reach` see e_i = Σ_j B_ij J_j more than the mesh
shows. It enters as c_v + e_i above, that is, as a change of the source alone by −U e_i, so stability is as
before. Repeating (relax, deposit, solve) converges for any uptake in space: in packed clusters from scratch 4 % of the
largest capture is left after one pass and 1.3 % after two, less when started from the step before.

Surfaces that nearly touch do not take up evenly; for that, strong absorbers there have a part of e more (`contact`).

**What remains**, against the field equation itself with release and uptake on spherical shells (multipoles), as a part of
the largest capture of any cell, for voxels of 1 to 10 radii:

* Two cells: 3 % at contact, 2 % at 2.2 radii between centers, 1 % from 2.5 on, and up to 3 % where a distance of 1.5 to 3
  voxels lies just beyond `reach`. Without close neighbors an absorber of 10 × 4πDa at contact with a sender captures 14, 36,
  55 and 77 % too little at h = 2, 3.3, 5 and 10 a.
* Clusters of 13 cells on a close packing, centers 2, 2.2 and 2.5 a apart, U = 0.1 to 100 × 4πDa: 3 % where all release, 4.4 %
  for one sender caged by the others (6 and 24 % with evenly charged surfaces). An inert sender among absorbers of 10 × 4πDa:
  12 % (14 % at h = 1.5 a); which of the twelve get more depends on the mesh, by 9 % even at 3 a. Worst is a cell
  that its neighbors outdo: of U = 4πDa, touching twelve of 10 (100) times that, it captures 20 to 29 (45 to 59) % too much of
  its own; 4 (8) % at 2.2 a.
* Two cylinders in a slab: 5 % at contact, 4 % at 2.5 radii, 2 % from 3 on. Without close neighbors 20 to 50 % at
  contact for h = 5 a. Seven and nineteen, hexagonally packed, at contact, U = 0.1 to 10 × 2πDH: 1.5 % where all release, 10 %
  for one sender caged by the others; an inert one among absorbers of 10 × 2πDH 17 % in one shell and 46 % in two, one of
  2πDH 63 %, with up to 6 % too much for all together. From 100 × 2πDH on neighbors in a slab may count less
  (`CloseNeighbors.calm`), lest mesh and neighbors drive each other; then a caged cell errs by 20 %.
* The field equation has one diffusivity everywhere, and ligand passes cell bodies. That is what diffusivities measured
  in tissue mean. Bodies that bar the way raise what a packed cluster of 13 with weak uptake (0.1 × 4πDa) captures by 28, 18
  and 11 % at 2, 2.2 and 2.5 a, that of a pair at contact by up to 4 %, and change nothing for perfect absorbers. In dense
  tissue with a ligand's D in water, give the ligand D·2(1 − φ)/(2 + φ), φ being the volume fraction of cells (Maxwell).
* Where λ is not much longer than a, the mesh lets ligand decay inside cells too: what reaches others beyond
  `reach` is low by 1 − (1 + κa) e^(−κa), 9 % at λ = 2 a and 2 % at 5 a.
* In the shadow of others errors multiply, since an absorber drawn over voxels lets more or less pass behind it than a sphere:
  of 64 cells, 4 a apart on a cubic lattice around a sender, with U = 1.6 × 4πDa, the nearest capture 5 % too little and those
  at the corners, who get 0.2 % of it each, 16 % too much (h = 2 a; 60 % at h = 4 a); all together 1 % too little (3 %).
* Nothing corrects the uneven flux between a cylinder and a wall, or of pairs near walls.
* A field may dip below zero by 0.5 % of its maximum where a strong absorber touches a sender, because −U e is
  negative; in a packed slab by as much as that maximum where h = 4 a, and what cells sense by 3 % of the largest.
"""

from functools import cached_property
from math import prod

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.cell_field import BOX, DIMENSION, KAPPA, law_of, surface
from autocrine_abm.ligands.extent import REACH
from autocrine_abm.ligands.footprint import Footprint, place
from autocrine_abm.ligands.lattice_green import FACTOR_LOW, PERIODIC, SNUG, SPACING, VOXELS, lattice_green
from autocrine_abm.ligands.pair_table import pair_table
from autocrine_abm.team import Team

__all__ = ["NearField"]

_DENSE = 125  # voxels of a footprint up to which one small matrix is cheaper than three sums along axes
_FACTOR = {"no-flux": 1.0, "fixed": -1.0, "open": 0.0}  # sign of the mirror image behind a wall


@kernel
def _wrap(v, n):
    """Index modulo n, by steps: a division costs more than all else done with a voxel."""
    while v < 0:
        v += n
    while v >= n:
        v -= n
    return v


@kernel
def _deposit(begin, count, weight, gap, rate, clearance, excess, axes, source, loss):
    """Add what cells release and their clearance to the voxels they cover."""
    n0, n1, n2 = int(axes[0, VOXELS]), int(axes[1, VOXELS]), int(axes[2, VOXELS])
    volume = axes[0, SPACING] * axes[1, SPACING] * axes[2, SPACING]
    for i in range(rate.shape[0]):
        own = clearance[i]
        release = (rate[i] - own * (excess[i] if excess.size > 0 else 0.0)) / volume
        uptake = own / volume
        first, n_z = begin[i, 2], np.uint64(count[i, 2])  # unsigned: no negative index to think of
        inside = first >= 0 and first + count[i, 2] <= n2
        at = np.uint64(0)
        for x in range(count[i, 0]):
            row = _wrap(begin[i, 0] + x, n0) * n1
            for y in range(count[i, 1]):
                line = (row + _wrap(begin[i, 1] + y, n1)) * n2
                share = weight[i, 0, x] * weight[i, 1, y]
                if inside and own <= 0.0:  # many cells release only: no division and no loss for them
                    for z in range(n_z):
                        source[np.uint64(line + first) + z] += share * weight[i, 2, z] * release
                    continue
                for z in range(n_z):
                    v = line + _wrap(first + np.int64(z), n2)
                    part = share * weight[i, 2, z]
                    if own > 0.0:
                        part /= 1.0 + own * gap[i, at]
                        loss[v] += part * uptake
                    source[v] += part * release
                    at += np.uint64(1)


@kernel
def _sense(low, high, begin, count, weight, gap, mean_gap, rate, clearance, excess, axes, field, sensed, flux, effective):
    """Surface concentration, net release and effective clearance of cells low..high."""
    passive = mean_gap.size > 0
    n0, n1, n2 = int(axes[0, VOXELS]), int(axes[1, VOXELS]), int(axes[2, VOXELS])
    for i in range(low, high):
        level, net, sink, added = 0.0, 0.0, 0.0, excess[i] if excess.size > 0 else 0.0
        own, release = clearance[i], rate[i]
        if passive:
            level = mean_gap[i] * release
        first, n_z = begin[i, 2], np.uint64(count[i, 2])
        inside = first >= 0 and first + count[i, 2] <= n2
        at = np.uint64(0)
        for x in range(count[i, 0]):
            row = _wrap(begin[i, 0] + x, n0) * n1
            for y in range(count[i, 1]):
                line = (row + _wrap(begin[i, 1] + y, n1)) * n2
                share = weight[i, 0, x] * weight[i, 1, y]
                for z in range(n_z):
                    v = np.uint64(line + first) + z
                    if not inside:
                        v = np.uint64(line + _wrap(first + np.int64(z), n2))
                    around = field[v] + added
                    part = share * weight[i, 2, z]
                    if passive:
                        level += part * around
                        continue
                    if own > 0.0:  # many cells release only: no division for them
                        part /= 1.0 + own * gap[i, at]
                    level += part * (around + gap[i, at] * release)
                    net += part * (release - own * around)
                    sink += part
                    at += np.uint64(1)
        sensed[i], flux[i], effective[i] = level, release if passive else net, own * sink


class NearField:
    """Sub-voxel part of one ligand's field around cells: deposit, let somebody solve, sense.

    Parameters
    ----------
    mesh : Mesh
    diffusion : float
        D [µm²/min], > 0.
    decay : float
        k of the ligand in the medium [1/min], ≥ 0. Without decay on a plane or a line, a range of 100 box
        lengths stands in for an endless one; what matters are differences, which do not depend on it.
    largest_radius : float
        Radius of the largest cell to come [µm].
    walls : Walls, optional
        Conditions on the faces; no-flux if not given. Behind a wall with a fixed concentration the mirror
        image takes up what the cell releases; behind an open one there is none.
    team : Team, optional
        Threads to share the work between.

    Attributes
    ----------
    reach : float
        Neighbors nearer than this belong into `CloseNeighbors` [µm].

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> near = NearField(Mesh((20, 20, 20), (20.0,) * 3), diffusion=600.0, decay=0.1, largest_radius=5.0)
    >>> cells = near.place(np.array([[200.0, 205.0, 190.0]]), np.array([5.0]))
    >>> source, loss = np.zeros((20, 20, 20)), np.zeros((20, 20, 20))
    >>> near.deposit(cells, np.array([10.0]), np.array([0.0]), source, loss)
    >>> float(source.sum().round(9)) * 8000, float(loss.sum())  # 10 molecules/min
    (10.0, 0.0)
    """

    def __init__(self, mesh, diffusion, decay, largest_radius, walls=None, team=None):
        self.mesh = mesh
        self.team = team if team is not None else Team(1)
        self.largest_radius = float(largest_radius)
        self.law, self.curve = law_of(mesh, diffusion, decay)
        wide = [n > 1 for n in mesh.shape]
        box = self.law[BOX] * self.largest_radius
        breadth = [box / h if box > SNUG * h else 1.0 for h in mesh.spacing]
        self.reach = REACH * max([box] + [h for h, is_wide in zip(mesh.spacing, wide) if is_wide])
        farthest = (max(3 * b, self.reach / h + 1.5 * b) for b, h in zip(breadth, mesh.spacing))
        extent = tuple(int(far) + 8 if is_wide else 1 for far, is_wide in zip(farthest, wide))
        self.table = lattice_green(mesh.spacing, extent, diffusion, diffusion * self.law[KAPPA] ** 2)
        self._most = [int(np.ceil(b + 2.0 - 1e-9)) if is_wide else 1 for b, is_wide in zip(breadth, wide)]
        self._width = np.array(self._most)
        voxels = np.indices(self._most).reshape(3, 1, -1) if prod(self._most) <= _DENSE else np.zeros((3, 1, 0), int)
        apart = abs(voxels - voxels.transpose(0, 2, 1))
        rows, columns = (-(-voxels.shape[2] // size) * size for size in (4, 16))  # filled up with zeros, see `footprint.place`
        self._dense = np.zeros((rows, columns), np.float32)
        self._dense[: voxels.shape[2], : voxels.shape[2]] = self.table[tuple(apart)]
        self.axes = np.zeros((3, 5))
        for axis in range(3):
            faces = walls.faces[2 * axis : 2 * axis + 2] if walls is not None else (("no-flux", 0.0),) * 2
            factors = [_FACTOR[kind] for kind, _ in faces]
            self.axes[axis] = (mesh.spacing[axis], mesh.shape[axis], mesh.periodic[axis], *factors)

    @cached_property
    def pairs(self):
        """What the mesh shows of cells at each other (`PairTable`), made when first asked for."""
        return pair_table(self.axes, self.law, self.law[BOX] * self.largest_radius, self.table)

    def place(self, position, radius, flat=None, passive=False, scratch=None):
        """Stand cells on the mesh. Do this again when they have moved or grown.

        Parameters
        ----------
        position : ndarray of float64, shape (n, 3)
            Centers [µm].
        radius : ndarray of float64, shape (n,)
            [µm], > 0 and at most `largest_radius`.
        flat : ndarray of bool, shape (n,), optional
            Cells that lie on the low z wall as discs; their z is not looked at. 3-D only.
        passive : bool
            No cell will take anything up: gaps are needed on average only, which is quicker and takes less memory.
        scratch : Scratch, optional
            Where the footprints may lie.

        Returns
        -------
        Footprint
        """
        position = np.ascontiguousarray(position, np.float64)
        radius = np.ascontiguousarray(radius, np.float64)
        if radius.size and not 0 < radius.min() <= radius.max() <= self.largest_radius * (1 + 1e-12):
            raise ValueError(
                f"near field: got radii {radius.min()} to {radius.max()} µm, accepted are those above 0 and "
                f"up to {self.largest_radius} µm; build it with a larger largest_radius"
            )
        n = radius.size
        flat = np.zeros(n, bool) if flat is None else np.ascontiguousarray(flat, bool)
        if flat.any():
            if self.law[DIMENSION] != 3 or self.axes[2, FACTOR_LOW] != 1.0 or self.axes[2, PERIODIC]:
                raise ValueError("near field: got flat cells, accepted only in 3-D with a no-flux wall at z = 0")
            position = np.where(flat[:, None] & (np.arange(3) == 2), 0.0, position)
        take = np.empty if scratch is None else scratch.take
        alone, form = take(n), take(n)
        for rows in self.team.stretches(n):
            alone[rows], form[rows] = surface(radius[rows], self.law, flat[rows])
        begin, count = take((n, 3), np.int32), take((n, 3), np.int32)
        weight = take((n, 3, max(self._most)))
        gap = take((n, 0 if passive else prod(self._most)), np.float32)
        mean_gap = take(n if passive else 0)
        self.team.run(
            place, n, position, radius, form, flat, alone, self.axes, self.table, self._dense,
            self._width, self.law, self.curve, begin, count, weight, gap, mean_gap, work=100 * n,
        )  # fmt: skip
        return Footprint(position, radius, form, flat, begin, count, weight, gap, mean_gap)

    def deposit(self, cells, rate, clearance, source, loss, excess=None):
        """Add what cells release and take up to right-hand side and diagonal of the transport equation.

        Parameters
        ----------
        cells : Footprint
        rate : ndarray of float64, shape (n,)
            Release q [molecules/min]; of a vessel, with permeability times blood concentration in it.
        clearance : ndarray of float64, shape (n,)
            Uptake per surface concentration U [µm³/min], ≥ 0; of a vessel, with its permeability in it.
        source : ndarray of float64, shape of the mesh
            Added to in place [molecules/µm³/min].
        loss : ndarray of float64, shape of the mesh
            Added to in place [1/min].
        excess : ndarray of float64, shape (n,), optional
            What close neighbors add to the field at each cell, from `CloseNeighbors.relax` [molecules/µm³].
        """
        rate, clearance, excess = self._columns(cells, rate, clearance, excess)
        if not (source.flags.c_contiguous and loss.flags.c_contiguous):
            raise ValueError("near field: source and loss are filled in place and must be C-contiguous arrays")
        _deposit(
            cells.begin, cells.count, cells.weight, cells.gap, rate, clearance, excess,
            self.axes, source.reshape(-1), loss.reshape(-1),
        )  # fmt: skip

    def sense(self, cells, rate, clearance, field, excess=None, scratch=None):
        """Concentration at the surface of each cell, and what it releases net.

        Arguments as in `deposit`, and the same values as were deposited if ledgers are to close; `field` is
        the solution [molecules/µm³], shape of the mesh. What is returned may lie in a `scratch`.

        Returns
        -------
        sensed : ndarray of float64, shape (n,)
            c* [molecules/µm³].
        net : ndarray of float64, shape (n,)
            J = q − U c* [molecules/min]; summed over cells exactly what the mesh gained from them.
        effective : ndarray of float64, shape (n,)
            −dJ/dc for a field that changes evenly, clearance as the mesh has it [µm³/min].
        """
        rate, clearance, excess = self._columns(cells, rate, clearance, excess)
        sensed, net, effective = (np.empty if scratch is None else scratch.take)((3, rate.size))
        self.team.run(
            _sense, rate.size, cells.begin, cells.count, cells.weight, cells.gap, cells.mean_gap, rate, clearance, excess,
            self.axes, np.ascontiguousarray(field, np.float64).reshape(-1), sensed, net, effective,
            work=30 * rate.size,
        )  # fmt: skip
        return sensed, net, effective

    def _columns(self, cells, rate, clearance, excess):
        """The per-cell arguments as kernels want them."""
        n = cells.radius.size
        columns = (rate, clearance, np.zeros(0) if excess is None else excess)
        columns = tuple(np.ascontiguousarray(column, np.float64) for column in columns)
        for name, column in zip(("rate", "clearance", "excess"), columns if excess is not None else columns[:2]):
            if column.shape != (n,):
                raise ValueError(f"near field: {name}: got shape {column.shape}, accepted is {(n,)}, one per cell")
        if cells.mean_gap.size and columns[1].any():
            raise ValueError("near field: got a clearance of cells placed as passive; place them again")
        return columns
