"""A pathway node: the activity of a signaling protein or program inside a cell (STAT3, β-catenin, ERK).

A node follows its target with a delay; what sets the target are rules, as for any behavior, and a node may in turn be the
signal of other rules. `behavior.pathway` lets nodes work.
"""

from pydantic import Field

from autocrine_abm.parameters import Parameters, PositiveDuration

__all__ = ["Node"]


class Node(Parameters):
    """The activity of one node, a plain number such as a share that is phosphorylated.

    dS/dt = (target − S)/tau. Rules that increase or decrease the node move its target away from `base`: loss of APC, for
    one, is a cell type whose β-catenin has a high base.
    """

    tau: PositiveDuration = Field(description="time constant of the approach to the target")
    base: float = Field(0.0, ge=0, le=1e9, description="target while no rule acts on it")
    initial: float | None = Field(None, ge=0, le=1e9, description="activity at the start; default its base")
