"""An arm of an experiment: what is done differently from the scenario as it stands, which is the control.

Arms let one file hold a question and all that is compared to answer it: untreated, treated, the loop cut in
the cells. They share seeds, so that a cell draws the same noise in each as long as it lives in both.
"""

from typing import Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import Parameters

__all__ = ["CONTROL", "Arm"]

#: Name of the scenario as it stands, beside its arms.
CONTROL = "control"


class Arm(Parameters):
    """Changes to a scenario, under a name."""

    title: str = Field("", description="what is done, in a few words")
    set: dict[str, Any] = Field(
        description='what differs, by dotted path: { "regimen.0.concentration" = "100 nM" }'
    )

    @model_validator(mode="after")
    def _sound(self):
        if not self.set:
            raise PydanticCustomError("arm", "set: is empty; accepted is a table of dotted paths and values", {})
        return self
