"""Derived numbers against formulas evaluated elsewhere; judgments where they are due and only there."""

from math import asinh, exp, inf, pi, sqrt

import pytest

from autocrine_abm.cells.cell_type import CellType, Uptake
from autocrine_abm.cells.receptor import Receptor
from autocrine_abm.ligands.ligand import Ligand
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.mesh.domain import Domain
from autocrine_abm.scenario.adequacy import judge
from autocrine_abm.scenario.derived import (
    _voxel_response,
    circulating,
    close_neighbors,
    in_words,
    packed_range,
    seeded_cells,
    self_signal,
    single_cell_capture,
)
from autocrine_abm.scenario.files import locate, parse_text, read
from autocrine_abm.scenario.overrides import override

CUBES = Mesh(shape=(40, 40, 40), spacing=(20.0, 20.0, 20.0))


def _levels(judgments, words):
    return [judgment.level for judgment in judgments if words in judgment.message]


def test_capture_of_a_lone_cell():
    # U / (U + 4 pi D a (1 + a/lambda)), lambda = 10 a
    ligand = Ligand(diffusion="600 um^2/min", decay="0.166666666666666667 1/min")
    clearance, radius = 1000.0, 6.0
    expected = clearance / (clearance + 4 * pi * 600 * radius * (1 + radius / 60))
    assert single_cell_capture(ligand, clearance, radius, CUBES) == pytest.approx(expected, rel=1e-12)
    assert single_cell_capture(ligand, 0.0, radius, CUBES) == 0.0


@pytest.mark.parametrize(("spacing", "error"), [(12.0, 0.588), (19.055, 0.0), (40.0, -0.524)])
def test_self_signal_of_the_voxel_average(spacing, error):
    # 0.252731/(D h) against 1/(4 pi D a) for a = 6 um: 3.17591 a / h - 1 (Watson 1939)
    mesh = Mesh(shape=(9, 9, 9), spacing=(spacing,) * 3)
    ligand = Ligand(diffusion="600 um^2/min")
    assert self_signal(ligand, 6.0, mesh) == pytest.approx(3.17591 * 6 / spacing - 1, abs=1e-4)
    assert self_signal(ligand, 6.0, mesh) == pytest.approx(error, abs=1e-3)


@pytest.mark.parametrize(
    ("ratio", "space", "plane"),
    [(0.05, 0.24869, 0.75237), (0.1, 0.24466, 0.64156), (0.5, 0.21115, 0.37686), (1.0, 0.17052, 0.25405)],
)
def test_voxel_response_with_decay(ratio, space, plane):
    # c D h / q on an endless lattice; on the plane (2/pi) K(m)/z with z = 4 + (h/lambda)^2, m = (4/z)^2
    ligand = Ligand(diffusion="1 um^2/min", decay=f"{ratio**2} 1/min")
    assert _voxel_response(ligand, 1.0, 3, 1.0) == pytest.approx(space, abs=4e-5)  # computed in a finite box
    assert _voxel_response(ligand, 1.0, 2, 1.0) == pytest.approx(plane, abs=6e-6)  # the digits given


def test_self_signal_in_a_slab_vanishes_at_the_well_radius():
    # on a plane a voxel acts as a well of radius 0.1985 h (Peaceman 1978), up to terms (h/lambda)^2
    mesh = Mesh(shape=(99, 99, 1), spacing=(20.0, 20.0, 20.0))
    ligand = Ligand(diffusion="1e5 um^2/min", decay="0.1 1/min")
    assert self_signal(ligand, 0.1985 * 20, mesh) == pytest.approx(0.0, abs=2e-3)
    assert self_signal(ligand, 8.0, mesh) > 0.05


def test_nothing_is_said_where_nothing_is_known():
    boxes = Mesh(shape=(9, 9, 9), spacing=(20.0, 20.0, 10.0))
    assert self_signal(Ligand(diffusion="600 um^2/min"), 6.0, boxes) is None
    slab = Mesh(shape=(9, 9, 1), spacing=(20.0, 20.0, 10.0))
    assert self_signal(Ligand(diffusion="600 um^2/min"), 6.0, slab) is None


def test_range_in_a_dense_packing():
    oxygen = Ligand(diffusion="1e5 um^2/min", decay="0.1 1/min")
    cell = CellType(radius="8 um", takes_up=[Uptake(ligand="oxygen", clearance="24940 um^3/min")])
    cube = Domain(size=("200 um", "200 um", "200 um"), spacing="20 um")
    room = (0.95 * 2 * 8) ** 3 / sqrt(2)  # hexagonal packing at 0.95 diameters
    assert packed_range(oxygen, "oxygen", cell, cube) == pytest.approx(sqrt(1e5 / (0.1 + 24940 / room)))
    lattice = Domain(size=("200 um", "200 um", "200 um"), spacing="20 um", space="lattice")
    assert packed_range(oxygen, "oxygen", cell, lattice) == pytest.approx(sqrt(1e5 / (0.1 + 24940 / 8000)))
    assert packed_range(oxygen, "glucose", cell, cube) == pytest.approx(1000.0)  # taken up by nobody


