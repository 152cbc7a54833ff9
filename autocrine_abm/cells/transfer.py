"""What passes through a cell besides its receptors: release, direct uptake, and a vessel's exchange with the blood."""

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import AmountRate, Clearance, Concentration, Fraction, Parameters

__all__ = ["Secretion", "Uptake", "VesselExchange"]


class Secretion(Parameters):
    """Release of a ligand by each cell."""

    ligand: str = Field(description="name of the ligand")
    rate: AmountRate = Field(description="molecules released per cell and time")
    dead: Fraction = Field(0.0, strict=False, description="share of its rate that a cell goes on with when it is dead")


class Uptake(Parameters):
    """Uptake of a ligand by each cell, without receptors (oxygen, glucose)."""

    ligand: str = Field(description="name of the ligand")
    clearance: Clearance = Field(description="volume cleared per cell and time, U; the cell takes up U times c")
    half_saturation: Concentration | None = Field(
        None, description="concentration K of half-maximal uptake, which is then U c/(1 + c/K); left out, uptake is linear"
    )
    dead: Fraction = Field(0.0, strict=False, description="share of its clearance that a cell goes on with when it is dead")

    @model_validator(mode="after")
    def _positive(self):
        if self.half_saturation is not None and not self.half_saturation > 0:
            got = {"got": self.half_saturation.text}
            raise PydanticCustomError("half_saturation", "half_saturation: got {got}; accepted is above 0 nM", got)
        return self


class VesselExchange(Parameters):
    """A vessel's exchange of one ligand with the blood: it releases P (B - c), B being the blood's concentration."""

    ligand: str = Field(description="name of the ligand")
    permeability_area: Clearance = Field(description="permeability times surface of one vessel cell, P")
