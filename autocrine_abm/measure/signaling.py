"""Who signals to whom: shares, totals and distances, out of what `TumorModel.trace` has found.

Each molecule that a cell captures came from itself (*autocrine*), from another cell of the tissue
(*paracrine*), out of the blood (*endocrine*), or over the boundary (walls, doses into the bath, what was
there at the start). The three words are labels of numbers here; nothing anywhere is decided by them. How
origins are told apart is left to `signaling.provenance`.
"""

import numpy as np

__all__ = ["HEADLINES", "SHARES", "cell_table", "headlines", "sender_table"]

#: Shares of one cell, in this order.
SHARES = ("self", "same_type", "other_types", "blood", "boundary")

#: Headline shares, and which shares of a cell each sums.
HEADLINES = {
    "autocrine": ("self",),
    "paracrine": ("same_type", "other_types"),
    "endocrine": ("blood",),
    "boundary": ("boundary",),
}


def cell_table(tissues):
    """A row per cell and ligand, as last traced.

    Parameters
    ----------
    tissues : dict of str to Tissue
        Of a model, after ``model.trace()``.

    Returns
    -------
    DataFrame
        tissue, ligand, cell_id, cell_type (names); sensed [molecules/µm³]; captured [molecules/min]; the
        shares `SHARES`, summing to 1, nan where nothing is sensed; distance: root mean square distance to the
        cells that released what the cell senses of cells, itself included [µm], along periodic axes the chord
        (see `signaling.provenance`).

    Examples
    --------
    >>> from autocrine_abm.simulation.model import TumorModel
    >>> model = TumorModel("minimal")
    >>> model.step()
    >>> _ = model.trace()
    >>> table = cell_table(model.tissues)
    >>> bool(np.allclose(table[list(SHARES)].sum(axis=1), 1))
    True
    """
    import pandas as pd

    parts = []
    for name, tissue in tissues.items():
        for ligand, origins in tissue.origins.items():
            data = {
                "tissue": name, "ligand": ligand, "cell_id": origins.cell_id,
                "cell_type": pd.Categorical.from_codes(origins.cell_type, tissue.cells.type_names),
                "sensed": origins.total, "captured": origins.clearance * origins.total,
            }  # fmt: skip
            data |= dict(zip(SHARES, origins.shares().T))
            data["distance"] = np.sqrt(origins.square_distance)
            parts.append(pd.DataFrame(data, index=range(len(origins.own))))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["tissue", "ligand"])
    return table.astype({"tissue": "category", "ligand": "category"})


def sender_table(tissues):
    """Molecules per minute from every sender to every receiver, as last traced.

    Parameters
    ----------
    tissues : dict of str to Tissue

    Returns
    -------
    DataFrame
        A row per tissue, ligand, sender (cell type, ``"blood"`` or ``"boundary"``) and receiver (cell type,
        or ``"blood"`` for what vessels take there): `rate` [molecules/min], and `own`, the part of it that
        cells captured of their own. ``table.pivot(index="sender", columns="receiver", values="rate")`` of one
        ligand is the matrix.
    """
    import pandas as pd

    rows = []
    for name, tissue in tissues.items():
        types = tissue.cells.type_names
        for ligand, origins in tissue.origins.items():
            captured = origins.clearance[:, None] * origins.signal
            own = origins.clearance * origins.own
            into_blood = origins.returned @ origins.signal
            for column, sender in enumerate(origins.senders):
                for index, receiver in enumerate(types):
                    here = origins.cell_type == index
                    kept = float(own[here].sum()) if column == index else 0.0
                    rows.append((name, ligand, sender, receiver, float(captured[here, column].sum()), kept))
                if origins.returned.any():
                    rows.append((name, ligand, sender, "blood", float(into_blood[column]), 0.0))
    return pd.DataFrame(rows, columns=["tissue", "ligand", "sender", "receiver", "rate", "own"])


def headlines(table):
    """Shares of all that is captured of each ligand in each tissue, and how far it came.

    Parameters
    ----------
    table : DataFrame
        From `cell_table`; with a column `time` [min], a row per time is returned.

    Returns
    -------
    DataFrame
        tissue, ligand; captured [molecules/min]; `HEADLINES`, shares of what is captured (of what is sensed
        where nobody takes the ligand up); `rms_distance`, between sender and receiver of what came from cells
        [µm], exact; and `mean_distance`, an upper bound of the mean [µm]: what a cell captures of its own has
        come no way, and the rest, on average, from no farther than its root mean square. In a crowd of
        absorbers it is √6/2 times the mean, a fifth above it.
    """
    import pandas as pd

    keys = [key for key in ("time", "tissue", "ligand") if key in table]
    rows = []
    for names, part in table.groupby(keys, sort=False, observed=True):
        captured = part["captured"].to_numpy(float)
        weight = captured if captured.any() else part["sensed"].to_numpy(float)
        shares = np.nan_to_num(part[list(SHARES)].to_numpy(float))
        total = weight.sum()
        sums = dict(zip(SHARES, weight @ shares / total)) if total > 0 else dict.fromkeys(SHARES, np.nan)
        row = dict(zip(keys, names)) | {"captured": captured.sum()}
        row |= {label: sum(sums[name] for name in names) for label, names in HEADLINES.items()}
        square = np.nan_to_num(part["distance"].to_numpy(float)) ** 2
        others, cells = shares[:, 1] + shares[:, 2], shares[:, :3].sum(axis=1)
        amount = weight @ cells
        row["rms_distance"] = np.sqrt(weight @ (cells * square) / amount) if amount > 0 else np.nan
        row["mean_distance"] = weight @ np.sqrt(cells * square * others) / amount if amount > 0 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)
