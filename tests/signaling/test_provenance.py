"""Origins of signals against one solve per sender, and against what must add up."""

from functools import partial

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from naive.near_field import footprint, transport
from naive.outgoing_wave import outward_slope
from scipy.integrate import quad
from scipy.special import k0e, k1e

from autocrine_abm.ligands.field import LigandField
from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.ligands.stepping import Transport
from autocrine_abm.measure.signaling import cell_table, headlines
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.scenario.files import parse_text
from autocrine_abm.scratch import Scratch
from autocrine_abm.signaling.outgoing_wave import line_waves, mirror, outward_slopes
from autocrine_abm.signaling.provenance import SHARES, Provenance, _Moments
from autocrine_abm.signaling.release_age import shift_of_age
from autocrine_abm.signaling.self_signal import SelfSignal
from autocrine_abm.simulation.model import TumorModel
from autocrine_abm.team import Team

TEXT = """
title = "who talks to whom"
[run]
duration = "10 hour"
behavior_step = "6 min"
[tissue.box]
size = [{size}]
spacing = "20 um"
{tissue}
[ligand.A]
diffusion = "{D} um^2/min"
decay = "{k} 1/min"
transport = "{transport}"
boundary = "{boundary}"
initial = "{initial}"
[cell.one]
radius = "6 um"
adhesion = "0 um/min"
repulsion = "0 um/min"
{shape}
[[cell.one.secretes]]
ligand = "A"
rate = "60 molecules/min"
[[cell.one.takes_up]]
ligand = "A"
clearance = "45000 um^3/min"
[cell.two]
radius = "5 um"
adhesion = "0 um/min"
repulsion = "0 um/min"
[[cell.two.secretes]]
ligand = "A"
rate = "{rate_of_two} molecules/min"
[[cell.two.takes_up]]
ligand = "A"
clearance = "10000 um^3/min"
[cell.vessel]
radius = "5 um"
adhesion = "0 um/min"
repulsion = "0 um/min"
[[cell.vessel.exchanges]]
ligand = "A"
permeability_area = "3000 um^3/min"
[blood]
volume = "1 mL"
ligand.A.initial = "0.01 nM"
[[seed]]
cell = "one"
pattern = "random"
number = {n1}
[[seed]]
cell = "two"
pattern = "random"
number = {n2}
[[seed]]
cell = "vessel"
pattern = "random"
number = 20
{more}
"""
PACKED = """
[[seed]]
cell = "one"
pattern = "sphere"
center = ["140 um", "140 um", "140 um"]
radius = "40 um"
"""
CUBE, SLAB, CULTURE = (
    ('"280 um"', '"280 um"', '"280 um"'),
    ('"600 um"', '"600 um"', '"20 um"'),
    ('"400 um"', '"400 um"', '"100 um"'),
)


def build(size=CUBE, **given):
    values = dict(
        tissue="", D=6000, k=0.1, transport="steady", boundary="no-flux", initial="0 nM", shape="",
        n1=200, n2=100,
        rate_of_two=100, more="",
    )  # fmt: skip
    return TumorModel(parse_text(TEXT.format(size=", ".join(size), **(values | given))))


