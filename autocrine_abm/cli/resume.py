"""The command ``resume``: continue an interrupted run."""

import sys
from pathlib import Path

import click

from autocrine_abm.cli.app import fail, main
from autocrine_abm.cli.interruption import Interruption
from autocrine_abm.cli.progress import Progress

__all__ = ["resume"]


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--threads", type=click.IntRange(1, 256), help="Threads; the results do not depend on it.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--force", is_flag=True, help="Go on although another machine may still be at it.")
def resume(folder, threads, quiet, force):
    """Continue a run that was killed or interrupted; the result is that of one without interruption."""
    from autocrine_abm.output.readers import RunFolder

    run = RunFolder(folder)
    if run.status == "done":
        if not quiet:
            click.echo(f"{folder}: the run is complete, there is nothing left to do")
        return
    end = run.info.get("last_step", 0) * run.info["behavior_step"] or run.info["duration"]
    with (
        Progress(end, shown=not quiet and sys.stderr.isatty(), quiet=quiet) as progress,
        Interruption(progress.notice) as interruption,
    ):
        from autocrine_abm.compilation import CompilationWatch
        from autocrine_abm.output.resume import resume_run

        try:
            with CompilationWatch(progress.notice):
                model = resume_run(folder, threads=threads, progress=progress, stop=interruption, force=force)
        except KeyboardInterrupt:
            progress.close()
            fail(f"interrupted; to go on: autocrine resume {folder}", 1)
    if not quiet:
        from autocrine_abm.scenario.derived import in_words

        click.echo(f"{in_words(model.clock.time)} simulated, {model.n_cells:,} cells at the end")
        click.echo(f"Results: {folder}   (picture them: autocrine report {folder})")
