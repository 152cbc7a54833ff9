"""What the ligand solver costs, and how fast it converges: python benchmarks/solver.py [--size 128].

Every ratio is measured within this one run, best of several repeats, because absolute times differ between
machines and between hours on a shared one. Parts that need a package which is missing are skipped with a
line that says so.
"""

import argparse
import os
import platform
import sys
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

START = perf_counter()

from locally_one_dimensional import LocallyOneDimensional  # noqa: E402

from autocrine_abm.ligands import operator  # noqa: E402
from autocrine_abm.ligands.conjugate_gradient import Solver  # noqa: E402
from autocrine_abm.ligands.field import LigandField  # noqa: E402
from autocrine_abm.ligands.stepping import Transport  # noqa: E402
from autocrine_abm.mesh.boundaries import Walls  # noqa: E402
from autocrine_abm.mesh.cartesian import Mesh  # noqa: E402
from autocrine_abm.team import Team  # noqa: E402

IMPORTED = perf_counter()
TOLERANCES, ROUNDS = (1e-4, 1e-5, 1e-6, 1e-7), 3  # of `growth`
OXYGEN, DECAY, H = 1e5, 0.1, 20.0  # D [µm²/min], k [1/min], voxel edge [µm]


def processor():
    """Name of the processor, where the system tells."""
    about = Path("/proc/cpuinfo")
    names = (
        [text for text in about.read_text().splitlines() if "model name" in text] if about.exists() else []
    )
    return f"{names[0].split(':')[1].strip()} x {len(names)}" if names else platform.processor()


def best(function, repeats):
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return min(times)


