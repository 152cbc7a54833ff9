"""The table `[sweep]` of a scenario: which values an experiment varies, in which design and how often.

Its keys are those of ``autocrine sweep``. Here is what the table may say, and whether each variation leads to a value
that the scenario accepts; running it is left to `experiments`.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from autocrine_abm.errors import shown
from autocrine_abm.parameters import Parameters, PositiveDuration, Several
from autocrine_abm.scenario.variation import VariationError, parse_variation

__all__ = ["DESIGNS", "MEMORY_UNITS", "Sweep", "bytes_of"]

#: Designs, and what each does.
DESIGNS = {
    "grid": "every combination",
    "random": "independent draws",
    "lhs": "Latin hypercube: draws spread evenly along every axis",
    "sobol": "Sobol sequence: draws spread evenly over all axes together",
    "saltelli": "blocks from which Sobol indices of sensitivity are computed",
    "morris": "trajectories that change one value at a time, for elementary effects",
}
MEMORY_UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


def bytes_of(text):
    """Bytes that a text such as ``"2 GB"`` tells, int; None if it cannot be read.

    >>> bytes_of("1.5 GB")
    1500000000
    """
    match = re.fullmatch(r"\s*(\d+\.?\d*)\s*([kMGT]B)\s*", text) if isinstance(text, str) else None
    size = int(float(match[1]) * MEMORY_UNITS[match[2]]) if match else 0
    return size or None


def _readable(text):
    try:
        parse_variation(text)
    except VariationError as error:
        raise PydanticCustomError("variation", "{reason}", {"reason": str(error)}) from None
    return text


def _sized(text):
    if bytes_of(text) is None:
        raise PydanticCustomError("size", "{reason}", {"reason": f"got {shown(text)}; accepted is a size such as '2 GB'"})
    return text


class Sweep(Parameters):
    """An experiment: the same scenario with varied values, each several times."""

    vary: Several[Annotated[str, AfterValidator(_readable)]] = Field(
        min_length=1, description="PATH=SPEC, such as 'ligand.IL6.decay = log 0.01..1 1/min in 5'"
    )
    design: Literal["grid", "random", "lhs", "sobol", "saltelli", "morris"] = Field(
        "grid", description="how values are combined"
    )
    samples: int | None = Field(
        None, ge=1, le=10_000_000, description="points of a design other than grid; of saltelli and morris, blocks"
    )
    replicates: int = Field(1, ge=1, le=1_000_000, description="runs of each point, with seeds of their own")
    seed: int | None = Field(
        None, ge=0, lt=2**63, description="seed of the design and of all seeds; default that of the run"
    )
    paired: bool = Field(False, description="give all points the same seeds, so that differences are not by chance")
    time_limit: PositiveDuration | None = Field(None, description="wall time after which a run is given up")
    memory_limit: Annotated[str, AfterValidator(_sized)] | None = Field(
        None, description="memory of its process above which a run is given up"
    )
    keep_runs: bool = Field(False, description="keep the folder of every run")
    measures: Several[str] = Field((), description="what the analysis looks at, such as 'alive > 0.5 start'")
    at: PositiveDuration | None = Field(None, description="time at which the analysis looks; default the end of each run")
    doses: Several[str] = Field((), description="varied paths that the analysis takes for doses")

    @property
    def variations(self):
        """The `Variation` of each entry of `vary`, tuple."""
        return tuple(parse_variation(text) for text in self.vary)
