"""The command ``autocrine``: parse, make one library call, print.

Exit codes: 0 done, 2 the user's input is wrong, 1 anything else. The simulator itself is only imported by the
commands that simulate, so that help, lists and checks answer at once.
"""

import errno
import sys
from pathlib import Path

import click

from autocrine_abm import __version__
from autocrine_abm.errors import AutocrineError, ScenarioError

__all__ = ["main"]


class _Commands(click.Group):
    """The commands, with one place where errors become a message and an exit code."""

    def invoke(self, ctx):
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal without "µ" shows "?" in its place
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except AutocrineError as error:
            several = isinstance(error, ScenarioError) and len(error.faults) > 1
            _fail(f"{error}\n{len(error.faults)} faults" if several else str(error), 2)
        except KeyboardInterrupt:
            _fail("interrupted", 1)
        except MemoryError:
            _fail("not enough memory; a larger spacing, a smaller tissue or fewer cells need less", 1)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # the reader of a pipe has gone; click ends quietly
            _fail(f"{error.filename or 'system'}: {error.strerror or error}", 1)
        except Exception as error:  # a bug: say so in one line and keep the details
            _fail(
                f"internal error: {type(error).__name__}: {error}\nDetails for a bug report: {_save(error)}",
                1,
            )


def _fail(message, code):
    click.echo(message, err=True)
    raise click.exceptions.Exit(code)


