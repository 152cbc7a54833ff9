"""The networks of a report: ligands on the left, behaviors on the right, and what feeds back below them.

What acts on what is told by `scenario.network`; here it gets places. Columns follow the longest path, the order within a
column keeps arrows from crossing, and arrows that skip columns run through gaps between the boxes.
"""

from html import escape

import numpy as np

from autocrine_abm.output.colors import CATEGORIES
from autocrine_abm.output.markup import note_of
from autocrine_abm.scenario.network import network_of

__all__ = ["draw_network", "networks"]

_COLORS = {"signal": CATEGORIES[1], "receptor": CATEGORIES[3], "node": CATEGORIES[2], "behavior": CATEGORIES[0]}
_UP, _DOWN = CATEGORIES[2], CATEGORIES[4]  # of arrows that increase and decrease
_FONT = 9.0  # points
_HEIGHT, _GAP, _PORT = 0.30, 0.17, 0.14  # inches: of a box at least, between boxes, and between arrows at one box
_BETWEEN = 0.85  # inches between columns
_LANE = 0.17  # inches between lanes that lead back
_SWEEPS = 12
_HEADINGS = {"signal": "sensed", "receptor": "receptors", "node": "inside the cell", "behavior": "behaviors"}


def networks(material):
    """A picture for each cell type whose cells respond to anything; HTML, or nothing."""
    figures = []
    for name, cell in material.run.scenario.cell.items():
        network = network_of(cell)
        if network.effects:
            figures.append(f"<h3>{escape(name)}</h3>{draw_network(network, f'network of {name}')}{note_of(_told(network))}")
    return "".join(figures)


def _told(network):
    """The loops in words."""
    loops = network.loops()
    if not loops:
        return "Arrows increase, bars decrease. Nothing that the cells do acts back on what they sense by a rule."
    words = {1: "reinforces itself", -1: "holds itself in check"}
    told = [f"{escape(' → '.join((*path, path[0])))} {words[sign]}" for path, sign in loops[:6]]
    more = f"; and {len(loops) - 6} more" if len(loops) > 6 else ""
    return f"Arrows increase, bars decrease; dashed ones lead back. Loops: {'; '.join(told)}{more}."


