"""The page in a headless Chromium whose network ends at this machine; screenshots are kept beside the test results."""

import os
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser
_SERVERS = {}  # process of a server, by its address
PATIENCE = 30_000  # ms, on a machine that does other things too


@pytest.fixture(scope="session")
def chromium():
    pytest.importorskip("solara")
    api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """One server for all tests; it says where it listens."""
    folder = tmp_path_factory.mktemp("server")
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "autocrine_abm", "dashboard", "--no-browser", "--port", "0"]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=folder)
    try:
        line = server.stdout.readline()
        url = re.search(r"http://\S+", line)[0]
        _SERVERS[url] = server.pid
        yield url
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def open_page(chromium, address, request):
    """Function that opens a page, ``open_page("?scenario=minimal")``; nothing but this machine can be reached."""
    contexts, refused, broken = [], [], []

    def guard(route):
        if re.match(r"(https?|ws)://(localhost|127\.0\.0\.1)[:/]", route.request.url):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    def go(query="", **options):
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True, **options)
        contexts.append(context)
        context.route("**/*", guard)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(address + query)
        page.wait_for_selector("[data-test=board]:not([data-screen=wait])")
        if query:
            wait_for_frames(page, 1)
        return page

    yield go
    shots = Path(os.environ.get("AUTOCRINE_SCREENSHOTS", "")) if os.environ.get("AUTOCRINE_SCREENSHOTS") else None
    for number, context in enumerate(contexts):
        for page in context.pages:
            if shots:
                shots.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=shots / f"{request.node.name}-{number}.png")
        context.close()
    assert refused == [] and broken == []


def get(page, name):
    return page.locator(f"[data-test='{name}']").first


def fill(page, path, text):
    """Write a value into the field of a parameter."""
    knob = get(page, f"knob-{path}")
    knob.evaluate("e => { e.closest('details').open = true }")
    field = knob.locator("input[type=text]")
    field.fill(text)
    field.press("Enter")
    return field


def wait_for_frames(page, number):
    page.wait_for_function(f"(window.autocrineFrames || []).length >= {number}")


def clock(page):
    return get(page, "clock").inner_text()


def expect_clock(page, text):
    page.wait_for_function(f"document.querySelector('[data-test=clock]').innerText === '{text}'")


def pixels(page):
    """The picture that is shown, as numbers."""
    url = page.evaluate("document.querySelector('[data-test=canvas]').toDataURL('image/png')")
    return np.array(Image.open(BytesIO(b64decode(url.partition(",")[2]))).convert("RGB"))


@pytest.fixture
def small_file(tmp_path, small_text):
    path = tmp_path / "small.toml"
    path.write_text(small_text)
    return path


def test_gallery_leads_to_a_scenario(open_page):
    page = open_page()
    get(page, "card-minimal").click()
    wait_for_frames(page, 1)
    assert "feed their own growth" in get(page, "title").inner_text() and "scenario=minimal" in page.url
    assert "µm" in get(page, "scalebar").inner_text() and "nM" in get(page, "colorbar").inner_text()
    assert len(np.unique(pixels(page).reshape(-1, 3), axis=0)) > 3  # cells on a field
    get(page, "home").click()
    get(page, "path").fill("no_such_file.toml")
    get(page, "open").click()
    assert "no such file" in get(page, "fault-open").inner_text()


def test_play_pause_step_and_keys(open_page, small_file):
    page = open_page(f"?scenario={small_file}")
    get(page, "step").click()
    expect_clock(page, "30 min")
    page.keyboard.press("ArrowRight")
    expect_clock(page, "60 min")
    get(page, "speed").select_option("5")
    before = pixels(page)
    page.keyboard.press("Space")
    wait_for_frames(page, 8)
    get(page, "play").click()
    page.wait_for_function("document.querySelector('[data-test=play]').innerText.includes('Play')")
    now = clock(page)
    page.wait_for_timeout(500)
    assert clock(page) == now != "60 min" and not np.array_equal(before, pixels(page))
    page.keyboard.press("r")
    expect_clock(page, "0 min")


def test_slider_acts_at_once_and_a_wrong_value_is_told_beside_it(open_page, small_file):
    page = open_page(f"?scenario={small_file}")
    knob = get(page, "knob-ligand.growth_factor.decay")
    slider, field = knob.locator("input[type=range]"), knob.locator("input[type=text]")
    slider.evaluate("e => { e.value = 500; e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change')) }")
    page.wait_for_selector("[data-test='knob-ligand.growth_factor.decay'].changed")
    assert field.input_value() == "1 1/min"
    field.fill("3 um")
    field.press("Enter")
    assert "which is a length" in get(page, "fault-ligand.growth_factor.decay").inner_text()
    field.fill("0.7 1/min")
    field.press("Enter")
    page.wait_for_selector("[data-test='fault-ligand.growth_factor.decay']", state="detached")
    get(page, "tab-Session").click()
    page.wait_for_function("document.querySelector('[data-test=log]').innerText.includes('decay = 0.7 1/min')")


