"""What tracing every signal to its origin costs, in ordinary field steps: 10,000 cells of three types and
vessels.

    python benchmarks/provenance.py

One ordinary field step is `Exchange.advance` of the ligand in a running model: deposit, transport, sense. One
trace is all of `Provenance.trace`: a tagged field per sender (three cell types, blood, boundary) and four
moments for the distances, each solved (steady ligand) or already there (transient), and the self-signal of
every cell. For a transient ligand the tags' share of every step is told beside it.
"""

import platform
import time

from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel

SCENARIO = """
title = "provenance"
[run]
duration = "1 day"
[blood]
volume = "1 mL"
ligand.IL6.initial = "0.01 nM"
[tissue.tumor]
size = [{size}]
spacing = "20 um"
[ligand.IL6]
diffusion = "6000 um^2/min"
decay = "0.05 1/min"
transport = "{transport}"
[cell.vessel]
radius = "5 um"
[[cell.vessel.exchanges]]
ligand = "IL6"
permeability_area = "3000 um^3/min"
[[seed]]
cell = "vessel"
pattern = "random"
number = 100
"""
CELL = """
[cell.{name}]
radius = "{radius} um"
[[cell.{name}.secretes]]
ligand = "IL6"
rate = "60 molecules/min"
[[cell.{name}.takes_up]]
ligand = "IL6"
clearance = "{clearance} um^3/min"
[[seed]]
cell = "{name}"
pattern = "{pattern}"
number = {number}
"""
CASES = {
    "3-D, scattered, 64³": ('"1280 um", "1280 um", "1280 um"', "random"),
    "3-D, packed, 64³": ('"1280 um", "1280 um", "1280 um"', "sphere"),
    "slab, scattered, 150²": ('"3000 um", "3000 um", "20 um"', "random"),
    "culture, scattered, 75² × 10": ('"1500 um", "1500 um", "200 um"', "random"),
}


def build(size, pattern, transport):
    text = SCENARIO.format(size=size, transport=transport)
    for name, radius, clearance, number in (
        ("a", 6, 20000, 5000),
        ("b", 5, 40000, 3000),
        ("c", 7, 5000, 1900),
    ):
        text += CELL.format(name=name, radius=radius, clearance=clearance, number=number, pattern=pattern)
    model = TumorModel(parse_text(text))
    tissue = model.tissues["tumor"]
    tissue.exchange.locate(tissue.cells, whole=True)
    return model, tissue


def best(function, repeats=3):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def measure(size, pattern, transport):
    """Seconds of an ordinary field step, of moving the tags along with one, and of a trace."""
    model, tissue = build(size, pattern, transport)
    cells, exchange = tissue.cells, tissue.exchange
    tissue.follow_origins(0.0)
    provenance = tissue.provenance["IL6"]

    def advance():
        exchange.fields[0].concentration *= 0.9  # something to do: a steady field would start from its answer
        exchange.advance(cells, 0, 6.0, 0.006)

    def follow():
        tissue.follow(0, 6.0)

    def trace():
        for tag in (*provenance.tags.values(), *provenance.moments):
            tag.concentration *= 0.9
        provenance.trace(cells, 60.0, 0.006)

    advance()
    follow()
    trace()
    step = best(advance)
    return step, best(follow), best(trace)


def main():
    print(f"{platform.processor() or platform.machine()}, one thread, CPU time")
    print(
        f"{'case':30s}{'ligand':>11s}{'field step':>13s}{'trace':>10s}{'in steps (goal: 30)':>21s}{'tags per step':>15s}"
    )
    for case, (size, pattern) in CASES.items():
        for transport in ("steady", "transient"):
            step, follow, trace = measure(size, pattern, transport)
            tags = f"{follow / step:.1f}" if transport == "transient" else "-"
            line = f"{case:30s}{transport:>11s}{1e3 * step:10.1f} ms{1e3 * trace:7.0f} ms{trace / step:21.1f}"
            print(f"{line}{tags:>15s}", flush=True)


if __name__ == "__main__":
    main()
