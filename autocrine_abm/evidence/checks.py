"""All published results that the simulator is held to, by scenario; run in parallel, kept while nothing changes."""

import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from difflib import get_close_matches
from importlib import import_module
from multiprocessing import get_context

from autocrine_abm.errors import AutocrineError
from autocrine_abm.evidence import cache
from autocrine_abm.evidence.check import Findings

__all__ = ["SYSTEMS", "find", "verify"]

#: Scenario name → module here whose ``checks(progress)`` runs it and returns a list of `Check`, or `Findings`. Those
#: that take long come first, so that none of them is left alone at the end.
SYSTEMS = {
    "allee_glioblastoma": "allee",
    "il1_monocyte": "il1_monocyte",
    "il2_clonal_expansion": "il2_clonal_expansion",
    "pdgf_emt": "pdgf_emt",
    "vegf_autocrine": "vegf_autocrine",
    "endocrine_relay": "endocrine_relay",
    "il6_stat3_lung": "il6_stat3_lung",
    "tnf_smac": "tnf_smac",
    "rantes_tamoxifen": "rantes_tamoxifen",
    "her2_lapatinib": "her2_lapatinib",
    "fgf_gefitinib_resistance": "fgf_gefitinib_resistance",
    "wnt_breast": "wnt_breast",
    "wnt_colorectal": "wnt_colorectal",
    "il6_stat3_breast_her2": "il6_stat3_breast_her2",
    "range_dial": "range_dial",
    "lone_cell": "lone_cell",
    "cell_layer": "cell_layer",
    "cells_in_suspension": "suspension",
    "cytokine_niche": "niche",
    "endocrine_pair": "endocrine_pair",
}


def find(name, progress=None):
    """Run the checks of one scenario; `Findings`."""
    started = time.perf_counter()
    found = import_module(f"autocrine_abm.evidence.{SYSTEMS[name]}").checks(progress)
    if not isinstance(found, Findings):
        found = Findings(found)
    return Findings(found.checks, found.comparison, time.perf_counter() - started)


def verify(names=("all",), progress=None, folder=None, fresh=False, workers=None):
    """Reproduce published results.

    Parameters
    ----------
    names : sequence of str
        Scenario names that have checks, or ``"all"``.
    progress : callable, optional
        Called with a line of text when something takes a while.
    folder : path, optional
        Where findings are kept; those that are there are taken while neither code nor scenario has changed.
    fresh : bool
        Find anew whatever is kept.
    workers : int, optional
        Processes; left out, one per processor, at most one per scenario. One works in this process.

    Returns
    -------
    dict of str to Findings
        By scenario, in the order asked for.

    Raises
    ------
    AutocrineError
        If a scenario has no checks.
    """
    wanted = list(SYSTEMS) if "all" in names else list(dict.fromkeys(names))
    for name in wanted:
        if name not in SYSTEMS:
            close = get_close_matches(name, SYSTEMS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise AutocrineError(f"'{name}' has no published results to check; accepted are all, {', '.join(SYSTEMS)}.{hint}")
    keys = {name: cache.fingerprint(name) if folder else "" for name in wanted}
    found = {}
    if folder and not fresh:
        found = {name: kept for name in wanted if (kept := cache.load(folder, name, keys[name])) is not None}
    missing = [name for name in SYSTEMS if name in wanted and name not in found]
    for name, findings in _find_all(missing, progress, workers or os.cpu_count() or 1):
        found[name] = findings
        if folder:
            cache.save(folder, name, keys[name], findings)
    return {name: found[name] for name in wanted}


def _find_all(names, progress, workers):
    """Scenario and findings, as they come."""
    if min(len(names), workers) <= 1:
        for name in names:
            yield name, find(name, progress)
        return
    context = get_context("forkserver" if os.name == "posix" else "spawn")
    with ProcessPoolExecutor(min(workers, len(names)), context, _die_with, (os.getpid(),)) as pool:
        running = {pool.submit(find, name): name for name in names}
        try:
            for done, future in enumerate(as_completed(running), 1):
                findings = future.result()
                if progress:
                    progress(f"{running[future]}: {findings.seconds:.0f} s ({done} of {len(names)})")
                yield running[future], findings
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _die_with(parent):
    """End this process soon after its parent is gone, however that ended."""

    def watch():
        while True:
            try:
                os.kill(parent, 0)  # only asks whether it is there
            except OSError:
                os._exit(1)
            time.sleep(1.0)

    if os.name == "posix":
        threading.Thread(target=watch, daemon=True).start()
