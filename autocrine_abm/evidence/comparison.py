"""The arms of a scenario, run side by side with the same seeds: what a therapy, or a cut loop, changes.

A drug's effect is told from its off-target effects by an arm in which the cells themselves no longer secrete.
Every measure is taken in every arm and replicate, and returned as two tidy tables.
"""

from dataclasses import dataclass

import numpy as np

from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.measure.signaling import cell_table, headlines
from autocrine_abm.output.series import series_row
from autocrine_abm.scenario.arm import CONTROL
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

__all__ = ["Comparison", "compare", "level"]


@dataclass(frozen=True)
class Comparison:
    """What was seen in all arms of a scenario.

    Parameters
    ----------
    scenario : str
    titles : dict of str to str
        What each arm is, in the order of the file, the control first.
    courses : DataFrame
        A row per arm, seed and recorded time [min]: all numbers of the time series (`output.series.series_row`),
        ``alive.TYPE`` and ``TYPE.NODE``, the mean of a pathway node over living cells.
    shares : DataFrame
        A row per arm, seed, tissue and ligand at the end, or as often as asked: `measure.signaling.headlines`.
    """

    scenario: str
    titles: dict
    courses: "object"
    shares: "object"

    def at(self, measure, arm=CONTROL, time=None):
        """Values of one measure, one per seed, at the last recorded time up to `time` [min]; ndarray."""
        rows = self.courses[self.courses["arm"] == arm]
        if time is not None:
            rows = rows[rows["time"] <= time + 1e-6]
        return rows.groupby("seed", sort=True)[measure].last().to_numpy(float)

    def ratio(self, measure, arm, of=CONTROL):
        """Last values of one measure in an arm over those in another, seed by seed; ndarray."""
        return self.at(measure, arm) / self.at(measure, of)

    def growth_rate(self, measure, arm=CONTROL, start=0.0, end=np.inf):
        """Net growth rate of a number of cells between two times [1/min], one per seed; ndarray."""
        rows = self.courses[(self.courses["arm"] == arm) & self.courses["time"].between(start - 1e-6, end + 1e-6)]
        rates = []
        for _, run in rows.groupby("seed", sort=True):
            time, cells = run["time"].to_numpy(float), run[measure].to_numpy(float)
            rates.append(np.log(max(cells[-1], 0.5) / cells[0]) / (time[-1] - time[0]))
        return np.array(rates)

    def share(self, label, ligand, arm=CONTROL, tissue=None):
        """A headline share such as "autocrine" at the last look, one value per seed; ndarray."""
        rows = self.shares[(self.shares["arm"] == arm) & (self.shares["ligand"] == ligand)]
        if tissue is not None:
            rows = rows[rows["tissue"] == tissue]
        return rows.groupby("seed", sort=True)[label].last().to_numpy(float)


def compare(scenario, arms=None, seeds=(1, 2, 3), overrides=(), trace_every=None, measure=None, progress=None):
    """Run arms of a shipped scenario with the same seeds.

    Parameters
    ----------
    scenario : str
        Name or path.
    arms : sequence of str, optional
        Which arms; left out, the control and all that the file declares.
    seeds : sequence of int
    overrides : dict or iterable of str
        Changes to all arms.
    trace_every : float, optional
        Interval at which origins of signals are traced [min]; left out, at the end only.
    measure : callable, optional
        ``measure(model)`` returns a dict of more numbers, taken whenever the time series is.
    progress : callable, optional
        Called with a line of text before each run.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> seen = compare("minimal", seeds=(1,), overrides={"run.duration": "30 min", "record.every": "10 min"})
    >>> seen.at("cells").shape, sorted(set(seen.shares["ligand"]))
    ((1,), ['growth_factor'])
    """
    import pandas as pd

    base = read(scenario, overrides)
    titles = {CONTROL: "as it stands"} | {name: arm.title or name for name, arm in base.arm.items()}
    chosen = list(titles) if arms is None else list(arms)
    courses, shares = [], []
    for arm in chosen:
        spec = read(scenario, overrides, arm)
        for seed in seeds:
            if progress:
                progress(f"{base.title}: {arm}, seed {seed}")
            rows, looks = _run(override(spec, {"run.seed": int(seed)}), trace_every, measure)
            courses += [{"arm": arm, "seed": seed} | row for row in rows]
            for look in looks:
                look.insert(0, "arm", arm)
                look.insert(1, "seed", seed)
                shares.append(look)
    table = pd.concat(shares, ignore_index=True) if shares else pd.DataFrame(columns=["arm", "seed", "tissue", "ligand"])
    table = table.astype({"tissue": str, "ligand": str})
    return Comparison(str(scenario), {arm: titles[arm] for arm in chosen}, pd.DataFrame(courses), table)


def _run(spec, trace_every, measure):
    """Rows of the time series and tables of shares of one run, senders told apart from its start."""
    model = TumorModel(override(spec, {"record.signaling": spec.run.duration.text}))
    every = max(1, round(spec.record.every / spec.run.behavior_step))
    looks_every = spec.run.n_steps if trace_every is None else max(1, round(trace_every / spec.run.behavior_step))
    rows, looks = [_row(model, measure)], []
    while model.running:
        model.step()
        if model.clock.step % every == 0 or not model.running:
            rows.append(_row(model, measure))
        if spec.ligand and (model.clock.step % looks_every == 0 or not model.running) and model.n_cells:
            model.trace()
            looks.append(headlines(cell_table(model.tissues).assign(time=model.clock.time)))
    return rows, looks


def _row(model, measure):
    row = {name: value for name, (value, _) in series_row(model).items()}
    for kind, name in enumerate(model.spec.cell):
        sums, number = {}, 0
        for tissue in model.tissues.values():
            cells = tissue.cells
            alive = (cells.cell_type == kind) & (cells.phase == ALIVE)
            number += int(np.count_nonzero(alive))
            for node in model.spec.cell[name].node:
                sums[node] = sums.get(node, 0.0) + float(level(cells, node)[alive].sum())
        row[f"alive.{name}"] = number
        row |= {f"{name}.{node}": total / number if number else np.nan for node, total in sums.items()}
    return row | (measure(model) if measure else {})


def level(cells, node):
    """State of a pathway node in every cell; a view of shape (n,)."""
    return cells.node[:, list(cells.node_names).index(node)]
