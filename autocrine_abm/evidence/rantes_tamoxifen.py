"""Who survives tamoxifen: the sixteen combinations of drug, STAT3 inhibitor, antibody and RANTES from outside."""

from itertools import product

from autocrine_abm.evidence.check import Check, Findings, in_each
from autocrine_abm.evidence.comparison import compare

__all__ = ["SCENARIO", "checks", "grows"]

SCENARIO = "rantes_tamoxifen"
YI = "Yi et al. 2013, Mol Cancer Res 11:31"
#: Arms that were published, added RANTES being in excess of an antibody where there is one.
REPORTED = ("tamoxifen", "tamoxifen_antibody", "tamoxifen_inhibitor", "tamoxifen_inhibitor_added", "tamoxifen_antibody_excess")
EXPECTED = "Expected of a way to survival from STAT3 by RANTES to its receptor"
PARTS = ("tamoxifen", "inhibitor", "antibody", "added")


def grows(seen, arm):
    """Living cells at the end in terms of those when tamoxifen comes, at 12 hours; ndarray, one per seed."""
    return seen.at("alive.resistant", arm) / seen.at("alive.resistant", arm, time=720.0)


def checks(progress=None, seeds=(1, 2), overrides=()):
    """Run all arms; `Findings`."""
    seen = compare(SCENARIO, seeds=seeds, overrides=overrides, progress=progress)
    table = []
    every = in_each(seeds)

    def lives(result, arm, dies):
        ratio = grows(seen, arm)
        verdict = (ratio < 1).all() if dies else (ratio > 1).all()
        table.append(Check(SCENARIO, f"{result}: living cells at 72 h over 12 h", "fewer" if dies else "more",
                           f"{ratio.min():.2f} to {ratio.max():.2f}", f"{'below' if dies else 'above'} 1 in {every}",
                           verdict, YI if arm in REPORTED else EXPECTED))  # fmt: skip

    for bits in product((0, 1), repeat=4):
        drug, inhibitor, antibody, added = bits
        words = ", ".join(name for name, on in zip(("tamoxifen", "STAT3 inhibitor", "antibody", "added RANTES"), bits) if on)
        arm = "_".join(name for name, on in zip(PARTS, bits) if on) or "control"
        lives(words or "untreated", arm, dies=drug and (antibody or (inhibitor and not added)))
    lives("tamoxifen, antibody, RANTES in excess of it", "tamoxifen_antibody_excess", dies=False)
    lives("tamoxifen, cells without RANTES", "tamoxifen_knockout", dies=True)
    for measure, words in (("resistant.STAT3", "STAT3"), ("RANTES.secreted", "RANTES released")):
        ratio = seen.at(measure, "tamoxifen") / seen.at(measure) * (
            1 if measure.endswith("STAT3") else seen.at("alive.resistant") / seen.at("alive.resistant", "tamoxifen")
        )
        table.append(Check(SCENARIO, f"{words} per cell under tamoxifen, of untreated", "raised", f"{ratio.mean():.2f}",
                           f"above 1 in {every}; its effect on STAT3 was set by it", (ratio > 1).all(), YI))  # fmt: skip
    return Findings(table, seen)
