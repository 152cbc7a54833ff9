"""Receptors at work: how much of each ligand a cell takes up, and how occupied its receptors are.

Binding is fast against everything else, so of T receptors the share θ = c/(K_m + c) is occupied, c being the
concentration at the cell's surface, and k_e θ T molecules are taken up per minute: the cell clears U = k_e T/(K_m + c).
K_m = (k_off + k_e)/k_on, times 1 + Σ c_a/K_i for competitive antagonists a. Direct uptake adds its own clearance, which
saturates as U/(1 + c/K) where a half saturation is stated. Receptor numbers follow

    dT/dt = k_t (T₀ − T) − (k_e − k_t) θ T,

constitutive turnover k_t towards T₀, occupied receptors being lost at k_e instead (Wiley & Cunningham 1981); solved exactly
over a step with θ as it is. Without turnover T stays.
"""

import math

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.compilation import kernel

__all__ = ["Receptors", "receptor_names"]


@kernel
def _half_saturation(row, own, receptor, sensed, rates, first_antagonist, antagonist, k_i):
    """K_m of one receptor of one cell, with its antagonists [molecules/µm³]."""
    k_m = (rates[own, receptor, 1] + rates[own, receptor, 2]) / rates[own, receptor, 0]
    place = own * rates.shape[1] + receptor
    blocked = 1.0
    for rival in range(first_antagonist[place], first_antagonist[place + 1]):
        blocked += max(sensed[row, antagonist[rival]], 0.0) / k_i[rival]
    return k_m * blocked


@kernel
def _clear(
    low, high, ligand, cell_type, phase, sensed, uptake, by_type, saturates, number, ligand_of, rates, first_antagonist,
    antagonist, k_i, out,
):  # fmt: skip
    """Clearance of one ligand by each cell at the concentration it senses; corpses have what `die` has left them."""
    for row in range(low, high):
        own, c = cell_type[row], max(sensed[row, ligand], 0.0)
        at = row
        if by_type:
            at = own if phase[row] == ALIVE else own + saturates.shape[0]
        clearance = uptake[at, ligand] / (1.0 + c / saturates[own, ligand])
        for receptor in range(len(ligand_of)):
            if ligand_of[receptor] == ligand and number[row, receptor] > 0.0:
                k_m = _half_saturation(row, own, receptor, sensed, rates, first_antagonist, antagonist, k_i)
                clearance += rates[own, receptor, 2] * number[row, receptor] / (k_m + c)
        out[row] = clearance


@kernel
def _occupy(
    low, high, cell_type, phase, sensed, ligand_of, rates, first_antagonist, antagonist, k_i, target, dt, number, occupancy
):
    """Occupancy of every receptor, then the number of receptors a time dt later."""
    for row in range(low, high):
        own = cell_type[row]
        for receptor in range(len(ligand_of)):
            if rates[own, receptor, 0] <= 0.0 or phase[row] != ALIVE:
                occupancy[row, receptor] = 0.0
                continue
            c = max(sensed[row, ligand_of[receptor]], 0.0)
            k_m = _half_saturation(row, own, receptor, sensed, rates, first_antagonist, antagonist, k_i)
            theta = c / (k_m + c)
            occupancy[row, receptor] = theta
            turnover = rates[own, receptor, 3]
            if turnover > 0.0:
                leaving = turnover * (1.0 - theta) + rates[own, receptor, 2] * theta
                steady = turnover * target[row, receptor] / leaving
                number[row, receptor] = steady + (number[row, receptor] - steady) * math.exp(-leaving * dt)


