"""A real Dask cluster of several worker processes on loopback: the same table, whatever dies on the way."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from distributed import LocalCluster

from autocrine_abm.experiments.cluster import Cluster
from autocrine_abm.experiments.journal import Journal
from autocrine_abm.experiments.single import resident_memory
from autocrine_abm.experiments.sweep import sweep

VARY = ["cell.cancer.apoptosis_rate = 0, 0.1 1/hour"]
OPTIONS = {"overrides": {"run.duration": "6 hour"}, "replicates": 10}


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    return sweep("minimal", VARY, tmp_path_factory.mktemp("calm"), workers=2, **OPTIONS)


def tables(study):
    return [(study.path / name).read_bytes() for name in ("table.csv", "table.parquet")]


def finished(folder):
    return sum(1 for _, entry in Journal.entries(folder / "journal") if entry.get("message") == "")


def test_a_cluster_tells_its_slots(cluster):
    there = Cluster(cluster.scheduler_address)
    assert there.slots() == 2 and there.is_there()
    assert there.executor.submit(resident_memory).result(30) > 0
    there.close()


def test_a_worker_that_is_killed_costs_nothing(tmp_path, cluster, calm):
    victims = []

    class Killer:
        def update(self, tally):
            if tally.finished >= 4 and not victims:
                victims.append(cluster.workers[0].pid)
                os.kill(victims[0], signal.SIGKILL)

    study = sweep("minimal", VARY, tmp_path / "out", scheduler=cluster.scheduler_address, progress=Killer(), **OPTIONS)
    assert victims and study.info["failed"] == 0 and tables(study) == tables(calm)


@pytest.mark.slow
def test_a_scheduler_that_is_killed_ends_the_sweep_and_another_place_continues_it(tmp_path, calm, monkeypatch):
    monkeypatch.setattr(Cluster, "PATIENCE", 1.0)
    where = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", where], **quiet
    )
    worker = [*dask, "worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--scheduler-file", where]
    workers = [subprocess.Popen(worker, **quiet) for _ in range(2)]
    try:
        while not where.exists():
            time.sleep(0.05)

        class Killer:
            def update(self, tally):
                if tally.finished >= 3:
                    scheduler.kill()

        address = json.loads(where.read_text())["address"]
        with pytest.raises(OSError, match="the same command continues"):
            sweep("minimal", VARY, tmp_path / "out", scheduler=address, progress=Killer(), **OPTIONS)
    finally:
        for process in (scheduler, *workers):
            process.kill()
            process.wait()
    assert 3 <= finished(tmp_path / "out") < calm.info["runs"]
    study = sweep("minimal", VARY, tmp_path / "out", workers=2, **OPTIONS)
    assert tables(study) == tables(calm) and finished(tmp_path / "out") == calm.info["runs"]
