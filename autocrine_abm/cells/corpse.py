"""How dead cells change their volume: apoptotic ones shrink, necrotic ones swell, burst, and then shrink.

Only the numbers stand here; `behavior.corpses` follows the volumes. Defaults are those of Ghaffarizadeh et al. 2018
(doi:10.1371/journal.pcbi.1005991) for breast epithelium.
"""

from pydantic import Field

from autocrine_abm.parameters import Fraction, Parameters, Rate

__all__ = ["Apoptosis", "Necrosis"]


class _Parts(Parameters):
    """Of what a cell consists when it dies."""

    fluid_fraction: Fraction = Field(0.75, strict=False, description="share of the cell's volume that is water at its death")
    nuclear_fraction: Fraction = Field(
        0.2165, strict=False, description="share of the cell's solids that is in the nucleus (540 of 2494 um^3)"
    )


class Apoptosis(_Parts):
    """Shrinking of an apoptotic cell: water is pressed out and solids are taken apart, each at its rate."""

    fluid_loss: Rate = Field("3 1/hour", description="rate at which it loses its water")
    cytoplasm_loss: Rate = Field("1 1/hour", description="rate at which solids of the cytoplasm vanish")
    nucleus_loss: Rate = Field("0.35 1/hour", description="rate at which solids of the nucleus vanish")


class Necrosis(_Parts):
    """Swelling of a necrotic cell by osmosis until it bursts, and what follows.

    The water goes to the whole volume: dF/dt = swelling·(V − F). When the volume is `rupture` times that at death the cell
    is lysed, and from then on the water leaves at `fluid_loss`. Solids vanish all the time, but for what has calcified.
    """

    swelling: Rate = Field("0.67 1/hour", description="rate at which water enters before lysis")
    rupture: float = Field(2.0, ge=1, le=1e3, strict=False, description="volume of lysis, over that at death")
    fluid_loss: Rate = Field("0.05 1/hour", description="rate at which water leaves after lysis")
    cytoplasm_loss: Rate = Field("0.0032 1/hour", description="rate at which solids of the cytoplasm vanish")
    nucleus_loss: Rate = Field("0.013 1/hour", description="rate at which solids of the nucleus vanish")
    calcification_rate: Rate = Field(
        "0 1/hour", description="rate at which solids calcify, which then stay; 0.0042 1/hour was published with the others"
    )
