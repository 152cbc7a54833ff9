"""Change a scenario in one place, or a few: `"ligand.IL6.decay=0.02 1/min"`.

The same dotted paths serve the command line (``--set``), sweeps and Python. A scenario is never changed in
place; an override makes a new one, which is checked as a whole again.
"""

import tomllib

from autocrine_abm.errors import Fault, ScenarioError
from autocrine_abm.scenario.arm import CONTROL
from autocrine_abm.scenario.validation import document_of, validate
from autocrine_abm.scenario.vocabulary import did_you_mean, dotted, is_known, keys, split

__all__ = ["choose_arm", "override", "parse_overrides", "write_values"]


def _value(text):
    """A value as TOML reads it; whatever is not TOML is text: ``0.02 1/min``."""
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except (ValueError, RecursionError):
        return text


def parse_overrides(overrides):
    """Paths and values of overrides.

    Parameters
    ----------
    overrides : dict or iterable of str
        ``{"run.seed": 3}`` or ``["run.seed=3", "ligand.IL6.decay=0.02 1/min"]``.

    Returns
    -------
    values : dict of tuple to value
        By path. Of two overrides of one path the later counts.
    faults : list of (tuple, Fault)
        Overrides that are not of the form PATH=VALUE.

    Examples
    --------
    >>> parse_overrides(["run.seed=3"])
    ({('run', 'seed'): 3}, [])
    """
    if isinstance(overrides, dict):
        return {split(path): value for path, value in overrides.items()}, []
    values, faults = {}, []
    for text in overrides:
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            message = "accepted is PATH=VALUE, such as 'run.seed=3' or 'ligand.IL6.decay=0.02 1/min'"
            faults.append(((), Fault(message, source=f"override '{text}'")))
        else:
            values[split(path.strip())] = _value(value.strip())
    return values, faults


def _unknown(path, depth, here):
    """Why the path ends at `depth`, and what could stand there instead."""
    part, before = path[depth], dotted(path[:depth])
    if isinstance(here, (list, tuple)):
        count = f"0 to {len(here) - 1}" if here else "none, it is empty"
        return f"'{before}' is a list and has no entry '{part}'; its entries: {count}"
    known = keys(path[:depth]) or (list(here) if isinstance(here, dict) else [])
    if not known:
        return f"'{before}' is a value and has nothing named '{part}' inside"
    what = f"'{before}' has no '{part}'" if before else f"there is no '{part}'"
    return f"{what}; accepted: {', '.join(map(str, known))}{did_you_mean(part, known)}"


def _write(document, path, value):
    """Put `value` at `path`, in place; returns a message if there is no such place."""
    here = document
    for depth, part in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(here, list):
            if not isinstance(part, int) or part >= len(here):
                return _unknown(path, depth, here)
        elif not isinstance(here, dict) or not is_known(path[: depth + 1]):
            return _unknown(path, depth, here)
        elif part not in here:
            if not keys(path[:depth]):  # a name that the author would have to invent
                return _unknown(path, depth, here)
            if not last:
                here[part] = {}
        if last:
            here[part] = value
        else:
            here = here[part]
    return None


def write_values(document, values):
    """Put values into a document.

    Parameters
    ----------
    document : dict
        A scenario as nested tables and lists, with all defaults filled in; changed in place.
    values : dict of tuple to value
        From `parse_overrides`.

    Returns
    -------
    list of (tuple, Fault)
        Paths that lead nowhere, with a suggestion.
    """
    faults = []
    for path, value in values.items():
        message = _write(document, path, value)
        if message:
            faults.append((path, Fault(message, source=f"override '{dotted(path)}'")))
    return faults


def override(scenario, overrides, folder=None, place=None):
    """A new scenario that differs in a few values.

    Parameters
    ----------
    scenario : Scenario
        The original; it stays as it is.
    overrides : dict or iterable of str
        ``{"run.seed": 3}`` or ``["ligand.IL6.decay=0.02 1/min", "cell.cancer.rule.0.hill=4"]``.
    folder : path, optional
        Where CSV files of the scenario lie; they are not looked for if None.
    place : callable, optional
        Gives file and line of a path, for faults outside the overrides.

    Returns
    -------
    Scenario
        Checked as a whole.

    Raises
    ------
    ScenarioError
        With all faults, among them paths that lead nowhere.

    Examples
    --------
    >>> from autocrine_abm.scenario.files import read
    >>> override(read("minimal"), {"ligand.growth_factor.decay": "2 1/min"}).ligand["growth_factor"].decay
    2.0
    """
    values, faults = parse_overrides(overrides)
    document = document_of(scenario)
    faults += write_values(document, values)
    if faults:
        raise ScenarioError([fault for _, fault in faults])

    def place_of(path):
        for target in values:
            shared = min(len(target), len(path))
            if shared and target[:shared] == path[:shared]:
                return f"override '{dotted(target)}'", None
        return place(path) if place else ("", None)

    return validate(document, folder, place_of)


def choose_arm(scenario, name, folder=None, place=None):
    """The scenario as one of its arms has it, without the other arms.

    Parameters
    ----------
    scenario : Scenario
    name : str
        One of ``scenario.arm``, or ``"control"`` for the scenario as it stands.
    folder, place : optional
        As for `override`.

    Returns
    -------
    Scenario
        Checked as a whole; its title names the arm.

    Raises
    ------
    ScenarioError
        If there is no such arm, or what it sets does not fit.

    Examples
    --------
    >>> from autocrine_abm.scenario.files import read
    >>> choose_arm(read("minimal"), "control").arm
    {}
    """
    plain = scenario.model_copy(update={"arm": {}})
    if name == CONTROL:
        return plain
    if name not in scenario.arm:
        known = [CONTROL, *scenario.arm]
        message = f"no arm is called '{name}'; declared: {', '.join(known)}{did_you_mean(name, known)}"
        raise ScenarioError([Fault(message)])
    arm = scenario.arm[name]
    source, line = place(("arm", name, "set")) if place else ("", None)
    try:
        changed = override(plain, arm.set, folder, place)
    except ScenarioError as error:
        faults = []
        for fault in error.faults:
            which = fault.source.removeprefix("override ") if fault.source.startswith("override ") else ""
            message = f"{fault.path}: {fault.message}" if fault.path else fault.message
            faults.append(Fault(f"{which}: {message}".removeprefix(": "), f"arm.{name}.set", source=source, line=line))
        raise ScenarioError(faults) from None
    return changed.model_copy(update={"title": f"{scenario.title}: {arm.title or name}"})
