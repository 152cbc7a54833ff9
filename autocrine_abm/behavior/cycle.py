"""The cell cycle: where each cell stands in it, and what comes next.

Cell types without a cycle divide at their division rate, from any moment on. Those with one go through its phases in order:
a minimum time in each, then an exponential one (see `cells.cycle`). When a cell leaves a phase is drawn in
`behavior.events`, together with its death.
"""

import numpy as np

from autocrine_abm.randomness import Purpose, uniforms

__all__ = ["PLACE", "Cycle", "phase_names"]

PLACE = ("cycle_phase", "cycle_time")  #: Columns that tell where a cell is in its cycle; zeros where no cell type has one.


class Cycle:
    """The cycles of all cell types.

    Parameters
    ----------
    cell_types : dict of str to CellType

    Attributes
    ----------
    names : list of str
        Phases of any type, in the order of the column `exit_rate`.
    exit_rate : ndarray of float, shape (n_types, n_phases)
        Base rate of leaving after the minimum [1/min]; 0 where a type does not have the phase.
    minimum : ndarray of float, shape (n_types, n_phases)
        Least time in each phase [min].
    following : ndarray of int64, shape (n_types, n_phases)
        The phase after each; −1 where leaving it is division.
    first : ndarray of int64, shape (n_types,)
        Phase of a newborn cell; −1 for types without a cycle.
    size : ndarray of float, shape (n_types, n_phases)
        Volume that a cell grows to, over that of a newborn: 2 from the phase in which it grows.
    has : ndarray of bool, shape (n_types, n_phases)
        Which phases each type has.
    """

    def __init__(self, cell_types):
        self.names = phase_names(cell_types)
        shape = len(cell_types), max(len(self.names), 1)
        self.exit_rate, self.minimum, self._mean = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.following, self.size = np.full(shape, -1), np.ones(shape)
        self.first = np.full(shape[0], -1)
        for own, cell_type in enumerate(cell_types.values()):
            places = [self.names.index(phase.name) for phase in cell_type.cycle]
            grown = False
            for phase, place, after in zip(cell_type.cycle, places, [*places[1:], -1]):
                grown = grown or phase.grows
                self.exit_rate[own, place], self.minimum[own, place] = phase.exit_rate, phase.minimum
                self._mean[own, place], self.following[own, place] = phase.duration, after
                self.size[own, place] = 2.0 if grown else 1.0
            if places:
                self.first[own] = places[0]
        self.has = self._mean > 0

    def enter(self, cell_type, cell_id, seed, time):
        """Phases, and times of entering them, of cells that are met in the middle of their cycle.

        A cell's age in its cycle has the density 2 ln 2 · 2^−x of a population in balanced growth, x being the share of
        the cycle's mean duration that is behind it (Powell 1956), as if durations did not vary.

        Parameters
        ----------
        cell_type : ndarray of int, shape (n,)
        cell_id : ndarray of int64, shape (n,)
        seed : int
        time : float
            Now [min].

        Returns
        -------
        phase : ndarray of int8, shape (n,)
            0 where there is no cycle.
        entered : ndarray of float, shape (n,)
            [min]
        """
        phase, entered = np.zeros(len(cell_type), np.int8), np.full(len(cell_type), float(time))
        draws = uniforms(seed, cell_id, 0, Purpose.CYCLE_START)[:, 0] if self.names else None
        for own in np.flatnonzero(self.first >= 0):
            cells = np.flatnonzero(cell_type == own)
            order, place = [], self.first[own]
            while place >= 0:
                order.append(place)
                place = self.following[own, place]
            ends = np.cumsum(self._mean[own, order])
            age = -np.log2(1.0 - 0.5 * draws[cells]) * ends[-1]
            index = np.minimum(np.searchsorted(ends, age, side="right"), len(order) - 1)
            phase[cells] = np.array(order)[index]
            entered[cells] = time - (age - np.concatenate([[0.0], ends])[index])
        return phase, entered


def phase_names(cell_types):
    """Names of the cycle phases of all cell types, each once, in the order of appearance; list of str."""
    return list(dict.fromkeys(phase.name for own in cell_types.values() for phase in own.cycle))
