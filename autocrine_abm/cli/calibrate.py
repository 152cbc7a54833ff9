"""The command ``calibrate``: fit parameters to observed time series."""

import sys
from pathlib import Path

import click

from autocrine_abm.cli.app import main
from autocrine_abm.cli.options import changes

__all__ = ["calibrate"]


@main.command()
@click.argument("scenario")
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Observations (CSV).")
@click.option(
    "--fit", multiple=True, metavar="PATH=RANGE",
    help="Such as 'cell.cancer.division_rate=0.01..0.1 1/hour', or a distribution as for sweeps. May be repeated.",
)  # fmt: skip
@click.option(
    "--measure", "measures", multiple=True, metavar="NAME=COLUMN",
    help="Measure of a run and its column, also with a factor: '2 * radius=diameter'. May be repeated.",
)  # fmt: skip
@click.option("--start", metavar="TIME", help="Time of the data at which runs start; default 0.")
@click.option("--until", metavar="TIME", help="Leave later observations out.")
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the results.")
@click.option("--method", type=click.Choice(["optimize", "abc"]), default="optimize", help="Best point, or posterior.")
@click.option("--generations", type=click.IntRange(1), help="Default 15; 5 of abc.")
@click.option("--population", type=click.IntRange(4), help="Points per generation and parameter, default 10; of abc runs, 100.")
@click.option("--replicates", type=click.IntRange(1), help="Runs of each point, default 3; abc has one.")
@click.option("--seed", type=click.IntRange(min=0), default=1, help="Of search and runs.")
@changes
@click.option("--workers", type=click.IntRange(1, 4096), help="Processes on this machine; default one per core.")
def calibrate(scenario, **options):
    """Fit parameters of a scenario to observed time series; the same command continues what was interrupted.

    Data, fit, measures, start, until and replicates may stand in a table [calibrate] of the scenario instead.
    """
    from autocrine_abm.analysis.calibrate import calibrate as run

    shown = sys.stderr.isatty()
    page = run(scenario, progress=(lambda text: click.echo(text, err=True)) if shown else None, **options)
    click.echo((page.parent / "parameters.csv").read_text("utf-8").rstrip())
    failed = page.parent / "failures.csv"
    if failed.exists():
        number = len(failed.read_text("utf-8").splitlines()) - 1
        click.echo(f"{number:,} runs failed and count as infinitely far from the data: {failed}", err=True)
    click.echo(f"Report: {page}   (every number: {page.parent}/*.csv)")
