"""Saturating responses: how a signal, between nothing and plenty, becomes an effect between 0 and 1."""

import numpy as np

__all__ = ["hill"]


def hill(signal, half_saturation, hill_coefficient):
    """Saturating response to a signal, between 0 and 1.

    s^n / (K^n + s^n), computed as x / (1 + x) with x = (s/K)^n, which neither overflows nor divides by zero.

    Parameters
    ----------
    signal : ndarray of float, shape (n_cells,)
        Receptor occupancy or concentration, s; ≥ 0.
    half_saturation : float
        Signal giving half the response, K; same unit as `signal`, > 0.
    hill_coefficient : float
        Steepness, n [-]; 1 is Michaelis-Menten, above 4 is nearly a switch.

    Returns
    -------
    ndarray of float, shape (n_cells,)
        Response [-]. A new array.

    Examples
    --------
    >>> hill(np.array([0.0, 0.5]), half_saturation=0.5, hill_coefficient=2)
    array([0. , 0.5])
    """
    with np.errstate(over="ignore", divide="ignore"):
        power = (np.maximum(signal, 0.0) / half_saturation) ** hill_coefficient
        return 1.0 - 1.0 / (1.0 + power)
