"""The command ``verify``: published results, reproduced."""

import sys

import click

from autocrine_abm.cli.app import main

__all__ = ["verify"]


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
