"""Models in one process stay out of each other's way, and threads change nothing but the time a run takes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import autocrine_abm

TWO_MODELS = """
import threading
from autocrine_abm import TumorModel

def grow(results, name):
    model = TumorModel("minimal", rng=3, threads=2, **{"seed.0.number": 60})
    model.team.smallest_slab = 1  # shares every loop, however short
    for _ in range(20):
        model.step()
    (field,) = model.fields.values()
    results[name] = model.cells.position.tobytes() + field.concentration.tobytes()

results = {}
grow(results, "alone")
threads = [threading.Thread(target=grow, args=(results, name)) for name in ("first", "second")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert results["first"] == results["second"] == results["alone"]
print("done")
"""


@pytest.mark.parametrize("layer", ["workqueue", "default"])
def test_two_models_may_run_at_once(layer):
    """numba's workqueue layer ends the process (SIGABRT) when two threads meet in it."""
    process = subprocess.run(
        [sys.executable, "-c", TWO_MODELS],
        env={**os.environ, "NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (process.returncode, process.stdout.split()) == (0, ["done"]), process.stderr


def test_no_kernel_uses_the_threads_of_numba():
    """The reason why the above holds, read from the sources."""
    sources = [path.read_text("utf-8") for path in Path(autocrine_abm.__file__).parent.rglob("*.py")]
    assert len(sources) > 20
    assert not any(
        word in source for source in sources for word in ("prange", "parallel=True", "guvectorize")
    )
