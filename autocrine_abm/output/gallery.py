"""The pictures of a report: maps of cells and ligands through time, slices and solid views of 3-D tissues."""

from base64 import b64encode
from html import escape

import numpy as np

from autocrine_abm.output.colors import hex_of, ramp
from autocrine_abm.output.markup import duration, number
from autocrine_abm.output.picture import AXES_OF_SLICE, draw_map, draw_view, encode

__all__ = ["maps"]

_WIDTH = 560  # pixels of a picture
_MOST_LIGANDS = 6

_EVEN = 1e-3  # variation, as a share of the highest value, that is not worth a color scale of its own


def maps(material):
    """Cells over each ligand at the start, in the middle and at the end; for 3-D also slices and views."""
    if not material.moments:
        return ""
    parts = [_key(material)]
    for tissue, mesh in material.meshes().items():
        if len(material.tissues) > 1:
            parts.append(f"<h3>{escape(tissue)}</h3>")
        parts.append(_solid(material, tissue, mesh) if min(mesh.shape) > 1 else _flat(material, tissue, mesh))
    return "".join(parts)


def _key(material):
    chips = "".join(
        f'<span class="chip" style="--of:{color}">{escape(name)}</span>' for name, color in material.key()
    )
    return f'<div class="legend">{chips}</div>'


def _flat(material, tissue, mesh):
    """One row per ligand, or a single row without field."""
    rows = []
    for place, ligand in enumerate(_shown(material, tissue) or [None]):
        fields = [
            None if ligand is None else _field(material, ligand, time, tissue) for time in material.moments
        ]
        low, high = _range(fields)
        figures = []
        for time, field in zip(material.moments, fields):
            image = _map(material, mesh, tissue, time, field, low, high, ramp(place), "z", mesh.size[2] / 2)
            figures.append(_figure(image, mesh.size[0], f"after {duration(time)}" if time else "start"))
        rows.append((_bar(material, ligand, low, high, ramp(place)) if ligand else "") + _grid(figures))
    return "".join(rows)


def _solid(material, tissue, mesh):
    """Views with the front half cut away, then slices through the middle of the cells at the end."""
    last = material.cells(material.moments[-1], tissue)
    position = last[["x", "y", "z"]].to_numpy(float)
    size = np.array(mesh.size)
    center = position.mean(axis=0) if len(position) else size / 2
    reach = (
        np.linalg.norm(position - center, axis=1).max(initial=0.0) + last["radius"].max()
        if len(last)
        else 0.0
    )
    extent = 2.1 * max(reach, 0.08 * size.min())
    figures = []
    for time in material.moments:
        table = material.cells(time, tissue)
        image = draw_view(
            mesh.size, table[["x", "y", "z"]].to_numpy(float), _radii(material, table, mesh, tissue),
            material.colors(table), cut=("y", center[1]), center=center, extent=extent, width=_WIDTH,
            samples=2,
        )  # fmt: skip
        figures.append(_figure(image, extent, f"after {duration(time)}" if time else "start"))
    parts = ["<p>Seen from outside, with the front half cut away.</p>", _grid(figures)]
    parts.append(f"<p>Slices through the middle of the cells after {duration(material.moments[-1])}.</p>")
    for place, ligand in enumerate(_shown(material, tissue) or [None]):
        field = None if ligand is None else _field(material, ligand, material.moments[-1], tissue)
        low, high = _range([field])
        figures = []
        for axis in "zyx":
            at = float(np.clip(center["xyz".index(axis)], 0, size["xyz".index(axis)]))
            window = _window(center, 0.8 * extent, size, AXES_OF_SLICE[axis])
            image = _map(
                material, mesh, tissue, material.moments[-1], field, low, high, ramp(place), axis, at, window
            )
            right, up = ("xyz"[index] for index in AXES_OF_SLICE[axis])
            words = f"{axis} = {at:.0f} µm; {right} to the right, {up} upwards"
            figures.append(_figure(image, window[1] - window[0], words))
        parts.append((_bar(material, ligand, low, high, ramp(place)) if ligand else "") + _grid(figures))
    return "".join(parts)


def _window(center, half, size, axes):
    """A square around the cells in a slice, as far as the tissue reaches."""
    ends = []
    for axis in axes:
        ends += [max(0.0, center[axis] - half), min(size[axis], center[axis] + half)]
    return tuple(map(float, ends))


def _shown(material, tissue):
    return material.ligands[:_MOST_LIGANDS] if len(material.run.field_times(tissue)) else []


def _field(material, ligand, time, tissue):
    return material.run.field(ligand, time, tissue, nearest=True)


def _range(fields):
    """Ends of the color scale for all the given fields: from zero, unless everything is far from it and not even."""
    fields = [field for field in fields if field is not None]
    if not fields:
        return 0.0, 1.0
    lowest, highest = min(float(f.min()) for f in fields), max(float(f.max()) for f in fields)
    far_from_zero = 0.5 * highest < lowest < (1 - _EVEN) * highest
    return (lowest if far_from_zero else min(0.0, lowest)), highest


def _radii(material, table, mesh, tissue):
    """Radii to draw [µm]: on a lattice a cell fills its voxel."""
    if material.scenario.tissue[tissue].space == "lattice":
        return np.full(
            len(table),
            0.5 * min(h for h, n in zip(mesh.spacing, mesh.shape) if n > 1 or max(mesh.shape) == 1),
        )
    return table["radius"].to_numpy(float)


def _map(material, mesh, tissue, time, field, low, high, table_of_colors, axis, at, window=None):
    table = material.cells(time, tissue)
    return draw_map(
        mesh.size, table[["x", "y", "z"]].to_numpy(float), _radii(material, table, mesh, tissue),
        material.colors(table), field=field, low=low, high=high, table=table_of_colors, axis=axis, at=at,
        window=window, width=_WIDTH,
    )  # fmt: skip


def _figure(image, span, words):
    """A picture with a scale bar; `span` is the width of the picture [µm]."""
    bar = _round_length(span / 4)
    text = f"{bar:g} µm" if bar < 1000 else f"{bar / 1000:g} mm"
    data = b64encode(encode(image)).decode()
    return (
        f'<figure><div class="frame"><img alt="{escape(words)}" '
        f'width="{image.shape[1]}" height="{image.shape[0]}" '
        f'src="data:image/png;base64,{data}">'
        f'<span class="scale" style="width:{100 * bar / span:.2f}%">{text}</span>'
        f"</div><figcaption>{escape(words)}</figcaption></figure>"
    )


def _round_length(most):
    """The longest of 1, 2, 5, 10 … µm that is not above `most`."""
    power = 10.0 ** np.floor(np.log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))


def _grid(figures):
    columns = f"grid-template-columns:repeat({len(figures)},minmax(0,1fr))"
    return f'<div class="maps" style="{columns}">{"".join(figures)}</div>'


def _bar(material, ligand, low, high, table):
    """Name, color bar and ends of a ligand's color scale."""
    stops = ",".join(hex_of(table[level]) for level in range(0, 256, 15))
    solubility = material.scenario.ligand[ligand].solubility
    pressures = ""
    if solubility is not None:
        nanomolar = 0.602214076  # molecules/µm³
        low_pressure, high_pressure = (number(value * nanomolar / solubility) for value in (low, high))
        pressures = f" ({low_pressure} to {high_pressure} mmHg)"
    return (
        f'<div class="legend"><span class="bar"><b>{escape(ligand)}</b> {number(low)} '
        f'<i style="background:linear-gradient(to right,{stops})"></i> {number(high)} nM{pressures}'
        "</span></div>"
    )
