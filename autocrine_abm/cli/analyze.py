"""The command ``analyze``: what a sweep shows, as a page and as tables."""

from pathlib import Path

import click

from autocrine_abm.cli.app import main

__all__ = ["analyze"]


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--measure", "measures", multiple=True, metavar="NAME",
    help="Column of the table, or a question such as 'alive > 100' or 'alive > 0.5 start', whose answer is a share of runs. "
    "May be repeated.",
)  # fmt: skip
@click.option(
    "--at", "time", metavar="TIME",
    help="Look at the record nearest to this time; default that of the table [sweep], or the last.",
)  # fmt: skip
@click.option("--contour", type=float, metavar="VALUE", help="Draw a line at this value in maps; default 0.5 for shares.")
@click.option("--dose", "doses", multiple=True, metavar="PATH", help="A varied path that is a dose; of two, also surfaces.")
@click.option("--level", type=click.FloatRange(0.5, 0.999), default=0.95, help="Of confidence; default 0.95.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of page and tables; default DIR/analysis.")
def analyze(folder, **options):
    """Analyze the folder of a sweep: intervals, curves, maps, sensitivity, doses and their combinations."""
    from autocrine_abm.analysis.analyze import analyze as write

    page = write(folder, **options)
    click.echo(f"Report: {page}   (every number: {page.parent}/*.csv)")
