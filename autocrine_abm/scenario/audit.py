"""What no single number shows: units that do not fit each other, parts that contradict.

Numbers by themselves are checked by the parameter classes; what rules may say is told in `responses`, what
binds and is given in `binding`; whether the numbers are *wise* is judged in `adequacy`.
"""

from collections import Counter
from math import prod
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from autocrine_abm.cells.seeding import expected_number, place, read_positions
from autocrine_abm.errors import AutocrineError, Fault, UnitError, shown
from autocrine_abm.ligands.ligand import FACES
from autocrine_abm.scenario.binding import blood, discs, receptors, reserved_names, traps
from autocrine_abm.scenario.changes import changes
from autocrine_abm.scenario.custom import python_faults
from autocrine_abm.scenario.derived import room_of_a_cell
from autocrine_abm.scenario.heredity import traits
from autocrine_abm.scenario.movement import adhesion, motility
from autocrine_abm.scenario.programs import programs
from autocrine_abm.scenario.responses import CONCENTRATIONS, rule_faults
from autocrine_abm.scenario.vocabulary import did_you_mean, dotted
from autocrine_abm.units import Quantity, dimension_of, parse

__all__ = ["MOST_CELLS", "MOST_STEPS", "MOST_VOXELS", "audit"]

MOST_VOXELS = 2_000_000_000  # one field of float64 is then 16 GB
MOST_CELLS = 100_000_000
MOST_STEPS = 100_000_000

_QUICK_TO_PLACE = 100_000  # cells or voxels; larger seeds are only placed by the run


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
        thin = next((axis for axis in (0, 1) if mesh.shape[axis] == 1 and max(mesh.shape[axis + 1 :]) > 1), None)
        if domain.space == "off-lattice" and thin is not None:
            yield (
                ("tissue", name, "size"),
                f"gives one voxel along {'xyz'[thin]} but more along an axis after it; accepted is one voxel along z (2-D), "
                "along y and z (1-D), or along all: turn the tissue",
            )
        if domain.space == "off-lattice" and scenario.cell:
            largest = max(cell.swollen_radius for cell in scenario.cell.values())
            least = 4 * domain.adhesion_distance * largest
            for axis, edge in zip("xyz", domain.size):
                if axis in domain.periodic and edge < least:
                    yield (
                        ("tissue", name, "size"),
                        f"got {edge.text} along the periodic axis {axis}; cells of radius {largest:g} um reach each other "
                        f"over {least / 2:g} um and would meet themselves: accepted is {least:g} um or more",
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


def _concentrations(here, path=()):
    """(path, name of the ligand, concentration) of whatever stands in a table that names a ligand."""
    if isinstance(here, BaseModel):
        ligand = getattr(here, "ligand", None)
        for key in type(here).model_fields:
            value = getattr(here, key)
            if isinstance(value, Quantity) and isinstance(ligand, str) and value.dimension in CONCENTRATIONS:
                yield (*path, key), ligand, value
            else:
                yield from _concentrations(value, (*path, key))
    elif isinstance(here, (dict, tuple)):
        for key, value in here.items() if isinstance(here, dict) else enumerate(here):
            yield from _concentrations(value, (*path, key))


def _ligands(scenario):
    stated = []
    for name, ligand in scenario.ligand.items():
        stated.append((("ligand", name, "initial"), name, ligand.initial))
        for face in ("others", *FACES):
            wall = getattr(ligand.boundary, face)
            if wall is not None and wall.startswith("fixed"):
                path = ("ligand", name, "boundary", face)
                stated.append((path, name, parse(wall.removeprefix("fixed"))))
        yield from _ligand_faces(scenario, name, ligand)
    for table in ("cell", "regimen"):
        stated += _concentrations(getattr(scenario, table), (table,))
    for path, name, quantity in stated:
        try:
            if name in scenario.ligand:
                scenario.ligand[name].concentration(quantity)
        except UnitError as error:
            yield path, str(error)


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
    sinks = [
        entry
        for cell in scenario.cell.values()
        for entry in (*cell.takes_up, *cell.receptor, *cell.exchanges)
    ]
    if ligand.trap or any(entry.ligand == name for entry in sinks):
        return True
    return all(
        any(kind != "no-flux" and face[0] not in domain.periodic for face, (kind, _) in zip(FACES, ligand.walls(domain.mesh())))
        for domain in scenario.tissue.values()
    )


def _cells(scenario):
    for name, cell in scenario.cell.items():
        for key in ("secretes", "takes_up", "exchanges"):
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
            yield from rule_faults(scenario, cell, ("cell", name, "rule", position), rule)


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
    elif domain.space != "lattice" and seed.distance is None and expected > _room(cell, domain):
        yield (
            (*path, next(key for key in ("number", "density", "pattern") if getattr(seed, key) is not None)),
            f"asks for {expected:.4g} cells; tissue '{name}' has room for {_room(cell, domain):.4g} of radius "
            f"{cell.radius.text} side by side. Ask for fewer, enlarge the tissue, or state a 'distance' at which they overlap",
        )
    elif expected > MOST_CELLS:
        yield path, f"asks for {expected:.3g} cells; accepted are up to {MOST_CELLS:,}"
    elif seed.number is None and domain.space != "lattice":
        return  # a packing within a radius always fits
    elif max(expected, mesh.n_voxels if domain.space == "lattice" else 0) <= _QUICK_TO_PLACE:
        try:
            place(seed, domain, float(cell.radius), np.random.default_rng(0))
        except AutocrineError as error:
            yield path, str(error)


def _room(cell, domain):
    """How many cells fit into a tissue when packed densely, their centers up to its walls."""
    mesh = domain.mesh()
    within = [
        edge if periodic or n == 1 else edge + 2 * cell.radius
        for edge, periodic, n in zip(mesh.size, mesh.periodic, mesh.shape)
    ]
    return prod(within) / room_of_a_cell(cell, domain)


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
        Where CSV files of initial cells and Python files lie; they are not opened if None.
    complete : bool
        False if only parts of a scenario are given; then nothing is said about what might stand in the
        others.

    Returns
    -------
    list of (tuple, Fault)
        Path and fault, without file and line.
    """
    found = [*_run(scenario), *_tissues(scenario), *_ligands(scenario), *_cells(scenario)]
    found += [*reserved_names(scenario), *receptors(scenario), *traps(scenario), *motility(scenario), *traits(scenario)]
    found += programs(scenario)
    if complete:
        found += changes(scenario)
        found += [*_steady(scenario), *blood(scenario), *discs(scenario), *adhesion(scenario), *_seeds(scenario, folder)]
    else:
        found += _seeds(scenario, None)
    if scenario.python is not None and folder is not None:
        found += [(("python", *path), message) for path, message in python_faults(scenario.python, folder)]
    return [(path, Fault(message, dotted(path))) for path, message in found]
