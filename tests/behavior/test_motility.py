"""Motility: exact displacements of a persistent walk, and drift along gradients.

Statistical tests fail by chance with the stated probability; seeds are fixed, so they fail always or never.
"""

import numpy as np
import pytest
from naive.motility import walk_naively
from scipy import integrate, stats

from autocrine_abm.behavior.motility import Walk
from autocrine_abm.cells.cell_type import CellType
from autocrine_abm.cells.columns import APOPTOTIC
from autocrine_abm.cells.motility import Chemotaxis, Motility
from autocrine_abm.cells.state import CellState
from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.ligand import Ligand
from autocrine_abm.ligands.voxel_field import VoxelField
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.randomness import Purpose, uniforms
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.model import TumorModel
from autocrine_abm.team import Team

UNLIKELY = 1e-6  # chance that a statistical test fails although all is well
N = 200_000  # an error of 1.5 % in a mean square displacement is then found
SPEED, PERSISTENCE = 0.5, 20.0
SHAPES = {1: (9, 1, 1), 2: (9, 9, 1), 3: (9, 9, 9)}


class Surroundings:
    """As much of an `Exchange` as a walk needs: ligand fields, none of them with a near field."""

    def __init__(self, mesh, concentrations=(), walls=None):
        self.mesh = mesh
        self.fields = [LigandField(mesh, 600.0, 0.0, walls, initial=values) for values in concentrations]
        self.near = [VoxelField(mesh) for _ in self.fields]


def walkers(n, dimension=3, chemotaxis=(), fields=(), team=None, **about):
    """A walk and n cells in the middle of a box whose fields are functions of x, y and z [µm]."""
    mesh = Mesh(SHAPES[dimension], (20.0, 20.0, 20.0))
    x, y, z = np.meshgrid(*((np.arange(k) + 0.5) * 20.0 for k in mesh.shape), indexing="ij")
    ligands = {name: Ligand(diffusion="600 um^2/min") for name in ("A", "B")}
    motility = Motility(speed="0.5 um/min", persistence="20 min", chemotaxis=chemotaxis)
    types = {"walker": CellType(radius="5 um", motility=motility, **about)}
    values = [field(x, y, z) + 0 * x for field in fields] + [0 * x] * (2 - len(fields))
    walk = Walk(types, ligands, Surroundings(mesh, values), False, team or Team())
    cells = CellState(types, ligands, attractants=walk.names, walks=True)
    cells.add(
        n,
        cell_id=np.arange(1, n + 1),
        speed=SPEED,
        persistence=PERSISTENCE,
        radius=5.0,
        position=np.array(mesh.size) / 2,
        chemotaxis=[types["walker"].base_value(f"chemotaxis to {name}") for name in walk.names],
    )
    return walk, cells


def displacements(walk, cells, steps, dt):
    """Where the cells are after so many steps, from where they were; nothing is in their way."""
    return sum(dt * walk.velocity(cells, 7, step, dt) for step in range(steps))


def expected_msd(time):
    return 2 * SPEED**2 * PERSISTENCE * (time - PERSISTENCE * (1 - np.exp(-time / PERSISTENCE)))


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("steps, dt", [(60, 1.0), (10, 6.0), (2, 30.0), (1, 60.0), (1, 400.0)])
def test_mean_square_displacement_is_exact_for_any_step(dimension, steps, dt):
    walk, cells = walkers(N, dimension)
    squares = (displacements(walk, cells, steps, dt) ** 2).sum(axis=1)
    error = squares.std() / N**0.5
    assert abs(squares.mean() - expected_msd(steps * dt)) < stats.norm.isf(UNLIKELY / 2) * error


@pytest.mark.parametrize("dimension", [2, 3])
def test_headings_stay_even_and_decorrelate_exponentially(dimension):
    walk, cells = walkers(N, dimension)
    walk.velocity(cells, 7, 0, 1e-9)
    before = cells.heading.copy()
    assert np.linalg.norm(before, axis=1) == pytest.approx(1.0, abs=1e-12)
    walk.velocity(cells, 7, 1, 30.0)
    cosine = np.einsum("ij,ij->i", before, cells.heading)
    limit = stats.norm.isf(UNLIKELY / 2) / N**0.5
    assert abs(cosine.mean() - np.exp(-30.0 / PERSISTENCE)) < limit * cosine.std()
    for axis in range(dimension):  # evenly over circle or sphere: mean 0, mean square 1/dimension
        along = cells.heading[:, axis]
        assert abs(along.mean()) < limit * along.std()
        assert abs((along**2).mean() - 1 / dimension) < limit * (along**2).std()
    assert (cells.heading[:, dimension:] == 0).all()


def test_a_kept_heading_is_the_displacement():
    walk, cells = walkers(1000)
    walk.velocity(cells, 7, 0, 1.0)
    before = cells.heading.copy()
    assert walk.drift(cells).shape == (0, 3)  # nobody follows a ligand
    cells.persistence[:] = 1e12
    assert walk.velocity(cells, 7, 1, 6.0) == pytest.approx(SPEED * before, rel=1e-12)


