"""How HER2-positive cells grow under lapatinib, dose by dose, and what neuregulin gives back to them."""

from math import log

import numpy as np

from autocrine_abm.evidence.check import Findings, Table, in_each
from autocrine_abm.evidence.comparison import compare

__all__ = ["MEASURED", "SCENARIO", "checks", "growth"]

SCENARIO = "her2_lapatinib"
HARRIS = "Harris et al. 2016, Nat Methods, doi:10.1038/nmeth.3852"
LEUNG = "Leung et al. 2015, Oncotarget 6:5678"
#: Growth of HCC1954 from 40 hours on, doublings per hour, by arm: dose [uM] and rate.
MEASURED = {
    "control": (0.0, 0.0310), "lapatinib_31nM": (0.031, 0.0268), "lapatinib_62nM": (0.062, 0.0277),
    "lapatinib_125nM": (0.125, 0.0246), "lapatinib_250nM": (0.25, 0.0193), "lapatinib_500nM": (0.5, 0.0169),
    "lapatinib_1uM": (1.0, 0.0117), "lapatinib_2uM": (2.0, 0.0098), "lapatinib_4uM": (4.0, 0.0038),
    "lapatinib_8uM": (8.0, 0.0009),
}  # fmt: skip
START, DAY = 2400.0, 1440.0  # [min]; rates were taken from 40 hours on
HALF = 0.64  # dose at half the untreated rate [uM]


def growth(seen, arm):
    """Net growth from 40 hours to the end [doublings/hour], one per seed; ndarray."""
    return seen.growth_rate("alive.HCC1954", arm, START) * 60 / log(2)


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    rate = {arm: growth(seen, arm) for arm in seen.titles}
    table = Table(SCENARIO, LEUNG)
    every = f"in {in_each(seeds)}"
    line = table.line

    for arm, (dose, published) in MEASURED.items():
        line(f"growth under {dose:g} uM lapatinib [doublings/h]", f"{published:.4f}", f"{rate[arm].mean():.4f}",
             "0.003; E0, Emax, EC50, h were fitted to these", abs(rate[arm].mean() - published) <= 0.003, HARRIS)  # fmt: skip
    half = _half_dose(rate)
    line("dose that halves growth [uM]", f"{HALF}", f"{half:.2f}", "factor 1.5: 0.003 doublings/h there; fitted too",
         1 / 1.5 <= half / HALF <= 1.5, HARRIS)  # fmt: skip

    def order(result, published, arms):
        shown = " > ".join(f"{rate[arm].mean():.4f}" for arm in arms)
        verdict = all((rate[more] > rate[less]).all() for more, less in zip(arms, arms[1:]))
        line(f"{result} [doublings/h]", published, shown, every, verdict)

    order("growth: untreated; lapatinib and neuregulin; lapatinib", "rescued in part",
          ("control", "lapatinib_NRG1", "lapatinib_1uM"))  # fmt: skip
    order("growth: lapatinib and neuregulin; pertuzumab besides", "falls", ("lapatinib_NRG1", "lapatinib_NRG1_pertuzumab"))
    order("growth: pertuzumab; lapatinib; both", "both do more than either",
          ("pertuzumab", "lapatinib_1uM", "lapatinib_pertuzumab"))  # fmt: skip
    made = {arm: seen.at("NRG1.secreted", arm, time=DAY) / seen.at("alive.HCC1954", arm, time=DAY)
            for arm in ("control", "lapatinib_1uM")}  # fmt: skip
    line("neuregulin made per cell in 24 h, with and without 1 uM lapatinib", "more",
         f"{made['lapatinib_1uM'].mean():.0f} against {made['control'].mean():.0f}", f"more {every}",
         (made["lapatinib_1uM"] > made["control"]).all())  # fmt: skip
    lowest, later = _dip(seen, "lapatinib_1uM")
    gone = np.concatenate(_dip(seen, "lapatinib_knockout"))
    line("PI3K under 1 uM lapatinib: lowest, and at 24 h", "lost, then back", f"{lowest.mean():.3f}, {later.mean():.3f}",
         f"rises {every} by more than {np.ptp(gone):.1g}, which it moves without neuregulin; how far back is not told",
         (later - lowest > np.ptp(gone)).all())  # fmt: skip
    return Findings(table, seen)


def _half_dose(rate):
    """Dose at which growth is half of that without [uM], between the doses around it on a logarithmic scale."""
    dose, mean = np.array([(MEASURED[arm][0], rate[arm].mean()) for arm in MEASURED]).T
    above = np.flatnonzero(mean > mean[0] / 2)[-1]
    if above == 0 or above == len(dose) - 1:
        return np.nan
    part = (mean[above] - mean[0] / 2) / (mean[above] - mean[above + 1])
    return dose[above] * (dose[above + 1] / dose[above]) ** part


def _dip(seen, arm):
    """PI3K at its lowest within the first 24 hours, and at 24 hours, one per seed; two ndarrays."""
    rows = seen.courses[(seen.courses["arm"] == arm) & (seen.courses["time"] <= DAY)]
    return rows.groupby("seed")["HCC1954.PI3K"].min().to_numpy(), seen.at("HCC1954.PI3K", arm, time=DAY)
