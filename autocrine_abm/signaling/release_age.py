"""A release that began only some time ago, as a loss: what it has not filled yet, a loss would have taken away.

Lets questions about a field in time be asked of a steady one. `self_signal` asks them.
"""

import numpy as np
from scipy.special import erf, exp1

__all__ = ["shift_of_age"]


def shift_of_age(age, loss, dimension):
    """The loss that stands in for a release that began only some time ago.

    What is still missing at the place of a source that has been on for a time t is ∫_t^∞ e^(−k s) G(s) ds
    with G ∝ s^(−d/2); a loss σ on top of k, at steady state, takes away as much if

        3-D  √(k + σ) = √k erf √(kt) + e^(−kt)/√(πt)       2-D  k + σ = k e^(E₁(kt))       1-D  √(k + σ) = √k
        / erf √(kt)

    exact in an even medium for t ≫ h²/D.

    Parameters
    ----------
    age : ndarray of float, shape (n,)
        t [min], ≥ 0; infinite gives 0.
    loss : ndarray of float, shape (n,)
        Decay and mean uptake around, k [1/min], ≥ 0.
    dimension : int

    Returns
    -------
    ndarray of float, shape (n,)
        σ [1/min]. A new array.

    Examples
    --------
    >>> float(shift_of_age(np.array([10.0]), np.array([0.0]), 3)[0].round(6)) == round(1 / (10 * np.pi), 6)
    True
    """
    age = np.clip(np.asarray(age, float), 1e-9, 1e15)
    k = np.maximum(np.asarray(loss, float), 1e-9 / age)
    x = k * age
    if dimension == 3:
        return np.maximum((np.sqrt(k) * erf(np.sqrt(x)) + np.exp(-x) / np.sqrt(np.pi * age)) ** 2 - k, 0.0)
    if dimension == 2:
        return k * np.expm1(exp1(x))
    return k * (1 / erf(np.sqrt(x)) ** 2 - 1)
