"""Cells walk by themselves: straight on for a while, then in a new direction, often up or down a gradient.

A velocity-jump process. A cell keeps direction u and speed S for exponential times with mean P (persistence);
then it takes a new direction, drawn evenly over the circle (2-D, and discs) or the sphere (3-D), or along the fibers of the
tissue (see `guidance`), and bent by what it follows,

    u = ((1 − |d|) ξ + d)/|(1 − |d|) ξ + d|,     d = Σ b ∇c/|∇c| over the ligands it follows, cut to |d| ≤ 1,

as in PhysiCell (Ghaffarizadeh et al. 2018, doi:10.1371/journal.pcbi.1005991), with a bias b for each ligand,
negative where the cell flees it. With a stated `half`, b fades in shallow gradients as δ/(δ + half), δ being
the difference across the cell.

However often a cell turns within a behavior step, every turn is followed, so displacements are exact for any
step: without chemotaxis ⟨r²⟩ = 2 S² P (t − P (1 − exp(−t/P))). Mechanics receives the mean velocity over the
step, and adds what neighbors and walls do. Gradients are those of the step. On a lattice cells move by
`migration_rate` instead.
"""

import math

import numpy as np

from autocrine_abm.behavior.guidance import _follow, concentration, guides
from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.cells.motility import SHORTEST
from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.gradient import gradient
from autocrine_abm.randomness import Purpose, uniform_pair

__all__ = ["Walk", "attractants"]

_FLAT = 1e-5  # relative difference across a cell that is no gradient, only the solver's tolerance
_TURN, _HEADING = int(Purpose.TURN), int(Purpose.HEADING)


@kernel
def _draw_heading(seed, cell_id, step, turn, free, guide, drift, heading):
    """A new direction, into `heading` (3,)."""
    first, second = uniform_pair(seed, cell_id, step, _HEADING + (turn << 8))
    axes = free[0] + free[1] + free[2]
    if axes > 1 and (guide[0] != 0.0 or guide[1] != 0.0 or guide[2] != 0.0):
        _follow(seed, cell_id, step, turn, free, guide, heading)
    elif axes == 3:
        z = 2.0 * second - 1.0
        width, angle = math.sqrt(1.0 - z * z), 2.0 * math.pi * first
        heading[0], heading[1], heading[2] = width * math.cos(angle), width * math.sin(angle), z
    else:
        angle = 2.0 * math.pi * first if axes == 2 else math.pi * math.floor(2.0 * first)
        along, across = math.cos(angle), math.sin(angle)
        for a in range(3):
            heading[a] = along if free[a] else 0.0
            if free[a]:
                along = across
    strength = math.sqrt(drift[0] ** 2 + drift[1] ** 2 + drift[2] ** 2)
    if strength > 0.0:
        bias = min(strength, 1.0)
        norm = 0.0
        for a in range(3):
            heading[a] = (1.0 - bias) * heading[a] + drift[a] * (bias / strength)
            norm += heading[a] ** 2
        norm = max(math.sqrt(norm), 1e-300)
        for a in range(3):
            heading[a] /= norm


@kernel
def _walk(
    low, high, cell_id, cell_type, phase, speed, persistence, guide, drift, free, seed, step, dt, shortest,
    heading, velocity,
):  # fmt: skip
    """Mean velocity of cells low..high over the step, and the direction that they end it with. `guide` is empty if there
    are no fibers, `drift` if nobody follows a ligand."""
    none = np.zeros(3)
    for row in range(low, high):
        velocity[row, :] = 0.0
        if phase[row] != ALIVE or speed[row] <= 0.0:
            heading[row, :] = 0.0
            continue
        own = free[cell_type[row]]
        if own[0] + own[1] + own[2] == 0:
            continue
        fibers = guide[row] if guide.shape[0] > 0 else none
        drawn = drift[row] if drift.shape[0] > 0 else none
        if heading[row, 0] == 0.0 and heading[row, 1] == 0.0 and heading[row, 2] == 0.0:
            _draw_heading(seed, cell_id[row], step, 0, own, fibers, drawn, heading[row])
        mean, left, turn = max(persistence[row], shortest), dt, 0
        while True:
            first, _ = uniform_pair(seed, cell_id[row], step, _TURN + (turn << 8))
            kept = min(-math.log(first) * mean, left)
            for a in range(3):
                velocity[row, a] += heading[row, a] * kept
            left -= kept
            if left <= 0.0:
                break
            turn += 1
            _draw_heading(seed, cell_id[row], step, turn, own, fibers, drawn, heading[row])
        for a in range(3):
            velocity[row, a] *= speed[row] / dt


