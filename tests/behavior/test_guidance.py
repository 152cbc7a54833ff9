"""Contact guidance: directions against the exact distribution, and walks against the exact displacement.

Statistical tests fail by chance with the stated probability; seeds are fixed, so they fail always or never.
"""

import numpy as np
import pytest
from scipy import integrate, stats

from autocrine_abm.behavior.guidance import STIFFEST, concentration, order
from autocrine_abm.behavior.motility import Walk
from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.motility import Motility
from autocrine_abm.cells.state import CellState
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.mesh.fibers import Fibers
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel
from autocrine_abm.team import Team

UNLIKELY = 1e-6  # chance that a statistical test fails although all is well
N = 100_000
SPEED, PERSISTENCE = 0.5, 20.0
TILTED = {2: np.array([0.6, -0.8, 0.0]), 3: np.array([1.0, 2.0, -2.0]) / 3}


class Surroundings:
    def __init__(self, mesh):
        self.mesh, self.fields = mesh, []


def walkers(n, dimension, guidance, fibers, team=None, shape="sphere"):
    """A walk and n cells in the middle of a box, every other one of a type that follows no fibers if n is odd."""
    mesh = Mesh((9, 9, 9 if dimension == 3 else 1), (20.0, 20.0, 20.0))
    types = {
        name: CellType(
            radius="5 um", shape=shape, motility=Motility(speed="0.5 um/min", persistence="20 min", contact_guidance=own)
        )
        for name, own in (("guided", guidance), ("plain", 0.0))
    }  # fmt: skip
    walk = Walk(types, {}, Surroundings(mesh), False, team or Team(), fibers)
    cells = CellState(types, {}, walks=True)
    cells.add(
        n, cell_id=np.arange(1, n + 1), speed=SPEED, persistence=PERSISTENCE, radius=5.0,
        position=np.array(mesh.size) / 2, cell_type=np.arange(n) % 2 if n % 2 else 0,
    )  # fmt: skip
    return walk, cells


def headings(dimension, guidance, fibers, n=N, **about):
    walk, cells = walkers(n, dimension, guidance, fibers, **about)
    walk.velocity(cells, 7, 0, 1e-9)
    return cells.heading.copy()


@pytest.mark.parametrize("guidance", [0.01, 0.3, 0.9, 0.9999])
def test_angles_on_the_circle_are_bimodal_von_mises(guidance):
    axis = TILTED[2]
    heading = headings(2, guidance, Fibers(direction=list(axis)))
    assert np.allclose(np.linalg.norm(heading, axis=1), 1, atol=1e-12) and (heading[:, 2] == 0).all()
    kappa = concentration(guidance, 2)
    angle = np.arctan2(axis[0] * heading[:, 1] - axis[1] * heading[:, 0], heading @ axis)
    way = np.cos(angle) > 0
    assert stats.binomtest(int(way.sum()), N).pvalue > UNLIKELY  # as often to and fro
    folded = np.where(way, angle, np.arctan2(-np.sin(angle), -np.cos(angle)))  # who goes back, from the way back

    # on |θ| < π/2, q is the von Mises density and its mirror image, cosh(κ cos θ); integrated step by step
    theta = np.linspace(-np.pi / 2, np.pi / 2, 200_001)
    density = np.exp(kappa * (np.cos(theta) - 1)) + np.exp(-kappa * (np.cos(theta) + 1))
    below = integrate.cumulative_trapezoid(density, theta, initial=0)
    assert stats.kstest(folded, lambda x: np.interp(x, theta, below / below[-1])).pvalue > UNLIKELY
    assert stats.kstest(folded[way], folded[~way]).pvalue > UNLIKELY
    nematic = np.cos(2 * angle)
    assert abs(nematic.mean() - guidance) < stats.norm.isf(UNLIKELY / 2) * nematic.std() / N**0.5


