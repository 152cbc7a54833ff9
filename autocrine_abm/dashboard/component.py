"""A component for Mesa's SolaraViz: the tissue of a `TumorModel` with its ligand field, drawn from a snapshot.

SolaraViz draws while its other thread steps the model, so nothing here reads a model at that time: once a model is shown, each
of its steps ends with a snapshot, and only that is drawn. Options are set with `tissue_view`::

    from mesa.visualization import SolaraViz
    from autocrine_abm import TumorModel
    from autocrine_abm.dashboard.component import TissueView, tissue_view

    page = SolaraViz(
        TumorModel("minimal"), components=[TissueView, tissue_view(color="clone")], model_params={"spec": "minimal"}
    )
"""

import sys
from threading import Lock
from weakref import WeakKeyDictionary

import solara

from autocrine_abm.dashboard.framing import Framing
from autocrine_abm.dashboard.opening import first_look
from autocrine_abm.dashboard.snapshot import Look, property_of, shoot
from autocrine_abm.output.picture import encode

__all__ = ["TissueView", "Watch", "tissue_view"]

_WATCHES, _GATE = WeakKeyDictionary(), Lock()


class Watch:
    """The newest snapshots of a model, taken between its steps.

    Parameters
    ----------
    model : TumorModel
        Its `step` is wrapped: a snapshot follows. Numbers and results stay as they are.
    """

    def __init__(self, model):
        self._looks, self._lock = {}, Lock()
        step = model.step

        def watched(*args, **options):
            with self._lock:
                result = step(*args, **options)
                for look in self._looks:
                    self._looks[look] = shoot(model, look)
            return result

        model.step = watched

    @classmethod
    def of(cls, model):
        """The one watch of a model."""
        with _GATE:
            if model not in _WATCHES:
                _WATCHES[model] = cls(model)
            return _WATCHES[model]

    def newest(self, model, look):
        """The newest snapshot; the first one is taken now, after a step that may be under way."""
        known = self._looks.get(look)
        if known is None:
            with self._lock:
                known = self._looks[look] = shoot(model, look)
        return known


@solara.component
def TissueView(model, ligand=None, color=None, view="3d", width=560, dark=False):
    """The tissues of a model, for ``SolaraViz(model, components=[TissueView])``.

    Parameters
    ----------
    model : TumorModel
    ligand : str, optional
        The ligand whose field is shown.
    color : str, optional
        What colors the cells; these two as in a `Look`, and by default as the scenario says.
    view : str
        Of solid tissues: ``"3d"``, ``"x"``, ``"y"``, ``"z"`` or ``"all"``.
    width : int
        [pixels]
    dark : bool
    """
    if (mesa := sys.modules.get("mesa.visualization.utils")) is not None:  # it comes with SolaraViz
        mesa.update_counter.get()  # draw again when it says so
    first = first_look(model.spec)
    look = Look(ligand or first.ligand, color or first.color)
    snapshot = Watch.of(model).newest(model, look)

    def lay_out():
        unit = property_of(next(iter(model.tissues.values())).cells, look.color, model.spec.ligand)[1]
        return Framing(model.spec, unit, snapshot, view, width, dark=dark)

    framing = solara.use_memo(lay_out, [id(model), look, view, width, dark])
    solara.Image(encode(framing.picture(snapshot), "jpeg", 90), width=f"{width}px", format="jpeg")


def tissue_view(**options):
    """A `TissueView` with options, as a component of SolaraViz.

    Examples
    --------
    >>> callable(tissue_view(color="clone", view="z"))
    True
    """

    def show(model):
        return TissueView(model, **options)

    return show
