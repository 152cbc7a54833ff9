"""Adherent cells under medium: self-capture and spread in a layer of discs (Batsilas et al. 2003).

Discs of radius a at random cover the part σ of a reflecting floor; each binds at its surface at the rate κ =
U/(πa²). One alone captures x/(x + 3π/8) of its release, x = κa/D. From afar the layer is a plane of trapping
rate κ_eff, which for few discs is n times what one captures of an even field (`disc_rate`; U at small x, 4Da at large x),
and of what a plane captures, the share within the distance r of the sender is

    F(u) = 1 + u + (πu/2) (Y₁(u) − H₁(u)),   u = κ_eff r/D,

from the Hankel transform of a source on a plane that absorbs; it tends to 1 − 1/u, so that the mean distance
is infinite. In between, `even_discs` solves the same discs exactly but for the evenness of each one's flux:
with G the periodic Green's function of the floor, averaged over both discs, c = G (q − U c).
"""

from math import pi, sqrt

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.optimize import brentq
from scipy.special import ellipk, j1, struve, y1

from autocrine_abm.evidence.check import Table
from autocrine_abm.evidence.suspension import follow, scatter
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["SCENARIO", "checks", "dilute_rate", "disc_rate", "even_discs", "lateral_share"]

SCENARIO = "cell_layer"
SOURCE = "Batsilas et al. 2003, doi:10.1016/S0006-3495(03)74783-3"
HEIGHT = 300.0  # µm; deep against all distances between neighbors


def lateral_share(u):
    """Share of what an absorbing plane captures within r = u D/κ of a source on it [-]."""
    return 1 + u + pi * u / 2 * (y1(u) - struve(1, u))


def disc_rate(x, rings=400):
    """Rate k/(Da) at which one disc on a reflecting floor captures from a medium, c at infinity being 1 [-].

    Its flux is j = κ c at each place, c = 1 − ∫ j/(2πD r): rings of piecewise even flux, narrower towards the edge, with
    the potential of a ring as an elliptic integral. Right to 1e-4; 4 for x = κa/D → ∞ (Weber 1873), πx for x → 0. Flux
    taken for even gives 0.4 % less at x = 1 and 7.5 % less at infinity; 4πx/(πx + 4), as Zwanzig (1990) has it for
    patches on a sphere, 3.1 % more at x = 1.
    """
    edge = np.sin(np.linspace(0.0, pi / 2, rings + 1))
    here, width = (edge[1:] + edge[:-1]) / 2, np.diff(edge)
    pair = here[:, None] + here
    square = 4 * here[:, None] * here / pair**2
    np.fill_diagonal(square, 0.0)
    potential = ellipk(square)
    np.fill_diagonal(potential, np.log(8 * here) + 1 - np.log(width / 2))  # a ring in itself: mean of ln(4 · 2r/distance)
    matrix = 2 / pi * potential / pair * here * width
    flux = np.linalg.solve(np.eye(rings) / x + matrix, np.ones(rings))
    return 2 * pi * float(np.sum(flux * here * width))


def dilute_rate(fraction, clearance, diffusion, radius):
    """κ_eff of few discs [µm/min]."""
    one = disc_rate(clearance / (pi * radius * diffusion)) * diffusion * radius
    return fraction / (pi * radius**2) * one


def even_discs(position, edge, height, radius, diffusion, clearance, senders):
    """Self-captured shares and trapping rate of a layer of evenly binding discs in a periodic square.

    Parameters
    ----------
    position : ndarray of float, shape (n, 2)
        [µm]
    edge, height : float
        Of the square, and of the medium above it [µm].
    radius, diffusion, clearance : float
        a [µm], D [µm²/min], U [µm³/min].
    senders : int
        The shares of the first so many discs are wanted.

    Returns
    -------
    own : ndarray of float, shape (senders,)
        Shares under a closed lid [-].
    rate : float
        κ_eff [µm/min], ligand coming from above.
    """
    points = 1024
    k = 2 * pi * np.fft.fftfreq(points, edge / points)
    k = np.hypot(k[:, None], k[None, :])
    k[0, 0] = 1.0
    spread = (2 * j1(k * radius) / (k * radius)) ** 2 / (diffusion * k * np.tanh(k * height))
    spread[0, 0] = 0.0  # the mean is free; that all is captured decides it
    table = np.fft.ifft2(spread).real * (points / edge) ** 2
    apart = (position[:, None, :] - position[None, :, :]).reshape(-1, 2).T * points / edge
    green = map_coordinates(table, apart, order=1, mode="grid-wrap").reshape(len(position), -1)
    sides = np.hstack([np.ones((len(position), 1)), green[:, :senders]])
    answer = np.linalg.solve(np.eye(len(position)) / clearance + green, sides)
    level, flux = answer[:, 0], answer[:, 1:]
    flux = flux + level[:, None] * (1 - flux.sum(axis=0)) / level.sum()
    return flux[np.arange(senders), np.arange(senders)], float(level.sum() / edge**2)


def _layer(base, fraction, edge, seed, receptors=None):
    """Scenario and positions for a part of the floor covered."""
    radius = float(base.cell["marked"].radius)
    number = round(fraction * edge**2 / (pi * radius**2))
    changes = {"tissue.dish.size": [f"{edge} um", f"{edge} um", f"{HEIGHT} um"]}
    if receptors is not None:
        changes |= {f"cell.{name}.receptor.0.number": receptors for name in ("marked", "other")}
    flat = scatter(number, [edge, edge], 2 * radius, np.random.default_rng(seed))
    return override(base, changes), np.hstack([flat, np.zeros((number, 1))])


