"""The forces between cells, and the loops over cells that mechanics is made of.

Only loops: the equations are in `behavior.mechanics`, which calls them with cells in the order of their
neighbor bins.
"""

import numpy as np

from autocrine_abm.compilation import kernel

__all__ = ["PRESSURE_SCALE"]

PRESSURE_SCALE = (
    0.027288820670331  # 12 (1 − √(π/(2√3)))²: a sphere with 12 neighbors at hexagonal confluence (PhysiCell)
)
ONE, TWO, THREE = (
    np.uint64(1),
    np.uint64(2),
    np.uint64(3),
)  # mixed with signed numbers, an index would become a float
COINCIDENT = 1e-20  # squared distance [µm²] below which two centers have no direction between them


@kernel
def _push(
    low, high, neighbor_start, neighbor, order, here, shape, kind, drive, movable,
    affinity, adhesion_distance, free, size, period, margin, velocity, speed, stiffness, pressure, neighbors,
):  # fmt: skip
    """Velocity, speed and stiffness of cells low..high (places in the sorted order); pressure and neighbors
    by row.

    `shape` has columns radius, √repulsion, √adhesion. `free` is 1 along axes with motion, else 0. `period` is
    0 on open axes; cells nearer than `margin` to a periodic face look across it. here, shape and affinity are
    flat, so that the inner loop need not multiply by the length of a row.
    """
    free_x, free_y, free_z = free[0], free[1], free[2]
    n_types = int(np.sqrt(affinity.shape[0]))
    per_adhesion_distance = 1.0 / adhesion_distance
    total = np.empty(3)
    for cell in range(low, high):
        x, y, z = here[3 * cell], here[3 * cell + 1], here[3 * cell + 2]
        radius, repulsion, adhesion = shape[3 * cell], shape[3 * cell + 1], shape[3 * cell + 2]
        affinities = affinity[kind[cell] * n_types : (kind[cell] + 1) * n_types]
        wraps = False
        for a in range(3):
            wraps |= period[a] > 0.0 and (
                here[3 * cell + a] < margin or here[3 * cell + a] > period[a] - margin
            )
        vx = vy = vz = 0.0
        x_stiffness = y_stiffness = z_stiffness = 0.0
        squeeze = 0.0
        count = 0
        for pair in range(neighbor_start[cell], neighbor_start[cell + 1]):
            other = np.uint64(neighbor[pair])  # unsigned: no negative index to think of
            at = THREE * other
            dx = x - here[at]
            dy = y - here[at + ONE]
            dz = (z - here[at + TWO]) * free_z
            if wraps:
                if period[0] > 0.0:
                    dx -= period[0] * np.floor(dx / period[0] + 0.5)
                if period[1] > 0.0:
                    dy -= period[1] * np.floor(dy / period[1] + 0.5)
                if period[2] > 0.0:
                    dz -= period[2] * np.floor(dz / period[2] + 0.5)
            dx *= free_x
            dy *= free_y
            squared = dx * dx + dy * dy + dz * dz
            contact = radius + shape[at]
            if squared < COINCIDENT:
                # no direction between them: take one from the two rows, opposite for the two cells
                first = min(order[cell], order[other])
                second = max(order[cell], order[other])
                turn = 6.283185307179586 * (0.7548776662466927 * first + 0.5698402909980532 * second)
                dz = (2.0 * ((0.5698402909980532 * first + 0.7548776662466927 * second) % 1.0) - 1.0) * free_z
                dx = np.cos(turn) * free_x if free_y + free_z > 0.0 else free_x
                dy = np.sin(turn) * free_y if free_x + free_z > 0.0 else free_y
                if free_x + free_y == 0.0:
                    dz = free_z
                norm = COINCIDENT**0.5 / max(np.sqrt(dx * dx + dy * dy + dz * dz), 1e-300)
                norm = norm if order[cell] == first else -norm
                dx *= norm
                dy *= norm
                dz *= norm
                squared = COINCIDENT
            distance = np.sqrt(squared)
            per_both = 1.0 / (contact * distance)  # one division for 1/contact and 1/distance
            per_contact = per_both * distance
            ratio = distance * per_contact
            per_distance = per_both * contact
            dx *= per_distance
            dy *= per_distance
            dz *= per_distance
            overlap = max(1.0 - ratio, 0.0)
            hold = max(1.0 - ratio * per_adhesion_distance, 0.0)
            push = repulsion * shape[at + ONE] * overlap
            pull = adhesion * shape[at + TWO] * affinities[np.uint64(kind[other])] * hold
            apart = push * overlap - pull * hold
            vx += apart * dx
            vy += apart * dy
            vz += apart * dz
            squeeze += overlap * overlap
            count += hold > 0.0
            # d velocity / d distance (a bound: adhesion only softens it) times the outer product of the
            # direction (absolute values: each row sum bounds the norm)
            x_share, y_share, z_share = abs(dx), abs(dy), abs(dz)
            k = (push + pull) * per_contact * (x_share + y_share + z_share)
            x_stiffness += k * x_share
            y_stiffness += k * y_share
            z_stiffness += k * z_share
        total[0], total[1], total[2] = vx, vy, vz
        wall_stiffness = 0.0
        for a in range(3):
            if free[a] > 0.0 and period[a] == 0.0:
                into = max(1.0 - max(here[3 * cell + a], 0.0) / radius, 0.0)
                out = max(1.0 - max(size[a] - here[3 * cell + a], 0.0) / radius, 0.0)
                total[a] += repulsion * repulsion * (into * into - out * out)
                wall_stiffness = max(wall_stiffness, 0.5 * repulsion * repulsion * (into + out) / radius)
        squared = 0.0
        for a in range(3):
            along = (total[a] + drive[cell, a]) * free[a] if movable[cell] else 0.0
            velocity[cell, a] = along
            squared += along * along
        speed[cell] = np.sqrt(squared)
        # the spectrum is bounded by 2 max over cells of the norm of Σ k n nᵀ, with k = 2 √(c c) (1 − d/R)/R
        stiffness[cell] = 4.0 * (max(x_stiffness, y_stiffness, z_stiffness) + wall_stiffness) * movable[cell]
        pressure[order[cell]] = squeeze / PRESSURE_SCALE
        neighbors[order[cell]] = count


