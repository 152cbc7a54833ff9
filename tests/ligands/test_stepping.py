import numpy as np
import pytest
from naive.operator import matrix
from naive.stepping import exact, sdirk2

from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.mesh.boundaries import OPEN, Walls
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.team import Team

SHAPES = [(1, 1, 1), (7, 1, 1), (13, 5, 1), (6, 5, 4)]
WALLS = [Walls(), Walls.alike("fixed", 2.0), Walls(x_low=("fixed", 1.0), y_high=OPEN)]


def case(shape, walls=Walls(), diffusion=600.0, decay=0.1, seed=0, initial=None, periodic=(False,) * 3):
    rng = np.random.default_rng(seed)
    mesh = Mesh(shape, (20.0, 15.0, 20.0), periodic)
    initial = rng.random(shape) if initial is None else initial
    field = LigandField(mesh, diffusion, decay, walls, initial)
    source, loss = rng.random(shape), rng.random(shape) * (rng.random(shape) < 0.5)
    a, supply = matrix(mesh, diffusion, decay, loss, walls, decay)
    return field, source, loss, a, source.ravel() + supply


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("walls", WALLS)
@pytest.mark.parametrize("dt", [0.01, 6.0])
def test_one_substep_is_the_butcher_form(shape, walls, dt):
    field, source, loss, a, gain = case(shape, walls)
    expected, average = sdirk2(a, field.concentration.ravel(), gain, dt)
    assert average.min() > 0  # so that nothing has to be held above zero
    transport = Transport(field.mesh, tolerance=1e3, accuracy=1e-11)
    report = transport.step(field, source, loss, dt)
    if not report.positive:
        # ten times the accuracy asked of each solve, since the second starts from the first
        np.testing.assert_allclose(field.concentration.ravel(), expected, atol=1e-9 * expected.max())
        np.testing.assert_allclose(field.average.ravel(), average, atol=1e-9 * average.max())
    assert (report.substeps, report.solves - report.positive) == (1, 2)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("walls", WALLS)
@pytest.mark.parametrize("diffusion", [1.0, 600.0, 1e5])
def test_adaptive_steps_stay_within_the_tolerance(shape, walls, diffusion):
    field, source, loss, a, gain = case(shape, walls, diffusion, initial=0.0)
    transport, c = Transport(field.mesh), np.zeros(field.mesh.n_voxels)
    for _ in range(5):
        transport.step(field, source, loss, 6.0)
        c = exact(a, c, gain, 6.0)
        # 1 % per substep is asked for; a stiff method forgets the errors of earlier ones
        assert abs(field.concentration.ravel() - c).max() < 0.01 * c.max()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("walls", WALLS)
@pytest.mark.parametrize("accuracy", [1e-2, 1e-6])
def test_ledger_closes_however_sloppy_the_solver(shape, walls, accuracy):
    field, source, loss, _, _ = case(shape, walls)
    transport, volume = Transport(field.mesh, accuracy=accuracy), field.mesh.voxel_volume
    taken_up = 0.0
    for step in range(6):
        transport.step(field, source * (step < 3), loss, 6.0)
        taken_up += (loss * field.average).sum() * volume * 6.0
        assert field.ledger.imbalance() < 1e-12
        assert field.ledger.present == pytest.approx(field.concentration.sum() * volume, rel=1e-13)
    assert field.ledger.taken_up == pytest.approx(taken_up, rel=1e-12)
    assert field.ledger.secreted == pytest.approx(18 * source.sum() * volume, rel=1e-12)


def test_ledger_closes_with_sources_that_consume():
    """Sources of both signs and a field that goes negative are balanced, too."""
    field, source, loss, _, _ = case((6, 5, 4))
    transport = Transport(field.mesh)
    for _ in range(4):
        transport.step(field, source - 0.6, loss, 6.0)
        assert field.ledger.imbalance() < 1e-12
    assert field.concentration.min() < 0


@pytest.mark.parametrize("walls", WALLS)
def test_steady_state_equals_dense_solve(walls):
    field, source, loss, a, gain = case((6, 5, 4), walls)
    transport = Transport(field.mesh)
    transport.settle(field, source, loss)
    expected = np.linalg.solve(a, gain)
    assert (
        abs(field.concentration.ravel() - expected).max() < 2e-6 * expected.max()
    )  # accuracy asked for: 1e-6
    assert field.ledger.imbalance() < 1e-12
    report = transport.step(field, source, loss, 6.0)
    assert report.substeps == 1 and report.cycles <= 2
    assert (
        abs(field.concentration.ravel() - expected).max() < 2e-5 * expected.max()
    )  # and 1e-5 of each of two stages


