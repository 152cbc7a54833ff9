"""A scenario: everything that defines a simulation, composed of the parameter classes of the lower floors.

A `Scenario` is frozen and complete. It is read from a TOML file (`scenario.files`), or built in Python from
the same names; `scenario.audit` finds what no single number shows, such as a rule that names a ligand which
is not there.
"""

from math import ceil
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.seeding import Seed
from autocrine_abm.drugs.regimen import Regimen
from autocrine_abm.ligands.circulation import Circulation
from autocrine_abm.ligands.ligand import Ligand
from autocrine_abm.mesh.domain import Domain
from autocrine_abm.parameters import Name, Parameters, PositiveDuration, Several
from autocrine_abm.scenario.arm import CONTROL, Arm
from autocrine_abm.scenario.calibration import Calibration
from autocrine_abm.scenario.change import Change, View
from autocrine_abm.scenario.custom import Python
from autocrine_abm.scenario.sweep import Sweep

__all__ = ["Record", "Run", "Scenario"]


class Run(Parameters):
    """How long, in which steps, and with which random numbers."""

    duration: PositiveDuration = Field(description="simulated time")
    behavior_step: PositiveDuration = Field("6 min", description="step at which cells sense, decide and move")
    seed: int = Field(1, ge=0, lt=2**63, description="seed of all random draws")
    threads: int = Field(1, ge=1, le=256, description="threads; results do not depend on it")

    @property
    def n_steps(self):
        """How many behavior steps the run takes (the last may end after `duration` by less than a step)."""
        return max(1, ceil(self.duration / self.behavior_step - 1e-9))


def _interval(value):
    """None for never."""
    return None if value == "never" else value


#: Simulated time between records; ``"never"`` in a file, None once read.
Interval = Annotated[
    PositiveDuration | None,
    BeforeValidator(_interval),
    PlainSerializer(lambda value: "never" if value is None else value.text),
]


class Record(Parameters):
    """What is written to the run folder, and how often; the state at the start is always recorded."""

    every: PositiveDuration = Field("1 hour", description="interval of the time series")
    cells: Interval = Field("6 hour", description="interval of the tables of all cells")
    fields: Interval = Field("6 hour", description="interval of the ligand fields")
    signaling: Interval = Field(None, description="interval of the shares of each signal's origins")
    checkpoint: Interval = Field(
        None, description="interval of checkpoints, beside those that a run writes every minute or so of wall time"
    )


class Scenario(Parameters):
    """A whole experiment, ready to run."""

    title: str = Field(description="one line")
    question: str = Field(
        "", description="what is asked, what should be seen, and where the numbers come from"
    )
    group: str = Field("", description="heading under which `autocrine list` shows it")
    run: Run
    tissue: dict[Name, Domain] = Field(min_length=1)
    ligand: dict[Name, Ligand] = {}
    cell: dict[Name, CellType] = Field(min_length=1)
    blood: Circulation | None = None
    regimen: Several[Regimen] = ()
    seed: Several[Seed] = ()
    change: Several[Change] = ()
    record: Record = Record()
    view: View | None = None
    python: Python | None = None
    sweep: Sweep | None = None
    calibrate: Calibration | None = None
    arm: dict[Name, Arm] = Field({}, description="what else is compared with the scenario as it stands, the control")

    @field_validator("arm")
    @classmethod
    def _one_control(cls, arms):
        if CONTROL in arms:
            raise PydanticCustomError(
                "arm", "'{name}' is the scenario as it stands; give the arm another name", {"name": CONTROL}
            )
        return arms

    __iter__ = None  # one value, not a collection of fields: `mesa.batch_run` takes it as it is
