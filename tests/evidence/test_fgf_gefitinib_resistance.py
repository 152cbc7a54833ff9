"""FGF2 under gefitinib: what a trap leaves of a lone cell's own signal, and whom it stops."""

from math import pi

import pytest

from autocrine_abm.evidence.comparison import compare

DIFFUSION, RADIUS, RELEASE = 300.0, 7.5, 60.0  # µm²/min, µm, molecules/min
KM = 0.11 / 0.6 * 0.602214  # molecules/µm³
UPTAKE = 10000 * 0.05 / KM + 1500  # µm³/min
LONE = {
    "tissue.gel.size": ["150 um", "150 um", "150 um"], "run.duration": "4 hour", "record.every": "4 hour",
    "seed": [{"cell": "adapted", "pattern": "random", "number": 1}],
}  # fmt: skip


def test_a_trap_at_the_dose_of_diffusion_halves_what_a_lone_cell_senses():
    free = RELEASE / (UPTAKE + 4 * pi * DIFFUSION * RADIUS)
    captured = UPTAKE / (UPTAKE + 4 * pi * DIFFUSION * RADIUS)
    dose = DIFFUSION / (0.06 * RADIUS**2 * (1 - captured) ** 2)  # nM
    seen = compare(
        "fgf_gefitinib_resistance", arms=["control"], seeds=(1,),
        overrides=LONE | {"regimen.2.concentration": f"{dose} nM"},
        measure=lambda model: {"occupancy": float(model.tissues["gel"].cells.occupancy[0, 0])},
    )  # fmt: skip
    occupancy = seen.at("occupancy")[0]
    # 2.1 %: what the near field is off by at most for voxels of 0.5 to 3.3 radii
    assert KM * occupancy / (1 - occupancy) == pytest.approx(free / 2, rel=0.021)


def test_a_trap_stops_those_that_others_feed_but_not_those_that_feed_themselves():
    small = {"tissue.gel.size": ["150 um", "150 um", "150 um"], "seed.0.number": 60, "run.duration": "5 day"}
    few = small | {"record.every": "5 day", "cell.sensitive.rule.4.to": "2e-3 1/hour"}
    arms = ["gefitinib_trap", "gefitinib_inhibitor", "gefitinib_fed_trap"]
    seen = compare("fgf_gefitinib_resistance", arms=arms, seeds=(1,), overrides=few)
    own, inhibited, fed = (seen.at("adapted.FGFR", arm)[0] for arm in arms)
    assert own > 0.9
    assert inhibited < 1 / 21 + 1e-9  # 20 times its dissociation constant
    assert fed < 0.1
