"""The section of a report on whom signals reach: shares by origin, senders and receivers, distances.

The three headline words are labels of numbers from `measure.signaling`; a run that recorded no origins has no
such section.
"""

from html import escape

import numpy as np

from autocrine_abm.measure.signaling import HEADLINES
from autocrine_abm.output.colors import CATEGORIES
from autocrine_abm.output.markup import duration, note_of, number, side_by_side, table
from autocrine_abm.output.plots import Curve, layers, time_axis

__all__ = ["signaling"]


def signaling(material):
    """Shares of what cells capture by origin, over time and at the end; who signals to whom; how far."""
    if len(material.run.signaling_times()) == 0:
        return ""
    shares = material.run.signaling_shares()
    if shares.empty:
        return ""
    captured = shares.groupby("ligand", observed=True)["captured"].transform("max") > 0
    shares = shares[captured] if captured.any() else shares
    last = shares[shares["time"] == shares["time"].max()]
    return "".join((_plots(material, shares), _shares(material, last), _matrices(material, last)))


def _place(material, row):
    """Ligand and, if there are several, tissue."""
    return f"{row.ligand} in {row.tissue}" if len(material.tissues) > 1 else str(row.ligand)


def _plots(material, shares):
    """Shares over time as stacked areas, one plot per ligand and tissue."""
    plots = []
    for (ligand, tissue), part in shares.groupby(["ligand", "tissue"], sort=False, observed=True):
        if len(part) < 2:
            continue
        time, unit = time_axis(part["time"])
        lines = [
            Curve(label, CATEGORIES[place], 100 * np.nan_to_num(part[label].to_numpy(float)))
            for place, label in enumerate(HEADLINES)
            if part[label].max() > 0.001
        ]
        where = f" in {tissue}" if len(material.tissues) > 1 else ""
        plots.append(
            layers(np.asarray(time), lines, f"time [{unit}]", "share of captured [%]", f"{ligand}{where}")
        )
    return side_by_side(plots)


def _shares(material, last):
    """The headline shares at the end, a row per ligand and tissue."""
    rows = [
        (
            escape(_place(material, row)), number(row.captured),
            *(_percent(getattr(row, label)) for label in HEADLINES),
            number(row.rms_distance, 3), number(row.mean_distance, 3),
        )
        for row in last.itertuples()
    ]  # fmt: skip
    head = (
        "signal",
        "captured [1/min]",
        *(f"{label} [%]" for label in HEADLINES),
        "RMS distance [µm]",
        "mean distance ≤ [µm]",
    )
    note = note_of(
        f"At {duration(float(last['time'].iloc[0]))}: molecules that cells captured, by where they came "
        "from. Autocrine: from the cell itself; paracrine: from other cells of the tissue; endocrine: "
        "out of the blood; boundary: from walls held at a concentration, doses into the bath, and the "
        "start. Where no cell captures the ligand, shares of what is sensed. Distance: from sender to "
        "receiver, of molecules that cells released."
    )
    return table(head, rows) + note


def _percent(share):
    return "–" if share != share else f"{100 * share:.1f}"


def _matrices(material, last):
    """Sender × receiver, a table per ligand and tissue."""
    totals = material.run.signaling_totals()
    totals = totals[totals["time"] == last["time"].iloc[0]]
    parts = []
    for row in last.itertuples():
        part = totals[(totals["ligand"] == row.ligand) & (totals["tissue"] == row.tissue)]
        rate = part.pivot(index="sender", columns="receiver", values="rate")
        own = part.groupby("sender")["own"].sum()
        senders = [name for name in part["sender"].drop_duplicates() if rate.loc[name].any()]
        receivers = [name for name in part["receiver"].drop_duplicates() if rate[name].any()]
        if not senders:
            continue
        body = [
            (
                escape(f"from {sender}"),
                *(number(rate.loc[sender, receiver]) for receiver in receivers),
                number(own[sender]) if own[sender] else "–",
            )
            for sender in senders
        ]
        head = (
            escape(_place(material, row)),
            *(escape(f"to {name}") for name in receivers),
            "of which to itself",
        )
        parts.append(table(head, body))
    if not parts:
        return ""
    note = note_of(
        "Molecules per minute from each sender to each receiver. "
        "To the blood: what vessels take out of the tissue."
    )
    return "<h3>Senders and receivers</h3>" + "".join(parts) + note
