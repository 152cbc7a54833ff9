"""A hormone on its way from a gland through the blood to a distant organ, against two-compartment kinetics.

Well-mixed tissues of volume V lose the hormone at the rate k, vessels exchange PS (B − c) with the blood, and
the blood clears CL = k_B V_B. At steady state with Q released in the gland and another tissue on the same
blood,

    PS (c − B) + k V c = Q,     PS (o − B) + k V o = 0,     PS (c − B) + PS (o − B) = CL B,

so that without loss in tissues B = o = Q/CL, whatever PS is, and B/c = PS/(PS + CL). No distance enters.
"""

import numpy as np

from autocrine_abm.evidence.check import Table, span
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["SCENARIO", "checks", "levels", "simulate", "unaccounted"]

SCENARIO = "endocrine_pair"
SOURCE = "Two-compartment kinetics, as of VEGF in Stefanini et al. 2008, BMC Syst. Biol. 2:77"
WITHIN = 0.005  # of a level


def levels(release, exchange, clearance, loss):
    """Steady concentrations in gland, organ and blood [molecules/µm³].

    Parameters
    ----------
    release : float
        Q [molecules/min].
    exchange, clearance, loss : float
        PS of either tissue, CL of the blood, and kV of either tissue [µm³/min].
    """
    balance = [
        [exchange + loss, 0.0, -exchange],
        [0.0, exchange + loss, -exchange],
        [-exchange, -exchange, 2 * exchange + clearance],
    ]
    return np.linalg.solve(balance, [release, 0.0, 0.0])


def simulate(spec):
    """Run to the end; the model."""
    model = TumorModel(spec)
    while model.running:
        model.step()
    return model


def unaccounted(model):
    """Molecules neither in tissues or blood nor decayed or eliminated, as a share of all released [-]."""
    released = model.clock.time * float(
        sum(tissue.cells.secretion_rate.sum() for tissue in model.tissues.values())
    )
    pool = model.blood.pools["hormone"]
    books = [tissue.fields["hormone"].ledger for tissue in model.tissues.values()]
    found = pool.present + pool.eliminated + sum(book.present + book.decayed + book.lost for book in books)
    return abs(found - released) / released


def checks(progress=None, permeabilities=(2e3, 2e4, 2e5)):
    """Let the pair come to rest for several vessel permeabilities, and compare; a list of `Check`.

    Parameters
    ----------
    progress : callable, optional
        Called with a line of text before each run.
    permeabilities : sequence of float
        P of one vessel [µm³/min].
    """
    base, table = read(SCENARIO), Table(SCENARIO, SOURCE)
    gland, vessels = base.seed[0].number, base.seed[1].number
    release = gland * float(base.cell["secretory"].secretes[0].rate)
    clearance = float(base.blood.ligand["hormone"].elimination * base.blood.volume)
    volume = float(np.prod([float(edge) for edge in base.tissue["gland"].size]))

    def line(result, published, simulated):
        why = f"{WITHIN:g} of it (tissues are not quite well mixed: D is finite)"
        table.near(result, published, simulated, WITHIN, why, digits=".5g")

    for decay in (0.0, 0.05):
        for permeability in permeabilities:
            exchange = vessels * permeability
            if progress:
                progress(f"{SCENARIO}: PS = {exchange:g} um3/min, decay in tissues {decay:g} 1/min")
            spec = override(
                base,
                {
                    "cell.vessel.exchanges.0.permeability_area": f"{permeability} um^3/min",
                    "ligand.hormone.decay": f"{decay} 1/min",
                },
            )
            model = simulate(spec)
            c, o, blood = levels(release, exchange, clearance, decay * volume)
            fields = {name: tissue.fields["hormone"].concentration for name, tissue in model.tissues.items()}
            pool = model.blood.pools["hormone"]
            name = f"PS/CL {exchange / clearance:g}, decay {decay:g}/min"
            line(f"{name}: gland [1/um3]", c, fields["gland"].mean())
            line(f"{name}: blood [1/um3]", blood, pool.concentration)
            line(f"{name}: blood over gland", blood / c, pool.concentration / fields["gland"].mean())
            line(f"{name}: organ [1/um3]", o, fields["organ"].mean())
            if decay == 0:
                sensed = model.tissues["organ"].cells.sensed[vessels:, 0]
                spread = float(np.ptp(sensed) / sensed.mean())
                table.line(
                    f"{name}: what sensors at all places in the organ see [1/um3]",
                    f"{blood:.5g}", span(sensed, ".5g"), f"{WITHIN:g} of it (all see the blood)",
                    spread < WITHIN and abs(sensed.mean() / blood - 1) < WITHIN,
                )  # fmt: skip
            missing = unaccounted(model)
            table.line(
                f"{name}: molecules unaccounted for in tissues and blood",
                "0", f"{missing:.1e}", "1e-9 of those released (rounding)", missing < 1e-9,
            )  # fmt: skip
    return table
