"""How much of its own release comes back to each cell: the diagonal of the inverse operator, cell by cell.

A cell that releases q molecules/min sees r q of them at its own surface. Below the voxels that is known
exactly (`near_field`); through them it is the answer of the mesh to the cell's own source,

    r = Σ_v w_v Δ_v/(1 + U Δ_v) + s·A⁻¹s/V,    s_v = w_v/(1 + U Δ_v),    A = σ + k + loss + walls − D∇².

One solve of the whole mesh per cell would give s·A⁻¹s. Here each cell gets a patch of the mesh around it,
with the very voxels, uptake and walls, and at the cuts the slope of the wave that leaves its source (and the
source's mirror or periodic images) into a medium with the average uptake found there. Conjugate gradients
yield the quadratic form s·A⁻¹s directly and twice as fast as the field itself, so about a dozen sweeps over
the patch do.

How old the release is enters as a shift σ (`shift_of_age`); of a release younger than 30 h²/D the answer is
put together from four shifts (Stehfest 1970). What the shares mean is left to `provenance`.

**What remains**, as a part of all that the cell senses: 0.1 % and less in tissues, slabs and cultures at
steady state, 0.5 % where strong absorbers touch, up to 1 % where a handful of cells in a closed box with
little loss recapture what has been everywhere (`provenance` then solves for each of them). In time up to
0.7 % while young and 0.2 to 0.5 % later; a cell that has moved far, or whose release or surroundings have changed
since it began, is taken to have always been as it is.
"""

import numpy as np
from scipy.ndimage import uniform_filter

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.contact import Contact
from autocrine_abm.ligands.footprint import Footprint
from autocrine_abm.ligands.lattice_green import PERIODIC, SPACING, VOXELS
from autocrine_abm.signaling.outgoing_wave import mirror, outward_slopes
from autocrine_abm.signaling.quadratic_form import quadratic_form
from autocrine_abm.signaling.release_age import shift_of_age

__all__ = ["SelfSignal"]

_LEAST_PAD = {1: 20, 2: 3, 3: 2}  # voxels between footprint and cut, by dimension
_MOST_PAD = {1: 200, 2: 30, 3: 6}
_WORK = 15  # patches together may hold so many times the voxels of the mesh
_REACH = 2.0  # lengths of the patch within which images of the source are looked for
_ENOUGH = 1e-3  # part of the self-signal that a sweep must add for another one to follow
_MOST_NEIGHBORS = 60  # close neighbors that are looked at,
_RELEVANT = {1: 0.01, 2: 0.01, 3: 0.1}  # if the mesh hides from them so much of what it senses of itself
_YOUNG = 30.0  # Dt/h² below which a release is young
_STEHFEST = (-2.0, 26.0, -48.0, 24.0)  # weights of the Gaver–Stehfest inversion of four terms
_FACTOR = {"no-flux": 1.0, "fixed": -1.0, "open": 0.0}


@kernel
def _met(m, first, length, steps, axes, begin, count, weight, gap, clearance, field):
    """What cell m meets of a field on a patch, and how much of it passes to its surface: Σ s_v c_v and Σ
    s_v."""
    met, passes, part = 0.0, 0.0, 0
    origin = steps[0] + steps[1] + steps[2]
    here = np.empty(3, np.int64)
    for x in range(count[m, 0]):
        for y in range(count[m, 1]):
            for z in range(count[m, 2]):
                share = weight[m, 0, x] * weight[m, 1, y] * weight[m, 2, z]
                share /= 1.0 + clearance[m] * gap[m, part]
                part += 1
                passes += share
                here[0], here[1], here[2] = x, y, z
                inside, place = True, origin
                for d in range(3):
                    local = begin[m, d] + here[d] - first[d]
                    if axes[d, PERIODIC] != 0.0:
                        local = local % int(axes[d, VOXELS])
                    inside = inside and 0 <= local < length[d]
                    place += local * steps[d]
                if inside:
                    met += share * field[place]
    return met, passes


