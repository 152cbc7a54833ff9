"""What a behavior step costs, phase by phase: a 3-D spheroid with oxygen and a growth factor, off the lattice.

    python benchmarks/step.py [--cells 10000 100000] [--steps 10] [--threads 1]

Prints µs per cell and step for each phase, with its goal beside it where there is one; the ratio between the largest and
the smallest run; what each feature costs that a scenario uses, and that those it does not use cost nothing: their kernels do
not run, their columns do not exist; and what births and deaths of a tenth of the cells cost. Compiling is over before the
clock starts.
"""

import argparse
import platform
from collections import Counter
from time import perf_counter

import numpy as np

from autocrine_abm.behavior.division import divide
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

TEXT = """
title = "a spheroid of {cells} cells"
[run]
duration = "30 day"
behavior_step = "6 min"
[tissue.spheroid]
size = ["{size} um", "{size} um", "{size} um"]
spacing = "20 um"
[ligand.oxygen]
diffusion = "1e5 um^2/min"
decay = "0.1 1/min"
initial = "50 uM"
boundary = "fixed 50 uM"
[ligand.growth_factor]
diffusion = "6000 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "8.41 um"
division_rate = "0.0003 1/min"
apoptosis_rate = "0.0001 1/min"
[[cell.cancer.takes_up]]
ligand = "oxygen"
clearance = "24940 um^3/min"
[[cell.cancer.secretes]]
ligand = "growth_factor"
rate = "100 molecules/min"
[[cell.cancer.rule]]
signal = "oxygen"
increases = "division_rate"
to = "0.0007 1/min"
half = "20 uM"
hill = 4
[[cell.cancer.rule]]
signal = "growth_factor"
increases = "division_rate"
to = "0.001 1/min"
half = "1 nM"
[[seed]]
cell = "cancer"
pattern = "sphere"
number = {cells}
"""

GOALS = {"mechanics per substep": 0.3, "all but mechanics and fields": 0.5}  # µs per cell, on one core

#: What a scenario may have besides: lines that switch a feature on for all cells.
FEATURES = {
    "a second ligand, released": """
[ligand.second]
diffusion = "6000 um^2/min"
decay = "0.1 1/min"
[[cell.cancer.secretes]]
ligand = "second"
rate = "100 molecules/min"
""",
    "receptors": """
[[cell.cancer.receptor]]
ligand = "growth_factor"
number = 3000
k_on = "0.1 1/nM/min"
k_off = "0.01 1/min"
k_internalize = "0.03 1/min"
""",
    "a pathway node": """
[cell.cancer.node.STAT3]
tau = "30 min"
""",
    "an inherited trait": """
[cell.cancer.trait.fitness]
scales = "apoptosis_rate"
spread = 0.1
""",
    "walking": """
[cell.cancer.motility]
speed = "0.2 um/min"
persistence = "15 min"
""",
    "walking up a gradient": """
[cell.cancer.motility]
speed = "0.2 um/min"
persistence = "15 min"
[[cell.cancer.motility.chemotaxis]]
ligand = "growth_factor"
bias = 0.5
""",
}


def spheroid(cells, threads, close_neighbors, more=""):
    radius = 9.0 * cells ** (1 / 3)
    size = 20 * int(np.ceil((2 * radius + 200) / 20))
    begin, seed, end = TEXT.partition("[[seed]]")
    spec = parse_text((begin + more.lstrip("\n") + seed + end).format(cells=cells, size=size))
    return TumorModel(spec, threads=threads, **{"tissue.spheroid.close_neighbors": close_neighbors})


def timed(clock, name, function):
    """The same function, adding its time to ``clock[name]``."""

    def run(*arguments, **options):
        start = perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            clock[name] = clock.get(name, 0.0) + perf_counter() - start

    return run


def watch(model):
    """Seconds that each phase of a model takes from now on, added up as it steps; dict of str to float."""
    (tissue,) = model.tissues.values()
    clock = {}
    for thing, name, label in (
        (tissue.exchange.transport, "step", "fields"), (tissue.exchange, "locate", "near field: place"),
        (tissue.exchange, "advance", "exchange"), (tissue, "respond", "respond"), (tissue, "decide", "decide"),
        (tissue, "move", "mechanics"), (tissue, "turnover", "turnover"), (model, "record", "record"),
        (model, "step", "whole step"),
    ):  # fmt: skip
        setattr(thing, name, timed(clock, label, getattr(thing, name)))
    return clock


def others(clock):
    """Seconds for all but mechanics and fields."""
    return clock["whole step"] - clock["fields"] - clock["mechanics"]


def measure(cells, steps, threads, close_neighbors):
    """µs per cell and step of each phase; dict of str to float."""
    model = spheroid(cells, threads, close_neighbors)
    (tissue,) = model.tissues.values()
    model.step()
    model.step()
    clock = watch(model)
    relax, substeps = tissue.mechanics.relax, []

    def counted(*arguments, **options):
        substeps.append(relax(*arguments, **options).substeps)

    tissue.mechanics.relax = counted
    total_cells = 0
    for _ in range(steps):
        model.step()
        total_cells += model.n_cells
    clock["all but mechanics and fields"] = others(clock)
    clock["exchange"] -= clock["fields"]
    costs = {name: 1e6 * seconds / total_cells for name, seconds in clock.items()}
    costs["substeps of mechanics"] = float(np.mean(substeps))
    costs["mechanics per substep"] = costs["mechanics"] / costs["substeps of mechanics"]
    return costs


