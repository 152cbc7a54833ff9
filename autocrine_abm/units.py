"""Quantities as text: '60 molecules/min', '20 um', '0.5 nM'.

Inside the simulator everything is in micrometers, minutes and molecules, so that rates, volumes and
concentrations need no factors. A `Quantity` is that number, and it remembers the text it came from, so that a
scenario written back to a file reads as its author wrote it and gives the very same number again.
"""

import re
from functools import lru_cache

from autocrine_abm.errors import UnitError, shown

__all__ = [
    "Dimension",
    "Quantity",
    "describe_dimension",
    "dimension_of",
    "format_number",
    "in_unit",
    "is_computable",
    "parse",
]

Dimension = tuple[int, int, int, int, int]  # exponents of length, time, amount, mass, pressure

AVOGADRO = 6.02214076e23
_MOLAR = AVOGADRO / 1e15  # 1 mol/L in molecules/µm³

_ONE: Dimension = (0, 0, 0, 0, 0)
_LENGTH: Dimension = (1, 0, 0, 0, 0)
_VOLUME: Dimension = (3, 0, 0, 0, 0)
_TIME: Dimension = (0, 1, 0, 0, 0)
_AMOUNT: Dimension = (0, 0, 1, 0, 0)
_MASS: Dimension = (0, 0, 0, 1, 0)
_PRESSURE: Dimension = (0, 0, 0, 0, 1)
_CONCENTRATION: Dimension = (-3, 0, 1, 0, 0)

_GRAM = AVOGADRO  # in dalton

_UNITS: dict[str, tuple[float, Dimension]] = {
    "1": (1.0, _ONE), "%": (0.01, _ONE),
    **dict.fromkeys(("cell", "cells", "voxel", "voxels"), (1.0, _ONE)),
    "nm": (1e-3, _LENGTH), "um": (1.0, _LENGTH), "mm": (1e3, _LENGTH), "cm": (1e4, _LENGTH),
    "m": (1e6, _LENGTH),
    "fL": (1.0, _VOLUME), "pL": (1e3, _VOLUME), "nL": (1e6, _VOLUME), "uL": (1e9, _VOLUME),
    "mL": (1e12, _VOLUME), "L": (1e15, _VOLUME),
    "ms": (1e-3 / 60, _TIME), **dict.fromkeys(("s", "sec", "second", "seconds"), (1 / 60, _TIME)),
    **dict.fromkeys(("min", "minute", "minutes"), (1.0, _TIME)),
    **dict.fromkeys(("h", "hr", "hour", "hours"), (60.0, _TIME)),
    **dict.fromkeys(("d", "day", "days"), (1440.0, _TIME)),
    **dict.fromkeys(("week", "weeks"), (10080.0, _TIME)),
    **dict.fromkeys(("molecule", "molecules"), (1.0, _AMOUNT)),
    "mol": (AVOGADRO, _AMOUNT), "umol": (AVOGADRO * 1e-6, _AMOUNT), "nmol": (AVOGADRO * 1e-9, _AMOUNT),
    "pmol": (AVOGADRO * 1e-12, _AMOUNT), "fmol": (AVOGADRO * 1e-15, _AMOUNT),
    "amol": (AVOGADRO * 1e-18, _AMOUNT),
    "M": (_MOLAR, _CONCENTRATION), "mM": (_MOLAR * 1e-3, _CONCENTRATION),
    "uM": (_MOLAR * 1e-6, _CONCENTRATION),
    "nM": (_MOLAR * 1e-9, _CONCENTRATION), "pM": (_MOLAR * 1e-12, _CONCENTRATION),
    "fM": (_MOLAR * 1e-15, _CONCENTRATION),
    "Da": (1.0, _MASS), "kDa": (1e3, _MASS), "pg": (_GRAM * 1e-12, _MASS), "ng": (_GRAM * 1e-9, _MASS),
    "ug": (_GRAM * 1e-6, _MASS), "mg": (_GRAM * 1e-3, _MASS), "g": (_GRAM, _MASS),
    "mmHg": (1.0, _PRESSURE), "kPa": (7.50061683, _PRESSURE),
}  # fmt: skip

_DIMENSION_NAMES = {
    _ONE: "a plain number", _LENGTH: "a length", _VOLUME: "a volume", _TIME: "a time", _AMOUNT: "an amount",
    _MASS: "a mass", _PRESSURE: "a partial pressure", _CONCENTRATION: "a concentration",
    (0, -1, 0, 0, 0): "a rate",
    (2, -1, 0, 0, 0): "a diffusion coefficient", (3, -1, 0, 0, 0): "a clearance (volume per time)",
    (0, -1, 1, 0, 0): "molecules per time", (1, -1, 0, 0, 0): "a speed", (2, 0, 0, 0, 0): "an area",
    (-2, 0, 0, 0, 0): "a number per area", (-3, 0, 0, 0, 0): "a number per volume",
    (3, -1, -1, 0, 0): "a binding rate", (-3, 0, 0, 1, 0): "a mass concentration",
    (-3, 0, 1, 0, -1): "a solubility",
}  # fmt: skip

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*")
_FACTOR = re.compile(r"([A-Za-z%]+|1)(?:\^?(-?\d))?")


