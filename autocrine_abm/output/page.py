"""The page that reports share: title, tiles, links and sections in one HTML file that refers to nothing outside."""

from html import escape
from importlib import resources

__all__ = ["page_of", "paragraphs", "tiles"]


def page_of(kind, title, opening, parts, source, version):
    """A whole page.

    Parameters
    ----------
    kind, title : str
        The line above the title, and the title.
    opening : str
        HTML below the title.
    parts : list of (str, str)
        Heading and HTML of each section; those without HTML are left out.
    source, version : str
        Where the numbers come from, and the version of the package that wrote them.

    Returns
    -------
    str
    """
    style = resources.files("autocrine_abm.output").joinpath("report.css").read_text(encoding="utf-8")
    parts = [(heading, "-".join(heading.lower().split()), body) for heading, body in parts if body]
    links = "".join(f'<a href="#{anchor}">{escape(heading)}</a>' for heading, anchor, _ in parts)
    bodies = "".join(f'<section id="{anchor}"><h2>{escape(heading)}</h2>{body}</section>' for heading, anchor, body in parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f'<header><div class="kind">{kind}</div><h1>{escape(title)}</h1>{opening}<nav>{links}</nav></header>'
        f"{bodies}<footer>Written by autocrine_abm {escape(version)} from {escape(source)}. "
        "Concentrations in nM, lengths in µm.</footer></main></body></html>\n"
    )


def paragraphs(text):
    """Text of a scenario as paragraphs; only an empty line starts a new one."""
    return "".join(
        f'<p class="question">{escape(" ".join(part.split()))}</p>' for part in text.split("\n\n") if part.strip()
    )


def tiles(items):
    """Tiles of (name, value, remark), as HTML."""
    inside = "".join(f"<div><dt>{name}</dt><dd>{value} <small>{more}</small></dd></div>" for name, value, more in items)
    return f'<dl class="tiles">{inside}</dl>'