#: Modules whose kernels run as often as fields and forces need them to, be there a feature or not.
_SOLVERS = ("ligands.balance", "ligands.conjugate_gradient", "ligands.multigrid", "ligands.operator", "ligands.smoothing",
            "ligands.stepping", "ligands.transfer", "behavior.forces", "mesh.neighbors")  # fmt: skip


def launches(more="", cells=2000, steps=3):
    """How often each kernel runs in a step, those of fields and forces left out, and bytes per cell of all columns."""
    model = spheroid(cells, 1, "mesh", more)
    run, count = model.team.run, Counter()

    def counted(kernel, *arguments, **options):
        if not kernel.__module__.endswith(_SOLVERS):
            count[kernel.__name__.strip("_")] += 1 / steps
        return run(kernel, *arguments, **options)

    model.team.run = counted
    for _ in range(steps):
        model.step()
    (tissue,) = model.tissues.values()
    return count, tissue.cells.nbytes / len(tissue.cells)


def features(cells, steps, threads):
    """Print what each feature adds to a step in which nothing else is switched on, and that it adds nothing otherwise.

    All models take their steps in turns, so that whatever else the machine does falls on all of them; the plain one goes
    twice, which shows how far two equal ones are apart.
    """
    print(f"\nwith one feature more: bytes per cell of columns; µs per cell and step, median of {steps}, {cells:,} cells, "
          "close_neighbors = \"mesh\";\nand kernels that run more often, those of fields and forces aside")  # fmt: skip
    print(f"{'':30}{'bytes':>7}{'all but mechanics':>20}{'mechanics':>18}   kernels\n{'':37}{'and fields':>20}{'and walk':>18}")
    cases = {"none": "", **FEATURES, "none, once more": ""}
    models = {name: spheroid(cells, threads, "mesh", lines) for name, lines in cases.items()}
    clocks, times = {}, {name: [] for name in cases}
    for name, model in models.items():
        model.step()
        clocks[name] = watch(model)
    for _ in range(steps):
        for name, model in models.items():
            clocks[name].clear()
            model.step()
            times[name].append([1e6 * others(clocks[name]) / model.n_cells, 1e6 * clocks[name]["mechanics"] / model.n_cells])
    plain, (usual, _) = np.median(times["none"], axis=0), launches()
    for name, lines in cases.items():
        ran, bytes_per_cell = launches(lines)
        more = [f"{kernel} {ran[kernel] - usual[kernel]:+.3g}" for kernel in sorted(ran | usual)
                if abs(ran[kernel] - usual[kernel]) > 0.5]  # fmt: skip
        cost = "".join(f"{cost:12.3f}{cost - before:+8.3f}" for cost, before in zip(np.median(times[name], axis=0), plain))
        print(f"{name:30}{bytes_per_cell:7.0f}{cost}   {', '.join(more) or 'none'}")
    print("a plain step runs " + ", ".join(f"{kernel} {times:.3g} times" for kernel, times in sorted(usual.items())))


def churn(cells, share=0.1, repeats=5):
    """Milliseconds for births and deaths of a share of the cells: rows appended, rows removed."""
    model = spheroid(cells, 1, "mesh")
    (tissue,) = model.tissues.values()
    generator, best = np.random.default_rng(1), np.inf
    renewed = tissue.receptors.renewed
    for repeat in range(repeats):
        chosen = generator.permutation(len(tissue.cells))
        count = int(share * cells)
        kept = np.ones(len(tissue.cells), bool)
        kept[chosen[:count]] = False
        mothers = np.flatnonzero(generator.random(int(kept.sum())) < share)[:count]
        start = perf_counter()
        tissue.cells.keep(kept)
        divide(tissue.cells, mothers, model._next_id + repeat * count, 0.0, renewed)
        best = min(best, perf_counter() - start)
    return 1e3 * best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {options.threads} thread(s)")
    spheroid(200, 1, "resolve").step()
    for lines in FEATURES.values():
        spheroid(200, 1, "mesh", lines).step()
    churn(2000, repeats=1)
    for close_neighbors in ("mesh", "resolve"):
        results = {cells: measure(cells, options.steps, options.threads, close_neighbors) for cells in options.cells}
        print(f"\nµs per cell and step, close_neighbors = \"{close_neighbors}\"")
        print(f"{'':30}" + "".join(f"{cells:>12,}" for cells in results))
        for name in next(iter(results.values())):
            goal = f"   goal {GOALS[name]:g}" if name in GOALS and close_neighbors == "mesh" else ""
            print(f"{name:30}" + "".join(f"{costs[name]:12.3f}" for costs in results.values()) + goal)
        first, last = results[options.cells[0]], results[options.cells[-1]]
        print(f"whole step, largest over smallest run: {last['whole step'] / first['whole step']:.2f}")
    features(options.cells[0], options.steps, options.threads)
    for cells in options.cells:
        print(f"births and deaths of a tenth of {cells:,} cells: {churn(cells):.2f} ms")


if __name__ == "__main__":
    main()
