"""Everything public says what it is: modules, classes and functions have docstrings, ``__all__`` is true."""

import importlib
import inspect
from pathlib import Path

import pytest

import autocrine_abm

PACKAGE = Path(autocrine_abm.__file__).parent
MODULES = sorted(
    ".".join(("autocrine_abm", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in PACKAGE.rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py")
)


def load(name):
    if name.startswith("autocrine_abm.dashboard"):
        pytest.importorskip("solara")
    return importlib.import_module(name)


def is_documented(thing):
    return bool(inspect.cleandoc(thing.__doc__ or ""))


def public_members(cls):
    """Names of the methods and properties that a class defines itself; their docstrings may be inherited."""
    kinds = (property, classmethod, staticmethod, type(public_members))
    return [name for name, member in vars(cls).items() if name[0] != "_" and isinstance(member, kinds)]


@pytest.mark.parametrize("name", MODULES)
def test_module_opens_with_a_sentence(name):
    module = load(name)
    assert is_documented(module), "has no docstring"
    first, *_ = module.__doc__.split("\n\n")
    assert first[0].isupper() and first.rstrip()[-1] in ".:", f"does not open with a sentence: {first!r}"


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_there_and_documented(name):
    module = load(name)
    assert hasattr(module, "__all__"), "has no __all__"
    assert len(set(module.__all__)) == len(module.__all__)
    for public in module.__all__:
        thing = getattr(module, public)
        if getattr(thing, "__module__", None) != name or not (inspect.isclass(thing) or callable(thing)):
            continue  # a constant, or a name passed on from below, documented where it lives
        assert is_documented(thing), f"{public} has no docstring"
        for member in public_members(thing) if inspect.isclass(thing) else ():
            assert inspect.getdoc(getattr(thing, member)), f"{public}.{member} has no docstring"


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_of_a_module_are_in_all(name):
    module = load(name)
    own = {
        key
        for key, value in vars(module).items()
        if not key.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == name
        and not value.__qualname__.startswith("_")
    }
    assert own <= set(module.__all__)


def test_front_door_opens_to_every_name():
    for name in autocrine_abm.__all__:
        assert getattr(autocrine_abm, name) is not None
    assert set(autocrine_abm.__all__) <= set(dir(autocrine_abm))
    with pytest.raises(AttributeError, match="has no attribute 'Tumour'"):
        autocrine_abm.Tumour  # noqa: B018