@kernel
def _move(low, high, of_now, of_before, velocity, velocity_before, here, there, moved):
    """there = here + of_now velocity + of_before velocity_before; `moved` is the distance."""
    for cell in range(low, high):
        squared = 0.0
        for a in range(3):
            step = of_now * velocity[cell, a]
            if of_before != 0.0:
                step += of_before * velocity_before[cell, a]
            there[cell, a] = here[cell, a] + step
            squared += step * step
        moved[cell] = np.sqrt(squared)


@kernel
def _gather(low, high, order, position, radius, repulsion, adhesion, type_index, motility, can_move, period,
            here, shape, kind, drive, movable):  # fmt: skip
    """Copy columns into the sorted order, one cell after the other in memory; wrap positions along periodic
    axes."""
    for place in range(low, high):
        row = order[place]
        for a in range(3):
            along = position[row, a]
            if period[a] > 0.0:
                along -= period[a] * np.floor(along / period[a])
            here[place, a] = along
            drive[place, a] = motility[row, a]
        shape[place, 0] = radius[row]
        shape[place, 1] = np.sqrt(repulsion[row])
        shape[place, 2] = np.sqrt(adhesion[row])
        kind[place] = type_index[row]
        movable[place] = can_move[row]


@kernel
def _scatter(low, high, order, here, movable, free, size, period, position):
    """Write sorted positions back to their rows: wrapped along periodic axes, on the face when beyond an open
    one."""
    for place in range(low, high):
        if not movable[place]:
            continue
        for a in range(3):
            if free[a] == 0.0:
                continue
            along = here[place, a]
            if period[a] > 0.0:
                along -= period[a] * np.floor(along / period[a])
                along = 0.0 if along >= period[a] else along
            else:
                along = min(max(along, 0.0), size[a])
            position[order[place], a] = along