def _trapping_rate(spec, position):
    """κ_eff [µm/min] of a layer under a lid held at a concentration."""
    held = {"others": "no-flux", "z_high": "fixed 0.001 nM"}
    model = TumorModel(override(spec, {"ligand.growth_factor.boundary": held, "seed": []}))
    model.add_cells(["other"] * len(position), position)
    model.step()
    length, width, height = model.tissues["dish"].mesh.size
    flux = float(model.cells.captured[:, 0].sum()) / (length * width)
    return 1 / (0.001 * 0.602214076 / flux - height / float(spec.ligand["growth_factor"].diffusion))


def checks(progress=None, fractions=(0.05, 0.1, 0.2, 0.4), senders=12, spread=((0.2, 1500.0), (0.4, 1000.0))):
    """Hold self-capture, trapping rate and spread in layers of several densities to theory.

    Returns a list of `Check`.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text before each density.
    fractions : sequence of float
        Parts of the floor covered.
    senders : int
        Cells followed one by one per density; twice as many for the spread.
    spread : sequence of (float, float)
        Parts covered for which the spread is measured, and edges of the dish [µm].
    """
    base, table = read(SCENARIO), Table(SCENARIO, SOURCE)
    diffusion, radius = float(base.ligand["growth_factor"].diffusion), float(base.cell["marked"].radius)
    receptor = base.cell["marked"].receptor[0]
    clearance = float(receptor.k_on * receptor.number)

    def tell(text):
        if progress:
            progress(f"{SCENARIO}: {text}")

    near = table.near
    even = "2% (discs bind evenly in both)"
    for seed, fraction in enumerate(fractions):
        tell(f"{fraction:.0%} of the floor covered, {senders} senders")
        spec, position = _layer(base, fraction, 600.0, seed)
        shares = [follow(spec, position, sender, sheet=True)[1] for sender in range(senders)]
        own = np.mean([share[sender] for sender, share in enumerate(shares)])
        expected, rate = even_discs(position[:, :2], 600.0, HEIGHT, radius, diffusion, clearance, senders)
        name = f"{fraction:.0%} covered"
        near(f"{name}: share captured by the sender (same discs, exact)", expected.mean(), own, 0.02, even)
        trapping = _trapping_rate(spec, position)
        unit = radius / diffusion
        why = "3% (demanded of close neighbors)"
        near(f"{name}: kappa_eff a/D (same discs, exact)", rate * unit, trapping * unit, 0.03, why)
        lost = max(abs(1 - share.sum()) for share in shares)
        nowhere = "1e-9 (nowhere else to go)"
        table.line(f"{name}: captured by sender and others", "1", f"1 - {lost:.1e}", nowhere, lost < 1e-9)

    tell("one percent covered")
    spec, position = _layer(base, 0.01, 1000.0, 0)
    why = "2% (few discs: of the order of the part covered)"
    own = np.mean([follow(spec, position, sender, sheet=True)[1][sender] for sender in range(senders)])
    x = clearance / (pi * diffusion * radius)
    near("1% covered: share captured by the sender (one disc)", x / (x + 3 * pi / 8), own, 0.02, why)
    expected = dilute_rate(0.01, clearance, diffusion, radius)
    why = "2% (flux taken for even: 0.4 %; few discs: of the order of the part covered)"
    near("1% covered: kappa_eff [um/min] (few discs)", expected, _trapping_rate(spec, position), 0.02, why)

    model = TumorModel(override(spec, {"seed": []}))
    model.add_cells(["marked"] * len(position), position)
    for _ in range(3):  # rounds among close neighbors end at 0.2 %; each step starts where the last ended
        model.step()
    level = model.cells.sensed[:, 0]
    rate = float(base.cell["marked"].secretes[0].rate)
    why = "1% (a closed layer takes back what it releases, each cell its own worth)"
    near("all release: least n q/(kappa sigma) of a cell [1/um3]", rate / clearance, level.min(), 0.01, why)
    near("all release: largest n q/(kappa sigma) of a cell [1/um3]", rate / clearance, level.max(), 0.01, why)

    for fraction, edge in spread:
        tell(f"spread, {fraction:.0%} covered, {2 * senders} senders")
        spec, position = _layer(base, fraction, edge, 7)
        span = diffusion / _trapping_rate(spec, position)
        # three distances between neighbors: from here on the layer is a plane
        plane = 3 / sqrt(fraction / (pi * radius**2))
        left = 1 - lateral_share(plane / span)
        landed = [follow(spec, position, sender, sheet=True) for sender in range(2 * senders)]
        for part in (0.25, 0.5):
            beyond = left * (1 - part)
            far = span * brentq(lambda u, beyond=beyond: 1 - lateral_share(u) - beyond, plane / span, 1e3)
            reached = [
                share[(distance > plane) & (distance < far)].sum() / share[distance > plane].sum()
                for distance, share in landed
            ]
            error = np.std(reached, ddof=1) / sqrt(len(reached))
            limit = 3 * error + 0.01
            simulated = np.mean(reached)
            table.line(
                f"{fraction:.0%} covered: of what lands beyond {plane:.0f} um, share within {far:.0f} um",
                f"{part:.3f}", f"{simulated:.3f}",
                f"{limit:.3f} (3 standard errors; box {edge / span:.0f} D/kappa wide: 0.01)", abs(simulated - part) <= limit,
            )  # fmt: skip
    return table
