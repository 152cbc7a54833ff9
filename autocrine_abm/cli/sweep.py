"""The command ``sweep``: an experiment of many runs, on this machine or a cluster."""

import sys
from pathlib import Path

import click

from autocrine_abm.cli.app import fail, main
from autocrine_abm.cli.options import changes
from autocrine_abm.scenario.sweep import DESIGNS

__all__ = ["sweep"]


@main.command()
@click.argument("scenario")
@click.option(
    "--vary", multiple=True, metavar="PATH=SPEC",
    help="What is varied, such as 'ligand.IL6.decay=log 0.01..1 1/min in 5'. May be repeated; default: the scenario's [sweep].",
)  # fmt: skip
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the sweep.")
@click.option("--design", type=click.Choice(list(DESIGNS)), help="How values are combined; default grid.")
@click.option("--samples", type=click.IntRange(1), help="Points of a design other than grid; blocks of saltelli and morris.")
@click.option("--replicates", type=click.IntRange(1), help="Runs of each point, with seeds of their own.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the design and of all runs' seeds.")
@click.option("--paired", is_flag=True, default=None, help="Give all points the same seeds.")
@changes
@click.option("--workers", type=click.IntRange(1, 4096), help="Processes on this machine; default one per core.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on the Dask cluster whose scheduler is there.")
@click.option("--time-limit", metavar="TIME", help="Give a run up after this wall time, such as '10 min'.")
@click.option("--memory-limit", metavar="SIZE", help="Give a run up when its process needs more, such as '2 GB'.")
@click.option("--keep-runs", is_flag=True, default=None, help="Keep the folder of every run.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def sweep(scenario, vary, folder, overrides, workers, scheduler, quiet, **options):
    """Run a scenario with varied values and collect one table.

    SPEC is a list ('0.1, 1, 10 nM'), a range ('linear 0..1 nM in 5', 'linear 0..1 nM by 0.25', 'log 0.01..10 nM in 4',
    'integers 1..10') or, for designs other than grid, also a distribution ('uniform 0..1 nM', 'loguniform 0.01..10 nM',
    'normal 5 sd 1 um', 'lognormal 5 sigma 0.3 um').

    The same command again continues a sweep that was interrupted, and tries runs that failed once more.
    """
    from contextlib import nullcontext

    from autocrine_abm.experiments.progress import SweepBar
    from autocrine_abm.experiments.sweep import sweep as run_sweep

    try:
        with SweepBar() if not quiet and sys.stderr.isatty() else nullcontext() as bar:
            study = run_sweep(
                scenario, list(vary) or None, folder, overrides=overrides, workers=workers, scheduler=scheduler,
                progress=bar, **options,
            )  # fmt: skip
    except KeyboardInterrupt:
        fail(f"interrupted; what is finished is in {folder}, and the same command continues", 1)
    failed = study.info["failed"]
    if not quiet:
        click.echo(f"{study.info['finished']:,} of {study.info['runs']:,} runs finished")
        click.echo(f"Results: {folder / 'table.csv'} and table.parquet   (each run: {folder / 'runs.csv'})")
    if failed:
        runs = study.runs()
        for row in runs[runs["status"] == "failed"].head(3).to_dict("records"):
            click.echo(f"run {row['run']} failed: {row['message']}", err=True)
        fail(f"{failed:,} of {study.info['runs']:,} runs failed; the same command tries them again", 1)
