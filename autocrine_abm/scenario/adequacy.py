"""Are mesh, step and domain fine enough for what the scenario asks? Numbers and judgments before a run.

Nothing here refuses a scenario: published models may be coarse on purpose. It says what the coarseness costs.
The formulas are those of one length, one rate or one cell at a time; a run may do better or worse.
"""

from dataclasses import dataclass
from math import asinh, exp, inf, isfinite, log, prod

from autocrine_abm.cells.seeding import expected_number
from autocrine_abm.ligands.ligand import FACES
from autocrine_abm.scenario.derived import (
    axes_of,
    close_neighbors,
    in_words,
    room_of_a_cell,
    seeded_cells,
    self_signal,
)
from autocrine_abm.units import format_number

__all__ = ["Judgment", "judge"]

_MANY_NEIGHBORS = 100
_EVENTS = ("division_rate", "apoptosis_rate", "necrosis_rate", "migration_rate")


@dataclass(frozen=True)
class Judgment:
    """One statement about how well a scenario is resolved.

    Parameters
    ----------
    level : str
        ``"ok"``, ``"note"`` (worth knowing) or ``"warning"`` (results depend on mesh, step or walls).
    path : str
        Dotted path of the value that it concerns.
    message : str
        The numbers, and what to change.
    """

    level: str
    path: str
    message: str


def _voxels(name, ligand, tissue, mesh):
    """Voxel against range: on a mesh, exp(−x/λ) becomes exp(−x/λ') with λ' = h / (2 asinh(h/2λ))."""
    axes = axes_of(mesh)
    if not axes or not isfinite(ligand.range):
        return
    h = max(mesh.spacing[axis] for axis in axes)
    ratio = h / ligand.range
    excess = ratio / (2 * asinh(ratio / 2)) - 1
    path = f"ligand.{name}"
    facts = (
        f"in tissue '{tissue}' a voxel of {format_number(h)} um is {ratio:.2g} ranges "
        f"({format_number(ligand.range)} um)"
        f"; profiles reach {excess:.1%} too far"
    )
    if ratio > 0.5:
        advice = f"a spacing of {format_number(ligand.range / 2)} um or less resolves them"
        yield Judgment("warning", path, f"{facts}; {advice}")
    else:
        yield Judgment("ok", path, facts)


def _self_signals(scenario, name, ligand, tissue, domain):
    mesh = domain.mesh()
    if domain.sensing != "voxel" or domain.space == "lattice":
        return  # the near field is added, or a cell is its voxel, by the published definition of such models
    for cell_name, cell in scenario.cell.items():
        secretes = any(entry.ligand == name for entry in cell.secretes)
        senses = any(entry.ligand == name for entry in (*cell.takes_up, *cell.receptor)) or any(
            r.signal == name for r in cell.rule
        )
        error = self_signal(ligand, float(cell.radius), mesh) if secretes and senses else None
        if error is not None:
            level = "warning" if abs(error) > 0.25 else "note" if abs(error) > 0.05 else "ok"
            yield Judgment(
                level,
                f"cell.{cell_name}.secretes",
                f"the average of a {format_number(mesh.spacing[axes_of(mesh)[0]])} um voxel in tissue "
                f"'{tissue}' shows a "
                f"lone cell its own {name} with an error of {error:+.0%} (surface of a cell of radius "
                f"{format_number(cell.radius)} um)",
            )


def _neighbors(scenario, tissue, domain, count):
    """What it costs to resolve the exchange between close cells where they are packed."""
    if domain.sensing == "voxel" or domain.close_neighbors == "mesh":
        return
    mesh = domain.mesh()
    for seed in scenario.seed:
        cell = scenario.cell.get(seed.cell)
        if (
            cell is None
            or (seed.tissue or tissue) != tissue
            or not (cell.secretes or cell.receptor or cell.exchanges)
        ):
            continue
        radius, room = float(cell.radius), room_of_a_cell(cell, domain)
        packed = inf if _highest(cell, "division_rate") > 0 else 0  # how many cells lie densely side by side
        if seed.pattern in ("disc", "sphere"):
            packed = max(packed, expected_number(seed, domain, radius))
        number, reach = close_neighbors(domain, radius, room, packed)
        if count:
            number = max(
                number, close_neighbors(domain, radius, max(room, prod(mesh.size) / count), count)[0]
            )
        if number <= _MANY_NEIGHBORS:
            continue
        enough = (
            reach / max(mesh.spacing[axis] for axis in axes_of(mesh)) > 1.6
        )  # of its voxels, a cell's own size decides
        finer = "" if enough else f"a spacing of {format_number(2.4 * cell.radius)} um or less lowers that; "
        yield Judgment(
            "note",
            f"tissue.{tissue}.close_neighbors",
            f"'resolve' works out the exchange of each {seed.cell} cell with about {number:.0f} others "
            f"within "
            f"{format_number(reach)} um pair by pair, some {number / 10:.2g} ms a step for 1,000 cells "
            f"of each ligand; "
            f"{finer}'mesh' leaves it out",
        )
        return


