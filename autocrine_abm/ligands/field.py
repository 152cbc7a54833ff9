"""The concentration of one ligand in one tissue, with the account of every molecule that came and went.

A field only holds; `stepping.Transport` moves it on. What the ligand is called and where it comes from is the
business of `ligand`, what cells make of it that of `signaling`.
"""

from dataclasses import asdict, dataclass

import numpy as np

from autocrine_abm.mesh.boundaries import Walls

__all__ = ["Ledger", "LigandField"]


@dataclass
class Ledger:
    """Where the molecules of one field came from and went, since it was made [molecules].

    initial + added + secreted = present + decayed + taken_up + lost

    Attributes
    ----------
    initial : float
        There at the start.
    added : float
        Put in or taken out by hand, or by `Transport.settle`, which knows no time.
    secreted : float
        Released by sources.
    decayed, taken_up : float
        Removed by decay and by the loss of voxels.
    lost : float
        Left through the walls, net, or with medium that was exchanged; negative where walls held at a
        concentration supplied more than they took.
    present : float
        There now.
    """

    initial: float = 0.0
    added: float = 0.0
    secreted: float = 0.0
    decayed: float = 0.0
    taken_up: float = 0.0
    lost: float = 0.0
    present: float = 0.0

    def imbalance(self):
        """Molecules unaccounted for, as a share of the largest entry [-].

        Examples
        --------
        >>> Ledger(secreted=10.0, decayed=4.0, present=6.0).imbalance()
        0.0
        """
        gains = self.initial, self.added, self.secreted
        ends = self.decayed, self.taken_up, self.lost, self.present
        largest = max(map(abs, gains + ends))
        return abs(sum(gains) - sum(ends)) / largest if largest > 0 else 0.0


class LigandField:
    """Concentration of one diffusing ligand on a mesh.

    Parameters
    ----------
    mesh : Mesh
    diffusion : float
        Diffusion coefficient, D [µm²/min], > 0.
    decay : float
        Decay rate, k [1/min], ≥ 0.
    walls : Walls
    initial : float or ndarray of shape mesh.shape
        Concentration at the start [molecules/µm³].
    name : str
        For messages.

    Attributes
    ----------
    concentration : ndarray of float, shape mesh.shape
        Now [molecules/µm³]. The same array for life; change it through `put` so that the ledger knows.
    average : ndarray of float, shape mesh.shape
        Mean over the last call of `Transport.step`, with the method's own weights, so that
        Σ loss · average · voxel_volume · dt is what the ledger booked as taken up.
    ledger : Ledger

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> field = LigandField(Mesh((4, 4, 1), (20.0, 20.0, 20.0)), diffusion=600.0, decay=0.1, initial=0.5)
    >>> round(field.range, 2), field.ledger.present
    (77.46, 64000.0)
    """

    def __init__(self, mesh, diffusion, decay, walls=None, initial=0.0, name=""):
        if not 0 < diffusion < np.inf:
            raise ValueError(
                f"{name or 'field'}: diffusion: got {diffusion}, accepted is a number above 0 [µm²/min]"
            )
        if not 0 <= decay < np.inf:
            raise ValueError(
                f"{name or 'field'}: decay: got {decay}, accepted is a number of 0 or more [1/min]"
            )
        self.mesh, self.name = mesh, name
        self.diffusion, self.decay = float(diffusion), float(decay)
        self.walls = Walls() if walls is None else walls
        self.concentration = np.empty(mesh.shape)
        self.concentration[...] = initial
        self.average = self.concentration.copy()
        present = float(self.concentration.sum()) * mesh.voxel_volume
        self.ledger = Ledger(initial=present, present=present)
        self.wall_exchange = None  # per multigrid level; made by the first `Transport` that moves the field

    @property
    def range(self):
        """How far molecules get before they decay, λ = √(D/k) [µm]; infinite without decay."""
        return float(np.sqrt(self.diffusion / self.decay)) if self.decay > 0 else np.inf

    def become(self, diffusion, decay, walls):
        """Go on with other constants and walls; the concentration stays as it is."""
        self.diffusion, self.decay, self.walls = float(diffusion), float(decay), walls
        self.wall_exchange = None  # made anew when the field is next moved

    def state(self):
        """All that the future of the field depends on, dict of arrays and numbers; a copy."""
        return {"concentration": self.concentration.copy(), "ledger": asdict(self.ledger)}

    def restore(self, state):
        """Go back to what `state` returned, as if nothing had happened since."""
        self.concentration[...] = state["concentration"]
        self.ledger = Ledger(**state["ledger"])

    def put(self, values):
        """Overwrite the concentration by hand [molecules/µm³]; the ledger books the difference as added."""
        self.concentration[...] = values
        present = float(self.concentration.sum()) * self.mesh.voxel_volume
        self.ledger.added += present - self.ledger.present
        self.ledger.present = present
