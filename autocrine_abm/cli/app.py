"""The group of all commands, and the one place where errors become a message and an exit code."""

import errno
import sys

import click

from autocrine_abm import __version__
from autocrine_abm.errors import AutocrineError, ScenarioError

__all__ = ["fail", "main"]


class _Commands(click.Group):
    """The commands, with one place where errors become a message and an exit code."""

    def invoke(self, ctx):
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal without "µ" shows "?" in its place
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except AutocrineError as error:
            several = isinstance(error, ScenarioError) and len(error.faults) > 1
            fail(f"{error}\n{len(error.faults)} faults" if several else str(error), 2)
        except KeyboardInterrupt:
            fail("interrupted", 1)
        except MemoryError:
            fail("not enough memory; a larger spacing, a smaller tissue or fewer cells need less", 1)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # the reader of a pipe has gone; click ends quietly
            fail(f"{error.filename or 'system'}: {error.strerror or error}", 1)
        except Exception as error:  # a bug: say so in one line and keep the details
            fail(
                f"internal error: {type(error).__name__}: {error}\nDetails for a bug report: {_save(error)}",
                1,
            )


def fail(message, code):
    """Print a message and end with an exit code."""
    click.echo(message, err=True)
    raise click.exceptions.Exit(code)


def _save(error):
    """Write the traceback to a file for temporary files; returns its path."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="autocrine-error-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"autocrine_abm {__version__}\n{' '.join(sys.argv)}\n\n")
        file.writelines(traceback.format_exception(error))
    return file.name


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="autocrine")
def main():
    """Simulate tumors whose cells talk with diffusing ligands.

    SCENARIO is the name of a shipped scenario (see 'autocrine list') or the path of a scenario file.
    """
