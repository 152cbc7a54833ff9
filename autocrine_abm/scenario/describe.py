"""A scenario told like the methods section of a paper: what is in it, and the numbers that follow."""

from math import isfinite, log, pi, prod
from textwrap import fill, indent

from autocrine_abm.ligands.ligand import FACES
from autocrine_abm.scenario.calibration import as_range
from autocrine_abm.scenario.changes import change_sentences
from autocrine_abm.scenario.derived import (
    circulating,
    in_words,
    packed_range,
    seeded_cells,
    self_signal,
    single_cell_capture,
)
from autocrine_abm.scenario.heredity import trait_sentence
from autocrine_abm.scenario.movement import movement_sentences
from autocrine_abm.scenario.network import acting, drawn, network_of
from autocrine_abm.scenario.programs import program_sentences
from autocrine_abm.scenario.sweep import DESIGNS
from autocrine_abm.units import format_number, in_unit, parse

__all__ = ["describe", "dose_sentence", "sentence"]

#: Signals that read better otherwise in a sentence.
_SPOKEN = {"dead": "being dead", "time": "time since the start"}
_SPACES = {"off-lattice": "cells move freely and push each other", "lattice": "at most one cell per voxel"}


def sentence(rule, cell):
    """A rule as an English sentence.

    "oxygen decreases necrosis_rate from 0.003 1/min towards 0 1/min, half way at 5 mmHg, Hill power 4"
    """
    base = cell.base_value(rule.behavior)
    unit = cell.behaviors()[rule.behavior]
    start = base.text if hasattr(base, "text") else f"{format_number(base)} {unit}".removesuffix(" 1")
    direction = "increases" if rule.increases else "decreases"
    shape = f"Hill power {format_number(rule.hill)}" if rule.response == "hill" else "in a straight line"
    scope = ", in dead cells too" if rule.applies_to_dead else ""
    return (
        f"{_SPOKEN.get(rule.signal, rule.signal)} {direction} {rule.behavior} from {start} towards {rule.to.text}, "
        f"half way at {rule.half.text}, {shape}{scope}"
    )


def _nanomolar(concentration):
    return format_number(in_unit(concentration, "nM"))


def _section(title, lines):
    return [title, *(f"    {line}" for line in lines), ""]


def _tissue(name, domain, count):
    mesh = domain.mesh()
    size = " x ".join(format_number(edge) for edge in mesh.size)
    spacing = " x ".join(dict.fromkeys(format_number(h) for h in mesh.spacing))
    periodic = f", periodic along {' and '.join(domain.periodic)}" if domain.periodic else ""
    start = "a number of cells given by a file" if count is None else f"about {count:,.0f} cells at the start"
    shape = " x ".join(map(str, mesh.shape))
    return _section(
        f"Tissue {name}",
        [
            f"{mesh.dimension}-D, {size} um{periodic}; {shape} = {mesh.n_voxels:,} voxels of {spacing} um",
            f"{domain.space}: {_SPACES[domain.space]}; {start}",
            _sensing(domain),
            *_fibers(domain),
        ],
    )


def _sensing(domain):
    if domain.sensing == "voxel":
        return "cells sense the average of their voxel"
    close = "pair by pair" if domain.close_neighbors == "resolve" else "left to the mesh"
    return f"cells sense the concentration at their surface; exchange between close neighbors: {close}"


def _fibers(domain):
    fibers = domain.fibers
    if fibers is None:
        return
    direction = "z" if fibers.direction is None else f"({', '.join(map(format_number, fibers.direction))})"
    where = "the middle" if fibers.around is None else f"({', '.join(place.text for place in fibers.around)})"
    yield {
        "parallel": f"fibers along {direction}",
        "radial": f"fibers out from {where}",
        "circumferential": f"fibers around the axis {direction} through {where}",
    }[fibers.pattern]


def _concentration(ligand, quantity):
    """A concentration as written, and in nM if it was written otherwise."""
    if quantity.text.endswith("nM"):
        return quantity.text
    return f"{quantity.text} ({format_number(in_unit(ligand.concentration(quantity), 'nM'))} nM)"


