"""Frames per second that a browser acknowledges while the model steps: 10,000 and 100,000 cells, 2-D and 3-D.

    python benchmarks/dashboard.py [--seconds 6]

A headless Chromium looks at the dashboard of one server on this machine. The camera moves all the time (it pans over the flat
tissue and turns around the solid one), so that no two frames are alike, even where a step takes longer than a frame. A frame
counts when the browser has shown it: two animation frames after it was drawn. Printed are frames per second, bytes per frame,
steps per second meanwhile and how many different states of the model were shown, and the time from asking for the page to its
first picture. Where steps take longer than frames, most frames show a state from another side; `states/s` says how many do not.
`alone` is how fast the same model steps by itself, in one thread, before the page opens.

Chromium is spoken to in its own protocol, and only asked to evaluate: Playwright would have it copy every picture that comes
over the wire into a report, which takes a fifth of a processor that nobody's browser spends.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, sleep

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


class Browser:
    """A Chromium without a window; `open` gives a `Page` of 1280 × 800."""

    def __init__(self, program):
        self._folder = tempfile.TemporaryDirectory()
        options = [f"--user-data-dir={self._folder.name}", "--headless", "--no-sandbox", "--remote-debugging-port=0"]
        options += ["--no-first-run", "--disable-background-networking", "--hide-scrollbars", "--mute-audio"]
        self._process = subprocess.Popen([program, *options, "about:blank"], stderr=subprocess.PIPE, text=True)
        for line in self._process.stderr:
            if found := re.search(r"DevTools listening on ws://([^/]+)/", line):
                break
        self._host = found[1]
        threading.Thread(target=self._process.stderr.read, daemon=True).start()  # a full pipe would stop it

    def open(self, address):
        """Open an address."""
        request = urllib.request.Request(f"http://{self._host}/json/new?{address}", method="PUT")
        with urllib.request.urlopen(request) as answer:
            return Page(json.load(answer)["webSocketDebuggerUrl"])

    def close(self):
        """End the browser."""
        self._process.terminate()
        self._process.wait(20)
        self._folder.cleanup()


class Page:
    """A page of a `Browser`."""

    def __init__(self, address):
        from websockets.sync.client import connect

        self._stack, self._number = ExitStack(), 0
        self._socket = self._stack.enter_context(connect(address, max_size=None))
        self._call("Emulation.setDeviceMetricsOverride", width=1280, height=800, deviceScaleFactor=1, mobile=False)

    def _call(self, method, **parameters):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._number:
            pass
        return answer.get("result", {})

    def evaluate(self, text):
        """The value of an expression."""
        answer = self._call("Runtime.evaluate", expression=text, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{text}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, text, timeout=120.0):
        """Wait until an expression is true [s]."""
        end = perf_counter() + timeout
        while not self.evaluate(text):
            if perf_counter() > end:
                raise TimeoutError(text)
            sleep(0.05)

    def close(self):
        """Close the page."""
        self._call("Page.close")
        self._stack.close()


def measure(page, seconds, solid):
    """Frames per second, median and largest bytes of a frame, steps and new states shown per second, over a stretch of time."""
    turn = "{azimuth: -55 + 40 * t}" if solid else "{x: 0.5 + 0.1 * Math.sin(t), y: 0.5 + 0.1 * Math.cos(t), zoom: 1.6}"
    page.evaluate(
        "{ const board = document.querySelector('[data-test=board]').__vue__, start = performance.now();"
        "window.turning = setInterval(() => { const t = (performance.now() - start) / 1000;"
        f"board.turn({turn}) }}, 20) }}"
    )
    sleep(1.5)
    page.evaluate("window.autocrineFrames = []")
    sleep(seconds)
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
    browser = Browser(chromium)
    try:
        address = re.search(r"http://\S+", server.stdout.readline())[0]
        for number in map(int, options.cases):
            for solid in (False, True):
                path = folder / f"{number}-{solid}.toml"
                path.write_text(scenario(number, solid))
                by_itself = alone(path, options.seconds / 2)
                began = perf_counter()
                page = browser.open(f"{address}?scenario={path}")
                page.wait_for("(window.autocrineFrames || []).length >= 1")
                first = perf_counter() - began
                page.evaluate("document.querySelector('[data-test=play]').click()")
                sleep(1.5)
                rate, middle, largest, steps, states = measure(page, options.seconds, solid)
                told = f"{number:8,}  {'3-D' if solid else '2-D'}    {rate:8.1f}   {middle / 1000:9.0f}"
                told += f"   {largest / 1000:10.0f}   {steps:7.1f}   {by_itself:5.1f}"
                print(f"{told}   {states:8.1f}   {first:10.1f}", flush=True)
                page.close()
    finally:
        browser.close()
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
