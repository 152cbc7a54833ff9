"""Colors of pictures and plots: a palette for categories, ramps for quantities, safe for color-blind eyes.

Categories use the palette of Okabe and Ito (2008). Ramps run in even steps of perceived lightness (OKLab,
Ottosson 2020), so equal steps of the quantity look equal, also in grayscale, whoever looks.
"""

from functools import cache

import numpy as np

__all__ = ["CATEGORIES", "PHASE_COLORS", "by_category", "by_value", "hex_of", "ramp", "scale"]

#: Okabe and Ito (2008), ordered so that the first few differ most when drawn as cells on a pale field.
CATEGORIES = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#7F7F7F")

#: Cells that are dying, whatever their type: a dusky violet, and the gray-brown of dead tissue.
PHASE_COLORS = {"apoptotic": "#7A5C99", "necrotic": "#4A423E"}

#: Ramps: hue at the pale and at the dark end [degrees of OKLCH]; consecutive ligands take consecutive ramps.
_HUES = {"sea": (190.0, 265.0), "ember": (95.0, 20.0), "moss": (125.0, 165.0), "plum": (20.0, 310.0)}
_PALE, _DARK = 0.98, 0.40  # lightness at the two ends
_NIGHT = (0.24, 0.70)  # the same on a dark page: from near its black, and never as bright as cells
_CHROMA = 0.095  # of the middle of a ramp; what the screen cannot show is cut


def _from_hex(text):
    return [int(text[place : place + 2], 16) for place in (1, 3, 5)]


def hex_of(color):
    """``#rrggbb`` of three numbers 0 to 255."""
    return "#" + "".join(f"{int(part):02x}" for part in color)


@cache
def ramp(name="sea", night=False):
    """A color for each of 256 levels, pale to dark, or dark to bright at night.

    Parameters
    ----------
    name : str
        ``"sea"``, ``"ember"``, ``"moss"`` or ``"plum"``; a number takes them in turn.
    night : bool
        Whether it lies on a dark page.

    Returns
    -------
    ndarray of uint8, shape (256, 3)
        Shared between callers; do not write to it.
    """
    if isinstance(name, int):
        name = list(_HUES)[name % len(_HUES)]
    pale, dark = _HUES[name]
    level = np.linspace(0, 1, 256)
    low, high = _NIGHT if night else (_PALE, _DARK)
    lightness = low + (high - low) * level
    chroma = _CHROMA * np.sin(np.pi * np.clip(0.02 + 0.80 * level, 0, 1)) ** 0.85
    hue = np.radians(pale + (dark - pale) * level)
    table = _srgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))
    table.setflags(write=False)
    return table


@cache
def scale(name):
    """A color for each of 256 levels, by name: a `ramp`, ``"cividis"`` or ``"viridis"``; with ``"-"`` before it, reversed.

    The two are perceptually even and safe for color-blind eyes (Nuñez, Anderton and Renslow 2018; Smith and van der Walt 2015).

    Returns
    -------
    ndarray of uint8, shape (256, 3)
        Shared between callers; do not write to it.
    """
    if name.startswith("-"):
        table = scale(name[1:])[::-1].copy()
    elif name in _HUES:
        return ramp(name)
    else:
        from matplotlib import colormaps

        table = (colormaps[name](np.arange(256))[:, :3] * 255 + 0.5).astype(np.uint8)
    table.setflags(write=False)
    return table


def _srgb(lightness, a, b):
    """OKLab to sRGB, uint8 (Ottosson 2020)."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        axis=-1,
    ).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255).astype(np.uint8)


def by_category(codes, palette=CATEGORIES):
    """A color per cell from a category per cell.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Category of each cell, ≥ 0; colors repeat when the palette ends.
    palette : sequence of str
        Colors ``#rrggbb``.

    Returns
    -------
    ndarray of uint8, shape (n, 3)
        A new array.
    """
    table = np.array([_from_hex(color) for color in palette], np.uint8)
    return table[np.asarray(codes, np.int64) % len(table)]


def by_value(values, low, high, table=None):
    """A color per number: `low` and less is the first of the ramp, `high` and more the last; nan is gray.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        What to show.
    low, high : float
        Ends of the ramp, in the unit of the values.
    table : ndarray of uint8, shape (256, 3), optional
        Colors; default ``ramp("sea")``.

    Returns
    -------
    ndarray of uint8, shape (n, 3)
        A new array.
    """
    table = ramp() if table is None else table
    values = np.asarray(values, float)
    level = (values - low) / (high - low) if high > low else np.zeros(values.shape)
    colors = table[(np.nan_to_num(level).clip(0, 1) * 255 + 0.5).astype(np.int64)]
    return np.where(np.isnan(values)[..., None], np.uint8(160), colors)
