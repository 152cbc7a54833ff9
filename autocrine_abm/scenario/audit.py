"""What no single number shows: names that lead nowhere, units that do not fit, parts that contradict.

Numbers by themselves are checked by the parameter classes; whether the numbers are *wise* is judged in
`adequacy`.
"""

from collections import Counter
from pathlib import Path
from typing import get_origin

import numpy as np

from autocrine_abm.cells.cell_type import BEHAVIORS
from autocrine_abm.cells.rule import SIGNALS
from autocrine_abm.cells.seeding import expected_number, place, read_positions
from autocrine_abm.errors import AutocrineError, Fault, UnitError, shown
from autocrine_abm.ligands.ligand import FACES
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.vocabulary import did_you_mean, dotted
from autocrine_abm.units import describe_dimension, dimension_of, parse

__all__ = ["MOST_CELLS", "MOST_STEPS", "MOST_VOXELS", "audit", "base_value", "behaviors", "loose_names"]

MOST_VOXELS = 2_000_000_000  # one field of float64 is then 16 GB
MOST_CELLS = 100_000_000
MOST_STEPS = 100_000_000

_QUICK_TO_PLACE = 100_000  # cells or voxels; larger seeds are only placed by the run
_NAMED = [name for name, field in Scenario.model_fields.items() if get_origin(field.annotation) is dict]


def _table(document, name):
    table = document.get(name)
    return table if isinstance(table, dict) else {}


def behaviors(cell_type):
    """Behaviors that rules of a cell type may change, dict from name to unit.

    Besides the fixed ones these are "secretion of LIGAND" and "uptake of LIGAND" of the ligands that it
    handles.
    """
    return {
        **BEHAVIORS,
        **{f"secretion of {entry.ligand}": "molecules/min" for entry in cell_type.secretes},
        **{f"uptake of {entry.ligand}": "um^3/min" for entry in cell_type.takes_up},
    }


def base_value(cell_type, behavior):
    """Value of a behavior in base units while no signal acts on it."""
    kind, of, ligand = behavior.partition(" of ")
    if not of:
        return getattr(cell_type, behavior)
    entries = cell_type.secretes if kind == "secretion" else cell_type.takes_up
    return sum(
        entry.rate if kind == "secretion" else entry.clearance for entry in entries if entry.ligand == ligand
    )


# ---- names ---------------------------------------------------------------------------------------


def _references(here, path=()):
    """All (path, key, text) of a document whose value is text, and which stand below the top."""
    entries = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
    for key, value in entries:
        if isinstance(value, str) and len(path) > 1:
            yield (*path, key), key, value
        else:
            yield from _references(value, (*path, key))


def loose_names(document, broken=()):
    """Names in a document that nothing is called.

    A key that is called like a top-level table (``ligand``, ``cell``, ``tissue``) names one of its entries.

    Parameters
    ----------
    document : dict
        A scenario as nested tables and lists, not necessarily valid.
    broken : iterable of tuple
        Paths already known to be at fault; a table misspelled at the top hides what is missing in it.

    Returns
    -------
    list of (tuple, Fault)
    """
    hidden = {path[0] for path in broken if len(path) == 1}
    found = []
    for path, key, text in _references(document):
        table = "ligand" if key == "signal" else key
        if table not in _NAMED or any(did_you_mean(name, [table]) for name in hidden):
            continue
        known = [*_table(document, table), *(SIGNALS if key == "signal" else ())]
        if text not in known:
            what = {"cell": "cell type"}.get(key, key)
            declared = ", ".join(known) or "none"
            message = f"no {what} is called {shown(text)}; declared: {declared}{did_you_mean(text, known)}"
            found.append((path, Fault(message, dotted(path))))
    return found


# ---- parts that must fit together ----------------------------------------------------------------


def _run(scenario):
    run = scenario.run
    if run is None:
        return
    if run.behavior_step > run.duration:
        yield (
            ("run", "behavior_step"),
            f"got '{run.behavior_step.text}', longer than the whole run of '{run.duration.text}'; "
            "shorten the step or prolong the run",
        )
    elif run.duration / run.behavior_step > MOST_STEPS:
        yield (
            ("run", "behavior_step"),
            f"got '{run.behavior_step.text}'; a run of '{run.duration.text}' would take "
            f"{run.duration / run.behavior_step:.3g} steps; accepted are up to {MOST_STEPS:,}",
        )


