"""Dose-response curves: the Hill function that fits best, and how well the half-maximal dose is known.

y(d) = bottom + (top - bottom)/(1 + (d/IC50)^h); `top` is the response without drug, `bottom` what is left at any dose. The
curve may rise as well (bottom above top), and IC50 then is an EC50. The interval of IC50 is that of its profile likelihood,
which is right for curves that bend, and open where the doses do not enclose the answer (Raue et al. 2009,
doi:10.1093/bioinformatics/btp358).
"""

from dataclasses import dataclass

import numpy as np

from autocrine_abm.errors import AutocrineError

__all__ = ["HillFit", "fit_hill"]

_STEEP = (0.1, 12.0)  # Hill coefficients that are looked at
_BEYOND = 100.0  # how far outside the doses IC50 is looked for, a factor


@dataclass(frozen=True)
class HillFit:
    """A fitted dose-response curve.

    Parameters
    ----------
    top, bottom : float
        Response without drug and at any dose, in the unit of the response.
    half_dose : float
        IC50, in the unit of the doses.
    hill : float
        Steepness [-].
    low, high : float
        Interval of `half_dose`; 0 or inf where it is open.
    error : float
        Root mean square distance of the data from the curve.
    """

    top: float
    bottom: float
    half_dose: float
    hill: float
    low: float = np.nan
    high: float = np.nan
    error: float = np.nan

    def __call__(self, dose):
        """Response at each dose, ndarray of float."""
        dose = np.asarray(dose, float)
        left = _left(np.log(np.maximum(dose, 1e-300)), np.log(self.half_dose), self.hill)
        return self.bottom + (self.top - self.bottom) * left

    def dose_for(self, response):
        """The dose that gives a response; inf if no dose does, 0 if it is that without drug or beyond.

        Parameters
        ----------
        response : float

        Returns
        -------
        float
        """
        share = (self.top - response) / (self.top - self.bottom) if self.top != self.bottom else np.inf
        if share <= 0:
            return 0.0
        return float(self.half_dose * (share / (1 - share)) ** (1 / self.hill)) if share < 1 else np.inf


def _left(log_dose, log_half, hill):
    """Share of the effect that is not there yet, 1/(1 + (d/IC50)^h)."""
    return 1 / (1 + np.exp(np.clip(hill * (log_dose - log_half), -700, 700)))


def fit_hill(dose, response, level=0.95):
    """Fit a Hill curve by least squares.

    Parameters
    ----------
    dose : array of float, shape (n,)
        ≥ 0, in any unit; at least three different ones, and one of them above 0.
    response : array of float, shape (n,)
        Replicates are rows of their own.
    level : float
        Of the interval.

    Returns
    -------
    HillFit

    Raises
    ------
    AutocrineError
        If there is too little to fit.

    Examples
    --------
    >>> dose = np.array([0, 1, 3, 10, 30, 100.0])
    >>> fit = fit_hill(dose, 5 + 95 / (1 + (dose / 12) ** 1.5))
    >>> print(f"{fit.half_dose:.4f} {fit.hill:.4f}")
    12.0000 1.5000
    """
    dose, response = np.asarray(dose, float), np.asarray(response, float)
    known = np.isfinite(dose) & np.isfinite(response)
    dose, response = dose[known], response[known]
    if len(np.unique(dose)) < 4 or (dose < 0).any():
        raise AutocrineError(f"a Hill curve has four numbers; got {len(np.unique(dose))} doses, accepted are four or more, ≥ 0")
    log_dose = np.log(np.maximum(dose, 1e-300))
    inside = np.log(dose[dose > 0])
    bounds = inside.min() - np.log(_BEYOND), inside.max() + np.log(_BEYOND)
    starts = np.linspace(inside.min(), inside.max(), 4)
    best = min((_best(log_dose, response, start, bounds) for start in starts), key=lambda found: found[0])
    least, log_half, hill, (bottom, span) = best
    free = len(dose) - 4
    low = high = np.nan
    if free > 0:
        from scipy.stats import f

        # a floor of rounding, so that exact data have an interval of no width instead of none
        floor = 1e-20 * max(float(np.square(response).sum()), 1e-300)
        limit = (least + floor) * (1 + f.ppf(level, 1, free) / free)
        low, high = (_end(log_dose, response, log_half, bound, limit) for bound in bounds)
        low, high = (0.0 if low is None else np.exp(low)), (np.inf if high is None else np.exp(high))
    error = np.sqrt(least / len(dose))
    return HillFit(*(float(x) for x in (bottom + span, bottom, np.exp(log_half), hill, low, high, error)))


def _linear(log_dose, response, log_half, hill):
    """Best bottom and span for a given half dose and steepness, and the sum of squares that is left."""
    left = _left(log_dose, log_half, hill)
    matrix = np.stack([np.ones_like(left), left], axis=1)
    weights, *_ = np.linalg.lstsq(matrix, response, rcond=None)
    return float(np.square(response - matrix @ weights).sum()), weights


def _best(log_dose, response, start, bounds):
    """Least sum of squares, log half dose, Hill coefficient and (bottom, span), from a start."""
    from scipy.optimize import minimize

    def inside(point):
        return float(np.clip(point[0], *bounds)), float(np.exp(np.clip(point[1], *np.log(_STEEP))))

    found = minimize(
        lambda point: _linear(log_dose, response, *inside(point))[0], (start, 0.3), method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-18 * float(np.square(response).sum()), "maxiter": 600},
    )  # fmt: skip
    log_half, hill = inside(found.x)
    least, weights = _linear(log_dose, response, log_half, hill)
    return least, log_half, hill, weights


def _least(log_dose, response, log_half):
    """Least sum of squares for a given half dose: its profile."""
    from scipy.optimize import minimize_scalar

    edge = np.log(_STEEP)
    return minimize_scalar(
        lambda h: _linear(log_dose, response, log_half, np.exp(h))[0], bounds=edge, method="bounded", options={"xatol": 1e-6}
    ).fun


def _end(log_dose, response, log_half, bound, limit):
    """Where the profile of the half dose rises over a limit on the way to `bound`; None if it never does."""
    from scipy.optimize import brentq

    def above(place):
        return _least(log_dose, response, place) - limit

    previous = log_half
    for place in np.linspace(log_half, bound, 41)[1:]:
        if above(place) > 0:
            return brentq(above, previous, place, xtol=1e-6) if above(previous) < 0 else previous
        previous = place
    return None