def test_steady_state_without_any_removal_is_refused():
    field = LigandField(Mesh((5, 5, 5), (20.0,) * 3), 600.0, 0.0, name="egf")
    with pytest.raises(ValueError, match="egf: a steady state does not exist"):
        Transport(field.mesh).settle(field, np.ones((5, 5, 5)), np.zeros((5, 5, 5)))


def test_what_nobody_brings_or_takes_spreads_evenly():
    """The last cell that took a steady ligand up has died: nothing is lost, and nothing stays uneven."""
    mesh = Mesh((5, 4, 3), (20.0,) * 3)
    field = LigandField(mesh, 600.0, 0.0, initial=np.random.default_rng(1).random(mesh.shape))
    before = field.concentration.mean()
    Transport(mesh).settle(field, np.zeros(mesh.shape), np.zeros(mesh.shape), 6.0)
    assert np.ptp(field.concentration) == 0 and field.ledger.imbalance() < 1e-12
    assert field.concentration.mean() == pytest.approx(before, rel=1e-12) == pytest.approx(field.average.mean(), rel=1e-12)


@pytest.mark.parametrize("left", [1e-12, 1e-30, 1e-60])
def test_a_field_that_all_but_vanishes_settles(left):
    """All that released it has gone: the guess is off by so many orders that its residual does not fit single precision."""
    mesh = Mesh((9, 8, 7), (20.0,) * 3)
    field, loss = LigandField(mesh, 1e5, 0.0, initial=1.0), np.zeros(mesh.shape)
    loss[2, 3, 4] = 0.5
    Transport(mesh).settle(field, np.full(mesh.shape, left), loss)
    assert field.concentration[2, 3, 4] * 0.5 == pytest.approx(left * mesh.n_voxels, rel=1e-5)  # the accuracy asked for is 1e-6


def test_one_absorbing_voxel_makes_a_steady_state():
    """Pure Neumann walls, no decay, loss in one voxel: everything that is released ends there."""
    mesh = Mesh((9, 8, 7), (20.0,) * 3)
    field, loss = LigandField(mesh, 1e5, 0.0), np.zeros(mesh.shape)
    loss[2, 3, 4] = 0.5
    Transport(mesh).settle(field, np.ones(mesh.shape), loss)
    # balanced exactly by construction: loss · c = Σ source
    assert field.concentration[2, 3, 4] == pytest.approx(mesh.n_voxels / 0.5, rel=1e-6)


def test_a_field_equal_to_its_walls_stays_put():
    mesh, zero = Mesh((9, 7, 5), (20.0,) * 3), np.zeros((9, 7, 5))
    field = LigandField(mesh, 1e5, 0.0, Walls.alike("fixed", 0.037), 0.037)
    for _ in range(5):
        report = Transport(mesh).step(field, zero, zero, 6.0)
        assert report.cycles == 0
    assert abs(field.concentration / 0.037 - 1).max() < 1e-14  # rounding
    assert field.ledger.imbalance() < 1e-12


def test_an_empty_field_without_source_is_skipped():
    mesh, zero = Mesh((9, 7, 5), (20.0,) * 3), np.zeros((9, 7, 5))
    field = LigandField(mesh, 600.0, 0.1)
    report = Transport(mesh).step(field, zero, zero, 6.0)
    assert report.solves == 0 and not field.concentration.any() and not field.average.any()


@pytest.mark.parametrize("loss", [10.0, 1e6])
def test_concentrations_never_fall_below_zero(loss):
    """Half of a full box starts to absorb at once; and a spike spreads in a field that is empty elsewhere."""
    mesh, zero = Mesh((12, 10, 8), (20.0,) * 3), np.zeros((12, 10, 8))
    absorbing = zero.copy()
    absorbing[:6] = loss
    full, spike = LigandField(mesh, 600.0, 0.1, initial=1.0), LigandField(mesh, 1e5, 0.1)
    values = zero.copy()
    values[3, 3, 3] = 1.0
    spike.put(values)
    transport = Transport(mesh)
    for field in (full, spike):
        for _ in range(4):
            transport.step(field, zero, absorbing, 6.0)
            assert field.concentration.min() >= 0 and field.average.min() >= 0
            assert field.ledger.imbalance() < 1e-12


