"""The shipped scenario `minimal` as one would write it in plain Mesa, checked to agree with ours, and what the two cost.

    python benchmarks/plain_mesa_twin.py [--cells 1000 10000] [--replicates 12]

Each cell is a `mesa.Agent` with a `step()`; the field is a NumPy array on the same voxels with the same finite volumes, its
matrix factorized once. Rules, rates, forces and the order of the phases are those of `TumorModel.step`, every event is drawn
at its time within the step, and cells read their voxel (``sensing = "voxel"``). Mechanics goes in steps of 0.1 min, which is
what was published with these forces (Ghaffarizadeh et al. 2018), with neighbors looked up in bins each time. The "tuned" twin
instead keeps lists of neighbors until somebody has moved a quarter of a radius and takes the longest Euler steps that are
stable in a packed sheet: as far as one gets in Python without arrays. Agreement is checked with that one, which is faster.
"""

import argparse
import math
from time import perf_counter

import mesa
import numpy as np
from scipy.sparse import diags, eye, kron
from scipy.sparse.linalg import splu
from scipy.stats import t as student

from autocrine_abm.behavior.forces import PRESSURE_SCALE
from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.scenario.files import read
from autocrine_abm.scenario.overrides import override
from autocrine_abm.simulation.model import TumorModel

RADIUS, ADHESION_DISTANCE = 6.0, 1.25  # µm, radii
REPULSION, ADHESION = 10.0, 0.4  # µm/min
DIVISION, MOST_DIVISION, DEATH = 0.01 / 60, 0.06 / 60, 0.002 / 60  # 1/min
HALF_SIGNAL, HALF_PRESSURE = 0.0602214076, 1.0  # 100 pM in molecules/µm³; -
GROWTH, SHRINKAGE, SOLID, CORPSE = 0.0045, 1 / 60, 0.25, 516.0  # 1/min, 1/min, share of the volume, min
RELEASE, DIFFUSION, DECAY = 600.0, 6000.0, 1.0  # molecules/min, µm²/min, 1/min
SPACING, STEP = 20.0, 10.0  # µm, min
FARTHEST = 0.1 * RADIUS  # that a cell moves in a step of mechanics [µm]
TUNED = {"longest": 0.5, "skin": 0.25 * RADIUS}
VOLUME = 4 / 3 * math.pi * RADIUS**3


class Cell(mesa.Agent):
    """A cancer cell."""

    def __init__(self, model, x, y, volume=VOLUME):
        super().__init__(model)
        self.x, self.y, self.volume = x, y, volume
        self.radius = (3 * volume / (4 * math.pi)) ** (1 / 3)
        self.died = None
        self.pressure = self.rate = 0.0
        self.vx = self.vy = 0.0
        self.neighbors = []

    def voxel(self):
        n = self.model.n
        return min(int(self.x / SPACING), n - 1), min(int(self.y / SPACING), n - 1)

    def step(self):
        """Sense, respond and decide when the next event comes."""
        if self.died is not None:
            return
        signal = (self.model.field[self.voxel()] / HALF_SIGNAL) ** 2
        crowding = (self.pressure / HALF_PRESSURE) ** 4
        self.rate = (DIVISION + signal * MOST_DIVISION) / (1 + signal) / (1 + crowding)
        self.wait = self.random.expovariate(self.rate + DEATH)

    def feel(self):
        """Forces of the neighbors and walls → velocity, pressure."""
        vx = vy = squeeze = 0.0
        x, y, radius = self.x, self.y, self.radius
        for other in self.neighbors:
            dx, dy = x - other.x, y - other.y
            distance = math.sqrt(dx * dx + dy * dy) or 1e-9
            contact = radius + other.radius
            hold = 1 - distance / (ADHESION_DISTANCE * contact)
            if hold <= 0:
                continue
            force = -ADHESION * hold * hold
            overlap = 1 - distance / contact
            if overlap > 0:
                force += REPULSION * overlap * overlap
                squeeze += overlap * overlap
            vx += force * dx / distance
            vy += force * dy / distance
        size = self.model.size
        for wall, sign in ((x, 1), (size - x, -1)):
            if wall < radius:
                vx += sign * REPULSION * (1 - wall / radius) ** 2
        for wall, sign in ((y, 1), (size - y, -1)):
            if wall < radius:
                vy += sign * REPULSION * (1 - wall / radius) ** 2
        self.vx, self.vy, self.pressure = vx, vy, squeeze / PRESSURE_SCALE

    def move(self, dt):
        size = self.model.size
        self.x = min(max(self.x + dt * self.vx, 0.0), size)
        self.y = min(max(self.y + dt * self.vy, 0.0), size)

    def grow(self):
        target, rate = (VOLUME, GROWTH) if self.died is None else (SOLID * VOLUME, SHRINKAGE)
        self.volume = target + (self.volume - target) * math.exp(-rate * STEP)
        self.radius = (3 * self.volume / (4 * math.pi)) ** (1 / 3)

    def live(self, start=0.0):
        """Divide or die, if that comes before the end of the step; whoever divides decides again, and so does the daughter."""
        if self.died is not None:
            if self.died + CORPSE <= self.model.minutes + STEP:
                self.remove()
            return
        when = start + self.wait
        if when >= STEP:
            return
        if self.random.random() * (self.rate + DEATH) < DEATH:
            self.died = self.model.minutes + when
            return
        angle = self.random.uniform(0, 2 * math.pi)
        dx, dy = 0.5 * self.radius * math.cos(angle), 0.5 * self.radius * math.sin(angle)
        self.volume /= 2
        self.radius *= 0.5 ** (1 / 3)
        daughter = Cell(self.model, self.x + dx, self.y + dy, self.volume)
        daughter.rate, daughter.pressure = self.rate, self.pressure
        self.x, self.y = self.x - dx, self.y - dy
        for cell in (self, daughter):
            cell.wait = self.random.expovariate(self.rate + DEATH)
            cell.live(when)


