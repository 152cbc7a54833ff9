"""What the length of a substep of mechanics costs in accuracy: a growing spheroid against a reference with ten times as many.

Cells of a relaxed spheroid divide at random for some hours, grow back to their size and push each other. The reference
divides the same cells in the same directions, but is allowed a twelfth of the substep and uses the forces as they stand at its
start (plain Euler, no average over the substep). Both end with the same number of cells, row for row.
Usage: python benchmarks/substeps.py [--cells 2000] [--hours 8] [--seeds 3]
"""

import argparse
from contextlib import contextmanager
from time import perf_counter
from typing import NamedTuple

import numpy as np

from autocrine_abm.behavior import mechanics as module
from autocrine_abm.behavior.mechanics import Mechanics
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.mesh.neighbors import NeighborBins
from autocrine_abm.team import Team

RADIUS, STEP = 8.41, 6.0  # µm, min; of a grown cell and of a behavior step
DIVISION_RATE = 1 / 600  # 1/min
GROWTH_RATE = 0.0055  # 1/min, of the volume that is missing; PhysiCell's for the cytoplasm is 0.27/60
FINER = 12  # limits, which makes about ten times as many substeps


class Packing(NamedTuple):
    """Where the cells of a spheroid are, and how they are squeezed."""

    position: np.ndarray  # (n, 3), µm
    radius: np.ndarray  # (n,), µm
    pressure: np.ndarray  # (n,), where the cells are now
    reported: np.ndarray  # (n,), what the last step of mechanics said
    overlap: np.ndarray  # (n_contacts,), 1 − d/R of the pairs that touch
    substeps: int  # of all steps together
    seconds: float

    @property
    def radius_of_gyration(self):
        return float(np.sqrt(((self.position - self.position.mean(axis=0)) ** 2).sum(axis=1).mean()))


@contextmanager
def finer(factor):
    """Substeps `factor` times as short, with the forces as they stand; as they are if it is 1."""
    names = ("LARGEST_MOVE", "STABLE", "GROWTH")
    before = {name: getattr(module, name) for name in names}
    if factor != 1:
        module.LARGEST_MOVE, module.STABLE, module.GROWTH = before["LARGEST_MOVE"] / factor, before["STABLE"] / factor, 0.0
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def relax(mechanics, position, radius, dt):
    """One call of mechanics with PhysiCell's strengths; its Relaxation."""
    return mechanics.relax(
        position, radius, np.array([10.0]), np.array([0.4]), np.zeros(len(position), np.int64), np.ones((1, 1)), 1.25,
        np.empty((0, 3)), np.ones(len(position), bool), dt,
    )  # fmt: skip


def ball(n_cells, seed=1):
    """A relaxed ball of grown cells: positions [µm], shape (n_cells, 3), and the mesh around it."""
    edge = 4 * RADIUS * (4 * n_cells) ** (1 / 3)  # room for four times as many
    mesh = Mesh((8, 8, 8), (edge / 8,) * 3)
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(n_cells, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    position = 0.5 * edge + direction * (RADIUS * (n_cells / 0.74 * rng.random(n_cells)) ** (1 / 3))[:, None]
    with finer(FINER):
        relax(Mechanics(mesh, Team(1)), position, np.full(n_cells, RADIUS), 600.0)
    return position, mesh


def grow(position, mesh, steps, factor=1, seed=1):
    """Let the cells divide and push for a number of behavior steps, substeps being `factor` times as fine; a Packing."""
    rng, mechanics = np.random.default_rng(seed), Mechanics(mesh, Team(1))
    position, volume = position.copy(), np.ones(len(position))
    substeps, began = 0, perf_counter()
    with finer(factor):
        for _ in range(steps):
            mothers = np.flatnonzero(rng.random(len(position)) < DIVISION_RATE * STEP)
            apart = rng.normal(size=(len(mothers), 3))
            volume[mothers] *= 0.5
            apart *= (0.5 * RADIUS * np.cbrt(volume[mothers]) / np.linalg.norm(apart, axis=1))[:, None]
            position = np.concatenate([position, position[mothers] + apart])
            position[mothers] -= apart
            volume = np.concatenate([volume, volume[mothers]])
            volume += (1 - volume) * -np.expm1(-GROWTH_RATE * STEP)
            radius = RADIUS * np.cbrt(volume)
            substeps += relax(mechanics, position, radius, STEP).substeps
    seconds, reported = perf_counter() - began, mechanics.pressure.copy()
    relax(mechanics, position.copy(), radius, 1e-9)  # pressure as it is now
    start, other = NeighborBins(mesh).neighbors(position, 2 * RADIUS)
    one = np.repeat(np.arange(len(position)), np.diff(start))
    overlap = 1 - np.linalg.norm(position[one] - position[other], axis=1) / (radius[one] + radius[other])
    return Packing(position, radius, mechanics.pressure.copy(), reported, overlap[overlap > 0], substeps, seconds)


def compare(packing, reference):
    """Relative differences of the means, and the largest between the distributions of pressure; dict of str to float."""
    both = np.sort(np.concatenate([packing.pressure, reference.pressure]))
    below = [np.searchsorted(np.sort(one.pressure), both, side="right") / len(one.pressure) for one in (packing, reference)]
    apart = np.linalg.norm(packing.position - reference.position, axis=1)
    return {
        "radius of gyration": packing.radius_of_gyration / reference.radius_of_gyration - 1,
        "mean pressure": packing.pressure.mean() / reference.pressure.mean() - 1,
        "spread of pressure": packing.pressure.std() / reference.pressure.std() - 1,
        "pressure, Kolmogorov distance": np.abs(below[0] - below[1]).max(),
        "mean overlap": packing.overlap.mean() / reference.overlap.mean() - 1,
        "contacts per cell": packing.overlap.size / reference.overlap.size - 1,
        "mean pressure as reported": packing.reported.mean() / reference.reported.mean() - 1,
        "median distance between twins / radius": np.median(apart) / RADIUS,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    position, mesh = ball(options.cells)
    differences, steps = [], round(60 * options.hours / STEP)
    for seed in range(options.seeds):
        reference, packing = (grow(position, mesh, steps, factor, seed) for factor in (FINER, 1))
        differences.append(compare(packing, reference))
        print(f"{options.cells} cells, {len(packing.position)} after {options.hours:g} h; substeps {packing.substeps} of "
              f"{reference.substeps}; {packing.seconds:.2f} s of {reference.seconds:.2f} s")  # fmt: skip
    for name in differences[0]:
        print(f"{name:40}" + "".join(f"{100 * one[name]:+9.2f} %" for one in differences))


if __name__ == "__main__":
    main()
