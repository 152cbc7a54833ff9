"""Damage to a cell, such as breaks of its DNA or holes in its membrane: what adds to it, and how fast it is repaired.

Rules raise it and react to it ("damage to DNA"); `behavior.damage` follows it.
"""

from pydantic import Field

from autocrine_abm.parameters import Parameters, Rate

__all__ = ["Damage", "damage_names"]


class Damage(Parameters):
    """One kind of damage, a plain number that begins at 0, in whatever unit its author counts.

    dD/dt = rate − repair_rate·D. Both daughters of a division keep their mother's. Rules may change "damage rate of NAME"
    and "repair rate of NAME".

    Examples
    --------
    >>> Damage(repair_rate="0.5 1/hour").rate.text
    '0 1/min'
    """

    rate: Rate = Field("0 1/min", description="damage done per time")
    repair_rate: Rate = Field("0 1/min", description="share of the damage that is repaired per time")


def damage_names(cell_types):
    """Kinds of damage of all cell types, each once, in the order of appearance; list of str."""
    return list(dict.fromkeys(name for own in cell_types.values() for name in own.damage))
