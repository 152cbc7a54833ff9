"""A phase of the cell cycle: how long it takes, how much that varies, and whether the cell grows in it."""

from pydantic import Field

from autocrine_abm.parameters import Parameters, PositiveDuration

__all__ = ["CyclePhase"]


class CyclePhase(Parameters):
    """One phase; a cell type lists its phases in order, and divides when it leaves the last one.

    A cell stays for (1 − spread)·duration at least and then leaves at the rate 1/(spread·duration): `duration` is the mean
    and `spread` the standard deviation over it. 1 is a phase without memory, 0 one of fixed length. Rules may change
    "exit rate of NAME"; at an exit rate of 0 the cell is quiescent.
    """

    name: str = Field(description="name of the phase, such as 'G0/G1'")
    duration: PositiveDuration = Field(description="mean time that cells stay in it")
    spread: float = Field(1.0, ge=0, le=1, description="standard deviation of that time over its mean")
    grows: bool = Field(False, description="whether the cell doubles its volume from this phase on")

    @property
    def minimum(self):
        """Least time in the phase [min]."""
        return (1.0 - self.spread) * float(self.duration)

    @property
    def exit_rate(self):
        """Rate of leaving after that [1/min]; infinite for a phase of fixed length."""
        return 1.0 / (self.spread * float(self.duration)) if self.spread > 0 else float("inf")
