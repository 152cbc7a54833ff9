"""What time it is in the experiment."""

__all__ = ["Clock"]


class Clock:
    """Counts behavior steps.

    Parameters
    ----------
    behavior_step : float
        Length of a step [min].

    Attributes
    ----------
    step : int
        Steps completed.

    Examples
    --------
    >>> clock = Clock(6.0)
    >>> clock.tick()
    >>> clock.step, clock.time
    (1, 6.0)
    """

    def __init__(self, behavior_step):
        self.behavior_step = float(behavior_step)
        self.step = 0

    @property
    def time(self):
        """Simulated time [min]; a multiple of the step, so that no rounding piles up."""
        return self.step * self.behavior_step

    @property
    def end_of_step(self):
        """When the step under way is done [min]: the `time` after the next `tick`, to the last bit."""
        return (self.step + 1) * self.behavior_step

    def tick(self):
        """One more step is done."""
        self.step += 1