def test_near_the_steady_state_a_step_costs_two_short_solves():
    mesh = Mesh((20, 20, 20), (20.0,) * 3)
    rng = np.random.default_rng(0)
    loss = np.zeros(mesh.shape)
    loss[6:14, 6:14, 6:14] = 10.0
    oxygen = LigandField(mesh, 1e5, 0.1, Walls.alike("fixed", 0.03), 0.03)
    transport = Transport(mesh)
    transport.settle(oxygen, np.zeros(mesh.shape), loss)
    for _ in range(5):
        changed = loss * rng.uniform(0.95, 1.05, mesh.shape)  # cells divide, die and move
        report = transport.step(oxygen, np.zeros(mesh.shape), changed, 6.0)
        assert (report.substeps, report.solves) == (1, 2)
        assert report.cycles <= 8


@pytest.mark.parametrize("shape", [(20, 9, 7), (30, 21, 1)])
def test_two_threads_give_the_same_bytes(shape):
    results = []
    for team in (Team(1), Team(2, smallest_slab=1)):
        field, source, loss, _, _ = case(shape, WALLS[2])
        transport = Transport(field.mesh, team)
        for _ in range(3):
            transport.step(field, source, loss, 6.0)
        results.append((field.concentration.tobytes(), field.average.tobytes(), field.ledger))
        team.close()
    assert results[0] == results[1]


def test_ligands_share_the_work_arrays():
    """Two fields stepped in turn by one Transport move as each would alone."""
    alone, source, loss, _, _ = case((8, 7, 6))
    first, *_ = case((8, 7, 6))
    second, *_ = case((8, 7, 6), diffusion=1e5, walls=WALLS[1], seed=1)
    shared, own = Transport(alone.mesh), Transport(alone.mesh)
    for _ in range(2):
        own.step(alone, source, loss, 6.0)
        shared.step(second, loss, source, 6.0)
        shared.step(first, source, loss, 6.0)
    assert first.concentration.tobytes() == alone.concentration.tobytes()


def test_memory_per_voxel():
    """16 bytes per voxel and ligand; with release and uptake 64 for the work arrays that all ligands share."""
    mesh = Mesh((64, 64, 64), (20.0,) * 3)
    field, transport = LigandField(mesh, 600.0, 0.1), Transport(mesh)
    solver = transport.solver
    shared = [transport.stages, transport.partial, solver.p, solver.rhs, solver.partial]
    shared += [getattr(solver.multigrid, name) for name in ("x", "y", "b", "s", "near", "far", "between")]
    source_and_loss = 16 * mesh.n_voxels
    work = sum(array.nbytes for array in shared) + source_and_loss
    own = field.concentration.nbytes + field.average.nbytes
    assert own == 16 * mesh.n_voxels and work <= 64 * mesh.n_voxels
    assert work + 2 * own <= (48 + 2 * 24) * mesh.n_voxels
    held = {name for name, value in vars(field).items() if isinstance(value, np.ndarray)}
    assert held == {"concentration", "average"}  # nothing else grows with the mesh


@pytest.mark.parametrize("dt", [0.0, -1.0, np.nan, np.inf])
def test_impossible_steps_are_refused(dt):
    field, source, loss, _, _ = case((4, 3, 2))
    with pytest.raises(ValueError, match="dt: .*accepted"):
        Transport(field.mesh).step(field, source, loss, dt)


def test_wrong_shapes_and_meshes_are_refused():
    field, source, loss, _, _ = case((4, 3, 2))
    with pytest.raises(ValueError, match="loss: got shape"):
        Transport(field.mesh).step(field, source, loss[:2], 1.0)
    with pytest.raises(ValueError, match="another mesh"):
        other = Mesh((4, 3, 2), (20.0, 20.0, 20.0))
        Transport(other).step(field, source, loss, 1.0)


def test_a_field_that_has_decayed_away_is_empty_and_stays_so():
    mesh = Mesh((8, 8, 8), (20.0, 20.0, 20.0))
    field = LigandField(mesh, diffusion=600.0, decay=10.0, initial=1e-90)
    nothing = np.zeros(mesh.shape)
    transport = Transport(mesh)
    with np.errstate(all="raise", under="ignore"):
        for _ in range(100):
            transport.step(field, nothing, nothing, 60.0)
    assert not field.concentration.any() and field.ledger.present == 0.0
