"""The same three tumors here and in pyphysicell, the PhysiCell that pip installs: seconds per simulated day, and how right.

    python benchmarks/versus_physicell.py [--jobs small large spheroid] [--minutes 60] [--without-pyphysicell]

small, large: discs of 900 and 10,300 cells on 100 × 100 voxels; spheroid: 18,000 cells on 75³ voxels with two ligands. One
thread each. Both sides start from the same positions and live by the same numbers, those of PhysiCell's default cell:
repulsion 10 and adhesion 0.4 µm/min, uptake 10 cell volumes/min, division at up to 1/1389 min, linear in oxygen between 5
and 160 mmHg, necrosis at up to 1/360 min below 5 mmHg, apoptosis at 5.3e-5/min. First nobody is born or dies until oxygen
has settled, which is compared with the exact field; then they live, and are counted against what that field predicts.

What differs: a necrotic cell shrinks at once here, and swells there before it lyses. Here a step is 6 min, fields, mechanics
and the spheroid's near field being resolved within it; there fields take 0.01 min, mechanics 0.1 min and life 6 min. There,
gradients, which nobody reads, are switched off, and the tenth of their uptake that dead cells keep is taken from them.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

os.environ.setdefault("PHYSICELL_THREADS", "1")  # before pyphysicell is imported
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np  # noqa: E402
from scipy.integrate import quad  # noqa: E402
from scipy.special import erf  # noqa: E402
from solver import processor  # noqa: E402
from uptake_ball import UptakeBall  # noqa: E402

from autocrine_abm.cells.columns import ALIVE  # noqa: E402
from autocrine_abm.scenario.files import parse_text  # noqa: E402
from autocrine_abm.simulation.model import TumorModel  # noqa: E402

try:
    import pyphysicell
    from pyphysicell import model as theirs
except ImportError:
    pyphysicell = None

DAY, STEP, SPACING = 1440.0, 6.0, 20.0  # min, min, µm
VOLUME = 2494.0  # of a cell [µm³]
UPTAKE, WALL = 10.0, 38.0  # cell volumes per min; mmHg
OXYGEN, GROWTH_FACTOR, DECAY = 1e5, 6000.0, 0.1  # µm²/min, µm²/min, 1/min
RELEASE = 100.0  # growth factor [molecules/min]
DIVISION, APOPTOSIS, NECROSIS = 0.00072, 5.31667e-5, 1 / 360  # 1/min

TEXT = """
title = "{name}"
[run]
duration = "30 day"
behavior_step = "6 min"
[tissue.tumor]
size = ["{size} um", "{size} um", "{depth} um"]
spacing = "20 um"
[ligand.oxygen]
diffusion = "1e5 um^2/min"
decay = "0.1 1/min"
solubility = "1.3 uM/mmHg"
initial = "38 mmHg"
boundary = "fixed 38 mmHg"
[cell.cancer]
radius = "8.41271 um"
[[cell.cancer.takes_up]]
ligand = "oxygen"
clearance = "24940 um^3/min"
[[seed]]
cell = "cancer"
pattern = "{pattern}"
number = {cells}
"""
SECOND_LIGAND = """
[ligand.growth_factor]
diffusion = "6000 um^2/min"
decay = "0.1 1/min"
[[cell.cancer.secretes]]
ligand = "growth_factor"
rate = "100 molecules/min"
"""


@dataclass(frozen=True)
class Job:
    """One tumor, and what others have been published to need for a simulated day of it, on one core [s]."""

    name: str
    cells: int
    dimensions: int
    size: float  # µm
    settle: float  # min until oxygen is steady to 1e-3 from the slowest wave
    share: float  # of the minutes asked for that pyphysicell runs
    own: float  # min that autocrine_abm runs
    goal: float  # times faster than the best of the others
    published: dict

    def exact(self, offset):
        """Radius of the tumor of even density with the same second moment, and the oxygen around it."""
        spread = np.sqrt((offset**2).sum(axis=1).mean())
        if self.dimensions == 2:
            radius = spread * np.sqrt(2)
            room = np.pi * radius**2 * SPACING
        else:
            radius = spread * np.sqrt(5 / 3)
            room = 4 / 3 * np.pi * radius**3
        density = len(offset) / room
        field = UptakeBall(
            self.dimensions, self.size, radius, OXYGEN, DECAY, UPTAKE * VOLUME * density, WALL
        )
        return radius, density, field


JOBS = (
    Job("small", 900, 2, 2000.0, 18.0, 1.0, DAY, 5.0, {"PhysiCell 1.14": 72, "its fastest port": 21, "pyphysicell": 69}),
    Job("large", 10_300, 2, 2000.0, 18.0, 0.5, DAY, 10.0, {"PhysiCell 1.14": 644, "its fastest port": 83, "pyphysicell": 248}),
    Job("spheroid", 18_000, 3, 1500.0, 6.0, 0.2, 240.0, 10.0, {"PhysiCell 1.14": 8000, "pyphysicell": 3465}),
)  # fmt: skip


def rates(oxygen):
    """Division and necrosis rate at an oxygen [mmHg], as `update_cell_and_death_parameters_O2_based` of PhysiCell."""
    return DIVISION * np.clip((oxygen - 5) / 155, 0, 1), NECROSIS * np.clip((5 - oxygen) / 2.5, 0, 1)


class Ours:
    """A job in autocrine_abm."""

    name = "autocrine_abm"

    def __init__(self, job):
        self.job, self.lives = job, False
        depth, pattern = (SPACING, "disc") if job.dimensions == 2 else (job.size, "sphere")
        text = TEXT.format(name=job.name, size=job.size, depth=depth, pattern=pattern, cells=job.cells)
        if job.dimensions == 3:
            text = text.replace("[[seed]]", SECOND_LIGAND + "[[seed]]")
        self.model = TumorModel(parse_text(text), threads=1, behaviors=[self.decide])
        self.tissue = self.model.tissues["tumor"]
        self.mmhg = float(self.model.spec.ligand["oxygen"].solubility)

    def decide(self, tissue, dt):
        """Rates of all cells; a behavior in plain Python, called once per step."""
        cells = tissue.cells
        lives = (cells.phase == ALIVE) * float(self.lives)
        division, necrosis = rates(cells.sensed[:, 0] / self.mmhg)
        cells.division_rate[:], cells.necrosis_rate[:] = lives * division, lives * necrosis
        cells.apoptosis_rate[:] = lives * APOPTOSIS

    def run(self, minutes):
        for _ in range(round(minutes / STEP)):
            self.model.step()

    def positions(self):
        """Living cells' centers from the middle of the box [µm]."""
        cells = self.tissue.cells
        return (cells.position[cells.phase == ALIVE] - self.job.size / 2)[:, : self.job.dimensions]

    def field(self, name):
        unit = self.mmhg if name == "oxygen" else 1.0
        return self.tissue.fields[name].concentration / unit

    def counts(self):
        return int(np.sum(self.tissue.cells.phase == ALIVE)), self.model.births


