"""What a sweep changes, as people write it: `cell.glioma.apoptosis_rate = linear 1e-5..5e-5 1/s in 9`.

The same text serves the command line (``--vary``), the ``[sweep]`` table of a scenario and Python. In front stands
the dotted path of a value (or several paths with commas between, which then change together), behind it one of

    0.1, 1, 10 nM                    a list; a unit behind the last serves all
    linear 0..1 nM by 0.25           from one end to the other in equal steps
    linear 0..1 nM in 5              the same, told by how many
    log 0.01..10 nM in 4             equal factors from one to the next
    integers 1..10                   whole numbers, both ends included
    uniform 0..1 nM                  any number between, equally likely
    loguniform 0.01..10 nM           any number between, its logarithm equally likely
    normal 5 sd 1 um                 mean and standard deviation
    lognormal 5 sigma 0.3 um         median, and standard deviation of the natural logarithm

Values stay text with their unit, so that the scenario of each run reads like one written by hand. Which of them are
combined is left to `experiments.design`.
"""

import math
import re
import tomllib
from dataclasses import dataclass
from statistics import NormalDist

from autocrine_abm.errors import AutocrineError, shown

__all__ = ["Variation", "VariationError", "parse_variation"]

MOST_LEVELS = 100_000

_NUMBER = r"[-+]?(?:\d+\.(?!\.)\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*(\D.*)?")
_RANGE = re.compile(
    rf"({_NUMBER})(?:(?:\s+|(?=[^\d\s.]))([^\s.][^.]*?))?\s*\.\.\s*"  # low end, its unit
    rf"({_NUMBER})\s*((?!by\s|in\s)\S.*?)?(?:\s*\b(by|in)\s+(.+))?"  # high end, its unit, how fine
)
_SPREAD = re.compile(rf"({_NUMBER})\s*(\S.*?)?\s+(sd|sigma)\s+({_NUMBER})\s*(\S.*)?")
_SHAPES = {
    "linear": "linear 0..1 nM in 5", "log": "log 0.01..10 nM in 4", "integers": "integers 1..10",
    "uniform": "uniform 0..1 nM", "loguniform": "loguniform 0.01..10 nM", "normal": "normal 5 sd 1 um",
    "lognormal": "lognormal 5 sigma 0.3 um",
}  # fmt: skip


class VariationError(AutocrineError, ValueError):
    """A variation that cannot be read."""


@dataclass(frozen=True)
class Variation:
    """Values that one path of a scenario, or several together, take in a sweep.

    Parameters
    ----------
    paths : tuple of str
        Dotted paths; the first one names the column of the table.
    levels : tuple
        The values, each as it would stand in a file; empty for a distribution.
    quantile : callable or None
        For a distribution: the number at a share u of its probability, 0 < u < 1.
    unit : str
        Of a distribution's numbers; empty for plain numbers.
    text : str
        What was written behind the path.
    """

    paths: tuple
    levels: tuple
    quantile: object = None
    unit: str = ""
    text: str = ""

    @property
    def name(self):
        """The first path: name of the column in tables."""
        return self.paths[0]

    def at(self, share):
        """The value below which a share of all values lies.

        Parameters
        ----------
        share : float
            0 ≤ share < 1. Levels are equally likely.

        Returns
        -------
        str, float, int or other value of TOML
            As it would stand in a scenario file.

        Examples
        --------
        >>> parse_variation("run.behavior_step = uniform 2..6 min").at(0.25)
        '3 min'
        """
        if self.levels:
            return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]
        return _value(float(f"{self.quantile(share):.9g}"), self.unit)  # nine digits are more than is ever known


def parse_variation(text, values=None):
    """Read a variation.

    Parameters
    ----------
    text : str
        ``"PATH=SPEC"``; only the path if `values` are given.
    values : str or sequence, optional
        The specification, or simply the values.

    Returns
    -------
    Variation

    Raises
    ------
    VariationError
        Telling what was got and what is accepted.

    Examples
    --------
    >>> parse_variation("ligand.IL6.decay = log 0.01..1 1/min in 3").levels
    ('0.01 1/min', '0.1 1/min', '1 1/min')
    >>> parse_variation("cell.cancer.rule.0.hill", [1, 2, 4]).levels
    (1, 2, 4)
    """
    paths, equals, spec = text.partition("=")
    if values is not None:
        paths, equals, spec = text, "=", values if isinstance(values, str) else ""
    names = tuple(path.strip() for path in paths.split(","))
    if not equals or not all(names) or (values is None and not spec.strip()):
        raise VariationError(
            f"got {shown(text)}; accepted is PATH=SPEC, such as 'ligand.IL6.decay = log 0.01..1 1/min in 5'"
        )
    if values is not None and not isinstance(values, str):
        levels = tuple(values)
        if not levels:
            raise VariationError(f"{names[0]}: got no values; accepted is one or more")
        return Variation(names, levels, text=", ".join(map(str, levels)))
    spec = " ".join(spec.split())
    try:
        return _read(names, spec)
    except VariationError as error:
        raise VariationError(f"{names[0]}: {error}") from None


