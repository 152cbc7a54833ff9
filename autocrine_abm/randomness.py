"""Random draws that depend on who draws, when and what for, and on nothing else.

Every draw is Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405) of the counter (cell_id, step, purpose)
under the key (seed). It does not matter how many threads there are or in which order cells come, and a cell draws the
same noise in the treated and in the control run, so that comparisons are paired.
"""

import math
from enum import IntEnum

import numpy as np

from autocrine_abm.compilation import kernel

__all__ = ["Purpose", "direction", "exponential", "philox", "uniform_pair", "uniforms"]


class Purpose(IntEnum):
    """What a draw is for; two purposes never share a random number."""

    EVENT = 1  # when the next event of a cell happens, and which it is
    AXIS = 2  # direction of a division
    TARGET = 3  # voxel of a daughter on the lattice
    MIGRATION = 4  # time of the next move on the lattice
    MOVE_TARGET = 5  # voxel of a move on the lattice
    TURN = 6  # how long a walking cell keeps its direction
    HEADING = 7  # its next direction
    TRAIT = 8  # a trait at the start
    INHERIT = 9  # noise of a trait at division, and whether it mutates
    MUTATION = 10  # what a mutation does to it
    CYCLE = 11  # when a cell leaves the phase of its cycle
    CYCLE_START = 12  # where a cell of the start stands in its cycle
    CIRCULATION = 13  # when a cell in the blood dies or leaves it
    LANDING = 14  # where it settles
    FIBER = 15  # trials for a direction along fibers


_MULTIPLY_0, _MULTIPLY_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


@kernel
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: four 32-bit words from a counter of four and a key of two, all held in uint64."""
    for _ in range(10):
        p0, p1 = c0 * _MULTIPLY_0, c2 * _MULTIPLY_1
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@kernel
def uniform_pair(seed, cell_id, step, purpose):
    """Two independent uniform draws in (0, 1), for use inside kernels; arguments as in `uniforms`."""
    who, key = np.uint64(cell_id), np.uint64(seed)
    w0, w1, w2, w3 = philox(
        who & _LOW, who >> _HALF, np.uint64(step) & _LOW, np.uint64(purpose) & _LOW, key & _LOW, key >> _HALF
    )
    first = (float(w0 >> np.uint64(5)) * 67108864.0 + float(w1 >> np.uint64(6)) + 0.5) / 9007199254740992.0
    second = (float(w2 >> np.uint64(5)) * 67108864.0 + float(w3 >> np.uint64(6)) + 0.5) / 9007199254740992.0
    return first, second


@kernel
def _uniforms(seed, cell_id, step, purpose, out):
    for row in range(len(cell_id)):
        out[row, 0], out[row, 1] = uniform_pair(seed, cell_id[row], step, purpose)


def uniforms(seed, cell_id, step, purpose, repeat=0):
    """Two uniform draws per cell.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 ≤ seed < 2⁶³.
    cell_id : ndarray of int64, shape (n,)
        Who draws.
    step : int
        Behavior step of the draw, below 2³².
    purpose : Purpose
        What the draw is for.
    repeat : int
        Which of several draws for the same purpose in the same step, below 2²⁴.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Independent, uniform in the open interval (0, 1), on 53 bits. A new array.
    """
    out = np.empty((len(cell_id), 2))
    _uniforms(seed, np.ascontiguousarray(cell_id), step, int(purpose) + (repeat << 8), out)
    return out


def exponential(uniform, rate):
    """Waiting time for an event of the given rate, −ln(u)/rate; infinite where the rate is 0.

    Parameters
    ----------
    uniform : ndarray of float, shape (n,)
        Uniform draws in (0, 1).
    rate : ndarray of float, shape (n,)
        Rates [1/min], ≥ 0.

    Returns
    -------
    ndarray of float, shape (n,)
        Times [min]. A new array.
    """
    with np.errstate(divide="ignore"):
        return -np.log(uniform) / rate


def direction(uniform, dimension):
    """Unit vectors in uniformly random directions of a tissue.

    Parameters
    ----------
    uniform : ndarray of float, shape (n, 2)
        Uniform draws in (0, 1).
    dimension : int
        Of the tissue: 3 draws from the sphere, 2 from the circle (z is 0), 1 from both ways along x.

    Returns
    -------
    ndarray of float, shape (n, 3)
        Unit vectors. A new array.
    """
    angle = 2 * math.pi * uniform[:, 0]
    if dimension == 1:
        angle = np.where(uniform[:, 0] < 0.5, 0.0, math.pi)
    height = 2 * uniform[:, 1] - 1 if dimension == 3 else np.zeros(len(uniform))
    width = np.sqrt(1 - height**2)
    across = 0.0 if dimension == 1 else width * np.sin(angle)
    return np.stack(np.broadcast_arrays(width * np.cos(angle), across, height), axis=1)