class Twin(mesa.Model):
    """The colony of `minimal` in plain Mesa.

    Parameters
    ----------
    position : ndarray of float, shape (n, ≥ 2)
        Where the cells start [µm].
    size : float
        Edge of the dish [µm].
    seed : int
    longest : float
        Step of mechanics [min], unless somebody would move too far.
    skin : float
        How far cells may move before neighbors are looked up again [µm].
    """

    def __init__(self, position, size, seed, longest=0.1, skin=0.0):
        super().__init__(rng=seed)
        self.longest, self.skin = longest, skin
        self.size, self.n, self.minutes = size, round(size / SPACING), 0.0
        line = diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(self.n, self.n)).tolil()
        line[0, 0] = line[-1, -1] = -1.0  # nothing passes the walls
        laplace = kron(line, eye(self.n)) + kron(eye(self.n), line)
        self.solve = splu((DECAY * eye(self.n**2) - DIFFUSION / SPACING**2 * laplace).tocsc()).solve
        self.field = np.zeros((self.n, self.n))
        for x, y in position[:, :2]:
            Cell(self, float(x), float(y))

    def step(self):
        self.diffuse()
        self.agents.do("step")
        self.relax()
        self.agents.do("grow")
        self.agents.do("live")
        self.minutes += STEP

    def diffuse(self):
        """Release of the living cells → field at its steady state."""
        source = np.zeros((self.n, self.n))
        for cell in self.agents:
            if cell.died is None:
                source[cell.voxel()] += RELEASE / SPACING**3
        self.field = self.solve(source.reshape(-1)).reshape(self.n, self.n)

    def relax(self):
        """Move all cells for the time of a step."""
        cells, elapsed, moved = list(self.agents), 0.0, math.inf
        while elapsed < STEP - 1e-9:
            if moved > self.skin:
                self.meet(cells)
                moved = 0.0
            for cell in cells:
                cell.feel()
            fastest = max(math.hypot(cell.vx, cell.vy) for cell in cells)
            dt = min(self.longest, STEP - elapsed, FARTHEST / max(fastest, 1e-9))
            for cell in cells:
                cell.move(dt)
            moved += max(fastest * dt, 1e-9)
            elapsed += dt

    def meet(self, cells):
        """List who may come within reach of whom."""
        reach = 2 * (ADHESION_DISTANCE * max(cell.radius for cell in cells) + self.skin)
        bins = {}
        for cell in cells:
            bins.setdefault((int(cell.x / reach), int(cell.y / reach)), []).append(cell)
        for (i, j), members in bins.items():
            near = [other for a in (-1, 0, 1) for b in (-1, 0, 1) for other in bins.get((i + a, j + b), ())]
            for cell in members:
                cell.neighbors = [
                    other
                    for other in near
                    if (other.x - cell.x) ** 2 + (other.y - cell.y) ** 2 < reach**2 and other is not cell
                ]

    def statistics(self):
        """Cells that live, all cells, mean of the field [molecules/µm³], radius of the colony [µm]."""
        place = np.array([(cell.x, cell.y) for cell in self.agents])
        living = sum(cell.died is None for cell in self.agents)
        return np.array([living, len(place), self.field.mean(), _radius(place)])


