"""The command ``report``: the page of a run."""

from pathlib import Path

import click

from autocrine_abm.cli.app import main

__all__ = ["report"]


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def report(folder):
    """Write a page with plots into the folder of a run."""
    from autocrine_abm.output.report import write_report

    click.echo(f"Report: {write_report(folder)}")
