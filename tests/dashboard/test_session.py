"""A session without a browser: messages in, messages out."""

import time

import numpy as np
import pytest

from autocrine_abm.cells.columns import COLUMNS
from autocrine_abm.dashboard.session import Session
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

LONGEST = 30.0  # s that an answer may take on a busy machine


class Page:
    """Stands in for the browser: keeps what it is told, and acknowledges every frame."""

    def __init__(self):
        self.told, self.frames = [], []
        self.session = Session(self.take)

    def take(self, method, message, buffers):
        if method == "frame":
            self.frames.append((message, buffers))
            self.session.receive({"do": "ack", "frame": message["frame"]})
        else:
            self.told.append(message)

    def last(self, do):
        return next((message for message in reversed(self.told) if message["do"] == do), None)

    def send(self, do, **message):
        self.session.receive({"do": do, **message})

    def wait(self, condition):
        end = time.monotonic() + LONGEST
        while not condition():
            assert time.monotonic() < end, [m["do"] for m in self.told][-20:]
            time.sleep(0.005)

    def settle(self):
        """Wait until the runner has done all that was asked of it."""
        done = []
        self.session.runner.do(lambda worlds: done.append(True))
        self.wait(lambda: done)

    def steps(self, number):
        for _ in range(number):
            self.send("step")
        self.settle()


@pytest.fixture
def page(small_text):
    page = Page()
    page.send("text", text=small_text, name="small.toml")
    page.wait(lambda: page.last("open") and page.frames)
    yield page
    page.session.close()
    page.session.runner._thread.join(LONGEST)
    assert not page.session.runner.is_alive


@pytest.fixture(scope="module")
def recorded(small_text, tmp_path_factory):
    """A model that has run with a pathway node, and the folder of its run."""
    from autocrine_abm.output.record import record_run

    node = '[cell.cancer.node.drive]\ntau = "2 hour"\ninitial = 1.0\n[[seed]]'
    record = '[record]\ncells = "1 hour"\nfields = "2 hour"\nsignaling = "2 hour"\n[view]'
    folder = tmp_path_factory.mktemp("recorded") / "run"
    return record_run(parse_text(small_text.replace("[[seed]]", node).replace("[view]", record)), folder), folder


def model_of(page, number=0):
    return page.session.runner.worlds[number].model


def test_it_opens_steps_and_plays_to_the_end(page):
    assert page.last("open")["title"] == "a small dish"
    page.steps(2)
    assert page.last("state")["time"] == 60.0
    page.send("play")
    page.wait(lambda: page.last("state")["over"])
    assert page.last("state")["time"] == 600.0 and not page.session.runner.playing
    assert {chart["id"] for chart in page.last("charts")["charts"]} >= {"population", "growth", "ligand.growth_factor"}


def test_frames_rest_as_png_and_move_as_jpeg(page):
    page.wait(lambda: any(meta["kind"] == "png" for meta, _ in page.frames))
    kinds = {meta["kind"]: buffers[0][:4] for meta, buffers in page.frames}
    assert kinds["png"] == b"\x89PNG" and kinds["jpeg"][:2] == b"\xff\xd8"


def test_what_was_done_is_repeated_by_the_file_it_saves(page):
    page.send("reset", seed=9)
    page.settle()
    page.send("set", path="cell.cancer.division_rate", value="0.2 1/hour")
    page.settle()
    page.steps(3)
    page.send("set", path="ligand.growth_factor.decay", value="1 1/min")
    page.send("dose", ligand="growth_factor", amount="5 nM")
    page.send("dose", ligand="growth_factor", amount="1e6 molecules", start="1 hour", every="30 min", doses=2)
    page.steps(6)
    page.send("save")
    page.wait(lambda: page.last("file"))
    live = model_of(page)
    again = TumorModel(parse_text(page.last("file")["text"]))
    for _ in range(live.clock.step):
        again.step()
    assert live.draw_seed == again.draw_seed == 9 and live.clock.step == 9
    for name in COLUMNS:
        np.testing.assert_array_equal(live.cells[name], again.cells[name], err_msg=name)
    np.testing.assert_array_equal(live.fields["growth_factor"].concentration, again.fields["growth_factor"].concentration)
    assert len(page.last("log")["log"]) == 4


def test_settings_outlive_a_reset_and_others_wait_for_it(page):
    page.send("set", path="ligand.growth_factor.decay", value="1 1/min")
    page.send("set", path="seed.0.number", value=12)
    page.settle()
    assert model_of(page).n_cells == 30 and model_of(page).fields["growth_factor"].decay == 1.0
    (pending,) = [knob for knob in page.last("knobs")["knobs"] if knob["changed"] and not knob["live"]]
    assert pending["path"] == "seed.0.number"
    page.send("reset")
    page.settle()
    assert model_of(page).n_cells == 12 and model_of(page).fields["growth_factor"].decay == 1.0


