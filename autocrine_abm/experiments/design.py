"""Which values are combined with which: every combination, or points spread over the space of all values.

A point holds one value per variation. What a value may be is told by `scenario.variation`; replicates and seeds come
in `plan`.
"""

from itertools import product
from math import prod

import numpy as np

from autocrine_abm.errors import AutocrineError

__all__ = ["MOST_POINTS", "points_of"]

MOST_POINTS = 10_000_000


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
    samples : int, optional
        How many points; needed by all designs but the grid, which has as many as there are combinations.
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
                    "list values or give a range ('linear … in 5'), or choose the design random, lhs or sobol"
                )
        count = prod(len(variation.levels) for variation in variations)
        if samples is not None and samples != count:
            raise AutocrineError(
                f"samples: got {samples}, but this grid has {count:,} points; leave samples out, "
                "or choose the design random, lhs or sobol"
            )
        _check(count)
        return list(product(*(variation.levels for variation in variations)))
    if samples is None:
        raise AutocrineError(f"samples: missing; the design {design} needs the number of its points")
    _check(samples)
    shares = _cube(len(variations), design, samples, seed)
    return [tuple(variation.at(share) for variation, share in zip(variations, row)) for row in shares.tolist()]


def _check(count):
    if count > MOST_POINTS:
        raise AutocrineError(f"the design has {count:.3g} points; accepted are up to {MOST_POINTS:,}")


def _cube(dimension, design, samples, seed):
    """Points in the unit cube, ndarray of float, shape (samples, dimension), each 0 ≤ u < 1."""
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
