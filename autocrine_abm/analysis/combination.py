"""Two drugs together: more, or less, than expected of drugs that ignore each other.

An effect is the share of the response that a drug takes away, 0 without drug and 1 where nothing is left. *Bliss* (1939)
expects independence: e = a + b - a b. *Loewe* (1926) expects doses of one and the same drug, in other units: the effect at
which d_a/D_a(e) + d_b/D_b(e) = 1, where D(e) is the dose of one drug alone. The excess is what is observed above that:
synergy if positive. The two answer different questions and need not agree (Roell et al. 2017,
doi:10.3389/fphar.2017.00158).
"""

import numpy as np

__all__ = ["bliss_excess", "effects", "loewe_effect", "loewe_excess"]


def effects(response):
    """Effect of each combination, relative to no drug at all.

    Parameters
    ----------
    response : ndarray of float, shape (..., n_a, n_b)
        The first row and column are those without the drug.

    Returns
    -------
    ndarray of float, same shape
    """
    response = np.asarray(response, float)
    return 1 - response / response[..., :1, :1]


def bliss_excess(effect):
    """What is observed above independence.

    Parameters
    ----------
    effect : ndarray of float, shape (..., n_a, n_b)
        The first column is the first drug alone, the first row the second drug alone.

    Returns
    -------
    ndarray of float, same shape

    Examples
    --------
    >>> bliss_excess([[0, 0.5], [0.5, 0.75]])
    array([[0., 0.],
           [0., 0.]])
    """
    effect = np.asarray(effect, float)
    first, second = effect[..., :, :1], effect[..., :1, :]
    return effect - (first + second - first * second)


def loewe_effect(dose_a, dose_b, curve_a, curve_b):
    """The effect that dose additivity expects of two drugs.

    Parameters
    ----------
    dose_a, dose_b : float
        ≥ 0, each in its unit.
    curve_a, curve_b : HillFit
        Effect of each drug alone.

    Returns
    -------
    float
        Beyond what the weaker drug can do, its dose counts nothing.
    """
    from scipy.optimize import brentq

    def surplus(effect):
        return sum(dose / curve.dose_for(effect) if curve.dose_for(effect) > 0 else np.inf * (dose > 0)
                   for dose, curve in ((dose_a, curve_a), (dose_b, curve_b)) if dose > 0) - 1  # fmt: skip

    if dose_a <= 0 and dose_b <= 0:
        return float((curve_a.top + curve_b.top) / 2)
    if dose_b <= 0:
        return float(curve_a(dose_a))
    if dose_a <= 0:
        return float(curve_b(dose_b))
    low = max(curve_a.top, curve_b.top)
    high = max(curve_a.bottom, curve_b.bottom)
    span = high - low
    if span <= 0:
        return float(low)
    low, high = low + 1e-12 * span, high - 1e-12 * span
    if surplus(low) < 0:
        return float(low)
    return float(high if surplus(high) > 0 else brentq(surplus, low, high, xtol=1e-14 * span, rtol=1e-14))


def loewe_excess(dose_a, dose_b, effect, curve_a=None, curve_b=None):
    """What is observed above dose additivity.

    Parameters
    ----------
    dose_a : ndarray of float, shape (n_a,)
    dose_b : ndarray of float, shape (n_b,)
        Both start with 0.
    effect : ndarray of float, shape (n_a, n_b)
    curve_a, curve_b : HillFit, optional
        Effect of each drug alone; fitted to the first column and row if left out.

    Returns
    -------
    ndarray of float, shape (n_a, n_b)
        0 where a drug is alone.
    """
    from autocrine_abm.analysis.dose_response import fit_hill

    effect = np.asarray(effect, float)
    curve_a = curve_a or fit_hill(dose_a, effect[:, 0])
    curve_b = curve_b or fit_hill(dose_b, effect[0])
    excess = np.zeros(effect.shape)
    for row, first in enumerate(dose_a):
        for column, second in enumerate(dose_b):
            if first > 0 and second > 0:
                excess[row, column] = effect[row, column] - loewe_effect(first, second, curve_a, curve_b)
    return excess
