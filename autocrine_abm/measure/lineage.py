"""Who descends from whom: clones through time, and the tree of all cells, from the cell tables of a run.

At a division the mother keeps her cell_id, so a cell is a line through time from which daughters branch off,
and nothing is lost as long as each cell stands in one recorded table. What is lost: a cell that came and went
between two records is known only if daughters of it were recorded, and then without its own origin, so its
descendants form a tree of their own; a cell that vanished without a recorded corpse ends where it was last
seen, which is early by up to one interval. Record cells more often than corpses stay to lose nothing.

The functions read anything that has `cell_times()` and `cells(time, columns)`, such as a `RunFolder`.
"""

import numpy as np

__all__ = ["ancestry", "bands", "clone_parents", "clone_sizes", "newick"]

_COLUMNS = ["cell_id", "parent_id", "clone_id", "birth_time", "phase_time", "phase"]
UNRECORDED = "unrecorded"


def ancestry(run):
    """Every cell that was ever recorded, and mothers known by their daughters only.

    Parameters
    ----------
    run : RunFolder
        Or anything with `cell_times` and `cells`.

    Returns
    -------
    DataFrame
        A row per cell, in the order of cell_id: cell_id, parent_id (0 for cells of the start), clone_id,
        birth_time, end_time [min] and fate: "alive" at the last record, "apoptotic" or "necrotic" with
        end_time the time of death, "lost" where it was last seen before it vanished, or "unrecorded" for
        mothers known by their daughters only, with clone_id and parent_id 0 and the times of the first and
        last of these births.
    """
    import pandas as pd

    known, last = None, 0.0
    for last in run.cell_times():
        now = run.cells(last, columns=_COLUMNS)
        now = now.assign(fate=now["phase"].astype(str), end_time=float(last)).set_index("cell_id")
        dead = now["fate"] != "alive"
        now.loc[dead, "end_time"] = now.loc[dead, "phase_time"]
        now = now.drop(columns=["phase", "phase_time"])
        if known is not None:
            gone = known.index.difference(now.index, sort=False)
            now = pd.concat([known.loc[gone], now])
        known = now
    if known is None:
        columns = ["cell_id", "parent_id", "clone_id", "birth_time", "end_time", "fate"]
        return pd.DataFrame({name: [] for name in columns})
    known.loc[(known["fate"] == "alive") & (known["end_time"] < last), "fate"] = "lost"
    mothers = known["parent_id"]
    orphans = known[(mothers != 0) & ~mothers.isin(known.index)]
    births = orphans.groupby("parent_id")["birth_time"].agg(["min", "max"])
    unseen = pd.DataFrame(
        {
            "parent_id": 0,
            "clone_id": 0,
            "birth_time": births["min"],
            "end_time": births["max"],
            "fate": UNRECORDED,
        },
        index=births.index,
    )
    table = pd.concat([known, unseen]) if len(unseen) else known
    table.index.name = "cell_id"
    table = table.sort_index().reset_index()
    return table[["cell_id", "parent_id", "clone_id", "birth_time", "end_time", "fate"]]


def clone_sizes(run):
    """Living cells of each clone at every recorded time.

    Returns
    -------
    DataFrame
        A row per time [min] (index), a column per clone_id (in ascending order), living cells in it.
    """
    import pandas as pd

    counts = {}
    for time in run.cell_times():
        table = run.cells(time, columns=["clone_id", "phase"])
        clone, size = np.unique(
            table["clone_id"].to_numpy()[(table["phase"] == "alive").to_numpy()], return_counts=True
        )
        counts[float(time)] = pd.Series(size, index=clone)
    sizes = pd.DataFrame(counts).T.fillna(0).astype(np.int64)
    sizes.index.name, sizes.columns.name = "time", "clone_id"
    return sizes.sort_index(axis=1)


def clone_parents(table):
    """The clone that each clone arose in, dict of int to int; 0 for clones of the start, and where not known.

    Parameters
    ----------
    table : DataFrame
        From `ancestry`.
    """
    clone_of = dict(zip(table["cell_id"], table["clone_id"]))
    founders = table[(table["cell_id"] == table["clone_id"])]
    parents = {int(clone): 0 for clone in table["clone_id"] if clone}
    for clone, mother in zip(founders["clone_id"], founders["parent_id"]):
        parents[int(clone)] = int(clone_of.get(mother, 0))
    return parents


