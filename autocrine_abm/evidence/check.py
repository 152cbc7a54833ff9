"""A check: one published number, ratio or ordering, and what the simulator gives for it."""

from dataclasses import dataclass, field

__all__ = ["Check", "Findings", "Table", "in_each", "span"]


def in_each(seeds, of="seeds"):
    """Words for a direction that all replicates have to show, and the odds that chance alone would.

    Examples
    --------
    >>> in_each((1, 2, 3))
    'each of 3 seeds (by chance 1 in 8)'
    """
    return f"each of {len(seeds)} {of} (by chance 1 in {2 ** len(seeds)})"


def span(values, digits=".2f"):
    """Words for the values of all replicates: the lowest and the highest.

    Examples
    --------
    >>> import numpy as np
    >>> span(np.array([0.5, 0.25, 1.0]))
    '0.25 to 1.00'
    """
    return f"{values.min():{digits}} to {values.max():{digits}}"


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


class Table(list):
    """The checks of one scenario, in the order in which they are made.

    Parameters
    ----------
    system : str
        Name of the scenario.
    source : str
        Where those lines were published that name no other source.

    Examples
    --------
    >>> table = Table("minimal", "by hand")
    >>> table.line("cells at the start", "50", "50", "none", True)
    >>> table.near("cells after a doubling", 100.0, 99.0, 0.02, "2 %: rounding")
    >>> [(check.simulated, check.verdict) for check in table]
    [('50', True), ('99', True)]
    """

    def __init__(self, system, source):
        super().__init__()
        self.system, self.source = system, source

    def line(self, result, published, simulated, tolerance, verdict, source=None):
        """Add what `Check` holds, numbers in words."""
        self.append(Check(self.system, result, published, simulated, tolerance, verdict, source or self.source))

    def near(self, result, published, simulated, limit, tolerance, source=None, digits=".4g", remark=""):
        """Add two numbers that agree if they differ by no more than the share `limit` of the published one.

        `tolerance` says so in words, and why that much; `remark` follows the simulated number.
        """
        right = abs(simulated / published - 1) <= limit
        self.line(result, f"{published:{digits}}", f"{simulated:{digits}}{remark}", tolerance, right, source)


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
