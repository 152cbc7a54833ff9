"""Which values are combined with which: every combination, or points spread over the space of all values.

A point holds one value per variation. What a value may be is told by `scenario.variation`; replicates and seeds come
in `plan`.
"""

from itertools import product
from math import prod

import numpy as np

from autocrine_abm.errors import AutocrineError
from autocrine_abm.experiments.sampling import structured

__all__ = ["MOST_POINTS", "points_of", "shares_of"]

MOST_POINTS = 10_000_000
_EDGE = 0.01  # share of a distribution that designs which use its ends leave out on either side


def points_of(variations, design="grid", samples=None, seed=1):
    """The points of a design.

    Parameters
    ----------
    variations : sequence of Variation
        At least one.
    design : str
        ``"grid"``: every combination, the last variation changing fastest. ``"random"``: independent draws.
        ``"lhs"``: a Latin hypercube (McKay et al. 1979), in which every variation takes one value from each of
        `samples` equally likely slices. ``"sobol"``: a scrambled Sobol sequence (Owen 1998), best with a power of two.
        ``"saltelli"`` and ``"morris"``: blocks for Sobol indices and trajectories for elementary effects, see `sampling`.
    samples : int, optional
        How many points; needed by all designs but the grid, which has as many as there are combinations. For the last
        two, how many blocks or trajectories.
    seed : int
        Of the draws; a grid has none.

    Returns
    -------
    list of tuple
        One value per variation, each as it would stand in a scenario file.

    Raises
    ------
    AutocrineError
        If design, samples and variations do not fit each other.

    Examples
    --------
    >>> from autocrine_abm.scenario.variation import parse_variation
    >>> points_of([parse_variation("a = 1, 2"), parse_variation("b = x, y")])
    [(1, 'x'), (1, 'y'), (2, 'x'), (2, 'y')]
    """
    if design == "grid":
        for variation in variations:
            if not variation.levels:
                raise AutocrineError(
                    f"{variation.name}: '{variation.text}' is a distribution and has no levels for a grid; "
                    "list values or give a range ('linear … in 5'), or choose another design, such as lhs"
                )
        count = prod(len(variation.levels) for variation in variations)
        if samples is not None and samples != count:
            raise AutocrineError(
                f"samples: got {samples}, but this grid has {count:,} points; leave samples out, "
                "or choose another design, such as lhs"
            )
        _check(count)
        return list(product(*(variation.levels for variation in variations)))
    if samples is None:
        raise AutocrineError(f"samples: missing; the design {design} needs the number of its points")
    _check(samples * (1 if design in ("random", "lhs", "sobol") else len(variations) + 2))
    shares = shares_of(len(variations), design, samples, seed)
    if design in ("saltelli", "morris"):
        shares = _EDGE + (1 - 2 * _EDGE) * shares
    return [tuple(variation.at(share) for variation, share in zip(variations, row)) for row in shares.tolist()]


def _check(count):
    if count > MOST_POINTS:
        raise AutocrineError(f"the design has {count:.3g} points; accepted are up to {MOST_POINTS:,}")


def shares_of(dimension, design, samples, seed):
    """Points in the unit cube: the share of each variation's distribution that lies below its value.

    Parameters
    ----------
    dimension : int
        Number of variations.
    design, samples, seed
        As in `points_of`; not a grid.

    Returns
    -------
    ndarray of float, shape (points, dimension)
        From 0 to 1. In the designs ``"saltelli"`` and ``"morris"`` these two stand for the 1st and the 99th percentile, as
        distributions may have no ends.
    """
    if design in ("saltelli", "morris"):
        return structured(dimension, design, samples, seed)
    draws = np.random.Generator(np.random.Philox(seed))
    if design == "random":
        return draws.random((samples, dimension))
    from scipy.stats import qmc

    engine = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[design]
    try:
        engine = engine(dimension, rng=draws)
    except TypeError:  # scipy before 1.15
        engine = engine(dimension, seed=draws)
    if design == "lhs":
        return engine.random(samples)
    return engine.random_base2(max(0, (samples - 1).bit_length()))[:samples]  # the first ones of the sequence
