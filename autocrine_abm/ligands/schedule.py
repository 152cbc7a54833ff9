"""Into which parts a time step is cut, so that the field comes out right at its end, whatever happens in it.

What changes at the beginning of a step, say a cell that starts to secrete, is a mixture of waves that die out
as e^(−z), with z from almost 0 to the thousands. A method makes its own P(z) of each, and since an L-stable
method forgets what it did wrong early on, the field at the end is off by at most ε = max |P(z) − e^(−z)| of the
change, over all z: whatever the mesh, the diffusion coefficient and the cells. One part of the second-order
method has ε = 0.21. Half of a first-order step ahead of two or more of them, which takes the fast waves out, has
the least ε per linear system to be solved:

    P(z) = 1/(1 + f z) · R((1 − f) z/m)^m      R(z) = (1 − (1 − 2γ) z)/(1 + γ z)²

with the first part f as tabulated for m = 1, 2, …; ε falls as 1/m², so the order is two. How a part is solved is
left to `stepping`.
"""

from math import ceil, sqrt

__all__ = ["ENOUGH", "GAMMA", "ONE", "after_change", "after_error"]

GAMMA = 1 - 1 / sqrt(2)

#: One part, by the second-order method.
ONE = ((1.0, False),)

_ONE_ERRS = 0.2074
# ε and f for m = 1, 2, …: the f with the least ε
_PARTS = (
    (0.0337, 0.460), (0.0081, 0.235), (0.0022, 0.135), (0.0012, 0.105),
    (0.0008, 0.085), (0.0006, 0.070), (0.0004, 0.060), (0.0003, 0.055),
)  # fmt: skip
ENOUGH = 0.6  # of the tolerance for an error that was estimated; errors of slow waves add up over steps
_SAFETY = 0.5  # of the tolerance is planned for: ε is of root mean squares, users look at the largest error


def after_change(change, tolerance):
    """Parts of a step in which the field changes much.

    Parameters
    ----------
    change : float
        Largest change, as a share of the largest value at the end [-].
    tolerance : float
        Error allowed, as a share of the same [-].

    Returns
    -------
    parts : tuple of (float, bool)
        Length as a share of the step [-], and whether backward Euler takes it. At most 9 parts, whatever the
        tolerance.
    error : float
        Error to be expected, as a share of the largest value at the end [-].

    Examples
    --------
    >>> parts, error = after_change(change=1.0, tolerance=0.01)
    >>> len(parts), parts[0], error
    (4, (0.135, True), 0.0022)
    """
    if change * _ONE_ERRS <= _SAFETY * tolerance:
        return ONE, change * _ONE_ERRS
    enough = [error * change <= _SAFETY * tolerance for error, _ in _PARTS]
    m = enough.index(True) + 1 if any(enough) else len(_PARTS)
    error, first = _PARTS[m - 1]
    return ((first, True), *(((1 - first) / m, False),) * m), error * change


def after_error(change, error, tolerance):
    """Parts of a step that erred too much when it was taken in one part.

    Equal ones of the second-order method if two or three will do; otherwise as `after_change`.

    Parameters
    ----------
    change, tolerance : float
        As for `after_change`.
    error : float
        Of the one part, as a share of the largest value at the end [-].

    Returns
    -------
    parts, error
        As from `after_change`.

    Examples
    --------
    >>> after_error(change=0.3, error=0.02, tolerance=0.01)[0]
    ((0.5, False), (0.5, False))
    """
    number = max(2, ceil(sqrt(error / (ENOUGH * tolerance))))
    if number <= 3:
        return ((1 / number, False),) * number, error / number**2
    return after_change(change, tolerance)
