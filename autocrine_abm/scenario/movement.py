"""How cells move and hold on to each other: what of it cannot be, and how it is told."""

from collections import Counter

from autocrine_abm.cells.cell_type import CHEMOTAXIS
from autocrine_abm.cells.motility import SHORTEST
from autocrine_abm.errors import shown
from autocrine_abm.scenario.vocabulary import did_you_mean
from autocrine_abm.units import format_number

__all__ = ["adhesion", "motility", "movement_sentences"]


def motility(scenario):
    """Faults of the cells' own motion.

    Parameters
    ----------
    scenario : Scenario
        Or what is valid of one.

    Yields
    ------
    path : tuple
    message : str
    """
    lattices = [name for name, domain in scenario.tissue.items() if domain.space == "lattice"]
    for name, cell in scenario.cell.items():
        if cell.motility is None:
            continue
        path = ("cell", name, "motility")
        if lattices and len(lattices) == len(scenario.tissue):
            yield (
                path,
                f"has no effect on the lattice of tissue '{lattices[0]}'; state "
                f"cell.{name}.migration_rate instead, or choose space = 'off-lattice'",
            )
        persistence, run = cell.motility.persistence, scenario.run
        if run is not None and persistence < SHORTEST * run.behavior_step:
            yield (
                (*path, "persistence"),
                f"got '{persistence.text}', less than a thousandth of the behavior step "
                f"'{run.behavior_step.text}'; "
                "prolong it (so short a one is no motion), or shorten the step",
            )
        if cell.motility.contact_guidance > 0 and not any(domain.fibers is not None for domain in scenario.tissue.values()):
            yield (
                (*path, "contact_guidance"),
                f"got {format_number(cell.motility.contact_guidance)}, but no tissue has fibers; state "
                f"tissue.{next(iter(scenario.tissue), 'NAME')}.fibers = {{ direction = [1, 0, 0] }}, or leave it out",
            )
        counts = Counter(entry.ligand for entry in cell.motility.chemotaxis)
        for place, entry in enumerate(cell.motility.chemotaxis):
            if counts[entry.ligand] > 1:
                yield (
                    (*path, "chemotaxis", place, "ligand"),
                    f"{shown(entry.ligand)} stands {counts[entry.ligand]} times in chemotaxis; state it once",
                )
                counts[entry.ligand] = 0
        for place, rule in enumerate(cell.rule):
            if rule.behavior.startswith(CHEMOTAXIS) and rule.to > 1:
                yield (
                    ("cell", name, "rule", place, "to"),
                    f"got {shown(rule.to.text)}; the strength of a bias lies between 0 and 1 (its sign is "
                    "that of 'bias' in chemotaxis)",
                )


def adhesion(scenario):
    """Faults of what cell types state about adhesion to each other; as `motility`."""
    for name, cell in scenario.cell.items():
        for other, factor in cell.adhesion_to.items():
            path = ("cell", name, "adhesion_to", other)
            if other not in scenario.cell:
                yield (
                    path,
                    f"no cell type is called {shown(other)}; declared: {', '.join(scenario.cell)}"
                    f"{did_you_mean(other, scenario.cell)}",
                )
                continue
            stated = scenario.cell[other].adhesion_to.get(name)
            if stated is not None and stated != factor:
                yield (
                    path,
                    f"got {format_number(factor)}, but cell.{other}.adhesion_to.{name} is "
                    f"{format_number(stated)}; both of a pair are held by the same force, so state it once, "
                    "or the same twice",
                )


def movement_sentences(cell):
    """A cell type's own motion and its preferences, as English sentences.

    "moves by itself at 0.5 um/min, keeping a direction for 20 min on average: 10 um"

    Parameters
    ----------
    cell : CellType

    Yields
    ------
    str
    """
    walk = cell.motility
    if walk is not None:
        length = format_number(float(walk.speed * walk.persistence))
        yield (
            f"moves by itself at {walk.speed.text}, keeping a direction for {walk.persistence.text} on "
            f"average: {length} um"
        )
        for entry in walk.chemotaxis:
            way = "up" if entry.bias >= 0 else "down"
            where = (
                f", half as strongly at {entry.half.text} across the cell" if entry.half is not None else ""
            )
            yield f"    {way} gradients of {entry.ligand}, bias {format_number(abs(entry.bias))}{where}"
        if walk.contact_guidance > 0:
            yield f"    along fibers, either way alike: contact guidance {format_number(walk.contact_guidance)} of 1"
    for other, factor in cell.adhesion_to.items():
        yield f"adhesion to {other} cells times {format_number(factor)}"
