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
RUNS = 20 + 6 * KILLS
VICTIMS = ("worker", "sweep", "fork server", "worker", "sweep", "worker")  # in turn


def command(folder, workers):
    return [
        sys.executable, "-m", "autocrine_abm", "sweep", "minimal", "--vary", "cell.cancer.apoptosis_rate=0, 0.02 1/hour",
        "--replicates", str(RUNS // 2), "--set", "run.duration=6 hour", "--workers", str(workers), "--quiet",
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


def test_kills_at_random_moments_leave_the_same_table(tmp_path):
    calm = start(tmp_path / "calm", workers=1)
    assert calm.wait(300) == 0, calm.stderr.read()
    draws, folder = random.Random(7), tmp_path / "killed"
    made = dict.fromkeys(VICTIMS, 0)
    process, sittings = start(folder, workers=2), 1
    while sum(made.values()) < KILLS:
        time.sleep(draws.uniform(0.05, 2.5))
        if process.poll() is not None:  # a sitting came to its end (a run that was killed twice counts as failed)
            assert process.returncode in (0, 1), process.stderr.read()
            done = [entry["run"] for _, entry in Journal.entries(folder / "journal") if entry.get("message") == ""]
            assert len(done) < RUNS, f"finished after {made}: more runs are needed for so many kills"
        else:
            victim = VICTIMS[sum(made.values()) % len(VICTIMS)]
            if not kill(process, victim, draws):
                continue
            made[victim] += 1
            if victim != "sweep":
                continue
        process, sittings = start(folder, workers=draws.choice((1, 2, 3))), sittings + 1
    while process.wait(600) != 0:
        assert sittings < 3 * KILLS + 5, process.stderr.read()
        process, sittings = start(folder, workers=2), sittings + 1
    for name in ("table.csv", "table.parquet"):
        assert (folder / name).read_bytes() == (tmp_path / "calm" / name).read_bytes()
    done = [entry["run"] for _, entry in Journal.entries(folder / "journal") if entry.get("message") == ""]
    assert sorted(done) == list(range(RUNS)), "a run was lost, or done again after it was kept"
    print(f"\n{sum(made.values())} kills in {sittings} sittings of {RUNS} runs: {made}")
