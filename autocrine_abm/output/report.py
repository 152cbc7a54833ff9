"""The report of a run: one HTML file that holds everything, opens anywhere, and reads like a results section.

Here stand the page and its order. What each section says is told in `output.sections`, `output.gallery`, `output.network`,
`output.reach` and `output.shape`; a section that has nothing to say is left out.
"""

from pathlib import Path

from autocrine_abm.output import clones, gallery, layout, network, reach, sections, shape
from autocrine_abm.output.material import Material
from autocrine_abm.output.page import page_of, paragraphs
from autocrine_abm.output.readers import RunFolder

__all__ = ["SECTIONS", "write_report"]

#: (heading, function of a `Material` that returns HTML, or nothing), in the order of the page.
SECTIONS = [
    ("Population", sections.population),
    ("Tissue", gallery.maps),
    ("Ligands", sections.ligands),
    ("Signaling", reach.signaling),
    ("Networks", network.networks),
    ("Space", shape.space),
    ("Clones", clones.clones),
    ("Ledger", sections.ledger),
    ("Scenario", sections.parameters),
    ("Run", sections.facts),
]


def write_report(folder):
    """Write ``report.html`` into a run folder.

    Parameters
    ----------
    folder : path
        The folder of a run: finished, interrupted, or still going on.

    Returns
    -------
    Path
        The file; it refers to nothing outside itself.

    Raises
    ------
    RunFolderError
        If the folder is not that of a run.
    """
    run = RunFolder(folder)
    material = Material(run)
    parts = [(heading, section(material)) for heading, section in SECTIONS]
    scenario = run.scenario
    opening = f"{paragraphs(scenario.question)}{sections.summary(material)}"
    page = page_of("Simulation report", scenario.title, opening, parts, run.path.resolve().name, material.version)
    path = Path(folder) / layout.REPORT
    with layout.replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path
