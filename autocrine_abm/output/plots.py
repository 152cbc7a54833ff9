"""Plots of a report: curves and areas as vector graphics that follow the colors of the page, light or dark.

matplotlib draws; it is imported when the first plot is made. What is plotted is decided in `output.sections`.
"""

import re
from html import escape

import numpy as np

__all__ = ["STYLE", "Curve", "bars", "curves", "drawing", "layers", "scaled", "svg_of", "time_axis"]

# Colors of matplotlib's drawing that the page replaces by its own, so that a plot follows light and dark
_INK, _FAINT, _LINE = "#010203", "#040506", "#070809"
_OF_PAGE = {_INK: "var(--ink)", _FAINT: "var(--faint)", _LINE: "var(--line)", "#4a423e": "var(--necrotic)"}

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "autocrine_abm",
    "font.family": "sans-serif",
    "font.sans-serif": [
        "DejaVu Sans"
    ],  # sets the widths; the page then shows its own font, which is narrower
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-3, 5),
    "axes.formatter.use_mathtext": False,
    "grid.color": _LINE,
    "grid.linewidth": 0.7,
    "xtick.color": _FAINT,
    "ytick.color": _FAINT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.minor.visible": False,
    "lines.linewidth": 1.9,
    "lines.solid_capstyle": "round",
}


class Curve:
    """A line of a plot: its name, color, values, and whether it is dashed (a bound on another, say)."""

    def __init__(self, name, color, values, dashed=False):
        self.name, self.color, self.values, self.dashed = name, color, np.asarray(values, float), dashed


def time_axis(minutes):
    """Times in the unit that suits them, and that unit, such as ``"day"``."""
    minutes = np.asarray(minutes, float)
    last = minutes.max(initial=0.0)
    unit, length = ("min", 1.0) if last <= 180 else ("hour", 60.0) if last <= 36 * 60 else ("day", 1440.0)
    return minutes / length, unit


def curves(x, lines, xlabel, ylabel, title, log=False, floor=0.0):
    """Lines over a common axis, each named where it ends.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
    lines : list of Curve
    xlabel, ylabel, title : str
    log : bool
        Logarithmic upright axis.
    floor : float or None
        Lowest value shown; None lets the data decide.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    with drawing(title, xlabel, ylabel) as (figure, axes):
        marker = {} if len(x) > 40 else {"marker": "o", "markersize": 3.6}
        for line in lines:
            axes.plot(
                x,
                line.values,
                color=line.color,
                linestyle=(0, (4, 2)) if line.dashed else "-",
                clip_on=False,
                **marker,
            )
        if log:
            axes.set_yscale("log")
        elif floor is not None:
            axes.set_ylim(bottom=floor)
        _finish(axes, x, ylabel, lines if len(lines) > 1 else ())
        return svg_of(figure, title)


def layers(x, lines, xlabel, ylabel, title):
    """Areas stacked on each other, the first at the bottom; parameters and result as in `curves`."""
    with drawing(title, xlabel, ylabel) as (figure, axes):
        axes.stackplot(
            x, [line.values for line in lines], colors=[line.color for line in lines], linewidth=0, alpha=0.92
        )
        axes.set_ylim(bottom=0)
        top = np.cumsum([line.values[-1] for line in lines])
        middles = [
            Curve(line.name, line.color, [high - line.values[-1] / 2]) for high, line in zip(top, lines)
        ]
        _finish(axes, x, ylabel, [line for line, full in zip(middles, lines) if full.values.any()])
        return svg_of(figure, title)


def bars(edges, values, color, xlabel, ylabel, title):
    """A histogram: `values` of shape (n,) over bins with `edges` of shape (n + 1,); an ``<svg>`` element."""
    with drawing(title, xlabel, ylabel) as (figure, axes):
        axes.bar((edges[1:] + edges[:-1]) / 2, values, width=0.86 * np.diff(edges), color=color, linewidth=0)
        axes.set_ylim(bottom=0)
        _finish(axes, edges, ylabel, ())
        if edges[0] > 0.2 * edges[-1]:  # far from 0, which then is nothing to compare with
            axes.set_xlim(edges[0], edges[-1])
        return svg_of(figure, title)


class drawing:
    """A figure in the style of the report, with its axes; the style is put back when the block ends."""

    def __init__(self, title, xlabel, ylabel, size=(5.6, 3.1), frame=(0.125, 0.15, 0.695, 0.72)):
        self.labels, self.size, self.frame = (title, xlabel, ylabel), size, frame

    def __enter__(self):
        import matplotlib
        from matplotlib.figure import Figure

        self.style = matplotlib.rc_context(STYLE | {"svg.hashsalt": self.labels[0]})
        self.style.__enter__()
        figure = Figure(figsize=self.size)
        axes = figure.add_axes(self.frame)
        title, xlabel, ylabel = self.labels
        figure.text(0.0, 0.985, title, fontsize=10.5, fontweight="bold", va="top")
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.grid(axis="x", visible=False)
        return figure, axes

    def __exit__(self, *error):
        return self.style.__exit__(*error)


def _finish(axes, x, ylabel, lines):
    """Ends of the flat axis, readable numbers on the upright one, names of the lines."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    if len(x) > 1:
        axes.set_xlim(min(0.0, x[0]), x[-1])
    if axes.get_xlabel() == "time [hour]":
        axes.xaxis.set_major_locator(MaxNLocator(nbins=9, steps=[1, 1.2, 2.4, 3, 6, 10]))
    low, high = axes.get_ylim()
    power = 0
    if axes.get_yscale() == "log":
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 120 * low else (1,)))
        axes.yaxis.set_minor_locator(NullLocator())
    elif max(-low, high) > 0:
        power = int(np.floor(np.log10(max(-low, high))))
        power = power // 3 * 3 if power < -2 or power > 5 else 0
        if power:
            axes.set_ylabel(scaled(ylabel, power))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value / 10.0**power:,.6g}".replace(",", "\u2009").replace("-", "−"))
    )
    if lines:
        _name_ends(axes, lines)


