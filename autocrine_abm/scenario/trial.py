"""One run of a sweep as a scenario, and a trial of the values of a sweep before anything is run.

A varied value is an override like any other; the path `arm` chooses an arm of the experiment.
"""

from autocrine_abm.errors import Fault, ScenarioError
from autocrine_abm.scenario.arm import CONTROL
from autocrine_abm.scenario.overrides import choose_arm, override

__all__ = ["try_variations", "vary"]

_EVERY = 50  # levels of a variation that are tried one by one; of more only the ends


def vary(scenario, values, folder=None):
    """The scenario of one run.

    Parameters
    ----------
    scenario : Scenario
    values : dict of str to value
        By dotted path; ``"arm"`` names an arm, default the control.
    folder : path, optional
        Where CSV files of the scenario lie; they are not looked for if None.

    Returns
    -------
    Scenario
        Checked as a whole, without arms, sweep and calibration.

    Examples
    --------
    >>> from autocrine_abm.scenario.files import read
    >>> vary(read("minimal"), {"run.seed": 5}).run.seed
    5
    """
    plain = scenario.model_copy(update={"sweep": None, "calibrate": None})
    changes = {path: value for path, value in values.items() if path != "arm"}
    if changes:
        plain = override(plain, changes, folder)
    return choose_arm(plain, str(values.get("arm", CONTROL)), folder)


def try_variations(scenario, variations, folder=None, place=None):
    """Refuse variations that lead nowhere, or to values that the scenario does not accept.

    Each variation is tried alone: every value, or both ends of many. What only a combination makes impossible is
    found by its run.

    Parameters
    ----------
    scenario : Scenario
    variations : sequence of Variation
    folder : path, optional
        Where CSV files of the scenario lie; they are not looked for if None.
    place : callable, optional
        Gives file and line of a path, for messages.

    Raises
    ------
    ScenarioError
        With the first fault of each variation.
    """
    faults, seen = [], set()
    for position, variation in enumerate(variations):
        source, line = place(("sweep", "vary", position)) if place else ("", None)
        where = f"sweep.vary.{position}"

        def refuse(message, where=where, source=source, line=line):
            faults.append(Fault(message, where, source=source, line=line))

        for path in variation.paths:
            if path == "run.seed":
                refuse("got 'run.seed'; seeds are drawn for each run; accepted is a number of replicates instead")
            if path in seen:
                refuse(f"got '{path}' a second time; state each path once")
            seen.add(path)
        levels = variation.levels if 0 < len(variation.levels) <= _EVERY else (variation.at(0.0), variation.at(1.0))
        if not variation.levels:
            levels = (variation.at(0.01), variation.at(0.99))  # the tails of a bell are left to the runs
        for level in levels:
            try:
                vary(scenario, dict.fromkeys(variation.paths, level), folder)
            except ScenarioError as error:
                told = error.faults[0]
                text = f"{told.path}: {told.message}" if told.path else told.message
                if told.source.startswith("override ") and not told.path:
                    text = f"{told.source.removeprefix('override ')}: {told.message}"
                refuse(text)
                break
    if faults:
        raise ScenarioError(faults)