@pytest.mark.parametrize(
    "message, at, words",
    [
        ({"do": "set", "path": "run.duration", "value": "1 um"}, "run.duration", "which is a length"),
        ({"do": "set", "path": "run.duratio", "value": "1 min"}, "run.duratio", "did you mean"),
        ({"do": "dose", "ligand": "growth_factor", "amount": "5 parsec"}, "dose", "amount"),
        ({"do": "dose", "ligand": "growth_factor", "amount": "5 nM", "into": "blood"}, "dose", "needs blood"),
        ({"do": "dose", "ligand": "growth_factor", "amount": "5 nM", "doses": 3}, "dose", "every"),
        ({"do": "open", "target": "no_such_scenario"}, "open", "neither a file nor a shipped scenario"),
        ({"do": "reset", "seed": -4}, "reset", "got -4"),
    ],
)
def test_wrong_input_is_told_where_it_was_made(page, message, at, words):
    page.session.receive(message)
    page.wait(lambda: page.last("fault"))
    fault = page.last("fault")
    assert fault["at"] == at and words in fault["message"] and "Traceback" not in fault["message"]
    page.steps(1)
    assert page.last("state")["time"] == 30.0


def test_two_models_share_seed_and_clock_and_differ_where_told(page):
    page.send("compare")
    page.wait(lambda: page.last("open")["worlds"] == 2)
    page.steps(4)
    assert len(page.session.runner.worlds) == 2
    np.testing.assert_array_equal(model_of(page, 0).cells.position, model_of(page, 1).cells.position)
    page.send("set", path="cell.cancer.apoptosis_rate", value="1 1/hour", world=1)
    page.steps(6)
    assert model_of(page, 0).clock.time == model_of(page, 1).clock.time == 300.0
    assert model_of(page, 0).deaths < model_of(page, 1).deaths
    page.wait(lambda: len(page.frames[-1][0]["panes"]) == 2)
    names = [line["name"] for line in page.last("charts")["charts"][0]["lines"]]
    assert names == ["cancer · A", "cancer · B"]


def test_an_error_in_the_model_is_shown_and_the_session_goes_on(page):
    def break_down(worlds):
        worlds[0].model.behaviors.append(lambda tissue, dt: 1 / 0)

    page.session.runner.do(break_down)
    page.send("play")
    page.wait(lambda: page.last("error"))
    assert "ZeroDivisionError" in page.last("error")["message"] and not page.session.runner.playing
    page.send("reset")
    page.settle()
    page.steps(1)
    assert page.last("state")["time"] == 30.0


def test_picking_finds_the_cell_that_is_drawn_there(page):
    meta, _ = page.frames[-1]
    cells = model_of(page).cells
    page.send("select", cell_id=int(cells.cell_id[4]))
    page.wait(lambda: page.frames[-1][0]["panes"][0]["mark"])
    x, y, radius = page.frames[-1][0]["panes"][0]["mark"]
    page.send("pick", pane=0, x=x, y=y)
    page.wait(lambda: page.last("cell") and page.last("cell")["cell"])
    told = page.last("cell")["cell"]
    assert told["id"] == cells.cell_id[4] and told["lineage"]["mothers"] == []
    page.steps(12)
    daughter = int(cells.cell_id[cells.parent_id == page.session.runner.worlds[0].model.cells.parent_id.max()][0])
    page.send("select", cell_id=daughter)
    page.settle()
    mothers = page.last("cell")["cell"]["lineage"]["mothers"]
    assert mothers[0][0] == cells.parent_id[cells.rows_of(np.array([daughter]))[0]]


def test_a_page_that_nobody_looks_at_pauses(page, monkeypatch):
    monkeypatch.setattr("autocrine_abm.dashboard.screen._LOST", 0.2)
    page.take = lambda *message: None
    page.session.screen._send = lambda *frame: None  # the browser is gone without a word
    page.send("speed", per_second=5)
    page.send("play")
    page.wait(lambda: not page.session.runner.playing)
    assert model_of(page).clock.time < 600


def test_a_moving_camera_does_not_hold_up_the_model(page):
    """Camera changes come faster than frames go out; the pictures still follow the model to its end."""
    page.send("play")
    angle = 0
    while not (page.last("state")["over"] and page.frames[-1][0]["times"] == [600.0]):
        page.send("look", camera={"zoom": 1 + 0.1 * np.sin(angle)})
        angle += 1
        time.sleep(0.002)
        assert angle < LONGEST / 0.002
    assert len({meta["times"][0] for meta, _ in page.frames}) > 3  # of 20 steps


def test_models_are_let_go_when_the_page_is_closed(page):
    import gc
    import weakref

    page.steps(2)
    model = weakref.ref(model_of(page))
    page.session.close()
    page.session.runner._thread.join(LONGEST)
    page.session.screen._thread.join(LONGEST)
    gc.collect()
    assert model() is None


