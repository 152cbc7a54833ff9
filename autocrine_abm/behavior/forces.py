"""The forces between cells, and the loops over cells that mechanics is made of.

Only loops: the equations are in `behavior.mechanics`, which calls them with cells in the order of their
neighbor bins.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.mesh.neighbors import BLOCK

__all__ = ["PRESSURE_SCALE"]

PRESSURE_SCALE = (
    0.027288820670331  # 12 (1 − √(π/(2√3)))²: a sphere with 12 neighbors at hexagonal confluence (PhysiCell)
)
#: What a substep knows of a cell, in one line of the processor's cache: center [µm], radius [µm], √repulsion, √adhesion,
#: ease of the substep before, type. Unsigned: mixed with signed numbers, an index would become a float.
X, Y, Z, RADIUS, REPULSION, ADHESION, EASE, KIND, WIDTH = (np.uint64(number) for number in range(9))
COINCIDENT = 1e-20  # squared distance [µm²] below which two centers have no direction between them
#: Pairs taken together, in columns of one buffer: one distance apart, so that the compiler may use vectors, and no power of
#: two: columns 4 KB apart would wait for each other.
BATCH = 96
LANES = 8  # the compiler takes so many pairs at most in one go; batches are filled up to a multiple with what they held before
DX, DY, DZ, SQUARED, CONTACT, FREE, PUSH, PULL = (np.uint64(BATCH * column) for column in range(8))
XX, XY, XZ, YY, YZ, ZZ, SQUEEZE, COUNT, LOAD = (np.uint64(BATCH * column) for column in range(8, 17))


@kernel
def _push(
    low, high, first, last, neighbor, order, body, drive, movable, affinity, alike, adhesion_distance, ahead,
    free, size, period, margin, room, velocity, ease, pressure, neighbors, most,
):  # fmt: skip
    """Velocity, ease (see `mechanics`), pressure and neighbors of the cells in blocks low..high of the sorted order.

    ``most[low]`` receives the largest speed, haste (speed over the room that lists leave) and stiffness of any of them, or
    nan if there is one.

    `drive` is empty if no cell moves by itself. Forces are those for a substep of length `ahead`. `free` is 1 along axes
    with motion, else 0. `period` is 0 on open axes; cells nearer than `margin` to a periodic face look across it. If all
    cells are `alike`, strengths are those of the first one. body and affinity are flat, so that the inner loop need not
    multiply by the length of a row.

    Cells are taken in batches of as many as have room for their pairs: who is in reach, what they do to each other (no
    branch and no sum in there), and what it comes to for each cell, in the order of its list.
    """
    free_x, free_y, free_z = free[0], free[1], free[2]
    per_x = 1.0 / period[0] if period[0] > 0.0 else 0.0
    per_y = 1.0 / period[1] if period[1] > 0.0 else 0.0
    per_z = 1.0 / period[2] if period[2] > 0.0 else 0.0
    n_types = int(np.sqrt(affinity.shape[0]))
    per_adhesion_distance = 1.0 / adhesion_distance
    farthest = (adhesion_distance * (1.0 + 1e-9)) ** 2  # a little more: who is left out must not exert a force
    total, carried = np.empty(3), np.zeros(12)
    pairs = np.ones(17 * BATCH)
    for p in range(np.uint64(BATCH)):
        pairs[p + PUSH] = body[REPULSION] * body[REPULSION]
        pairs[p + PULL] = body[ADHESION] * body[ADHESION] * affinity[0]
    ends = np.empty(BATCH, np.uint64)
    block = low
    low, high = BLOCK * low, min(BLOCK * high, velocity.shape[0])
    fastest = hastiest = stiffest = 0.0
    cell = low
    begin = first[block] if low < high else 0
    while cell < high:
        n = np.uint64(0)
        batch, n_cells, whole = cell, 0, True
        while cell < high and n_cells < BATCH and whole:
            left = BATCH - np.int64(n)
            whole = last[cell] - begin <= left
            if not whole and n_cells > 0:
                whole = True
                break  # the next batch has more room
            end = last[cell] if whole else begin + left
            own = body[np.uint64(cell) * WIDTH : np.uint64(cell) * WIDTH + WIDTH]
            x, y, z = own[X], own[Y], own[Z]
            radius, repulsion, adhesion, own_ease = own[RADIUS], own[REPULSION], own[ADHESION], own[EASE]
            affinities = affinity[int(own[KIND]) * n_types : (int(own[KIND]) + 1) * n_types]
            wraps = False
            for a in range(3):
                wraps |= period[a] > 0.0 and (own[a] < margin or own[a] > period[a] - margin)
            for entry in range(np.uint64(begin), np.uint64(end)):
                other = np.uint64(neighbor[entry])  # unsigned: no negative index to think of
                at = WIDTH * other
                dx = x - body[at]
                dy = y - body[at + Y]
                dz = (z - body[at + Z]) * free_z
                if wraps:
                    dx -= period[0] * np.floor(dx * per_x + 0.5)
                    dy -= period[1] * np.floor(dy * per_y + 0.5)
                    dz -= period[2] * np.floor(dz * per_z + 0.5)
                dx *= free_x
                dy *= free_y
                squared = dx * dx + dy * dy + dz * dz
                if squared < COINCIDENT:
                    # no direction between them: take one from the two rows, opposite for the two cells
                    one, two = min(order[cell], order[other]), max(order[cell], order[other])
                    turn = 6.283185307179586 * (0.7548776662466927 * one + 0.5698402909980532 * two)
                    dz = (2.0 * ((0.5698402909980532 * one + 0.7548776662466927 * two) % 1.0) - 1.0) * free_z
                    dx = np.cos(turn) * free_x if free_y + free_z > 0.0 else free_x
                    dy = np.sin(turn) * free_y if free_x + free_z > 0.0 else free_y
                    if free_x + free_y == 0.0:
                        dz = free_z
                    norm = COINCIDENT**0.5 / max(np.sqrt(dx * dx + dy * dy + dz * dz), 1e-300)
                    norm = norm if order[cell] == one else -norm
                    dx *= norm
                    dy *= norm
                    dz *= norm
                    squared = COINCIDENT
                contact = radius + body[at + RADIUS]
                # written always, kept by moving on: no branch to mispredict
                pairs[n], pairs[n + DY], pairs[n + DZ] = dx, dy, dz
                pairs[n + SQUARED] = squared
                pairs[n + CONTACT] = contact
                pairs[n + FREE] = own_ease + body[at + EASE]
                if not alike:
                    pairs[n + PUSH] = repulsion * body[at + REPULSION]
                    pairs[n + PULL] = adhesion * body[at + ADHESION] * affinities[np.uint64(body[at + KIND])]
                n += np.uint64(squared < contact * contact * farthest)
            ends[n_cells] = n
            n_cells += 1
            if whole:
                cell += 1
                begin = first[cell // BLOCK] if cell % BLOCK == 0 and cell < high else end
            else:
                begin = end
        for p in range((n + np.uint64(LANES - 1)) // np.uint64(LANES) * np.uint64(LANES)):
            distance = np.sqrt(pairs[p + SQUARED])
            contact = pairs[p + CONTACT]
            per_both = 1.0 / (contact * distance)  # one division for 1/contact and 1/distance
            per_contact = per_both * distance
            ratio = distance * per_contact
            per_distance = per_both * contact
            dx = pairs[p] * per_distance
            dy = pairs[p + DY] * per_distance
            dz = pairs[p + DZ] * per_distance
            overlap = max(1.0 - ratio, 0.0)
            hold = max(1.0 - ratio * per_adhesion_distance, 0.0)
            strength = pairs[p + PUSH]
            rate = ahead * strength * per_contact * pairs[p + FREE]
            push = strength * overlap / (1.0 + rate * overlap)
            pull = pairs[p + PULL] * hold
            apart = push * overlap - pull * hold
            # half of d velocity / d distance (a bound: adhesion only softens it)
            k = (push + pull) * per_contact
            pairs[p] = apart * dx
            pairs[p + DY] = apart * dy
            pairs[p + DZ] = apart * dz
            kx, ky, kz = k * dx, k * dy, k * dz
            pairs[p + XX] = kx * dx
            pairs[p + XY] = kx * dy
            pairs[p + XZ] = kx * dz
            pairs[p + YY] = ky * dy
            pairs[p + YZ] = ky * dz
            pairs[p + ZZ] = kz * dz
            pairs[p + SQUEEZE] = overlap * overlap
            pairs[p + COUNT] = 1.0 if hold > 0.0 else 0.0
            pairs[p + LOAD] = push * overlap + pull * hold
        begun = np.uint64(0)
        for here in range(batch, batch + n_cells):
            vx, vy, vz, xx, xy, xz = carried[0], carried[1], carried[2], carried[3], carried[4], carried[5]
            yy, yz, zz, squeeze, count, load = carried[6], carried[7], carried[8], carried[9], carried[10], carried[11]
            for p in range(begun, ends[here - batch]):
                vx += pairs[p]
                vy += pairs[p + DY]
                vz += pairs[p + DZ]
                xx += pairs[p + XX]
                xy += pairs[p + XY]
                xz += pairs[p + XZ]
                yy += pairs[p + YY]
                yz += pairs[p + YZ]
                zz += pairs[p + ZZ]
                squeeze += pairs[p + SQUEEZE]
                count += pairs[p + COUNT]
                load += pairs[p + LOAD]
            begun = ends[here - batch]
            if not whole:
                carried[0], carried[1], carried[2], carried[3], carried[4], carried[5] = vx, vy, vz, xx, xy, xz
                carried[6], carried[7], carried[8], carried[9], carried[10], carried[11] = yy, yz, zz, squeeze, count, load
                break
            for a in range(12):
                carried[a] = 0.0
            own = body[np.uint64(here) * WIDTH : np.uint64(here) * WIDTH + WIDTH]
            radius, repulsion, own_ease = own[RADIUS], own[REPULSION], own[EASE]
            total[0], total[1], total[2] = vx, vy, vz
            wall_stiffness = 0.0
            for a in range(3):
                if free[a] > 0.0 and period[a] == 0.0 and (own[a] < radius or size[a] - own[a] < radius):
                    rate = ahead * own_ease * repulsion * repulsion / radius
                    for side in range(2):
                        depth = own[a] if side == 0 else size[a] - own[a]
                        overlap = max(1.0 - max(depth, 0.0) / radius, 0.0)
                        push = repulsion * repulsion * overlap / (1.0 + rate * overlap)
                        total[a] += push * overlap if side == 0 else -push * overlap
                        load += push * overlap
                        wall_stiffness = max(wall_stiffness, 0.5 * push / radius)
            squared = followed = pushed = 0.0
            for a in range(3):
                along = total[a]
                if drive.shape[0] > 0:
                    along += drive[here, a]
                along = along * free[a] if movable[here] else 0.0
                velocity[here, a] = along
                squared += along * along
                followed += along * total[a]
                pushed += total[a] * total[a]
            speed = np.sqrt(squared)
            if not speed <= fastest and fastest == fastest:  # a nan stays
                fastest = speed
            hastiest = max(hastiest, speed / room[here])
            ease[here] = min(max(followed, 0.0) / max(np.sqrt(pushed) * load, 1e-300), 1.0)
            # the spectrum is bounded by 2 max over cells of the norm of Σ k n nᵀ, k = 2 √(c c) (1 − d/R)/R; the norm by rows
            xy, xz, yz = abs(xy), abs(xz), abs(yz)
            norm = max(xx + xy + xz, yy + xy + yz, zz + xz + yz)
            stiffest = max(stiffest, 4.0 * (norm + wall_stiffness) * movable[here])
            pressure[here] = squeeze / PRESSURE_SCALE
            neighbors[here] = int(count)
    most[block, 0], most[block, 1], most[block, 2] = fastest, hastiest, stiffest


@kernel
def _move(low, high, step, velocity, ease, body, room):
    """Take a substep; less room is left until lists must be made anew."""
    for cell in range(low, high):
        x, y, z = velocity[cell, 0], velocity[cell, 1], velocity[cell, 2]
        body[cell, X] += step * x
        body[cell, Y] += step * y
        body[cell, Z] += step * z
        body[cell, EASE] = ease[cell]
        room[cell] = max(room[cell] - step * np.sqrt(x * x + y * y + z * z), 1e-9)


@kernel
def _gather(low, high, order, position, radius, repulsion, adhesion, type_index, motility, can_move, period,
            body, drive, movable):  # fmt: skip
    """Copy columns, and the strengths of each cell's type, into the sorted order, one cell after the other in memory; wrap
    positions along periodic axes."""
    for place in range(low, high):
        row = order[place]
        for a in range(3):
            along = position[row, a]
            if period[a] > 0.0:
                along -= period[a] * np.floor(along / period[a])
            body[place, a] = along
            if motility.shape[0] > 0:
                drive[place, a] = motility[row, a]
        body[place, RADIUS] = radius[row]
        body[place, REPULSION] = np.sqrt(repulsion[type_index[row]])
        body[place, ADHESION] = np.sqrt(adhesion[type_index[row]])
        body[place, EASE] = 0.0
        body[place, KIND] = type_index[row]
        movable[place] = can_move[row]


@kernel
def _scatter(
    low, high, order, body, movable, free, size, period, own_pressure, own_neighbors, position, pressure, neighbors
):  # fmt: skip
    """Write what is sorted back to its rows; positions are wrapped along periodic axes, set on the face when beyond an
    open one."""
    for place in range(low, high):
        row = order[place]
        pressure[row] = own_pressure[place]
        neighbors[row] = own_neighbors[place]
        if not movable[place]:
            continue
        for a in range(3):
            if free[a] == 0.0:
                continue
            along = body[place, a]
            if period[a] > 0.0:
                along -= period[a] * np.floor(along / period[a])
                along = 0.0 if along >= period[a] else along
            else:
                along = min(max(along, 0.0), size[a])
            position[row, a] = along
