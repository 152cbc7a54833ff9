"""Walking cells follow fibers: their new directions lie along the fibers, one way as often as the other.

New directions u are drawn from the bimodal von Mises(–Fisher) distribution about the fiber axis γ,

    q(u) ∝ exp(κ u·γ) + exp(−κ u·γ),

on the circle (Painter 2009, doi:10.1007/s00285-008-0217-8) or the sphere (Painter and Hillen 2013,
doi:10.1016/j.jtbi.2013.01.014), in the transport model of Hillen (2006, doi:10.1007/s00285-006-0017-y): fibers choose
among directions, but change neither speed nor persistence. A scenario states the order that this leads to, 0 for none
and 1 for all along the fibers: ⟨cos 2θ⟩ = I₂(κ)/I₀(κ) on the circle, ⟨(3 cos²θ − 1)/2⟩ = 1 − 3 (coth κ − 1/κ)/κ on the
sphere. Cells that walk in a plane only follow fibers that leave it with κ times the share of γ in the plane, which is
q on the plane. Without gradients, displacements along a and across are exactly those of a persistent walk times ⟨uₐ²⟩.
"""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import ive

from autocrine_abm.compilation import kernel
from autocrine_abm.randomness import Purpose, uniform_pair

__all__ = ["concentration", "guides", "order"]

STIFFEST = 1e6  # κ; whoever states more order than this gives, 0.999998, walks along the fibers exactly
_HEADING, _FIBER = int(Purpose.HEADING), int(Purpose.FIBER)
_TRIALS = 64  # of a rejection that takes 1.5 on average: the last is taken once in 10³⁰


def order(kappa, dimension):
    """Mean nematic order of directions on the circle (2) or sphere (3), 0 to 1; see the module.

    Examples
    --------
    >>> round(float(order(2.0, 2)), 3), round(order(2.0, 3), 3)
    (0.302, 0.194)
    """
    if dimension == 2:
        return ive(2, kappa) / ive(0, kappa)
    return 1 - 3 * (1 / math.tanh(kappa) - 1 / kappa) / kappa


def concentration(alignment, dimension):
    """κ that gives a stated order [-]; 0 for none, and above `STIFFEST` for nothing but the fiber axis.

    Parameters
    ----------
    alignment : float
        Mean nematic order, 0 to 1.
    dimension : int
        Axes along which the cell walks; along a single one there is nothing to choose, and 0 is returned.

    Examples
    --------
    >>> round(concentration(order(2.0, 3), 3), 6)
    2.0
    """
    if dimension < 2 or alignment <= order(1e-3, dimension):
        return 0.0
    if alignment >= order(STIFFEST, dimension):
        return 1e3 * STIFFEST
    return brentq(lambda kappa: order(kappa, dimension) - alignment, 1e-3, STIFFEST, xtol=1e-9, rtol=1e-12)


@kernel
def _angle(seed, cell_id, step, turn, kappa):
    """An angle from the von Mises distribution (Best and Fisher 1979, doi:10.2307/2346732)."""
    root = 1.0 + math.sqrt(1.0 + 4.0 * kappa * kappa)
    rho = (root - math.sqrt(2.0 * root)) / (2.0 * kappa)
    r = (1.0 + rho * rho) / (2.0 * rho)
    cosine, first = 1.0, 0.5
    for trial in range(_TRIALS):
        first, second = uniform_pair(seed, cell_id, step, _FIBER + ((_TRIALS * turn + trial) << 8))
        z = math.cos(2.0 * math.pi * first)
        cosine = (1.0 + r * z) / (r + z)
        c = kappa * (r - cosine)
        if c * (2.0 - c) > second or math.log(c / second) + 1.0 - c >= 0.0:
            break
    angle = math.acos(min(max(cosine, -1.0), 1.0))
    return angle if first < 0.5 else -angle


@kernel
def _follow(seed, cell_id, step, turn, free, guide, heading):
    """A new direction, into `heading` (3,), of a cell with two or three `free` axes; `guide` is κγ along them, not 0."""
    kappa = math.sqrt(guide[0] * guide[0] + guide[1] * guide[1] + guide[2] * guide[2])
    first, second = uniform_pair(seed, cell_id, step, _HEADING + (turn << 8))
    if free[0] + free[1] + free[2] == 3:
        # the distribution of cos θ, sinh(κ cos θ)/sinh κ, solved for cos θ without large numbers
        x, y, z = guide[0] / kappa, guide[1] / kappa, guide[2] / kappa
        decay, drawn = math.exp(-2.0 * kappa), 2.0 * second - 1.0
        half = 0.5 * abs(drawn) * (1.0 - decay)
        along = min(max(1.0 + math.log(half + math.sqrt(half * half + decay)) / kappa, 0.0), 1.0)
        along = along if drawn > 0.0 else -along
        width = math.sqrt(1.0 - along * along)
        one, two = width * math.cos(2.0 * math.pi * first), width * math.sin(2.0 * math.pi * first)
        # two directions across (Duff et al. 2017)
        side = 1.0 if z >= 0.0 else -1.0
        a = -1.0 / (side + z)
        b = x * y * a
        heading[0] = along * x + one * (1.0 + side * x * x * a) + two * b
        heading[1] = along * y + one * side * b + two * (side + y * y * a)
        heading[2] = along * z - one * side * x - two * y
        return
    angle = 0.0 if kappa > STIFFEST else 2.0 * math.pi * first if kappa < 1e-3 else _angle(seed, cell_id, step, turn, kappa)
    way = 1.0 if second < 0.5 else -1.0
    along, across = way * math.cos(angle) / kappa, way * math.sin(angle) / kappa
    i = 0 if free[0] else 1
    j = 2 if free[2] else 1
    heading[0] = heading[1] = heading[2] = 0.0
    heading[i] = along * guide[i] - across * guide[j]
    heading[j] = along * guide[j] + across * guide[i]


def guides(fibers, mesh_size, position, kappa, free):
    """κγ of each cell along the axes that it walks on, 0 for cells that follow no fibers.

    Parameters
    ----------
    fibers : Fibers
    mesh_size : tuple of float
        Edges of the tissue [µm].
    position : ndarray of float, shape (n, 3)
        [µm]
    kappa : ndarray of float, shape (n,)
    free : ndarray of int, shape (n, 3)
        1 along the axes that the cell walks on, else 0.

    Returns
    -------
    ndarray of float, shape (n, 3)
        A new array.
    """
    guide = kappa[:, None] * fibers.along(position, mesh_size) * free
    guide[np.einsum("ij,ij->i", guide, guide) < 1e-12] = 0.0
    return guide
