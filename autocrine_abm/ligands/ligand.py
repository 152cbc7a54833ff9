"""A ligand: any molecule that diffuses and that cells release or sense; oxygen and drugs have other sources.

Here stand only its numbers. Whether it acts on its maker, on a neighbor or far away is not among them: that
follows from how far it gets, and is measured.
"""

from math import inf, sqrt
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.errors import UnitError, shown
from autocrine_abm.parameters import (
    BindingRate,
    Concentration,
    Diffusivity,
    MolarMass,
    Parameters,
    Rate,
    Several,
    Solubility,
)  # fmt: skip
from autocrine_abm.units import dimension_of, parse

__all__ = ["FACES", "Boundary", "Ligand", "Trap"]

FACES = ("x_low", "x_high", "y_low", "y_high", "z_low", "z_high")


def _wall(text):
    """Check a wall condition: ``"no-flux"``, ``"open"`` or ``"fixed 38 mmHg"``."""
    if text in ("no-flux", "open", None):
        return text
    if isinstance(text, str) and text.removeprefix("fixed") not in (text, ""):
        try:
            value = parse(text.removeprefix("fixed"), "nM", ("mmHg", "ng/mL"))
        except UnitError as error:
            raise PydanticCustomError("wall", "{reason}", {"reason": str(error)}) from None
        if value >= 0:
            return text
    raise PydanticCustomError(
        "wall",
        "got {got}; accepted is 'no-flux', 'open' or 'fixed' and a concentration, such as 'fixed 0.1 nM'",
        {"got": shown(text)},
    )


Wall = Annotated[str, BeforeValidator(_wall), Field(examples=["no-flux", "open", "fixed 38 mmHg"])]


def _text_or_table(table):
    """Let the JSON schema of a boundary accept a bare text too."""
    plain = dict(table)
    table.clear()
    table["anyOf"] = [{"type": "string", "examples": ["no-flux", "open", "fixed 38 mmHg"]}, plain]


class Boundary(Parameters):
    """What happens to a ligand at the six faces of the tissue.

    ``"no-flux"``: a wall. ``"fixed 0.1 nM"``: held at that concentration. ``"open"``: the medium goes on.
    Along a periodic axis of the tissue the faces are not there. A bare text, ``boundary = "open"``, sets
    every face, but for those above and below a 2-D tissue, which is one voxel thick: they are walls unless
    they are named.
    """

    model_config = ConfigDict(json_schema_extra=_text_or_table)

    others: Wall = "no-flux"
    x_low: Wall | None = None
    x_high: Wall | None = None
    y_low: Wall | None = None
    y_high: Wall | None = None
    z_low: Wall | None = None
    z_high: Wall | None = None

    @model_validator(mode="before")
    @classmethod
    def _everywhere(cls, value):
        return {"others": value} if isinstance(value, str) else value

    def of(self, face, thin=False):
        """The condition at one of `FACES`, as text; `thin` if the tissue is one voxel thick along that axis."""
        return getattr(self, face) or ("no-flux" if thin else self.others)


class Trap(Parameters):
    """Another ligand that binds this one for good (an antibody, a soluble receptor).

    This ligand is lost at the rate k_on times the trap's concentration, place by place. The trap is taken to be in excess:
    what it binds does not use it up.
    """

    ligand: str = Field(description="name of the ligand that traps this one")
    k_on: BindingRate = Field(description="association rate constant")


class Ligand(Parameters):
    """A diffusing molecule.

    Concentrations may be given in nM; as a partial pressure (mmHg) if `solubility` is stated; as a mass
    concentration (ng/mL) if `molar_mass` is stated.
    """

    diffusion: Diffusivity = Field(description="diffusion coefficient D")
    decay: Rate = Field("0 1/min", description="first-order decay k; the range is sqrt(D/k)")
    initial: Concentration = Field("0 nM", description="concentration everywhere at the start")
    boundary: Boundary = Field(Boundary(), description="condition at the faces of the tissue")
    transport: Literal["transient", "steady"] = Field(
        "transient", description="follow the field in time, or take its steady state at every behavior step"
    )
    solubility: Solubility | None = Field(None, description="concentration per partial pressure")
    molar_mass: MolarMass | None = Field(None, description="mass of one molecule")
    trap: Several[Trap] = Field((), description="ligands that bind this one and take it out")

    @property
    def range(self):
        """How far a molecule gets before it decays, sqrt(D/k) [µm]; infinite without decay."""
        return sqrt(self.diffusion / self.decay) if self.decay > 0 else inf

    def concentration(self, quantity):
        """A concentration, partial pressure or mass concentration in molecules/µm³.

        Raises
        ------
        UnitError
            If `quantity` is a partial pressure and no solubility is stated, or a mass concentration and no
            molar mass.
        """
        if quantity.dimension == dimension_of("mmHg"):
            if self.solubility is None:
                raise UnitError(
                    f"got '{quantity.text}', but this ligand states no solubility; add one, or use nM"
                )
            return float(quantity) * self.solubility
        if quantity.dimension == dimension_of("ng/mL"):
            if self.molar_mass is None:
                raise UnitError(
                    f"got '{quantity.text}', but this ligand states no molar_mass; add one, or use nM"
                )
            return float(quantity) / self.molar_mass
        return float(quantity)

    def wall(self, face, thin=False):
        """Kind and concentration [molecules/µm³] of the condition at one of `FACES`: ``("fixed", 0.02)``; see `Boundary`."""
        condition = self.boundary.of(face, thin)
        if not condition.startswith("fixed"):
            return condition, 0.0
        return "fixed", self.concentration(parse(condition.removeprefix("fixed"), "nM", ("mmHg", "ng/mL")))

    def walls(self, mesh):
        """The conditions at all six `FACES` of a mesh, as `wall`; list of 6 tuples."""
        return [self.wall(face, mesh.shape[place // 2] == 1) for place, face in enumerate(FACES)]
