"""Rules say what can be: a behavior that the cell type has, a value that fits it, a signal that it senses."""

from autocrine_abm.cells.cell_type import INTRAVASATION, TRANSITION
from autocrine_abm.cells.rule import CONTACT, DAMAGE, OCCUPANCY, SIGNALS, TRAIT
from autocrine_abm.errors import UnitError, shown
from autocrine_abm.scenario.vocabulary import did_you_mean, dotted
from autocrine_abm.units import describe_dimension, dimension_of

__all__ = ["CONCENTRATIONS", "rule_faults"]

#: Dimensions in which a concentration may be stated.
CONCENTRATIONS = [dimension_of(unit) for unit in ("nM", "mmHg", "ng/mL")]


def rule_faults(scenario, cell, path, rule):
    """What is wrong with one rule.

    Parameters
    ----------
    scenario : Scenario
        Or what is valid of one.
    cell : CellType
        Whose rule it is.
    path : tuple
        Where it stands.
    rule : Rule

    Yields
    ------
    path : tuple
    message : str
    """
    known = cell.behaviors()
    key = "decreases" if rule.increases is None else "increases"
    if rule.behavior not in known:
        hint = did_you_mean(rule.behavior, known)
        kind, of, ligand = rule.behavior.partition(" of ")
        if of and ligand in scenario.ligand and kind in ("secretion", "uptake"):
            table = "secretes" if kind == "secretion" else "takes_up"
            hint = f"; add [[{dotted(path[:2])}.{table}]] with ligand = '{ligand}' (its base value may be 0)"
        other = rule.behavior.removeprefix(TRANSITION)
        if other != rule.behavior and other in scenario.cell:
            hint = f"; add {dotted(path[:2])}.transition_to = {{ {other} = '0 1/hour' }} (the base value)"
        if rule.behavior == INTRAVASATION:
            hint = f"; add [{dotted(path[:2])}.bloodstream], which says what becomes of cells in the blood"
        yield (
            (*path, key),
            f"no behavior is called {shown(rule.behavior)}; accepted: {', '.join(known)}{hint}",
        )
    else:
        yield from _rule_value(cell, path, rule, key, known[rule.behavior])
        if rule.applies_to_dead and not rule.behavior.startswith(("secretion of ", "uptake of ")):
            yield (
                (*path, "applies_to_dead"),
                f"got true, but dead cells have no {rule.behavior}; accepted with 'secretion of LIGAND' and 'uptake of LIGAND'",
            )
    ligand = scenario.ligand.get(rule.signal)
    if ligand is not None:
        yield from _rule_half(path, rule, ligand)
        return
    occupancy = rule.signal.startswith(OCCUPANCY)
    plain = rule.signal.startswith((OCCUPANCY, TRAIT, CONTACT, DAMAGE)) or rule.signal in cell.node
    if not plain and rule.signal not in SIGNALS:
        return  # names that nothing is called are found in `names`
    unit = dimension_of("1" if plain else SIGNALS[rule.signal])
    if rule.half.dimension != unit:
        yield (
            (*path, "half"),
            f"got '{rule.half.text}', which is {describe_dimension(rule.half.dimension)}; the signal "
            f"'{rule.signal}' is {describe_dimension(unit)}",
        )
    elif occupancy and rule.half > 1:
        yield (
            (*path, "half"),
            f"got {shown(rule.half.text)}; an occupancy lies between 0 and 1, so accepted is up to 1, "
            f"such as 0.5",
        )


def _rule_value(cell, path, rule, key, unit):
    if rule.to.dimension != dimension_of(unit):
        yield (
            (*path, "to"),
            f"got {shown(rule.to.text)}, which is {describe_dimension(rule.to.dimension)}; "
            f"'{rule.behavior}' is "
            f"{describe_dimension(dimension_of(unit))}, such as '1 {unit}'",
        )
        return
    name = rule.behavior.removeprefix("receptors of ")
    if name != rule.behavior and any(part.turnover == 0 for part in cell.receptor if part.label == name):
        yield (
            (*path, key),
            f"acts on the number of '{name}', which never changes: its turnover is 0; state a turnover "
            f"for the receptor, "
            "such as '0.02 1/min'",
        )
        return
    base = cell.base_value(rule.behavior)
    raised = [other.to for other in cell.rule if other.increases == rule.behavior]
    wrong = rule.to < base if key == "increases" else rule.to > max([base, *raised])
    if wrong:
        side, other = ("below", "decreases") if key == "increases" else ("above", "increases")
        text = base.text if hasattr(base, "text") else f"{base:g} {unit}"
        yield (
            (*path, "to"),
            f"got {shown(rule.to.text)}, {side} the base value '{text}' of {rule.behavior}, which the "
            f"rule {key}; "
            f"change 'to', or write '{other}'",
        )


def _rule_half(path, rule, ligand):
    if rule.half.dimension not in CONCENTRATIONS:
        yield (
            (*path, "half"),
            f"got {shown(rule.half.text)}, which is {describe_dimension(rule.half.dimension)}; the signal "
            f"'{rule.signal}' is a ligand, so accepted is a concentration, such as '0.1 nM'",
        )
        return
    try:
        ligand.concentration(rule.half)
    except UnitError as error:
        yield (*path, "half"), str(error)
