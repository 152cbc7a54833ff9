"""Cells that leave their tissue with the blood and settle in another: how fast they enter it, die in it and leave it.

Only the numbers stand here; `behavior.circulation` lets them travel. The blood of the ligands is told in
`ligands.circulation`.
"""

from pydantic import Field

from autocrine_abm.parameters import Name, Parameters, Rate

__all__ = ["BLOOD", "Bloodstream"]

#: What entering the blood is called among the types that a cell can change to; no cell type may be called so.
BLOOD = "blood"


class Bloodstream(Parameters):
    """The way of the cells of one type through the blood.

    In the blood a cell neither divides, moves nor signals. It dies at `death_rate` (it is cleared) and settles in a tissue
    at that tissue's `extravasation_rate`: next to a vessel drawn at random if there is one, else anywhere; on a lattice in
    a free voxel, and without one it stays in the blood. Rules may change "intravasation_rate".
    """

    intravasation_rate: Rate = Field("0 1/min", description="entries into the blood per cell and time")
    death_rate: Rate = Field(description="deaths per cell and time in the blood")
    extravasation_rate: dict[Name, Rate] = Field({}, description="exits per cell and time, by the tissue that it settles in")