def _radius(place):
    """Of an even disc with the same second moment [µm]."""
    return float(np.sqrt(2 * place.var(axis=0).sum()))


def ours(cells, size, seed):
    """The shipped scenario with this many cells in a dish of this size, cells reading their voxel."""
    changes = {
        "run.seed": seed, "seed.0.number": cells, "tissue.dish.sensing": "voxel",
        "tissue.dish.size": [f"{size:g} um", f"{size:g} um", "20 um"],
    }  # fmt: skip
    return TumorModel(override(read("minimal"), changes), threads=1)


def our_statistics(model):
    """As `Twin.statistics`."""
    cells = model.cells
    living = int(np.sum(cells.phase == ALIVE))
    return np.array([living, len(cells), model.fields["growth_factor"].concentration.mean(), _radius(cells.position[:, :2])])


def agreement(cells, size, steps, replicates):
    """Statistics of both after some steps, over replicates.

    Returns
    -------
    twin, own : ndarray of float, shape (replicates, 4)
        As `Twin.statistics`.
    doubt : ndarray of float, shape (4,)
        Probability that two samples of one distribution have means this far apart (Welch's t).
    """
    found = [], []
    for seed in range(replicates):
        model = ours(cells, size, seed)
        twin = Twin(model.cells.position.copy(), size, 1000 + seed, **TUNED)
        for _ in range(steps):
            model.step()
            twin.step()
        found[0].append(twin.statistics())
        found[1].append(our_statistics(model))
    twin, own = (np.array(part) for part in found)
    a, b = twin.var(axis=0, ddof=1) / replicates, own.var(axis=0, ddof=1) / replicates
    freedom = (a + b) ** 2 / (a**2 + b**2) * (replicates - 1)
    return twin, own, 2 * student.sf(abs(twin.mean(axis=0) - own.mean(axis=0)) / np.sqrt(a + b), freedom)


def cost(cells):
    """Seconds per step of the twin, of the tuned twin and of ours, from the same packed disc; the second and later steps."""
    size = 20 * math.ceil(15 * math.sqrt(cells) / 20 + 10)
    model = ours(cells, size, 1)
    position, times = model.cells.position.copy(), []
    for one, steps in ((Twin(position, size, 1), 1), (Twin(position, size, 1, **TUNED), 2), (model, 20)):
        one.step()
        start = perf_counter()
        for _ in range(steps):
            one.step()
        times.append((perf_counter() - start) / steps)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--replicates", type=int, default=12)
    options = parser.parse_args()
    steps = 144
    print(f"Agreement: 100 cells for {steps * STEP / 1440:g} day, {options.replicates} replicates")
    twin, own, doubt = agreement(100, 400.0, steps, options.replicates)
    print(f"{'':24}{'plain Mesa':>20}{'autocrine_abm':>20}{'p of the difference':>22}")
    for index, name in enumerate(("living cells", "cells and corpses", "mean of the field", "radius [um]")):
        means = "".join(
            f"{sample[:, index].mean():11.5g} ± {sample[:, index].std(ddof=1) / math.sqrt(len(sample)):<6.2g}"
            for sample in (twin, own)
        )
        print(f"{name:24}{means}{doubt[index]:20.3f}")
    least = 0.01 / len(doubt)
    print(f"They {'agree' if doubt.min() > least else 'DISAGREE'}: each p is to be above {least:g}, at most 1 % chance in all")
    print(f"\nSeconds per step of {STEP:g} min, and how many times faster ours is")
    print(f"{'cells':>8}{'plain Mesa':>14}{'tuned':>14}{'autocrine_abm':>16}{'ratio':>10}{'to tuned':>10}")
    for cells in options.cells:
        plain, tuned, fast = cost(cells)
        print(f"{cells:8,}{plain:14.4g}{tuned:14.4g}{fast:16.4g}{plain / fast:10.0f}{tuned / fast:10.0f}")


if __name__ == "__main__":
    main()
