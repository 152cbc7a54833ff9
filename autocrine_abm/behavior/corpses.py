"""What is left of a dead cell: its volume over that at its death, from the moment of death on.

Water F and the solids S of nucleus and cytoplasm follow (Ghaffarizadeh et al. 2018, doi:10.1371/journal.pcbi.1005991)

    dF/dt = r_s (V − F) until lysis, −r_f F after it,   dS/dt = −(r + k) S,   dC/dt = k S,   V = F + S + C,

with loss rates r for each part and solids C that have calcified at the rate k and stay. An apoptotic cell begins where a
necrotic one is lysed. All of it is linear, so the volume at any age has a closed form: a corpse needs no columns of its own.
"""

from math import inf

import numpy as np

from autocrine_abm.cells.corpse import Apoptosis, Necrosis

__all__ = ["LEAST", "Corpses", "remaining"]

LEAST = 1e-6  # share of a corpse's volume that is there until it is cleared, so that it keeps a radius
_FLUID, _NUCLEUS, _CYTOPLASM, _SWELLING, _LOSS, _OF_NUCLEUS, _OF_CYTOPLASM, _CALCIFIES, _LYSIS = range(9)
_SOLIDS = ((_NUCLEUS, _OF_NUCLEUS), (_CYTOPLASM, _OF_CYTOPLASM))


def _lasting(part, age):
    """Of each solid: how much there was, its rate of loss, that of loss and calcification, and for how long it has lasted."""
    for start, loss in _SOLIDS:
        rate = np.maximum(part[..., loss] + part[..., _CALCIFIES], 1e-30)  # so slow a loss is none, to the last digit
        yield part[..., start], part[..., loss], rate, -np.expm1(-rate * age) / rate


def _solids(part, age):
    """Solids at an age, calcified ones among them."""
    return sum(begin * (1.0 - loss * lasted) for begin, loss, _, lasted in _lasting(part, age))


def _integral(part, age):
    """Integral of the solids from the death to an age."""
    return sum(begin * (age - loss * (age - lasted) / rate) for begin, loss, rate, lasted in _lasting(part, age))


def remaining(part, age):
    """Volume of corpses over that at their death.

    Parameters
    ----------
    part : ndarray of float, shape (n, 9) or (9,)
        Rows of `Corpses.parts`.
    age : ndarray of float, shape (…, n), or float
        Time since the death [min], ≥ 0.

    Returns
    -------
    ndarray of float, shape (…, n)
        A new array.
    """
    swells, swelling = np.minimum(age, part[..., _LYSIS]), part[..., _SWELLING]
    entered = swelling * _integral(part, swells) if swelling.any() else 0.0
    fluid = (part[..., _FLUID] + entered) * np.exp(-part[..., _LOSS] * (age - swells))
    return np.maximum(fluid + _solids(part, age), LEAST)


class Corpses:
    """How the corpses of all cell types change.

    Parameters
    ----------
    cell_types : dict of str to CellType

    Attributes
    ----------
    parts : ndarray of float, shape (2 n_types, 9)
        What `remaining` reads, for the apoptotic and then the necrotic corpses of each type.
    stays : ndarray of float, shape (2 n_types,)
        Time from death to clearance [min].
    lysis : ndarray of float, shape (n_types,)
        Time from necrosis to lysis [min]; infinite where a cell never bursts.
    calcifies : ndarray of float, shape (n_types,)
        Rate of calcification of necrotic cells [1/min].
    """

    def __init__(self, cell_types):
        rows, stays = [], []
        for own in cell_types.values():
            rows += [_apoptotic(own.apoptosis_volume or Apoptosis()), _necrotic(own.necrosis_volume or Necrosis())]
            stays += [float(own.apoptosis_duration), float(own.necrosis_duration)]
        self.parts, self.stays = np.array(rows).reshape(-1, 9), np.array(stays)
        self.lysis, self.calcifies = self.parts[1::2, _LYSIS].copy(), self.parts[1::2, _CALCIFIES].copy()

    def volume(self, cell_type, phase, age):
        """Volume over that at death, for each of several corpses.

        Parameters
        ----------
        cell_type, phase : ndarray of int, shape (n,)
            The phase is APOPTOTIC or NECROTIC.
        age : ndarray of float, shape (…, n)
            [min]; several ages of each may be asked for at once.

        Returns
        -------
        ndarray of float, shape (…, n)
            A new array.
        """
        return remaining(self.parts[2 * np.asarray(cell_type) + np.asarray(phase) - 1], np.asarray(age))

    def calcified(self, cell_type, age):
        """What of necrotic corpses has calcified, over their volume at death; otherwise as `volume`."""
        part = self.parts[2 * np.asarray(cell_type) + 1]
        return sum(begin * part[..., _CALCIFIES] * lasted for begin, _, _, lasted in _lasting(part, np.asarray(age)))


def _begin(own):
    """Fluid, solids of the nucleus and of the cytoplasm at the death."""
    solid = 1.0 - own.fluid_fraction
    return [own.fluid_fraction, own.nuclear_fraction * solid, (1.0 - own.nuclear_fraction) * solid]


def _apoptotic(own):
    return [*_begin(own), 0.0, float(own.fluid_loss), float(own.nucleus_loss), float(own.cytoplasm_loss), 0.0, 0.0]


def _necrotic(own):
    losses = [float(own.fluid_loss), float(own.nucleus_loss), float(own.cytoplasm_loss)]
    part = np.array([*_begin(own), float(own.swelling), *losses, float(own.calcification_rate), inf])
    part[_LYSIS] = _age_of(part, own.rupture)
    return list(part)


def _age_of(part, volume):
    """First age at which a corpse that swells has a volume, over that at death; infinite if it never has."""
    if volume <= 1.0:
        return 0.0
    before, after = 0.0, 1.0
    while remaining(part, after) < volume:
        if after > 1e8 or remaining(part, 1.5 * after) <= remaining(part, after):
            return inf
        before, after = after, 1.5 * after
    for _ in range(60):  # halves the bracket to the last digit
        middle = 0.5 * (before + after)
        before, after = (middle, after) if remaining(part, middle) < volume else (before, middle)
    return after
