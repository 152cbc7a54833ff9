"""The table `[calibrate]` of a scenario: which observations it is to be fitted to, and by which of its numbers.

Its keys are those of ``autocrine calibrate``, which does it.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import Duration, Parameters, PositiveDuration, Several
from autocrine_abm.scenario.variation import VariationError, parse_variation

__all__ = ["Calibration", "as_range"]


def as_range(text):
    """The `Variation` of a text such as ``"cell.cancer.division_rate = 0.01..0.1 1/hour"``.

    Raises
    ------
    VariationError
        If it is neither a range nor a distribution.

    Examples
    --------
    >>> as_range("cell.cancer.radius = 6..8 um").at(0.5)
    '7 um'
    """
    name, equals, spec = text.partition("=")
    first = spec.strip().split(" ")[0]
    plain = equals and ".." in spec and not first.isalpha()
    variation = parse_variation(f"{name}=uniform {spec}" if plain else text)
    if variation.levels:
        raise VariationError(f"got '{text}'; accepted is a range such as '0.01..0.1 1/hour', or a distribution")
    return variation


def _readable(text):
    try:
        as_range(text)
    except VariationError as error:
        raise PydanticCustomError("variation", "{reason}", {"reason": str(error)}) from None
    return text


class Calibration(Parameters):
    """How a scenario is fitted to observed time series."""

    data: str = Field(description="CSV file of observations, relative to the scenario file")
    fit: Several[Annotated[str, AfterValidator(_readable)]] = Field(
        min_length=1, description="PATH=RANGE, such as 'cell.cancer.division_rate = 0.01..0.1 1/hour', or a distribution"
    )
    measures: Several[str] = Field(
        min_length=1, description="NAME=COLUMN or FACTOR * NAME=COLUMN, such as '2 * radius = diameter'"
    )
    start: Duration = Field("0 min", description="time of the observations at which a run starts")
    until: PositiveDuration | None = Field(None, description="later observations are left out")
    replicates: int = Field(3, ge=1, le=1000, description="runs of each point")
