"""What a sweep costs beside its runs: 1,000 runs of about 0.2 s on all cores, and the memory of 10,000 runs.

The ideal time is the sum of the wall times of the runs, as the workers measured them, divided by the number of workers. What
comes on top is starting the workers, handing out, keeping and collecting. The memory is that of the coordinating process; its
10,000 runs give rows at once, as many as a run of two days gives.

    python benchmarks/sweep.py [--runs 1000] [--workers N]
"""

import argparse
import resource
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autocrine_abm import sweep
from autocrine_abm.experiments.collect import Collector
from autocrine_abm.experiments.execute import execute
from autocrine_abm.experiments.plan import Plan
from autocrine_abm.experiments.single import Outcome, Task, simulate
from autocrine_abm.experiments.sweep import default_workers
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.sweep import Sweep

TARGET = 0.2  # s per run
RATE = "cell.cancer.apoptosis_rate"
FAKE_ROWS, FAKE_COLUMNS = 48, 30


def fake(number):
    """The outcome of a run that took no time."""
    columns = (("time", "min", "float"), *((f"measure.{k}", "nM", "float") for k in range(FAKE_COLUMNS)))
    line = ",".join(repr(number / (k + 3)) for k in range(FAKE_COLUMNS))
    return Outcome(number, columns, "".join(f"{60.0 * row},{line}\n" for row in range(FAKE_ROWS)))


def peak():
    """Largest memory that this process has held [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_memory(runs, folder):
    """Peak memory of a coordinator before and after so many runs [MB], and the seconds they took."""
    plan = Plan(Sweep(vary=[f"{RATE} = linear 0..1 1/hour in {runs // 100}"], replicates=100), seed=1)
    collector, before, begin = Collector(folder, plan), peak(), time.perf_counter()
    with ThreadPoolExecutor(2) as executor:
        execute(collector.missing(), int, executor, lambda: 2, collector.store, lambda running: collector.refresh(), None, fake)
    collector.write_tables()
    collector.close()
    return before, peak(), time.perf_counter() - begin


def duration_of_a_run():
    """Simulated time that takes about `TARGET` [min]."""
    simulate(Task(0, read("minimal", {"run.duration": "1 hour"}), {}, seed=1))  # loads what is compiled
    seconds = min(simulate(Task(0, read("minimal", {"run.duration": "10 hour"}), {}, seed=1)).seconds for _ in range(3))
    return max(10, round(60 * TARGET / seconds) * 10)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=default_workers())
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        before, after, seconds = measure_memory(10_000, folder)
        size = (folder / "table.csv").stat().st_size / 1e6
        print(f"10,000 runs collected in {seconds:.1f} s, {size:.0f} MB of CSV: {before:.0f} MB before, {after:.0f} MB at most")
        duration = duration_of_a_run()
        begin = time.perf_counter()
        study = sweep(
            "minimal", [f"{RATE} = 0, 0.01 1/hour"], folder / "sweep", overrides={"run.duration": f"{duration} min"},
            replicates=options.runs // 2, workers=options.workers,
        )  # fmt: skip
        total = time.perf_counter() - begin
        runs = study.runs()["seconds"]
        ideal = runs.sum() / options.workers
        print(f"{len(runs):,} runs of {runs.median():.3f} s by {options.workers} workers: {total:.1f} s, ideal {ideal:.1f} s, "
              f"ratio {total / ideal:.3f}; coordinator {peak():.0f} MB at most")  # fmt: skip
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