def bands(sizes, parents, most=7):
    """What a Muller plot stacks: each clone around the clones that arose in it.

    Parameters
    ----------
    sizes : DataFrame
        From `clone_sizes`.
    parents : dict of int to int
        From `clone_parents`.
    most : int
        Clones to show, those with the largest share at any time; a clone that is not shown counts to the
        nearest shown one that it descends from, if any.

    Returns
    -------
    list of (int, ndarray)
        clone_id and living cells at every time, from the bottom to the top; 0 stands for all clones that are
        not shown. A clone that others arose in comes twice, with half of its cells each, below and above
        them. The bands add up to all living cells.

    Examples
    --------
    >>> import pandas as pd
    >>> sizes = pd.DataFrame({1: [4, 4], 9: [0, 3]}, index=[0.0, 60.0])
    >>> [(clone, band.tolist()) for clone, band in bands(sizes, {1: 0, 9: 1})]
    [(1, [2.0, 2.0]), (9, [0.0, 3.0]), (1, [2.0, 2.0])]
    """
    total = np.maximum(sizes.sum(axis=1).to_numpy(float), 1.0)
    peak = {int(clone): float((sizes[clone].to_numpy() / total).max()) for clone in sizes.columns}
    shown = set(sorted(peak, key=lambda clone: (-peak[clone], clone))[:most])

    def nearest(clone):
        while clone and clone not in shown:
            clone = parents.get(clone, 0)
        return clone

    values = {clone: np.zeros(len(sizes)) for clone in (0, *shown)}
    for clone in sizes.columns:
        values[nearest(int(clone))] += sizes[clone].to_numpy(float)
    inside = {clone: [] for clone in values}
    for clone in sorted(shown):
        inside[nearest(parents.get(clone, 0))].append(clone)
    stacked, waiting = [], [(clone, False) for clone in reversed(inside[0])]
    while waiting:
        clone, closes = waiting.pop()
        half = 0.5 if inside[clone] else 1.0
        stacked.append((clone, half * values[clone]))
        if inside[clone] and not closes:
            waiting.append((clone, True))
            waiting += [(child, False) for child in reversed(inside[clone])]
    if values[0].any():
        stacked.append((0, values[0]))
    return stacked


def newick(table, living=False):
    """The tree of the cells, in Newick format with branch lengths in minutes.

    Parameters
    ----------
    table : DataFrame
        From `ancestry`.
    living : bool
        Only cells that are alive at the last record, and what leads to them.

    Returns
    -------
    str
        A line per tree, one for each cell whose mother is not known; tips are called by cell_id, inner nodes
        are divisions. Mothers that were never recorded have no tip.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"cell_id": [1, 2], "parent_id": [0, 1], "birth_time": [0.0, 60.0],
    ...                       "end_time": [90.0, 80.0], "fate": ["alive", "apoptotic"]})
    >>> newick(table)
    '(1:30,2:20):60;\\n'
    """
    ids = table["cell_id"].to_numpy()
    place = {int(cell): row for row, cell in enumerate(ids)}
    birth, end = table["birth_time"].to_numpy(float), table["end_time"].to_numpy(float)
    fate = table["fate"].to_numpy()
    has_tip = fate == "alive" if living else fate != UNRECORDED
    mother = np.array([place.get(int(cell), -1) for cell in table["parent_id"]], np.int64)
    kept, daughters = has_tip.copy(), {}
    for row in np.argsort(ids)[::-1]:  # daughters have higher numbers than their mothers
        if kept[row] and mother[row] >= 0:
            kept[mother[row]] = True
            daughters.setdefault(int(mother[row]), []).append(int(row))
    pieces = []
    for root in np.flatnonzero(kept & (mother < 0)):
        _write(int(root), ids, birth, end, has_tip, daughters, pieces)
        pieces.append(";\n")
    return "".join(pieces)


def _write(root, ids, birth, end, has_tip, daughters, pieces):
    """Append the text of one tree to `pieces`; no recursion, since trees may be deep."""
    waiting = [(root, 0.0)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        row, stem = item  # a line, and what came before its birth without a branch
        branches = sorted(daughters.get(row, ()), key=lambda other: (birth[other], ids[other]))
        since = birth[row] - stem
        follow = []
        if has_tip[row]:
            last = birth[branches[-1]] if branches else since
            tip = f"{ids[row]}:{_length(end[row] - last)}"
        else:  # the last daughter goes on where its mother did
            heir = branches.pop()
            last = birth[branches[-1]] if branches else since
            tip = (heir, birth[heir] - last)
        pieces.append("(" * len(branches))
        follow.append(tip)
        for at in range(len(branches) - 1, -1, -1):
            before = birth[branches[at - 1]] if at else since
            follow += [",", (branches[at], 0.0), f"):{_length(birth[branches[at]] - before)}"]
        waiting += reversed(follow)


def _length(minutes):
    return f"{max(minutes, 0.0):.10g}"
