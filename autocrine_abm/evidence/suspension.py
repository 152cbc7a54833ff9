"""Cells in suspension that capture each other's ligand, against the effective medium of Coppey et al. 2007.

To one cell all others, n per volume with uptake k = k_on R each, are a medium that absorbs at the rate
k_b = n k S/(k + S), S = 4πDa. With the range l = √(D/k_b) that this makes, the share that a cell captures of
its own release, and the distance r at which others capture the rest, are

    P = k/(k + S(1 + a/l)),   p(r) = r e^(−(r−a)/l)/(l(a + l)) for r > a,   mean (a² + 2al + 2l²)/(a + l).

In the simulator every cell is there one by one, and one sender at a time is followed: brute force.
"""

from math import log, pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.spatial import cKDTree

from autocrine_abm.evidence.check import Table
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = [
    "SCENARIO",
    "checks",
    "effective_range",
    "follow",
    "mean_distance",
    "own_share",
    "quantile",
    "scatter",
]

SCENARIO = "cells_in_suspension"
SOURCE = "Coppey et al. 2007, arXiv:0709.3602"


def effective_range(density, clearance, diffusion, radius):
    """l = √(D/k_b) [µm] of a suspension."""
    limit = 4 * pi * diffusion * radius
    return sqrt(diffusion / (density * clearance * limit / (clearance + limit)))


def own_share(clearance, diffusion, radius, span):
    """Share of its release that a cell captures itself [-], l being `span`."""
    return clearance / (clearance + 4 * pi * diffusion * radius * (1 + radius / span))


def mean_distance(radius, span):
    """Mean distance at which other cells capture [µm]."""
    return (radius**2 + 2 * radius * span + 2 * span**2) / (radius + span)


def quantile(share, radius, span):
    """Distance within which `share` of what others capture is captured [µm].

    Integrated, p(r) leaves e^(−(r−a)/l) (r + l)/(a + l) beyond r.
    """
    beyond = log(1 - share)
    return brentq(
        lambda r: -(r - radius) / span + log((r + span) / (radius + span)) - beyond, radius, 100 * span
    )


def scatter(number, edges, gap, generator):
    """Random points of a periodic box that keep a distance, put down one after the other.

    Parameters
    ----------
    number : int
    edges : sequence of float
        Of the box [µm]; two or three.
    gap : float
        Least distance between two points [µm].
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of float, shape (number, len(edges))
    """
    points = np.empty((0, len(edges)))
    while len(points) < number:
        points = np.vstack([points, generator.random((number - len(points), len(edges))) * edges])
        later = {max(pair) for pair in cKDTree(points, boxsize=edges).query_pairs(gap)}
        points = np.delete(points, list(later), axis=0)
    return points


def follow(spec, position, sender, sheet=False):
    """Let one cell release, and see who captures.

    Parameters
    ----------
    spec : Scenario
        With the cell types "marked" and "other"; periodic.
    position : ndarray of float, shape (n, 3)
        [µm]
    sender : int
        Which of them is marked.
    sheet : bool
        Distances along x and y only.

    Returns
    -------
    distance, share : ndarray of float, shape (n,)
        From the sender [µm], and captured shares of its release [-].
    """
    model = TumorModel(override(spec, {"seed": []}))
    names = np.full(len(position), "other", dtype=object)
    names[sender] = "marked"
    model.add_cells(list(names), position)
    model.step()
    cells = model.cells
    size = np.array(next(iter(model.tissues.values())).mesh.size)
    apart = position - position[sender]
    apart -= size * np.rint(apart / size)
    distance = np.linalg.norm(apart[:, : 2 if sheet else 3], axis=1)
    return distance, cells.captured[:, 0] / cells.secretion_rate[sender, 0]


def checks(progress=None, fractions=(0.001, 0.002, 0.0045), senders=90):
    """Follow senders one by one in suspensions of several densities; a list of `Check`.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text before each density.
    fractions : sequence of float
        Parts of the volume that cells take. Above half a percent cells keep each other at a distance that the
        medium does not know: its captures at r < 2a are missing, and all distances grow.
    senders : int
        How many of them are followed, a third in each of three random suspensions.
    """
    base, table = read(SCENARIO), Table(SCENARIO, SOURCE)
    diffusion, radius = float(base.ligand["growth_factor"].diffusion), float(base.cell["marked"].radius)
    receptor = base.cell["marked"].receptor[0]
    clearance = float(receptor.k_on * receptor.number)
    alone = own_share(clearance, diffusion, radius, np.inf)

    def line(result, published, sample, margin, why):
        simulated = float(np.mean(sample))
        limit = 3 * float(np.std(sample, ddof=1)) / sqrt(len(sample)) + margin * published
        right = abs(simulated - published) <= limit
        text = f"{limit:.2g} (3 standard errors of {why})"
        table.line(result, f"{published:.4g}", f"{simulated:.4g}", text, right)

    for fraction in fractions:
        density = fraction / (4 / 3 * pi * radius**3)
        span = effective_range(density, clearance, diffusion, radius)
        edge = 14 * span
        number = round(density * edge**3)
        spec = override(
            base, {"tissue.gel.size": [f"{edge!r} um"] * 3, "tissue.gel.spacing": f"{edge / 42!r} um"}
        )
        if progress:
            progress(f"{SCENARIO}: {number} cells in {fraction:.2%} of the volume, {senders} senders")
        parts = 0.25, 0.5, 0.75
        bounds = [quantile(part, radius, span) for part in parts]
        own, mean, lost, within = [], [], [], []
        for seed in range(3):
            position = scatter(number, [edge] * 3, 2 * radius, np.random.default_rng([number, seed]))
            for sender in range(senders // 3):
                distance, share = follow(spec, position, sender)
                others = np.arange(number) != sender
                own.append(share[sender])
                lost.append(abs(1 - share.sum()))
                mean.append(np.sum((share * distance)[others]) / share[others].sum())
                within.append(
                    [share[others & (distance < bound)].sum() / share[others].sum() for bound in bounds]
                )
        name = f"{fraction:.2%} cells, l = {span:.0f} um"
        expected = own_share(clearance, diffusion, radius, span)
        chance = f"{senders} senders with their neighbors"
        second = f"{chance}; 5 %: second order in the density"
        apart = f"{chance}; 1 %: cells do not overlap"
        line(f"{name}: share captured by the sender", expected, own, 0.0, f"{chance}")
        rest = alone - np.array(own)
        line(f"{name}: lost to others of a lone cell's share", alone - expected, rest, 0.05, second)
        line(
            f"{name}: mean distance of capture by others [um]", mean_distance(radius, span), mean, 0.01, apart
        )
        for column, part in enumerate(parts):
            reached = [row[column] for row in within]
            line(f"{name}: share of that within {bounds[column]:.0f} um", part, reached, 0.01 / part, apart)
        nowhere = "1e-9 (nowhere else to go)"
        table.line(f"{name}: captured by all", "1", f"1 - {max(lost):.1e}", nowhere, max(lost) < 1e-9)
    return table
