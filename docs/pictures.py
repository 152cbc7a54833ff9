"""Make the small pictures of the scenarios on the front page: ``python docs/pictures.py [NAME]...``

Each shows the first tissue at the end of the control: a slice where most cells are, colored by type or phase, over the
ligand that cells release, where it is densest.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from autocrine_abm import TumorModel
from autocrine_abm.output.colors import CATEGORIES, PHASE_COLORS
from autocrine_abm.output.picture import draw_map
from autocrine_abm.scenario import library
from autocrine_abm.scenario.files import read

FOLDER = Path(__file__).parent / "scenarios"
WIDTH = 200  # pixels


def rgb(text):
    return [int(text[place : place + 2], 16) for place in (1, 3, 5)]


def picture(name):
    spec = read(name, arm="control")
    model = TumorModel(spec)
    while model.running:
        model.step()
    tissue = next(iter(model.tissues.values()))
    cells, size = tissue.cells, tissue.mesh.size
    released = [index for index in range(len(spec.ligand)) if cells.secretion_rate[:, index].any()]
    shown = list(tissue.fields)[released[0]] if released else next(iter(tissue.fields))
    field = tissue.fields[shown].concentration
    table = np.array([rgb(color) for color in CATEGORIES], np.uint8)
    color = table[cells.cell_type % len(table)]
    for phase, dead in enumerate(PHASE_COLORS.values(), start=1):
        color[cells.phase == phase] = rgb(dead)
    at = float(np.sort(cells.position[:, 2])[len(cells) // 2]) if len(cells) else None
    edge = min(size[0], size[1], 700.0)
    center = np.median(cells.position[:, :2], axis=0).clip(edge / 2, np.array(size[:2]) - edge / 2)
    window = (center[0] - edge / 2, center[0] + edge / 2, center[1] - edge / 2, center[1] + edge / 2)
    high = float(field.max() + field.min()) or 1.0  # an even field is shown half dark
    return draw_map(size, cells.position, np.maximum(cells.radius, edge / 160), color, field=field, low=0.0, high=high,
                    at=at, window=window, width=WIDTH)  # fmt: skip


for name in sys.argv[1:] or library.names():
    FOLDER.mkdir(exist_ok=True)
    Image.fromarray(picture(name)).quantize(128, method=Image.Quantize.MEDIANCUT).save(FOLDER / f"{name}.png", optimize=True)
    print(name, flush=True)