class Quantity(float):
    """A number in base units (µm, min, molecules) that remembers the text it was read from.

    Parameters
    ----------
    value : float
        The number in base units.
    text : str
        The text that gives this number, such as ``"0.5 nM"``.
    dimension : tuple of 5 int
        Exponents of length, time, amount, mass and partial pressure.

    Examples
    --------
    >>> parse("2 hour"), parse("2 hour").text
    (120.0, '2 hour')
    """

    __slots__ = ("dimension", "text")

    def __new__(cls, value, text, dimension):
        number = super().__new__(cls, value)
        number.text = text
        number.dimension = dimension
        return number

    def __getnewargs__(self):
        return float(self), self.text, self.dimension

    def __repr__(self):
        return float.__repr__(self)

    __str__ = __repr__


@lru_cache(512)
def _unit(text):
    """Factor and dimension of a unit such as ``um^2/min`` or ``molecules/cell/s``."""
    factor, dimension = 1.0, _ONE
    pieces = re.split(
        r"([*/·])", text.replace("µ", "u").replace("μ", "u").replace("²", "^2").replace("³", "^3")
    )
    if not pieces[0].strip():
        pieces[0] = "1"
    for position in range(0, len(pieces), 2):
        name = pieces[position].strip()
        match = _FACTOR.fullmatch(name)
        symbol = match and (match[1] if match[1] in _UNITS else match[1].replace("l", "L"))
        if not match or symbol not in _UNITS:
            raise UnitError(f"unknown unit '{name or text}'{_suggestion(name)}")
        power = int(match[2] or 1) * (-1 if position and pieces[position - 1] == "/" else 1)
        scale, exponents = _UNITS[symbol]
        factor *= scale**power
        dimension = tuple(have + power * more for have, more in zip(dimension, exponents))
    return factor, dimension


def _suggestion(name):
    from difflib import get_close_matches

    close = [unit for unit in _UNITS if unit.lower() == name.lower()] or get_close_matches(
        name, _UNITS, 1, 0.5
    )
    return (
        f"; did you mean '{close[0]}'?"
        if close
        else "; known units: um, mm, s, min, hour, day, nM, molecules …"
    )


def dimension_of(unit):
    """Dimension of a unit given as text, as exponents of length, time, amount, mass, pressure.

    >>> dimension_of("um^2/min")
    (2, -1, 0, 0, 0)
    """
    return _unit(unit)[1]


def describe_dimension(dimension, otherwise="a quantity of another dimension"):
    """A dimension in words: ``"a length"``, ``"a rate"``."""
    return _DIMENSION_NAMES.get(dimension, otherwise)


def _name(dimension, example):
    return f"{describe_dimension(dimension, 'a quantity')} such as '{example}'"


def parse(text, unit=None, alternatives=()):
    """Read a quantity with its unit.

    Parameters
    ----------
    text : str
        A number and a unit: ``"3600 um^2/min"``, ``"10 pM"``, ``"0.02 1/min"``.
    unit : str, optional
        A unit of the dimension that is wanted; any dimension if None.
    alternatives : tuple of str
        Units of further dimensions that are accepted.

    Returns
    -------
    Quantity
        The value in base units (µm, min, molecules, Da, mmHg), remembering `text` and its dimension.

    Raises
    ------
    UnitError
        If the number or the unit cannot be read, or the dimension is not one of those wanted.

    Examples
    --------
    >>> parse("1 nM", "nM")
    0.602214076
    """
    wanted = "" if unit is None else f"; accepted is {_name(dimension_of(unit), '20 ' + unit)}"
    match = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise UnitError(f"got {shown(text)}, which is not a number with a unit{wanted}")
    try:
        factor, dimension = _unit(match[2])
    except UnitError as error:
        raise UnitError(f"got {shown(text)}: {error}{wanted}") from None
    value = float(match[1]) * factor
    if not is_computable(value) or (value == 0 and re.search("[1-9]", match[1].lower().split("e")[0])):
        size = "small" if abs(value) < 1 else "large"
        raise UnitError(
            f"got {shown(text)}, which is too {size} to compute with{wanted or '; check the unit'}"
        )
    if unit is not None and dimension not in (dimension_of(unit), *map(dimension_of, alternatives)):
        missing = "is " + describe_dimension(dimension) if match[2] else "has no unit"
        raise UnitError(f"got {shown(text)}, which {missing}{wanted}")
    return Quantity(value, text.strip(), dimension)


def is_computable(value):
    """Whether a number in base units is 0, or of a size whose products and ratios can be computed."""
    return value == 0 or 1e-30 <= abs(value) <= 1e30


def in_unit(value, unit):
    """Express a number in base units in another unit: ``in_unit(120.0, "hour")`` is 2.0."""
    return value / _unit(unit)[0]


def format_number(value):
    """A number as people write it: four significant digits, no trailing zeros.

    >>> format_number(3600.0), format_number(1.23456e-7)
    ('3600', '1.235e-7')
    """
    text = f"{value:.4g}"
    if "e" in text:
        digits, power = text.split("e")
        if 0 <= int(power) <= 6:
            return f"{value:.0f}"
        return f"{digits}e{int(power)}"
    return text
