"""The report of a run: one HTML file that holds everything, opens anywhere, and reads like a results section.

Here stand the page and its order. What each section says is told in `output.sections`, `output.gallery`, `output.network`,
`output.reach` and `output.shape`; a section that has nothing to say is left out.
"""

from html import escape
from importlib import resources
from pathlib import Path

from autocrine_abm.output import clones, gallery, layout, network, reach, sections, shape
from autocrine_abm.output.material import Material
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
    style = resources.files("autocrine_abm.output").joinpath("report.css").read_text(encoding="utf-8")
    parts = [(heading, section(material)) for heading, section in SECTIONS]
    parts = [(heading, heading.lower(), body) for heading, body in parts if body]
    links = "".join(f'<a href="#{anchor}">{heading}</a>' for heading, anchor, _ in parts)
    bodies = "".join(
        f'<section id="{anchor}"><h2>{heading}</h2>{body}</section>' for heading, anchor, body in parts
    )
    scenario = run.scenario
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(scenario.title)}</title><style>{style}</style></head><body><main>"
        f'<header><div class="kind">Simulation report</div><h1>{escape(scenario.title)}</h1>'
        f"{_paragraphs(scenario.question)}{sections.summary(material)}<nav>{links}</nav></header>"
        f"{bodies}<footer>Written by autocrine_abm {escape(material.version)} "
        f"from {escape(run.path.resolve().name)}. "
        "Concentrations in nM, lengths in µm.</footer></main></body></html>\n"
    )
    path = Path(folder) / layout.REPORT
    with layout.replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _paragraphs(text):
    """Text of a scenario as paragraphs; only an empty line starts a new one."""
    return "".join(
        f'<p class="question">{escape(" ".join(part.split()))}</p>'
        for part in text.split("\n\n")
        if part.strip()
    )
