"""What a model remembers between two steps beside its tissues and its blood, and how a new model takes it up.

That is Mesa's share: random numbers for those who use them, the count of steps, collected data; and whatever agents with
a `step` of their own and functions from Python remember. Arrays and fields keep their own state.
"""

import numpy as np

__all__ = ["collected", "recount", "remembered", "remind"]

_OURS = ("model", "unique_id", "pos", "_where")  # what every agent has; the rest it has remembered itself


def collected(datacollector):
    """The columns that a datacollector holds, dict of str to ndarray or list; the numbers are copied."""
    return {name: _column(values) for name, values in datacollector.model_vars.items()}


def _column(values):
    """A list of equal numbers as an array, which takes a ninth of the room; anything else as it is."""
    kinds = {type(value) for value in values}
    return np.array(values) if kinds in ({int}, {float}) else list(values)


def recount(model, steps):
    """Let Mesa count up to `steps` without anything happening; its clock, where it has one, follows."""
    step, model._user_step = model._user_step, lambda: None
    while model.steps < steps:
        model.step()
    model._user_step = step


def remembered(model):
    """What agents and functions from Python remember.

    Agents remember what they have assigned to themselves; functions that are objects with `state` and `restore` what the
    former returns.

    Returns
    -------
    dict
        ``agents``: by cell_id; ``behaviors``: by position, None where there is nothing.
    """
    agents = {}
    if model._steps_in_python:
        for cell_id, agent in sorted(model._views.items()):
            agents[int(cell_id)] = {name: value for name, value in vars(agent).items() if name not in _OURS}
    behaviors = [own.state() if hasattr(own, "state") else None for own in model.behaviors]
    return {"agents": agents, "behaviors": behaviors}


def remind(model, state):
    """Give agents and functions back what `remembered` found."""
    model._views.clear()
    for cell_id, memory in state["agents"].items():
        vars(model.agent(cell_id)).update(memory)
    for own, saved in zip(model.behaviors, state["behaviors"]):
        if hasattr(own, "state"):
            own.restore(saved)
