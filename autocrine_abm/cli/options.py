"""Options that several commands take."""

import click

__all__ = ["changes"]

#: The option --set, which arrives as the argument `overrides`, a tuple of "PATH=VALUE".
changes = click.option(
    "--set", "overrides", multiple=True, metavar="PATH=VALUE",
    help="Change a value, such as run.duration='2 day'. May be repeated.",
)  # fmt: skip
