"""A cell type: what its cells are like until signals change them.

Rates and sizes here are base values; rules (see `cells.rule`) make them respond. Defaults with a biological meaning
name their source.
"""

from math import pi
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from autocrine_abm.cells.bloodstream import BLOOD, Bloodstream
from autocrine_abm.cells.corpse import Apoptosis, Necrosis
from autocrine_abm.cells.cycle import CyclePhase
from autocrine_abm.cells.damage import Damage
from autocrine_abm.cells.motility import Motility
from autocrine_abm.cells.node import Node
from autocrine_abm.cells.receptor import Receptor
from autocrine_abm.cells.rule import Rule
from autocrine_abm.cells.standard_cycles import STANDARD_CYCLES, as_phases
from autocrine_abm.cells.trait import Trait
from autocrine_abm.cells.transfer import Secretion, Uptake, VesselExchange
from autocrine_abm.parameters import Duration, Name, Parameters, PositiveLength, Rate, Several, Speed

__all__ = [
    "BEHAVIORS", "CHEMOTAXIS", "DAMAGE_RATE", "INTRAVASATION", "REPAIR_RATE", "TRANSITION", "CellType", "transition_names",
]  # fmt: skip

Affinity = Annotated[float, Field(ge=0, le=1e6, strict=False)]
#: What the behavior "chemotaxis to LIGAND" begins with: the strength of its bias, 0 to 1; the sign is that of the base.
CHEMOTAXIS = "chemotaxis to "
#: What the behavior "transition to TYPE" begins with.
TRANSITION = "transition to "
#: The behavior of entering the blood.
INTRAVASATION = "intravasation_rate"
#: What the behaviors "damage rate of NAME" and "repair rate of NAME" begin with.
DAMAGE_RATE, REPAIR_RATE = "damage rate of ", "repair rate of "
#: Behaviors that rules may change, with the unit of their values. Besides these, a rule may change
#: "secretion of LIGAND", "uptake of LIGAND", "receptors of NAME", "transition to TYPE", "damage rate of NAME", "repair
#: rate of NAME", of cells that enter the blood "intravasation_rate", and of cells that move by themselves "speed",
#: "persistence" and "chemotaxis to LIGAND".
BEHAVIORS = {
    "division_rate": "1/min",
    "apoptosis_rate": "1/min",
    "necrosis_rate": "1/min",
    "growth_rate": "1/min",
    "migration_rate": "1/min",
}


