"""Two uses of one VEGF, by tumor cells and by vessels, told apart by antibodies against the receptors of either."""

from math import pi

import numpy as np

from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare

__all__ = ["SCENARIO", "checks", "lone_cell", "per_cell"]

SCENARIO = "vegf_autocrine"
DIAS = "Dias et al. 2001, PNAS 98:10857"
CHATTERJEE = "Chatterjee et al. 2013, J Clin Invest"
NEITHER = "Expected where VEGF has neither use, as with both receptors blocked"
THEORY = "A sphere that releases q holds q/(4 pi D a) at its surface"
TREATED = 1440.0  # min
ALONE = {
    "tissue.skin.size": ["200 um", "200 um", "200 um"],
    "ligand.VEGF.diffusion": "100 um^2/s",
    "ligand.VEGF.decay": "0 1/min",
    "ligand.VEGF.boundary": "open",
    "cell.tumor.radius": "7.5 um",
    "cell.tumor.apoptosis_rate": "0 1/hour",
    "cell.tumor.necrosis_rate": "0 1/hour",
    "cell.tumor.secretes.0.rate": "6 molecules/min",
    "cell.tumor.receptor.0.number": 0,
    "cell.tumor.rule.0.to": "0 1/hour",  # it neither divides
    "cell.tumor.rule.4.to": "0 1/hour",  # nor dies
    "cell.tumor.rule.6.to": "6 molecules/min",  # and neither oxygen
    "cell.tumor.rule.7.to": "6 molecules/min",  # nor VEGF changes its release
    "seed": [{"cell": "tumor", "pattern": "sphere", "number": 1}],
    "run.duration": "2 hour",
    "record.every": "2 hour",
}


def lone_cell():
    """VEGF at the surface of a cell that releases 0.1 molecules/s in endless medium: simulated and expected [nM]."""
    found = compare(SCENARIO, arms=["control"], seeds=(1,), overrides=ALONE).at("VEGF.sensed")[0]
    return found, 0.1 / (4 * pi * 100 * 7.5) / 0.602214076


def per_cell(seen, arm, start=TREATED):
    """VEGF released per living tumor cell and minute since a time [min]; ndarray, one per seed."""
    rows, rates = seen.courses[(seen.courses["arm"] == arm) & (seen.courses["time"] >= start)], []
    for _, run in rows.groupby("seed", sort=True):
        time, cells, released = (run[name].to_numpy(float) for name in ("time", "alive.tumor", "VEGF.secreted"))
        rates.append((released[-1] - released[0]) / (0.5 * (cells[1:] + cells[:-1]) @ np.diff(time)))
    return np.array(rates)


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Look at a cell alone, then run all arms; `Findings`."""
    table, every = Table(SCENARIO, DIAS), in_each(seeds)
    found, expected = lone_cell()
    table.near("own VEGF at a cell that releases 0.1 molecules/s [pM]", 1e3 * expected, 1e3 * found, 0.02,
               "2 %, the error of the near field for any spacing", THEORY, ".4f")  # fmt: skip
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)

    def line(result, published, values, tolerance, verdict, source=None):
        table.line(result, published, span(values), f"{tolerance} in {every}", verdict, source)

    final = {arm: seen.at("alive.tumor", arm) for arm in seen.titles}
    for arm, words, grows in (
        ("tumor_blocked", "tumor's receptors blocked", True), ("vessels_blocked", "vessels' receptors blocked", True),
        ("both_blocked", "both blocked", False), ("knockout", "no VEGF", False),
    ):  # fmt: skip
        ratio, source = final[arm] / final["control"], NEITHER if arm == "knockout" else None
        line(f"{words}: tumor cells on day 8, of untreated", "fewer", ratio, "below 1", (ratio < 1).all(), source)
        ratio = final[arm] / seen.at("alive.tumor", arm, TREATED)
        near = "; near balance: fed well, it divides at 0.038 and dies at 0.030 per hour," if arm == "tumor_blocked" else ""
        line(f"{words}: tumor cells on day 8, of those on day 1", "delayed" if grows else "remission", ratio,
             f"{'above' if grows else 'below'} 1{near}", (ratio > 1).all() if grows else (ratio < 1).all(), source)  # fmt: skip
    for arm in ("tumor_blocked", "vessels_blocked"):
        ratio = final["both_blocked"] / final[arm]
        line(f"both blocked: tumor cells on day 8, of {arm}", "fewer", ratio, "below 1", (ratio < 1).all())
    extra = np.abs(seen.at("cells", "knockout_both") - seen.at("cells", "knockout"))
    line("cells that both antibodies change where there is no VEGF", "no off-target effect", extra, "none", (extra == 0).all(),
         "Competition for receptors that nothing binds")  # fmt: skip
    ratio = per_cell(seen, "tumor_blocked") / per_cell(seen, "control")
    line("VEGF per tumor cell, tumor's receptors blocked, of untreated", "less", ratio, "below 1", (ratio < 1).all(),
         CHATTERJEE)  # fmt: skip
    ratio = seen.ratio("alive.endothelial", "vessels_blocked")
    line("vessels on day 8, vessels' receptors blocked, of untreated", "fewer", ratio, "below 1", (ratio < 1).all(),
         "Expected of vessels that divide by VEGF")  # fmt: skip
    share = seen.share("autocrine", "VEGF")
    line("share of VEGF that tumor cells and vessels capture of their own", "not cell-autonomous", share, "below 0.1",
         (share < 0.1).all(), "Theory of a lone cell at the release of Stefanini et al. 2008")  # fmt: skip
    return Findings(table, seen)
