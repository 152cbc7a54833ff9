"""A check: one published number, ratio or ordering, and what the simulator gives for it."""

from dataclasses import dataclass

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """One line of the table that ``autocrine verify`` prints.

    Parameters
    ----------
    system : str
        Name of the scenario.
    result : str
        What is compared, in words.
    published : str
        The published value.
    simulated : str
        The simulated value.
    tolerance : str
        What counts as agreement, and why that much.
    verdict : bool
        Whether they agree.
    source : str
        Where it was published.
    """

    system: str
    result: str
    published: str
    simulated: str
    tolerance: str
    verdict: bool
    source: str