def test_as_the_slow_twin():
    walk, cells = walkers(
        40, chemotaxis=[Chemotaxis(ligand="A", bias=0.4)], fields=[lambda x, y, z: x + 2 * y]
    )
    drift = walk.drift(cells)
    assert drift[0] == pytest.approx(0.4 * np.array([1, 2, 0]) / 5**0.5, rel=1e-12)
    headings = [None] * 40
    for step in range(3):
        velocity = walk.velocity(cells, 7, step, 50.0)
        for row in range(40):
            moved, headings[row] = walk_naively(
                row + 1, SPEED, PERSISTENCE, drift[row], headings[row], 7, step, 50.0
            )
            assert 50.0 * velocity[row] == pytest.approx(moved, rel=1e-9, abs=1e-9)
            assert cells.heading[row] == pytest.approx(headings[row], rel=1e-9, abs=1e-9)


def mean_cosine(bias, dimension):
    """Mean of u·g for u = ((1 − b) ξ + b g)/|…|, ξ even over circle or sphere; by quadrature."""

    def cosine(angle):
        along = (1 - bias) * np.cos(angle) + bias
        return along / np.hypot(along, (1 - bias) * np.sin(angle))

    if dimension == 2:
        return integrate.quad(lambda angle: cosine(angle) / np.pi, 0, np.pi)[0]
    return integrate.quad(lambda angle: cosine(angle) * np.sin(angle) / 2, 0, np.pi)[0]


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("bias", [0.2, 0.7, -0.7])
def test_drift_up_and_down_a_gradient(dimension, bias):
    chemotaxis = [Chemotaxis(ligand="A", bias=bias)]
    walk, cells = walkers(N, dimension, chemotaxis, [lambda x, y, z: 3.0 + 0.01 * y])
    speed = displacements(walk, cells, 5, 12.0)[:, 1] / 60.0
    expected = np.sign(bias) * SPEED * mean_cosine(abs(bias), dimension)
    assert abs(speed.mean() - expected) < stats.norm.isf(UNLIKELY / 2) * speed.std() / N**0.5


def test_full_bias_goes_straight_whatever_the_persistence():
    walk, cells = walkers(10, chemotaxis=[Chemotaxis(ligand="A", bias=-1)], fields=[lambda x, y, z: x])
    assert walk.velocity(cells, 7, 0, 100.0) == pytest.approx(np.tile([-SPEED, 0, 0], (10, 1)), abs=1e-12)


def test_several_ligands_pull_together_and_against_each_other():
    both = [Chemotaxis(ligand="A", bias=0.5), Chemotaxis(ligand="B", bias=0.5)]
    walk, cells = walkers(2, 3, both, [lambda x, y, z: x, lambda x, y, z: 40 * y])
    assert walk.drift(cells)[0] == pytest.approx([0.5, 0.5, 0], abs=1e-12)  # steepness does not matter
    walk, cells = walkers(2, 3, both, [lambda x, y, z: x, lambda x, y, z: 500 - 2 * x])
    assert walk.drift(cells)[0] == pytest.approx([0, 0, 0], abs=1e-12)


def test_a_half_makes_shallow_gradients_count_less():
    NM = 0.602214076
    chemotaxis = [Chemotaxis(ligand="A", bias=0.8, half="0.1 nM")]
    for slope, share in (
        (0.1 * NM / 10, 0.5),
        (0.3 * NM / 10, 0.75),
    ):  # differences of 0.1 and 0.3 nM across 10 µm
        walk, cells = walkers(1, 3, chemotaxis, [lambda x, y, z, slope=slope: slope * x])
        assert walk.drift(cells)[0] == pytest.approx([0.8 * share, 0, 0], rel=1e-9)


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_no_gradient_no_drift(level):
    walk, cells = walkers(50, 3, [Chemotaxis(ligand="A", bias=1)], [lambda x, y, z: level])
    cells.sensed[:] = level
    assert (walk.drift(cells) == 0).all()
    assert np.isfinite(walk.velocity(cells, 7, 0, 6.0)).all()


def test_who_does_not_walk():
    walk, cells = walkers(4)
    walk.velocity(cells, 7, 0, 6.0)
    cells.speed[1], cells.phase[2] = 0.0, APOPTOTIC
    velocity = walk.velocity(cells, 7, 1, 6.0)
    assert (velocity[1:3] == 0).all() and (velocity[[0, 3]] != 0).any(axis=1).all()
    assert (cells.heading[1:3] == 0).all()  # whoever starts again draws anew
    still = Walk(
        {"cell": CellType(radius="5 um")}, {}, Surroundings(Mesh((3, 3, 3), (20.0,) * 3)), False, Team()
    )
    assert not still.moves and (still.velocity(CellState(["cell"], []), 7, 0, 6.0) == 0).all()