@pytest.mark.parametrize("guidance", [0.01, 0.3, 0.9, 0.9999])
def test_angles_on_the_sphere_are_bimodal_von_mises_fisher(guidance):
    axis = TILTED[3]
    heading = headings(3, guidance, Fibers(direction=list(axis)))
    assert np.allclose(np.linalg.norm(heading, axis=1), 1, atol=1e-12)
    kappa = concentration(guidance, 3)
    along = heading @ axis

    def below(cosine):  # 1/2 + sinh(κ cos θ)/(2 sinh κ)
        rise = np.exp(kappa * (np.abs(cosine) - 1)) * np.expm1(-2 * kappa * np.abs(cosine)) / np.expm1(-2 * kappa)
        return 0.5 + 0.5 * np.sign(cosine) * rise

    assert stats.kstest(along, below).pvalue > UNLIKELY
    one = np.cross(axis, [0.0, 0.0, 1.0])
    turn = np.arctan2(heading @ np.cross(axis, one), heading @ one * np.linalg.norm(axis))
    assert stats.kstest(turn, stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > UNLIKELY
    assert abs(stats.spearmanr(np.abs(along), turn).statistic) < stats.norm.isf(UNLIKELY / 2) / N**0.5
    nematic = 1.5 * along**2 - 0.5
    assert abs(nematic.mean() - guidance) < stats.norm.isf(UNLIKELY / 2) * nematic.std() / N**0.5


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("steps, dt", [(10, 6.0), (1, 60.0)])
def test_mean_square_displacement_along_and_across_is_exact(dimension, steps, dt):
    guidance, axis = 0.6, TILTED[dimension]
    walk, cells = walkers(N, dimension, guidance, Fibers(direction=list(axis)))
    moved = sum(dt * walk.velocity(cells, 7, step, dt) for step in range(steps))
    time = steps * dt
    msd = 2 * SPEED**2 * PERSISTENCE * (time - PERSISTENCE * (1 - np.exp(-time / PERSISTENCE)))
    share = (1 + (dimension - 1) * guidance) / dimension  # ⟨cos² θ⟩ of a nematic order
    squares = (moved @ axis) ** 2
    for measured, expected in ((squares, share * msd), ((moved**2).sum(axis=1) - squares, (1 - share) * msd)):
        assert abs(measured.mean() - expected) < stats.norm.isf(UNLIKELY / 2) * measured.std() / N**0.5


@pytest.mark.parametrize("dimension", [2, 3])
def test_full_guidance_leaves_the_two_ways_along_a_fiber(dimension):
    axis = TILTED[dimension]
    along = headings(dimension, 1.0, Fibers(direction=list(axis)), n=200) @ axis
    assert np.allclose(np.abs(along), 1, atol=1e-7)  # κ of a billion: 1 − 1/κ
    assert 50 < (along > 0).sum() < 150  # 100 ± 50 is 7 standard deviations


def test_who_walks_in_a_plane_follows_what_lies_in_it():
    upright = headings(2, 0.9, Fibers(direction=[0, 0, 1]), n=1000)
    assert np.array_equal(upright, headings(2, 0.0, None, n=1000))
    disc = headings(3, 1.0, Fibers(direction=[1, 0, 5]), n=100, shape="disc")
    assert np.allclose(np.abs(disc[:, 0]), 1, atol=1e-12)
    # κ counts by the share of the fiber in the plane
    nematic = 2 * headings(2, 0.9, Fibers(direction=[3, 0, 4]))[:, 0] ** 2 - 1
    expected = order(0.6 * concentration(0.9, 2), 2)
    assert abs(nematic.mean() - expected) < stats.norm.isf(UNLIKELY / 2) * nematic.std() / N**0.5


def test_whoever_follows_no_fibers_walks_as_without_them():
    fibers = Fibers(pattern="radial", around=["0 um", "0 um", "0 um"])
    results = []
    for guidance, present in ((0.0, None), (0.0, fibers), (0.5, None), (0.5, fibers)):
        walk, cells = walkers(2001, 3, guidance, present)
        results.append(walk.velocity(cells, 7, 0, 60.0))
    for other in results[1:3]:
        assert other.tobytes() == results[0].tobytes()
    assert results[3][1::2].tobytes() == results[0][1::2].tobytes()
    assert (results[3][::2] != results[0][::2]).any(axis=1).all()


def test_neither_threads_nor_company_change_a_guided_walk():
    for dimension in (2, 3):
        walk, cells = walkers(3000, dimension, 0.5, Fibers(pattern="radial", around=["0 um", "1 um", "2 um"]))
        one = walk.velocity(cells, 7, 0, 60.0)
        walk, cells = walkers(3000, dimension, 0.5, walk.fibers, team=Team(2, smallest_slab=1))
        assert np.array_equal(walk.velocity(cells, 7, 0, 60.0), one)
        walk, cells = walkers(3000, dimension, 0.5, walk.fibers)
        cells.keep(np.arange(3000) % 3 == 0)
        assert np.array_equal(walk.velocity(cells, 7, 0, 60.0), one[::3])


@pytest.mark.parametrize("dimension", [2, 3])
def test_concentration_gives_the_order_that_is_asked_for(dimension):
    def weight(angle, kappa):
        across = 1.0 if dimension == 2 else np.sin(angle)
        return across * (np.exp(kappa * (np.cos(angle) - 1)) + np.exp(-kappa * (np.cos(angle) + 1)))

    for wanted in (1e-4, 0.1, 0.5, 0.95):
        kappa = concentration(wanted, dimension)
        share = integrate.quad(lambda a, k=kappa: np.cos(a) ** 2 * weight(a, k), 0, np.pi / 2, epsabs=0, epsrel=1e-11)[0]
        share /= integrate.quad(lambda a, k=kappa: weight(a, k), 0, np.pi / 2, epsabs=0, epsrel=1e-11)[0]
        assert (dimension * share - 1) / (dimension - 1) == pytest.approx(wanted, abs=1e-9)
    assert concentration(0.0, dimension) == 0 and concentration(1.0, dimension) > STIFFEST
    assert concentration(0.7, 1) == 0


def test_a_run_lets_cells_follow_the_fibers_of_its_tissue():
    text = """
title = "walkers on fibers"
[run]
duration = "1 day"
behavior_step = "30 min"
[tissue.box]
size = ["4000 um", "4000 um", "40 um"]
spacing = "40 um"
fibers = { direction = [3, 4, 0] }
[cell.walker]
radius = "5 um"
motility = { speed = "0.5 um/min", persistence = "20 min", contact_guidance = 1.0 }
[[seed]]
cell = "walker"
pattern = "disc"
number = 1
"""
    model = TumorModel(parse_text(text))
    start = model.cells.position[0].copy()
    for _ in range(5):
        model.step()
    moved = model.cells.position[0] - start
    assert abs(moved @ [0.6, 0.8, 0]) > 1.0 and moved @ [-0.8, 0.6, 0] == pytest.approx(0, abs=1e-9)
