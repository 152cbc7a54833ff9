"""The programs that run inside a cell, its cycle and its pathway: what of them cannot be, and how they are told."""

from autocrine_abm.cells.cell_type import BEHAVIORS
from autocrine_abm.cells.rule import SIGNALS
from autocrine_abm.errors import shown
from autocrine_abm.units import format_number

__all__ = ["program_sentences", "programs"]


def programs(scenario):
    """Faults of the cycles and pathway nodes of all cell types.

    Parameters
    ----------
    scenario : Scenario
        Or what is valid of one.

    Yields
    ------
    path : tuple
    message : str
    """
    for name, cell in scenario.cell.items():
        yield from _cycle(name, cell)
        for node in cell.node:
            taken = next((kind for kind, names in _TAKEN if node in names), None)
            if node in scenario.ligand:
                taken = "a ligand"
            if taken:
                yield ("cell", name, "node", node), f"{shown(node)} is the name of {taken} too; choose another"


_TAKEN = (("a behavior", BEHAVIORS), ("a signal", SIGNALS))


def _cycle(name, cell):
    """Faults of one cell type's cycle."""
    seen = set()
    for place, phase in enumerate(cell.cycle):
        if phase.name in seen:
            yield ("cell", name, "cycle", place, "name"), f"{shown(phase.name)} is there twice; give each phase its own name"
        seen.add(phase.name)
    if cell.cycle and (cell.division_rate > 0 or any(rule.behavior == "division_rate" for rule in cell.rule)):
        yield (
            ("cell", name, "division_rate"),
            "cells with a cycle divide when they leave its last phase; remove division_rate and the rules on it, and let "
            "rules act on 'exit rate of PHASE'",
        )
    fixed = {f"exit rate of {phase.name}": phase.name for phase in cell.cycle if phase.spread == 0}
    for place, rule in enumerate(cell.rule):
        if rule.behavior in fixed:
            yield (
                ("cell", name, "rule", place),
                f"phase {shown(fixed[rule.behavior])} has a fixed length (spread = 0), so it has no exit rate to change; "
                "give it a spread above 0",
            )


def program_sentences(cell):
    """Cycle and nodes of a cell type as English sentences; list of str.

    Examples
    --------
    >>> from autocrine_abm.cells.cell_type import CellType
    >>> from autocrine_abm.cells.cycle import CyclePhase
    >>> program_sentences(CellType(radius="5 um", cycle=[CyclePhase(name="all", duration="18 hour", spread=0.1)]))
    ['cycle of 18 hour on average: all 18 hour (CV 0.1)']
    """
    lines = []
    if cell.cycle:
        told = [
            f"{phase.name} {phase.duration.text} (CV {format_number(phase.spread)}{', grows' * phase.grows})"
            for phase in cell.cycle
        ]
        total = sum(float(phase.duration) for phase in cell.cycle) / 60
        lines.append(f"cycle of {format_number(total)} hour on average: {', then '.join(told)}")
    lines += [
        f"pathway node {name}: goes to {format_number(node.base)} with time constant {node.tau.text} unless rules say otherwise"
        for name, node in cell.node.items()
    ]
    return lines
