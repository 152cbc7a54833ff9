"""Where to look from first: at the cells, from as near as they all fit into the picture."""

import numpy as np

__all__ = ["aim"]

_ROOM = 1.3  # of the picture, to what is in it now; most tumors grow
_NEAREST = 12.0  # zoom
_LAYER = 0.25  # cells whose least extent is below this share of their greatest lie in a layer, not in a ball


def aim(shot, mode="solid", aspect=1.0):
    """The camera that shows the cells of a solid tissue, dict of what changes in a `Camera`.

    A ball of cells is cut open in its middle; a layer on the floor of a dish has no inside and stays whole.

    Parameters
    ----------
    shot : Shot
    mode : str
        As in a `View`: ``"x"``, ``"y"``, ``"z"``, ``"solid"`` or ``"all"``.
    aspect : float
        Width of a pane relative to its height.
    """
    size = np.array(shot.size, float)
    middle, half = size / 2, size / 2
    if len(shot.cell_id):
        low, high = np.quantile(shot.position, (0.01, 0.99), axis=0)  # a few strays may leave the picture
        middle, half = (low + high) / 2, (high - low) / 2 + float(shot.radius.max())
    is_ball = half.min() >= _LAYER * half.max()
    zooms = {"solid": 1.14 * np.linalg.norm(size) / (np.linalg.norm(half) * (2.24 if is_ball else 2.8))}
    for axis, (right, up) in {"x": (1, 2), "y": (0, 2), "z": (0, 1)}.items():
        whole = max(size[right] / aspect, size[up])  # what the height of a pane spans at zoom 1
        zooms[axis] = min(whole * aspect / half[right], whole / half[up]) / 2 / _ROOM
    zoom = min(zooms.values()) if mode == "all" else zooms[mode]
    share = middle / size
    near = zoom > 1.0  # else the whole tissue is shown, and its middle is the best place to look at
    place = {name: float(share[axis] if near or name == mode or mode == "all" else 0.5) for axis, name in enumerate("xyz")}
    return place | {
        "zoom": float(np.clip(zoom, 1.0, _NEAREST)), "azimuth": -55.0, "elevation": 25.0,
        "cut": float(share[1]) if is_ball else 0.0,
    }  # fmt: skip
