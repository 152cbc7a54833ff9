"""Walking and gradients, one cell and one voxel at a time."""

import numpy as np

from autocrine_abm.ligands.lattice_green import lay
from autocrine_abm.randomness import Purpose, direction, uniforms


def walk_naively(cell_id, speed, persistence, drift, heading, seed, step, dt):
    """Displacement in a step and final direction of a cell in 3-D, from the same draws."""

    def draw(purpose, turn):
        return uniforms(seed, np.array([cell_id]), step, purpose, turn)

    def turned(turn):
        new = direction(draw(Purpose.HEADING, turn), dimension=3)[0]
        strength = np.linalg.norm(drift)
        pull = drift / strength if strength > 1 else np.asarray(drift, float)
        new = (1 - min(strength, 1)) * new + pull
        return new / np.linalg.norm(new)

    heading = turned(0) if heading is None else np.asarray(heading, float)
    place, time, turn = np.zeros(3), 0.0, 0
    while True:
        wait = -np.log(draw(Purpose.TURN, turn)[0, 0]) * persistence
        if time + wait >= dt:
            return place + speed * heading * (dt - time), heading
        place = place + speed * heading * wait
        time += wait
        turn += 1
        heading = turned(turn)


def gradient_naively(concentration, walls, spacing, periodic, position, side):
    """Gradient at a point, from a copy of the field continued five voxels beyond each wall.

    `side` is the width of the box that is averaged over [µm], 0 for one voxel.
    """
    pad = 5
    field = np.asarray(concentration, float)
    for axis in range(3):
        n = field.shape[axis]
        if n == 1:
            continue
        low, high = [], []
        for step in range(1, pad + 1):
            for beyond, (kind, value), inward in ((low, walls[2 * axis], 1), (high, walls[2 * axis + 1], -1)):
                first = 0 if inward == 1 else n - 1
                if periodic[axis]:
                    beyond.append(field.take((first - inward * step) % n, axis))
                elif kind == "no-flux":
                    beyond.append(field.take(first + inward * (step - 1), axis))
                elif kind == "fixed":
                    beyond.append(2 * value - field.take(first + inward * (step - 1), axis))
                else:
                    edge = field.take(first, axis)
                    beyond.append(edge + step * (edge - field.take(first + inward, axis)))
        field = np.concatenate([np.stack(low[::-1], axis), field, np.stack(high, axis)], axis)
    weights = []
    for axis in range(3):
        n = field.shape[axis]
        row = np.zeros(n)
        if n == 1:
            row[0] = 1.0
        else:
            few = np.zeros(n)
            at = position[axis] + pad * spacing[axis]
            begin, count = lay(at, side, np.array([spacing[axis], n, 0.0, 1.0, 1.0]), few)
            row[begin : begin + count] = few[:count]
        weights.append(row)
    rise = np.zeros(3)
    for axis in range(3):
        if field.shape[axis] > 1:
            slope = (np.roll(field, -1, axis) - np.roll(field, 1, axis)) / (2 * spacing[axis])
            rise[axis] = np.einsum("ijk,i,j,k->", slope, *weights)
    return rise
