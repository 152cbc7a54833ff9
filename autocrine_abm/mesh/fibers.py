"""Which way the fibers of a tissue run: side by side, out from a point, or around an axis.

Fibers stay as they are and have no ends: a direction and its opposite are the same. How cells follow them is left to
`behavior.guidance`.
"""

from typing import Literal

import numpy as np
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.parameters import Parameters, Position

__all__ = ["Fibers"]


class Fibers(Parameters):
    """Orientation of the fibers in a tissue.

    Examples
    --------
    >>> Fibers(pattern="radial", around=["0 um", "0 um", "0 um"]).along(np.array([[3.0, 4.0, 0.0]]), (100.0, 100.0, 20.0))
    array([[0.6, 0.8, 0. ]])
    """

    pattern: Literal["parallel", "radial", "circumferential"] = Field(
        "parallel", description="side by side, out from a point, or around an axis through a point"
    )
    direction: tuple[float, float, float] | None = Field(
        None, description="parallel: along which vector (any length); circumferential: axis, left out along z"
    )
    around: tuple[Position, Position, Position] | None = Field(
        None, description="radial, circumferential: the point; left out, the middle of the tissue"
    )

    @field_validator("direction", "around", mode="before")
    @classmethod
    def _sequence(cls, value):
        if not isinstance(value, (list, tuple)):
            return value
        return tuple(float(entry) if type(entry) is int else entry for entry in value)

    @model_validator(mode="after")
    def _directed(self):
        if self.direction is None and self.pattern == "parallel":
            raise PydanticCustomError(
                "direction", "parallel fibers without a direction; accepted is a vector, such as direction = [1, 0, 0]"
            )
        if self.direction is not None and not (np.isfinite(self.direction).all() and np.any(self.direction)):
            raise PydanticCustomError(
                "direction", "direction: got {got}; accepted is a vector that is not 0, such as [1, 0, 0]",
                {"got": list(self.direction)},
            )  # fmt: skip
        return self

    def along(self, position, size):
        """Direction of the fibers at some places.

        Parameters
        ----------
        position : ndarray of float, shape (n, 3)
            Where [µm].
        size : tuple of float
            Edges of the tissue [µm].

        Returns
        -------
        ndarray of float, shape (n, 3)
            Unit vectors; 0 where there is no direction, at the point of radial fibers and on the axis of circumferential
            ones. A new array.
        """
        axis = np.array((0.0, 0.0, 1.0) if self.direction is None else self.direction)
        if self.pattern == "parallel":
            return np.tile(axis / np.linalg.norm(axis), (len(position), 1))
        middle = 0.5 * np.array(size) if self.around is None else np.array(self.around, float)
        away = position - middle
        if self.pattern == "circumferential":
            away = np.cross(axis, away)
        length = np.linalg.norm(away, axis=1, keepdims=True)
        return np.divide(away, length, out=np.zeros_like(away), where=length > 0)
