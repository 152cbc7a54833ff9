"""What the six walls of the box do to a ligand: hold it in, hold it at a value, or let it go on to infinity.

A wall enters the transport equation as a loss of the voxels that touch it and, if it is held at a
concentration, as a supply to them. Periodic axes are a property of the `Mesh`. How voxels exchange with each
other is left to `ligands.operator`.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["NO_FLUX", "OPEN", "WallExchange", "Walls"]

NO_FLUX = ("no-flux", 0.0)
OPEN = ("open", 0.0)
_FACES = ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")


@dataclass(frozen=True)
class WallExchange:
    """Walls of one ligand, as the finite volumes beside them see it; voxels in ascending order, each once.

    Attributes
    ----------
    voxel : ndarray of int64, shape (n,)
        Flat index of a voxel that touches a wall which lets something through.
    conductance : ndarray of float, shape (n,)
        Loss through its walls per concentration [1/min].
    supply : ndarray of float, shape (n,)
        What its walls bring in [molecules/µm³/min].
    """

    voxel: np.ndarray
    conductance: np.ndarray
    supply: np.ndarray


@dataclass(frozen=True)
class Walls:
    """Conditions on the six faces of the box, for one ligand.

    Each face is a pair (kind, value):

    * ``("no-flux", 0)``: nothing passes, dc/dn = 0.
    * ``("fixed", value)``: the wall is held at a concentration [molecules/µm³].
    * ``("open", 0)``: the medium goes on to infinity and carries nothing in. The field is taken to leave as a
      decaying wave from the middle of the box: dc/dn = −c (1/λ + 1/r) cos φ for a spherical wave, 1/(2r) in
      place of 1/r for a cylindrical and 0 for a plane one, with φ the angle between the wall's normal and the
      line to the middle. It is exact for a lone source in the middle, in three dimensions or with plane waves,
      at steady state; use it with walls well outside the sources (of the family of Bayliss & Turkel 1980).
      What remains, in a box of 420 µm without decay and as a part of what a cell of 5 µm radius senses of itself:
      0.2 % too much half way between the middle and a wall, 1.2 % 50 µm from a wall and 9 % 50 µm from three. A
      lone source in a slab reads 0.2, 1.2 and 5 % too little for a range of half, one and 2.5 times its width.
      Between a closed floor and ceiling without decay nothing would ever be steady but for such sides; a cell
      halfway up and 210 µm from them senses 3 % more than in free space if these are 420 µm apart, 9 % if 220.
      Waves spread along the axes that have an open wall; where the opposite wall is closed the middle lies on
      that mirror.

    Walls of a periodic axis are not looked at.

    Examples
    --------
    >>> Walls.alike("fixed", 2.0).x_high
    ('fixed', 2.0)
    >>> Walls(z_high=OPEN).z_low
    ('no-flux', 0.0)
    """

    x_low: tuple[str, float] = NO_FLUX
    x_high: tuple[str, float] = NO_FLUX
    y_low: tuple[str, float] = NO_FLUX
    y_high: tuple[str, float] = NO_FLUX
    z_low: tuple[str, float] = NO_FLUX
    z_high: tuple[str, float] = NO_FLUX

    def __post_init__(self):
        for face, (kind, value) in zip(_FACES, self.faces):
            if kind not in ("no-flux", "fixed", "open"):
                raise ValueError(f"walls.{face}: got {kind!r}, accepted are 'no-flux', 'fixed' and 'open'")
            if kind == "fixed" and not 0 <= value < np.inf:
                raise ValueError(
                    f"walls.{face}: got concentration {value}, accepted is 0 or more [molecules/µm³]"
                )

    @classmethod
    def alike(cls, kind, value=0.0):
        """The same condition on all six faces."""
        return cls(*[(kind, float(value))] * 6)

    @property
    def faces(self):
        """The six pairs, in the order x_low, x_high, y_low, y_high, z_low, z_high."""
        return tuple(getattr(self, face) for face in _FACES)

    def exchange(self, mesh, diffusion, decay):
        """Conductance and supply of the voxels beside the walls.

        The flux through a wall held at w is D (w − c)/(h/2); through an open wall D g c/(1 + g h/2), the
        half voxel and the medium outside being in series.

        Parameters
        ----------
        mesh : Mesh
        diffusion : float
            D [µm²/min].
        decay : float
            k [1/min], which sets the range λ = √(D/k) of waves in the medium outside.

        Returns
        -------
        WallExchange
        """
        pairs = [self.faces[2 * axis : 2 * axis + 2] for axis in range(3)]
        if all(mesh.periodic[axis] or pairs[axis][0][0] == pairs[axis][1][0] == "no-flux" for axis in range(3)):
            return WallExchange(np.empty(0, np.int64), np.empty(0), np.empty(0))
        open_axes = [
            axis
            for axis in range(3)
            if not mesh.periodic[axis] and "open" in (pairs[axis][0][0], pairs[axis][1][0])
        ]
        middle = [_middle(mesh.size[axis], *pairs[axis]) for axis in range(3)]
        index = np.arange(mesh.n_voxels).reshape(mesh.shape)
        voxels, conductances, supplies = [np.empty(0, np.int64)], [np.empty(0)], [np.empty(0)]
        for axis in range(3):
            for side in range(2):
                kind, value = pairs[axis][side]
                if mesh.periodic[axis] or kind == "no-flux":
                    continue
                voxel = index.take(-side, axis).ravel()
                h = mesh.spacing[axis]
                if kind == "fixed":
                    conductance = np.full(voxel.size, 2 * diffusion / h**2)
                else:
                    g = _outward_slope(mesh, voxel, axis, side, middle, open_axes, np.sqrt(decay / diffusion))
                    conductance = diffusion * g / (h * (1 + g * h / 2))
                voxels.append(voxel)
                conductances.append(conductance)
                supplies.append(conductance * value)
        voxel, place = np.unique(np.concatenate(voxels), return_inverse=True)
        totals = (
            np.bincount(place, np.concatenate(part), minlength=voxel.size).astype(float)  # of nothing: integers
            for part in (conductances, supplies)
        )
        return WallExchange(voxel, *totals)


def _middle(length, low, high):
    """Where waves that leave along one axis come from: midway, or the closed wall opposite a single open
    one."""
    if low[0] == "open" and high[0] == "no-flux":
        return length
    if high[0] == "open" and low[0] == "no-flux":
        return 0.0
    return length / 2


def _outward_slope(mesh, voxel, axis, side, middle, open_axes, inverse_range):
    """g = −(dc/dn)/c [1/µm] at the wall of each voxel, for a wave that comes from the middle."""
    places = np.unravel_index(voxel, mesh.shape)
    along = {other: (places[other] + 0.5) * mesh.spacing[other] - middle[other] for other in open_axes}
    along[axis] = np.full(voxel.size, side * mesh.size[axis] - middle[axis])
    distance = np.sqrt(sum(part**2 for part in along.values()))
    spreading = (len(open_axes) - 1) / 2  # c ∝ r^−spreading e^(−r/λ): 0 plane, 1/2 cylindrical, 1 spherical
    return (inverse_range + spreading / distance) * np.abs(along[axis]) / distance
