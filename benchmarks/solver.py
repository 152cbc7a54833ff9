"""What the ligand solver costs, and how fast it converges: python benchmarks/solver.py [--size 128].

Every ratio is measured within this one run, best of several repeats, because absolute times differ between
machines and between hours on a shared one. Parts that need a package which is missing are skipped with a
line that says so.
"""

import argparse
import platform
import sys
from functools import partial
from pathlib import Path
from time import perf_counter

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

    def time(self, repeats=5):
        report = self.solve()
        return best(self.solve, repeats), report


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
    print("\nGrowth with the mesh (tolerance 1e-6)")
    costs = {}
    for size in (n // 4, n // 2, n, 2 * n):
        seconds, report = Problem(size).time(3)
        costs[size] = seconds / size**3 * 1e9
        line(
            f"{size}³: cycles, ns per voxel per solve, per cycle",
            f"{report.cycles}, {costs[size]:.1f}, {costs[size] / report.cycles:.1f}",
        )
    line(f"cost per voxel, {2 * n}³ over {n}³ (goal: at most 1.3)", f"{costs[2 * n] / costs[n]:.2f}")


def threads(n):
    print(f"\nThreads, {n}³ voxels")
    one, two = Problem(n, 1), Problem(n, 2)
    one.solve()
    two.solve()
    ratios = [best(one.solve, 2) / best(two.solve, 2) for _ in range(4)]
    line("1 thread over 2 threads, best / median (goal: 1.6)", f"{max(ratios):.2f} / {np.median(ratios):.2f}")
    line("same bytes", one.x.tobytes() == two.x.tobytes())


def memory(n):
    print(f"\nMemory, {n}³ voxels")
    mesh = Mesh((n, n, n), (H, H, H))
    transport, field = Transport(mesh), LigandField(mesh, OXYGEN, DECAY)
    solver = transport.solver
    shared = [transport.second, transport.partial, solver.p, solver.rhs, solver.partial]
    shared += [getattr(solver.multigrid, name) for name in ("x", "y", "b", "s", "near", "far", "between")]
    line(
        "shared work arrays, bytes per voxel (goal: 48)",
        f"{sum(a.nbytes for a in shared) / mesh.n_voxels:.1f}",
    )
    own = field.concentration, field.average, field.stage
    line("per ligand, bytes per voxel (goal: 24)", f"{sum(a.nbytes for a in own) / mesh.n_voxels:.1f}")


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
    for _ in range(3):
        field, solves, fields, start = LigandField(mesh, diffusion, 0.1), 0, [], perf_counter()
        for _ in exact:
            solves += transport.step(field, source, loss, 6.0).solves
            fields.append(field.concentration.copy())
        runs.append(perf_counter() - start)
    ours, (whole, own) = min(runs), judge(fields)
    line("this solver: error anywhere, in own voxel (goal: 1e-2)", f"{whole:.2e}, {own:.2e}")
    line("this solver: solves, seconds", f"{solves}, {ours:.3f}")
    other, c, fields = LocallyOneDimensional(mesh.shape, H, diffusion, 0.1, 0.01), np.zeros_like(loss), []
    other.step(c, source, loss)
    c[:] = 0.0
    start = perf_counter()
    for step in range(1, hour * 100 + 1):
        other.step(c, source, loss)
        if step % 600 == 0:
            fields.append(c.copy())
    theirs = perf_counter() - start
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
