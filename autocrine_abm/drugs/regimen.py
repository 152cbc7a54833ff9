"""A regimen: what is given, where, when, how much and how often.

A drug is a ligand whose source is a regimen. What it does follows from what names it: a receptor's
antagonists, a ligand's traps, or rules.
"""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import Amount, Concentration, Duration, Parameters, PositiveDuration

__all__ = ["Regimen"]


class Regimen(Parameters):
    """Doses of one ligand.

    Exactly one of `concentration` and `amount` says how much one dose is. Into the bath, a dose raises the
    concentration everywhere in the tissue, from the start of the behavior step in which it falls; with
    `replace`, the medium is exchanged for one of that concentration (0 nM: washed out). Into the blood, it
    adds to the pool at its very time.
    """

    ligand: str = Field(description="the ligand that is given")
    into: Literal["bath", "blood"] = Field("bath", description="where it goes")
    tissue: str | None = Field(None, description="bath: which tissue; may be left out if there is only one")
    concentration: Concentration | None = Field(None, description="rise of concentration by one dose")
    amount: Amount | None = Field(None, description="molecules in one dose")
    replace: bool = Field(False, description="bath: exchange the medium instead of adding to it")
    start: Duration = Field("0 min", description="time of the first dose")
    infusion: Duration = Field("0 min", description="time over which a dose is given evenly; 0 is a bolus")
    every: PositiveDuration | None = Field(None, description="interval of repeated doses")
    doses: int = Field(1, ge=1, le=1_000_000, description="how many doses")

    @model_validator(mode="after")
    def _complete(self):
        if (self.concentration is None) == (self.amount is None):
            raise PydanticCustomError("dose", "state exactly one of 'concentration' and 'amount'", {})
        if self.doses > 1 and self.every is None:
            raise PydanticCustomError(
                "dose", "got {doses} doses; state 'every', the interval between them", {"doses": self.doses}
            )
        if self.every is not None and self.infusion > self.every:
            raise PydanticCustomError(
                "dose", "infusion is longer than the interval 'every'; doses may not overlap", {}
            )
        if self.into == "blood" and (self.replace or self.tissue is not None):
            raise PydanticCustomError("dose", "'replace' and 'tissue' go with into = \"bath\" only", {})
        if self.replace and (self.amount is not None or self.infusion > 0):
            raise PydanticCustomError("dose", "'replace' takes a 'concentration', at once", {})
        return self

    def starts(self):
        """Start of every dose [min], list of float."""
        return [float(self.start) + number * float(self.every or 0) for number in range(self.doses)]