def scaled(label, power):
    """A label of an axis whose numbers are to be multiplied by a power of ten.

    >>> scaled("rate [1/s]", -5)
    'rate [10⁻⁵ 1/s]'
    """
    digits = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    text = label.replace("[", f"[10{digits} ") if "[" in label else f"{label} [10{digits}]"
    return text.replace(" -]", "]")


def _name_ends(axes, lines):
    """Write each name next to the end of its line, moved apart where they would overlap; some may have none."""
    ends = []
    for line in filter(lambda line: line.name, lines):
        finite = line.values[np.isfinite(line.values)]
        if len(finite):
            height = axes.transLimits.transform(axes.transScale.transform((axes.get_xlim()[1], finite[-1])))[
                1
            ]
            ends.append([float(np.clip(np.nan_to_num(height), 0, 1)), line])
    ends.sort(key=lambda end: end[0])
    gap = 0.08
    for lower, upper in zip(ends, ends[1:]):
        upper[0] = max(upper[0], lower[0] + gap)
    ceiling = 1.0
    for end in reversed(ends):  # those pushed over the top come down, and push what is in their way
        end[0] = min(end[0], ceiling)
        ceiling = end[0] - gap
    for height, line in ends:
        axes.plot([1.02, 1.045], [height, height], transform=axes.transAxes, color=line.color, clip_on=False,
                  linewidth=3, linestyle="-")  # fmt: skip
        axes.text(1.06, height, line.name, transform=axes.transAxes, va="center", fontsize=9)


def svg_of(figure, title):
    """The figure as an element that fills its column and takes its colors from the page."""
    from io import StringIO

    buffer = StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    opening = re.match(r"<svg[^>]*>", text)[0]
    box = re.search(r'viewBox="[^"]*"', opening)[0]
    text = f'<svg class="plot" role="img" aria-label="{escape(title)}" {box}>' + text[len(opening) :]
    for drawn, shown in _OF_PAGE.items():
        text = text.replace(drawn, shown)
    return re.sub(r"\s*\n\s*", "\n", text).replace("xlink:href", "href")