def taken_by_others():
    """Processor time that other programs have used so far [s], where the system tells; with two cores, two threads are
    no faster than one while somebody else works."""
    about = Path("/proc/stat")
    if not about.exists():
        return np.nan
    user, nice, system, _, _, *interrupts = map(int, about.read_text().splitlines()[0].split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK") - process_time()


def tumor(n):
    """Mesh, uptake and source of a ball of cells: up to 10/min in 70 % of its voxels, release outside of
    it."""
    rng = np.random.default_rng(0)
    r2 = sum(((np.indices((n, n, n), sparse=True)[axis] + 0.5) / n - 0.5) ** 2 for axis in range(3))
    loss = np.where((r2 < 0.09) & (rng.random((n, n, n)) < 0.7), 10 * rng.random((n, n, n)), 0.0)
    return Mesh((n, n, n), (H, H, H)), loss, rng.random((n, n, n)) * (loss == 0)


class Problem:
    """The steady field of a tumor, to be solved again and again from zero."""

    def __init__(self, n, threads=1, walls=Walls(), tolerance=1e-6):
        self.mesh, self.loss, self.source = tumor(n)
        self.team, self.tolerance = Team(threads), tolerance
        self.solver = Solver(self.mesh, self.team)
        self.walls = [walls.exchange(mesh, OXYGEN, DECAY) for mesh in self.solver.meshes]
        self.solver.prepare(OXYGEN, self.loss.ravel(), self.walls)
        self.solver.shift(0.0)
        self.x = np.zeros(self.mesh.n_voxels)

    def solve(self, tolerance=None):
        solver, exchange = self.solver, self.walls[0]
        self.x[:] = 0.0
        arguments = (
            self.x,
            self.x,
            self.source.ravel(),
            exchange.voxel,
            exchange.supply,
            solver.rhs,
            np.empty(0),
            solver.partial,
        )
        solver.share(operator.stage, 0.0, 0.0, *arguments)
        return solver.solve(self.x, solver.partial[:, 1].max(), tolerance or self.tolerance)


def line(name, value):
    print(f"  {name:<58} {value}")


def convergence(n):
    print(f"\nConvergence and cost of a cycle, {n}³ voxels, one thread")
    a, b = np.random.default_rng(1).random((2, n, n, n))
    repeats, ratios, adds, cycles = 7, [], [], []
    problem = Problem(n)
    problem.solve()
    for _ in range(repeats):  # in turn, so that a busy neighbor slows both
        adds.append(best(lambda: np.add(a, b, out=a), 5))
        start = perf_counter()
        report = problem.solve(1e-9)
        cycles.append((perf_counter() - start) / report.cycles)
        ratios.append(cycles[-1] / adds[-1])
    line("np.add(a, b, out=a) of that shape", f"{min(adds) * 1e3:.2f} ms")
    line("one preconditioned cycle, everything included", f"{min(cycles) * 1e3:.2f} ms")
    line(
        "ratio, best / median of pairs (goal: at most 30)",
        f"{min(cycles) / min(adds):.1f} / {np.median(ratios):.1f}",
    )
    line("the V-cycle alone", f"{best(problem.solver.multigrid.cycle, 5) / min(adds):.1f}")
    for name, walls in (
        ("closed walls", Walls()),
        ("fixed walls", Walls.alike("fixed", 1.0)),
        ("open", Walls.alike("open")),
    ):
        report = Problem(n, walls=walls).solve(1e-9)
        fall = (report.residuals[0] / report.residuals[-1]) ** (1 / report.cycles)
        least = min(a / b for a, b in zip(report.residuals[1:], report.residuals[2:]))
        line(
            f"residual per cycle, {name} (goal: 8)",
            f"falls {fall:.1f} times ({report.cycles} cycles; least {least:.1f})",
        )


def growth(n):
    """Cycles come in whole numbers, and where a tolerance falls between two of them is chance: 1e-6 may take 4 on one
    mesh and 5 on another with the same fall per cycle. So a solve here is the mean over several tolerances."""
    print(f"\nGrowth with the mesh (solves from zero to {', '.join(f'{t:g}' for t in TOLERANCES)})")
    sizes = n // 4, n // 2, n, 2 * n
    for name, walls in (("closed", Walls()), ("fixed", Walls.alike("fixed", 1.0)), ("open", Walls.alike("open"))):
        falls = []
        for size in sizes if name != "open" else sizes[:-1]:
            first, *later = Problem(size, walls=walls).solve(1e-9).residuals[1:]
            falls.append(f"{(first / later[-1]) ** (1 / len(later)):.1f}")
        line(f"residual per cycle after the first, {name}, from {sizes[0]}³", ", ".join(falls))
    problems, cycles = {size: Problem(size) for size in sizes}, {}
    costs = {size: np.empty((ROUNDS, len(TOLERANCES))) for size in sizes}  # ns per voxel
    for size, problem in problems.items():
        cycles[size] = [problem.solve(tolerance).cycles for tolerance in TOLERANCES]
    for turn in range(ROUNDS):  # all sizes in turn, so that a busy neighbor slows all of them
        for size, problem in problems.items():
            for place, tolerance in enumerate(TOLERANCES):
                seconds = best(partial(problem.solve, tolerance), 1 if size > n else 2)
                costs[size][turn, place] = seconds / size**3 * 1e9
    for size in sizes:
        least = costs[size].min(axis=0)
        line(
            f"{size}³: cycles; ns per voxel per solve, per cycle",
            f"{', '.join(map(str, cycles[size]))}; {least.mean():.1f}, {least.sum() / sum(cycles[size]):.1f}",
        )
    small, large = costs[n], costs[2 * n]
    ratio = large.min(axis=0).mean() / small.min(axis=0).mean()
    line(f"ns per voxel per solve, {2 * n}³ over {n}³ (goal: at most 1.3)", f"{ratio:.2f}")
    rounds, each = np.sort(large.mean(axis=1) / small.mean(axis=1)), large.min(axis=0) / small.min(axis=0)
    line("  round by round; tolerance by tolerance", f"{np.round(rounds, 2)}; {np.round(each, 2)}")


def threads(n):
    print(f"\nThreads, {n}³ voxels")
    one, two, three = Problem(n, 1), Problem(n, 2), Problem(n, 3)
    for problem in (one, two, three):
        problem.solve()
    start, others = perf_counter(), taken_by_others()
    pairs = np.array([(best(one.solve, 2), best(two.solve, 2)) for _ in range(8)])
    others = (taken_by_others() - others) / (perf_counter() - start)
    ratio, each = np.divide(*pairs.min(axis=0)), np.median(pairs[:, 0] / pairs[:, 1])
    line("1 thread over 2 threads, of the best / median (goal: 1.6)", f"{ratio:.2f} / {each:.2f}")
    line("cores that other programs had meanwhile (should be 0)", f"{max(others, 0):.2f}")
    line("same bytes with 1, 2 and 3 threads", one.x.tobytes() == two.x.tobytes() == three.x.tobytes())


def memory(n):
    print(f"\nMemory, {n}³ voxels")
    mesh = Mesh((n, n, n), (H, H, H))
    transport, field = Transport(mesh), LigandField(mesh, OXYGEN, DECAY)
    solver = transport.solver
    source_and_loss = np.zeros((2, *mesh.shape))  # of `Exchange`
    shared = [source_and_loss, transport.stages, transport.partial, solver.p, solver.rhs, solver.partial]
    shared += [getattr(solver.multigrid, name) for name in ("x", "y", "b", "s", "near", "far", "between")]
    work, own = (sum(a.nbytes for a in part) / mesh.n_voxels for part in (shared, (field.concentration, field.average)))
    line("work arrays shared by all ligands, release and uptake among them, bytes per voxel", f"{work:.1f}")
    line("per ligand, bytes per voxel", f"{own:.1f}")
    for count in (1, 2, 4):
        line(f"all for {count} of them, bytes per voxel (goal: {24 * count + 48})", f"{work + count * own:.1f}")


def behavior_step(n):
    print(f"\nA behavior step of 6 min near the steady state, oxygen, {n}³ voxels, uptake changed by ±5 %")
    mesh, loss, _ = tumor(n)
    field, transport, zero = (
        LigandField(mesh, OXYGEN, DECAY, Walls.alike("fixed", 0.03), 0.03),
        Transport(mesh),
        np.zeros_like(loss),
    )
    transport.settle(field, zero, loss)
    rng, times = np.random.default_rng(2), []
    for _ in range(4):
        changed = loss * rng.uniform(0.95, 1.05, loss.shape)
        start = perf_counter()
        report = transport.step(field, zero, changed, 6.0)
        times.append(perf_counter() - start)
    line("substeps, solves, cycles", f"{report.substeps}, {report.solves}, {report.cycles}")
    line("ns per voxel", f"{min(times) / mesh.n_voxels * 1e9:.0f}")
    line("ledger imbalance", f"{field.ledger.imbalance():.1e}")
    return min(times) / mesh.n_voxels


def switched_on(n, diffusion=600.0, hour=60):
    from scipy.fft import dctn, idctn

    print(
        f"\nA source switched on, D {diffusion:g} µm²/min, k 0.1/min, 20 µm voxels, {n}³, one simulated hour"
    )
    mesh, loss = Mesh((n, n, n), (H, H, H)), np.zeros((n, n, n))
    source, place = loss.copy(), (n // 2,) * 3
    source[place] = 60 / mesh.voxel_volume
    waves = dctn(source, norm="ortho")
    rates = 0.1 + sum(
        diffusion / H**2 * (2 - 2 * np.cos(np.pi * index / n)) for index in np.indices((n, n, n))
    )
    exact = [idctn(waves * -np.expm1(-t * rates) / rates, norm="ortho") for t in range(6, hour + 1, 6)]

    def judge(fields):
        whole = max(abs(c - e).max() / e.max() for c, e in zip(fields, exact))
        own = max(abs(c[place] / e[place] - 1) for c, e in zip(fields, exact))
        return whole, own

    transport, runs = Transport(mesh), []
    for _ in range(5):
        field, solves, fields, spent = LigandField(mesh, diffusion, 0.1), 0, [], 0.0
        for _ in exact:
            start = perf_counter()
            solves += transport.step(field, source, loss, 6.0).solves
            spent += perf_counter() - start
            fields.append(field.concentration.copy())
        runs.append(spent)
    ours, (whole, own) = min(runs), judge(fields)
    line("this solver: error anywhere, in own voxel (goal: 1e-2)", f"{whole:.2e}, {own:.2e}")
    line("this solver: solves, seconds", f"{solves}, {ours:.3f}")
    other, c, fields = LocallyOneDimensional(mesh.shape, H, diffusion, 0.1, 0.01), np.zeros_like(loss), []
    other.step(c, source, loss)
    c[:] = 0.0
    minutes = []  # every minute costs the same: the quickest is what counts, as the best run above
    for minute in range(1, hour + 1):
        start = perf_counter()
        for _ in range(100):
            other.step(c, source, loss)
        minutes.append(perf_counter() - start)
        if minute % 6 == 0:
            fields.append(c.copy())
    theirs = hour * min(minutes)
    whole, own = judge(fields)
    line("locally one-dimensional, 0.01 min: error anywhere, own voxel", f"{whole:.2e}, {own:.2e}")
    line(
        "locally one-dimensional: steps, seconds",
        f"{hour * 100}, {theirs:.2f} ({theirs / hour / 100 / n**3 * 1e9:.1f} ns per voxel and step)",
    )
    line("times cheaper (goal: 100)", f"{theirs / ours:.0f}")


def py_pde(n, ours):
    print(f"\npy-pde on the same oxygen problem, {n}³ voxels, closed walls")
    try:
        import pde
    except ImportError:
        print("  skipped: py-pde is not installed (pip install py-pde)")
        return
    _, loss, _ = tumor(n)
    grid = pde.CartesianGrid([[0, n * H]] * 3, [n] * 3)
    equation = pde.PDE(
        {"c": f"{OXYGEN} * laplace(c) - {DECAY} * c - loss * c"},
        bc={"derivative": 0},
        consts={"loss": pde.ScalarField(grid, loss)},
    )
    state = pde.ScalarField(grid, 0.03)
    limit = H**2 / (6 * OXYGEN)  # stability of the explicit step
    dt, steps = 0.9 * limit, 20
    for name in ("explicit", "implicit"):
        try:
            solver = (
                pde.EulerSolver(equation)
                if name == "explicit"
                else pde.ImplicitSolver(equation, maxiter=1000)
            )
            advance = partial(solver.make_stepper(state, dt=dt), state.copy(), 0.0)
            advance(dt)
            seconds = best(partial(advance, steps * dt), 3) / steps / n**3
        except Exception as fault:
            print(f"  {name}: stopped, {type(fault).__name__}: {str(fault)[:80]}")
            continue
        line(f"{name} step of {dt:.1e} min, ns per voxel", f"{seconds * 1e9:.1f}")
        times = f"{seconds * 6 / dt / ours:.0f} times"
        line(f"{name}: 6 min of it over one behavior step of this solver", times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=128, help="voxels per axis (default 128)")
    size = parser.parse_args().size
    print(platform.platform(), "Python", platform.python_version(), "numpy", np.__version__, processor())
    small = Mesh((8, 6, 4), (H, H, H))
    Transport(small).step(
        LigandField(small, OXYGEN, DECAY, initial=1.0), np.ones(small.shape), np.ones(small.shape), 6.0
    )
    line("import", f"{IMPORTED - START:.1f} s")
    line("compile, or load what was compiled before", f"{perf_counter() - IMPORTED:.1f} s")
    convergence(size)
    growth(size)
    threads(size)
    memory(size)
    ours = behavior_step(size // 2)
    for n in (size // 8, size // 4, size // 2):
        switched_on(max(n, 8))
    py_pde(size // 2, ours)


if __name__ == "__main__":
    main()
