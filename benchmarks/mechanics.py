"""Cost of cell mechanics: µs per cell and substep (one evaluation of the forces) in a dense 3-D spheroid.

A ball of cells is packed at random at the density at which they come to rest and relaxed; then, as in a
growing tumor, a few cells in a hundred are replaced by two overlapping daughters before every timed call, so
that lists are rebuilt and substeps are short. Usage: python benchmarks/mechanics.py [n_cells ...]
"""

import platform
import sys
from time import perf_counter

import numpy as np

from autocrine_abm.behavior.mechanics import Mechanics
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.team import Team

RADIUS, DT = 8.4, 6.0  # µm, min
FILLING = 0.74  # volume of the cells over that of the ball


def spheroid(n_cells, seed=1):
    """Positions of a ball of cells [µm], in random order of rows, and the mesh around it."""
    ball = RADIUS * (n_cells / FILLING) ** (1 / 3)
    voxels = int(np.ceil(2.4 * ball / 20.0))
    spacing = RADIUS * (4 / 3 * np.pi / FILLING * np.sqrt(2)) ** (1 / 3)  # of face-centered cubic packing
    count = int(ball / spacing) + 2
    i, j, k = np.mgrid[-2 * count : 2 * count, -2 * count : 2 * count, -2 * count : 2 * count].reshape(3, -1)
    points = np.stack([j + k, i + k, i + j], axis=1) * spacing / np.sqrt(2)
    points = points[np.argsort((points**2).sum(axis=1), kind="stable")[:n_cells]]
    rng = np.random.default_rng(seed)
    points = rng.permutation(points) + rng.normal(0, 0.1 * RADIUS, (n_cells, 3))
    return points + 10.0 * voxels, Mesh((voxels,) * 3, (20.0,) * 3)


def measure(n_cells, threads, dividing, calls=4):
    """Best of `calls`: µs per cell and substep, µs per cell and call, and what the call did."""
    position, mesh = spheroid(n_cells)
    mechanics = Mechanics(mesh, Team(threads))
    columns = (np.full(n_cells, RADIUS), np.array([10.0]), np.array([0.4]), np.zeros(n_cells, np.int64), np.ones((1, 1)), 1.25,
               np.zeros((n_cells, 3)), np.ones(n_cells, bool))  # fmt: skip
    mechanics.relax(position, *columns, dt=60.0)
    rng = np.random.default_rng(2)
    best = (np.inf,)
    for _ in range(calls):
        moved = rng.choice(n_cells, 2 * int(dividing * n_cells), replace=False)
        mothers, daughters = moved[: len(moved) // 2], moved[len(moved) // 2 :]
        position[daughters] = position[mothers] + rng.normal(0, 0.2 * RADIUS, (len(mothers), 3))
        began = perf_counter()
        relaxation = mechanics.relax(position, *columns, dt=DT)
        seconds = perf_counter() - began
        best = min(best, (seconds / n_cells / relaxation.substeps * 1e6, seconds / n_cells * 1e6, relaxation))
    return (*best, mechanics.neighbors.mean(), mechanics.pressure.mean())


if __name__ == "__main__":
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, call = {DT:g} min"
    )
    print("   cells threads dividing  µs/cell/substep  µs/cell/call  substeps rebuilds  neighbors pressure")
    measure(1000, 1, 0.01, calls=1)  # compile
    for n_cells in [int(text) for text in sys.argv[1:]] or [10_000, 100_000]:
        for threads in (1, 2):
            for dividing in (0.0, 0.005):
                substep, call, relaxation, neighbors, pressure = measure(n_cells, threads, dividing)
                print(
                    f"{n_cells:8d} {threads:7d} {dividing:8.3f} {substep:16.3f} {call:13.2f} "
                    f"{relaxation.substeps:9d} {relaxation.rebuilds:8d} {neighbors:10.1f} {pressure:8.2f}"
                )
