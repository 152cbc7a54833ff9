"""Findings are kept while nothing changes, and their page says what they say."""

import json
import os
import subprocess
import sys
import time

import pytest

from autocrine_abm.errors import AutocrineError
from autocrine_abm.evidence import cache, checks
from autocrine_abm.evidence.check import Check, Findings
from autocrine_abm.evidence.comparison import compare
from autocrine_abm.evidence.page import write_page

BRIEF = {"run.duration": "1 hour", "record.every": "30 min"}


@pytest.fixture
def counted(monkeypatch):
    """A system whose findings are made up; how often they were asked for."""
    asked = []

    def find(name, progress=None):
        asked.append(name)
        right = Check(name, "seven", "7", "7.0", "none", True, "a <paper>")
        return Findings([right, Check(name, "eight", "8", "9", "0.1", False, "")])

    monkeypatch.setattr(checks, "find", find)
    return asked


def test_findings_are_reused_until_something_changes(counted, tmp_path, monkeypatch):
    first = checks.verify(["lone_cell"], folder=tmp_path)
    again = checks.verify(["lone_cell"], folder=tmp_path)
    assert first == again and counted == ["lone_cell"]
    checks.verify(["lone_cell"], folder=tmp_path, fresh=True)
    monkeypatch.setattr(cache, "fingerprint", lambda name: "other code")
    checks.verify(["lone_cell"], folder=tmp_path)
    assert counted == ["lone_cell"] * 3


def test_damaged_findings_are_found_anew(counted, tmp_path):
    checks.verify(["lone_cell"], folder=tmp_path)
    kept = tmp_path / "lone_cell" / "findings.json"
    kept.write_text(kept.read_text()[:-40])
    checks.verify(["lone_cell"], folder=tmp_path)
    assert len(counted) == 2 and json.loads(kept.read_text())["checks"][0]["result"] == "seven"


def test_an_unknown_system_is_refused():
    with pytest.raises(AutocrineError, match="'lone_cel' has no published results.*Did you mean 'lone_cell'"):
        checks.verify(["lone_cel"])


def test_arms_share_their_seeds_and_survive_the_folder(tmp_path):
    seen = compare("minimal", seeds=(1, 2), overrides=BRIEF)
    again = compare("minimal", arms=["control"], seeds=(2,), overrides=BRIEF)
    assert (seen.at("cells")[1] == again.at("cells")).all()
    assert list(seen.courses["time"].unique()) == [0, 30, 60]
    total = seen.shares[["autocrine", "paracrine", "endocrine", "boundary"]].sum(axis=1)
    assert abs(total - 1).max() < 1e-6
    findings = Findings([Check("minimal", "r", "1", "1", "0", True, "s")], seen, 3.0)
    cache.save(tmp_path, "minimal", "key", findings)
    kept = cache.load(tmp_path, "minimal", "key")
    assert kept.checks == findings.checks and kept.comparison.titles == seen.titles
    assert kept.comparison.courses.equals(seen.courses) and kept.comparison.shares.equals(seen.shares)


def test_the_page_tells_what_failed(tmp_path):
    seen = compare("minimal", seeds=(1,), overrides=BRIEF)
    found = [Check("minimal", "a < b", "1", "2", "0", False, "x"), Check("minimal", "c", "1", "1", "0", True, "x")]
    page = write_page(tmp_path, {"minimal": Findings(found, seen)}).read_text()
    assert "1 of 2 results reproduced" in page and "a &lt; b" in page and "✗ fails" in page
    assert "Where signals came from" in page and "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.skipif(os.name != "posix", reason="asks for a process by signal 0")
def test_a_worker_ends_with_its_parent():
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    code = f"from autocrine_abm.evidence.checks import _die_with; import time; _die_with({parent.pid}); time.sleep(60)"
    worker = subprocess.Popen([sys.executable, "-c", code])
    time.sleep(0.5)
    assert worker.poll() is None
    parent.kill()
    parent.wait()
    assert worker.wait(timeout=20) == 1
