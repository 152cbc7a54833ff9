"""The blood as its author states it: its volume, and what happens to each ligand in it."""

from pydantic import Field

from autocrine_abm.parameters import Concentration, Parameters, PositiveVolume, Rate

__all__ = ["BloodLigand", "Circulation"]


class BloodLigand(Parameters):
    """One ligand in the blood."""

    elimination: Rate = Field("0 1/min", description="first-order elimination: clearance over volume, ln 2 over half-life")
    initial: Concentration = Field("0 nM", description="concentration at the start")
    volume: PositiveVolume | None = Field(None, description="volume of distribution; default that of the blood")


class Circulation(Parameters):
    """One well-mixed pool per ligand, shared by all tissues; vessels (cells that exchange) connect it with them."""

    volume: PositiveVolume = Field(description="volume of the blood, such as '1.5 mL' for a mouse")
    ligand: dict[str, BloodLigand] = Field({}, description="ligands that are not listed are neither there nor eliminated")
