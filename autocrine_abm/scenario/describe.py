"""A scenario told like the methods section of a paper: what is in it, and the numbers that follow."""

from math import isfinite
from textwrap import fill, indent

from autocrine_abm.ligands.ligand import FACES
from autocrine_abm.scenario.adequacy import (
    in_words,
    packed_range,
    seeded_cells,
    self_signal,
    single_cell_capture,
)
from autocrine_abm.scenario.audit import base_value, behaviors
from autocrine_abm.units import format_number, in_unit

__all__ = ["describe", "sentence"]

_SPACES = {"off-lattice": "cells move freely and push each other", "lattice": "at most one cell per voxel"}


def sentence(rule, cell):
    """A rule as an English sentence.

    "oxygen decreases necrosis_rate from 0.003 1/min towards 0 1/min, half way at 5 mmHg, Hill power 4"
    """
    base = base_value(cell, rule.behavior)
    start = base.text if hasattr(base, "text") else f"{format_number(base)} {behaviors(cell)[rule.behavior]}"
    direction = "increases" if rule.increases else "decreases"
    shape = f"Hill power {format_number(rule.hill)}" if rule.response == "hill" else "in a straight line"
    return (
        f"{rule.signal} {direction} {rule.behavior} from {start} towards {rule.to.text}, "
        f"half way at {rule.half.text}, {shape}"
    )


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
        ],
    )


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
        + (f", half-life {in_words(0.6931471805599453 / ligand.decay)}" if ligand.decay > 0 else ""),
        f"{ligand.transport}; at the start {_concentration(ligand, ligand.initial)}; {_boundary(ligand)}",
    ]
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
    for entry in cell.takes_up:
        if entry.ligand == name and entry.clearance > 0:
            reach = packed_range(ligand, name, cell, domain)
            yield f"in {tissue}: reaches {format_number(reach)} um into a dense packing of {cell_name} cells"
            if domain.space == "off-lattice":
                capture = single_cell_capture(ligand, entry.clearance, float(cell.radius), mesh)
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


def _cell(name, cell, spaces):
    lines = [f"radius {cell.radius.text}, volume {format_number(cell.volume)} um^3"]
    for key, field in type(cell).model_fields.items():
        value, only = getattr(cell, key), field.description.split(":")[0].removesuffix(" only")
        used = only in spaces or only not in _SPACES
        if used and key != "radius" and not isinstance(value, tuple) and value not in (0, None):
            default = " (default)" if getattr(value, "text", value) == field.default else ""
            text = f"{getattr(value, 'text', value)}{_per_event(key, value)}{default}"
            lines.append(f"{key.replace('_', ' ')}: {text}")
    lines += [f"secretes {entry.ligand} at {entry.rate.text}" for entry in cell.secretes]
    lines += [f"takes up {entry.ligand}, clearing {entry.clearance.text}" for entry in cell.takes_up]
    lines += [sentence(rule, cell) for rule in cell.rule]
    return _section(f"Cell type {name}", lines)


def _per_event(key, value):
    """A rate as the mean time that people have in mind: ``" (once in 25 hour)"``."""
    return f" (once in {in_words(1 / value)})" if key.endswith("_rate") and value > 0 else ""


def _written(value):
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))})"
    return getattr(value, "text", str(value))


def _seed(seed):
    shown = {
        key: value
        for key in type(seed).model_fields
        if key not in ("pattern", "cell") and (value := getattr(seed, key)) is not None
    }
    details = ", ".join(f"{key} {_written(value)}" for key, value in shown.items())
    return f"{seed.pattern} of {seed.cell or 'cells'}" + (f": {details}" if details else "")


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
        lines += _cell(name, cell, {domain.space for domain in scenario.tissue.values()})
    if scenario.seed:
        lines += _section("Initial cells", [_seed(seed) for seed in scenario.seed])
    return "\n".join(lines).rstrip()
