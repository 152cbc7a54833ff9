"""Who dies of a Smac mimetic: the eight combinations of drug, own TNF and receptor block, and TNF from outside."""

from autocrine_abm.evidence.check import Findings, Table, in_each, span
from autocrine_abm.evidence.comparison import compare

__all__ = ["SCENARIO", "checks", "survival"]

SCENARIO = "tnf_smac"
PETERSEN = "Petersen et al. 2007, Cancer Cell 12:445"
KREPLER = "Krepler et al. 2013, PMC3618495"
DENSITY = "a lone cell captures k/(k + 4 pi D a) of its own: death that depends on density is paracrine"
BAGNALL = "Bagnall et al. 2018, Sci Signal, eaaf3998"
SPARED, KILLED = 0.9, 0.3  # of the living cells of the control
#: Arms by drug, own TNF and blocked receptor.
FACTORIAL = {
    (0, 1, 0): "control", (0, 1, 1): "blocked", (0, 0, 0): "knockout", (0, 0, 1): "blocked_knockout",
    (1, 1, 0): "smac", (1, 1, 1): "smac_blocked", (1, 0, 0): "smac_knockout", (1, 0, 1): "smac_blocked_knockout",
}  # fmt: skip


def survival(seen, arm):
    """Living cells at the end in terms of the control of the same seed; ndarray, one per seed."""
    return seen.ratio("alive.tumor", arm)


def checks(progress=None, seeds=(1, 2, 3), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    table = Table(SCENARIO, PETERSEN)
    every = in_each(seeds)

    def dies(result, arm, killed, source=None):
        left = survival(seen, arm)
        verdict = (left < KILLED).all() if killed else (left > SPARED).all()
        limit = f"< {KILLED}" if killed else f"> {SPARED}"
        table.line(f"{result}: living cells at 48 h, of untreated", "die" if killed else "live", span(left),
                   f"{limit} in {every}", verdict, source)  # fmt: skip

    for (drug, own, block), arm in FACTORIAL.items():
        if arm != "control":
            words = f"Smac mimetic {'+' if drug else '−'}, own TNF {'+' if own else '−'}, TNFR1 block {'+' if block else '−'}"
            dies(words, arm, (drug, own, block) == (1, 1, 0))
    dies("Smac mimetic, TNF neutralized", "smac_neutralized", False)
    dies("TNF given to cells without", "given_knockout", False, KREPLER)
    dies("Smac mimetic and TNF given to cells without", "smac_given_knockout", True, KREPLER)
    dense, sparse = survival(seen, "smac"), seen.ratio("alive.tumor", "smac_sparse", "sparse")
    table.line("living under Smac mimetic at 48 h, of without: a tenth of the cells; all of them", "more",
               f"{sparse.mean():.2f} against {dense.mean():.2f}", f"more in {every}", (sparse > dense).all(),
               DENSITY)  # fmt: skip
    way = {arm: _distance(seen, arm) for arm in ("control", "hungry")}
    table.line("way of TNF to its receiver with ten times the receptors [um]", "shorter",
               f"{way['hungry'].mean():.0f} against {way['control'].mean():.0f}", f"shorter for {every}",
               (way["hungry"] < way["control"]).all(), BAGNALL)  # fmt: skip
    return Findings(table, seen)


def _distance(seen, arm):
    rows = seen.shares[(seen.shares["arm"] == arm) & (seen.shares["ligand"] == "TNF")]
    return rows.groupby("seed")["rms_distance"].last().to_numpy(float)
