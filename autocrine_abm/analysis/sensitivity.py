"""Global sensitivity: how much of the spread of a measure each parameter is responsible for.

The design of the sweep decides the method, all from SALib (Iwanaga et al. 2022, doi:10.18174/sesmo.18155): ``saltelli``
gives Sobol indices, first-order and total (Saltelli et al. 2010); ``morris`` gives mean and spread of elementary effects
(Morris 1991; Campolongo et al. 2007); samples drawn at random, as Latin hypercube or Sobol sequence give first-order
indices of given data (RBD-FAST: Tarantola et al. 2006; Plischke 2010, doi:10.1016/j.ress.2009.11.005). Parameters are told
by the share of their distribution, so that scale and shape of it do not matter.
"""

import numpy as np

from autocrine_abm.experiments.sampling import library, problem_of

__all__ = ["METHODS", "sensitivity"]

#: Name of the method that fits each design.
METHODS = {"saltelli": "Sobol", "morris": "Morris", "random": "RBD-FAST", "lhs": "RBD-FAST", "sobol": "RBD-FAST"}


def sensitivity(design, names, shares, values, level=0.95, seed=1):
    """Sensitivity of one measure to each parameter.

    Parameters
    ----------
    design : str
        Of the sweep, a key of `METHODS`.
    names : list of str
        Of the d parameters.
    shares : ndarray of float, shape (n, d)
        The points, as `experiments.design.shares_of` gives them.
    values : ndarray of float, shape (n,)
        The measure at each; blocks of a structured design in which one is nan are left out.
    level : float
        Of the intervals.
    seed : int
        Of their resampling.

    Returns
    -------
    DataFrame
        ``parameter``, ``method``, ``index`` (``first-order``, ``total``, or ``mu_star``, ``mu``, ``sigma``), ``value`` and
        ``interval`` (half width; nan for what has none). Empty if the measure does not vary, or too few points are left.
    """
    import pandas as pd

    values, shares = np.asarray(values, float), np.asarray(shares, float)
    count, method = len(names), METHODS[design]
    block = {"saltelli": count + 2, "morris": count + 1}.get(design, 1)
    whole = np.isfinite(values.reshape(-1, block)).all(axis=1).repeat(block)
    values, shares = values[whole], shares[whole]
    columns = ["parameter", "method", "index", "value", "interval"]
    if len(values) < (4 * block if block > 1 else 40) or np.ptp(values) == 0:
        return pd.DataFrame(columns=columns)
    problem, common = problem_of(names), {"conf_level": level, "num_resamples": 200, "seed": seed}
    if method == "Sobol":
        found = library("analyze.sobol").analyze(problem, values, calc_second_order=False, **common)
        kinds = {"first-order": ("S1", "S1_conf"), "total": ("ST", "ST_conf")}
    elif method == "Morris":
        found = library("analyze.morris").analyze(problem, shares, values, num_levels=4, **common)
        kinds = {"mu_star": ("mu_star", "mu_star_conf"), "mu": ("mu", None), "sigma": ("sigma", None)}
    else:
        found = library("analyze.rbd_fast").analyze(problem, shares, values, **common)
        kinds = {"first-order": ("S1", "S1_conf")}
    rows = [
        (name, method, kind, float(found[key][place]), float(found[width][place]) if width else np.nan)
        for place, name in enumerate(names)
        for kind, (key, width) in kinds.items()
    ]
    return pd.DataFrame(rows, columns=columns)
