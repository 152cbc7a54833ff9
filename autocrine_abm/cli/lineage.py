"""The command ``lineage``: who descends from whom, from the folder of a run."""

from pathlib import Path

import click

from autocrine_abm.cli.app import main

__all__ = ["lineage"]


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File of the trees; left out, they are printed."
)
@click.option("--living", is_flag=True, help="Only cells that are alive at the end, and what leads to them.")
@click.option(
    "--table", type=click.Path(path_type=Path, dir_okay=False), help="Also a CSV file: mother, birth, end and fate of all."
)
def lineage(folder, out, living, table):
    """Write the lineage trees of a run in Newick format.

    One tree per line, for each cell of the start; tips are cell_ids, lengths are minutes.
    """
    from autocrine_abm.measure.lineage import newick
    from autocrine_abm.output.readers import RunFolder

    cells = RunFolder(folder).lineage()
    trees = newick(cells, living)
    if table is not None:
        cells.to_csv(table, index=False)
    if out is None:
        click.echo(trees, nl=False)
        return
    out.write_text(trees, encoding="utf-8")
    unseen = int((cells["fate"] == "unrecorded").sum())
    click.echo(f"{trees.count(';'):,} trees of {len(cells):,} cells: {out}")
    if unseen:
        click.echo(
            f"{unseen:,} mothers came and went between two records, so their descendants begin trees of their own; "
            "a shorter record.cells tells more", err=True,
        )  # fmt: skip
