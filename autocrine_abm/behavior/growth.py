"""How the volume of a cell changes: daughters regrow, dead cells lose their water.

    dV/dt = r (V_target − V),   solved exactly over the step.

A living cell goes to the full volume of its type at its growth rate; to twice that in the phases of its cycle in which it
grows. An apoptotic cell shrinks quickly, a necrotic one
slowly, both to their solid part. Rates and fluid fraction are those of Ghaffarizadeh et al. 2018
(doi:10.1371/journal.pcbi.1005991).
"""

import math

from autocrine_abm.cells.columns import ALIVE, APOPTOTIC
from autocrine_abm.compilation import kernel

__all__ = ["APOPTOTIC_SHRINKAGE", "NECROTIC_SHRINKAGE", "SOLID_FRACTION", "grow"]

APOPTOTIC_SHRINKAGE = 1 / 60  # 1/min, loss of cytoplasm in apoptosis
NECROTIC_SHRINKAGE = 0.05 / 60  # 1/min, loss of fluid after lysis
SOLID_FRACTION = 0.25  # of a cell's volume that is not water


@kernel
def _grow(low, high, cell_type, phase, cycle_phase, growth_rate, full_volume, size, dt, volume, radius):
    for row in range(low, high):
        full = full_volume[cell_type[row]] * size[cell_type[row], cycle_phase[row]]
        target, rate = full, growth_rate[row]
        if phase[row] != ALIVE:
            target = SOLID_FRACTION * full_volume[cell_type[row]]
            rate = APOPTOTIC_SHRINKAGE if phase[row] == APOPTOTIC else NECROTIC_SHRINKAGE
        if volume[row] != target:
            volume[row] = target + (volume[row] - target) * math.exp(-rate * dt)
            radius[row] = (volume[row] * 0.238732414637843) ** (1 / 3)  # 3 / 4π


def grow(cells, full_volume, size, dt, team):
    """Advance the volumes and radii of all cells by `dt` [min].

    Parameters
    ----------
    cells : CellState
    full_volume : ndarray of float, shape (n_types,)
        Volume of a full-grown cell of each type [µm³].
    size : ndarray of float, shape (n_types, n_phases)
        Volume that a cell goes to in each phase of its cycle, over that [-].
    dt : float
        Step [min].
    team : Team
    """
    team.run(
        _grow, len(cells), cells.cell_type, cells.phase, cells.cycle_phase, cells.growth_rate, full_volume, size, float(dt),
        cells.volume, cells.radius,
    )  # fmt: skip
