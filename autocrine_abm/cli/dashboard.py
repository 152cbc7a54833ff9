"""The command ``dashboard``: watch and steer a tumor in the browser."""

import click

from autocrine_abm.cli.app import main

__all__ = ["dashboard"]


@main.command()
@click.argument("target", required=False, metavar="[SCENARIO|RUN]")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; a free one if it is taken.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 lets others in.")
@click.option("--no-browser", is_flag=True, help="Only serve; open the address yourself.")
def dashboard(target, port, host, no_browser):
    """Watch and steer a scenario, or replay the folder of a run, in the browser."""
    from pathlib import Path

    from autocrine_abm.dashboard.server import serve

    if target is not None and Path(target).is_dir():
        from autocrine_abm.output.readers import RunFolder

        RunFolder(target)  # refuses what is no run
    elif target is not None:
        from autocrine_abm.scenario import files

        files.read(target)
    serve(target, host, port, not no_browser, click.echo)
