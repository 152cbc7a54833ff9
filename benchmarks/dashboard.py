"""Frames per second that a browser acknowledges while the model steps: 10,000 and 100,000 cells, 2-D and 3-D.

    python benchmarks/dashboard.py [--seconds 6]

A headless Chromium looks at the dashboard of one server on this machine. The camera moves all the time (it pans over the flat
tissue and turns around the solid one), so that no two frames are alike, even where a step takes longer than a frame. A frame
counts when the browser has shown it: two animation frames after it was drawn. Printed are frames per second, bytes per frame,
steps per second meanwhile and how many different states of the model were shown, and the time from asking for the page to its
first picture. Where steps take longer than frames, most frames show a state from another side; `states/s` says how many do not.
`alone` is how fast the same model steps by itself, in one thread, before the page opens.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

SCENARIO = """
title = "{number} cells, {kind}"
[run]
duration = "100 day"
behavior_step = "6 min"
[tissue.dish]
size = {size}
spacing = "{spacing} um"
[ligand.IL6]
diffusion = "3600 um^2/min"
decay = "1 1/min"
transport = "steady"
[cell.cancer]
radius = "6 um"
division_rate = "0.01 1/hour"
apoptosis_rate = "0.01 1/hour"
[[cell.cancer.secretes]]
ligand = "IL6"
rate = "60 molecules/min"
[cell.stroma]
radius = "6 um"
[[seed]]
cell = "cancer"
pattern = "random"
number = {half}
[[seed]]
cell = "stroma"
pattern = "random"
number = {half}
"""


def scenario(number, solid):
    """Text of a scenario with this many cells at a constant density."""
    spacing = 20
    if solid:
        edge = spacing * round((number / 2.5e-4) ** (1 / 3) / spacing)
        size = [f"{edge} um"] * 3
    else:
        edge = spacing * round((number / 5e-3) ** 0.5 / spacing)
        size = [f"{edge} um", f"{edge} um", f"{spacing} um"]
    kind = "3-D" if solid else "2-D"
    return SCENARIO.format(number=number, kind=kind, size=size, spacing=spacing, half=number // 2)


def measure(page, seconds, solid):
    """Frames per second, median and largest bytes of a frame, steps and new states shown per second, over a stretch of time."""
    turn = "{azimuth: -55 + 40 * t}" if solid else "{x: 0.5 + 0.1 * Math.sin(t), y: 0.5 + 0.1 * Math.cos(t), zoom: 1.6}"
    page.evaluate(
        "() => { const board = document.querySelector('[data-test=board]').__vue__, start = performance.now();"
        "window.turning = setInterval(() => { const t = (performance.now() - start) / 1000;"
        f"board.turn({turn}) }}, 20) }}"
    )
    page.wait_for_timeout(1500)
    page.evaluate("window.autocrineFrames = []")
    page.wait_for_timeout(1000 * seconds)
    frames = page.evaluate("window.autocrineFrames")
    page.evaluate("clearInterval(window.turning)")
    span = (frames[-1]["at"] - frames[0]["at"]) / 1000
    sizes = sorted(frame["bytes"] for frame in frames)
    steps = (frames[-1]["time"] - frames[0]["time"]) / 6 / span
    states = len({frame["time"] for frame in frames})
    return (len(frames) - 1) / span, sizes[len(sizes) // 2], sizes[-1], steps, states / span


def alone(path, seconds):
    """Steps per second of a model that nobody looks at, after two steps that warm it up."""
    from autocrine_abm.scenario import files
    from autocrine_abm.simulation.model import TumorModel

    model = TumorModel(files.read(path), threads=1)
    model.step()
    model.step()
    began, steps = perf_counter(), 0
    while steps == 0 or perf_counter() - began < seconds:
        model.step()
        steps += 1
    return steps / (perf_counter() - began)


def main():
    """Measure all cases and print a table."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--cases", nargs="*", default=["10000", "100000"])
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium on this machine; nothing measured")
        return
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, 1280 x 800 page")
    print("   cells  view   frames/s   kB median   kB largest   steps/s   alone   states/s   first picture [s]")
    folder = Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "autocrine_abm", "dashboard", "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        address = re.search(r"http://\S+", server.stdout.readline())[0]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for number in map(int, options.cases):
                for solid in (False, True):
                    path = folder / f"{number}-{solid}.toml"
                    path.write_text(scenario(number, solid))
                    by_itself = alone(path, options.seconds / 2)
                    page = browser.new_page(viewport={"width": 1280, "height": 800})
                    began = perf_counter()
                    page.goto(f"{address}?scenario={path}")
                    page.wait_for_function("(window.autocrineFrames || []).length >= 1", timeout=120_000)
                    first = perf_counter() - began
                    page.click("[data-test=play]")
                    page.wait_for_timeout(1500)
                    rate, middle, largest, steps, states = measure(page, options.seconds, solid)
                    told = f"{number:8,}  {'3-D' if solid else '2-D'}    {rate:8.1f}   {middle / 1000:9.0f}"
                    told += f"   {largest / 1000:10.0f}   {steps:7.1f}   {by_itself:5.1f}"
                    print(f"{told}   {states:8.1f}   {first:10.1f}", flush=True)
                    page.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
