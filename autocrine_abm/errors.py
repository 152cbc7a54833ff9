"""What can go wrong, said once and clearly: where, what was got, what is accepted, what to do."""

from dataclasses import dataclass

__all__ = ["AutocrineError", "Fault", "RunFolderError", "ScenarioError", "SteadyStateError", "UnitError", "shown"]


def shown(value):
    """A value as a message quotes it: text in quotes, long ones cut.

    >>> shown("20 um"), shown(True)
    ("'20 um'", 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except ValueError:  # Python prints no whole number of more than 4300 digits
        return "a very long number"
    return text if len(text) <= 60 else f"{text[:56]} …{text[-1] if isinstance(value, str) else ''}"


class AutocrineError(Exception):
    """Base of every error that a user can mend; the command line prints it and exits with code 2."""


class UnitError(AutocrineError, ValueError):
    """A quantity that cannot be read, or that has the wrong dimension."""


class SteadyStateError(AutocrineError, ValueError):
    """A ligand that is to be at its steady state, but has none."""


class RunFolderError(AutocrineError):
    """A folder that is not a run, or that a run must not overwrite."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a scenario.

    Parameters
    ----------
    message : str
        What was got, what is accepted, and what to do.
    path : str
        Dotted path of the value, such as ``ligand.IL6.decay``; empty for the whole file.
    source : str
        Name of the file, empty for a scenario built in Python.
    line : int or None
        Line in the file, counted from 1, where it is known.
    """

    message: str
    path: str = ""
    source: str = ""
    line: int | None = None

    def __str__(self):
        place = f"{self.source}:{self.line}" if self.source and self.line else self.source
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ScenarioError(AutocrineError):
    """Everything that is wrong with a scenario, in one readable message.

    Parameters
    ----------
    faults : list of Fault
        At least one.
    """

    def __init__(self, faults):
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self):
        return ScenarioError, (self.faults,)