def _named_cycles(table):
    """Let the JSON schema of the cycle accept the names of published ones too."""
    phases = {key: table.pop(key) for key in ("type", "items")}
    table["anyOf"] = [{"type": "string", "enum": list(STANDARD_CYCLES)}, phases]


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
    apoptosis_volume: Apoptosis | None = Field(None, description="how an apoptotic cell shrinks; default as published")
    necrosis_volume: Necrosis | None = Field(
        None, description="how a necrotic cell swells, bursts and shrinks; default as published"
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
    adhesion_to: dict[Name, Affinity] = Field(
        {}, description="off-lattice: factor on the adhesion to cells of a type; left out, 1. Holds for both of the pair"
    )
    motility: Motility | None = Field(None, description="off-lattice: own motion")
    secretes: Several[Secretion] = Field((), description="ligands released")
    takes_up: Several[Uptake] = Field((), description="ligands taken up without receptors")
    receptor: Several[Receptor] = Field((), description="receptors, which take up the ligands that they bind")
    cycle: Annotated[tuple[CyclePhase, ...], BeforeValidator(as_phases)] = Field(
        (),
        description="phases of the cell cycle, or the name of a published one; without any, cells divide at division_rate",
        json_schema_extra=_named_cycles,
    )
    node: dict[Name, Node] = Field({}, description="pathway nodes inside the cell")
    damage: dict[Name, Damage] = Field({}, description="kinds of damage that it can take")
    transition_to: dict[Name, Rate] = Field({}, description="rate of changing to another cell type, by its name")
    bloodstream: Bloodstream | None = Field(None, description="its way into, through and out of the blood")
    exchanges: Several[VesselExchange] = Field((), description="ligands exchanged with the blood; makes a vessel")
    trait: dict[Name, Trait] = Field({}, description="heritable traits")
    rule: Several[Rule] = Field((), description="responses to signals")

    @property
    def volume(self):
        """Volume of a full-grown cell [µm³]."""
        return 4 / 3 * pi * self.radius**3

    @property
    def largest_radius(self):
        """Radius at the end of a cycle in which the cell doubles its volume, or as stated [µm]."""
        return float(self.radius) * (2 ** (1 / 3) if any(phase.grows for phase in self.cycle) else 1.0)

    @property
    def swollen_radius(self):
        """Radius of a necrotic cell before it bursts if cells of this type become necrotic, else `largest_radius` [µm]."""
        dies = self.necrosis_rate > 0 or any(rule.behavior == "necrosis_rate" for rule in self.rule)
        return self.largest_radius * ((self.necrosis_volume or Necrosis()).rupture ** (1 / 3) if dies else 1.0)

    def behaviors(self):
        """Behaviors that rules of this type may change, dict from name to unit.

        Besides `BEHAVIORS` these are "secretion of LIGAND", "uptake of LIGAND" and "receptors of NAME" of what it has, its
        nodes, and "speed", "persistence" and "chemotaxis to LIGAND" if it moves by itself.
        """
        return {
            **BEHAVIORS,
            **{f"secretion of {entry.ligand}": "molecules/min" for entry in self.secretes},
            **{f"uptake of {entry.ligand}": "um^3/min" for entry in self.takes_up},
            **{f"receptors of {receptor.label}": "1" for receptor in self.receptor},
            **{f"exit rate of {phase.name}": "1/min" for phase in self.cycle},
            **dict.fromkeys(self.node, "1"),
            **{f"{TRANSITION}{name}": "1/min" for name in self.transition_to},
            **({INTRAVASATION: "1/min"} if self.bloodstream is not None else {}),
            **{f"{kind}{name}": "1/min" for name in self.damage for kind in (DAMAGE_RATE, REPAIR_RATE)},
            **({"speed": "um/min", "persistence": "min"} if self.motility is not None else {}),
            **{f"{CHEMOTAXIS}{entry.ligand}": "1" for entry in self._followed()},
        }

    def _followed(self):
        return self.motility.chemotaxis if self.motility is not None else ()

    def base_value(self, behavior):
        """Value of a behavior while no signal acts on it, in base units; 0 for what this type does not have.

        Parameters
        ----------
        behavior : str
            One of `behaviors`, or what that would be called if this type had it.

        Returns
        -------
        Quantity or float
            As stated, if it stands in one place, else the sum.

        Examples
        --------
        >>> cell = CellType(radius="5 um", secretes=[Secretion(ligand="IL6", rate="60 molecules/min")])
        >>> cell.base_value("secretion of IL6"), cell.base_value("growth_rate").text
        (60.0, '0.0045 1/min')
        """
        if behavior in ("speed", "persistence"):
            return getattr(self.motility, behavior) if self.motility is not None else 0.0
        if behavior.startswith(CHEMOTAXIS):
            return float(sum(abs(e.bias) for e in self._followed() if e.ligand == behavior.removeprefix(CHEMOTAXIS)))
        if behavior.startswith(TRANSITION):
            return self.transition_to.get(behavior.removeprefix(TRANSITION), 0.0)
        if behavior == INTRAVASATION:
            return self.bloodstream.intravasation_rate if self.bloodstream is not None else 0.0
        kind, of, name = behavior.partition(" of ")
        if not of:
            return getattr(self, behavior) if behavior in BEHAVIORS else getattr(self.node.get(behavior), "base", 0.0)
        stated = {
            "secretion": [entry.rate for entry in self.secretes if entry.ligand == name],
            "uptake": [entry.clearance for entry in self.takes_up if entry.ligand == name],
            "exit rate": [phase.exit_rate for phase in self.cycle if phase.name == name],
            "receptors": [receptor.number for receptor in self.receptor if receptor.label == name],
            "damage rate": [self.damage[name].rate] if name in self.damage else [],
            "repair rate": [self.damage[name].repair_rate] if name in self.damage else [],
        }[kind]
        return stated[0] if len(stated) == 1 else float(sum(stated))

    def share_of_dead(self, behavior):
        """Share of "secretion of LIGAND" or "uptake of LIGAND" that a dead cell goes on with, 0 to 1; 0 of other behaviors."""
        kind, _, name = behavior.partition(" of ")
        entries = {"secretion": self.secretes, "uptake": self.takes_up}.get(kind, ())
        return next((entry.dead for entry in entries if entry.ligand == name), 0.0)

    def clearance_of(self, ligand):
        """What a cell clears of a ligand where there is little of it, by all its receptors and direct uptake [µm³/min]."""
        bound = sum(
            receptor.number * receptor.k_internalize / receptor.half_saturation
            for receptor in self.receptor
            if receptor.ligand == ligand
        )
        return float(bound + sum(entry.clearance for entry in self.takes_up if entry.ligand == ligand))


def transition_names(cell_types):
    """What cells of any type can change to: names of types, and "blood" if any enter it; tuple of str.

    Parameters
    ----------
    cell_types : dict of str to CellType
    """
    names = dict.fromkeys(name for own in cell_types.values() for name in own.transition_to)
    travels = any(own.bloodstream is not None for own in cell_types.values())
    return (*names, *([BLOOD] if travels else []))
