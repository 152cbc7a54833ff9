"""Heritable traits: what of them cannot be, and how they are told."""

from autocrine_abm.cells.cell_type import DAMAGE_RATE, REPAIR_RATE
from autocrine_abm.cells.trait import MOST_TRAITS, trait_names
from autocrine_abm.errors import shown
from autocrine_abm.scenario.vocabulary import did_you_mean
from autocrine_abm.units import format_number

__all__ = ["trait_sentence", "traits"]


def traits(scenario):
    """Faults of the traits of all cell types.

    Parameters
    ----------
    scenario : Scenario
        Or what is valid of one.

    Yields
    ------
    path : tuple
    message : str
    """
    names = trait_names(scenario.cell)
    if len(names) > MOST_TRAITS:
        last = next(own for own in scenario.cell if names[-1] in scenario.cell[own].trait)
        yield ("cell", last, "trait"), f"{len(names)} traits in all; accepted are up to {MOST_TRAITS}"
    for name, cell in scenario.cell.items():
        inside = (DAMAGE_RATE, REPAIR_RATE)  # followed before traits act, as nodes are
        known = [name for name in cell.behaviors() if name not in cell.node and not name.startswith(inside)]
        for label, trait in cell.trait.items():
            if trait.scales is not None and trait.scales not in known:
                yield (
                    ("cell", name, "trait", label, "scales"),
                    f"no behavior is called {shown(trait.scales)}; accepted: {', '.join(known)}"
                    f"{did_you_mean(trait.scales, known)}",
                )


def trait_sentence(name, trait):
    """A trait as an English sentence.

    "trait vigor, 1 on average, CV 0.2 (lognormal), multiplies division_rate; inherited with CV 0.05; mutates
    in 0.1% of divisions, to 1.5 times on average, and founds a clone"

    Parameters
    ----------
    name : str
    trait : Trait

    Returns
    -------
    str

    Examples
    --------
    >>> from autocrine_abm.cells.trait import Trait
    >>> trait_sentence("vigor", Trait(spread=0.2, scales="division_rate"))
    'trait vigor, 1 on average, CV 0.2 (lognormal), multiplies division_rate; inherited unchanged'
    """
    told = f"trait {name}, {format_number(trait.mean)}"
    if trait.spread:
        told += f" on average, CV {format_number(trait.spread)} ({trait.distribution})"
    if trait.scales:
        told += f", multiplies {trait.scales}"
    told += "; inherited "
    told += f"with CV {format_number(trait.inherit_noise)}" if trait.inherit_noise else "unchanged"
    if trait.mutation_rate:
        told += f"; mutates in {trait.mutation_rate:.3g} of divisions"
        told += f", to {format_number(trait.mutation_factor)} times"
        told += f" on average, CV {format_number(trait.mutation_spread)}" if trait.mutation_spread else ""
        told += ", and founds a clone" if trait.new_clone else ""
    return told
