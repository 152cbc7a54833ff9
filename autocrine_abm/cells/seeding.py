"""The cells at the start: plated at random, packed in a disc or sphere, in rows, or read from a file."""

import csv
from math import inf, pi, prod, sqrt
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from autocrine_abm.errors import AutocrineError
from autocrine_abm.parameters import Density, Fraction, Parameters, Position, PositiveLength
from autocrine_abm.units import dimension_of

__all__ = ["Seed", "expected_number", "place", "read_positions"]

_NEEDS = {
    "disc": ("radius", "number"),
    "sphere": ("radius", "number"),
    "monolayer": (),
    "random": ("number", "density", "fraction"),
    "regular": ("distance",),
    "file": ("file",),
}
_MAY_HAVE = {
    "disc": ("center", "distance"),
    "sphere": ("center", "distance"),
    "monolayer": ("distance",),
    "random": (),
    "regular": (),
    "file": (),
}


def _as_tuple(value):
    return tuple(value) if isinstance(value, list) else value


class Seed(Parameters):
    """A group of cells at the start.

    disc, sphere
        Packed at `distance` around `center`, out to `radius` or until there are `number`.
    monolayer
        Packed at `distance` over the whole floor.
    random
        `number` cells, or `density` (per mm² in a 2-D tissue, else per mm³), or a `fraction` of the voxels,
        uniformly.
    regular
        On a square grid of side `distance` through the whole tissue.
    file
        A CSV file with the columns x, y, z [µm] and, if `cell` is not stated, cell (name of the type).
    """

    pattern: Literal["disc", "sphere", "monolayer", "random", "regular", "file"] = Field(
        description="arrangement"
    )
    cell: str | None = Field(None, description="cell type; a file may name it per row instead")
    tissue: str | None = Field(None, description="tissue; may be left out if there is only one")
    center: Annotated[tuple[Position, Position, Position] | None, BeforeValidator(_as_tuple)] = Field(
        None, description="center of a disc or sphere; default the middle of the tissue"
    )
    radius: PositiveLength | None = Field(None, description="radius of a disc or sphere")
    number: int | None = Field(None, ge=1, le=100_000_000, description="how many cells")
    density: Density | None = Field(None, description="cells per area or volume")
    fraction: Fraction | None = Field(None, description="share of the voxels that get a cell")
    distance: PositiveLength | None = Field(
        None, description="distance between centers of neighbors; default 0.95 cell diameters"
    )
    file: str | None = Field(None, description="CSV file, relative to the scenario file")

    @model_validator(mode="after")
    def _complete(self):
        needs = _NEEDS[self.pattern]
        given = [name for name in needs if getattr(self, name) is not None]
        if needs and len(given) != 1:
            raise PydanticCustomError(
                "seed",
                "pattern '{pattern}' needs one of {needs}, and no more; got {given}",
                {"pattern": self.pattern, "given": " and ".join(given) or "none", "needs": ", ".join(needs)},
            )
        known = {"pattern", "cell", "tissue", *needs, *_MAY_HAVE[self.pattern]}
        extra = [
            name for name in type(self).model_fields if name not in known and getattr(self, name) is not None
        ]
        if extra:
            raise PydanticCustomError(
                "seed",
                "pattern '{pattern}' does not use {extra}; remove it, or choose another pattern",
                {"pattern": self.pattern, "extra": " and ".join(extra)},
            )
        if self.cell is None and self.pattern != "file":
            raise PydanticCustomError("seed", "missing 'cell'; accepted is the name of a cell type", {})
        return self


def _hexagonal_layer(extent, distance):
    """Points of a triangular grid that covers [-extent, extent]², one of them the origin, shape (n, 2)."""
    rows = int(np.ceil(extent / (distance * np.sqrt(0.75))))
    columns = int(np.ceil(extent / distance)) + 1
    row, column = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    return np.stack([(column + 0.5 * (row % 2)) * distance, row * np.sqrt(0.75) * distance], axis=-1).reshape(
        -1, 2
    )


def _flat_packing(extent, distance):
    """The triangular grid as points of space, z = 0, shape (n, 3)."""
    layer = _hexagonal_layer(extent, distance)
    return np.hstack([layer, np.zeros((len(layer), 1))])


def _close_packing(extent, distance):
    """Points of a hexagonal close packing (ABAB) that covers [-extent, extent]³, shape (n, 3)."""
    flat = _hexagonal_layer(extent + distance, distance)
    layers = int(np.ceil(extent / (distance * np.sqrt(2 / 3))))
    points = []
    for layer in range(-layers, layers + 1):
        shift = np.array([0.5, np.sqrt(1 / 12)]) * distance * (layer % 2)
        height = np.full((len(flat), 1), layer * np.sqrt(2 / 3) * distance)
        points.append(np.hstack([flat + shift, height]))
    return np.vstack(points)


def _voxel_centers(mesh):
    """Centers of all voxels in the order of ``field.ravel()``, shape (n, 3)."""
    index = np.stack(np.meshgrid(*map(np.arange, mesh.shape), indexing="ij"), axis=-1).reshape(-1, 3)
    return (index + 0.5) * np.array(mesh.spacing)