@kernel
def _among_neighbors(
    i, alone, members, slot, met, passes, net, clearance, start, neighbor, coefficient, first, touched, own, between, tie,
    hold,
):  # fmt: skip
    """Self-signal of cell i with what it and its close neighbors exchange below the mesh.

    As in `close_neighbors`, J = F − u e with e = B J − P Y c among the cell and its neighbors, F following from the cell's own
    field, and the mesh answers to −U e. Changes of e that come from this answer are left out.
    """
    number = members[0]
    touching = own.shape[0] > 0
    level, sensed, flow = np.empty(number), np.empty(number), np.zeros(number)
    for m in range(number):
        j = members[m + 1]
        level[m] = alone if m == 0 else met[m]
        sensed[m] = level[m]
        net[m] = (passes[m] if m == 0 else 0.0) - clearance[j] * met[m]
        net[number + m] = net[m]
    last = 12 if touching else 3
    for sweep in range(last + 1):
        for m in range(number):
            j = members[m + 1]
            excess, from_others = 0.0, 0.0
            for entry in range(start[j], start[j + 1]):
                other = slot[neighbor[entry]]
                if other >= 0:
                    excess += coefficient[entry] * net[number + other]
            if touching:
                for entry in range(first[j], first[j + 1]):
                    other = slot[touched[entry]]
                    if other >= 0:
                        excess -= tie[entry] * flow[other]
                        from_others += between[entry] * sensed[other]
                excess -= hold[j] * (own[j] * level[m] + from_others)
                excess /= 1.0 + hold[j] * own[j] * passes[m]
            if sweep < last:
                sensed[m] = level[m] + passes[m] * excess
                net[number + m] = net[m] - clearance[j] * passes[m] * excess
                if touching:
                    flow[m] = own[j] * sensed[m] + from_others
            else:
                alone += (passes[m] * excess if m == 0 else 0.0) - clearance[j] * excess * met[m]
    return alone


