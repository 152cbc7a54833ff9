"""How far a sweep has come: finished, failed, running, time left; drawn where somebody looks."""

import time
from dataclasses import dataclass, field

__all__ = ["SweepBar", "Tally"]


@dataclass
class Tally:
    """Counts of a sweep.

    Parameters
    ----------
    total : int
        Runs of the plan.
    finished, failed, running : int
        Of these.
    before : int
        Runs that an earlier sitting had finished.
    """

    total: int
    finished: int = 0
    failed: int = 0
    running: int = 0
    before: int = 0
    _start: float = field(default_factory=time.monotonic)

    @property
    def seconds(self):
        """Time since the start [s]."""
        return time.monotonic() - self._start

    @property
    def seconds_left(self):
        """Time until the end at the speed so far [s]; None before the first run is finished."""
        done = self.finished + self.failed - self.before
        return self.seconds / done * (self.total - self.finished - self.failed) if done > 0 else None

    def __str__(self):
        parts = [f"{self.finished:,} of {self.total:,} finished"]
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        parts.append(f"{self.running:,} running")
        if (left := self.seconds_left) is not None:
            minutes, seconds = divmod(round(left), 60)
            hours, minutes = divmod(minutes, 60)
            parts.append(f"{hours}:{minutes:02d}:{seconds:02d} left" if hours else f"{minutes}:{seconds:02d} left")
        return ", ".join(parts)


class SweepBar:
    """A bar on the terminal that follows a tally; nothing is imported or drawn before it is entered.

    Examples
    --------
    >>> from autocrine_abm.experiments.progress import Tally
    >>> str(Tally(total=8, finished=2, running=1, before=2))
    '2 of 8 finished, 1 running'
    """

    def __enter__(self):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._bar = Progress(
            BarColumn(bar_width=None), TextColumn("{task.percentage:3.0f} %"),
            TextColumn("{task.fields[state]}", markup=False),
            console=Console(stderr=True), transient=True, expand=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=1.0, state="starting the workers")
        self._bar.start()
        return self

    def __exit__(self, *exception):
        self._bar.stop()

    def update(self, tally):
        """Show where the sweep is."""
        self._bar.update(
            self._task, total=tally.total, completed=tally.finished + tally.failed,
            state=str(tally) if tally.running else "waiting for workers",
        )  # fmt: skip