def attractants(cell_types):
    """Ligands that any cell type follows or flees, tuple of str; the columns of `chemotaxis`.

    Parameters
    ----------
    cell_types : dict of str to CellType
    """
    followed = {
        entry.ligand
        for own in cell_types.values()
        if own.motility is not None
        for entry in own.motility.chemotaxis
    }
    return tuple(sorted(followed))


class Walk:
    """Own motion of the cells of one tissue.

    Parameters
    ----------
    cell_types : dict of str to CellType
    ligands : dict of str to Ligand
    exchange : Exchange
        Fields and near fields of the tissue.
    sharp : bool
        Cells sense their voxel only.
    team : Team
    fibers : Fibers or None
        Of the tissue.

    Attributes
    ----------
    moves : bool
        Whether any cell type has a motility.
    """

    def __init__(self, cell_types, ligands, exchange, sharp, team, fibers=None):
        types = list(cell_types.values())
        self.exchange, self.sharp, self.team = exchange, sharp, team
        self.moves = any(own.motility is not None for own in types)
        free = np.array([n > 1 for n in exchange.mesh.shape])
        #: Axes along which each type walks, shape (n_types, 3); discs stay on the floor.
        self.free = np.array(
            [free & (np.arange(3) < (2 if own.shape == "disc" else 3)) for own in types], np.int64
        )
        alignment = [own.motility.contact_guidance if own.motility is not None else 0.0 for own in types]
        #: κ of `guidance` for each type, shape (n_types,).
        self.kappa = np.array([concentration(*own) for own in zip(alignment, self.free.sum(axis=1))])
        self.fibers = fibers if self.kappa.any() else None
        self.names = attractants(cell_types)
        self.ligands = [list(ligands).index(name) for name in self.names]
        #: +1 for a ligand that the type follows, −1 for one that it flees, shape (n_types, n_attractants).
        self.sign = np.ones((len(types), len(self.names)))
        #: Difference across a cell that gives half of the bias [molecules/µm³], 0 where any will do.
        self.half = np.zeros((len(types), len(self.names)))
        for index, own in enumerate(types):
            for entry in own.motility.chemotaxis if own.motility is not None else ():
                place = self.names.index(entry.ligand)
                self.sign[index, place] = -1.0 if entry.bias < 0 else 1.0
                if entry.half is not None:
                    self.half[index, place] = ligands[entry.ligand].concentration(entry.half)

    def velocity(self, cells, seed, step, dt):
        """Mean velocity of each cell's own motion over the step; `heading` goes on to its end.

        Parameters
        ----------
        cells : CellState
        seed, step : int
            Key of the draws.
        dt : float
            Length of the step [min].

        Returns
        -------
        ndarray of float, shape (n, 3), or (0, 3) if no cell type walks
            [µm/min]. A new array.
        """
        velocity = np.zeros((len(cells) if self.moves else 0, 3))
        if len(velocity):
            self.team.run(
                _walk, len(cells), cells.cell_id, cells.cell_type, cells.phase, cells.speed,
                cells.persistence, self.guide(cells), self.drift(cells), self.free, seed, step, float(dt), SHORTEST * dt,
                cells.heading, velocity, work=10 * len(cells),
            )  # fmt: skip
        return velocity

    def guide(self, cells):
        """κγ of `guidance` for each cell, shape (n, 3), or (0, 3) if no cell type follows fibers. A new array."""
        if self.fibers is None:
            return np.empty((0, 3))
        kind = cells.cell_type
        return guides(self.fibers, self.exchange.mesh.size, cells.position, self.kappa[kind], self.free[kind])

    def drift(self, cells):
        """d of the module docstring before it is cut, shape (n, 3), or (0, 3) if nobody follows a ligand. A new array."""
        drift = np.zeros((len(cells) if self.ligands else 0, 3))
        walks = (cells.phase == ALIVE) & (cells.speed > 0)
        for place, ligand in enumerate(self.ligands):
            rows = np.flatnonzero(walks & (cells.chemotaxis[:, place] > 0))
            if not len(rows):
                continue
            kind, radius = cells.cell_type[rows], cells.radius[rows]
            rise = gradient(
                self.exchange.fields[ligand], self.exchange.near[ligand], rows, cells.position,
                cells.radius, self.team, self.sharp,
            )  # fmt: skip
            rise *= self.free[kind]
            steepness = np.sqrt(np.einsum("ij,ij->i", rise, rise))
            across = 2 * radius * steepness
            rises = across > _FLAT * np.maximum(cells.sensed[rows, ligand], 0.0)
            rows, kind, across = rows[rises], kind[rises], across[rises]
            bias = (
                cells.chemotaxis[rows, place]
                * self.sign[kind, place]
                * across
                / (across + self.half[kind, place])
            )
            drift[rows] += bias[:, None] * rise[rises] / steepness[rises, None]
        return drift
