"""Options that several commands take."""

import click

__all__ = ["changes", "one_arm"]

#: The option --set, which arrives as the argument `overrides`, a tuple of "PATH=VALUE".
changes = click.option(
    "--set", "overrides", multiple=True, metavar="PATH=VALUE",
    help="Change a value, such as run.duration='2 day'. May be repeated.",
)  # fmt: skip

#: The option --arm, which arrives as the argument `arm`, a name or None.
one_arm = click.option("--arm", metavar="NAME", help="An arm of the experiment; 'control' is the scenario as it stands.")