def _boundary(ligand):
    walls = {face: ligand.boundary.of(face) for face in FACES}
    if len(set(walls.values())) == 1:
        return f"all walls {walls[FACES[0]]}"
    return "walls: " + ", ".join(f"{face} {kind}" for face, kind in walls.items())


def _ligand(scenario, name, ligand):
    reach = f"{format_number(ligand.range)} um" if isfinite(ligand.range) else "unlimited (no decay)"
    lines = [
        f"D = {ligand.diffusion.text}, k = {ligand.decay.text}: range sqrt(D/k) = {reach}"
        + (f", half-life {in_words(log(2) / ligand.decay)}" if ligand.decay > 0 else ""),
        f"{ligand.transport}; at the start {_concentration(ligand, ligand.initial)}; {_boundary(ligand)}",
    ]
    for trap in ligand.trap:
        per_nanomolar = format_number(trap.k_on * float(parse("1 nM")))
        lines.append(
            f"trapped by {trap.ligand} (k_on = {trap.k_on.text}), which adds {per_nanomolar} 1/min to k "
            f"per nM"
        )
    for tissue, domain in scenario.tissue.items():
        mesh = domain.mesh()
        h = min(h for h, n in zip(mesh.spacing, mesh.shape) if n == max(mesh.shape))
        lines.append(f"in {tissue}: crosses a voxel in h^2/D = {in_words(h**2 / ligand.diffusion)}")
        for cell_name, cell in scenario.cell.items():
            lines += _between(ligand, name, cell, cell_name, domain, tissue)
    return _section(f"Ligand {name}", lines)


def _between(ligand, name, cell, cell_name, domain, tissue):
    """Numbers that follow from one ligand, one cell type and one tissue."""
    mesh = domain.mesh()
    clearance = cell.clearance_of(name)
    if clearance > 0:
        reach = packed_range(ligand, name, cell, domain)
        yield f"in {tissue}: reaches {format_number(reach)} um into a dense packing of {cell_name} cells"
        if domain.space == "off-lattice":
            capture = single_cell_capture(ligand, clearance, float(cell.radius), mesh)
            yield (
                f"in {tissue}: a lone {cell_name} cell takes back {capture:.2%} of what is released "
                "at its surface"
            )
    if (
        domain.sensing == "voxel"
        and domain.space == "off-lattice"
        and any(e.ligand == name for e in cell.secretes)
    ):
        error = self_signal(ligand, float(cell.radius), mesh)
        if error is not None:
            yield (
                f"in {tissue}: the voxel average shows a lone {cell_name} cell its own {name} "
                f"with an error of {error:+.0%}"
            )


def _cell(name, cell, spaces, ligands):
    lines = [f"radius {cell.radius.text}, volume {format_number(cell.volume)} um^3"]
    for key, field in type(cell).model_fields.items():
        value, only = getattr(cell, key), field.description.split(":")[0].removesuffix(" only")
        used = (only in spaces or only not in _SPACES) and _applies(key, cell)
        if used and key != "radius" and isinstance(value, (str, float)) and value != 0:
            default = " (default)" if getattr(value, "text", value) == field.default else ""
            text = f"{getattr(value, 'text', value)}{_per_event(key, value)}{default}"
            lines.append(f"{key.replace('_', ' ')}: {text}")
    lines += [f"secretes {entry.ligand} at {entry.rate.text}" for entry in cell.secretes]
    lines += [
        f"takes up {entry.ligand}, clearing {entry.clearance.text}{_saturating(entry)}"
        for entry in cell.takes_up
    ]
    for receptor in cell.receptor:
        lines += _receptor(receptor, cell, ligands)
    lines += [
        f"a vessel: exchanges {entry.ligand} with the blood, P = {entry.permeability_area.text}"
        for entry in cell.exchanges
    ]
    lines += program_sentences(cell)
    lines += change_sentences(cell)
    lines += movement_sentences(cell)
    lines += [trait_sentence(label, trait) for label, trait in cell.trait.items()]
    lines += [sentence(rule, cell) for rule in acting(cell)]
    network = drawn(network_of(cell))
    if network:
        lines += ["network (--> increases, --| decreases):", *(f"    {line}" for line in network)]
    return _section(f"Cell type {name}", lines)


