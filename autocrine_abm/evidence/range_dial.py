"""One dial: the range of a ligand alone moves its capture from the sender to neighbors and on to the blood.

While nothing reaches the next cell, a cell captures U/(U + 4πDa(1 + a/λ)) of what it releases (Berg & Purcell
1977; Shvartsman et al. 2001): checked cell by cell at ranges from a third of a radius to 13 radii. Over the
run the shares must move one way, sum to one, and every molecule be accounted for over both tissues and the
blood.
"""

import numpy as np

from autocrine_abm.evidence.check import Table
from autocrine_abm.measure.signaling import HEADLINES, SHARES, cell_table, headlines
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["checks", "lone_capture", "run_dial", "sparse_capture"]

SCENARIO = "range_dial"
LIGAND, DECOY = "VEGF", "decoy"
SOURCE = (
    "Berg & Purcell 1977, doi:10.1016/S0006-3495(77)85544-6; "
    "Shvartsman et al. 2001, doi:10.1016/S0006-3495(01)75837-7"
)
RANGES = (2.0, 5.0, 12.0, 30.0, 80.0)  # µm
NANOMOLAR = 0.602214076  # molecules/µm³


def lone_capture(clearance, diffusion, radius, ligand_range):
    """Share of its own release that a lone cell captures, U/(U + 4πDa(1 + a/λ)).

    >>> round(lone_capture(4 * np.pi * 600, 600.0, 1.0, np.inf), 12)
    0.5
    """
    return clearance / (clearance + 4 * np.pi * diffusion * radius * (1 + radius / ligand_range))


def sparse_capture(ligand_range):
    """Shares of their own release that 200 scattered cells capture, far from walls and without vessels.

    Returns
    -------
    captured : ndarray of float
        Of cells farther than 2.5 ranges and 60 µm from every wall.
    expected : float
    """
    spec = read(SCENARIO)
    ligand, cell = spec.ligand[LIGAND], spec.cell["cancer"]
    bound = (ligand.diffusion / ligand_range**2 - ligand.decay) / ligand.trap[0].k_on / NANOMOLAR
    size = ["800 um"] * 3
    model = TumorModel(
        override(
            spec,
            {
                f"ligand.{DECOY}.initial": f"{bound} nM",
                f"ligand.{DECOY}.decay": "0 1/min",
                "cell.vessel.exchanges.0.permeability_area": "0 um^3/min",
                "tissue.tumor.size": size, "tissue.metastasis.size": size,
                "seed.0.number": 100, "seed.2.number": 100,
            },
        )
    )  # fmt: skip
    model.step()
    shares = []
    for name, origins in model.trace().items():
        cells = model.tissues[name].cells
        found = origins[LIGAND]
        depth = np.minimum(cells.position, 800.0 - cells.position).min(axis=1)
        alone = (cells.cell_type == 0) & (depth > max(60.0, 2.5 * ligand_range))
        released = cells.secretion_rate[alone, list(spec.ligand).index(LIGAND)]
        shares.append(found.clearance[alone] * found.own[alone] / released)
    clearance = float(cell.takes_up[0].clearance)
    return np.concatenate(shares), lone_capture(
        clearance, float(ligand.diffusion), float(cell.radius), ligand_range
    )


def run_dial(every=6):
    """Run the scenario; headline shares over time, largest deviation of shares from one, and the balance of
    molecules.

    Parameters
    ----------
    every : int
        Steps between two looks.

    Returns
    -------
    shares : DataFrame
        `headlines` of the ligand, with `time`.
    deviation : float
        Largest |sum of the shares of a cell − 1|.
    imbalance : float
        Molecules unaccounted for over tissues and blood together, relative to all that were released.
    """
    import pandas as pd

    model = TumorModel(SCENARIO)
    index = list(model.spec.ligand).index(LIGAND)
    k_on, dt = float(model.spec.ligand[LIGAND].trap[0].k_on), model.clock.behavior_step
    parts, deviation, gone, released = [], 0.0, 0.0, 0.0
    while model.running:
        model.step()
        for tissue in model.tissues.values():
            field = tissue.fields[LIGAND]
            bound = tissue.exchange.trap(index, list(tissue.fields).index(DECOY))
            released += tissue.cells.secretion_rate[:, index].sum() * dt
            gone += tissue.cells.captured[:, index].sum() * dt
            gone += k_on * float((bound * field.average).sum()) * tissue.mesh.voxel_volume * dt
        if model.clock.step % every == 0:
            model.trace()
            table = cell_table(model.tissues)
            table.insert(0, "time", model.clock.time)
            table = table[table["ligand"] == LIGAND]
            deviation = max(deviation, float(np.abs(table[list(SHARES)].sum(axis=1) - 1).max()))
            parts.append(headlines(table))
    ledgers = [tissue.fields[LIGAND].ledger for tissue in model.tissues.values()]
    pool = model.blood.pools[LIGAND]
    brought = released + sum(ledger.added for ledger in ledgers) + pool.initial
    kept = gone + sum(ledger.decayed + ledger.present for ledger in ledgers) + pool.eliminated + pool.present
    return pd.concat(parts, ignore_index=True), deviation, abs(brought - kept) / released


def checks(progress=None):
    """Sparse cells at five ranges, then the whole dial; a list of `Check`."""
    table = Table(SCENARIO, SOURCE)
    line = table.line

    for ligand_range in RANGES:
        if progress:
            progress(f"{SCENARIO}: scattered cells, range {ligand_range:g} µm")
        captured, expected = sparse_capture(ligand_range)
        off = np.abs(captured / expected - 1).max()
        line(
            f"self-capture of scattered cells, range {ligand_range:g} µm",
            f"{expected:.5f}", f"{captured.mean():.5f} ({len(captured)} cells)",
            "each within 2 %", off <= 0.02,
        )  # fmt: skip
    if progress:
        progress(f"{SCENARIO}: the whole dial")
    shares, deviation, imbalance = run_dial()
    for tissue, part in shares.groupby("tissue", observed=True):
        own, others, blood = (part[label].to_numpy() for label in list(HEADLINES)[:3])
        course = [f"{values[0]:.2f} → {values[-1]:.2f}" for values in (own, others, blood)]
        line(f"autocrine share, {tissue}", "falls from near 1", course[0], "> 0.9 at first, falls throughout",
             own[0] > 0.9 and np.all(np.diff(own) < 0))  # fmt: skip
        peak = int(np.argmax(others))
        line(f"paracrine share, {tissue}", "rises, then falls", f"{course[1]}, {others[peak]:.2f} between",
             "largest of the three between, one maximum",
             0 < peak < len(others) - 1 and others[peak] > max(own[peak], blood[peak])
             and np.all(np.diff(others[: peak + 1]) > 0) and np.all(np.diff(others[peak:]) < 0))  # fmt: skip
        line(f"endocrine share, {tissue}", "rises to be the largest", course[2],
             "rises throughout, > 0.5 at last",
             blood[-1] > 0.5 and np.all(np.diff(blood) > 0))  # fmt: skip
    line("shares of each cell sum to one", "1", f"1 ± {deviation:.0e}", "1e-6", deviation <= 1e-6)
    line("molecules over both tissues and the blood", "all accounted for", f"{imbalance:.0e} missing",
         "1e-9 of the released",
         imbalance <= 1e-9)  # fmt: skip
    return table