def test_a_session_saved_runs_again_to_equal_results(open_page, small_file, tmp_path):
    page = open_page(f"?scenario={small_file}")
    get(page, "step").click()
    get(page, "tab-Doses").click()
    get(page, "dose-amount").fill("20 furlong")
    get(page, "inject").click()
    assert "furlong" in get(page, "fault-dose").inner_text()
    get(page, "dose-amount").fill("20 nM")
    get(page, "inject").click()
    page.wait_for_selector("[data-test=fault-dose]", state="detached")
    get(page, "tab-Parameters").click()
    fill(page, "ligand.growth_factor.decay", "0.02 1/min")
    for _ in range(7):
        get(page, "step").click()
    expect_clock(page, "4 hour")
    get(page, "tab-Session").click()
    with page.expect_download() as download:
        get(page, "save").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    command = re.search(r'--until "(.*)"', get(page, "saved").inner_text())[1]
    again = [sys.executable, "-m", "autocrine_abm", "run", str(saved), "--out", str(tmp_path / "again"), "--until", command]
    subprocess.run([*again, "--quiet"], check=True, cwd=Path(__file__).parents[2])
    from autocrine_abm.output.readers import RunFolder

    last = RunFolder(tmp_path / "again").series().iloc[-1]
    assert last["time"] == 240 and last["cells"] == int(get(page, "cells").inner_text())
    get(page, "charts-Ligands").click()
    chart = get(page, "chart-ligand.growth_factor")
    chart.locator("[data-test=save-menu]").click()
    with page.expect_download() as download:
        chart.locator("[data-test=save-CSV]").click()
    rows = [line.split(",") for line in Path(download.value.path()).read_text().splitlines()]
    shown = dict(zip(rows[0], rows[-1]))
    assert float(shown["tissue mean [nM]"]) == float(f"{last['growth_factor.mean']:.5g}")  # five digits are sent
    assert float(shown["at the cells [nM]"]) == float(f"{last['growth_factor.sensed']:.5g}")


def test_click_on_a_cell_tells_all_about_it(open_page, small_file):
    page = open_page(f"?scenario={small_file}")
    box = get(page, "canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert re.fullmatch(r"cancer \d+", get(page, "cell-title").inner_text())
    card = get(page, "cell-card").inner_text()
    assert "growth_factor" in card and "division rate" in card and "A cell of the start" in card
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-test=cell-card]", state="detached")


def test_compare_shows_two_models_and_changes_one(open_page, small_file):
    page = open_page(f"?scenario={small_file}")
    get(page, "compare").click()
    page.wait_for_function("document.querySelectorAll('[data-test=canvas]').length === 2")
    get(page, "target-B").click()
    fill(page, "cell.cancer.division_rate", "2 1/hour")
    page.wait_for_selector("[data-test='knob-cell.cancer.division_rate'].changed")
    for _ in range(4):
        get(page, "step").click()
    expect_clock(page, "2 hour")
    one, other = (int(text.replace(",", "")) for text in get(page, "cells").inner_text().split("|"))
    assert other > 1.5 * one


def test_replay_goes_back_and_forth(open_page, small_file, tmp_path):
    command = [sys.executable, "-m", "autocrine_abm", "run", str(small_file), "--out", str(tmp_path / "run"), "--quiet"]
    subprocess.run([*command, "--set", "record.cells=1 hour"], check=True, cwd=Path(__file__).parents[2])
    page = open_page(f"?run={tmp_path / 'run'}")
    first = pixels(page)
    get(page, "timeline").evaluate("e => { e.value = 10; e.dispatchEvent(new Event('input')) }")
    expect_clock(page, "10 hour")
    wait_for_frames(page, 3)
    assert not np.array_equal(first, pixels(page))
    page.keyboard.press("ArrowLeft")
    expect_clock(page, "9 hour")


def test_two_pages_are_independent_and_a_closed_one_is_freed(open_page, small_file, address):
    one, other = (open_page(f"?scenario={small_file}") for _ in range(2))
    for page in (one, other):
        get(page, "speed").select_option("20")
    get(one, "play").click()
    get(other, "play").click()
    wait_for_frames(one, 5)
    wait_for_frames(other, 5)
    get(other, "play").click()
    get(other, "reset").click()
    expect_clock(other, "0 min")
    assert clock(one) != "0 min"
    threads = Path(f"/proc/{_SERVERS[address]}/task")
    open_threads = len(list(threads.iterdir())) if threads.is_dir() else None
    one.close()
    get(other, "step").click()
    expect_clock(other, "30 min")
    if open_threads is not None:  # Linux: the runner and the screen of the closed page have ended
        for _ in range(100):
            if len(list(threads.iterdir())) <= open_threads - 2:
                break
            other.wait_for_timeout(100)
        assert len(list(threads.iterdir())) <= open_threads - 2


