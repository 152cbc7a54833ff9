"""A cell type: what its cells are like until signals change them.

Rates and sizes here are base values; rules (see `cells.rule`) make them respond. Defaults with a biological meaning
name their source.
"""

from math import pi
from typing import Literal

from pydantic import Field

from autocrine_abm.cells.receptor import Receptor
from autocrine_abm.cells.rule import Rule
from autocrine_abm.cells.transfer import Secretion, Uptake, VesselExchange
from autocrine_abm.parameters import Duration, Parameters, PositiveLength, Rate, Several, Speed

__all__ = ["BEHAVIORS", "CellType"]

#: Behaviors that rules may change, with the unit of their values. Besides these, a rule may change
#: "secretion of LIGAND", "uptake of LIGAND" and "receptors of NAME".
BEHAVIORS = {
    "division_rate": "1/min",
    "apoptosis_rate": "1/min",
    "necrosis_rate": "1/min",
    "growth_rate": "1/min",
    "migration_rate": "1/min",
}


class CellType(Parameters):
    """What the cells of one type are like."""

    radius: PositiveLength = Field(description="radius of a full-grown cell")
    shape: Literal["sphere", "disc"] = Field(
        "sphere", description="a sphere, or a disc that lies on the low z wall (adherent culture)"
    )
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
    secretes: Several[Secretion] = Field((), description="ligands released")
    takes_up: Several[Uptake] = Field((), description="ligands taken up without receptors")
    receptor: Several[Receptor] = Field((), description="receptors, which take up the ligands that they bind")
    exchanges: Several[VesselExchange] = Field((), description="ligands exchanged with the blood; makes a vessel")
    rule: Several[Rule] = Field((), description="responses to signals")

    @property
    def volume(self):
        """Volume of a full-grown cell [µm³]."""
        return 4 / 3 * pi * self.radius**3
