"""The commands ``list``, ``show`` and ``check``: what a scenario says, without running it."""

import click

from autocrine_abm.cli.app import main
from autocrine_abm.cli.options import changes, one_arm

__all__ = ["check", "list_scenarios", "show"]


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
@changes
@one_arm
def show(scenario, as_toml, as_schema, overrides, arm):
    """Show a scenario in words, with units and the numbers that follow from it."""
    from autocrine_abm.scenario import files

    if as_schema:
        import json

        click.echo(json.dumps(files.json_schema(), indent=2, ensure_ascii=False))
        return
    if scenario is None:
        raise click.UsageError("Missing argument 'SCENARIO'.")
    spec = files.read(scenario, overrides, arm)
    if as_toml:
        click.echo(files.to_toml(spec), nl=False)
        return
    from autocrine_abm.scenario.describe import describe

    click.echo(describe(spec))
    click.echo("\nAdequacy of mesh, step and domain")
    _print_judgments(spec)


@main.command()
@click.argument("file", metavar="FILE")
@changes
def check(file, overrides):
    """Check a scenario file, and whether mesh, step and domain suit its numbers."""
    from autocrine_abm.scenario import files

    spec = files.read(file, overrides)
    click.echo(f"{file}: valid")
    _print_judgments(spec)


def _print_judgments(scenario, levels=("warning", "note", "ok")):
    from autocrine_abm.scenario.adequacy import judge

    for judgment in judge(scenario):
        if judgment.level in levels:
            click.echo(f"  {judgment.level + ':':9}{judgment.path}: {judgment.message}")
