"""The recipes for SLURM in docs/cluster.md, with commands that do on this machine what SLURM does on many."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autocrine_abm.experiments.sweep import sweep

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "cluster.md").read_text("utf-8")
VARY = ["cell.cancer.apoptosis_rate = 0, 0.1 1/hour"]
OPTIONS = {"overrides": {"run.duration": "1 hour"}, "replicates": 3}
COMMANDS = {
    # runs the job behind the back of its caller, and says how it may be cancelled
    "sbatch": 'cp "$1" "$0.script.$$"; bash "$0.script.$$" >"$0.log.$$" 2>&1 </dev/null & echo "Submitted batch job $!"',
    "scancel": 'for job in "$@"; do pkill -P "$job"; kill "$job"; done 2>/dev/null; true',
    "srun": '"$@" & "$@" & wait',  # --ntasks=2
    "autocrine": f'exec {sys.executable} -m autocrine_abm "$@"',
    "dask": f'exec {sys.executable} -m dask "$@"',
    "python": f'exec {sys.executable} "$@"',
}


@pytest.fixture
def slurm(tmp_path):
    """An environment in which SLURM seems to be there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, line in COMMANDS.items():
        (folder / name).write_text(f"#!/bin/bash\n{line}\n")
        (folder / name).chmod(0o755)
    return os.environ | {
        "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
        "SLURM_JOB_ID": "7", "SLURM_SUBMIT_DIR": str(tmp_path),
        "DASK_DISTRIBUTED__DASHBOARD__LINK": "", "DASK_JOBQUEUE__SLURM__INTERFACE": "lo",
    }  # fmt: skip


def recipe(language, having):
    """The block of code of the documentation that has a word in it, about a sweep that takes no time."""
    blocks = re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    (block,) = [block for block in blocks if having in block]
    return block


def tables(folder):
    return [(folder / name).read_bytes() for name in ("table.csv", "table.parquet")]


@pytest.mark.slow
def test_both_recipes_give_the_table_of_a_laptop(tmp_path, slurm):
    calm = sweep("minimal", VARY, tmp_path / "calm", workers=2, **OPTIONS)
    code = recipe("python", "SLURMCluster").replace("maximum_jobs=200", "maximum_jobs=2")
    code = code.replace('sweep("allee_threshold", folder="runs/allee",', f'sweep("minimal", {VARY}, "jobs", **{OPTIONS},')
    short = f'minimal --out one --vary "{VARY[0]}" --replicates 3 --set "run.duration=1 hour"'
    job = recipe("sh", "#SBATCH").replace("allee_threshold --out runs/allee", short)
    (tmp_path / "recipe.py").write_text(code)
    (tmp_path / "job.sh").write_text(job + "\nkill $(jobs -p)\n")  # as SLURM does at the end of a job
    for command in ([sys.executable, "recipe.py"], ["bash", "job.sh"]):
        done = subprocess.run(command, cwd=tmp_path, env=slurm, capture_output=True, text=True, timeout=300)
        assert done.returncode in (0, 143), done.stderr[-2000:]
    assert tables(tmp_path / "jobs") == tables(calm.path) == tables(tmp_path / "one")
