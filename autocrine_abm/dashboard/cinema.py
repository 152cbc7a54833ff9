"""A recording as the frames of a film: one picture per recorded time, on color scales that hold for all of them."""

from autocrine_abm.dashboard import painter
from autocrine_abm.dashboard.framing import Framing
from autocrine_abm.dashboard.opening import first_look, fitting_look
from autocrine_abm.dashboard.snapshot import Look
from autocrine_abm.errors import AutocrineError
from autocrine_abm.scenario.vocabulary import did_you_mean

__all__ = ["frames", "look_at"]


def look_at(world, ligand=None, color=None):
    """What to show of a recording, checked.

    Parameters
    ----------
    world : Recording
    ligand : str, optional
        The ligand of the field; ``"none"`` for no field, default the one that its scenario or its cells suggest.
    color : str, optional
        What colors the cells; default what the scenario suggests.

    Raises
    ------
    AutocrineError
        If the run has no such ligand or color.
    """
    look = fitting_look(world, first_look(world.spec))
    if ligand is not None and ligand != "none" and ligand not in world.spec.ligand:
        declared = ", ".join(world.spec.ligand) or "no ligands at all"
        raise AutocrineError(
            f"--ligand: none is called '{ligand}'; declared: {declared}, or 'none'{did_you_mean(ligand, world.spec.ligand)}"
        )
    known = [entry for _, entries in world.color_choices() for entry in entries]
    if color is not None and color not in known:
        raise AutocrineError(f"--color: got '{color}'; accepted is one of {', '.join(known)}{did_you_mean(color, known)}")
    return Look(look.ligand if ligand is None else None if ligand == "none" else ligand, color or look.color)


def frames(world, look, every=0.0, **layout):
    """Paint a recording.

    Parameters
    ----------
    world : Recording
    look : Look
    every : float
        Least time between frames [min].
    **layout
        ``view``, ``width``, ``height`` and ``dark``, as `Framing` takes them.

    Yields
    ------
    ndarray of uint8, shape (height, width, 3)
    """
    places, ranges = _places(world.times, every), {}
    for place in places:
        snapshot = _at(world, place, look)
        for name, (low, high) in painter.ranges_of([snapshot], painter.View()).items():
            known = ranges.get(name, (low, high))
            ranges[name] = min(low, known[0]), max(high, known[1])
    framing = Framing(world.spec, world.unit_of(look.color), snapshot, ranges=ranges, **layout)
    for place in places:
        yield framing.picture(_at(world, place, look))


def _at(world, place, look):
    world.seek(place)
    return world.shoot(look)


def _places(times, every):
    """Indices of recorded times that are at least so far apart, beginning with the first."""
    places = [0]
    for place, time in enumerate(times):
        if place and time - times[places[-1]] >= every * (1 - 1e-9):
            places.append(place)
    return places
