"""The common base of every parameter class: frozen, strict about names, and fed with quantities as text.

`Ligand`, `CellType` and the rest declare their numbers with the types below. The scenario file and Python use
the same classes, so ``Ligand(diffusion="3600 um^2/min")`` says in Python what ``diffusion = "3600 um^2/min"``
says in a file.
"""

from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError, core_schema

from autocrine_abm.errors import UnitError, shown
from autocrine_abm.units import Quantity, parse

__all__ = [
    "Amount", "AmountRate", "Area", "BindingRate", "Clearance", "Concentration", "Density", "Diffusivity",
    "Duration", "Fraction", "Length", "MolarMass", "Name", "Parameters", "Position", "PositiveDuration",
    "PositiveLength", "PositiveRate", "PositiveVolume", "Rate", "Several", "Solubility", "Speed", "Volume",
]  # fmt: skip


class Parameters(BaseModel):
    """A frozen sheet of parameters; to change one, make a new scenario with an override on its path."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, strict=True)


class _Dimensioned:
    """Validates text with a unit into a `Quantity` in base units, within bounds."""

    def __init__(self, unit, example, alternatives=(), positive=False, signed=False):
        self.unit, self.example, self.alternatives = unit, example, alternatives
        self.positive, self.signed = positive, signed

    def read(self, value):
        if isinstance(value, (int, float)) and not isinstance(value, (bool, Quantity)):
            raise PydanticCustomError(
                "bare_number",
                "got {value}, which has no unit; accepted is text with a unit, such as '{example}'",
                {"value": shown(value), "example": self.example},
            )
        try:
            text = value.text if isinstance(value, Quantity) else value
            quantity = parse(text, self.unit, self.alternatives)
        except UnitError as error:
            raise PydanticCustomError("unit", "{reason}", {"reason": str(error)}) from None
        low = "above 0" if self.positive else "0 or more"
        if not self.signed and (quantity < 0 or (self.positive and quantity == 0)):
            raise PydanticCustomError(
                "range",
                "got '{value}'; accepted is {low}, such as '{example}'",
                {"value": quantity.text, "low": low, "example": self.example},
            )
        return quantity

    def __get_pydantic_core_schema__(self, source, handler):
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda quantity: quantity.text),
        )

    def __get_pydantic_json_schema__(self, schema, handler):
        return {
            "type": "string",
            "pattern": r"^\s*[-+]?[0-9.]",
            "examples": [self.example],
            "unit": self.unit,
        }


def _quantity(unit, example, **bounds):
    return Annotated[Quantity, _Dimensioned(unit, example, **bounds)]


Length = _quantity("um", "20 um")
PositiveLength = _quantity("um", "20 um", positive=True)
Position = _quantity("um", "100 um", signed=True)
Area = _quantity("um^2", "100 um^2")
Volume = _quantity("um^3", "2494 um^3")
PositiveVolume = _quantity("um^3", "1.5 mL", positive=True)
Duration = _quantity("min", "6 min")
PositiveDuration = _quantity("min", "6 min", positive=True)
Rate = _quantity("1/min", "0.02 1/min")
PositiveRate = _quantity("1/min", "0.02 1/min", positive=True)
Speed = _quantity("um/min", "0.5 um/min")
Diffusivity = _quantity("um^2/min", "600 um^2/min", positive=True)
Concentration = _quantity("nM", "0.1 nM", alternatives=("mmHg", "ng/mL"))
Solubility = _quantity("uM/mmHg", "1.3 uM/mmHg", positive=True)
MolarMass = _quantity("kDa", "17 kDa", positive=True)
Amount = _quantity("molecules", "1000 molecules")
AmountRate = _quantity("molecules/min", "60 molecules/min")
Clearance = _quantity("um^3/min", "100 um^3/min")
BindingRate = _quantity("1/nM/min", "0.1 1/nM/min")
Density = _quantity("cells/mm^3", "1e5 cells/mm^3", alternatives=("cells/mm^2",), positive=True)
Fraction = Annotated[float, Field(ge=0, le=1)]

#: What authors may call their ligands, cell types, tissues and nodes.
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Item = TypeVar("Item")
#: ``Several[Rule]``: a list in a file, a tuple once read.
Several = Annotated[tuple[Item, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
