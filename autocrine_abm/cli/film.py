"""The command ``film``: a run, or a scenario that is run for it, as a film."""

import re
import sys
from pathlib import Path

import click

from autocrine_abm.cli.app import main
from autocrine_abm.cli.options import changes, one_arm
from autocrine_abm.cli.progress import Progress
from autocrine_abm.errors import AutocrineError

__all__ = ["film"]

_FRAMES = 100  # of a scenario, unless asked for otherwise


@main.command()
@click.argument("source", metavar="RUN|SCENARIO")
@click.option(
    "--out", type=click.Path(path_type=Path), help="A .gif, .webp or .mp4, or a folder for PNG pictures; default NAME.gif."
)
@click.option("--color", metavar="NAME", help="What colors the cells: 'cell type', phase, clone, pressure, sensed.IL6 ...")
@click.option("--ligand", metavar="NAME", help="The ligand whose field is shown; 'none' for no field.")
@click.option("--view", type=click.Choice(["3d", "x", "y", "z", "all"]), default="3d", help="Of solid tissues; 3d by default.")
@click.option("--fps", type=click.FloatRange(0.1, 60), default=12, show_default=True, help="Frames per second.")
@click.option("--size", metavar="WIDTHxHEIGHT", default="720", show_default=True, help="In pixels; the height may be left out.")
@click.option("--every", metavar="TIME", help="Time between frames; default all that is recorded; of a scenario a hundredth.")
@click.option("--dark", is_flag=True, help="On a dark ground.")
@changes
@one_arm
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def film(source, out, color, ligand, view, fps, size, every, dark, overrides, arm, quiet):
    """Make a film of the folder of a run, or of a scenario that is run for it.

    Scale bar, clock and color bars are drawn in; the color scales hold for the whole film.
    """
    from tempfile import TemporaryDirectory

    from autocrine_abm.output.film import check_target
    from autocrine_abm.units import parse

    folder = Path(source) if Path(source).is_dir() else None
    if folder is not None and (overrides or arm):
        raise AutocrineError("--set and --arm: change a scenario, not a run that has been recorded")
    width, height = _size(size)
    step = float(parse(every, "min")) if every else 0.0
    if every and step <= 0:
        raise AutocrineError(f"--every: got '{every}'; accepted is above 0, such as '1 hour'")
    out = Path(f"{folder.resolve().name if folder else Path(source).stem}.gif") if out is None else out
    check_target(out)
    asked = {"ligand": ligand, "color": color, "view": view, "width": width, "height": height, "dark": dark, "every": step}
    if folder is not None:
        number = _project(folder, out, fps, quiet, **asked)
    else:
        with TemporaryDirectory(prefix="autocrine-film-") as place:
            _simulate(source, Path(place) / "run", every, overrides, arm, quiet)
            number = _project(Path(place) / "run", out, fps, quiet, **asked)
    if not quiet:
        click.echo(f"{number} frames, {number / fps:.1f} s: {out}")


def _size(text):
    """Width and height that are meant, the height None if it is left out."""
    match = re.fullmatch(r"\s*(\d+)\s*(?:[xX×]\s*(\d+))?\s*", text)
    if match is None or not all(160 <= int(part) <= 4096 for part in match.groups() if part):
        raise AutocrineError(f"--size: got '{text}'; accepted is WIDTHxHEIGHT or WIDTH, 160 to 4096 pixels, such as 800x600")
    return int(match[1]), int(match[2]) if match[2] else None


def _simulate(source, folder, every, overrides, arm, quiet):
    """Run a scenario and record what the film needs."""
    from autocrine_abm.compilation import CompilationWatch
    from autocrine_abm.output.record import record_run
    from autocrine_abm.scenario import files
    from autocrine_abm.scenario.arm import CONTROL

    path = files.locate(source)
    spec = files.read(path, list(overrides), arm or CONTROL)
    if every is None:
        steps = max(1, round(spec.run.n_steps / _FRAMES))
        every = f"{steps * float(spec.run.behavior_step):g} min"
    spec = files.read(path, [*overrides, f"record.cells={every}", f"record.fields={every}"], arm or CONTROL)
    with (
        Progress(spec.run.duration, shown=not quiet and sys.stderr.isatty(), quiet=quiet) as progress,
        CompilationWatch(progress.notice),
    ):
        record_run(spec, folder, progress=progress, source_folder=path.parent)


def _project(folder, out, fps, quiet, ligand, color, **asked):
    """Write the film of a run folder; returns the number of its frames."""
    from autocrine_abm.dashboard.cinema import frames, look_at
    from autocrine_abm.dashboard.recording import Recording
    from autocrine_abm.output.film import write_film

    world = Recording(folder)
    return write_film(out, frames(world, look_at(world, ligand, color), **asked), fps)