def senders_alone(model, rows, steps):
    """Self-signal of single senders: each one's field moved on, with all uptake as it was, in the model's own
    substeps."""
    tissue = model.tissues["box"]
    cells, exchange = tissue.cells, tissue.exchange
    exchange.scratch, exchange.leave = Scratch(), lambda: None  # where cells stood is asked for after they have moved
    provenance = tissue.provenance["A"]
    tags = {row: provenance._new() for row in rows}
    rates = {row: np.where(np.arange(len(cells)) == row, cells.secretion_rate[:, 0], 0.0) for row in rows}

    def settled(tag, rate, passed, move):
        before = tag.concentration.copy()
        for _ in range(6):  # rounds between the field and close neighbors; the last changes it by < 1e-4
            excess = provenance._excess(tag, rate, passed, 30)
            tag.concentration[...] = before
            move(tag, provenance._source_of(tag, rate, passed, excess))

    for _ in range(steps):
        model.step()
        if not provenance.steady:
            last, loss = exchange.last, exchange.loss.copy()
            replay = partial(exchange.transport.replay, loss=loss, dt=6.0, taken=last.taken)
            for row, tag in tags.items():
                settled(tag, rates[row], last.passed, replay)
    origins = model.trace()["box"]["A"]
    passed = origins.clearance + origins.returned
    near, place, _ = exchange.seen(0)
    own, settle = [], partial(exchange.transport.settle, loss=exchange.loss)
    for row, tag in tags.items():
        if provenance.steady:
            settled(tag, rates[row], passed, settle)
        excess = provenance._excess(tag, rates[row], passed, 30)
        own.append(near.sense(place, rates[row], passed, tag.concentration, excess)[0][row])
    return origins, np.array(own)


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        (dict(size=CUBE), 1),
        (dict(size=CUBE, transport="transient", D=600, k=0.02), 3),
        (dict(size=SLAB), 1),
        (dict(size=SLAB, transport="transient", D=600, k=0.02), 3),
        (dict(size=CULTURE, shape='shape = "disc"'), 1),
        (dict(size=CULTURE, shape='shape = "disc"', transport="transient"), 3),
        (dict(size=CUBE, tissue='periodic = ["x", "y", "z"]', k=0.01), 1),
        (dict(size=CUBE, boundary="fixed 0.01 nM", transport="transient"), 2),
        (dict(D=100, n1=40, n2=20, more=PACKED), 1),
        (dict(D=600, n1=40, n2=20, more=PACKED, transport="transient", k=0.02), 3),
    ],
    ids=[
        "3-D",
        "3-D in time",
        "slab",
        "slab in time",
        "culture",
        "culture in time",
        "periodic",
        "walls in time",
        "packed",
        "packed in time",
    ],
)
def test_self_share_is_that_of_one_solve_per_sender(given, steps):
    model = build(**given)
    model.tissues["box"].follow_origins(0.0)
    cells = model.tissues["box"].cells
    rows = np.random.default_rng(1).choice(np.flatnonzero(cells.secretion_rate[:, 0]), 25, replace=False)
    origins, own = senders_alone(model, rows, steps)
    shares = origins.shares()
    assert np.abs(shares[rows, 0] - own / origins.total[rows]).max() <= 0.01  # the requirement


@pytest.mark.parametrize("transport", ["steady", "transient"])
def test_tags_add_up_to_the_field(transport):
    model = build(
        transport=transport, initial="0.02 nM", boundary="fixed 0.01 nM", tissue='close_neighbors = "mesh"'
    )
    model.trace()
    for _ in range(3):
        model.step()
    origins = model.trace()["box"]["A"]
    # 1e-5 of the largest value is what each solve is allowed; a few solves add up
    assert np.allclose(origins.total, model.cells.sensed[:, 0], rtol=0, atol=1e-4 * origins.total.max())
    assert (origins.signal >= 0).all() and (
        origins.own <= origins.signal[np.arange(len(origins.own)), origins.cell_type]
    ).all()
    shares = origins.shares()
    assert np.abs(shares.sum(axis=1) - 1).max() <= 1e-6
    assert (shares.min(axis=0) >= 0).all() and (
        shares.max(axis=0) > 0
    ).all()  # every origin plays a part here


@pytest.mark.parametrize("transport", ["steady", "transient"])
def test_a_type_accounts_for_what_is_missing_without_it(transport):
    both, one = (
        build(transport=transport, rate_of_two=rate, tissue='close_neighbors = "mesh"') for rate in (100, 0)
    )
    for model in (both, one):
        model.tissues["box"].follow_origins(0.0)
        for _ in range(2):
            model.step()
    origins = both.trace()["box"]["A"]
    missing = both.cells.sensed[:, 0] - one.cells.sensed[:, 0]
    # transient: each model takes substeps of its own, within 1 % of the field's scale
    tolerance = (0.01 if transport == "transient" else 1e-5) * origins.total.max()
    assert np.abs(origins.signal[:, 1] - missing).max() <= tolerance


