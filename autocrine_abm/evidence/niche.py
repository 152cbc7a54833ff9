"""The niche of a cytokine among consumers whose receptors saturate (Oyler-Yaniv et al. 2017).

With ρ the distance in cell radii a and u = c/K, the paper's equations at steady state are

    u'' + 2 u'/ρ = u/(ξ² (1 + u)),   u'(1) = −J,   no flux far away,

J = q/(4πaDK) being the sender's release and ξ² = DK/(n k_e R a²) what n consumers per volume with R receptors
leave of the range. The simulator has no such medium: 10⁵ cells stand around one sender, each with its own
receptors.
"""

from math import log, pi, sqrt

import numpy as np
from scipy.integrate import solve_bvp

from autocrine_abm.evidence.check import Table
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["SCENARIO", "checks", "profile", "radius_of", "simulate"]

SCENARIO = "cytokine_niche"
SOURCE = "Oyler-Yaniv et al. 2017, doi:10.1016/j.immuni.2017.03.011"
#: J, ξ → u(1), then ρ at u = 1, 0.1, 0.01, from the published equations
PUBLISHED = {(30.0, 7.0): (27.93, 10.82, 22.77, 35.86), (3.17, 7.0): (2.84, 2.41, 9.42, 20.28)}
LEVELS = (1.0, 0.1, 0.01)


def profile(release, decay_length, edge=300.0):
    """Solution of the boundary value problem; a callable that gives u at ρ between 1 and `edge`.

    Parameters
    ----------
    release : float
        J [-].
    decay_length : float
        ξ, in cell radii [-].
    edge : float
        ρ of the closed outer wall [-].
    """

    def slope(s, y):  # s = ln ρ: u_ss + u_s = ρ² u/(ξ²(1 + u))
        return np.array([y[1], np.exp(2 * s) * y[0] / (decay_length**2 * (1 + np.maximum(y[0], 0))) - y[1]])

    s = np.linspace(0, log(edge), 400)
    guess = release * np.exp(-(np.exp(s) - 1) / decay_length - s)
    answer = solve_bvp(
        slope,
        lambda low, high: np.array([low[1] + release, high[1]]),
        s,
        np.array([guess, -guess]),
        tol=1e-6,
        max_nodes=50_000,
    )
    if answer.status != 0:
        raise ArithmeticError(f"profile of J = {release}, xi = {decay_length}: {answer.message}")
    return lambda rho: answer.sol(np.log(rho))[0]


def radius_of(level, rho, u):
    """ρ at which u falls to `level`; ln(uρ) is taken as straight between the points given, ρ ascending."""
    logarithm = np.log(u * rho)
    fine = np.linspace(rho[0], rho[-1], 200_001)
    value = np.exp(np.interp(fine, rho, logarithm)) / fine
    return float(fine[np.argmax(value < level)])


def simulate(spec, steps=2):
    """Steady u around the sender: ρ and u of the shells of cells, the sender's surface (ρ = 1) first.

    Parameters
    ----------
    spec : Scenario
    steps : int
        Behavior steps; saturation is iterated within each, and the next starts from where it ended.
    """
    model = TumorModel(spec)
    cells = model.cells
    distance = np.linalg.norm(cells.position - cells.position[0], axis=1)
    model.remove_cells(
        cells.cell_id[1:][distance[1:] < float(spec.cell["sender"].radius)]
    )  # where the sender sits
    for _ in range(steps):
        model.step()
    cells = model.cells
    level = cells.sensed[:, 0] / spec.cell["consumer"].receptor[0].half_saturation
    rho = np.linalg.norm(cells.position - cells.position[0], axis=1) / float(spec.cell["sender"].radius)
    rho[0] = 1.0
    shells, shell = np.unique(np.round(rho, 6), return_inverse=True)
    return shells, np.bincount(shell, level) / np.bincount(shell), model


def _numbers(spec):
    """J and ξ, from what the scenario says."""
    ligand, receptor = spec.ligand["IL2"], spec.cell["consumer"].receptor[0]
    a, half = float(spec.cell["sender"].radius), receptor.half_saturation
    density = 1 / float(spec.seed[1].distance) ** 3
    uptake = receptor.k_internalize * receptor.number
    release = spec.cell["sender"].secretes[0].rate / (4 * pi * a * ligand.diffusion * half)
    return release, sqrt(ligand.diffusion * half / (density * uptake)) / a


def checks(progress=None):
    """Hold the equations to published numbers, and the simulated niche to them; a list of `Check`."""
    table = Table(SCENARIO, SOURCE)

    def near(result, published, simulated, limit, why, digits=".2f"):
        table.near(result, published, simulated, limit, f"{limit:.1%} ({why})", digits=digits)

    for (release, length), (surface, *radii) in PUBLISHED.items():
        u = profile(release, length)
        rho = np.linspace(1, 60, 20_001)
        reached = [radius_of(level, rho, u(rho)) for level in LEVELS]
        why = "the same equations; three digits are published"
        results = ("u at the sender", *(f"rho at u = {level:g}" for level in LEVELS))
        for result, published, solved in zip(results, (surface, *radii), (float(u(1.0)), *reached)):
            near(f"equations, J {release:g}, xi {length:g}: {result}", published, solved, 0.005, why)

    base = read(SCENARIO)
    for factor in (1.0, 30 / 3.17):
        spec = override(base, {"cell.sender.secretes.0.rate": f"{120 * factor!r} molecules/s"})
        release, length = _numbers(spec)
        if progress:
            progress(f"{SCENARIO}: J = {release:.3g}, xi = {length:.3g}")
        u = profile(release, length)
        shells, level, _ = simulate(spec)
        name = f"cells, J {release:.3g}"
        why = "the equations smear out what are 130,000 consumers in rows"
        near(f"{name}: u at the sender", float(u(1.0)), float(level[0]), 0.05, why)
        rho = np.linspace(1, 60, 20_001)
        for threshold in LEVELS:
            expected = radius_of(threshold, rho, u(rho))
            near(f"{name}: rho at u = {threshold:g}", expected, radius_of(threshold, shells, level), 0.05, why)
        far = (level < 0.02) & (level > 0.002)
        slope = np.polyfit(shells[far], np.log(level[far] * shells[far]), 1)[0]
        rho = np.linspace(shells[far].min(), shells[far].max(), 200)
        expected = -1 / np.polyfit(rho, np.log(u(rho) * rho), 1)[0]
        near(f"{name}: decay length where u < 0.02 (xi = {length:.2f})", expected, -1 / slope, 0.05, why)

    (release, length), spec = _numbers(base), override(base, {"cell.consumer.receptor.0.number": 0.0})
    shells, level, _ = simulate(spec, steps=1)
    between = (shells > 1) & (shells < 30)
    power = float(np.polyfit(np.log(shells[between]), np.log(level[between]), 1)[0])
    why = "walls 60 radii away let it out"
    near("without consumers: power of the distance", -1.0, power, 0.02, why)
    near("without consumers: u rho, J everywhere", release, np.mean(level[between] * shells[between]), 0.02, why)
    fed, alone = float(profile(release, length)(36.0)), np.interp(36, shells, level)
    near(f"without consumers: u at 36 radii ({fed:.4f} with them)", release / 36, alone, 0.02, why, ".4f")
    return table
