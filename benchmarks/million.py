"""A million cells: a 3-D spheroid with oxygen and a growth factor, off the lattice, for some steps or a whole day.

    python benchmarks/million.py [--cells 1000000] [--steps 5] [--day] [--threads 2]

Prints seconds per step, what that makes for a simulated day (240 steps of 6 min), µs per cell and step against a spheroid of
10,000 cells, and memory: resident at most; what the process holds at most above what it held before it made the model, per
cell, with what belongs to the mesh (fields and their solver) told apart, per voxel.
"""

import argparse
import platform
import resource
from time import perf_counter

import numpy as np
from step import spheroid

DAY = 240  # steps of 6 min
GOAL_MEMORY, GOAL_PER_CELL, GOAL_RATIO = 24, 400, 1.3  # GB, bytes, cost per cell over that of 10,000 cells


def resident():
    """Most memory that the process has held so far [bytes]."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if platform.system() == "Darwin" else 1024 * most


def run(cells, steps, threads):
    """Seconds per step, µs per cell and step, and the model."""
    model = spheroid(cells, threads, "mesh")
    model.step()
    began, total_cells = perf_counter(), 0
    for _ in range(steps):
        model.step()
        total_cells += model.n_cells
    seconds = perf_counter() - began
    return seconds / steps, 1e6 * seconds / total_cells, model


def mesh_bytes(tissue):
    """Bytes of all arrays that have as many entries as the mesh has voxels: fields, their solver, release and loss."""
    seen = {}

    def walk(thing):
        if isinstance(thing, np.ndarray):
            while isinstance(thing.base, np.ndarray):
                thing = thing.base
            seen[id(thing)] = thing
        elif isinstance(thing, (list, tuple)):
            for part in thing:
                walk(part)
        elif type(thing).__module__.startswith("autocrine_abm") and id(thing) not in seen:
            seen[id(thing)] = np.zeros(0)
            walk(list(vars(thing).values()))

    walk([list(tissue.fields.values()), tissue.transport, tissue.exchange.source, tissue.exchange.loss])
    return sum(array.nbytes for array in seen.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--day", action="store_true", help="run the whole day")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {options.threads} thread(s)")
    spheroid(200, 1, "mesh").step()  # compile
    _, small, model = run(10_000, 10, options.threads)
    del model
    before = resident()
    steps = DAY if options.day else options.steps
    per_step, large, model = run(options.cells, steps, options.threads)
    model.agents.agg("radius", np.mean)
    taken = resident() - before
    (tissue,) = model.tissues.values()
    fields = mesh_bytes(tissue)
    print(f"{options.cells:,} cells at the start, {model.n_cells:,} after {steps} steps: {per_step:.2f} s per step")
    print(f"a day: {per_step * DAY / 60:.1f} min" + ("" if options.day else f", extrapolated from {steps} steps"))
    print(f"µs per cell and step: {large:.2f}, over {small:.2f} at 10,000 cells: {large / small:.2f}   goal {GOAL_RATIO}")
    print(f"resident at most: {resident() / 1e9:.2f} GB   goal {GOAL_MEMORY}")
    n, voxels = model.n_cells, tissue.mesh.n_voxels
    print(f"bytes per cell, agents included: {(taken - fields) / n:.0f}   goal {GOAL_PER_CELL}")
    print(f"  columns {tissue.cells.nbytes / n:.0f}, work arrays that phases share {tissue.scratch.nbytes / n:.0f}")
    print(f"bytes per voxel: {fields / voxels:.0f}, {voxels:,} voxels; cells and voxels, per cell: {taken / n:.0f}")


if __name__ == "__main__":
    main()