@kernel
def _respond(
    low, high, position, begin, count, weight, gap, clearance, shift, wanted, start, neighbor,
    coefficient, beginning, touched, own, between, tie, hold, axes, dimension, diffusion, decay, most_pad, least_kappa,
    loss, around, around_all, closed, relevant, enough, out,
):  # fmt: skip
    """Self-signal per unit of release of the cells low..high that are wanted."""
    most = 1
    for d in range(3):
        if axes[d, VOXELS] > 1.0:
            most *= weight.shape[2] + 2 * most_pad + 2
    most = (most + 2) * 4
    diagonal, inverse, r, p = np.zeros(most), np.zeros(most), np.zeros(most), np.zeros(most)
    q, answer = np.zeros(most), np.zeros(most)
    slot, members = np.full(len(clearance), -1), np.empty(_MOST_NEIGHBORS + 2, np.int64)
    met, passes, net = (
        np.empty(_MOST_NEIGHBORS + 1),
        np.empty(_MOST_NEIGHBORS + 1),
        np.empty(2 * _MOST_NEIGHBORS + 2),
    )
    image, factor = np.empty((3, 16)), np.empty((3, 16))
    first, length, images = np.empty(3, np.int64), np.empty(3, np.int64), np.empty(3, np.int64)
    cut = np.empty((3, 2), np.bool_)
    stop, at3, low3, high3 = np.empty(2), np.empty(3, np.int64), np.empty(3, np.int64), np.empty(3, np.int64)
    longest = weight.shape[2] + 2 * most_pad
    voxel_of, inside = np.empty((3, longest), np.int64), np.empty((3, longest))
    most_faces = 2 * dimension * longest ** (dimension - 1)
    face, normal, work = np.empty((3, most_faces)), np.empty((3, most_faces)), np.empty((7, most_faces))
    kappas, slope, width = np.empty(most_faces), np.empty(most_faces), np.empty(most_faces)
    behind = np.empty(most_faces, np.int64)
    n1, n2 = int(axes[1, VOXELS]), int(axes[2, VOXELS])
    volume = axes[0, SPACING] * axes[1, SPACING] * axes[2, SPACING]
    w = np.zeros(3)
    for d in range(3):
        if axes[d, VOXELS] > 1.0:
            w[d] = diffusion / axes[d, SPACING] ** 2
    for i in range(low, high):
        out[i] = 0.0
        if not wanted[i]:
            continue
        base = decay + shift[i]
        middle = 0
        for d in range(3):
            n = int(axes[d, VOXELS])
            middle = middle * n + (begin[i, d] + count[i, d] // 2) % n
        kappa = np.sqrt((base + around[middle]) / diffusion)
        even = diffusion / (closed * (base + around_all)) if closed > 0.0 else 0.0
        reach = 0.0
        for d in range(3):
            n = int(axes[d, VOXELS])
            first[d], length[d], cut[d, 0], cut[d, 1], images[d] = 0, 1, False, False, 1
            image[d, 0], factor[d, 0] = 0.0, 1.0
            if n > 1:
                pad = int(
                    min(
                        float(most_pad), max(2.0, np.ceil(3.0 / (max(kappa, least_kappa) * axes[d, SPACING])))
                    )
                )
                first[d], length[d] = begin[i, d] - pad, count[i, d] + 2 * pad
                if axes[d, PERIODIC] != 0.0:
                    if length[d] >= n:
                        first[d] += (length[d] - n) // 2
                        length[d] = n
                    cut[d, 0], cut[d, 1] = True, True
                else:
                    end = min(first[d] + length[d], n)
                    first[d] = max(first[d], 0)
                    length[d] = end - first[d]
                    cut[d, 0], cut[d, 1] = first[d] > 0, end < n
                reach = max(reach, _REACH * length[d] * axes[d, SPACING])
        for d in range(3):
            if axes[d, VOXELS] > 1.0:
                images[d] = mirror(position[i, d], axes[d], reach, image[d], factor[d])
        s2 = 1
        s1 = length[2] + 1
        s0 = (length[1] + 1) * s1
        size = (length[0] + 2) * s0 + 2 * (s0 + s1 + s2)
        for v in range(size):
            diagonal[v], inverse[v], r[v], p[v], q[v], answer[v] = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        origin = s0 + s1 + s2
        for d in range(3):
            for v in range(length[d]):
                voxel_of[d, v] = (first[d] + v) % int(axes[d, VOXELS])
                inside[d, v] = w[d] * ((1.0 if v > 0 else 0.0) + (1.0 if v < length[d] - 1 else 0.0))
        for x in range(length[0]):
            row = voxel_of[0, x] * n1
            for y in range(length[1]):
                line = (row + voxel_of[1, y]) * n2
                plain = base + inside[0, x] + inside[1, y]
                here = origin + x * s0 + y * s1
                for z in range(length[2]):
                    diagonal[here + z] = plain + inside[2, z] + loss[line + voxel_of[2, z]]
        faces = 0
        for d in range(3):
            for side in range(2):
                if not cut[d, side]:
                    continue
                for e in range(3):
                    low3[e], high3[e] = 0, length[e]
                low3[d] = (length[d] - 1) * side
                high3[d] = low3[d] + 1
                for x in range(low3[0], high3[0]):
                    for y in range(low3[1], high3[1]):
                        line = (voxel_of[0, x] * n1 + voxel_of[1, y]) * n2
                        for z in range(low3[2], high3[2]):
                            kappas[faces] = around[line + voxel_of[2, z]]
                            at3[0], at3[1], at3[2] = x, y, z
                            for e in range(3):
                                face[e, faces], normal[e, faces] = 0.0, 0.0
                                if axes[e, VOXELS] > 1.0:
                                    face[e, faces] = (first[e] + at3[e] + 0.5) * axes[e, SPACING]
                            face[d, faces] += (side - 0.5) * axes[d, SPACING]
                            normal[d, faces] = 2.0 * side - 1.0
                            width[faces] = axes[d, SPACING]
                            behind[faces] = origin + x * s0 + y * s1 + z
                            faces += 1
        for f in range(faces):
            kappas[f] = max(np.sqrt((base + kappas[f]) / diffusion), least_kappa)
        outward_slopes(
            face, normal, kappas[:faces], dimension, images, image, factor, reach, even, work, slope[:faces]
        )
        for f in range(faces):
            diagonal[behind[f]] += diffusion * slope[f] / (width[f] * (1.0 + 0.5 * slope[f] * width[f]))
        for x in range(length[0]):
            for y in range(length[1]):
                here = origin + x * s0 + y * s1
                for z in range(here, here + length[2]):
                    inverse[z] = 1.0 / diagonal[z]
        near, part = 0.0, 0
        for x in range(count[i, 0]):
            for y in range(count[i, 1]):
                for z in range(count[i, 2]):
                    share = weight[i, 0, x] * weight[i, 1, y] * weight[i, 2, z]
                    share /= 1.0 + clearance[i] * gap[i, part]
                    near += share * gap[i, part]
                    part += 1
                    dx, dy, dz = (
                        begin[i, 0] + x - first[0],
                        begin[i, 1] + y - first[1],
                        begin[i, 2] + z - first[2],
                    )
                    if 0 <= dx < length[0] and 0 <= dy < length[1] and 0 <= dz < length[2]:
                        r[origin + dx * s0 + dy * s1 + dz * s2] += share
        stop[0], stop[1] = enough, enough * near * volume
        steps = (s0, s1, s2)
        back = quadratic_form(size, steps, w[0], w[1], w[2], diagonal, inverse, r, p, q, answer, stop)
        out[i] = near + back / volume
        if start[i] < start[i + 1]:
            members[0] = 0
            last = start[i + 1]
            for entry in range(start[i] - 1, last + (beginning[i + 1] - beginning[i] if own.shape[0] > 0 else 0)):
                j = i if entry < start[i] else (neighbor[entry] if entry < last else touched[beginning[i] + entry - last])
                near_by = entry < start[i] or (slot[j] < 0 if entry >= last else abs(coefficient[entry]) > relevant * out[i])
                if near_by and members[0] <= _MOST_NEIGHBORS:
                    m = members[0]
                    met[m], passes[m] = _met(
                        j, first, length, steps, axes, begin, count, weight, gap, clearance, answer
                    )
                    met[m] /= volume
                    slot[j] = m
                    members[m + 1] = j
                    members[0] += 1
            out[i] = _among_neighbors(
                i, out[i], members, slot, met, passes, net, clearance, start, neighbor, coefficient, beginning, touched, own,
                between, tie, hold,
            )  # fmt: skip
            for m in range(members[0]):
                slot[members[m + 1]] = -1


class SelfSignal:
    """Self-signal per unit of release of every cell, for one ligand on one mesh.

    Parameters
    ----------
    field : LigandField
        Only its constants and walls are used.
    team : Team
    """

    def __init__(self, field, team):
        self.field, self.team = field, team
        self.mesh = mesh = field.mesh
        self.dimension = mesh.dimension
        self.axes = np.zeros((3, 5))
        for axis in range(3):
            factors = [_FACTOR[kind] for kind, _ in field.walls.faces[2 * axis : 2 * axis + 2]]
            self.axes[axis] = (mesh.spacing[axis], mesh.shape[axis], mesh.periodic[axis], *factors)

    def respond(self, cells, place, close, clearance, loss, age, wanted):
        """What each cell senses of its own release, per molecule and minute.

        Parameters
        ----------
        cells : CellState
            Their positions are used.
        place : Footprint or ndarray
            From ``near.place``.
        close : CloseNeighbors or None
        clearance : ndarray of float, shape (n,)
            U, a vessel's permeability included [µm³/min].
        loss : ndarray of float, shape of the mesh
            Uptake of all cells and traps as the mesh has it [1/min].
        age : ndarray of float, shape (n,)
            How long each cell has been releasing [min]; infinite at steady state.
        wanted : ndarray of bool, shape (n,)
            Cells to look at; the others get 0.

        Returns
        -------
        ndarray of float, shape (n,)
            r [min/µm³]. A new array.
        """
        mesh, field = self.mesh, self.field
        place = place if isinstance(place, Footprint) else self._footprint(place, cells)
        pad = self._pad(place, np.count_nonzero(wanted))
        width = [2 * pad + 1 if n > 1 else 1 for n in mesh.shape]
        modes = ["wrap" if wraps else "reflect" for wraps in mesh.periodic]
        around = np.maximum(uniform_filter(loss, size=width, mode=modes), 0.0)
        home = around.reshape(-1)[mesh.voxel_of(place.position)]
        shift = shift_of_age(age, field.decay + home, self.dimension)
        closed = float(
            np.prod([length for length, n in zip(mesh.size, mesh.shape) if n > 1])
        )  # area or volume
        if any(kind != "no-flux" for kind, _ in self._walls()):
            closed = 0.0
        walled = loss.reshape(-1).copy()
        walls = field.wall_exchange[0]
        walled[walls.voxel] += walls.conductance
        n = len(place.radius)
        nobody = np.zeros(n + 1, np.int64), np.zeros(0, np.int32), np.zeros(0), Contact.of_nobody()
        start, neighbor, coefficient, contact = nobody if close is None else close.by_row()
        about = place.position, place.begin, place.count, place.weight, place.gap
        least_kappa = 0.01 / float(np.linalg.norm(mesh.size))
        clearance, wanted = np.ascontiguousarray(clearance, float), np.ascontiguousarray(wanted, bool)

        def answer(shift, wanted):
            out = np.empty(n)
            self.team.run(
                _respond, n, *about, clearance, shift, wanted, start, neighbor, coefficient, *contact, self.axes,
                self.dimension, field.diffusion, field.decay, pad, least_kappa, walled, around.reshape(-1),
                float(loss.mean()), closed,
                _RELEVANT[self.dimension], _ENOUGH, out, work=10_000 * n,
            )  # fmt: skip
            return out

        finest = min(h for h, count in zip(mesh.spacing, mesh.shape) if count > 1 or mesh.n_voxels == 1)
        young = wanted & (age * field.diffusion < _YOUNG * finest**2)
        out = answer(shift, wanted & ~young)
        if young.any():
            rate = np.log(2) / np.clip(age, 1e-9, 1e15)
            for turn, part in enumerate(_STEHFEST, 1):
                out += part / turn * answer(turn * rate, young)
        return out

    def _walls(self):
        """Conditions on the faces that are there."""
        for axis in range(3):
            if self.mesh.shape[axis] > 1 and not self.mesh.periodic[axis]:
                yield from self.field.walls.faces[2 * axis : 2 * axis + 2]

    def _pad(self, place, number):
        """Voxels between footprint and cut: as many as a share of a field step's work allows."""
        room = (_WORK * self.mesh.n_voxels / max(number, 1)) ** (1 / self.dimension)
        least, most = _LEAST_PAD[self.dimension], _MOST_PAD[self.dimension]
        return int(min(max((room - place.weight.shape[2]) / 2, least), most))

    def _footprint(self, voxel, cells):
        """Voxels as footprints of one voxel without a gap."""
        n = len(voxel)
        begin = np.stack(np.unravel_index(voxel, self.mesh.shape), axis=1).astype(np.int32)
        return Footprint(
            np.ascontiguousarray(cells.position, float), np.ascontiguousarray(cells.radius, float),
            np.ones(n), np.zeros(n, bool), begin, np.ones((n, 3), np.int32), np.ones((n, 3, 1)),
            np.zeros((n, 1), np.float32),
        )  # fmt: skip
