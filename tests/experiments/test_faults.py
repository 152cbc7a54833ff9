"""Kills at random moments: of the whole sweep, of a worker, of the fork server. Nothing is lost, nothing is doubled.

A few kills here; ``AUTOCRINE_KILLS=50 pytest tests/experiments/test_faults.py -s`` makes fifty and tells what it did.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from autocrine_abm.experiments.journal import Journal

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("AUTOCRINE_KILLS", "3"))
RUNS = 40
VICTIMS = ("worker", "sweep", "fork server", "worker", "sweep", "worker")  # in turn


def command(folder, workers):
    return [
        sys.executable, "-m", "autocrine_abm", "sweep", "minimal", "--vary", "cell.cancer.apoptosis_rate=0, 0.02 1/hour",
        "--replicates", str(RUNS // 2), "--set", "run.duration=12 hour", "--workers", str(workers), "--quiet",
        "--out", str(folder),
    ]  # fmt: skip


def start(folder, workers):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command(folder, workers), env=environment, stderr=subprocess.PIPE, text=True)


def children(process):
    """Processes below one, dict of id to command line; those of the resource tracker left out."""
    found, below = {}, [process]
    while below:
        parent = below.pop()
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rsplit(")", 1)[1].split()
                if int(fields[1]) == parent and fields[0] != "Z":
                    line = (entry.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(entry.parent.name)] = line, parent
                    below.append(int(entry.parent.name))
            except (OSError, IndexError):
                continue
    return {number: what for number, what in found.items() if "resource_tracker" not in what[0]}


def is_gone(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (OSError, IndexError):
        return True


def kill(process, victim, draws):
    """Kill -9 somebody; whether somebody was there."""
    family = children(process.pid)
    servers = [number for number, (_, parent) in family.items() if parent == process.pid]
    workers = [number for number, (_, parent) in family.items() if parent in servers]
    if victim == "sweep":
        process.kill()
        process.wait()
        deadline = time.monotonic() + 20
        while not all(map(is_gone, family)):
            assert time.monotonic() < deadline, f"orphans: {[family[n] for n in family if not is_gone(n)]}"
            time.sleep(0.02)
        return True
    chosen = workers if victim == "worker" else servers
    if chosen:
        os.kill(draws.choice(chosen), signal.SIGKILL)
    return bool(chosen)


def finished(folder):
    """Runs that are kept, list of int."""
    return [entry["run"] for _, entry in Journal.entries(folder / "journal") if entry.get("message") == ""]


def check(folder, calm):
    """All runs were kept once, and the tables are those of a sweep that nobody disturbed."""
    assert sorted(finished(folder)) == list(range(RUNS)), "a run was lost, or done again after it was kept"
    for name in ("table.csv", "table.parquet"):
        assert (folder / name).read_bytes() == (calm / name).read_bytes()


def test_kills_at_random_moments_leave_the_same_table(tmp_path):
    calm = start(tmp_path / "calm", workers=1)
    assert calm.wait(300) == 0, calm.stderr.read()
    draws, made, sweeps, sittings = random.Random(7), dict.fromkeys(VICTIMS, 0), 0, 0
    while sum(made.values()) < KILLS:
        folder, sweeps = tmp_path / f"killed{sweeps}", sweeps + 1
        process = None
        while process is None or process.poll() != 0:
            if process is None or process.poll() is not None:
                # a sitting that ends by itself with 1 has had a run killed twice, which the next one does again
                assert process is None or process.returncode in (1, -signal.SIGKILL), process.stderr.read()
                process, sittings = start(folder, workers=draws.choice((1, 2, 3))), sittings + 1
            if sum(made.values()) >= KILLS:
                process.wait(600)
                continue
            at_work = draws.random() < 0.7  # else it may be hit while it starts
            before, patience = len(finished(folder)), time.monotonic() + 60
            while at_work and process.poll() is None and len(finished(folder)) == before and time.monotonic() < patience:
                time.sleep(0.02)
            time.sleep(draws.uniform(0.0, 1.0))
            victim = VICTIMS[sum(made.values()) % len(VICTIMS)]
            if process.poll() is None:  # somebody who has ended cannot be killed
                made[victim] += kill(process, victim, draws)
        check(folder, tmp_path / "calm")
    print(f"\n{sum(made.values())} kills in {sittings} sittings of {sweeps} sweeps of {RUNS} runs: {made}")
