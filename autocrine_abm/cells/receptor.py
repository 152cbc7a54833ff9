"""Receptors: how a cell binds and takes up a ligand, and what competes for it.

Only the numbers stand here; `signaling.receptors` lets them work.
"""

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import BindingRate, Concentration, Parameters, Rate, Several

__all__ = ["Antagonist", "Receptor"]


class Antagonist(Parameters):
    """A ligand that competes for the receptor without being taken up or signaling (IL-1Ra, a receptor antibody)."""

    ligand: str = Field(description="name of the competing ligand")
    k_i: Concentration = Field(description="its dissociation constant; K_m becomes K_m (1 + concentration/k_i)")

    @model_validator(mode="after")
    def _positive(self):
        if not self.k_i > 0:
            raise PydanticCustomError("k_i", "k_i: got {got}; accepted is above 0 nM", {"got": self.k_i.text})
        return self


class Receptor(Parameters):
    """A receptor for one ligand.

    Bound receptors follow their ligand at once: of `number`, the share θ = c/(K_m + c) is occupied, with
    K_m = (k_off + k_internalize)/k_on, and k_internalize θ number molecules are taken up per time.
    """

    name: str = Field(
        "", pattern=r"^([A-Za-z][A-Za-z0-9_-]*)?$", examples=["EGFR"],
        description="name of the receptor; left out, that of its ligand",
    )  # fmt: skip
    ligand: str = Field(description="the ligand that it binds")
    number: float = Field(ge=0, le=1e9, strict=False, description="receptors per cell")
    k_on: BindingRate = Field(description="association rate constant")
    k_off: Rate = Field(description="dissociation rate constant")
    k_internalize: Rate = Field(description="internalization of occupied receptors; the ligand is lost to the cell")
    turnover: Rate = Field(
        "0 1/min",
        description="constitutive renewal of receptors; 0 keeps their number (internalized ones come back at once)",
    )
    antagonist: Several[Antagonist] = Field((), description="ligands that compete for it")

    @model_validator(mode="after")
    def _binds(self):
        if not self.k_on > 0:
            raise PydanticCustomError("k_on", "k_on: got {got}; accepted is above 0", {"got": self.k_on.text})
        if not self.k_off + self.k_internalize > 0:
            raise PydanticCustomError("k_off", "k_off and k_internalize are both 0; accepted is at least one above 0", {})
        return self

    @property
    def label(self):
        """Name of the receptor."""
        return self.name or self.ligand

    @property
    def half_saturation(self):
        """K_m = (k_off + k_internalize)/k_on [molecules/µm³]."""
        return (self.k_off + self.k_internalize) / self.k_on
