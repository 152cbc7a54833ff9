"""The Solara page: one widget per browser tab, with a `Session` of its own behind it.

The front end stands in ``front/``, plain files that the browser compiles; nothing is fetched from elsewhere.
"""

from pathlib import Path

import ipyvue
import solara
import traitlets

from autocrine_abm.dashboard.session import Session

__all__ = ["Board", "Layout", "Page", "routes"]

_FRONT = Path(__file__).parent / "front"
_PARTS = ("tissue-view", "line-chart", "flow-matrix", "knob-list", "dose-form", "cell-card", "start-gallery", "session-log")


class Board(ipyvue.VueTemplate):
    """The widget: carries messages between the page and its session."""

    template_file = str(_FRONT / "board.vue")
    css = traitlets.Unicode((_FRONT / "board.css").read_text(encoding="utf-8")).tag(sync=True)
    components = traitlets.Dict({part: (_FRONT / f"{part}.vue").read_text(encoding="utf-8") for part in _PARTS}).tag(
        sync=True, **ipyvue.VueTemplate.class_component_serialization
    )
    session = None

    def begin(self):
        """Start a session for this page; returns the function that ends it."""
        self.session = Session(self._carry)
        return self.session.close

    def vue_tell(self, message, buffers=None):
        """A message from the page."""
        if self.session is not None:
            self.session.receive(message)

    def _carry(self, method, message, buffers):
        if self.comm is not None:
            self.send({"method": method, "args": [message]}, buffers=list(buffers or []))


@solara.component
def Page():
    """The dashboard."""
    solara.Title("autocrine")
    board = Board.element()

    def begin():
        widget = solara.get_widget(board)
        return widget.begin()

    solara.use_effect(begin, [])
    return board


@solara.component
def Layout(children):
    """The page as it is, without Solara's frame."""
    return solara.Div(children=children, classes=["autocrine-frame"])


routes = [solara.Route(path="/", component=Page, label="autocrine", layout=Layout)]
