"""A rule: how a signal that a cell senses changes one of its behaviors.

The sentence "oxygen decreases necrosis_rate from 0.003 1/min towards 0 1/min, half way at 5 mmHg, Hill power
4" is one `Rule`. How several rules on one behavior combine is told in `behavior.rules`.
"""

from math import inf
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError, core_schema

from autocrine_abm.errors import UnitError, shown
from autocrine_abm.parameters import Parameters
from autocrine_abm.units import Quantity, dimension_of, is_computable, parse

__all__ = ["CONTACT", "DAMAGE", "DEAD", "OCCUPANCY", "SIGNALS", "TRAIT", "AnyQuantity", "Rule", "contact_names"]

#: Signals besides the ligands and occupancies, with the unit of their values: crowding, time since the start, volume, and 1
#: for a dead cell but 0 for a living one.
SIGNALS = {"pressure": "1", "time": "min", "volume": "um^3", "dead": "1"}
#: What the signal "occupancy of RECEPTOR" begins with; a plain number from 0 to 1.
OCCUPANCY = "occupancy of "
#: What the signal "trait NAME" begins with; a plain number.
TRAIT = "trait "
#: What the signal "contact with TYPE" begins with; the number of living cells of that type that touch the cell.
CONTACT = "contact with "
#: The signal "contact with dead" counts dead cells of any type.
DEAD = "dead"
#: What the signal "damage to NAME" begins with; a plain number.
DAMAGE = "damage to "


class _AnyQuantity:
    """A plain number, or text with any unit; which one fits, the signal or behavior decides."""

    @staticmethod
    def read(value):
        if isinstance(value, (int, float)) and not isinstance(value, (bool, Quantity)):
            try:
                number = float(value)
            except OverflowError:
                number = inf
            if not is_computable(number):
                raise PydanticCustomError(
                    "range", "got {value}; accepted is 0 or 1e-30 to 1e30", {"value": shown(value)}
                )
            return Quantity(number, repr(value), dimension_of("1"))
        try:
            return parse(value.text if isinstance(value, Quantity) else value)
        except UnitError as error:
            reason = f"{error}; accepted is a number, or text with a unit such as '0.1 nM'"
            raise PydanticCustomError("unit", "{reason}", {"reason": reason}) from None

    @staticmethod
    def write(quantity):
        try:
            return float(quantity.text)  # a plain number stays one
        except ValueError:
            return quantity.text

    def __get_pydantic_core_schema__(self, source, handler):
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(self.write)
        )

    def __get_pydantic_json_schema__(self, schema, handler):
        return {"anyOf": [{"type": "string"}, {"type": "number"}], "examples": ["0.1 nM", 0.5]}


AnyQuantity = Annotated[Quantity, _AnyQuantity()]


class Rule(Parameters):
    """A signal changes a behavior.

    Exactly one of `increases` and `decreases` names the behavior. With response ``"hill"`` the behavior goes
    from its base value towards `to`, half way where the signal is `half`. With ``"linear"`` it is also half
    way at `half`, and goes on in a straight line beyond.
    """

    signal: str = Field(
        description="a ligand, 'occupancy of RECEPTOR', a pathway node, 'trait NAME', 'contact with TYPE', "
        "'damage to NAME', 'pressure', 'volume', 'time' or 'dead'"
    )
    increases: str | None = Field(None, description="behavior that the signal increases")
    decreases: str | None = Field(None, description="behavior that the signal decreases")
    to: AnyQuantity = Field(
        description="value of the behavior under a saturating signal; unit of the behavior"
    )
    half: AnyQuantity = Field(description="signal of half effect; unit of the signal")
    hill: float = Field(1.0, gt=0, le=100, description="Hill power; above 4 nearly a switch")
    response: Literal["hill", "linear"] = Field("hill", description="saturating, or a straight line")
    applies_to_dead: bool = Field(False, description="whether it holds for dead cells too")

    @model_validator(mode="after")
    def _one_direction(self):
        if (self.increases is None) == (self.decreases is None):
            raise PydanticCustomError(
                "direction",
                "accepted is exactly one of 'increases' and 'decreases', with the name of a behavior",
            )
        if not self.half > 0:
            raise PydanticCustomError(
                "half", "half: got {half}; accepted is above 0", {"half": self.half.text}
            )
        if self.to < 0:
            raise PydanticCustomError("to", "to: got {to}; accepted is 0 or more", {"to": self.to.text})
        return self

    @property
    def behavior(self):
        """Name of the behavior that the rule acts on."""
        return self.decreases if self.increases is None else self.increases


def contact_names(cell_types):
    """Types, and "dead", that rules of any type count contacts with; tuple of str in alphabetical order.

    Parameters
    ----------
    cell_types : dict of str to CellType
    """
    signals = {rule.signal for own in cell_types.values() for rule in own.rule}
    return tuple(sorted(signal.removeprefix(CONTACT) for signal in signals if signal.startswith(CONTACT)))
