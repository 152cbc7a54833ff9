"""The command ``autocrine``: parse, make one library call, print.

Exit codes: 0 done, 2 the user's input is wrong, 1 anything else. The simulator itself is only imported by the
commands that simulate, so that help, lists and checks answer at once. One module here per command or family of them.
"""

from autocrine_abm.cli.analyze import analyze
from autocrine_abm.cli.app import main
from autocrine_abm.cli.calibrate import calibrate
from autocrine_abm.cli.dashboard import dashboard
from autocrine_abm.cli.film import film
from autocrine_abm.cli.lineage import lineage
from autocrine_abm.cli.report import report
from autocrine_abm.cli.resume import resume
from autocrine_abm.cli.run import run
from autocrine_abm.cli.scenarios import check, list_scenarios, show
from autocrine_abm.cli.sweep import sweep
from autocrine_abm.cli.verify import verify

__all__ = [
    "analyze", "calibrate", "check", "dashboard", "film", "lineage", "list_scenarios", "main", "report", "resume", "run",
    "show", "sweep", "verify",
]  # fmt: skip