class Receptors:
    """The receptors and direct uptake of all cell types of a scenario.

    Parameters
    ----------
    cell_types : dict of str to CellType
    ligands : dict of str to Ligand
    team : Team

    Attributes
    ----------
    names : list of str
        Receptors of any type, in the order of the per-receptor columns.
    saturable : set of int
        Ligands whose uptake depends on their concentration.
    has, renewed : ndarray of bool, shape (n_types, n_receptors)
        Receptors that each type has, and those with a turnover.
    """

    def __init__(self, cell_types, ligands, team):
        self.team = team
        types, ligand_names = list(cell_types.values()), list(ligands)
        self.names = receptor_names(cell_types)
        shape = len(types), len(self.names)
        self.number = np.zeros(shape)
        self.ligand_of = np.zeros(shape[1], np.int64)
        rates = np.zeros((*shape, 4))  # k_on, k_off, k_internalize, turnover
        saturates = np.full((len(types), len(ligands)), np.inf)
        first, rivals, k_i = [0], [], []
        for own, cell_type in enumerate(types):
            declared = {receptor.label: receptor for receptor in cell_type.receptor}
            for place, name in enumerate(self.names):
                receptor = declared.get(name)
                if receptor is not None:
                    self.number[own, place] = receptor.number
                    self.ligand_of[place] = ligand_names.index(receptor.ligand)
                    rates[own, place] = receptor.k_on, receptor.k_off, receptor.k_internalize, receptor.turnover
                    for antagonist in receptor.antagonist:
                        rivals.append(ligand_names.index(antagonist.ligand))
                        k_i.append(ligands[antagonist.ligand].concentration(antagonist.k_i))
                first.append(len(rivals))
            for uptake in cell_type.takes_up:
                if uptake.half_saturation is not None:
                    half = ligands[uptake.ligand].concentration(uptake.half_saturation)
                    saturates[own, ligand_names.index(uptake.ligand)] = half
        self._saturates = saturates
        self.has, self.renewed = rates[:, :, 0] > 0, rates[:, :, 3] > 0
        self._binding = (
            self.ligand_of, rates, np.array(first, np.int64), np.array(rivals, np.int64), np.array(k_i, np.float64)
        )  # fmt: skip
        self.saturable = {int(ligand) for ligand in np.flatnonzero(np.isfinite(saturates).any(axis=0))}
        self.saturable |= {int(ligand) for ligand in self.ligand_of}

    def clearance(self, cells, ligand, out=None):
        """What each cell clears of one ligand at the concentration that it senses now.

        Parameters
        ----------
        cells : CellState
        ligand : int
            Index of the ligand.
        out : ndarray of float, shape (n,), optional
            Where to write it.

        Returns
        -------
        ndarray of float, shape (n,)
            U [µm³/min]; `out`, or a new array.
        """
        out = np.empty(len(cells)) if out is None else out
        self.team.run(
            _clear, len(cells), ligand, cells.cell_type, cells.phase, cells.sensed, *cells.of_all("uptake_clearance"),
            self._saturates, cells.receptors, *self._binding, out,
        )  # fmt: skip
        return out

    def most(self, cells, ligand):
        """What all cells together take up of one ligand if there is plenty [molecules/min]; infinite if that is unlimited."""
        direct = cells.values("uptake_clearance", ligand)
        takes = direct > 0
        total = float(np.sum(direct[takes] * self._saturates[cells.cell_type[takes], ligand]))
        _, rates, *_ = self._binding
        for receptor in np.flatnonzero(self.ligand_of == ligand):
            total += float(np.sum(rates[cells.cell_type, receptor, 2] * cells.receptors[:, receptor]))
        return total

    def bind(self, cells, dt):
        """Sensed concentrations → the columns `occupancy` and, over dt [min], `receptors`.

        Parameters
        ----------
        cells : CellState
        dt : float
        """
        if self.names:
            self.team.run(
                _occupy, len(cells), cells.cell_type, cells.phase, cells.sensed, *self._binding, cells.receptor_target,
                float(dt), cells.receptors, cells.occupancy,
            )  # fmt: skip


def receptor_names(cell_types):
    """Labels of all receptors of all cell types, each once, in the order of appearance; list of str."""
    return list(dict.fromkeys(receptor.label for own in cell_types.values() for receptor in own.receptor))
