"""The Allee effect of an autocrine growth factor, against the mean-field equation of Gerlee et al. 2022.

In the paper cells divide on a lattice at a rate α(1 + g), g their own site's growth factor, and daughters go anywhere.
With n the occupied fraction, the mean over sites gives (their equation 3)

    n' = α [1 + (ρ/δ) n + ρ (1 − n) κ] n (1 − n) − μ n,

where ρκ is what a lone cell makes of itself at its own site. A sparse tumor dies out above μ_c = α (1 + ρκ) (equation 8).
The paper approximates κ by 228.6 s; on its lattice κ is exactly h²/D · (2/π) K(m)/z with z = 4 + (h/λ)², m = (4/z)².
"""

import math

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import ellipk

from autocrine_abm.evidence.check import Check
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["checks", "critical_death_rate", "mean_field", "self_signal"]

SCENARIO = "allee_glioblastoma"
SOURCE = "Gerlee et al. 2022, doi:10.1371/journal.pcbi.1009844"
ALPHA, RHO, DELTA = 1e-5, 1e-2, 1e-3  # 1/s
DIFFUSION, SITE = 5e-9, 2e-3  # cm²/s, cm
PAPER_KAPPA = 228.6  # s


def self_signal():
    """κ on the lattice [s]: growth factor at its own site of a cell that releases one unit per second."""
    z = 4 + SITE**2 * DELTA / DIFFUSION
    return SITE**2 / DIFFUSION * 2 / math.pi * ellipk((4 / z) ** 2) / z


def critical_death_rate(kappa):
    """Death rate above which a sparse tumor dies out [1/s]."""
    return ALPHA * (1 + RHO * kappa)


def mean_field(density, death_rate, times, kappa):
    """Occupied fraction at the given times [s] by the mean-field equation; ndarray of float."""

    def slope(_, n):
        return ALPHA * (1 + RHO / DELTA * n + RHO * (1 - n) * kappa) * n * (1 - n) - death_rate * n

    return solve_ivp(slope, (0, max(times)), [density], t_eval=times, rtol=1e-8, atol=1e-10).y[0]


def _simulate(death_rate, density, times, seed):
    """Occupied fraction at the given times [s]; ndarray of float."""
    spec = override(
        read(SCENARIO),
        {
            "cell.glioma.apoptosis_rate": f"{death_rate} 1/s",
            "seed.0.fraction": density,
            "run.seed": seed,
            "run.duration": f"{max(times)} s",
        },
    )
    model = TumorModel(spec)
    fractions = []
    for time in times:
        while model.clock.time * 60 < time and model.running:
            model.step()
        fractions.append(model.n_cells / model.tissues["dish"].mesh.n_voxels)
    return np.array(fractions)


def checks(progress=None, replicates=3):
    """Run the scenario over a range of death rates and compare; a list of `Check`.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text before each set of runs.
    replicates : int
        Runs per death rate, with seeds 1, 2, …
    """
    kappa, end = self_signal(), 1e6
    table = []

    def line(result, published, simulated, tolerance, verdict):
        table.append(Check(SCENARIO, result, published, simulated, tolerance, bool(verdict), SOURCE))

    def mean_of(death_rate, density, times):
        if progress:
            progress(f"{SCENARIO}: death rate {death_rate:g} 1/s, {density:.0%} seeded, {replicates} runs")
        runs = [_simulate(death_rate, density, times, seed) for seed in range(1, replicates + 1)]
        return np.mean(runs, axis=0)

    final = {}
    for death_rate, tolerance in ((1e-5, 0.02), (2e-5, 0.02), (2.5e-5, 0.03), (3.0e-5, 0.04)):
        (final[death_rate],) = mean_of(death_rate, 0.01, [end])
        (expected,) = mean_field(0.01, death_rate, [end], kappa)
        line(
            f"occupied fraction after 1e6 s, death rate {death_rate:g} 1/s",
            f"{expected:.3f}", f"{final[death_rate]:.3f}",
            f"±{tolerance} (mean field neglects correlations between sites, which grow near the critical rate)",
            abs(final[death_rate] - expected) <= tolerance,
        )  # fmt: skip
    for death_rate, limit in ((3.4e-5, 0.02), (4e-5, 0.005)):
        (final[death_rate],) = mean_of(death_rate, 0.01, [end])
        (expected,) = mean_field(0.01, death_rate, [end], kappa)
        line(
            f"occupied fraction after 1e6 s, death rate {death_rate:g} 1/s",
            f"{expected:.4f}", f"{final[death_rate]:.4f}", f"below {limit}", final[death_rate] < limit,
        )  # fmt: skip
    rates = sorted(final)
    survives = [rate for rate in rates if final[rate] > 0.1]
    dies = [rate for rate in rates if final[rate] <= 0.01]
    low, high = max(survives, default=math.nan), min(dies, default=math.nan)
    line(
        "critical death rate of a sparse tumor",
        f"{critical_death_rate(PAPER_KAPPA):.3g} 1/s (exact lattice {critical_death_rate(kappa):.3g})",
        f"between {low:g} and {high:g} 1/s", "the bracket holds both values",
        low < critical_death_rate(kappa) < critical_death_rate(PAPER_KAPPA) < high,
    )  # fmt: skip
    times = [1e5, 3e5]
    course = mean_of(3.75e-5, 0.05, times)
    for time, simulated, expected in zip(times, course, mean_field(0.05, 3.75e-5, times, kappa)):
        line(
            f"occupied fraction after {time:g} s, 5 % seeded, death rate 3.75e-05 1/s",
            f"{expected:.4f}", f"{simulated:.4f}", "factor 1.5 (few cells are left)", 1 / 1.5 < simulated / expected < 1.5,
        )  # fmt: skip
    return table
