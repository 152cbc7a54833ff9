"""The piece of space that a tissue occupies, as its author states it: size, voxels and kind of space."""

from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.errors import UnitError
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.mesh.fibers import Fibers
from autocrine_abm.parameters import Parameters, PositiveLength
from autocrine_abm.units import parse

__all__ = ["Domain"]

_MOST_ALONG_AN_AXIS = 1_000_000


def _one_or_three(table):
    """Let the JSON schema of the spacing accept a single length too."""
    three = {key: table.pop(key) for key in ("type", "prefixItems", "minItems", "maxItems")}
    table["anyOf"] = [{"type": "string", "unit": "um", "examples": ["20 um"]}, three]


class Domain(Parameters):
    """Size and mesh of a tissue.

    A 2-D tissue is one voxel thick, and says how thick that is, so that molecules per volume stay right.
    """

    size: tuple[PositiveLength, PositiveLength, PositiveLength] = Field(
        description="edges along x, y and z; each a whole number of voxels"
    )
    spacing: tuple[PositiveLength, PositiveLength, PositiveLength] = Field(
        description="edges of a voxel; a single length means cubes, cut to the thickness along a thin axis",
        json_schema_extra=_one_or_three,
    )
    periodic: tuple[Literal["x", "y", "z"], ...] = Field(
        (), description="axes along which the box closes on itself"
    )
    space: Literal["off-lattice", "lattice"] = Field(
        "off-lattice", description="cells anywhere with forces between them, or at most one cell per voxel"
    )

    sensing: Literal["surface", "voxel"] = Field(
        "surface",
        description="cells sense the concentration at their surface, or (as voxel models do) the average of their voxel",
    )

    adhesion_distance: float = Field(
        1.25, ge=1, le=10, strict=False,
        description="off-lattice: reach of adhesion over the sum of two radii (Ghaffarizadeh et al. 2018)",
    )  # fmt: skip

    close_neighbors: Literal["resolve", "mesh"] = Field(
        "resolve",
        description="exchange between cells closer than 1.5 voxels or 3.6 radii: pair by pair (0.1 us a pair), or left to "
        "the mesh, which misses up to a third of it in packed tissue",
    )

    fibers: Fibers | None = Field(
        None, description="off-lattice: fibers that cells with a contact_guidance follow; left out, none"
    )

    @field_validator("size", "periodic", mode="before")
    @classmethod
    def _sequence(cls, value):
        return tuple(value) if isinstance(value, list) else value

    @field_validator("spacing", mode="before")
    @classmethod
    def _cubes(cls, value, info):
        if not isinstance(value, str):
            return tuple(value) if isinstance(value, list) else value
        try:
            edge = parse(value, "um")
        except UnitError as error:
            raise PydanticCustomError("unit", "{reason}", {"reason": str(error)}) from None
        if edge <= 0:
            raise PydanticCustomError(
                "range", "got '{value}'; accepted is above 0, such as '20 um'", {"value": value}
            )
        size = info.data.get("size", (edge,) * 3)
        return tuple(length if length < edge <= max(size) else edge for length in size)

    @model_validator(mode="after")
    def _whole_voxels(self):
        for axis, size, spacing in zip("xyz", self.size, self.spacing):
            if size / spacing > _MOST_ALONG_AN_AXIS:
                raise PydanticCustomError(
                    "voxels",
                    "size {size} along {axis} cut into voxels of {spacing} makes {count} voxels; "
                    "accepted are up to {most}",
                    {"size": size.text, "axis": axis, "spacing": spacing.text,
                     "count": f"{size / spacing:.3g}", "most": _MOST_ALONG_AN_AXIS},
                )  # fmt: skip
            count = round(size / spacing)
            if count < 1 or abs(count * spacing - size) > 1e-6 * size:
                raise PydanticCustomError(
                    "voxels",
                    "size {size} along {axis} is not a whole number of voxels of {spacing}; try "
                    "'{better} um'",
                    {
                        "size": size.text,
                        "axis": axis,
                        "spacing": spacing.text,
                        "better": f"{max(1, count) * spacing:.10g}",
                    },
                )
        return self

    def mesh(self):
        """The `Mesh` of this domain."""
        return Mesh(
            shape=tuple(round(size / spacing) for size, spacing in zip(self.size, self.spacing)),
            spacing=tuple(
                float(size) / round(size / spacing) for size, spacing in zip(self.size, self.spacing)
            ),
            periodic=tuple(axis in self.periodic for axis in "xyz"),
        )
