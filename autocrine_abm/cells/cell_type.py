"""A cell type: what its cells are like until signals change them.

Rates and sizes here are base values; rules (see `cells.rule`) make them respond. Defaults with a biological meaning
name their source.
"""

from math import pi
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from autocrine_abm.cells.rule import Rule
from autocrine_abm.parameters import AmountRate, Clearance, Duration, Parameters, PositiveLength, Rate, Speed

__all__ = ["BEHAVIORS", "CellType", "Secretion", "Uptake"]

#: Behaviors that rules may change, with the unit of their values. Secretion is written "secretion of LIGAND",
#: uptake "uptake of LIGAND".
BEHAVIORS = {
    "division_rate": "1/min",
    "apoptosis_rate": "1/min",
    "necrosis_rate": "1/min",
    "growth_rate": "1/min",
    "migration_rate": "1/min",
}


def _as_tuple(value):
    return tuple(value) if isinstance(value, list) else value


class Secretion(Parameters):
    """Release of a ligand by each cell."""

    ligand: str = Field(description="name of the ligand")
    rate: AmountRate = Field(description="molecules released per cell and time")


class Uptake(Parameters):
    """First-order uptake of a ligand by each cell, without receptors (oxygen, glucose)."""

    ligand: str = Field(description="name of the ligand")
    clearance: Clearance = Field(description="volume cleared per cell and time, U; the cell takes up U times c")


class CellType(Parameters):
    """What the cells of one type are like."""

    radius: PositiveLength = Field(description="radius of a full-grown cell")
    division_rate: Rate = Field("0 1/min", description="divisions per cell and time")
    apoptosis_rate: Rate = Field("0 1/min", description="programmed deaths per cell and time")
    necrosis_rate: Rate = Field("0 1/min", description="necrotic deaths per cell and time")
    growth_rate: Rate = Field(
        "0.0045 1/min",
        description="rate at which a daughter regains full volume (biomass growth, Ghaffarizadeh et al. 2018)",
    )
    apoptosis_duration: Duration = Field(
        "8.6 hour", description="time from apoptosis to clearance (Ghaffarizadeh et al. 2018); 0 removes at once"
    )
    necrosis_duration: Duration = Field(
        "60 day", description="time from necrosis to clearance (Ghaffarizadeh et al. 2018); 0 removes at once"
    )
    migration_rate: Rate = Field("0 1/min", description="lattice only: attempted moves to a neighbor voxel per time")
    migrates_to: Literal["random neighbor", "free neighbor"] = Field(
        "random neighbor", description="lattice only: a neighbor drawn at random, or among the free ones"
    )
    daughter: Literal["random neighbor", "free neighbor", "anywhere"] = Field(
        "free neighbor", description="lattice only: where a daughter is put; a taken voxel blocks the division"
    )
    repulsion: Speed = Field("10 um/min", description="off-lattice: repulsion strength (Ghaffarizadeh et al. 2018)")
    adhesion: Speed = Field("0.4 um/min", description="off-lattice: adhesion strength (Ghaffarizadeh et al. 2018)")
    secretes: Annotated[tuple[Secretion, ...], BeforeValidator(_as_tuple)] = Field((), description="ligands released")
    takes_up: Annotated[tuple[Uptake, ...], BeforeValidator(_as_tuple)] = Field((), description="ligands taken up")
    rule: Annotated[tuple[Rule, ...], BeforeValidator(_as_tuple)] = Field((), description="responses to signals")

    @property
    def volume(self):
        """Volume of a full-grown cell [µm³]."""
        return 4 / 3 * pi * self.radius**3
