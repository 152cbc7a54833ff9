"""Runs the Python code that a scenario brings along: its functions and its class of agents.

Every model loads files anew, so that what a module remembers is the model's own; installed modules are imported as usual.
What goes wrong inside is told with file and line.
"""

import importlib
import importlib.util
import sys
import traceback
from itertools import count

from autocrine_abm.errors import AutocrineError
from autocrine_abm.scenario.custom import source_of, split_reference
from autocrine_abm.simulation.agent import CellAgent

__all__ = ["Behavior", "load_agent", "load_behaviors"]

_number = count(1)


class Behavior:
    """A function of a scenario's own.

    Parameters
    ----------
    reference : str
        Where it comes from, for messages.
    function : callable
        ``function(tissue, dt)``.
    """

    def __init__(self, reference, function):
        self.reference, self.function = reference, function
        if hasattr(function, "state") and hasattr(function, "restore"):
            self.state, self.restore = function.state, function.restore

    def __call__(self, tissue, dt):
        try:
            self.function(tissue, dt)
        except Exception as error:
            raise _told(self.reference, error) from error

    def __repr__(self):
        return f"<behavior {self.reference}>"


def load_behaviors(python, folder):
    """The functions that a scenario names, list of `Behavior`; a class gives one object of it.

    Parameters
    ----------
    python : Python or None
    folder : path
        Where relative paths start.

    Raises
    ------
    AutocrineError
        If one is not there or cannot be called.
    """
    modules, behaviors = {}, []
    for reference in python.behaviors if python else ():
        function = _load(reference, folder, modules)
        if isinstance(function, type):
            try:
                function = function()
            except Exception as error:
                raise _told(reference, error) from error
        if not callable(function):
            raise AutocrineError(
                f"python.behaviors: '{reference}' is a {type(function).__name__}; accepted is a function of (tissue, dt)"
            )
        behaviors.append(Behavior(reference, function))
    return behaviors


def load_agent(python, folder):
    """The class of agents that a scenario names, or None; arguments as for `load_behaviors`."""
    if python is None or python.agent is None:
        return None
    own = _load(python.agent, folder, {})
    if not (isinstance(own, type) and issubclass(own, CellAgent)) or own.step is CellAgent.step:
        raise AutocrineError(
            f"python.agent: '{python.agent}' is no subclass of CellAgent with a step of its own; "
            "write 'from autocrine_abm import CellAgent', and a class with a method step(self)"
        )

    def step(self):
        try:
            own.step(self)
        except Exception as error:
            raise _told(python.agent, error) from error

    step.__doc__ = own.step.__doc__
    return type(own.__name__, (own,), {"step": step, "__module__": own.__module__, "__doc__": own.__doc__})


def _load(reference, folder, modules):
    module_name, name = split_reference(reference)
    path = source_of(reference, folder)
    module = modules.get(path)
    try:
        if module is None and module_name.endswith(".py"):
            spec = importlib.util.spec_from_file_location(f"scenario_code_{next(_number)}_{path.stem}", path)
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module  # dataclasses look themselves up
            spec.loader.exec_module(module)
        elif module is None:
            module = importlib.import_module(module_name)
    except Exception as error:
        raise _told(reference, error) from error
    modules[path] = module
    if not hasattr(module, name):
        raise AutocrineError(f"python: '{reference}': {module_name} defines no '{name}'")
    return getattr(module, name)


def _told(reference, error):
    """An error inside of foreign code, with the deepest line of that code that it passed."""
    if isinstance(error, AutocrineError):
        return error
    module, name = split_reference(reference)
    ending = module if module.endswith(".py") else module.replace(".", "/") + ".py"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(ending)]
    place = f"{module}:{lines[-1]}" if lines else module
    return AutocrineError(f"{place}: {name}: {type(error).__name__}: {error}")