def _read(names, spec):
    shape, _, rest = spec.partition(" ")
    if shape in ("linear", "log"):
        return Variation(names, _range(shape, rest), text=spec)
    if shape == "integers":
        low, high, unit, way, _ = _ends(shape, rest)
        if way or low != int(low) or high != int(high):
            raise _refused(shape, rest)
        _check_count(high - low + 1)
        levels = tuple(_value(value, unit) for value in range(int(low), int(high) + 1))
        return Variation(names, levels, text=spec)
    if shape in ("uniform", "loguniform"):
        low, high, unit, way, _ = _ends(shape, rest)
        if way:
            raise VariationError(f"got {shown(spec)}; a number of values belongs to 'linear' and 'log'")
        if shape == "loguniform":
            low, high = math.log(_positive(low, shape, rest)), math.log(high)
            return Variation(names, (), lambda share: math.exp(low + share * (high - low)), unit, spec)
        return Variation(names, (), lambda share: low + share * (high - low), unit, spec)
    if shape in ("normal", "lognormal"):
        return Variation(names, (), *_bell(shape, rest), spec)
    if re.fullmatch(r"[a-z]+ .*\.\..*", spec):
        raise VariationError(f"got {shown(spec)}; accepted in front are {', '.join(_SHAPES)}")
    if ".." in spec and _RANGE.fullmatch(spec):
        raise VariationError(
            f"got {shown(spec)}; say how: 'linear {spec} in 5', 'log {spec} in 5' or 'uniform {spec}'"
        )
    return Variation(names, _listed(spec), text=spec)


def _listed(spec):
    """Values of a list; a unit behind the last serves all if the others have none."""
    if spec.startswith("["):
        try:
            levels = tomllib.loads(f"value = {spec}")["value"]
        except ValueError:
            raise VariationError(f"got {shown(spec)}, which is not a list as in TOML") from None
    else:
        texts = [part.strip() for part in spec.split(",")]
        if not all(texts):
            raise VariationError(f"got {shown(spec)}; a value is missing between two commas")
        match = _QUANTITY.fullmatch(texts[-1])
        unit = match[2] if match and match[2] else ""
        if unit and all(re.fullmatch(_NUMBER, text) for text in texts[:-1]):
            texts = [*(f"{text} {unit}" for text in texts[:-1]), texts[-1]]
        levels = [_plain(text) for text in texts]
    if not levels:
        raise VariationError("got no values; accepted is one or more")
    return tuple(levels)


def _plain(text):
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        return text


def _refused(shape, rest):
    return VariationError(f"got {shown(f'{shape} {rest}')}; accepted is '{_SHAPES[shape]}'")


def _positive(value, shape, rest):
    if value <= 0:
        raise VariationError(f"got {shown(f'{shape} {rest}')}; accepted are numbers above 0, which have logarithms")
    return value


def _ends(shape, rest):
    """Both ends, the unit, ``"by"`` or ``"in"`` or None, and what stands behind it."""
    match = _RANGE.fullmatch(rest)
    if match is None or (match[2] and match[4] and match[2] != match[4]) or (match[2] and not match[4]):
        raise _refused(shape, rest)
    low, high = float(match[1]), float(match[3])
    if not low < high:
        raise VariationError(f"got {shown(f'{shape} {rest}')}; accepted is the smaller number first")
    return low, high, match[4] or "", match[5], match[6]


def _check_count(count):
    if count > MOST_LEVELS:
        raise VariationError(f"gives {count:.3g} values; accepted are up to {MOST_LEVELS:,}")


def _range(shape, rest):
    low, high, unit, way, amount = _ends(shape, rest)
    if way is None:
        raise VariationError(
            f"got {shown(f'{shape} {rest}')}; say how many: '{_SHAPES[shape]}' (any number between: 'uniform' or 'loguniform')"
        )
    if way == "in":
        if not re.fullmatch(r"\d+", amount) or int(amount) < 2:
            raise VariationError(f"got 'in {amount}'; accepted is a whole number of 2 or more")
        count = int(amount)
    else:
        match = _QUANTITY.fullmatch(amount)
        step = float(match[1]) if match and (match[2] or unit) == unit else 0
        if step <= 0 or shape == "log":
            raise VariationError(f"got 'by {amount}'; accepted is a step above 0 in the unit of the range, for 'linear' only")
        _check_count((high - low) / step + 1)
        count = math.floor((high - low) / step + 1e-9) + 1
        high = low + (count - 1) * step
    _check_count(count)
    if shape == "log":
        first, last = math.log10(_positive(low, shape, rest)), math.log10(high)
        numbers = [10 ** (first + (last - first) * k / (count - 1)) for k in range(count)]
    else:
        numbers = [low + (high - low) * k / max(count - 1, 1) for k in range(count)]
    # twelve digits, so that 0.1 + 0.2 reads as 0.3
    return tuple(_value(float(f"{number:.12g}"), unit) for number in numbers)


def _bell(shape, rest):
    """Quantile and unit of a normal or lognormal distribution."""
    match = _SPREAD.fullmatch(rest)
    word = "sd" if shape == "normal" else "sigma"
    if match is None or match[3] != word or float(match[4]) <= 0:
        raise _refused(shape, rest)
    middle, spread, unit = float(match[1]), float(match[4]), match[5] or match[2] or ""
    if match[2] and match[5] and match[2] != match[5]:
        raise _refused(shape, rest)
    bell = NormalDist(0.0, spread)

    def deviation(share):
        return bell.inv_cdf(min(max(share, 1e-9), 1 - 1e-9))  # the quantile of 0 lies at minus infinity

    if shape == "normal":
        return (lambda share: middle + deviation(share)), unit
    _positive(middle, shape, rest)
    return (lambda share: middle * math.exp(deviation(share))), unit


def _value(number, unit):
    """A number as it would stand in a file: text with its unit, or a plain number."""
    if unit:
        return f"{number:.12g} {unit}"
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else float(number)
