"""Cell mechanics the obvious way: every pair of cells, one after the other."""

import numpy as np

PRESSURE_SCALE = 0.027288820670331


def velocities(
    position, radius, repulsion, adhesion, type_index, affinity, adhesion_distance, size, periodic, free
):
    """Velocity (n, 3), pressure (n,) and number of neighbors (n,) of cells that push, hold and feel the
    walls."""
    n_cells = len(position)
    velocity, pressure, neighbors = np.zeros((n_cells, 3)), np.zeros(n_cells), np.zeros(n_cells, int)
    for i in range(n_cells):
        for j in range(n_cells):
            apart = np.where(free, position[i] - position[j], 0.0)
            apart -= np.where(periodic & free, size * np.round(apart / size), 0.0)
            distance = np.linalg.norm(apart)
            contact = radius[i] + radius[j]
            if i == j or distance >= adhesion_distance * contact:
                continue
            neighbors[i] += 1
            push = 0.0
            if distance < contact:
                push = np.sqrt(repulsion[i] * repulsion[j]) * (1 - distance / contact) ** 2
                pressure[i] += (1 - distance / contact) ** 2 / PRESSURE_SCALE
            pull = np.sqrt(adhesion[i] * adhesion[j]) * affinity[type_index[i], type_index[j]]
            pull *= (1 - distance / (adhesion_distance * contact)) ** 2
            velocity[i] += (push - pull) * apart / distance
        for axis in range(3):
            if free[axis] and not periodic[axis]:
                below, above = position[i, axis], size[axis] - position[i, axis]
                velocity[i, axis] += repulsion[i] * max(1 - below / radius[i], 0) ** 2
                velocity[i, axis] -= repulsion[i] * max(1 - above / radius[i], 0) ** 2
    return velocity, pressure, neighbors
