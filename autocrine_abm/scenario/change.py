"""Changes that are made while a run goes on, and the sliders that invite to make them.

A `Change` says when, where and what: it sets the value at a dotted path from a moment on. The dashboard writes one for
everything that its user does, so that a session can be run again from the command line. Which values may change while
cells live is told in `scenario.live`.
"""

from typing import Literal

from pydantic import Field

from autocrine_abm.parameters import Duration, Parameters, Several

__all__ = ["Change", "Slider", "View"]


class Change(Parameters):
    """A value that changes during the run, from the start of the behavior step in which its time falls."""

    time: Duration = Field(description="when")
    path: str = Field(description="dotted path of the value", examples=["ligand.IL6.decay"])
    value: bool | int | float | str = Field(description="what it becomes", examples=["0.02 1/min"])


class Slider(Parameters):
    """A value that is worth playing with, and how far."""

    path: str = Field(description="dotted path of the value", examples=["ligand.IL6.decay"])
    low: int | float | str = Field(description="least value, in the unit of the path", examples=["0 1/min"])
    high: int | float | str = Field(description="greatest value", examples=["1 1/min"])
    label: str = Field("", description="what it is called; left out, the meaning of the path")
    scale: Literal["linear", "log"] = Field("linear", description="even steps, or even ratios")


class View(Parameters):
    """What the dashboard shows first; nothing here touches the simulation."""

    slider: Several[Slider] = Field((), description="values to play with, the most telling first")
    ligand: str | None = Field(None, description="the ligand that colors the tissue; left out, the first")
    color: str = Field("cell type", description="what colors the cells", examples=["cell type", "clone", "sensed.IL6"])
