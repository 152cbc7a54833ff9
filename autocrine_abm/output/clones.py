"""The section of a report about clones: how much of the tumor descends from whom, as a Muller plot."""

import numpy as np

from autocrine_abm.measure.lineage import ancestry, bands, clone_parents, clone_sizes
from autocrine_abm.output.colors import CATEGORIES
from autocrine_abm.output.markup import count, note_of, number, side_by_side, table
from autocrine_abm.output.plots import Curve, layers, time_axis

__all__ = ["clones"]

_OTHERS = CATEGORIES[-1]
_MOST = len(CATEGORIES) - 1


def clones(material):
    """Shares and sizes of the largest clones through time, and how diverse the tumor is.

    Parameters
    ----------
    material : Material

    Returns
    -------
    str
        HTML; nothing if there is one clone, or if cells were not recorded at two times.
    """
    run = material.run
    if len(run.cell_times()) < 2:
        return ""
    sizes = clone_sizes(run)
    if sizes.shape[1] < 2:
        return ""
    parents = clone_parents(ancestry(run))
    stacked = bands(sizes, parents, _MOST)
    shown = sorted({clone for clone, _ in stacked if clone})
    color = {clone: CATEGORIES[place] for place, clone in enumerate(shown)} | {0: _OTHERS}
    total = np.maximum(sizes.sum(axis=1).to_numpy(float), 1.0)
    time, unit = time_axis(sizes.index.to_numpy())
    named, lines, shares = set(), [], []
    for clone, band in reversed(stacked):  # of a clone in two bands the upper one bears the name
        name = "" if clone in named else f"clone {clone}" if clone else "others"
        named.add(clone)
        lines.insert(0, Curve(name, color[clone], band))
        shares.insert(0, Curve(name, color[clone], band / total))
    plots = [
        layers(time, shares, f"time [{unit}]", "share of living cells [-]", "Clones, shares"),
        layers(time, lines, f"time [{unit}]", "living cells", "Clones, cells"),
    ]
    last = sizes.iloc[-1].to_numpy(float)
    rows = []
    for clone in shown:
        now = float(sizes[clone].iloc[-1])
        rows.append(
            (str(clone), str(parents.get(clone) or "–"), count(now), number(now / max(last.sum(), 1.0), 3))
        )
    head = ("clone", "arose in", "living cells at the end", "share")
    note = note_of(
        f"{count(sizes.shape[1])} clones were seen, {count(np.count_nonzero(last))} live at the end. A "
        "clone is called by the cell_id of its founder: a cell of the start, or a mutant that founded one. A "
        "clone that others arose in is drawn around them; clones too small to be drawn count there to the "
        "one that they arose in. "
        f"Effective number of clones at the end, 1/Σ share²: {number(_effective(last), 3)}."
    )
    return side_by_side(plots) + table(head, rows, words=(0, 1)) + note


def _effective(cells):
    """Inverse Simpson index of clone sizes; nan without cells."""
    return float(cells.sum() ** 2 / (cells**2).sum()) if cells.any() else float("nan")
