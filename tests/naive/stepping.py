"""Time steps with dense matrices: the method itself, and the exact answer."""

import numpy as np
from scipy.linalg import expm

GAMMA = 1 - 1 / np.sqrt(2)


def sdirk2(a, c, source, dt):
    """One step of the two-stage method in its Butcher form: new concentration and average over the step."""
    lhs = np.eye(len(c)) + GAMMA * dt * a
    k1 = np.linalg.solve(lhs, source - a @ c)
    y1 = c + GAMMA * dt * k1
    k2 = np.linalg.solve(lhs, source - a @ (c + (1 - GAMMA) * dt * k1))
    y2 = c + dt * ((1 - GAMMA) * k1 + GAMMA * k2)
    return y2, (1 - GAMMA) * y1 + GAMMA * y2


def exact(a, c, source, dt):
    """c(t + dt) of dc/dt = source − A c, for an A that can be inverted."""
    steady = np.linalg.solve(a, source)
    return steady + expm(-dt * a) @ (c - steady)