def test_voxel_against_range():
    decay = 600 / 30**2  # a range of 30 um
    scenario = read("minimal", {"ligand.growth_factor.diffusion": "600 um^2/min",
                                "ligand.growth_factor.decay": f"{decay} 1/min"})  # fmt: skip
    (judgment,) = [j for j in judge(scenario) if "profiles reach" in j.message]
    excess = (20 / 30) / (2 * asinh(20 / 30 / 2)) - 1
    assert judgment.level == "warning" and f"{excess:.1%}" in judgment.message
    assert judge(scenario)[0].level == "warning"  # warnings come first
    finer = read("minimal", {"tissue.dish.spacing": "10 um"})
    assert _levels(judge(finer), "profiles reach") == ["ok"]


def test_step_against_rates():
    scenario = read(
        "minimal", {"cell.cancer.apoptosis_rate": "0.1 1/min", "cell.cancer.apoptosis_duration": "1 min",
                    "run.behavior_step": "6 min"}
    )  # fmt: skip
    judgments = judge(scenario)
    assert _levels(judgments, f"up to {1 - exp(-0.6):.0%} of the cells") == ["note"]
    assert _levels(judgments, "is shorter than a step") == ["note"]
    often = read("minimal", {"cell.cancer.apoptosis_rate": "1 1/min"})
    assert _levels(judge(often), "such an event within one step of 10 min; all of them count") == ["warning"]
    assert not _levels(judge(read("minimal")), "such an event within one step")


def test_walls_within_three_ranges():
    near = read("minimal", {"tissue.dish.size": ["300 um", "600 um", "20 um"]})
    assert "the no-flux wall x_high" in str(judge(near)) and _levels(
        judge(near), "ranges of growth_factor"
    ) == ["note"]
    assert not _levels(judge(read("minimal")), "ranges of growth_factor")
    for remedy in ({"tissue.dish.periodic": ["x"]}, {"ligand.growth_factor.boundary.others": "open"}):
        scenario = read("minimal", {"tissue.dish.size": ["300 um", "600 um", "20 um"], **remedy})
        assert not _levels(judge(scenario), "ranges of growth_factor")


def _with_drug(changes=None):
    """The minimal scenario with a second ligand of range 245 um, and changes."""
    text = locate("minimal").read_text(encoding="utf-8")
    drug = '\n[ligand.drug]\ndiffusion = "600 um^2/min"\ndecay = "0.01 1/min"\ninitial = "1 nM"\n'
    return override(parse_text(text + drug), changes or {})


def test_each_seed_tells_of_its_wall_once():
    narrow = _with_drug({"tissue.dish.size": ["300 um", "600 um", "20 um"]})
    told = [judgment.message for judgment in judge(narrow) if "of tissue 'dish'" in judgment.message]
    assert len(told) == 1
    assert "1.9 ranges of growth_factor, 0.61 ranges of drug" in told[0]  # 150/sqrt(6000/1), 150/sqrt(600/0.01)


def test_open_walls_know_of_no_traps():
    trapped = {"ligand.growth_factor.trap": [{"ligand": "drug", "k_on": "1e6 1/M/s"}]}
    assert not _levels(judge(_with_drug(trapped)), "is taken to hold no drug")
    opened = trapped | {"ligand.growth_factor.boundary.others": "open"}
    assert _levels(judge(_with_drug(opened)), "is taken to hold no drug") == ["note"]


def test_a_cell_thicker_than_its_slab():
    assert not _levels(judge(read("minimal")), "the slab is")
    thin = {"tissue.dish.size": ["600 um", "600 um", "8 um"], "tissue.dish.spacing": ["20 um", "20 um", "8 um"]}
    thin = read("minimal", thin)
    assert _levels(judge(thin), "the slab is 8 um thick") == ["warning"]


def test_transport_against_the_step():
    assert (
        _levels(judge(read("minimal", {"ligand.growth_factor.transport": "transient"})), "settles in") == []
    )
    fast = {"ligand.growth_factor.transport": "transient", "ligand.growth_factor.decay": "10 1/min"}
    assert _levels(judge(read("minimal", fast)), "settles in") == ["note"]
    slow = {"ligand.growth_factor.decay": "0.001 1/min"}
    assert _levels(judge(read("minimal", slow)), "'transient' follows it") == ["warning"]


def test_growth_against_room():
    # at most 0.05 - 0.002 divisions per hour: 160-fold growth, to the room of this slab, takes 106 hours
    assert _levels(judge(read("minimal", {"run.duration": "2 day"})), "has room for about") == []
    assert _levels(judge(read("minimal", {"run.duration": "7 day"})), "has room for about") == ["note"]
    crowded = read("minimal", {"seed.0.number": 3000, "tissue.dish.size": ["400 um", "400 um", "20 um"],
                               "seed.0.distance": "6 um"})  # fmt: skip
    assert _levels(judge(crowded), "are more than the") == ["warning"]


