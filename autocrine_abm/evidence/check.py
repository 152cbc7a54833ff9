"""A check: one published number, ratio or ordering, and what the simulator gives for it."""

from dataclasses import dataclass, field

__all__ = ["Check", "Findings", "in_each"]


def in_each(seeds, of="seeds"):
    """Words for a direction that all replicates have to show, and the odds that chance alone would.

    Examples
    --------
    >>> in_each((1, 2, 3))
    'each of 3 seeds (by chance 1 in 8)'
    """
    return f"each of {len(seeds)} {of} (by chance 1 in {2 ** len(seeds)})"


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

    def __post_init__(self):
        object.__setattr__(self, "verdict", bool(self.verdict))  # numpy's own bool cannot be written to a file


@dataclass(frozen=True)
class Findings:
    """What was found for one scenario.

    Parameters
    ----------
    checks : list of Check
    comparison : Comparison or None
        The arms that were run for it, for the page of results.
    seconds : float
        Wall time it took.
    """

    checks: list
    comparison: object = None
    seconds: float = field(default=0.0, compare=False)