def test_distance_is_that_of_all_pairs():
    model = build(n1=12, n2=8, size=CUBE, k=0.01)
    model.step()
    tissue = model.tissues["box"]
    origins = model.trace()["box"]["A"]
    provenance, cells = tissue.provenance["A"], tissue.cells
    passed = origins.clearance + origins.returned
    square, amount, plain = np.zeros((3, len(cells)))
    for row in np.flatnonzero(cells.secretion_rate[:, 0]):
        rate = np.where(np.arange(len(cells)) == row, cells.secretion_rate[:, 0], 0.0)
        sensed = provenance._sensed(provenance._new(), rate, passed)
        apart = np.linalg.norm(cells.position - cells.position[row], axis=1)
        square += sensed * apart**2
        plain += sensed * apart
        amount += sensed
    assert np.allclose(
        origins.square_distance, square / amount, rtol=5e-3
    )  # rounds with close neighbors stop at 1e-3
    row = headlines(cell_table(model.tissues)).iloc[0]
    weight = origins.clearance
    mean, rms = weight @ plain / (weight @ amount), np.sqrt(weight @ square / (weight @ amount))
    assert row["rms_distance"] == pytest.approx(rms, rel=5e-3)
    assert mean <= row["mean_distance"] <= rms * (1 + 5e-3)


def test_chord_of_a_periodic_box():
    moments = _Moments(Mesh((10, 10, 10), (20.0,) * 3, (True, True, True)))
    source, receiver = (
        np.array([[190.0, 100.0, 20.0]]),
        np.array([[10.0, 100.0, 20.0]]),
    )  # 20 µm apart around the corner
    (square,) = moments.square(receiver, np.ones(1), moments.of(source))
    assert np.sqrt(square) == pytest.approx(200 / np.pi * np.sin(np.pi * 20 / 200))


def test_medium_that_was_replaced_belongs_to_the_boundary():
    dose = '[[regimen]]\nligand = "A"\nconcentration = "1 nM"\nreplace = true\nstart = "12 min"'
    model = build(transport="transient", more=dose)
    model.tissues["box"].follow_origins(0.0)
    shares = []
    for _ in range(3):
        model.step()
        shares.append(model.trace()["box"]["A"].shares().mean(axis=0))
    assert shares[1][4] == 0.0 and shares[2][4] > 0.5
    field, tags = model.fields["A"].concentration, model.tissues["box"].provenance["A"].tags.values()
    assert np.allclose(sum(tag.concentration for tag in tags), field, rtol=0, atol=1e-4 * field.max())


def test_what_was_there_before_tracing_counts_to_the_boundary():
    model = build(transport="transient", D=600, k=0.001)
    model.step()
    early = model.trace()["box"]["A"].shares()
    assert (early[:, 4] > 0.2).all()
    for _ in range(40):
        model.step()
    late = model.trace()["box"]["A"].shares()
    assert late[:, 4].max() < 0.01


def test_tracing_changes_nothing_but_the_share_columns():
    quiet, traced = (build(transport="transient") for _ in range(2))
    assert traced.cells.share_self.shape == (len(traced.cells), 0)  # no room is made for what nobody asks
    for _ in range(3):
        quiet.step()
        traced.step()
        traced.trace()
    assert quiet.fields["A"].concentration.tobytes() == traced.fields["A"].concentration.tobytes()
    assert quiet.cells.sensed.tobytes() == traced.cells.sensed.tobytes()
    columns = np.stack([traced.cells[name][:, 0] for name in SHARES], axis=1)
    assert np.array_equal(columns, traced.tissues["box"].origins["A"].shares())
    agent = next(iter(traced.agents))
    assert agent.share_self[0] == columns[0, 0]


def test_corpses_and_vessels_send_nothing_of_their_own():
    model = build()
    model.step()
    origins = model.trace()["box"]["A"]
    vessels = origins.cell_type == 2
    assert (origins.own[vessels] == 0).all() and (origins.clearance[vessels] == 0).all()
    assert (origins.returned[vessels] == 3000).all() and (origins.shares()[vessels, 3] > 0).all()