def draw_network(network, title, path=None):
    """The picture of a network.

    Parameters
    ----------
    network : Network
    title : str
        For those who cannot see it.
    path : path, optional
        Also write it there, as PNG say.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    from autocrine_abm.output.plots import STYLE, svg_of

    with matplotlib.rc_context(STYLE | {"svg.hashsalt": title}):
        layout = _Layout(network, _width_of)
        figure = Figure(figsize=(layout.width, layout.height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, layout.width), ylim=(0, layout.height))
        axes.axis("off")
        for effect, points in layout.routes():
            _arrow(axes, points, effect, effect in layout.back)
        headings = set(_HEADINGS)
        for node, (x, y, width, height) in layout.boxes.items():
            kind = network.kinds[node]
            if kind in headings:
                headings.remove(kind)
                faint = STYLE["axes.edgecolor"]
                axes.text(x, layout.height - 0.1, _HEADINGS[kind], va="center", fontsize=_FONT - 1, color=faint)
            color = _COLORS[kind]
            shape = "round,pad=0,rounding_size=0.13" if kind == "signal" else "round,pad=0,rounding_size=0.05"
            axes.add_patch(FancyBboxPatch((x, y - height / 2), width, height, boxstyle=shape, facecolor=color + "2e",
                                          edgecolor=color, linewidth=1.2, zorder=3))  # fmt: skip
            axes.text(x + width / 2, y - 0.005, node, ha="center", va="center", fontsize=_FONT, zorder=4)
        if path is not None:
            figure.savefig(path, dpi=130, facecolor="white")
        return svg_of(figure, title)


def _width_of(text):
    """Width of a text [inch]."""
    from matplotlib.textpath import TextPath

    return TextPath((0, 0), text, size=_FONT).get_extents().width / 72 if text.strip() else 0.0


def _arrow(axes, points, effect, leads_back):
    """A smooth line through points, with a head that says whether it increases or decreases."""
    from matplotlib.patches import FancyArrowPatch, PathPatch
    from matplotlib.path import Path

    color = _UP if effect.sign > 0 else _DOWN
    points = np.asarray(points, float)
    if leads_back:
        path = _rounded(points, 0.12)
    else:
        vertices, codes = [points[0]], [Path.MOVETO]
        for before, after in zip(points, points[1:]):
            reach = 0.5 * (after[0] - before[0])
            vertices += [(before[0] + reach, before[1]), (after[0] - reach, after[1]), after]
            codes += [Path.CURVE4] * 3
        path = Path(vertices, codes)
    style = {"edgecolor": color, "linewidth": 1.4, "zorder": 2, "linestyle": (0, (4, 2)) if leads_back else "-"}
    axes.add_patch(PathPatch(path, facecolor="none", capstyle="butt", **style))
    end, before = path.vertices[-1], path.vertices[-2]
    direction = (end - before) / np.hypot(*(end - before))
    if effect.sign > 0:
        head = FancyArrowPatch(end - 0.04 * direction, end, arrowstyle="-|>,head_width=3.2,head_length=6", shrinkA=0, shrinkB=0,
                               mutation_scale=1, color=color, linewidth=1.0, zorder=5)  # fmt: skip
        axes.add_patch(head)
    else:
        across = 0.075 * np.array([-direction[1], direction[0]])
        bar = np.array([end - across, end + across]) - 0.02 * direction
        axes.plot(*bar.T, color=color, linewidth=2.2, solid_capstyle="butt", zorder=5)


def _rounded(points, radius):
    """A path along straight pieces with rounded corners."""
    from matplotlib.path import Path

    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:]):
        lengths = np.hypot(*(corner - before)), np.hypot(*(after - corner))
        cut = min(radius, 0.5 * lengths[0], 0.5 * lengths[1])
        if cut == 0:
            continue
        vertices += [corner + cut * (before - corner) / lengths[0], corner, corner + cut * (after - corner) / lengths[1]]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


class _Layout:
    """Places of boxes and routes of arrows [inch].

    Parameters
    ----------
    network : Network
    width_of : callable
        Width of a text [inch].
    """

    def __init__(self, network, width_of):
        self.network = network
        columns, self.back = network.columns()
        self.column_of = {node: place for place, column in enumerate(columns) for node in column}
        self.chains = [(effect, self._chain(effect)) for effect in network.effects if effect not in self.back]
        slots = [list(column) for column in columns]
        for _, chain in self.chains:
            for node in chain[1:-1]:
                slots[node[1]].append(node)
        self.slots = self._ordered(slots)
        widths = {node: width_of(node) + 0.26 for node in network.kinds}
        self.lanes = sorted(self.back, key=lambda effect: (self.column_of[effect.source], effect.target))
        bottom = 0.16 + _LANE * len(self.lanes) + (0.08 if self.lanes else 0)
        self.boxes, self.left, self.right, self.center, x = {}, [], [], {}, 0.16 + (0.12 * len(self.lanes))
        tall = max(self._tall(slot) for slot in self.slots)
        for slot in self.slots:
            wide = max(widths[node] for node in slot if isinstance(node, str))
            y = bottom + tall - (tall - self._tall(slot)) / 2
            for node in slot:
                step = self._step(node)
                self.center[node] = y - step / 2
                if isinstance(node, str):
                    self.boxes[node] = (x, y - step / 2, wide, step - _GAP)
                y -= step
            self.left.append(x)
            self.right.append(x + wide)
            x += wide + _BETWEEN
        self.width = x - _BETWEEN + 0.16 + 0.12 * len(self.lanes)
        self.height = bottom + tall + 0.2

    def _step(self, node):
        """Room that a box or a passing arrow takes in its column."""
        if not isinstance(node, str):
            return _GAP
        coming = sum(effect.target == node for effect in self.network.effects)
        going = sum(effect.source == node for effect in self.network.effects)
        return max(_HEIGHT, _PORT * max(coming, going) + 0.06) + _GAP

    def _tall(self, slot):
        return sum(map(self._step, slot))

    def _chain(self, effect):
        """An effect from column to column: its nodes, and gaps (effect, column) in between."""
        first, last = self.column_of[effect.source], self.column_of[effect.target]
        return [effect.source, *((effect, column) for column in range(first + 1, last)), effect.target]

    def _ordered(self, slots):
        """Each column in an order in which few arrows cross: nodes go to the mean place of what they are tied to."""
        ties = {node: [] for slot in slots for node in slot}
        for _, chain in self.chains:
            for one, other in zip(chain, chain[1:]):
                ties[one].append(other)
                ties[other].append(one)
        column = {node: place for place, slot in enumerate(slots) for node in slot}
        best, fewest = [list(slot) for slot in slots], None
        for sweep in range(_SWEEPS):
            sides = range(len(slots)) if sweep % 2 == 0 else range(len(slots) - 1, -1, -1)
            for place in sides:
                rank = {node: (at + 0.5) / len(slot) for slot in slots for at, node in enumerate(slot)}
                side = -1 if sweep % 2 == 0 else 1

                def mean(node, place=place, rank=rank, side=side):
                    near = [rank[other] for other in ties[node] if column[other] == place + side]
                    return float(np.mean(near)) if near else rank[node]

                slots[place] = sorted(slots[place], key=mean)
            crossings = self._crossings(slots)
            if fewest is None or crossings < fewest:
                best, fewest = [list(slot) for slot in slots], crossings
        return best

    def _crossings(self, slots):
        at = {node: place for slot in slots for place, node in enumerate(slot)}
        pieces = [
            (min(self._column(one), self._column(other)), at[one], at[other])
            for _, chain in self.chains
            for one, other in zip(chain, chain[1:])
        ]
        return sum(a[0] == b[0] and (a[1] - b[1]) * (a[2] - b[2]) < 0 for n, a in enumerate(pieces) for b in pieces[:n])

    def _column(self, node):
        return self.column_of[node] if isinstance(node, str) else node[1]

    def _port(self, node, effect, leaves):
        """Height at which an arrow leaves or enters a box: side by side, in the order of where they come from or go to."""
        way = [(e, chain) for e, chain in self.chains if (e.source if leaves else e.target) == node]
        way.sort(key=lambda pair: -self.center[pair[1][1 if leaves else -2]])
        order = [e for e, _ in way] + [e for e in self.lanes if (e.source if leaves else e.target) == node]
        return self.boxes[node][1] + _PORT * ((len(order) - 1) / 2 - order.index(effect))

    def routes(self):
        """Every effect and the points that its arrow passes, list of (Effect, list of (x, y))."""
        routes = []
        for effect, chain in self.chains:
            x, _, width, _ = self.boxes[effect.source]
            points = [(x + width, self._port(effect.source, effect, True))]
            for gap in chain[1:-1]:
                points += [(self.left[gap[1]] - 0.05, self.center[gap]), (self.right[gap[1]] + 0.05, self.center[gap])]
            points.append((self.boxes[effect.target][0] - 0.02, self._port(effect.target, effect, False)))
            routes.append((effect, points))
        for lane, effect in enumerate(self.lanes):
            x, _, width, _ = self.boxes[effect.source]
            here, there = self._port(effect.source, effect, True), self._port(effect.target, effect, False)
            right = self.right[self.column_of[effect.source]] + 0.14 + 0.1 * lane
            left = self.left[self.column_of[effect.target]] - 0.22 - 0.1 * lane
            y = 0.14 + _LANE * (len(self.lanes) - 1 - lane)
            end = self.boxes[effect.target][0] - 0.02
            routes.append((effect, [(x + width, here), (right, here), (right, y), (left, y), (left, there), (end, there)]))
        return routes
