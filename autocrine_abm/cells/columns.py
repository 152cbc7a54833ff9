"""What is known about each cell: the columns of the cell table, declared once.

Agents, files and documentation follow from this list. Each column is written by one phase of the step, the one named
here (and by turnover, where cells are born); every other phase only reads it.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["ALIVE", "APOPTOTIC", "COLUMNS", "NECROTIC", "PHASE_NAMES", "Column", "empty", "width"]

ALIVE, APOPTOTIC, NECROTIC = 0, 1, 2
PHASE_NAMES = ("alive", "apoptotic", "necrotic")


@dataclass(frozen=True)
class Column:
    """One property of a cell.

    Parameters
    ----------
    name : str
        Name of the column, and of the property of `CellAgent`.
    dtype : str
        numpy type.
    shape : str
        ``""`` for one number per cell, ``"xyz"`` for a vector, ``"ligand"``, ``"receptor"``, ``"node"``,
        ``"trait"``, ``"cycle"``, ``"attractant"``, ``"transition"``, ``"contact"`` or ``"damage"`` for one
        number each, ``"traced"`` for one per ligand once origins are traced, ``"heading"`` for a vector if any cell walks.
    unit : str
        Unit of the stored number; empty for counts and names.
    phase : str
        The phase of the step that writes it.
    meaning : str
        One sentence.
    default : float
        Value of a new cell if nothing is said.
    """

    name: str
    dtype: str
    shape: str
    unit: str
    phase: str
    meaning: str
    default: float = 0


NAN = float("nan")  # of shares, until somebody asks for them (`TumorModel.trace`)

COLUMNS = {
    column.name: column
    for column in (
        Column("cell_id", "int64", "", "", "turnover", "who the cell is; rises in the order of birth"),
        Column("parent_id", "int64", "", "", "turnover", "cell_id of the mother; 0 for a cell of the start"),
        Column("clone_id", "int64", "", "", "turnover", "cell_id of its clone's founder, a cell of the start or a mutant"),
        Column("cell_type", "int32", "", "", "turnover", "index of the cell type"),
        Column("phase", "int8", "", "", "turnover", "0 alive, 1 apoptotic, 2 necrotic"),
        Column("birth_time", "float64", "", "min", "turnover", "when the cell came to be"),
        Column("phase_time", "float64", "", "min", "turnover", "when it entered its phase"),
        Column("cycle_phase", "int8", "", "", "turnover", "index of the phase of the cell cycle; 0 where there is none"),
        Column("cycle_time", "float64", "", "min", "turnover", "when it entered that phase; 0 if no cell type has a cycle"),
        Column("position", "float64", "xyz", "um", "move", "center of the cell"),
        Column("volume", "float64", "", "um^3", "turnover", "volume of the cell"),
        Column("radius", "float64", "", "um", "turnover", "radius of a sphere of that volume"),
        Column("division_rate", "float64", "", "1/min", "respond", "divisions per time"),
        Column("apoptosis_rate", "float64", "", "1/min", "respond", "programmed deaths per time"),
        Column("necrosis_rate", "float64", "", "1/min", "respond", "necrotic deaths per time"),
        Column("growth_rate", "float64", "", "1/min", "respond", "rate of approach to full volume"),
        Column("exit_rate", "float64", "cycle", "1/min", "respond", "rate of leaving each phase of the cycle"),
        Column("transition_rate", "float64", "transition", "1/min", "respond", "rate of changing to each other type"),
        Column("migration_rate", "float64", "", "1/min", "respond", "attempted moves on the lattice per time"),
        Column("speed", "float64", "", "um/min", "respond", "speed of own motion"),
        Column("persistence", "float64", "", "min", "respond", "mean time for which it keeps a direction"),
        Column("chemotaxis", "float64", "attractant", "", "respond", "how strongly it follows or flees each ligand"),
        Column("heading", "float64", "heading", "", "move", "direction of own motion; zeros before it moves"),
        Column("traits", "float64", "trait", "", "turnover", "heritable traits", 1),
        Column("secretion_rate", "float64", "ligand", "molecules/min", "respond", "release of each ligand"),
        Column("uptake_clearance", "float64", "ligand", "um^3/min", "respond", "volume cleared of each ligand per time"),
        Column("sensed", "float64", "ligand", "molecules/um^3", "sense", "concentration at the cell's surface"),
        Column("captured", "float64", "ligand", "molecules/min", "bind", "uptake of each ligand, mean over the last step"),
        Column("receptors", "float64", "receptor", "", "bind", "receptors of each kind"),
        Column("receptor_target", "float64", "receptor", "", "respond", "number that turnover leads to"),
        Column("occupancy", "float64", "receptor", "", "bind", "share of each kind of receptor that is occupied"),
        Column("share_self", "float64", "traced", "", "trace", "share of what it senses that the cell released itself", NAN),
        Column("share_same_type", "float64", "traced", "", "trace", "share that others of its type released", NAN),
        Column("share_other_types", "float64", "traced", "", "trace", "share that cells of other types released", NAN),
        Column("share_blood", "float64", "traced", "", "trace", "share that came out of the blood", NAN),
        Column("share_boundary", "float64", "traced", "", "trace", "share from walls, doses into the bath, and the start", NAN),
        Column("node", "float64", "node", "", "signal", "activity of each pathway node"),
        Column("node_target", "float64", "node", "", "signal", "activity that each node goes to"),
        Column("damage", "float64", "damage", "", "signal", "amount of each kind of damage"),
        Column("damage_rate", "float64", "damage", "1/min", "signal", "damage of each kind done per time"),
        Column("repair_rate", "float64", "damage", "1/min", "signal", "share of each kind of damage repaired per time"),
        Column("contacts", "int32", "contact", "", "signal", "cells of each type that rules ask for that touch it"),
        Column("pressure", "float64", "", "", "move", "crowding; 1 in a relaxed dense packing"),
        Column("neighbors", "int32", "", "", "move", "how many cells touch it"),
    )
}


def width(column, counts):
    """Trailing shape of a column's array: ``()``, ``(3,)`` or ``(number,)``; `counts` says how many ``"ligand"`` means."""
    if column.shape == "":
        return ()
    return (3,) if column.shape == "xyz" else (counts[column.shape],)


def empty(column, capacity, counts):
    """A new array for `capacity` cells, filled with the column's default."""
    return np.full((capacity, *width(column, counts)), column.default, dtype=column.dtype)