def _nearest(offsets, center, size, radius, number):
    """Those of ``center + offsets`` in the box and within `radius`, or the `number` nearest to the center."""
    distance = np.linalg.norm(offsets, axis=1)
    if radius is not None:
        offsets, distance = offsets[distance <= radius], distance[distance <= radius]
    order = np.argsort(np.round(distance, 6), kind="stable")  # rounded: ties keep the order of the grid
    points = center + offsets[order]
    return points[np.all((points >= 0) & (points <= size), axis=1)][:number].copy()


def _center(seed, size):
    return size / 2 if seed.center is None else np.array([float(x) for x in seed.center])


def _random_number(seed, mesh):
    """How many cells the pattern "random" places."""
    if seed.number is not None:
        return seed.number
    if seed.fraction is not None:
        return round(seed.fraction * mesh.n_voxels)
    per_area = seed.density.dimension == dimension_of("1/um^2")
    return round(seed.density * prod(mesh.size[:2] if per_area else mesh.size))


def _distance(seed, cell_radius):
    return 0.95 * 2 * cell_radius if seed.distance is None else float(seed.distance)


def expected_number(seed, domain, cell_radius):
    """About how many cells a seed places: exact where the seed states it, else from the packing.

    Parameters
    ----------
    seed : Seed
        Any pattern but "file".
    domain : Domain
        The tissue.
    cell_radius : float
        Radius of a cell of the seed's type [µm].

    Returns
    -------
    float
        Number of cells; for a packing the share of the box that it fills divided by the room of one cell.
    """
    mesh = domain.mesh()
    if seed.pattern == "random":
        return _random_number(seed, mesh)
    if seed.number is not None:
        return seed.number
    distance, (x, y, z) = _distance(seed, cell_radius), mesh.size
    if domain.space == "lattice":
        distance = max(mesh.spacing[0], distance if seed.distance is not None else 0.0)
    if seed.pattern == "regular":
        return prod(max(1.0, edge / distance) for edge in mesh.size)
    radius = inf if seed.radius is None else float(seed.radius)
    if seed.pattern == "sphere" and mesh.shape[2] > 1:
        return min(4 / 3 * pi * radius**3, x * y * z) * sqrt(2) / distance**3
    return min(pi * radius**2, x * y) / (distance**2 * sqrt(0.75))


def _packed(seed, mesh, cell_radius):
    """Disc or sphere: the points of a packing that are nearest to the center."""
    size, distance = np.array(mesh.size), _distance(seed, cell_radius)
    packing = _flat_packing if mesh.shape[2] == 1 or seed.pattern == "disc" else _close_packing
    center, diagonal = _center(seed, size), float(np.linalg.norm(size))
    if seed.radius is not None:
        return _nearest(
            packing(min(float(seed.radius), diagonal), distance), center, size, float(seed.radius), None
        )
    # 0.53 and 0.56 is what a disc and a sphere of so many cells need
    extent = distance * (2 + 0.56 * seed.number ** (1 / 2 if packing is _flat_packing else 1 / 3))
    while True:  # a center near a wall needs a wider packing
        widest = None if extent >= diagonal else extent  # in corners beyond it the packing has gaps elsewhere
        position = _nearest(packing(min(extent, diagonal), distance), center, size, widest, seed.number)
        if len(position) == seed.number or widest is None:
            return position
        extent *= 2


def _monolayer(seed, mesh, cell_radius):
    """A triangular grid over the whole floor; in a 3-D tissue the cells touch the floor."""
    size = np.array(mesh.size)
    height = min(cell_radius, size[2] / 2)
    position = _flat_packing(max(size[:2]), _distance(seed, cell_radius)) + [size[0] / 2, size[1] / 2, height]
    return position[np.all((position[:, :2] >= 0) & (position[:, :2] <= size[:2]), axis=1)]


def _regular(seed, mesh, cell_radius):
    """A square grid through the whole tissue, half a distance from the walls."""
    distance = _distance(seed, cell_radius)
    axes = [np.arange(distance / 2, edge, distance) if edge > distance else [edge / 2] for edge in mesh.size]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


def _on_lattice(seed, mesh):
    """Centers of the voxels that a pattern fills."""
    centers = _voxel_centers(mesh)
    size, spacing = np.array(mesh.size), np.array(mesh.spacing)
    if seed.pattern in ("disc", "sphere"):
        center = _center(seed, size)
        if seed.pattern == "disc":
            plane = (mesh.voxel_of(center[None, :])[0] % mesh.shape[2] + 0.5) * spacing[2]
            centers = centers[np.abs(centers[:, 2] - plane) < spacing[2] / 2]
            center = np.array([center[0], center[1], plane])
        radius = None if seed.radius is None else float(seed.radius)
        return _nearest(centers - center, center, size, radius, seed.number)
    step = 1 if seed.distance is None else max(1, round(seed.distance / mesh.spacing[0]))
    index = np.floor(centers / spacing).astype(np.int64)
    if seed.pattern == "monolayer":
        centers, index = centers[index[:, 2] == 0], index[index[:, 2] == 0]
    return centers[np.all(index % step == 0, axis=1)]