def _regimens(scenario):
    """Doses that come too late, or go where they do nothing."""
    exchanged = {entry.ligand for cell in scenario.cell.values() for entry in cell.exchanges}
    for position, regimen in enumerate(scenario.regimen):
        path = f"regimen.{position}"
        late = sum(start >= scenario.run.duration for start in regimen.starts())
        if late:
            which = "it is" if regimen.doses == 1 else f"{late} of {regimen.doses} doses are"
            yield Judgment(
                "note", f"{path}.start", f"{which} due after the run of '{scenario.run.duration.text}'"
            )
        if regimen.into == "blood" and regimen.ligand not in exchanged:
            yield Judgment(
                "note", f"{path}.into", f"no cell exchanges {regimen.ligand} with the blood; it stays there"
            )
        if (
            regimen.into == "bath"
            and not regimen.infusion
            and scenario.ligand[regimen.ligand].transport == "steady"
        ):
            yield Judgment(
                "warning",
                f"{path}.ligand",
                f"{regimen.ligand} is 'steady', so that a dose is gone at once; 'transient' follows it",
            )


def _walls(scenario):
    """Walls that what the cells of a seed release or take up feels: one note for each seed, listing ligands."""
    for index, seed in enumerate(scenario.seed):
        if seed.pattern not in ("disc", "sphere"):
            continue
        tissue = seed.tissue or next(iter(scenario.tissue))
        mesh = scenario.tissue[tissue].mesh()
        center = [edge / 2 for edge in mesh.size] if seed.center is None else seed.center
        felt = {}
        for name, ligand in scenario.ligand.items():
            near = [
                (distance, face)
                for axis in axes_of(mesh)
                if not mesh.periodic[axis]
                for distance, face in (
                    (center[axis], FACES[2 * axis]),
                    (mesh.size[axis] - center[axis], FACES[2 * axis + 1]),
                )
                if ligand.wall(face)[0] != "open"
            ]
            distance, face = min(near, default=(inf, ""))
            if isfinite(ligand.range) and distance < 3 * ligand.range:
                wall = f"the {ligand.wall(face)[0]} wall {face} of tissue '{tissue}'"
                wall += f" is {format_number(distance)} um from the center"
                felt.setdefault(wall, []).append(f"{distance / ligand.range:.2g} ranges of {name}")
        for wall, ranges in felt.items():
            yield Judgment("note", f"seed.{index}", f"{wall}, {', '.join(ranges)}; beyond 3 it would not be felt")


def _open_walls(scenario):
    """An open wall lets ligand out as an endless medium without traps would."""
    for name, ligand in scenario.ligand.items():
        opened = [face for face in FACES if ligand.wall(face)[0] == "open"]
        traps = " or ".join(trap.ligand for trap in ligand.trap)
        if opened and traps:
            yield Judgment(
                "note",
                f"ligand.{name}.boundary",
                f"the medium beyond the open walls {', '.join(opened)} is taken to hold no {traps}; where that binds "
                "much within a range of them, too little leaves; move them away",
            )


def _slabs(scenario):
    """Cells thicker than the slab that they lie in: what they release into it is right, how much of it they fill is not."""
    for tissue, domain in scenario.tissue.items():
        mesh = domain.mesh()
        if mesh.shape[2] > 1 or domain.space == "lattice":
            continue
        thick = {
            name: cell for name, cell in scenario.cell.items()
            if 2 * cell.radius > 1.001 * mesh.size[2]
            and any((seed.tissue or tissue) == tissue and seed.cell in (name, None) for seed in scenario.seed)
        }  # fmt: skip
        if thick:
            listed = ", ".join(f"{name} ({format_number(2 * cell.radius)} um)" for name, cell in thick.items())
            yield Judgment(
                "warning",
                f"tissue.{tissue}.size.2",
                f"the slab is {format_number(mesh.size[2])} um thick, less than cells of {listed}; their surroundings "
                "are too small and concentrations too high; make it as thick as a cell or more",
            )


def _transport(scenario, name, ligand):
    step, path = scenario.run.behavior_step, f"ligand.{name}.transport"
    if ligand.decay == 0:
        return
    settle = 1 / ligand.decay
    if ligand.transport == "steady" and settle > step:
        yield Judgment(
            "note" if settle < 10 * step else "warning",
            path,
            f"a steady state takes about 1/k = {in_words(settle)} to form, longer than a step of "
            f"{in_words(step)}; "
            "'transient' follows it",
        )
    elif ligand.transport == "transient" and settle < step / 10:
        yield Judgment(
            "note",
            path,
            f"the field settles in 1/k = {in_words(settle)}, within a step of {in_words(step)}; "
            "'steady' is as good "
            "and quicker",
        )


def _presence(scenario, name, ligand):
    made = any(
        entry.ligand == name and entry.rate > 0 for cell in scenario.cell.values() for entry in cell.secretes
    )
    made |= any(
        rule.behavior == f"secretion of {name}" for cell in scenario.cell.values() for rule in cell.rule
    )
    made |= any(regimen.ligand == name for regimen in scenario.regimen)
    made |= bool(scenario.blood and name in scenario.blood.ligand and scenario.blood.ligand[name].initial > 0)
    if not made and ligand.initial == 0 and all(ligand.wall(face)[1] == 0 for face in FACES):
        yield Judgment(
            "note", f"ligand.{name}", "nothing releases it, and none is there at the start or at the walls"
        )


