"""Designs for global sensitivity, from SALib: Saltelli's blocks for Sobol indices, and Morris' trajectories.

Both are rows in the unit cube whose order matters to the analysis. SALib is imported when one of them is asked for.
"""

from importlib import import_module

from autocrine_abm.errors import AutocrineError

__all__ = ["library", "problem_of", "structured"]


def library(module):
    """A module of SALib, such as ``"analyze.sobol"``.

    Raises
    ------
    AutocrineError
        If it is not installed.
    """
    try:
        return import_module(f"SALib.{module}")
    except ImportError:
        raise AutocrineError(
            "global sensitivity needs SALib, which is not installed; pip install 'autocrine-abm[sensitivity]'"
        ) from None


def problem_of(names):
    """The problem that SALib wants, a dict: every parameter runs from 0 to 1."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def structured(dimension, design, samples, seed):
    """Points of a structured design.

    Parameters
    ----------
    dimension : int
        Number of parameters d.
    design : str
        ``"saltelli"``: n blocks of d + 2 points (Saltelli et al. 2010). ``"morris"``: n trajectories of d + 1 points
        on four levels (Morris 1991).
    samples : int
        n.
    seed : int

    Returns
    -------
    ndarray of float, shape (samples * block, d)
        From 0 to 1, both included.
    """
    problem, seed = problem_of([f"x{place}" for place in range(dimension)]), seed % 2**32
    if design == "saltelli":
        return library("sample.sobol").sample(problem, samples, calc_second_order=False, seed=seed)
    return library("sample.morris").sample(problem, samples, num_levels=4, seed=seed)