def test_origins_are_traced_when_asked(page):
    page.send("trace")
    page.steps(3)
    chart = next(chart for chart in page.last("charts")["charts"] if chart["stacked"])
    sums = np.sum([line["y"] for line in chart["lines"]], axis=0)
    np.testing.assert_allclose(sums, 1, atol=1e-4)  # five digits are sent
    assert page.last("charts")["matrix"][0]["senders"]
    page.send("look", color="origin of growth_factor")
    page.wait(lambda: page.frames[-1][0]["key"]["chips"][0][0] == "itself")


def test_a_run_is_replayed(page, recorded):
    model, folder = recorded
    page.send("open", target=str(folder))
    page.wait(lambda: page.last("open")["replay"] is not None)
    assert page.last("open")["replay"] == [60.0 * n for n in range(11)]
    page.send("seek", place=10)
    page.settle()
    shot = page.session.runner.worlds[0].shoot(page.session.gaze.look).shots[0]
    np.testing.assert_array_equal(shot.cell_id, model.cells.cell_id)
    np.testing.assert_allclose(shot.position, model.cells.position, rtol=1e-6)  # written as float32
    page.send("select", cell_id=int(model.cells.cell_id[-1]))
    page.settle()
    assert page.last("cell")["cell"]["phase"] in ("alive", "apoptotic")
    page.send("play")  # from the end it starts over
    page.settle()
    page.wait(lambda: page.last("state")["over"] and not page.session.runner.playing)
    charts = {chart["id"]: chart for chart in page.last("charts")["charts"]}
    assert charts["population"]["lines"][0]["y"][-1] == model.n_cells
    assert charts["nodes.dish"]["lines"][0]["y"][-1] == pytest.approx(model.cells.node[model.cells.phase == 0].mean(), rel=1e-4)
    assert "shares.growth_factor.dish.0" in charts


def test_a_recording_knows_mothers_daughters_and_clones(recorded):
    from autocrine_abm.dashboard.recording import Recording

    model, folder = recorded
    world = Recording(folder)
    world.seek(len(world.times) - 1)
    cells = model.cells
    daughter = int(cells.cell_id[np.flatnonzero(cells.parent_id)[-1]])
    mother, clone = (int(column[cells.cell_id == daughter][0]) for column in (cells.parent_id, cells.clone_id))
    family = world.describe(daughter)["lineage"]
    assert family["mothers"][0][0] == mother
    alive = np.count_nonzero((cells.clone_id == clone) & (cells.phase == 0))
    assert family["clone"].startswith(f"{alive} living cell")
    daughters = world.history.family(mother, clone, world.time)["daughters"]
    assert {number for number, _ in daughters} == set(cells.cell_id[cells.parent_id == mother].tolist())
    assert world.history.family(mother, clone, 0.0)["daughters"] == []  # none is born yet


def test_oxygen_is_told_in_millimeters_of_mercury(small_text, tmp_path):
    """1 nM at 1.3 uM/mmHg is 1/1300 mmHg; field, cells, card and replay agree."""
    from autocrine_abm.dashboard.live import Live
    from autocrine_abm.dashboard.recording import Recording
    from autocrine_abm.dashboard.snapshot import Look
    from autocrine_abm.output.record import record_run

    gas = '[ligand.oxygen]\ndiffusion = "1e5 um^2/min"\nsolubility = "1.3 uM/mmHg"\ninitial = "40 mmHg"\n'
    gas += '[record]\ncells = "1 hour"\n'
    spec = parse_text(small_text.replace('duration = "10 hour"', 'duration = "1 hour"') + gas)
    record_run(spec, tmp_path / "run")
    for world in (Live(spec), Recording(tmp_path / "run")):
        world.advance()
        shot = world.shoot(Look("oxygen", "sensed.oxygen")).shots[0]
        assert world.unit_of("sensed.oxygen") == "mmHg" and world.unit_of("sensed.growth_factor") == "nM"
        np.testing.assert_allclose(shot.values, 40, rtol=1e-5)  # nothing takes it up; solved to 1e-6 of itself
        assert "'40 mmHg'" in str(world.describe(int(shot.cell_id[0])))


def test_an_arm_of_the_scenario_starts_in_one_model(page, small_text):
    page.send("text", text=small_text + '[arm.bare]\nset = { "seed.0.number" = 5 }\n', name="armed.toml")
    page.settle()
    page.send("compare")
    page.send("arm", name="bare", world=1)
    page.settle()
    assert [world.n_cells for world in page.session.runner.worlds] == [30, 5]
    assert page.last("knobs")["arms"] == ["control", "bare"]


def test_cards_tell_of_every_shipped_scenario():
    from autocrine_abm.dashboard.gallery import cards
    from autocrine_abm.scenario import library

    assert sorted(card["name"] for card in cards()) == library.names()
    assert all(card["question"] for card in cards())
