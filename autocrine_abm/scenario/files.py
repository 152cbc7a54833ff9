"""Read and write scenarios: TOML in, a checked `Scenario` out, or every fault of the file in one message.

The reader knows files and lines. Whether a document is a scenario is decided in `validation`.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from autocrine_abm.errors import Fault, ScenarioError
from autocrine_abm.scenario import library
from autocrine_abm.scenario.lines import key_lines, line_of
from autocrine_abm.scenario.overrides import choose_arm, override
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.trial import try_variations
from autocrine_abm.scenario.validation import document_of, validate
from autocrine_abm.scenario.vocabulary import schema
from autocrine_abm.scenario.writing import write_toml

__all__ = ["json_schema", "locate", "override", "parse_text", "read", "to_toml"]

_LARGEST_FILE = 10_000_000  # bytes; far beyond any scenario, and quick to refuse


def locate(path_or_name):
    """Path of a scenario: a file if there is one, else the shipped scenario of that name.

    Raises
    ------
    ScenarioError
        If there is neither.
    """
    text = str(path_or_name)
    try:
        if text and Path(text).exists():
            return Path(text)
    except (OSError, ValueError):  # a name that no file can have
        pass
    if Path(text).suffix or "/" in text or "\\" in text:
        raise ScenarioError(
            [Fault(f"no such file; shipped scenarios: {', '.join(library.names())}", source=text)]
        )
    return library.path(text)


def _text_of(path):
    """Text of a scenario file; whatever cannot be one is refused in one sentence."""
    try:
        if path.is_dir():
            toml = sorted(entry.name for entry in path.glob("*.toml"))
            hint = f"; it holds {', '.join(toml[:5])}" if toml else ""
            raise ScenarioError(
                [Fault(f"is a folder; accepted is a scenario file (TOML){hint}", source=str(path))]
            )
        if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
            raise ScenarioError([Fault("is not a scenario file (TOML, at most 10 MB)", source=str(path))])
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ScenarioError([Fault(f"cannot be read: {error.strerror}", source=str(path))]) from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ScenarioError(
            [Fault("is not text; accepted is a scenario file (TOML, UTF-8)", source=str(path))]
        )
    return text


def _load(text, source):
    """The document of a TOML text, or a ScenarioError with the line of the syntax fault."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ScenarioError([Fault("brackets are nested too deeply", source=source)]) from None
    except ValueError as error:
        place = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(place[1]) if place else len(text.splitlines())
        reason = re.sub(r"\s*\(at [^)]*\)$", "", str(error))
        written = text.splitlines()[line - 1].strip() if place and line <= len(text.splitlines()) else ""
        hint = ""
        if re.search(r"=\s*[-+.\d]\S*\s+[A-Za-zµμ1%]", written):
            hint = '; a quantity with a unit is text in quotes, such as decay = "0.02 1/min"'
        elif re.search(r"=\s*[A-Za-z]", written) and "value" in reason:
            hint = "; text stands in quotes"
        got = f" in: {written[:80]}" if written else ""
        raise ScenarioError(
            [Fault(f"not valid TOML: {reason}{got}{hint}", source=source, line=line)]
        ) from None


def parse_text(text, source="", overrides=(), folder=None, arm=None):
    """Scenario that a TOML text describes.

    Parameters
    ----------
    text : str
        TOML.
    source : str
        Name of the file, for messages.
    overrides : dict or iterable of str
        Changes, see `override`.
    folder : path, optional
        Where CSV files named in the text lie; they are not looked for if None.
    arm : str, optional
        Which arm of the experiment, ``"control"`` for the scenario as it stands; left out, the scenario with all its arms.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every fault: file, line, dotted path, what was got, what is accepted.
    """
    document = _load(text, source)
    if not document:
        keys = ", ".join(Scenario.model_fields)
        raise ScenarioError([Fault(f"is empty; a scenario has the keys {keys}", source=source)])
    lines = cache(lambda: key_lines(text))  # only faults need them

    def place(path):
        return source, line_of(path, lines())

    scenario = validate(document, folder, place)
    if arm:  # first, so that what is asked for beside it counts in every arm
        scenario = choose_arm(scenario, arm, folder, place)
    if overrides:
        scenario = override(scenario, overrides, folder, place)
    if arm:
        return scenario
    if scenario.sweep:
        given = any(str(path).startswith("sweep.") for path in overrides)  # then it has no line in the file
        try_variations(scenario, scenario.sweep.variations, folder, None if given else place)
    for name in scenario.arm:
        choose_arm(scenario, name, folder, place)
    return scenario


def read(path_or_name, overrides=(), arm=None):
    """Read a scenario file, or a shipped scenario by its name.

    Parameters
    ----------
    path_or_name : path or str
        ``"my_scenario.toml"`` or ``"minimal"``.
    overrides : dict or iterable of str
        Changes by dotted path: ``{"run.seed": 3}`` or ``["run.seed=3"]``; made after those of the arm.
    arm : str, optional
        Which arm of the experiment, ``"control"`` for the scenario as it stands; left out, the scenario with all its arms.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every fault that was found.

    Examples
    --------
    >>> read("minimal", {"run.seed": 7}).run.seed
    7
    """
    path = locate(path_or_name)
    return parse_text(_text_of(path), str(path), overrides, folder=path.parent, arm=arm)


def to_toml(scenario):
    """A scenario as TOML with all defaults filled in; read again, it is equal, number by number."""
    return write_toml(document_of(scenario))


def json_schema():
    """JSON schema of scenario files, for editors that complete and check while one types. A new dict."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema()}