class Theirs:
    """The same job in pyphysicell."""

    name = "pyphysicell"

    def __init__(self, job, positions):
        self.job, self.lives = job, False
        flat, half = job.dimensions == 2, job.size / 2
        depth = SPACING / 2 if flat else half
        faces = {face + end: (True, WALL) for face in "xyz"[: job.dimensions] for end in ("min", "max")}
        substrates = [theirs.Substrate("oxygen", OXYGEN, DECAY, WALL, True, WALL, faces)]
        exchange = {"oxygen": theirs.SecretionEntry(uptake_rate=UPTAKE)}
        if not flat:
            substrates.append(theirs.Substrate("growth_factor", GROWTH_FACTOR, DECAY))
            exchange["growth_factor"] = theirs.SecretionEntry(net_export_rate=RELEASE)
        deaths = {
            "apoptosis": theirs.DeathModel(100, "apoptosis", 0.0, {0: 516.0}),
            "necrosis": theirs.DeathModel(101, "necrosis", 0.0, {1: 86400.0}),
        }
        cycle = theirs.Cycle(transition_rates={(0, 0): DIVISION})
        cell = theirs.CellType("cancer", cycle=cycle, deaths=deaths, secretion=exchange)
        box = theirs.Domain(-half, half, -half, half, -depth, depth, use_2D=flat)
        model = theirs.Model(domain=box, substrates=substrates, cell_types=[cell], calculate_gradients=False)
        self.simulation = pyphysicell.Simulation(model, seed=1)
        self.simulation.hook("phenotype", "cancer")(self.decide)
        self.simulation.add_cells(np.pad(positions, ((0, 0), (0, 3 - job.dimensions))), "cancer")

    def decide(self, context):
        """As `Ours.decide`. A division rate of 0 would be replaced by that of the cell type, so it never is."""
        lives = ~context.dead * float(self.lives)
        division, necrosis = rates(context.signals["oxygen"])
        context.behaviors["cycle entry"] = np.maximum(lives * division, 1e-12)
        context.behaviors["necrosis"] = lives * necrosis
        context.behaviors["apoptosis"] = lives * APOPTOSIS
        cells = self.simulation.cells
        cells.uptake_rate[: cells.n][cells.view("dead") == 1] = 0.0

    def run(self, minutes):
        self.simulation.run(self.simulation.t + minutes, record_every=60.0)

    def positions(self):
        cells = self.simulation.cells
        return cells.positions[cells.view("dead") == 0][:, : self.job.dimensions]

    def field(self, name):
        """As ours: axes in the order x, y, z."""
        return self.simulation.microenvironment[name].transpose(2, 1, 0)

    def counts(self):
        return int(np.sum(self.simulation.cells.view("dead") == 0)), self.simulation._births


