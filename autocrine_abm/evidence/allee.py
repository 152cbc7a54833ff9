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

from autocrine_abm.evidence.check import Table
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["checks", "critical_death_rate", "demographic", "mean_field", "self_signal"]

SCENARIO = "allee_glioblastoma"
SOURCE = "Gerlee et al. 2022, doi:10.1371/journal.pcbi.1009844"
ALPHA, RHO, DELTA = 1e-5, 1e-2, 1e-3  # 1/s
DIFFUSION, SITE = 5e-9, 2e-3  # cm²/s, cm
PAPER_KAPPA = 228.6  # s
INDIVIDUALS = 0.59  # occupied fraction, 1 % seeded, death rate 3e-5 1/s: two runs of the published individual-based model


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


def demographic(density, death_rate, times, kappa, sites=10_000, runs=4000, step=300.0):
    """What chance makes of the mean-field equation on a finite lattice.

    Daughters go anywhere, so that cells are spread evenly whatever their number N, and N alone is a birth-death process with
    the rates of the equation: solved here by tau-leaping. Near the critical rate few cells decide, and the mean over
    runs falls well below the deterministic course.

    Parameters
    ----------
    density, death_rate, times, kappa
        As in `mean_field`; times are multiples of `step`.
    sites, runs : int
        Of the lattice; repetitions.
    step : float
        Of time [s].

    Returns
    -------
    mean, deviation : ndarray of float, shape (n_times,)
        Of the occupied fraction of one run.
    """
    draw = np.random.default_rng(1)
    number = np.full(runs, round(density * sites))
    seen = {}
    for k in range(1, round(max(times) / step) + 1):
        n = number / sites
        births = ALPHA * (1 + RHO / DELTA * n + RHO * (1 - n) * kappa) * (1 - n) * number
        born = draw.poisson(births * step)
        number = np.clip(number + born - draw.binomial(number, -math.expm1(-death_rate * step)), 0, sites)
        seen[k] = (number / sites).mean(), (number / sites).std()
    mean, deviation = np.transpose([seen[round(time / step)] for time in times])
    return mean, deviation


def checks(progress=None):
    """Run the scenario over a range of death rates and compare; a list of `Check`.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text before each set of runs.
    """
    kappa = self_signal()
    table = Table(SCENARIO, SOURCE)
    line = table.line

    def follow(death_rate, density, times, runs):
        """Mean fractions over runs, with a line for each time."""
        if progress:
            progress(f"{SCENARIO}: death rate {death_rate:g} 1/s, {density:.0%} seeded, {runs} run{'s' * (runs > 1)}")
        found = np.mean([_simulate(death_rate, density, times, seed) for seed in range(1, runs + 1)], axis=0)
        mean, deviation = demographic(density, death_rate, times, kappa)
        error = 3 * deviation / math.sqrt(runs)
        why = f"what chance makes of it on 10,000 sites (3 standard errors, {runs} run{'s' * (runs > 1)})"
        for k, expected in enumerate(mean_field(density, death_rate, times, kappa)):
            line(
                f"occupied fraction after {times[k]:g} s, {density:.0%} seeded, death rate {death_rate:g} 1/s",
                f"{expected:.4f}", f"{found[k]:.4f}",
                f"{mean[k]:.4f} ± {error[k]:.4f}, {why}",
                abs(found[k] - mean[k]) <= error[k],
            )  # fmt: skip
        return found[-1]

    end, final = 1e6, {}
    for death_rate, runs in ((1e-5, 1), (2e-5, 1), (2.5e-5, 1), (3.0e-5, 3), (3.4e-5, 3), (4e-5, 3)):
        final[death_rate] = follow(death_rate, 0.01, [end], runs)
    line(
        "occupied fraction at 3e-05 1/s and 1 % seeded, of two runs of the published individual-based model",
        f"{INDIVIDUALS:g}", f"{final[3.0e-5]:.3f}",
        "±0.04; chance alone moves a run by ±0.19 (1 standard deviation) here", abs(final[3.0e-5] - INDIVIDUALS) <= 0.04,
    )  # fmt: skip
    low = max((rate for rate in final if final[rate] > 0.1), default=math.nan)
    high = min((rate for rate in final if final[rate] <= 0.01), default=math.nan)
    line(
        "critical death rate of a sparse tumor",
        f"{critical_death_rate(PAPER_KAPPA):.3g} 1/s (exact lattice {critical_death_rate(kappa):.3g})",
        f"between {low:g} and {high:g} 1/s", "the bracket holds both values",
        low < critical_death_rate(kappa) < critical_death_rate(PAPER_KAPPA) < high,
    )  # fmt: skip
    follow(3.4e-5, 0.1, [end], 1)  # a dense tumor lives where a sparse one dies
    follow(3.75e-5, 0.05, [1e5, 3e5], 3)
    return table
