"""The bar that shows how far a run has come."""

import click

__all__ = ["Progress"]


class Progress:
    """A bar with simulated time, cells, speed and time left; does nothing where nobody looks.

    Parameters
    ----------
    end : float
        Simulated time at which the run stops [min].
    shown : bool
        Whether to draw the bar.
    quiet : bool
        Whether to swallow notices too.
    """

    INTERVAL = 0.1  # s between updates of the bar

    def __init__(self, end, shown, quiet=False):
        self.end, self.shown, self.quiet = end, shown, quiet
        self.bar = None

    def __enter__(self):
        from time import perf_counter

        self._clock = perf_counter
        self._start, self._last, self._first_step = perf_counter(), 0.0, None
        if self.shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            self.bar = Progress(
                BarColumn(bar_width=None), TextColumn("{task.percentage:3.0f} %"),
                TextColumn("{task.fields[state]}", markup=False),
                console=Console(stderr=True), transient=True, expand=True,
            )  # fmt: skip
            self.task = self.bar.add_task("", total=float(self.end), state="starting")
            self.bar.start()
        return self

    def __exit__(self, *exception):
        self.close()

    @property
    def seconds(self):
        """Time since the start [s]."""
        return self._clock() - self._start

    def close(self):
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def message(self, text):
        """Say what is being done, in the bar."""
        if self.bar is not None:
            self.bar.update(self.task, state=text)

    def notice(self, text):
        """Say something that matters without a bar too."""
        if self.bar is not None:
            self.bar.console.print(text, markup=False, highlight=False)
        elif not self.quiet:
            click.echo(text, err=True)

    def update(self, model):
        """Show where the model is."""
        if self.bar is None:
            return
        now, time = self._clock(), model.clock.time
        if self._first_step is None:
            self._first_step = now, time
        if now - self._last < self.INTERVAL and time < self.end:
            return
        self._last = now
        from autocrine_abm.scenario.derived import in_words

        state = f"{in_words(time)} of {in_words(self.end)}, {model.n_cells:,} cells"
        (start, begin) = self._first_step
        if time > begin:
            speed = (time - begin) / (now - start)  # simulated minutes per second
            left = max(0, round((self.end - time) / speed))
            state += f", {speed / 60:.3g} h/s, {left // 60}:{left % 60:02d} left"
        self.bar.update(self.task, completed=min(time, float(self.end)), state=state)