def _applies(key, cell):
    """Whether a parameter does anything: one of an event that never comes does not, unless it was set on purpose."""
    events = {"apoptosis_duration": "apoptosis_rate", "necrosis_duration": "necrosis_rate", "growth_rate": "division_rate"}
    event = events.get(key)
    value = getattr(cell, key)
    if event is None or getattr(value, "text", value) != type(cell).model_fields[key].default:
        return True
    divides = event == "division_rate" and any(phase.grows for phase in cell.cycle)
    return divides or getattr(cell, event) > 0 or any(rule.behavior == event for rule in cell.rule)


def _saturating(uptake):
    return f", half as much at {uptake.half_saturation.text}" if uptake.half_saturation is not None else ""


def _receptor(receptor, cell, ligands):
    """A receptor, what follows from its rates, and what competes for it."""
    clearance = receptor.number * receptor.k_internalize / receptor.half_saturation
    of_limit = clearance / (4 * pi * ligands[receptor.ligand].diffusion * cell.radius)
    called = "" if receptor.label == receptor.ligand else f" {receptor.label}"
    yield (
        f"{receptor.number:,.0f} receptors{called} for {receptor.ligand}: half are occupied at "
        f"K_m = (k_off + k_internalize)/k_on = {_nanomolar(receptor.half_saturation)} nM"
    )
    yield (
        f"    below that they clear U = {format_number(clearance)} um^3/min, {format_number(of_limit)} of "
        "what could diffuse to a sphere; at most "
        f"{format_number(receptor.number * receptor.k_internalize)} molecules/min"
    )
    if receptor.turnover > 0:
        free, occupied = _half_life(receptor.turnover), _half_life(receptor.k_internalize)
        yield f"    renewed with a half-life of {free}; that of occupied ones is {occupied}"
    for rival in receptor.antagonist:
        yield f"    {rival.ligand} competes for them: {rival.k_i.text} of it doubles K_m"


def _half_life(rate):
    """The half-life that belongs to a rate, in words."""
    return in_words(log(2) / rate) if rate > 0 else "an endless time"


def _per_event(key, value):
    """A rate as the mean time that people have in mind: ``" (once in 25 hour)"``."""
    return f" (once in {in_words(1 / value)})" if key.endswith("_rate") and value > 0 else ""


def _written(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {_written(entry)}" for key, entry in value.items())
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_written, value))})"
    return getattr(value, "text", str(value))


def _blood(scenario):
    """The blood, and what happens to each ligand in it."""
    pool = scenario.blood
    lines = [f"volume {pool.volume.text}, one well-mixed pool per ligand for {', '.join(scenario.tissue)}"]
    for name in circulating(scenario):
        own = pool.ligand.get(name)
        if own is None:
            lines.append(f"{name}: nothing at the start, not eliminated")
            continue
        volume = own.volume or pool.volume
        start = _concentration(scenario.ligand[name], own.initial)
        gone = "not eliminated"
        if own.elimination > 0:
            clearance = format_number(in_unit(own.elimination * volume, "mL"))
            gone = f"half-life {in_words(log(2) / own.elimination)}, clearance {clearance} mL/min"
        spread = f" in {own.volume.text}" if own.volume is not None else ""
        lines.append(f"{name}: {start} at the start{spread}, {gone}")
    return _section("Blood", lines)


def dose_sentence(regimen, tissues):
    """A regimen as an English sentence.

    "10 nM of cetuximab into the blood at 1 day, infused over 2 hour, then every 1 week, 4 doses in all"
    """
    where = regimen.tissue or next(iter(tissues))
    if regimen.replace:
        told = f"medium of {where} exchanged for one with {regimen.concentration.text} of {regimen.ligand}"
    else:
        dose = regimen.amount if regimen.amount is not None else regimen.concentration
        place = "blood" if regimen.into == "blood" else f"bath of {where}"
        told = f"{dose.text} of {regimen.ligand} into the {place}"
    told += f" at {regimen.start.text}" if regimen.start > 0 else " at the start"
    if regimen.infusion > 0:
        told += f", infused over {regimen.infusion.text}"
    if regimen.doses > 1:
        told += f", then every {regimen.every.text}, {regimen.doses} doses in all"
    return told


