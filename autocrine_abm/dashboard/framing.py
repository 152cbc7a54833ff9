"""A snapshot as one complete picture: tissues, title, clock, scale bars and color bars, for films and for pages of others."""

from dataclasses import replace

import numpy as np

from autocrine_abm.dashboard import painter
from autocrine_abm.dashboard.aim import aim
from autocrine_abm.dashboard.snapshot import level_unit
from autocrine_abm.errors import AutocrineError
from autocrine_abm.output.colors import CATEGORIES, PHASE_COLORS
from autocrine_abm.output.film import Caption

__all__ = ["VIEWS", "Framing"]

#: How solid tissues may be shown.
VIEWS = ("3d", "x", "y", "z", "all")

_UNITS = (("min", 1.0, 0, 180), ("hour", 60.0, 1, 36 * 60), ("day", 1440.0, 2, np.inf))  # name, length, decimals, up to [min]
_TWO_SCALES = 700  # pixels of width that hold two color bars side by side


class Framing:
    """How snapshots of one scenario are laid out, the same for all of them.

    Parameters
    ----------
    spec : Scenario
    unit : str
        Of what colors the cells.
    snapshot : Snapshot
        One of them; a solid tissue is looked at from where its cells are seen best.
    view : str
        One of `VIEWS`; flat tissues know only one.
    width, height : int
        Of a picture [pixels]; the height follows from the tissue if it is left out.
    dark : bool
    ranges : dict, optional
        Ends of the color scales, see `painter.ranges_of`; default those of each snapshot.

    Raises
    ------
    AutocrineError
        If there is no room for the tissue.
    """

    def __init__(self, spec, unit, snapshot, view="3d", width=720, height=None, dark=False, ranges=None):
        self._spec, self._unit, self._ranges = spec, unit, ranges
        solid = [shot for shot in snapshot.shots if shot.is_solid]
        self._is_solid = bool(solid)
        mode = "solid" if view == "3d" else view
        self._view = painter.View(
            mode=mode, dark=dark, width=width, camera=painter.Camera(**aim(solid[0], mode, 1.25)) if solid else painter.Camera()
        )
        rows = len(self._legends(snapshot))
        around = Caption(width, 0, "", rows).shape[0]
        inner = _height(snapshot, width, bool(solid)) if height is None else height - around
        if inner < 64 or width < 160:
            raise AutocrineError(f"--size: got {width}x{inner + around}; accepted is 160x{64 + around} or more")
        self._view = replace(self._view, height=inner)
        self._caption = Caption(width, inner, spec.title, rows, dark)
        self.shape = self._caption.shape

    def picture(self, snapshot):
        """The picture of a snapshot, ndarray of uint8 of shape `shape`."""
        ranges = self._ranges or painter.ranges_of([snapshot], self._view)
        image = painter.assemble([snapshot], self._view, ranges, list(self._spec.ligand))
        clock = _clock(snapshot.time, float(self._spec.run.duration))
        cells = f"{snapshot.n_cells:,} cell{'s' if snapshot.n_cells != 1 else ''}"
        return self._caption.around(image, clock, cells, self._legends(snapshot), self._bars(snapshot))

    @property
    def _shows_field(self):
        """Whether there is a slice or a cut to see it on."""
        return self._view.mode != "solid" or self._view.camera.cut > 0 or not self._is_solid

    def _legends(self, snapshot):
        """Lines of the legend, as `Caption.around` takes them."""
        spec, look = self._spec, snapshot.look
        level = level_unit(spec.ligand[look.ligand]) if look.ligand in spec.ligand else ("nM", 1.0)
        key = painter.color_key(
            [snapshot], self._view, list(spec.cell), self._unit, list(spec.ligand), level, self._ranges
        )
        shown = [(look.ligand, key["field"] if self._shows_field else None), (look.color.replace("_", " "), key["cells"])]
        scales = [
            ("scale", name, f"{scale['low']:.3g}", f"{scale['high']:.3g} {scale['unit']}".strip(), scale["colors"])
            for name, scale in shown
            if scale
        ]
        chips = key["chips"]
        if look.color in ("cell type", "clone", "phase"):  # whoever comes later is named from the start
            chips = _kinds(look.color, list(spec.cell))
        chips = [("chip", name, color) for name, color in chips if color]
        together = len(scales) < 2 or self._view.width >= _TWO_SCALES
        return ([scales] if together and scales else [[scale] for scale in scales]) + ([chips] if chips else [])

    def _bars(self, snapshot):
        """A scale bar in every pane: 1, 2 or 5 times a power of ten, at most a quarter of the pane."""
        found = []
        for pane in painter.layout([snapshot], self._view):
            span = painter.span_of(snapshot.shots[pane.tissue], pane, self._view.camera)
            power = 10.0 ** np.floor(np.log10(span / 4))
            length = max(step * power for step in (1, 2, 5) if step * power <= span / 4 * (1 + 1e-9))
            text = f"{length:.3g} µm" if length < 1000 else f"{length / 1000:.3g} mm"
            found.append((pane.left + 14, pane.top + pane.height - 12, length / span * pane.width, text))
        return found


def _kinds(color, types):
    """All names and colors that a legend of categories may need."""
    kinds = [[name, CATEGORIES[n % len(CATEGORIES)]] for n, name in enumerate(types)]
    own = {"cell type": kinds, "phase": [["alive", CATEGORIES[2]]]}.get(color, [])
    return own + [[name, tone] for name, tone in PHASE_COLORS.items()]


def _height(snapshot, width, solid):
    """Room that suits the tissues [pixels]."""
    if solid:
        return round(0.8 * width)
    across = width / len(snapshot.shots)
    return int(np.clip(max(across * shot.size[1] / shot.size[0] for shot in snapshot.shots), 0.25 * width, 1.25 * width))


def _clock(time, end):
    name, length, decimals, _ = next(unit for unit in _UNITS if end <= unit[3])
    return f"{time / length:.{decimals}f} {name}"
