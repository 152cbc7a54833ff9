"""The command ``run``: simulate a scenario and record it."""

import sys
from pathlib import Path

import click

from autocrine_abm.cli.app import fail, main
from autocrine_abm.cli.interruption import Interruption
from autocrine_abm.cli.options import changes, one_arm
from autocrine_abm.cli.progress import Progress
from autocrine_abm.errors import AutocrineError

__all__ = ["run"]


@main.command()
@click.argument("scenario")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), help="Folder of the results; default runs/NAME-TIME."
)
@changes
@one_arm
@click.option(
    "--seed", type=click.IntRange(min=0), help="Seed of all random draws; short for --set run.seed=N."
)
@click.option("--until", metavar="TIME", help="Stop early, at a time such as '12 hour'.")
@click.option("--threads", type=click.IntRange(1, 256), help="Threads; the results do not depend on it.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier run in the folder.")
def run(scenario, folder, overrides, arm, seed, until, threads, quiet, overwrite):
    """Simulate a scenario and record it in a folder."""
    from autocrine_abm.scenario import files
    from autocrine_abm.scenario.arm import CONTROL

    source = files.locate(scenario)
    spec = files.read(source, [*overrides, *([] if seed is None else [f"run.seed={seed}"])], arm or CONTROL)
    end = _end(spec, until)
    if folder is None:
        folder = _new_folder(f"{source.stem}-{arm}" if arm else source.stem)
    if not quiet and sys.stderr.isatty():
        _warn(spec)
    if spec.python is not None and not quiet:
        click.echo(f"running Python code too: {', '.join(text for _, text in spec.python.references)}", err=True)
    with (
        Progress(end, shown=not quiet and sys.stderr.isatty(), quiet=quiet) as progress,
        Interruption(progress.notice) as interruption,
    ):
        from autocrine_abm.compilation import CompilationWatch
        from autocrine_abm.output.record import record_run

        try:
            with CompilationWatch(progress.notice):
                model = record_run(
                    spec, folder, until=None if until is None else float(end), threads=threads,
                    progress=progress, overwrite=overwrite, source_folder=source.parent, stop=interruption,
                )  # fmt: skip
        except KeyboardInterrupt:
            progress.close()
            fail(f"interrupted; what was recorded until then is in {folder}\nTo go on: autocrine resume {folder}", 1)
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