def _save(error):
    """Write the traceback to a file for temporary files; returns its path."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="autocrine-error-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"autocrine_abm {__version__}\n{' '.join(sys.argv)}\n\n")
        file.writelines(traceback.format_exception(error))
    return file.name


def _overrides(values, seed=None):
    return [*values, *([] if seed is None else [f"run.seed={seed}"])]


def _print_judgments(scenario, levels=("warning", "note", "ok")):
    from autocrine_abm.scenario.adequacy import judge

    for judgment in judge(scenario):
        if judgment.level in levels:
            click.echo(f"  {judgment.level + ':':9}{judgment.path}: {judgment.message}")


_set = click.option(
    "--set", "overrides", multiple=True, metavar="PATH=VALUE",
    help="Change a value, such as run.duration='2 day'. May be repeated.",
)  # fmt: skip


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="autocrine")
def main():
    """Simulate tumors whose cells talk with diffusing ligands.

    SCENARIO is the name of a shipped scenario (see 'autocrine list') or the path of a scenario file.
    """


@main.command("list")
def list_scenarios():
    """List the shipped scenarios."""
    from autocrine_abm.scenario import library

    summaries = library.summaries()
    width = max((len(name) for name, _, _ in summaries), default=0)
    heading = None
    for name, group, title in summaries:
        if group != heading:
            click.echo(f"{group or 'Others'}")
            heading = group
        click.echo(f"  {name:{width}}  {title}")


@main.command()
@click.argument("scenario", required=False)
@click.option(
    "--toml", "as_toml", is_flag=True, help="Print the scenario as a file with all defaults filled in."
)
@click.option(
    "--schema", "as_schema", is_flag=True, help="Print the JSON schema of scenario files, for editors."
)
@_set
def show(scenario, as_toml, as_schema, overrides):
    """Show a scenario in words, with units and the numbers that follow from it."""
    from autocrine_abm.scenario import files

    if as_schema:
        import json

        click.echo(json.dumps(files.json_schema(), indent=2, ensure_ascii=False))
        return
    if scenario is None:
        raise click.UsageError("Missing argument 'SCENARIO'.")
    spec = files.read(scenario, overrides)
    if as_toml:
        click.echo(files.to_toml(spec), nl=False)
        return
    from autocrine_abm.scenario.describe import describe

    click.echo(describe(spec))
    click.echo("\nAdequacy of mesh, step and domain")
    _print_judgments(spec)


@main.command()
@click.argument("file", metavar="FILE")
@_set
def check(file, overrides):
    """Check a scenario file, and whether mesh, step and domain suit its numbers."""
    from autocrine_abm.scenario import files

    spec = files.read(file, overrides)
    click.echo(f"{file}: valid")
    _print_judgments(spec)


@main.command()
@click.argument("scenario")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="Folder of the results; default runs/NAME-TIME."
)
@_set
@click.option(
    "--seed", type=click.IntRange(min=0), help="Seed of all random draws; short for --set run.seed=N."
)
@click.option("--until", metavar="TIME", help="Stop early, at a time such as '12 hour'.")
@click.option("--threads", type=click.IntRange(1, 256), help="Threads; the results do not depend on it.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier run in the folder.")
def run(scenario, folder, overrides, seed, until, threads, quiet, overwrite):
    """Simulate a scenario and record it in a folder."""
    from autocrine_abm.scenario import files

    source = files.locate(scenario)
    spec = files.read(source, _overrides(overrides, seed))
    end = _end(spec, until)
    if folder is None:
        folder = _new_folder(source.stem)
    if not quiet and sys.stderr.isatty():
        _warn(spec)
    with _Progress(end, shown=not quiet and sys.stderr.isatty(), quiet=quiet) as progress:
        from autocrine_abm.compilation import CompilationWatch
        from autocrine_abm.output.record import record_run

        try:
            with CompilationWatch(progress.notice):
                model = record_run(
                    spec, folder, until=None if until is None else float(end), threads=threads,
                    progress=progress, overwrite=overwrite, source_folder=source.parent,
                )  # fmt: skip
        except KeyboardInterrupt:
            progress.close()
            _fail(f"interrupted; what was recorded until then is in {folder}", 1)
    if not quiet:
        from autocrine_abm.scenario.derived import in_words

        time = in_words(model.clock.time)
        click.echo(f"{time} simulated, {model.n_cells:,} cells at the end, in {progress.seconds:.1f} s")
        click.echo(f"Results: {folder}   (picture them: autocrine report {folder})")


def _end(spec, until):
    """The simulated time at which the run stops [min]."""
    from autocrine_abm.units import parse

    if until is None:
        return spec.run.duration
    end = parse(until, "min")
    if end <= 0:
        raise AutocrineError(f"--until: got '{until}'; accepted is above 0, such as '12 hour'")
    if end > spec.run.duration:
        raise AutocrineError(
            f"--until: got '{until}', beyond the run's duration of '{spec.run.duration.text}'; "
            f"prolong it with --set run.duration='{until}'"
        )
    return end


def _new_folder(name):
    """A folder below ``runs`` that does not exist yet, named after the scenario and the time."""
    from datetime import datetime

    base = Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
    folder, count = base, 1
    while folder.exists():
        count += 1
        folder = base.with_name(f"{base.name}-{count}")
    return folder


def _warn(spec):
    from autocrine_abm.scenario.adequacy import judge

    for judgment in judge(spec):
        if judgment.level == "warning":
            click.echo(f"warning: {judgment.path}: {judgment.message}", err=True)


class _Progress:
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


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def report(folder):
    """Write a page with plots into the folder of a run."""
    from autocrine_abm.output.report import write_report

    click.echo(f"Report: {write_report(folder)}")


@main.command()
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO|all]...")
def verify(scenarios):
    """Reproduce published results and compare."""
    from autocrine_abm.evidence.checks import verify as reproduce

    def tell(text):
        if sys.stderr.isatty():
            click.echo(text, err=True)

    checks = reproduce(scenarios or ("all",), tell)
    rows = [("", "result", "published", "simulated", "tolerance")]
    rows += [("ok" if c.verdict else "FAIL", c.result, c.published, c.simulated, c.tolerance) for c in checks]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for system in dict.fromkeys(c.system for c in checks):
        sources = dict.fromkeys(c.source for c in checks if c.system == system)
        click.echo(f"{system}: {'; '.join(sources)}")
        for row in [rows[0], *(row for row, c in zip(rows[1:], checks) if c.system == system)]:
            click.echo("  " + "  ".join(f"{cell:{width}}" for cell, width in zip(row, [*widths, 0])).rstrip())
    failed = sum(not c.verdict for c in checks)
    click.echo(f"{len(checks) - failed} of {len(checks)} results reproduced")
    if failed:
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    main()
