"""The component for Mesa's SolaraViz."""

import sys
import threading
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from autocrine_abm.dashboard.snapshot import Look
from autocrine_abm.simulation.model import TumorModel

solara = pytest.importorskip("solara")


@pytest.fixture
def model(small):
    return TumorModel(small)


def pictures(box):
    import ipywidgets

    return [widget for widget in box.find(ipywidgets.Image).widgets if widget.format == "jpeg"]


def test_it_draws_the_model_and_draws_again_after_a_step(model, monkeypatch):
    from autocrine_abm.dashboard import TissueView

    again = solara.reactive(0)  # stands in for SolaraViz, which counts up when it wants to be drawn
    monkeypatch.setitem(sys.modules, "mesa.visualization.utils", SimpleNamespace(update_counter=again))
    _, box = solara.render(TissueView(model, width=320), handle_error=False)
    (picture,) = pictures(box)
    first = bytes(picture.value)
    with Image.open(BytesIO(first)) as image:
        assert image.size[0] == 320
    model.step()
    again.value += 1
    assert bytes(pictures(box)[0].value) != first


def test_snapshots_are_whole_while_another_thread_steps(model):
    """Every array of a snapshot belongs to the same step: as many cells in all, and ids in order."""
    from autocrine_abm.dashboard.component import Watch

    look, seen, ended = Look("growth_factor", "clone"), set(), threading.Event()
    watch = Watch.of(model)
    assert Watch.of(model) is watch

    def play():
        for _ in range(15):
            model.step()
        ended.set()

    thread = threading.Thread(target=play)
    watch.newest(model, look)
    thread.start()
    while not ended.is_set():
        snapshot = watch.newest(model, look)
        shot = snapshot.shots[0]
        assert len(shot.position) == len(shot.cell_id) == len(shot.values) and (np.diff(shot.cell_id) > 0).all()
        seen.add(snapshot.step)
    thread.join()
    assert watch.newest(model, look).step == 15 and len(seen) > 1


def test_a_watched_model_runs_as_any_other(small, model):
    from autocrine_abm.dashboard.component import Watch

    Watch.of(model).newest(model, Look("growth_factor"))
    other = TumorModel(small)
    for _ in range(5):
        model.step()
        other.step()
    np.testing.assert_array_equal(model.cells.position, other.cells.position)
    assert model.steps == other.steps == 5


def test_solaraviz_takes_it(small_text, tmp_path):
    viz = pytest.importorskip("mesa.visualization", reason="mesa[viz] is not installed", exc_type=ImportError)
    from autocrine_abm.dashboard import TissueView, tissue_view

    path = tmp_path / "small.toml"
    path.write_text(small_text)
    page = viz.SolaraViz(
        TumorModel(str(path)), components=[TissueView, tissue_view(color="clone")], model_params={"spec": str(path)}
    )
    _, box = solara.render(solara.AppLayout(children=[page]), handle_error=False)
    assert len(pictures(box)) == 2
