"""What is due when: the doses of all regimens, step by step."""

from dataclasses import dataclass

__all__ = ["Dosing", "Due"]


@dataclass(frozen=True)
class Due:
    """The part of one dose that falls into a step.

    Parameters
    ----------
    regimen : Regimen
    begin, end : float
        When [min from the start of the step]; equal for a bolus.
    share : float
        Share of the dose, 1 unless it is infused over several steps.
    """

    regimen: object
    begin: float
    end: float
    share: float


class Dosing:
    """The calendar of a scenario's regimens.

    Parameters
    ----------
    regimens : sequence of Regimen

    Examples
    --------
    >>> from autocrine_abm.drugs.regimen import Regimen
    >>> daily = Regimen(ligand="drug", concentration="1 nM", start="8 min", every="24 hour", doses=3)
    >>> calendar = Dosing([daily])
    >>> calendar.due(0.0, 6.0), [due.begin for due in calendar.due(6.0, 12.0)]
    ([], [2.0])
    """

    def __init__(self, regimens):
        self.regimens = tuple(regimens)

    def due(self, start, stop):
        """Doses, or parts of infusions, from `start` until just before `stop`.

        Steps that follow each other without a gap, each starting with the very number at which the last one
        stopped, give every dose once, in whatever way its time was rounded.

        Parameters
        ----------
        start, stop : float
            [min]

        Returns
        -------
        list of Due
            In the order of time, at the same time in that of the file.
        """
        found = [due for regimen in self.regimens for due in _parts(regimen, start, stop)]
        return sorted(found, key=lambda due: due.begin)


def _parts(regimen, start, stop):
    """What of one regimen is due from `start` until just before `stop`."""
    infusion, every = float(regimen.infusion), float(regimen.every or 0.0)
    first = 0
    if every > 0:
        first = min(max(int((start - regimen.start - infusion) // every) - 1, 0), regimen.doses)
    for number in range(first, regimen.doses):
        begins = float(regimen.start) + number * every
        if begins >= stop:
            return
        if begins + infusion == begins:  # too short to be told from a bolus
            if begins >= start:
                yield Due(regimen, begins - start, begins - start, 1.0)
        elif start - begins < infusion:
            share = min((stop - begins) / infusion, 1.0) - max((start - begins) / infusion, 0.0)
            begin = max(begins - start, 0.0)
            yield Due(regimen, begin, max(min(begins + infusion, stop) - start, begin), share)