def _tissues(scenario):
    for name, domain in scenario.tissue.items():
        mesh = domain.mesh()
        if mesh.n_voxels > MOST_VOXELS:
            shape = " x ".join(f"{n:,}" for n in mesh.shape)
            yield (
                ("tissue", name, "spacing"),
                f"gives {shape} = {mesh.n_voxels:.3g} voxels; accepted are up to {MOST_VOXELS:,}; "
                "enlarge the spacing or shrink the size",
            )
        used = [h for h, n in zip(mesh.spacing, mesh.shape) if n > 1]
        if domain.space == "lattice" and used and max(used) > min(used) * (1 + 1e-9):
            spacing = ", ".join(h.text for h in domain.spacing)
            yield (
                ("tissue", name, "spacing"),
                f"got {spacing}; the sites of a lattice are cubes: accepted is one length for all axes "
                "with voxels",
            )


def _ligand_faces(scenario, name, ligand):
    for axis, low, high in zip("xyz", FACES[::2], FACES[1::2]):
        closed = [tissue for tissue, domain in scenario.tissue.items() if axis in domain.periodic]
        if closed and len(closed) == len(scenario.tissue):
            for face in (low, high):
                stated = getattr(ligand.boundary, face)
                if stated is not None:
                    yield (
                        ("ligand", name, "boundary", face),
                        f"got {shown(stated)}, but tissue '{closed[0]}' is periodic along {axis} and "
                        "has no such "
                        f"face; remove the wall, or '{axis}' from tissue.{closed[0]}.periodic",
                    )


def _ligands(scenario):
    for name, ligand in scenario.ligand.items():
        stated = [(("initial",), ligand.initial)]
        for face in ("others", *FACES):
            wall = getattr(ligand.boundary, face)
            if wall is not None and wall.startswith("fixed"):
                stated.append((("boundary", face), parse(wall.removeprefix("fixed"))))
        for path, quantity in stated:
            try:
                ligand.concentration(quantity)
            except UnitError as error:
                yield ("ligand", name, *path), str(error)
        yield from _ligand_faces(scenario, name, ligand)


def _steady(scenario):
    for name, ligand in scenario.ligand.items():
        if ligand.transport == "steady" and ligand.decay == 0 and not _has_sink(scenario, name, ligand):
            yield (
                ("ligand", name, "transport"),
                "got 'steady', but nothing removes the ligand, so there is no steady state; give it a "
                "decay, a cell "
                "type that takes it up, or an open or fixed wall, or choose 'transient'",
            )


def _has_sink(scenario, name, ligand):
    """Whether anything but decay removes a ligand, in every tissue."""
    if any(
        entry.ligand == name and entry.clearance > 0 for c in scenario.cell.values() for entry in c.takes_up
    ):
        return True
    return all(
        any(ligand.boundary.of(face) != "no-flux" and face[0] not in domain.periodic for face in FACES)
        for domain in scenario.tissue.values()
    )


def _cells(scenario):
    for name, cell in scenario.cell.items():
        for key in ("secretes", "takes_up"):
            counts = Counter(entry.ligand for entry in getattr(cell, key))
            for position, entry in enumerate(getattr(cell, key)):
                if counts[entry.ligand] > 1:
                    yield (
                        ("cell", name, key, position, "ligand"),
                        f"'{entry.ligand}' stands {counts[entry.ligand]} times in {key}; state it "
                        "once, with the sum",
                    )
                    counts[entry.ligand] = 0
        for position, rule in enumerate(cell.rule):
            yield from _rule(scenario, cell, ("cell", name, "rule", position), rule)


def _rule(scenario, cell, path, rule):
    known = behaviors(cell)
    key = "decreases" if rule.increases is None else "increases"
    if rule.behavior not in known:
        hint = did_you_mean(rule.behavior, known)
        kind, of, ligand = rule.behavior.partition(" of ")
        if of and ligand in scenario.ligand and kind in ("secretion", "uptake"):
            table = "secretes" if kind == "secretion" else "takes_up"
            hint = f"; add [[{dotted(path[:2])}.{table}]] with ligand = '{ligand}' (its base value may be 0)"
        yield (
            (*path, key),
            f"no behavior is called {shown(rule.behavior)}; accepted: {', '.join(known)}{hint}",
        )
    else:
        yield from _rule_value(cell, path, rule, key, known[rule.behavior])
    ligand = scenario.ligand.get(rule.signal)
    if ligand is not None:
        yield from _rule_half(path, rule, ligand)
    elif rule.signal in SIGNALS and rule.half.dimension != dimension_of(SIGNALS[rule.signal]):
        yield (
            (*path, "half"),
            f"got '{rule.half.text}', which is {describe_dimension(rule.half.dimension)}; the signal "
            f"'{rule.signal}' is {describe_dimension(dimension_of(SIGNALS[rule.signal]))}",
        )