@pytest.mark.parametrize("shape", [(14, 14, 14), (24, 24, 1), (90, 1, 1)])
@pytest.mark.parametrize("clearance", [2e3, 5e5])
def test_patch_gives_the_diagonal_of_the_whole_inverse(shape, clearance):
    mesh = Mesh(shape, (20.0,) * 3)
    draws = np.random.default_rng(3)
    n, diffusion, decay = 60, 600.0, 0.05
    position = draws.random((n, 3)) * mesh.size
    near = NearField(mesh, diffusion, decay, 6.0)
    place = near.place(position, np.full(n, 6.0))
    uptake = clearance * draws.random(n)
    source, loss = np.zeros(shape), np.zeros(shape)
    near.deposit(place, np.zeros(n), uptake, source, loss)
    field = LigandField(mesh, diffusion, decay)
    Transport(mesh).walls_of(field)
    found = SelfSignal(field, Team(1)).respond(
        None, place, None, uptake, loss, np.full(n, np.inf), np.arange(n) % 2 == 0
    )
    inverse = scipy.sparse.linalg.splu(
        (transport(mesh, diffusion, decay) + scipy.sparse.diags(loss.ravel())).tocsc()
    )
    for row, (voxels, weight, gap) in enumerate(footprint(near, place)):
        if row % 2:
            assert found[row] == 0.0
            continue
        share = weight / (1 + uptake[row] * gap)
        spread = np.zeros(mesh.n_voxels)
        spread[np.ravel_multi_index(voxels.T, shape)] = share
        exact = share @ gap + spread @ inverse.solve(spread) / mesh.voxel_volume
        assert found[row] == pytest.approx(
            exact, rel=5e-3
        )  # 5e-4 of the last sweep, and what the cut of the patch costs


def test_line_waves_are_the_bessel_functions():
    x = np.geomspace(1e-5, 100, 1000)
    k0, k1 = np.empty((2, x.size))
    line_waves(x, k0, k1)
    assert np.allclose(k0, k0e(x), rtol=3e-4, atol=0) and np.allclose(k1, k1e(x), rtol=3e-4, atol=0)  # as it says


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("even", [0.0, 1e-3])
def test_slopes_are_those_of_one_face_after_the_other(dimension, even):
    draws = np.random.default_rng(8)
    n, reach = 50, 400.0
    image, factor, images = np.zeros((3, 16)), np.ones((3, 16)), np.ones(3, np.int64)
    for axis in range(dimension):
        low, high = draws.choice([-1.0, 0.0, 1.0], 2)
        images[axis] = mirror(60.0, np.array([20.0, 8.0, axis == 1, low, high]), reach, image[axis], factor[axis])
    wide = np.arange(3)[:, None] < dimension
    face = (60.0 + draws.uniform(20, 60, (3, n)) * draws.choice([-1, 1], (3, n))) * wide
    axis = draws.integers(0, dimension, n)
    normal = np.where(np.arange(3)[:, None] == axis, np.sign(face - 60.0), 0.0)
    kappa = np.geomspace(1e-4, 0.2, n)
    slope = np.empty(n)
    outward_slopes(face, normal, kappa, dimension, images, image, factor, reach, even, np.empty((7, n)), slope)
    rest = dimension, images, image, factor, reach, even
    expected = [
        outward_slope(face[:, f], axis[f], normal[axis[f], f], kappa[f], *rest) for f in range(n)
    ]
    assert max(images) > 1 and (slope > 0).any()
    # waves of lines within 3e-4, of which the parts of an image may cancel; the others follow e^(-x) within 2e-6
    assert np.allclose(slope, expected, rtol=0, atol=(2e-3 if dimension == 2 else 1e-5) * max(expected))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_shift_takes_away_what_has_not_come_yet(dimension):
    age, loss = 12.0, 0.05
    (shift,) = shift_of_age(np.array([age]), np.array([loss]), dimension)

    def green(s):
        return (4 * np.pi * s) ** (-dimension / 2)

    missing = quad(lambda s: np.exp(-loss * s) * green(s), age, np.inf)[0]
    # of the whole field at steady state with the shift: ∫ (e^(−k s) − e^(−(k + σ) s)) G ds
    taken = quad(lambda s: -np.expm1(-shift * s) * np.exp(-loss * s) * green(s), 0, np.inf, limit=500)[0]
    assert taken == pytest.approx(missing, rel=1e-5)
    assert shift_of_age(np.array([np.inf]), np.array([loss]), dimension)[0] == pytest.approx(0, abs=1e-12)


def test_provenance_made_twice_starts_anew():
    model = build(transport="transient")
    model.step()
    tissue = model.tissues["box"]
    fresh = Provenance(tissue.exchange, 0, model.spec.cell, 6.0)
    assert list(fresh.tags) == ["boundary"] and np.array_equal(
        fresh.tags["boundary"].concentration, model.fields["A"].concentration
    )
