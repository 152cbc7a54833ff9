"""A heritable trait: a number that differs from cell to cell, passes to daughters with noise, and mutates.

Only the numbers stand here; `behavior.inheritance` draws and passes them on.
"""

from math import sqrt
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import Fraction, Parameters

__all__ = ["MOST_TRAITS", "Trait", "trait_names"]

MOST_TRAITS = 64  # of all cell types together; their places go into the keys of draws

#: Largest coefficient of variation of each distribution: beyond it a normal one would be cut off at 0 too
#: often (more than 0.14 % of the draws), and a uniform one would reach below 0.
_WIDEST = {"normal": 1 / 3, "lognormal": 10.0, "uniform": 1 / sqrt(3)}


class Trait(Parameters):
    """A heritable number of each cell, ≥ 0.

    All three spreads are coefficients of variation, of values or of factors of the stated distribution. At a
    division both cells take the mother's value times a factor of mean 1 each; with probability
    `mutation_rate` one of the two, the one that gets the new cell_id, is a mutant, whose value is multiplied
    by a factor of mean `mutation_factor` besides.

    Examples
    --------
    >>> Trait(spread=0.2, inherit_noise=0.05, scales="division_rate").distribution
    'lognormal'
    """

    mean: float = Field(1.0, ge=0, le=1e12, strict=False, description="mean over the cells of the start")
    spread: float = Field(0.0, ge=0, strict=False, description="their coefficient of variation")
    distribution: Literal["lognormal", "normal", "uniform"] = Field(
        "lognormal", description="of the values at the start, of the noise and of what mutations do"
    )
    inherit_noise: float = Field(
        0.0,
        ge=0,
        strict=False,
        description="coefficient of variation added at each division, to both cells independently",
    )
    mutation_rate: Fraction = Field(0.0, strict=False, description="mutations per division")
    mutation_factor: float = Field(
        1.0, ge=0, le=1e6, strict=False, description="factor of a mutation on the value, on average"
    )
    mutation_spread: float = Field(
        0.0, ge=0, strict=False, description="coefficient of variation of what a mutation does"
    )
    new_clone: bool = Field(
        False, description="whether a mutant founds a clone: its clone_id is then its own cell_id"
    )
    scales: str | None = Field(
        None,
        description="behavior of the cell that the trait multiplies, after all rules",
        examples=["division_rate"],
    )

    @model_validator(mode="after")
    def _not_too_wide(self):
        widest = _WIDEST[self.distribution]
        for key in ("spread", "inherit_noise", "mutation_spread"):
            if getattr(self, key) > widest:
                hint = "" if self.distribution == "lognormal" else ", or distribution = 'lognormal'"
                got = {"key": key, "got": f"{getattr(self, key):g}", "kind": self.distribution}
                raise PydanticCustomError(
                    "spread",
                    "{key}: got {got}; accepted with distribution '{kind}' is 0 to {widest}{hint}",
                    got | {"widest": f"{widest:.2g}", "hint": hint},
                )
        return self


def trait_names(cell_types):
    """Names of the traits of all cell types, tuple of str in alphabetical order; the columns of `traits`.

    Parameters
    ----------
    cell_types : dict of str to CellType
    """
    return tuple(sorted({name for own in cell_types.values() for name in own.trait}))
