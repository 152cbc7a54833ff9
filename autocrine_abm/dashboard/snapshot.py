"""What a page shows of a model at one moment: copies, so that the model may go on while they are painted.

A `Look` says which ligand and which property of the cells are wanted; only those are copied. What colors they get is decided
in `painter`.
"""

from dataclasses import dataclass

import numpy as np

from autocrine_abm.cells.columns import COLUMNS
from autocrine_abm.units import parse

__all__ = [
    "NANOMOLAR", "ORIGINS", "Look", "Shot", "Snapshot", "color_choices", "lattice_radius", "level_unit", "property_of", "shoot",
]  # fmt: skip

NANOMOLAR = float(parse("1 nM"))  # molecules/µm³

#: Where most of a signal comes from, as categories of cells.
ORIGINS = ("itself", "other cells", "the blood", "elsewhere")

_LEFT_OUT = ("cell_id", "parent_id", "clone_id", "cell_type", "phase", "position", "heading", "exit_rate", "chemotaxis")
_BY_NAME = {"cell type": "cell_type", "phase": "phase", "clone": "clone_id"}


@dataclass(frozen=True)
class Look:
    """What to copy.

    Parameters
    ----------
    ligand : str or None
        The ligand whose field is shown.
    color : str
        What colors the cells: ``"cell type"``, ``"phase"``, ``"clone"``, a column such as ``"pressure"`` or
        ``"sensed.IL6"``, or ``"origin of IL6"``.
    """

    ligand: str | None = None
    color: str = "cell type"


@dataclass(frozen=True)
class Shot:
    """One tissue at one moment; arrays are nobody else's.

    Parameters
    ----------
    name : str
    size : tuple of 3 float
        [µm]
    shape : tuple of 3 int
        Voxels.
    position, radius : ndarray
        (n, 3) and (n,) [µm]; on a lattice a cell fills its voxel.
    cell_id : ndarray of int64, shape (n,)
    cell_type, phase : ndarray of int, shape (n,)
    values : ndarray, shape (n,)
        The property that colors the cells: categories (int), or numbers (float).
    field : ndarray of shape `shape`, or None
        [nM]
    """

    name: str
    size: tuple
    shape: tuple
    position: np.ndarray
    radius: np.ndarray
    cell_id: np.ndarray
    cell_type: np.ndarray
    phase: np.ndarray
    values: np.ndarray
    field: np.ndarray | None

    @property
    def is_solid(self):
        """Whether the tissue has a depth to look into."""
        return min(self.shape) > 1


@dataclass(frozen=True)
class Snapshot:
    """All tissues at one moment.

    Parameters
    ----------
    time : float
        [min]
    step : int
    look : Look
        What was copied.
    shots : tuple of Shot
    """

    time: float
    step: int
    look: Look
    shots: tuple

    @property
    def n_cells(self):
        """Cells in all tissues, corpses included."""
        return sum(len(shot.cell_id) for shot in self.shots)


def color_choices(names, ligands):
    """What cells may be colored by: list of (heading, list of names), for a menu.

    Parameters
    ----------
    names : dict of str to tuple of str
        ``cells.names``.
    ligands : sequence of str
    """
    numbers, signals = [], []
    for column in COLUMNS.values():
        if column.name in _LEFT_OUT or column.shape == "traced":
            continue
        if column.shape == "":
            numbers.append(column.name)
        else:
            signals += [f"{column.name}.{name}" for name in names[column.shape]]
    choices = [("Kind", [*_BY_NAME]), ("State", numbers), ("Signals", signals)]
    if ligands:
        shares = [name for name, column in COLUMNS.items() if column.shape == "traced"]
        origins = [f"origin of {ligand}" for ligand in ligands]
        choices.append(("Where signals come from", origins + [f"{share}.{ligand}" for ligand in ligands for share in shares]))
    return choices


def property_of(cells, color, ligands):
    """The property that a color stands for, of all cells, and its unit; categories are whole numbers. A new array.

    Parameters
    ----------
    cells : Cells
    color : str
        As in a `Look`.
    ligands : dict of str to Ligand
        Concentrations are in the unit in which people read them.

    Returns
    -------
    values : ndarray, shape (n,)
    unit : str
    """
    if color in _BY_NAME:
        return cells[_BY_NAME[color]].astype(np.int64), ""
    if color.startswith("origin of "):
        return _origin(cells, color.removeprefix("origin of ")), ""
    name, _, part = color.partition(".")
    column = COLUMNS[name]
    names = cells.names[column.shape] if column.shape else ()
    if column.shape and part not in names:  # shares that nobody has traced yet
        return np.full(len(cells), np.nan), ""
    values = cells[name][:, names.index(part)] if column.shape else cells[name]
    if column.unit == "molecules/um^3":
        unit, factor = level_unit(ligands[part])
        return values * (factor / NANOMOLAR), unit
    if column.unit == "1/min":
        return values * 60.0, "1/hour"
    return values.astype(float), column.unit.replace("um", "µm").replace("^3", "³")


def _origin(cells, ligand):
    """Index into `ORIGINS` of what most of a signal comes from; −1 where nothing is sensed or known."""
    if ligand not in cells.names["traced"]:
        return np.full(len(cells), -1)
    place = cells.names["traced"].index(ligand)
    own, same, others, blood, boundary = (
        cells[f"share_{share}"][:, place] for share in ("self", "same_type", "other_types", "blood", "boundary")
    )
    shares = np.nan_to_num(np.stack([own, same + others, blood, boundary], axis=1))
    return np.where(shares.any(axis=1), shares.argmax(axis=1), -1)


def level_unit(ligand):
    """Unit in which people read a ligand's concentrations, and what an nM is in it: nM, or mmHg with a solubility.

    Parameters
    ----------
    ligand : Ligand

    Returns
    -------
    unit : str
    factor : float
    """
    return ("nM", 1.0) if ligand.solubility is None else ("mmHg", NANOMOLAR / float(ligand.solubility))


def shoot(model, look):
    """Copy what a look wants of a model.

    Parameters
    ----------
    model : TumorModel
        Read, not changed.
    look : Look

    Returns
    -------
    Snapshot
    """
    return Snapshot(
        float(model.clock.time), int(model.clock.step), look,
        tuple(_shot(name, tissue, look, model.spec.ligand) for name, tissue in model.tissues.items()),
    )  # fmt: skip


def _shot(name, tissue, look, ligands):
    cells, mesh = tissue.cells, tissue.mesh
    radius = cells.radius.copy()
    if tissue.domain.space == "lattice":
        radius[:] = lattice_radius(mesh)
    field = None
    if look.ligand in tissue.fields:
        field = tissue.fields[look.ligand].concentration / NANOMOLAR
    return Shot(
        name, mesh.size, mesh.shape, cells.position.copy(), radius, cells.cell_id.copy(), cells.cell_type.astype(np.int64),
        cells.phase.astype(np.int64), property_of(cells, look.color, ligands)[0], field,
    )  # fmt: skip


def lattice_radius(mesh):
    """Radius to draw a cell with that fills its voxel [µm]."""
    return 0.5 * min(h for h, n in zip(mesh.spacing, mesh.shape) if n > 1 or max(mesh.shape) == 1)