def test_discs_stay_on_the_floor():
    walk, cells = walkers(100, 3, [Chemotaxis(ligand="A", bias=0.5)], [lambda x, y, z: x + z], shape="disc")
    assert (walk.velocity(cells, 7, 0, 6.0)[:, 2] == 0).all()
    assert walk.drift(cells)[0] == pytest.approx([0.5, 0, 0], abs=1e-12)


def test_neither_order_nor_threads_nor_company_change_a_walk():
    walk, cells = walkers(3000)
    one = walk.velocity(cells, 7, 0, 60.0)
    walk, cells = walkers(3000, team=Team(2, smallest_slab=1))
    assert np.array_equal(walk.velocity(cells, 7, 0, 60.0), one)
    walk, cells = walkers(3000)
    cells.keep(np.arange(3000) % 3 == 0)
    assert np.array_equal(walk.velocity(cells, 7, 0, 60.0), one[::3])


def test_a_persistence_of_nothing_ends():
    walk, cells = walkers(10)
    cells.persistence[:] = 0.0
    moved = 6.0 * walk.velocity(cells, 7, 0, 6.0)
    assert np.linalg.norm(moved, axis=1).max() < 1.0  # a thousand turns: 0.13 µm, of 3 µm


def test_draws_of_walks_are_their_own():
    ids = np.arange(1, 1000)
    draws = [uniforms(7, ids, 0, purpose)[:, 0] for purpose in Purpose]
    assert len(np.unique(np.concatenate(draws))) == len(Purpose) * 999


# -- in a run --------------------------------------------------------------------------------------

TEXT = """
title = "one walker"
[run]
duration = "1 day"
behavior_step = "30 min"
seed = 11
[tissue.box]
size = ["4000 um", "4000 um", "4000 um"]
spacing = "400 um"
[cell.walker]
radius = "5 um"
motility = { speed = "0.5 um/min", persistence = "20 min" }
[[seed]]
cell = "walker"
pattern = "disc"
number = 1
"""


def test_a_lone_cell_in_a_run_goes_where_its_draws_lead():
    model = TumorModel(parse_text(TEXT))
    place, heading = model.cells.position[0].copy(), None
    for step in range(20):
        model.step()
        moved, heading = walk_naively(1, SPEED, PERSISTENCE, np.zeros(3), heading, 11, step, 30.0)
        place += moved
        assert model.cells.position[0] == pytest.approx(place, abs=1e-9)


def test_a_daughter_walks_off_in_her_own_direction():
    model = TumorModel(parse_text(TEXT))
    model.step()
    mother = model.agent(1)
    before = mother.heading.copy()
    daughter = mother.divide()
    assert (daughter.heading == 0).all() and (mother.heading == before).all()
    model.step()
    assert np.linalg.norm(daughter.heading) == pytest.approx(1) and daughter.heading @ mother.heading < 0.999


def test_cells_that_do_not_like_each_other_part():
    """Two types that hold their own kind only: in contact, unlike cells feel no pull."""
    text = TEXT.replace(
        'motility = { speed = "0.5 um/min", persistence = "20 min" }',
        'adhesion = "4 um/min"\nadhesion_to = { stranger = 0 }\n'
        '[cell.stranger]\nradius = "5 um"\nadhesion = "4 um/min"',
    )
    apart = {}
    for name in ("walker", "stranger"):
        model = TumorModel(parse_text(text))
        model.add_cells(
            [name], model.cells.position[:1] + [11.0, 0, 0]
        )  # a gap of 1 µm, adhesion reaches 12.5
        for _ in range(10):
            model.step()
        apart[name] = np.linalg.norm(model.cells.position[1] - model.cells.position[0])
    assert apart["stranger"] == pytest.approx(11.0, abs=1e-9)
    # pull and push balance where √10 (1 − d/10) = √4 (1 − d/12.5)
    assert apart["walker"] == pytest.approx((10**0.5 - 2) / (10**0.5 / 10 - 2 / 12.5), abs=1e-3)


def test_a_chemotactic_cell_finds_the_source_in_a_run():
    text = TEXT.replace(
        'size = ["4000 um", "4000 um", "4000 um"]\nspacing = "400 um"',
        """
size = ["400 um", "400 um", "20 um"]
spacing = "20 um"
[ligand.VEGF]
diffusion = "3600 um^2/min"
decay = "0.1 1/min"
transport = "steady"
[cell.source]
radius = "5 um"
secretes = [{ ligand = "VEGF", rate = "600 molecules/min" }]
""",
    ).replace(
        'persistence = "20 min"', 'persistence = "20 min", chemotaxis = [{ ligand = "VEGF", bias = 0.8 }]'
    )
    model = TumorModel(
        parse_text(text.replace('pattern = "disc"', 'pattern = "disc"\ncenter = ["80 um", "80 um", "10 um"]'))
    )
    model.add_cells(["source"], [[300.0, 300.0, 10.0]])
    for _ in range(40):  # 311 µm at 0.45 µm/min take 690 min
        model.step()
    walker, source = model.cells.position
    assert np.linalg.norm(walker - source) < 40.0 and walker[2] == 10.0