def middle(field):
    """Mean of the voxels that touch the middle."""
    return field[tuple(slice((n - 1) // 2, n // 2 + 1) for n in field.shape)].mean()


def oxygen_errors(job, side):
    """Oxygen in the middle, exact and simulated, and error over the tumor as a share of the wall's (root mean square)."""
    radius, _, exact = job.exact(side.positions())
    field = side.field("oxygen")
    axes = [(np.arange(n) + 0.5) * SPACING - n * SPACING / 2 for n in field.shape[: job.dimensions]]
    offset = np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=1)
    distance = np.linalg.norm(offset, axis=1)
    expected, found = exact(offset[distance < radius]), field.reshape(-1)[distance < radius]
    error = np.sqrt(np.mean((found - expected) ** 2)) / WALL
    return exact(offset[[distance.argmin()]])[0], middle(field), error


def growth_factor_errors(job, side, time):
    """Growth factor in the middle of an evenly releasing ball after `time`, exact without walls (which are 500 µm = 2 ranges
    off, and have hardly been reached), and simulated [molecules/µm³]."""
    radius, density, _ = job.exact(side.positions())

    def staying(age):
        """Share of the molecules in the middle of an endless tissue of that density that come from within the ball."""
        width = np.sqrt(4 * GROWTH_FACTOR * age)
        return erf(radius / width) - 2 / np.sqrt(np.pi) * radius / width * np.exp(-((radius / width) ** 2))

    exact = RELEASE * density * quad(lambda age: np.exp(-DECAY * age) * staying(age), 0, time)[0]
    return exact, middle(side.field("growth_factor"))


def predicted(job, positions, minutes):
    """Births and deaths if oxygen stayed exactly as it is."""
    _, _, exact = job.exact(positions)
    division, necrosis = rates(exact(positions))
    deaths = 1 - np.exp(-(necrosis + APOPTOSIS) * minutes)
    return float(division.sum() * minutes), float(deaths.sum())


def measure(job, side, minutes, report):
    """Let one side settle and live; print how right it was. Seconds per simulated day."""
    side.run(job.settle)
    exact, found, error = oxygen_errors(job, side)
    text = f"{found:.4g} mmHg, exact {exact:.4g}; error over the tumor {error:.2%} of the wall (rms)"
    report.append((side.name, "oxygen in the middle", text))
    if job.dimensions == 3:
        exact, found = growth_factor_errors(job, side, job.settle)
        text = f"{found:.4g} molecules/um^3, exact {exact:.4g}"
        report.append((side.name, "growth factor in the middle", text))
    births, deaths = predicted(job, side.positions(), minutes)
    before = side.counts()
    side.lives = True
    start = perf_counter()
    side.run(minutes)
    seconds = perf_counter() - start
    after = side.counts()
    born = after[1] - before[1]
    died = before[0] + born - after[0]
    rim = np.quantile(np.linalg.norm(side.positions(), axis=1), 0.99)
    fate = f"{born} born (predicted {births:.1f}), {died} died ({deaths:.1f})"
    text = f"{after[0]:,} alive, 99 % of them within {rim:.1f} um; {fate}"
    report.append((side.name, f"after {minutes:g} min of life", text))
    return seconds * DAY / minutes


def compare(job, minutes, with_theirs):
    """Print one job."""
    print(f"\n{job.name}: {job.cells:,} cells, {job.dimensions}-D, box {job.size:g} um")
    report = []
    others = {f"{name} (published)": seconds for name, seconds in job.published.items()}
    Ours(job).run(2 * STEP)  # compiled or read from the cache
    ours = Ours(job)
    start = ours.positions()
    share = max(STEP, round(minutes * job.share / STEP) * STEP)
    own = measure(job, ours, share, report)
    rest = max(job.own - share, 0.0)
    begin = perf_counter()
    ours.run(rest)
    own = (own * share / DAY + perf_counter() - begin) * DAY / (share + rest)
    if with_theirs:
        others["pyphysicell (here)"] = measure(job, Theirs(job, start), share, report)
    for side, what, text in report:
        print(f"  {what:28} {side:14} {text}")
    print(f"  {'seconds per simulated day':28} {'':14} {'':>10} ours is faster by")
    for name, seconds in others.items():
        print(f"  {name:43} {seconds:10.1f} {seconds / own:10.1f}")
    print(f"  {ours.name:43} {own:10.2f}   {share + rest:g} min simulated")
    best = min(others.values())
    verdict = "met" if best / own >= job.goal else "missed"
    print(f"  goal: {job.goal:g} times faster than the best of the others: {best / own:.1f}, {verdict}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", nargs="+", choices=[job.name for job in JOBS], default=[job.name for job in JOBS])
    parser.add_argument("--minutes", type=float, default=60.0, help="simulated by pyphysicell; half and a fifth in larger jobs")
    parser.add_argument("--without-pyphysicell", action="store_true", help="print its published figures only")
    options = parser.parse_args()
    print(f"{processor()}, one thread; days extrapolated from what was simulated")
    with_theirs = pyphysicell is not None and not options.without_pyphysicell
    if with_theirs:
        print(f"pyphysicell {pyphysicell.__version__} beside, cells and fields in the same places")
    else:
        reason = "is not installed (pip install pyphysicell)" if pyphysicell is None else "is left out"
        print(f"pyphysicell {reason}; only published figures are shown for it")
    for job in JOBS:
        if job.name in options.jobs:
            compare(job, options.minutes, with_theirs)


if __name__ == "__main__":
    main()
