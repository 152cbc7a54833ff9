"""Behavior in Python that a scenario brings along: where it is, and whether it can be what the scenario says.

A scenario names functions and a class of agents as ``"file.py:name"``, the file relative to the scenario, or
``"package.module:name"`` for what is installed. Here they are only looked for and read as text: checking a scenario runs
none of its code. Running it does, in `simulation.custom`; a scenario with a ``[python]`` table is a program.
"""

import ast
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Annotated

from pydantic import Field

from autocrine_abm.errors import AutocrineError
from autocrine_abm.parameters import Parameters, Several

__all__ = ["Python", "python_faults", "source_of", "split_reference"]

Reference = Annotated[
    str,
    Field(pattern=r"^[^:]*[^:\s][^:]*:[A-Za-z_][A-Za-z0-9_]*$", examples=["my_rules.py:starve", "my_package.rules:starve"]),
]


class Python(Parameters):
    """Code of your own that takes part in every step."""

    behaviors: Several[Reference] = Field(
        (), description="functions of (tissue, dt), called in every step after the rules and before cells decide"
    )
    agent: Reference | None = Field(None, description="a subclass of CellAgent, whose step() every cell calls")

    @property
    def references(self):
        """All that is named, in the order of the file; list of (path in the table, text)."""
        named = [(("behaviors", place), text) for place, text in enumerate(self.behaviors)]
        return named + ([(("agent",), self.agent)] if self.agent is not None else [])


def split_reference(reference):
    """Module and name of a reference.

    >>> split_reference("my_rules.py:starve")
    ('my_rules.py', 'starve')
    """
    module, _, name = reference.rpartition(":")
    return module, name


def source_of(reference, folder):
    """The file that a reference points into.

    Parameters
    ----------
    reference : str
        ``"file.py:name"`` or ``"package.module:name"``.
    folder : path
        Where relative paths start.

    Returns
    -------
    Path

    Raises
    ------
    AutocrineError
        If there is none. Nothing is imported to find out.
    """
    module, _ = split_reference(reference)
    if module.endswith(".py"):
        path = Path(folder) / module
        if not path.is_file():
            raise AutocrineError(f"{path}: no such file; accepted is a Python file, its path relative to the scenario file")
        return path
    where, spec = None, None
    for end in range(1, module.count(".") + 2):
        spec = PathFinder.find_spec(".".join(module.split(".")[:end]), where)
        if spec is None:
            break
        where = spec.submodule_search_locations
    if spec is None or not (spec.origin or "").endswith(".py"):
        raise AutocrineError(
            f"no module '{module}' is installed; accepted is a Python file, such as 'my_rules.py:NAME', or an installed module"
        )
    return Path(spec.origin)


def python_faults(python, folder):
    """What is wrong with the Python code that a scenario names, as far as can be told without running it.

    Parameters
    ----------
    python : Python
    folder : path

    Returns
    -------
    list of (tuple, str)
        Path within the table, and what is wrong.
    """
    faults = []
    for path, reference in python.references:
        fault = _fault(reference, folder, wants_agent=path[0] == "agent")
        if fault:
            faults.append((path, fault))
    return faults


def _fault(reference, folder, wants_agent):
    module, name = split_reference(reference)
    try:
        text = source_of(reference, folder).read_bytes()
        tree = ast.parse(text)
    except AutocrineError as error:
        return str(error)
    except OSError as error:
        return f"{module}: cannot be read: {error.strerror}"
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{module}:{getattr(error, 'lineno', None) or 1}: is not Python: {getattr(error, 'msg', error)}"
    found = {}
    for node in tree.body:
        found.update(_names(node))
    if name not in found:
        if "*" in found:
            return None
        wanted = (ast.ClassDef,) if wants_agent else (ast.FunctionDef, ast.ClassDef)
        there = [key for key, node in found.items() if isinstance(node, wanted) and not key.startswith("_")]
        listed = f"; there are {', '.join(there)}" if there else ""
        return f"{module} defines no '{name}'{listed}{_near(name, there)}"
    return _unfit(found[name], module, name, wants_agent)


def _near(name, known):
    from autocrine_abm.scenario.vocabulary import did_you_mean

    return did_you_mean(name, known)


def _names(node):
    """What a statement at the top of a module defines: name and the node that tells what it is."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name, node
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((alias.asname or alias.name, node) for alias in node.names)
    else:  # assignments, conditions, loops: any name that is stored
        stored = (part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
        yield from ((part.id, node) for part in stored)


def _unfit(node, module, name, wants_agent):
    """Why a definition cannot be what the scenario wants, or None; of what is not written out, nothing is known."""
    place = f"{module}:{getattr(node, 'lineno', 1)}"
    if wants_agent:
        if isinstance(node, ast.FunctionDef):
            return f"{place}: '{name}' is a function; accepted is a subclass of CellAgent with a method step(self)"
        if isinstance(node, ast.ClassDef) and not node.bases:
            return f"{place}: class {name} is no agent; write class {name}(CellAgent)"
        return None
    function = node
    bound = 0
    if isinstance(node, ast.ClassDef):
        methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
        if "__call__" not in methods:
            if node.bases:
                return None
            return f"{place}: class {name} cannot be called; accepted is a function of (tissue, dt), or a class with __call__"
        function, bound = methods["__call__"], 1
    if isinstance(function, ast.FunctionDef) and not function.decorator_list:
        taken = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)][bound:]
        needed = len(taken) - len(function.args.defaults)
        several = function.args.vararg is not None
        strict = [a for a, default in zip(function.args.kwonlyargs, function.args.kw_defaults) if default is None]
        if needed > 2 or (len(taken) < 2 and not several) or strict:
            return f"{place}: {name} takes ({', '.join(taken)}); accepted is a function of (tissue, dt)"
    return None