def _rule_value(cell, path, rule, key, unit):
    if rule.to.dimension != dimension_of(unit):
        yield (
            (*path, "to"),
            f"got {shown(rule.to.text)}, which is {describe_dimension(rule.to.dimension)}; "
            f"'{rule.behavior}' is "
            f"{describe_dimension(dimension_of(unit))}, such as '1 {unit}'",
        )
        return
    base = base_value(cell, rule.behavior)
    raised = [other.to for other in cell.rule if other.increases == rule.behavior]
    wrong = rule.to < base if key == "increases" else rule.to > max([base, *raised])
    if wrong:
        side, other = ("below", "decreases") if key == "increases" else ("above", "increases")
        text = base.text if hasattr(base, "text") else f"{base:g} {unit}"
        yield (
            (*path, "to"),
            f"got {shown(rule.to.text)}, {side} the base value '{text}' of {rule.behavior}, which the "
            f"rule {key}; "
            f"change 'to', or write '{other}'",
        )


def _rule_half(path, rule, ligand):
    concentrations = [dimension_of(unit) for unit in ("nM", "mmHg", "ng/mL")]
    if rule.half.dimension not in concentrations:
        yield (
            (*path, "half"),
            f"got {shown(rule.half.text)}, which is {describe_dimension(rule.half.dimension)}; the signal "
            f"'{rule.signal}' is a ligand, so accepted is a concentration, such as '0.1 nM'",
        )
        return
    try:
        ligand.concentration(rule.half)
    except UnitError as error:
        yield (*path, "half"), str(error)


def _seeds(scenario, folder):
    for position, seed in enumerate(scenario.seed):
        if seed is None:
            continue
        path = ("seed", position)
        if seed.tissue is None and len(scenario.tissue) > 1:
            yield (*path, "tissue"), f"missing; there are several tissues: {', '.join(scenario.tissue)}"
            continue
        name = seed.tissue or next(iter(scenario.tissue), None)
        domain, cell = scenario.tissue.get(name), scenario.cell.get(seed.cell)
        if domain is not None and (cell is not None or seed.pattern == "file"):
            yield from _seed(scenario, path, seed, name, domain, cell, folder)


def _seed(scenario, path, seed, name, domain, cell, folder):
    if seed.center is not None:
        for axis, (at, edge) in enumerate(zip(seed.center, domain.size)):
            if not 0 <= at <= edge:
                yield (
                    (*path, "center", axis),
                    f"got '{at.text}', outside tissue '{name}'; accepted is 0 to {edge.text} along "
                    f"{'xyz'[axis]}",
                )
    if seed.pattern == "file":
        if folder is not None:
            yield from _seed_file(scenario, path, seed, domain, folder)
        return
    mesh = domain.mesh()
    if seed.density is not None and seed.density.dimension == dimension_of("1/um^2") and mesh.shape[2] > 1:
        yield (
            (*path, "density"),
            f"got '{seed.density.text}', cells per area, but tissue '{name}' is {mesh.shape[2]} voxels "
            "thick; "
            "accepted is a density per volume, such as '1e5 cells/mm^3'",
        )
        return
    expected = expected_number(seed, domain, float(cell.radius))
    if domain.space == "lattice" and expected > mesh.n_voxels:
        yield (
            (*path, next(key for key in ("number", "density", "pattern") if getattr(seed, key) is not None)),
            f"asks for {expected:.4g} cells; the lattice of tissue '{name}' has {mesh.n_voxels:,} "
            "voxels, each with "
            "room for one",
        )
    elif expected > MOST_CELLS:
        yield path, f"asks for {expected:.3g} cells; accepted are up to {MOST_CELLS:,}"
    elif expected <= _QUICK_TO_PLACE and (domain.space != "lattice" or mesh.n_voxels <= _QUICK_TO_PLACE):
        try:
            place(seed, domain, float(cell.radius), np.random.default_rng(0))
        except AutocrineError as error:
            yield path, str(error)


def _seed_file(scenario, path, seed, domain, folder):
    try:
        positions, names = read_positions(Path(folder) / seed.file, seed.cell, domain.mesh().size)
    except AutocrineError as error:
        yield (*path, "file"), str(error)
        return
    for name in dict.fromkeys(names):
        if name not in scenario.cell:
            yield (
                (*path, "file"),
                f"{seed.file}: no cell type is called {shown(name)}; declared: "
                f"{', '.join(scenario.cell) or 'none'}"
                f"{did_you_mean(name, scenario.cell)}",
            )


def audit(scenario, folder=None, complete=True):
    """Contradictions between the parts of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Or what is valid of one, with the same attributes.
    folder : path, optional
        Where CSV files of initial cells lie; they are not opened if None.
    complete : bool
        False if only parts of a scenario are given; then nothing is said about what might stand in the
        others.

    Returns
    -------
    list of (tuple, Fault)
        Path and fault, without file and line.
    """
    found = [*_run(scenario), *_tissues(scenario), *_ligands(scenario), *_cells(scenario)]
    if complete:
        found += [*_steady(scenario), *_seeds(scenario, folder)]
    else:
        found += _seeds(scenario, None)
    return [(path, Fault(message, dotted(path))) for path, message in found]
