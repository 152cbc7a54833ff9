"""What binds and what is given must fit: receptors, antagonists, traps, vessels, blood and regimens."""

from collections import Counter

from autocrine_abm.cells.rule import SIGNALS
from autocrine_abm.errors import UnitError, shown
from autocrine_abm.scenario.vocabulary import did_you_mean

__all__ = ["blood", "discs", "receptors", "reserved_names", "traps"]


def reserved_names(scenario):
    """Names that the grammar needs for itself; yields (path, message)."""
    for name in scenario.ligand:
        if name in SIGNALS:
            yield (
                ("ligand", name),
                f"'{name}' is the name of a signal that cells sense; call the ligand something else",
            )
    if scenario.blood is not None and "blood" in scenario.tissue:
        yield ("tissue", "blood"), "'blood' is the pool that tissues share; call the tissue something else"


def _once(entries, path, key, advice):
    """Faults of entries that are called like an earlier one."""
    seen = Counter()
    for position, name in enumerate(entries):
        seen[name] += 1
        if seen[name] == 2:
            yield (*path, position, key), f"{shown(name)} stands {entries.count(name)} times; {advice}"


def receptors(scenario):
    """Receptors told apart by name, antagonists other than the ligand; yields (path, message)."""
    first = {}
    for name, cell in scenario.cell.items():
        path = ("cell", name, "receptor")
        yield from _once(
            [part.label for part in cell.receptor], path, "name", "give each receptor a name of its own"
        )
        for position, part in enumerate(cell.receptor):
            other, ligand = first.setdefault(part.label, (name, part.ligand))
            if ligand != part.ligand:
                yield (
                    (*path, position, "ligand"),
                    f"receptor {shown(part.label)} binds {part.ligand} here and {ligand} in "
                    f"cell.{other}; accepted is one "
                    "ligand for all receptors of a name; name one of them otherwise",
                )
            here = (*path, position, "antagonist")
            rivals = [antagonist.ligand for antagonist in part.antagonist]
            yield from _once(rivals, here, "ligand", "state it once")
            for place, rival in enumerate(rivals):
                if rival == part.ligand:
                    yield (
                        (*here, place, "ligand"),
                        f"got {shown(rival)}, the very ligand that the receptor binds; accepted is "
                        f"another one",
                    )


def traps(scenario):
    """Traps that are others than the ligand; yields (path, message)."""
    for name, ligand in scenario.ligand.items():
        bound = [trap.ligand for trap in ligand.trap]
        yield from _once(
            bound, ("ligand", name, "trap"), "ligand", "state it once, with the sum of the rates"
        )
        for position, other in enumerate(bound):
            if other == name:
                yield (
                    ("ligand", name, "trap", position, "ligand"),
                    f"got {shown(other)}, the ligand itself; accepted is another one",
                )


def discs(scenario):
    """Discs lie on a floor: a closed low z wall of a 3-D tissue without a lattice; yields (path, message)."""
    for name, cell in scenario.cell.items():
        if cell.shape != "disc":
            continue
        homes = _homes(scenario, name)
        for tissue in [known for known in scenario.tissue if known in homes] or scenario.tissue:
            fault, way = _no_floor(scenario, tissue), homes.get(tissue)
            if fault:
                yield ("cell", name, "shape"), f"got 'disc', but {fault}{way or ''}; accepted there is 'sphere'"


def _homes(scenario, name):
    """Tissues in which cells of a type may be found, dict from name to the way there in words, empty for seeds."""
    first = next(iter(scenario.tissue), None)
    reached = {
        (seed.cell or name, seed.tissue or first): "" for seed in scenario.seed if seed.cell in (*scenario.cell, None)
    }
    waiting = list(reached)
    while waiting:
        kind, tissue = waiting.pop()
        own = scenario.cell[kind]
        settles = own.bloodstream.extravasation_rate if own.bloodstream is not None else {}
        onward = {(kind, other): f", where they settle from the blood ({kind})" for other, rate in settles.items() if rate > 0}
        onward |= {(other, tissue): f", where {kind} cells turn into them" for other in own.transition_to}
        for place, way in onward.items():
            if place not in reached and place[0] in scenario.cell:
                reached[place] = way
                waiting.append(place)
    return {tissue: way for (kind, tissue), way in reached.items() if kind == name}


def _no_floor(scenario, tissue):
    """Why a disc cannot lie in a tissue, or nothing."""
    domain = scenario.tissue[tissue]
    if domain.sensing == "voxel":
        return ""  # cells have no shape there
    if domain.space == "lattice" or domain.mesh().dimension < 3:
        return f"tissue '{tissue}' is not a 3-D off-lattice one"
    if "z" in domain.periodic:
        return f"tissue '{tissue}' is periodic along z and has no floor"
    for name, ligand in scenario.ligand.items():
        exchanged = any(
            entry.ligand == name
            for cell in scenario.cell.values()
            for entry in (*cell.secretes, *cell.takes_up, *cell.receptor, *cell.exchanges)
        )
        if exchanged and ligand.boundary.of("z_low") != "no-flux":
            return f"{name} passes through the low z wall ({ligand.boundary.of('z_low')}), on which discs lie"
    return ""


def blood(scenario):
    """Blood where something needs it, and regimens that say where they go; yields (path, message)."""
    known = ", ".join(scenario.ligand) or "none"
    for name, pool in (scenario.blood.ligand if scenario.blood else {}).items():
        if name not in scenario.ligand:
            message = (
                f"no ligand is called {shown(name)}; declared: {known}{did_you_mean(name, scenario.ligand)}"
            )
            yield ("blood", "ligand", name), message
            continue
        try:
            scenario.ligand[name].concentration(pool.initial)
        except UnitError as error:
            yield ("blood", "ligand", name, "initial"), str(error)
    if scenario.blood is None:
        missing = "needs blood, which is not there; add a table [blood] with its volume"
        for name, cell in scenario.cell.items():
            if cell.exchanges:
                yield ("cell", name, "exchanges"), missing
        for position, regimen in enumerate(scenario.regimen):
            if regimen.into == "blood":
                yield ("regimen", position, "into"), missing
    for position, regimen in enumerate(scenario.regimen):
        if regimen.into == "bath" and regimen.tissue is None and len(scenario.tissue) > 1:
            tissues = ", ".join(scenario.tissue)
            yield ("regimen", position, "tissue"), f"missing; there are several tissues: {tissues}"