def _highest(cell, behavior):
    """The fastest that rules can make a behavior, in base units; linear rules count at half effect twice."""
    raised = [rule.to for rule in cell.rule if rule.increases == behavior]
    return max([float(getattr(cell, behavior)), *map(float, raised)])


def _rates(scenario):
    step = scenario.run.behavior_step
    lattice = any(domain.space == "lattice" for domain in scenario.tissue.values())
    for name, cell in scenario.cell.items():
        path = f"cell.{name}"
        for behavior in _EVENTS:
            rate = _highest(cell, behavior)
            if behavior == "migration_rate" and rate > 0 and not lattice:
                yield Judgment("note", f"{path}.{behavior}", "is used on a lattice only; no tissue is one")
                continue
            chance = 1 - exp(-rate * step)
            if chance > 0.1:
                yield Judgment(
                    "warning" if chance > 0.5 else "note",
                    f"{path}.{behavior}",
                    f"up to {chance:.0%} of the cells have such an event within one step of "
                    f"{in_words(step)}; all of them count, but what they change is sensed in the next step only: "
                    f"a step of {in_words(0.1 / rate)} or less keeps it near 10 %",
                )
        for phase in ("apoptosis", "necrosis"):
            duration = getattr(cell, f"{phase}_duration")
            if _highest(cell, f"{phase}_rate") > 0 and 0 < duration < step:
                yield Judgment(
                    "note",
                    f"{path}.{phase}_duration",
                    f"'{duration.text}' is shorter than a step of {in_words(step)}, which is what it becomes",
                )
        if not any(seed.cell == name or seed.cell is None for seed in scenario.seed):
            yield Judgment("note", path, "no seed places cells of this type")


def _growth(scenario):
    counts = seeded_cells(scenario)
    for tissue, domain in scenario.tissue.items():
        start = counts[tissue]
        if start == 0:
            yield Judgment("note", "seed", f"tissue '{tissue}' starts without cells")
        if not start:
            continue
        seeded = {seed.cell for seed in scenario.seed if (seed.tissue or tissue) == tissue}
        cells = [scenario.cell[name] for name in seeded]
        growth = max(_highest(cell, "division_rate") - cell.apoptosis_rate for cell in cells)
        volume = 1.0
        for edge in domain.mesh().size:
            volume *= edge
        room = volume / min(room_of_a_cell(cell, domain) for cell in cells)
        if start > 1.001 * room:
            yield Judgment(
                "warning",
                "seed",
                f"{start:.3g} cells are more than the {room:.3g} for which tissue '{tissue}' has room",
            )
        elif growth > 0 and log(room / start) / growth < scenario.run.duration:
            yield Judgment(
                "note",
                f"tissue.{tissue}.size",
                f"has room for about {room:.3g} cells; growing from {start:.3g} at the highest "
                "division rate would "
                f"fill it within {in_words(log(room / start) / growth)}",
            )


def _records(scenario):
    step = scenario.run.behavior_step
    if scenario.run.n_steps * step > scenario.run.duration * (1 + 1e-9):
        yield Judgment(
            "note",
            "run.duration",
            f"is not a whole number of steps; the last one ends after {in_words(scenario.run.n_steps * float(step))}",
        )
    for key in type(scenario.record).model_fields:
        interval = getattr(scenario.record, key)
        if not isinstance(interval, float) or interval == 0:
            continue
        if interval < step:
            yield Judgment(
                "note",
                f"record.{key}",
                f"'{interval.text}' is shorter than a step of {in_words(step)}; every step is recorded",
            )
        elif scenario.run.duration / max(interval, step) > 100_000:
            yield Judgment(
                "warning",
                f"record.{key}",
                f"gives {scenario.run.duration / interval:.3g} records; lengthen it",
            )


def judge(scenario):
    """How well mesh, step and domain of a scenario suit its numbers.

    Parameters
    ----------
    scenario : Scenario
        Valid, as `files.read` returns it.

    Returns
    -------
    list of Judgment
        Warnings first, then notes, then what is fine.
    """
    found = []
    for name, ligand in scenario.ligand.items():
        found += _presence(scenario, name, ligand)
        found += _transport(scenario, name, ligand)
        for tissue, domain in scenario.tissue.items():
            found += _voxels(name, ligand, tissue, domain.mesh())
            found += _self_signals(scenario, name, ligand, tissue, domain)
    counts = seeded_cells(scenario)
    for tissue, domain in scenario.tissue.items():
        found += _neighbors(scenario, tissue, domain, counts[tissue])
    found += [*_walls(scenario), *_open_walls(scenario), *_slabs(scenario)]
    found += [*_rates(scenario), *_growth(scenario), *_records(scenario), *_regimens(scenario)]
    return sorted(found, key=lambda judgment: ("warning", "note", "ok").index(judgment.level))