def test_what_is_not_there_is_noticed():
    silent = read("minimal", {"cell.cancer.secretes.0.rate": "0 molecules/min"})
    assert _levels(judge(silent), "nothing releases it") == ["note"]
    empty = read("minimal", {"seed": []})
    assert _levels(judge(empty), "starts without cells") == ["note"]
    assert _levels(judge(empty), "no seed places cells") == ["note"]
    moving = read("minimal", {"cell.cancer.migration_rate": "0.001 1/min"})
    assert _levels(judge(moving), "is used on a lattice only") == ["note"]


def test_records_between_steps():
    assert _levels(judge(read("minimal", {"record.every": "1 min"})), "every step is recorded") == ["note"]


def test_seeded_cells():
    assert seeded_cells(read("minimal")) == {"dish": 20}
    assert seeded_cells(read("allee_glioblastoma")) == {"dish": 100}


@pytest.mark.parametrize(
    ("time", "text"),
    [(0.001, "60 ms"), (0.5, "30 s"), (6.0, "6 min"), (120.0, "2 hour"), (4320.0, "3 day"), (inf, "inf day")],
)
def test_times_in_words(time, text):
    assert in_words(time) == text


def test_receptors_limit_the_range_and_capture_like_direct_uptake():
    ligand = Ligand(diffusion="6000 um^2/min")
    receptor = Receptor(
        ligand="TNF", number=0.1 * 0.602214076e4, k_on="1 1/nM/min", k_off="0 1/min", k_internalize="1 1/min"
    )
    cube = Domain(size=("200 um", "200 um", "200 um"), spacing="20 um")
    bound, direct = (
        CellType(radius="5 um", receptor=[receptor]),
        CellType(radius="5 um", takes_up=[Uptake(ligand="TNF", clearance="1000 um^3/min")]),
    )  # k_e R/K_m = 602.214076/(1 nM)
    ranges = [packed_range(ligand, "TNF", cell, cube) for cell in (bound, direct)]
    assert ranges[0] == pytest.approx(ranges[1], rel=1e-12) and 50 < ranges[0] < 100


@pytest.mark.parametrize(
    ("size", "spacing", "radius", "within"),
    [("200 um", "20 um", 5.0, 30.0), ("200 um", "10 um", 5.0, 18.0), ("20 um", "20 um", 6.0, 30.0)],
)
def test_close_neighbors_of_a_packed_cell(size, spacing, radius, within):
    # max(1.5 voxels, 3.6 radii) in 3-D and, a cell's box being 3 radii wide there, max(1.5 voxels, 4.5 radii)
    # in a slab
    domain = Domain(size=("200 um", "200 um", size), spacing=spacing)
    number, reach = close_neighbors(domain, radius, 1000.0)
    assert reach == pytest.approx(within)
    volume = 4 / 3 * pi * reach**3 if size == "200 um" else pi * reach**2 * 20
    assert number == pytest.approx(volume / 1000 - 1)
    assert close_neighbors(domain, radius, 1000.0, cells=5)[0] == 4.0


def test_packed_cells_in_coarse_voxels_are_told_what_resolving_costs():
    packed = {"tissue.dish.size": ["600 um", "600 um", "600 um"], "cell.cancer.radius": "5 um"}
    assert _levels(judge(read("minimal", packed)), "a spacing of 12 um or less lowers that") == ["note"]
    for remedy in (
        {"tissue.dish.spacing": "10 um"},
        {"tissue.dish.close_neighbors": "mesh"},
        {"tissue.dish.sensing": "voxel"},
    ):
        assert not _levels(judge(read("minimal", packed | remedy)), "pair by pair")
    few = {"seed.0.number": 20, "cell.cancer.division_rate": "0 1/hour", "cell.cancer.rule": []}
    assert not _levels(judge(read("minimal", packed | few)), "pair by pair")


def test_doses_that_come_to_nothing_are_noticed():
    text = read_text("""
[blood]
volume = "1 mL"
[[regimen]]
ligand = "growth_factor"
concentration = "1 nM"
start = "6 day"
every = "1 day"
doses = 3
[[regimen]]
ligand = "growth_factor"
into = "blood"
amount = "1 pmol"
""")
    scenario = parse_text(text)
    assert circulating(scenario) == ["growth_factor"] and circulating(read("minimal")) == []
    judgments = judge(scenario)
    assert _levels(judgments, "2 of 3 doses are due after the run of '7 day'") == ["note"]
    assert _levels(judgments, "no cell exchanges growth_factor with the blood") == ["note"]
    assert _levels(judgments, "a dose is gone at once") == ["warning"]
    later = scenario.regimen[0].start
    assert later == 6 * 1440 and not _levels(judge(read("minimal")), "dose")


def read_text(more):
    """The shipped minimal scenario with something added."""
    from autocrine_abm.scenario.library import path

    return path("minimal").read_text(encoding="utf-8") + more


def test_origins_recorded_between_steps():
    judgments = [
        j for j in judge(read("minimal", {"record.signaling": "1 min"})) if j.path == "record.signaling"
    ]
    assert [j.level for j in judgments] == ["note"] and "every step is recorded" in judgments[0].message
