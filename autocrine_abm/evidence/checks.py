"""All published results that the simulator is held to, by scenario."""

from difflib import get_close_matches

from autocrine_abm.errors import AutocrineError
from autocrine_abm.evidence import allee, cell_layer, endocrine_pair, lone_cell, niche, range_dial, suspension

__all__ = ["SYSTEMS", "verify"]

#: Scenario name → function that runs it and returns a list of `Check`.
SYSTEMS = {
    allee.SCENARIO: allee.checks,
    lone_cell.SCENARIO: lone_cell.checks,
    cell_layer.SCENARIO: cell_layer.checks,
    suspension.SCENARIO: suspension.checks,
    niche.SCENARIO: niche.checks,
    endocrine_pair.SCENARIO: endocrine_pair.checks,
    range_dial.SCENARIO: range_dial.checks,
}


def verify(names=("all",), progress=None):
    """Reproduce published results.

    Parameters
    ----------
    names : sequence of str
        Scenario names that have checks, or ``"all"``.
    progress : callable, optional
        Called with a line of text when something takes a while.

    Returns
    -------
    list of Check

    Raises
    ------
    AutocrineError
        If a scenario has no checks.
    """
    wanted = list(SYSTEMS) if "all" in names else list(names)
    for name in wanted:
        if name not in SYSTEMS:
            close = get_close_matches(name, SYSTEMS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise AutocrineError(
                f"'{name}' has no published results to check; accepted are all, {', '.join(SYSTEMS)}.{hint}"
            )
    return [check for name in wanted for check in SYSTEMS[name](progress)]
