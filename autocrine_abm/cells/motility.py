"""How the cells of a type move by themselves: how fast, how straight, and towards or away from what.

Only the numbers stand here; `behavior.motility` lets the cells walk.
"""

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import Concentration, Parameters, PositiveDuration, Several, Speed

__all__ = ["SHORTEST", "Chemotaxis", "Motility"]

SHORTEST = 1e-3  # of a step: a shorter persistence counts as this, or cells would turn without end


class Chemotaxis(Parameters):
    """Steering by the gradient of a ligand."""

    ligand: str = Field(description="name of the ligand")
    bias: float = Field(
        ge=-1,
        le=1,
        strict=False,
        description="share of the gradient in each new direction: 0 none, 1 straight up, -1 straight down",
    )
    half: Concentration | None = Field(
        None,
        description="difference d across the cell that gives half the bias, then bias d/(d + half); "
        "left out, every gradient is followed alike",
    )

    @model_validator(mode="after")
    def _positive(self):
        if self.half is not None and not self.half > 0:
            got = {"got": self.half.text}
            raise PydanticCustomError("half", "half: got {got}; accepted is above 0 nM", got)
        return self


class Motility(Parameters):
    """A persistent random walk, off the lattice.

    A cell keeps its direction for exponential times with mean `persistence` and then draws a new one, so that
    without chemotaxis its mean square displacement is 2 S² P (t − P (1 − exp(−t/P))).

    Examples
    --------
    >>> up = Chemotaxis(ligand="VEGF", bias=0.7)
    >>> walk = Motility(speed="0.5 um/min", persistence="20 min", chemotaxis=[up])
    >>> walk.chemotaxis[0].bias
    0.7
    """

    speed: Speed = Field(description="speed of own motion, S")
    persistence: PositiveDuration = Field(description="mean time for which a direction is kept, P")
    chemotaxis: Several[Chemotaxis] = Field((), description="ligands whose gradients steer it")
    contact_guidance: float = Field(
        0.0, ge=0, le=1, strict=False,
        description="mean order of new directions along the fibers of the tissue: 0 none, 1 all along them, either way",
    )  # fmt: skip
