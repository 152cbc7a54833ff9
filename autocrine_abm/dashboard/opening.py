"""What a page is told when it gets new models or a recording: all that its controls are laid out from."""

from autocrine_abm.dashboard.doses import worth_giving
from autocrine_abm.dashboard.snapshot import Look, color_choices
from autocrine_abm.output.colors import hex_of, scale

__all__ = ["first_look", "fitting_look", "opening"]

_PALETTES = ("sea", "cividis", "viridis")


def first_look(spec):
    """What to show of a scenario first: what its author asks for, or a ligand that cells release, and types of cells."""
    released = {entry.ligand for own in spec.cell.values() for entry in own.secretes}
    telling = min(spec.ligand, key=lambda name: name not in released, default=None)
    return Look((spec.view.ligand if spec.view else None) or telling, spec.view.color if spec.view else "cell type")


def fitting_look(world, look):
    """The look if the world has what it asks for, else one with the types of cells."""
    known = [entry for _, entries in _choices(world) for entry in entries]
    return look if look.color in known else Look(look.ligand, "cell type")


def _choices(world):
    return world.color_choices() if world.is_replay else color_choices(world.names, list(world.spec.ligand))


def opening(worlds, name, look, view):
    """The message ``open``.

    Parameters
    ----------
    worlds : sequence of Live or Recording
    name : str
        What the session is called.
    look : Look
    view : View

    Returns
    -------
    dict
    """
    first, spec = worlds[0], worlds[0].spec
    return {
        "name": name, "title": spec.title, "question": spec.question.strip(), "tissues": list(spec.tissue),
        "solid": any(min(domain.mesh().shape) > 1 for domain in spec.tissue.values()), "ligands": list(spec.ligand),
        "colors": [[heading, entries] for heading, entries in _choices(first)], "look": vars(look),
        "replay": [float(time) for time in first.times] if first.is_replay else None, "seed": int(spec.run.seed),
        "traces": False if first.is_replay else first.traces, "drugs": worth_giving(spec), "blood": spec.blood is not None,
        "arms": [[name, own.title or name] for name, own in spec.arm.items()],
        "mode": view.mode, "worlds": len(worlds), "camera": vars(view.camera),
        "palettes": {palette: [hex_of(scale(palette)[n]) for n in range(0, 256, 51)] for palette in _PALETTES},
    }  # fmt: skip