def test_an_error_of_the_simulation_is_shown_and_the_page_goes_on(open_page, tmp_path, small_text):
    """A function of the scenario's author fails once 30 cells have released more than 54,000 molecules: in the second step."""
    (tmp_path / "mine.py").write_text(
        "def fail_later(tissue, dt):\n"
        "    if tissue.fields['growth_factor'].ledger.secreted > 75_000:\n"
        "        raise ValueError('out of medium')\n"
    )
    path = tmp_path / "failing.toml"
    path.write_text(small_text.replace("[view]", '[python]\nbehaviors = ["mine.py:fail_later"]\n[view]'))
    page = open_page(f"?scenario={path}")
    get(page, "step").click()
    expect_clock(page, "30 min")
    get(page, "play").click()
    page.wait_for_selector("[data-test=error]")
    assert "out of medium" in get(page, "error").inner_text()
    get(page, "reset").click()
    expect_clock(page, "0 min")
    get(page, "step").click()
    expect_clock(page, "30 min")


def test_dark_theme_and_a_tablet(open_page, small_file):
    page = open_page(f"?scenario={small_file}&theme=light")
    light = pixels(page)
    get(page, "theme").click()
    page.wait_for_selector("[data-test=board].dark")
    page.wait_for_function("window.autocrineFrames.length >= 2")
    page.wait_for_timeout(600)
    assert pixels(page).mean() < light.mean() - 30
    for width, height in ((1024, 768), (820, 1180), (768, 1024)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for name in ("play", "canvas", "charts-Cells"):
            assert get(page, name).is_visible()
        panel, tab = (page.locator(name).first.bounding_box() for name in (".left.panel", "[data-test=tab-Session]"))
        assert tab["x"] + tab["width"] <= panel["x"] + panel["width"]
        assert get(page, "canvas").bounding_box()["height"] >= 250


def test_charts_answer_to_pointer_legend_and_scale_and_are_saved(open_page, small_file):
    page = open_page(f"?scenario={small_file}")
    for _ in range(3):
        get(page, "step").click()
    expect_clock(page, "1.5 hour")
    chart = get(page, "chart-phases")
    box, bubble = chart.locator("svg").bounding_box(), chart.locator("[data-test=bubble]")
    for attempt in range(40):  # charts follow the clock within a moment, and the bubble the pointer
        page.mouse.move(box["x"] + (0.94 + 0.01 * (attempt % 2)) * box["width"], box["y"] + 0.5 * box["height"])
        bubble.wait_for()
        if "90" in bubble.inner_text():
            break
        page.wait_for_timeout(250)
    assert "alive" in bubble.inner_text() and "90" in bubble.inner_text()
    lines = chart.locator("svg path[stroke]")
    before = lines.count()
    chart.locator("[data-test=legend-alive]").click()
    page.wait_for_function(f"document.querySelectorAll('[data-test=chart-phases] svg path[stroke]').length === {before - 1}")
    chart.locator("[data-test=legend-alive]").click()
    chart.locator("[data-test=log]").click()
    assert "on" in chart.locator("[data-test=log]").get_attribute("class")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        chart.locator("[data-test=save-menu]").click()
        with page.expect_download() as download:
            chart.locator(f"[data-test=save-{kind}]").click()
        assert Path(download.value.path()).read_bytes().startswith(start)


def test_a_solid_tissue_shows_its_field_where_it_is_cut(open_page, tmp_path, small_text):
    deep = small_text.replace('"20 um"]', '"200 um"]').replace('pattern = "disc"', 'pattern = "sphere"')
    path = tmp_path / "deep.toml"
    path.write_text(deep)
    page = open_page(f"?scenario={path}&theme=light")
    for _ in range(2):
        get(page, "step").click()
    expect_clock(page, "60 min")
    page.wait_for_timeout(1500)
    assert get(page, "colorbar").is_visible()
    cut = pixels(page)
    get(page, "field").click()
    page.wait_for_function("!document.querySelector('[data-test=field]').classList.contains('on')")
    for _ in range(40):
        page.wait_for_timeout(250)
        changed = (cut != pixels(page)).any(axis=2)
        if changed.mean() > 0.1:
            break
    assert changed.mean() > 0.1  # the plane covers a good part of the picture
    get(page, "mode-z").click()
    page.wait_for_function("document.querySelector('[data-test=canvas]') && !document.querySelector('canvas.solid')")