def _at_random(seed, mesh, lattice, generator, taken):
    """Uniform positions; on a lattice, distinct voxels that are not taken."""
    number = _random_number(seed, mesh)
    if not lattice:
        return generator.random((number, 3)) * np.array(mesh.size)
    drawn = generator.permutation(mesh.n_voxels)
    free = drawn[~np.isin(drawn, taken)]
    if number > len(free):
        raise AutocrineError(f"seed 'random': {number} cells do not fit into the {len(free)} free voxels of the lattice")
    return _voxel_centers(mesh)[free[:number]]


def read_positions(path, cell, size):
    """Positions and type names of the cells in a CSV file.

    Parameters
    ----------
    path : path
        CSV with a header and the columns x, y, z [µm] and, if `cell` is None, cell.
    cell : str or None
        Type of all cells; None takes the column "cell".
    size : tuple of 3 float
        Edges of the tissue [µm]; a position outside is refused.

    Returns
    -------
    position : ndarray of float, shape (n, 3)
        Positions [µm].
    names : list of str, length n
        Cell type of each.

    Raises
    ------
    AutocrineError
        If the file cannot be read; names the row.
    """
    needed = ["x", "y", "z"] + (["cell"] if cell is None else [])
    position, names = [], []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            if missing := [name for name in needed if name not in (table.fieldnames or ())]:
                raise AutocrineError(
                    f"{path}: has no column {', '.join(missing)}; needed are {', '.join(needed)}, "
                    f"got {', '.join(table.fieldnames or ['nothing'])}"
                )
            for row in table:
                position.append(_coordinates(row, f"{path}:{table.line_num}", size))
                names.append(cell if cell is not None else (row["cell"] or "").strip())
    except OSError as error:
        raise AutocrineError(
            f"{path}: cannot be read: {error.strerror}; accepted is a CSV file, its path relative to "
            "the scenario file"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise AutocrineError(f"{path}: cannot be read as CSV: {error}") from None
    return np.array(position, dtype=float).reshape(-1, 3), names


def _coordinates(row, place, size):
    """x, y, z of one row of a CSV file, checked."""
    point = []
    for axis, edge in zip("xyz", size):
        try:
            value = float(row[axis])
        except (TypeError, ValueError):
            raise AutocrineError(
                f"{place}: {axis}: got {row[axis] or 'nothing'}; accepted is a number [um]"
            ) from None
        if not 0 <= value <= edge:
            raise AutocrineError(
                f"{place}: {axis}: got {value:g}, outside the tissue, which spans 0 to {edge:g} um "
                f"along {axis}"
            )
        point.append(value)
    return point


def place(seed, domain, cell_radius, generator, folder=".", taken=()):
    """Positions and type names of the cells of one seed.

    Parameters
    ----------
    seed : Seed
        What to place.
    domain : Domain
        The tissue's size, mesh and kind of space.
    cell_radius : float
        Radius of a cell of the seed's type [µm]; sets the default distance between neighbors.
    generator : numpy.random.Generator
        Source of randomness; only the pattern "random" draws.
    folder : path
        Where relative CSV paths start.
    taken : sequence of int
        Voxels of the lattice that hold a cell of an earlier seed.

    Returns
    -------
    position : ndarray of float, shape (n, 3)
        Positions [µm]. In a 2-D tissue z is the middle of the slab; on a lattice, centers of distinct voxels.
    names : list of str, length n
        Cell type of each.

    Raises
    ------
    AutocrineError
        If a file cannot be read, positions lie outside the tissue, or there are not enough free voxels.
    """
    mesh, lattice = domain.mesh(), domain.space == "lattice"
    if seed.pattern == "file":
        position, names = read_positions(Path(folder) / seed.file, seed.cell, mesh.size)
    else:
        if seed.pattern == "random":
            position = _at_random(seed, mesh, lattice, generator, taken)
        elif lattice:
            position = _on_lattice(seed, mesh)
        else:
            arrange = {"monolayer": _monolayer, "regular": _regular}.get(seed.pattern, _packed)
            position = arrange(seed, mesh, cell_radius)
        names = [seed.cell] * len(position)
    if mesh.shape[2] == 1:
        position[:, 2] = mesh.size[2] / 2
    if lattice:
        voxel = mesh.voxel_of(position)
        if len(np.unique(voxel)) < len(voxel):
            raise AutocrineError(f"seed '{seed.pattern}': two cells fall into one voxel of the lattice")
        if np.isin(voxel, taken).any():
            raise AutocrineError(f"seed '{seed.pattern}': a cell falls into a voxel that an earlier seed has taken")
        position = _voxel_centers(mesh)[voxel]
    if seed.number is not None and len(position) < seed.number:
        raise AutocrineError(
            f"seed '{seed.pattern}': only {len(position)} of {seed.number} cells fit into the tissue; "
            "lower the number or enlarge the tissue"
        )
    return position, names
