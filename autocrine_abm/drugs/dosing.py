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
    >>> calendar.due(0.0, 6.0), [due.begin for due in calendar.due(6.0, 6.0)]
    ([], [2.0])
    """

    def __init__(self, regimens):
        self.regimens = tuple(regimens)

    def due(self, time, dt):
        """Doses, or parts of infusions, between `time` and `time` + `dt` [min]; list of `Due` in the order of the file."""
        found = []
        for regimen in self.regimens:
            infusion, every = float(regimen.infusion), float(regimen.every or 0.0)
            first = 0
            if every > 0:
                first = min(max(int((time - regimen.start - infusion) // every), 0), regimen.doses)
            for number in range(first, regimen.doses):
                start = float(regimen.start) + number * every - time
                if start >= dt:
                    break
                if infusion == 0 and start >= 0:
                    found.append(Due(regimen, start, start, 1.0))
                elif infusion > 0:
                    begin, end = max(start, 0.0), min(start + infusion, dt)
                    if end > begin:
                        found.append(Due(regimen, begin, end, (end - begin) / infusion))
        return found
