"""Numbers, times and tables as a report writes them."""

import numpy as np

__all__ = ["count", "duration", "note_of", "number", "power_of_ten", "side_by_side", "table"]

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value, digits=4):
    """A number for people: ``3.325 × 10⁷``, ``12 345``, a real minus sign, a dash for nan."""
    if value != value:
        return "–"
    text = f"{value:.{digits}g}"
    mantissa, _, power = text.partition("e")
    if power and not 0 <= int(power) <= 5:
        text = f"{mantissa} × 10{str(int(power)).translate(_RAISED)}"
    elif abs(value) >= 1e4:
        text = f"{float(text):,.0f}".replace(",", "\u2009")
    return text.replace("-", "−")


def power_of_ten(power):
    """``10⁶``; of 0 and 1, plain numbers.

    >>> power_of_ten(-3), power_of_ten(0)
    ('10⁻³', '1')
    """
    return str(10**power) if power in (0, 1) else f"10{str(int(power)).translate(_RAISED)}"


def count(value):
    """A whole number with thin spaces between thousands: ``12 345``."""
    return f"{int(value):,}".replace(",", "\u2009")


def duration(minutes):
    """A time for people, with three digits, in the unit that suits it."""
    if not np.isfinite(minutes):
        return "–"
    for unit, length in (("day", 1440.0), ("hour", 60.0)):
        if abs(minutes) >= 2 * length:
            amount = f"{minutes / length:.3g}"
            return f"{amount} {unit}{'' if amount == '1' else 's'}"
    return f"{minutes:.3g} min"


def table(head, rows, words=(), kind_of="plain"):
    """An HTML table of cells that are HTML already; columns in `words` are set as text.

    `kind_of` is the class of the table in the style of the page.
    """
    kind = [' class="words"' if place in words else "" for place in range(len(head))]
    top = "".join(f"<th{k}>{cell}</th>" for k, cell in zip(kind, head))
    body = "".join(
        "<tr>" + "".join(f"<td{k}>{cell}</td>" for k, cell in zip(kind, row)) + "</tr>" for row in rows
    )
    inside = f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide"><table class="{kind_of}">{inside}</table></div>'


def side_by_side(plots):
    """Plots in two columns where the page is wide enough, or nothing without plots."""
    return f'<div class="pair">{"".join(plots)}</div>' if plots else ""


def note_of(text):
    """A remark under a plot or table; `text` is HTML already."""
    return f'<p class="note">{text}</p>'
