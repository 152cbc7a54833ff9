"""The command ``verify``: published results, reproduced."""

import sys
from pathlib import Path

import click

from autocrine_abm.cli.app import main

__all__ = ["verify"]


@main.command()
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO|all]...")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path), default=Path("runs/verify"), show_default=True,
    help="Folder that keeps the findings, and their page.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Find everything anew, whatever the folder holds.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default one per processor.")
def verify(scenarios, folder, fresh, workers):
    """Reproduce published results and compare.

    Findings are kept, and reused while neither the simulator nor the scenario has changed.
    """
    from autocrine_abm.evidence.checks import verify as reproduce
    from autocrine_abm.evidence.page import write_page

    def tell(text):
        if sys.stderr.isatty():
            click.echo(text, err=True)

    found = reproduce(scenarios or ("all",), tell, folder, fresh, workers)
    checks = [check for findings in found.values() for check in findings.checks]
    rows = [("", "result", "published", "simulated", "tolerance")]
    rows += [("ok" if c.verdict else "FAIL", c.result, c.published, c.simulated, c.tolerance) for c in checks]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for system in dict.fromkeys(c.system for c in checks):
        sources = dict.fromkeys(c.source for c in checks if c.system == system)
        click.echo(f"{system}: {'; '.join(sources)}")
        for row in [rows[0], *(row for row, c in zip(rows[1:], checks) if c.system == system)]:
            click.echo("  " + "  ".join(f"{cell:{width}}" for cell, width in zip(row, [*widths, 0])).rstrip())
    failed = sum(not c.verdict for c in checks)
    click.echo(f"{len(checks) - failed} of {len(checks)} results reproduced; page: {write_page(folder, found)}")
    if failed:
        raise click.exceptions.Exit(1)