def _seed(seed):
    shown = {
        key: value
        for key in type(seed).model_fields
        if key not in ("pattern", "cell") and (value := getattr(seed, key)) is not None
    }
    details = ", ".join(f"{key} {_written(value)}" for key, value in shown.items())
    return f"{seed.pattern} of {seed.cell or 'cells'}" + (f": {details}" if details else "")


def _python(python):
    calls = [f"{reference} is called in every step, after the rules" for reference in python.behaviors]
    return calls + ([f"{python.agent}: the step of this class is called for every cell"] if python.agent else [])


def _arm(name, arm):
    changes = ", ".join(f"{path} = {_written(value)}" for path, value in arm.set.items())
    return f"{name}: {arm.title} ({changes})" if arm.title else f"{name}: {changes}"


def _sweep(sweep):
    """What a sweep varies, and how many runs that makes."""
    variations = sweep.variations
    lines = [f"{' and '.join(v.paths)}: {v.text}" for v in variations]
    points = sweep.samples or 0
    if sweep.design == "grid":
        points = prod(len(variation.levels) for variation in variations)
    seeds = "the same seeds at all points" if sweep.paired else "seeds of their own"
    return [
        *lines,
        f"{DESIGNS[sweep.design]}: {points:,} points, {sweep.replicates} runs each with {seeds}, "
        f"{points * sweep.replicates:,} runs in all",
    ]


def _calibration(asked):
    """What is fitted to what."""
    until = "" if asked.until is None else f" until {asked.until.text}"
    return [
        f"{', '.join(asked.measures)} of {asked.data}, from {asked.start.text}{until}",
        *(f"{' and '.join(v.paths)}: {v.text}" for v in map(as_range, asked.fit)),
        f"{asked.replicates} runs of each point",
    ]


def describe(scenario):
    """A scenario in words and numbers, as ``autocrine show`` prints it.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    str
        Several lines.
    """
    run, record = scenario.run, scenario.record
    lines = [scenario.title, "=" * len(scenario.title), ""]
    if scenario.question.strip():
        lines += [indent(fill(" ".join(scenario.question.split()), 100), "    "), ""]
    lines += _section(
        "Run",
        [
            f"{run.duration.text} in {run.n_steps:,} steps of {run.behavior_step.text}, random seed "
            f"{run.seed}",
            "recorded: "
            + ", ".join(
                f"{'time series' if key == 'every' else key} every {getattr(record, key).text}"
                for key in type(record).model_fields
                if hasattr(getattr(record, key), "text")
            ),
        ],
    )
    counts = seeded_cells(scenario)
    for name, domain in scenario.tissue.items():
        lines += _tissue(name, domain, counts[name])
    for name, ligand in scenario.ligand.items():
        lines += _ligand(scenario, name, ligand)
    for name, cell in scenario.cell.items():
        lines += _cell(name, cell, {domain.space for domain in scenario.tissue.values()}, scenario.ligand)
    if scenario.blood is not None:
        lines += _blood(scenario)
    if scenario.regimen:
        lines += _section("Doses", [dose_sentence(regimen, scenario.tissue) for regimen in scenario.regimen])
    if scenario.change:
        told = [f"{c.path} = {c.value} from {c.time.text} on" for c in sorted(scenario.change, key=lambda c: c.time)]
        lines += _section("Changes", told)
    if scenario.seed:
        lines += _section("Initial cells", [_seed(seed) for seed in scenario.seed])
    if scenario.python is not None:
        lines += _section("Python code of its own, to be trusted before it is run", _python(scenario.python))
    if scenario.sweep:
        lines += _section("Sweep", _sweep(scenario.sweep))
    if scenario.calibrate:
        lines += _section("Calibration", _calibration(scenario.calibrate))
    if scenario.arm:
        lines += _section("Arms", ["control: as above", *(_arm(name, arm) for name, arm in scenario.arm.items())])
    return "\n".join(lines).rstrip()
