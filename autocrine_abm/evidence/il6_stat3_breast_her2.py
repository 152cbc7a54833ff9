"""Whose IL-6 counts: tumor cells that over-express HER2, and carcinoma in situ beside fibroblasts.

Two tissues in one file: a tumor, in which drugs and silenced IL-6 show what the loop does, and a co-culture, in which
IL-6 is silenced in the one, the other or both cell types.
"""

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare

__all__ = ["SCENARIO", "Watch", "checks"]

SCENARIO = "il6_stat3_breast_her2"
HARTMAN = "Hartman et al. 2011, Cancer Res 71:4380"
OSUALA = "Osuala et al. 2015, PMC4535667"
KIM = "Kim et al. 2015, Oncol Lett, doi:10.3892/ol.2015.3019, of lung lines"
COMPETITION = "competition for one site"


class Watch:
    """Measures of a run besides its time series: release per tumor cell, and the ways of carcinoma cells."""

    def __init__(self):
        self._start = None

    def __call__(self, model):
        """Numbers now, dict; the run starts anew at step 0."""
        tumor, gel = model.tissues["tumor"].cells, model.tissues["coculture"].cells
        carcinoma = (gel.cell_type == list(model.spec.cell).index("carcinoma")) & (gel.phase == ALIVE)
        place = gel.position[carcinoma, :2].copy()
        if model.clock.step == 0:
            self._start = place
        size = np.array(model.tissues["coculture"].mesh.size[:2])
        way = place - self._start  # nobody is born or dies there, and few go half across
        way -= size * np.round(way / size)
        return {
            "released": float(tumor.secretion_rate[tumor.phase == ALIVE, 0].mean()),  # [molecules/min]
            "migrated": float(np.hypot(*way.T).mean()),  # [µm]
            "carcinoma_sensed": float(gel.sensed[carcinoma, 0].mean()),  # [molecules/µm³]
        }


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, measure=Watch(), progress=progress)
    table = Table(SCENARIO, HARTMAN)
    every = in_each(seeds, "pairs of runs")

    def line(result, published, values, tolerance, verdict, source=None):
        table.line(result, published, span(values, ".3g"), f"{tolerance}, in {every}", verdict.all(), source)

    for measure, words in (("released", "IL-6 released per cell"), ("HER2_positive.STAT3", "STAT3")):
        raised = seen.ratio(measure, "control", "parental")
        line(f"over-expressed HER2: {words}, of cells without", "raised", raised, "> 1", raised > 1)
    left = seen.ratio("released", "HER2_inhibitor")
    line("HER2 inhibitor: IL-6 released per cell, of untreated", "removed", left, "< 0.1", left < 0.1)
    grown = {arm: seen.ratio("alive.HER2_positive", arm) for arm in seen.titles}
    for arm, words in (("silenced", "IL-6 silenced"), ("STAT3_inhibitor", "STAT3 inhibitor"), ("tocilizumab", "tocilizumab")):
        line(f"{words}: cells at 48 h, of untreated", "lowered", grown[arm], "< 1", grown[arm] < 1,
             KIM if arm == "tocilizumab" else None)  # fmt: skip
    more = grown["silenced"] / grown["STAT3_inhibitor"]
    line("IL-6 silenced: cells at 48 h, of those under STAT3 inhibitor", "fewer", more,
         "< 1; the model lets IL-6 act on ERK too", more < 1)  # fmt: skip
    other = seen.ratio("alive.HER2_positive", "knockout_tocilizumab", "knockout")
    line("cells without IL-6: cells under tocilizumab, of without", "1", other, "the same, no other target", other == 1,
         COMPETITION)  # fmt: skip

    ways = {arm: seen.ratio("migrated", arm) for arm in seen.titles if arm.startswith("silent")}
    line("IL-6 silenced in fibroblasts: way of carcinoma cells, of untreated", "abolished", ways["silent_fibroblast"],
         "< 0.1", ways["silent_fibroblast"] < 0.1, OSUALA)  # fmt: skip
    line("IL-6 silenced in carcinoma cells: way of carcinoma cells, of untreated", "no effect", ways["silent_carcinoma"],
         "within 10 %", abs(ways["silent_carcinoma"] - 1) < 0.1, OSUALA)  # fmt: skip
    line("IL-6 silenced in both: way of carcinoma cells, of untreated", "none", ways["silent_both"],
         "none: they move by IL-6 only", ways["silent_both"] == 0, "no IL-6, nothing to move by")  # fmt: skip
    return Findings(table, seen)
