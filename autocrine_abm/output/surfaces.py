"""Plots over one or two varied parameters: curves with bands, heat maps, phase diagrams, bars with intervals.

As in `output.plots`, arrays come in and an ``<svg>`` element goes out; what is plotted is decided in `analysis`.
"""

import numpy as np

from autocrine_abm.output.colors import CATEGORIES, ramp
from autocrine_abm.output.markup import number, power_of_ten
from autocrine_abm.output.plots import drawing, scaled, svg_of

__all__ = ["Axis", "Band", "bands", "common_power", "heat_map", "intervals", "phase_map"]

_FINE = 12  # pieces into which a phase diagram divides a step of its axes, so that colors change where borders are

_WIDE, _MAP = (0.135, 0.17, 0.655, 0.70), (0.135, 0.165, 0.60, 0.72)


class Axis:
    """How the values of a parameter lie along an axis: even steps of the value, of its logarithm, or of its place in the list.

    Parameters
    ----------
    values : sequence
        Different values, in order; words lie in even steps. Who sets `at` to other places has round numbers for ticks.
    label : str
    """

    def __init__(self, values, label):
        self.values, self.label = list(values), label
        self.kind, self.at = "list", np.arange(len(self.values), dtype=float)
        if all(isinstance(value, (int, float, np.number)) for value in self.values) and len(self.values) > 1:
            plain = np.asarray(self.values, float)
            spread = {"linear": _unevenness(plain)}
            if (plain > 0).all():
                spread["log"] = _unevenness(np.log10(plain))
            best = min(spread, key=spread.get)
            if spread[best] < 0.75 or len(plain) == 2:
                self.kind, self.at = best, plain if best == "linear" else np.log10(plain)

    def __len__(self):
        return len(self.values)

    @property
    def edges(self):
        """Borders between the values, shape (n + 1,)."""
        return _edges(self.at)

    def mark(self, axis):
        """Set ticks and labels of an axis of matplotlib."""
        from matplotlib.ticker import MaxNLocator

        room = 0.09 if axis.axis_name == "x" else 0.04  # of the axis, that a number needs
        if self.kind == "list":
            axis.set_ticks(self.at, [value if isinstance(value, str) else number(value) for value in self.values])
        elif self.kind == "log":
            low, high = int(np.ceil(self.at[0] - 1e-9)), int(np.floor(self.at[-1] + 1e-9))
            if high - low > 1:
                ticks = np.arange(low, high + 1, max(1, -(-(high - low) // 6)))
                far = max(-low, high) > 4  # then all as powers, or a few would be
                axis.set_ticks(ticks, [power_of_ten(tick) if far else number(float(f"{10.0**tick:.3g}")) for tick in ticks])
            else:
                ticks = _apart(self.at if len(self.at) == len(self.values) else _round(self.at[0], self.at[-1]), room)
                axis.set_ticks(ticks, [number(float(f"{10.0**tick:.3g}")) for tick in ticks])
        else:
            axis.set_major_locator(MaxNLocator(6))
            low, high = self.at[0], self.at[-1]
            slack = 1e-9 * (high - low)  # ticks on the ends stay, whatever rounding made of them
            ticks = [tick for tick in axis.get_major_locator().tick_values(low, high) if low - slack <= tick <= high + slack]
            power = common_power(self.at)
            if power:
                axis.set_label_text(scaled(self.label, power))
            axis.set_ticks(ticks, [number(float(f"{tick / 10.0**power:.6g}")) for tick in ticks])


def _edges(at):
    if len(at) < 2:
        return np.array([at[0] - 0.5, at[0] + 0.5])
    middle = (at[1:] + at[:-1]) / 2
    return np.r_[2 * at[0] - middle[0], middle, 2 * at[-1] - middle[-1]]


def _round(low, high):
    """Logarithms of 1, 2, 5, 10, 20, … between two logarithms; these themselves where there are fewer than two."""
    steps = np.concatenate([power + np.log10([1, 2, 5]) for power in range(int(np.floor(low)), int(np.ceil(high)) + 1)])
    inside = steps[(steps >= low - 1e-9) & (steps <= high + 1e-9)]
    return inside if len(inside) > 1 else np.array([low, high])


def _apart(places, room):
    """Those of rising places that stand at least a share of the whole length apart, both ends among them."""
    least, chosen = room * (places[-1] - places[0]), [places[0]]
    for place in places[1:-1]:
        if place - chosen[-1] >= least and places[-1] - place >= least:
            chosen.append(place)
    return np.array([*chosen, places[-1]])


def common_power(values):
    """The power of ten to be written once for all of some numbers, in their label; 0 if they are short as they are.

    >>> common_power([3e-5, 4.2e-5]), common_power([0.1, 20])
    (-5, 0)
    """
    largest = max(map(abs, values))
    power = int(np.floor(np.log10(largest))) if largest > 0 else 0
    return power if power < -3 or power > 5 else 0


def _unevenness(places):
    steps = np.diff(places)
    return float(np.std(steps) / np.mean(steps)) if len(steps) and np.mean(steps) > 0 else np.inf


class Band:
    """A curve with its interval: name, color, mean, low and high, each over the same axis, and (x, y) of single results.

    What was measured stands as large dots without a line; `joined` is False then.
    """

    def __init__(self, name, color, mean, low, high, dots=None, joined=True):
        self.name, self.color, self.joined = name, color, joined
        self.mean, self.low, self.high = (np.asarray(part, float) for part in (mean, low, high))
        self.dots = dots


def bands(axis, lines, ylabel, title, fit=None, floor=None, mark=None):
    """Curves with bands over a parameter.

    Parameters
    ----------
    axis : Axis
    lines : list of Band
    ylabel, title : str
    fit : (ndarray, ndarray), optional
        A fitted curve: places along the axis, as in ``axis.at``, and values; the means are then dots with bars.
    floor : float, optional
        Lowest value that is shown.
    mark : (float, float, float, str), optional
        A place along the axis with its interval and a name, such as an IC50.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    with drawing(title, axis.label, ylabel, frame=_WIDE) as (figure, axes):
        if mark is not None:
            place, low, high, name = mark
            axes.axvspan(max(low, axis.at[0]), min(high, axis.at[-1]), color="#7F7F7F", alpha=0.16, linewidth=0)
            axes.axvline(place, color="#7F7F7F", linewidth=1, linestyle=(0, (4, 2)))
            axes.text(place, 1.01, name, transform=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=8.5)
        for line in lines:
            if fit is None:
                axes.fill_between(axis.at, line.low, line.high, color=line.color, alpha=0.2, linewidth=0)
                style = {"markersize": 4} if line.joined else {"markersize": 6.5, "linestyle": "none", "zorder": 5}
                axes.plot(axis.at, line.mean, color=line.color, marker="o", clip_on=False, **style)
            else:
                reach = np.nan_to_num([line.mean - line.low, line.high - line.mean])
                axes.errorbar(axis.at, line.mean, reach, color=line.color, fmt="o", markersize=4.5, elinewidth=1.2, capsize=2.5)
            if line.dots is not None:
                axes.plot(*line.dots, "o", color=line.color, markersize=2.4, alpha=0.35, markeredgewidth=0, linestyle="none")
        if fit is not None:
            axes.plot(*fit, color=lines[0].color)
        low, high = axes.get_ylim()
        if high - low < 1e-6 * abs(high):  # no more than rounding
            axes.set_ylim(*sorted((0.95 * low, 1.05 * high)))
        if floor is not None:
            axes.set_ylim(bottom=floor)
        axis.mark(axes.xaxis)
        axes.margins(x=0.03)
        if len(lines) > 1:
            _key(axes, [(line.name, line.color) for line in lines])
        return svg_of(figure, title)


def _key(axes, entries):
    """Names with their colors, to the right of the axes."""
    inches = axes.get_position().height * axes.figure.get_figheight()
    for place, (name, color) in enumerate(entries):
        height = 0.97 - 0.19 / inches * place
        axes.plot([1.03, 1.06], [height, height], transform=axes.transAxes, color=color, clip_on=False, linewidth=3)
        axes.text(1.075, height, name, transform=axes.transAxes, va="center", fontsize=8.5)


def heat_map(first, second, values, title, unit="", contour=None, diverging=False):
    """A quantity over two parameters.

    Parameters
    ----------
    first, second : Axis
        Across, n values, and up, m values.
    values : ndarray of float, shape (n, m)
        Nan where there is none.
    title, unit : str
        Name of the quantity and the label of its scale.
    contour : float, optional
        A line is drawn where the quantity has this value, and across the scale.
    diverging : bool
        Colors tell the sign: blue below 0, red above.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    from matplotlib.colors import ListedColormap

    values = np.asarray(values, float)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    colors = ListedColormap(ramp("sea") / 255)
    if diverging:
        high = max(abs(low), abs(high), 1e-9)
        low, colors = -high, "RdBu_r"
    elif low == high:
        high = low + 1
    with drawing(title, first.label, second.label, size=(5.6, 4.0), frame=_MAP) as (figure, axes):
        axes.grid(visible=False)
        picture = axes.pcolormesh(first.edges, second.edges, values.T, cmap=colors, vmin=low, vmax=high, edgecolors="face",
                                  linewidth=0.2)  # fmt: skip
        if contour is not None and len(known) and known.min() < contour < known.max() and min(values.shape) > 1:
            axes.contour(first.at, second.at, values.T, [contour], colors="#D55E00", linewidths=2)
        first.mark(axes.xaxis)
        second.mark(axes.yaxis)
        scale = figure.add_axes((0.785, _MAP[1], 0.026, _MAP[3]))
        bar = figure.colorbar(picture, cax=scale, label=unit)
        bar.outline.set_visible(False)
        if contour is not None and low < contour < high:
            scale.axhline(contour, color="#D55E00", linewidth=2)
        ticks = [tick for tick in bar.get_ticks() if low <= tick <= high]
        bar.set_ticks(ticks, labels=[number(tick) for tick in ticks])
        return svg_of(figure, title)


def phase_map(first, second, shares, names, title):
    """Which of several shares is the largest, over two parameters, with the borders between them.

    Parameters
    ----------
    first, second : Axis
        Across, n values, and up, m values.
    shares : ndarray of float, shape (k, n, m)
    names : list of str
        Of the k shares, which take the colors of `output.colors.CATEGORIES` in turn.

    Returns
    -------
    str
        An ``<svg>`` element. The paler, the smaller the largest share.
    """
    from matplotlib.colors import to_rgb
    from scipy.interpolate import RegularGridInterpolator

    shares = np.nan_to_num(np.asarray(shares, float))
    present = [place for place in range(len(shares)) if (shares.argmax(axis=0) == place)[shares.max(axis=0) > 0].any()]
    across, up = first.at, second.at
    if min(shares.shape[1:]) > 1 and (shares.max(axis=0) > 0).all():
        across, up = (np.interp(np.arange(_FINE * (len(at) - 1) + 1) / _FINE, range(len(at)), at) for at in (across, up))
        fine = np.stack(np.meshgrid(across, up, indexing="ij"), axis=-1)
        shares = np.array([RegularGridInterpolator((first.at, second.at), share)(fine) for share in shares])
    largest, strength = shares.argmax(axis=0), shares.max(axis=0)
    pure = np.array([to_rgb(CATEGORIES[place % len(CATEGORIES)]) for place in range(len(names))])
    depth = np.clip((strength - 0.25) / 0.75, 0, 1)[..., None] * 0.85 + 0.1
    picture = 1 - depth * (1 - pure[largest])
    picture[strength == 0] = 0.9
    with drawing(title, first.label, second.label, size=(5.6, 4.0), frame=_MAP) as (figure, axes):
        axes.grid(visible=False)
        edges = (first.edges, second.edges) if across is first.at else (_edges(across), _edges(up))
        axes.pcolormesh(*edges, picture.transpose(1, 0, 2), rasterized=len(across) > len(first))
        for place in present:
            others = np.delete(shares, place, axis=0).max(axis=0)
            if len(present) > 1 and min(others.shape) > 1:
                axes.contour(across, up, (shares[place] - others).T, [0.0], colors="white", linewidths=1.8)
            rows, columns = np.nonzero((largest == place) & (strength > 0))
            weight = shares[place][rows, columns] ** 4
            center = np.average(across[rows], weights=weight), np.average(up[columns], weights=weight)
            axes.text(*center, names[place], ha="center", va="center", fontsize=10.5, fontweight="bold", color="#1d2329")
        first.mark(axes.xaxis)
        second.mark(axes.yaxis)
        for place, name in enumerate(names[slot] for slot in present):
            color = CATEGORIES[present[place] % len(CATEGORIES)]
            for step, share in enumerate(np.linspace(0.25, 1, 12)):
                depth = (share - 0.25) / 0.75 * 0.85 + 0.1
                shade = tuple(1 - depth * (1 - np.array(to_rgb(color))))
                axes.plot([1.05 + 0.014 * step] * 2, [0.955 - 0.14 * place, 0.995 - 0.14 * place], color=shade, linewidth=3.6,
                          transform=axes.transAxes, clip_on=False, solid_capstyle="butt")  # fmt: skip
            axes.text(1.05, 0.925 - 0.14 * place, f"{name} 25–100 %", transform=axes.transAxes, va="center", fontsize=8)
        return svg_of(figure, title)


def intervals(names, groups, xlabel, title):
    """Numbers with intervals, one line per name.

    Parameters
    ----------
    names : list of str
        From top to bottom.
    groups : list of (str, ndarray, ndarray)
        Name, values and half widths of intervals; groups are told by color.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    size = (5.6, 1.3 + 0.36 * len(names))
    with drawing(title, xlabel, "", size=size, frame=(0.36, 0.62 / size[1], 0.44, 1 - 1.0 / size[1])) as (figure, axes):
        axes.grid(axis="x", visible=True)
        axes.grid(axis="y", visible=False)
        for place, (_, values, half) in enumerate(groups):
            height = np.arange(len(names)) + 0.26 * (place - (len(groups) - 1) / 2)
            axes.barh(height, values, 0.23, color=CATEGORIES[place + 1], linewidth=0)
            known = np.isfinite(half)
            style = {"fmt": "none", "ecolor": "#7F7F7F", "elinewidth": 1.4, "capsize": 2.5}
            axes.errorbar(np.asarray(values)[known], height[known], xerr=np.asarray(half)[known], **style)
        axes.axvline(0, color="#7F7F7F", linewidth=0.8)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        _key(axes, [(name, CATEGORIES[place + 1]) for place, (name, _, _) in enumerate(groups)])
        return svg_of(figure, title)
