"""Which values of a scenario may change while cells live, and a scenario with its later changes put in.

Rates, strengths and sizes may: the next step goes by the new number. What lays out the experiment (tissues, meshes, steps,
seeds, names, the state at the start) may not; it takes a new run.
"""

from autocrine_abm.errors import Fault, ScenarioError, UnitError, shown
from autocrine_abm.scenario.vocabulary import did_you_mean, dotted, kind, split
from autocrine_abm.units import parse

__all__ = ["change_faults", "is_live", "refuse_change", "slider_faults", "value_at"]

_LIVING = ("ligand", "cell", "blood", "regimen")
#: Keys of the state at the start, and of what it is counted in.
_LAID_OUT = {"initial", "transport", "solubility", "molar_mass", "trait", "volume", "ligand", "tissue", "into", "shape"}


def is_live(path):
    """Whether the value at a path may change while the model runs.

    Parameters
    ----------
    path : str or tuple
        ``"ligand.IL6.decay"``

    Examples
    --------
    >>> is_live("ligand.IL6.decay"), is_live("tissue.dish.spacing"), is_live("ligand.IL6.initial")
    (True, False, False)
    """
    path = split(path) if isinstance(path, str) else tuple(path)
    if path == ("run", "duration"):
        return True
    if len(path) < 2 or path[0] not in _LIVING:
        return False
    keys = path[2:] if path[0] in ("ligand", "cell") else path[1:]
    if path[0] == "blood":  # blood.ligand.NAME.elimination
        keys = path[3:] if path[1] == "ligand" else path[1:]
    if not keys or any(key in _LAID_OUT for key in keys):
        return False
    return kind(path) in ("quantity", "number", "integer") or (path[0] == "ligand" and keys[0] == "boundary")


def refuse_change(path):
    """Why the value at `path` (tuple) may not change while the model runs, or nothing."""
    if is_live(path):
        return ""
    return (
        f"'{dotted(path)}' is laid out at the start and cannot change during a run; accepted are numbers of ligands, cells, "
        "blood and regimens, and run.duration"
    )


def change_faults(document, folder):
    """What is wrong with the changes of a valid scenario, each made on top of those before it.

    Parameters
    ----------
    document : dict
        The scenario as nested tables and lists.
    folder : path or None
        As in `validation.validate`.

    Yields
    ------
    path, message : tuple, str
    """
    from autocrine_abm.scenario.overrides import write_values
    from autocrine_abm.scenario.validation import document_of, validate

    whole = document_of(validate({key: value for key, value in document.items() if key != "change"}, folder, _nowhere))
    entries = sorted(enumerate(document["change"]), key=lambda entry: _minutes(entry[1]["time"]))
    for position, change in entries:
        path = split(change["path"])
        faults = write_values(whole, {path: change["value"]})
        refused = faults[0][1].message if faults else refuse_change(path)
        if refused:
            yield ("change", position, "path"), refused
            return
        try:
            validate(whole, folder, _nowhere)
        except ScenarioError as error:
            yield ("change", position, "value"), "; ".join(_plain(fault) for fault in error.faults)
            return


def slider_faults(scenario, document):
    """What is wrong with the sliders and colors of a valid scenario; yields (path, message)."""
    from autocrine_abm.scenario.overrides import write_values

    for position, slider in enumerate(scenario.view.slider):
        here, path = ("view", "slider", position), split(slider.path)
        faults = write_values(_copy(document), {path: slider.low})
        if faults:
            yield (*here, "path"), faults[0][1].message
            continue
        if kind(path) not in ("quantity", "number", "integer"):
            yield (*here, "path"), f"'{slider.path}' is not a number; accepted is the path of one"
            continue
        value, ends = value_at(document, path), []
        for key in ("low", "high"):
            try:
                ends.append(_number(getattr(slider, key), value))
            except UnitError as error:
                yield (*here, key), str(error)
        if len(ends) == 2 and not ends[0] < ends[1]:
            message = f"got {shown(slider.high)}, which is not above low, {shown(slider.low)}; exchange the two, or move one"
            yield (*here, "high"), message
        elif len(ends) == 2 and slider.scale == "log" and ends[0] <= 0:
            yield (*here, "low"), f"got {shown(slider.low)}; a logarithmic slider starts above 0"
    ligand = scenario.view.ligand
    if ligand is not None and ligand not in scenario.ligand:
        declared = ", ".join(scenario.ligand) or "none"
        yield (
            ("view", "ligand"),
            f"no ligand is called {shown(ligand)}; declared: {declared}{did_you_mean(ligand, scenario.ligand)}",
        )


def value_at(document, path):
    """The value at a path (tuple) of nested tables and lists, None if there is none."""
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _copy(value):
    if isinstance(value, dict):
        return {key: _copy(entry) for key, entry in value.items()}
    return [_copy(entry) for entry in value] if isinstance(value, list) else value


def _number(end, value):
    """An end of a slider in base units; it must be of the dimension of the value."""
    if isinstance(value, str) and not isinstance(end, str):
        raise UnitError(f"got {shown(end)}, which has no unit; accepted is a quantity such as {shown(value)}")
    if not isinstance(end, str):
        return float(end)
    try:
        quantity = parse(end)
    except UnitError as error:
        kind_of = "quantity" if isinstance(value, str) else "number"
        raise UnitError(f"{error}; accepted is a {kind_of} such as {shown(value)}") from None
    if isinstance(value, str) and quantity.dimension != parse(value).dimension:
        raise UnitError(f"got {shown(end)}; accepted is a quantity such as {shown(value)}")
    return float(quantity)


def _minutes(quantity):
    return float(parse(getattr(quantity, "text", quantity), "min"))


def _nowhere(path):
    return "", None


def _plain(fault):
    """A fault without its place in a file."""
    return str(Fault(fault.message, fault.path))
