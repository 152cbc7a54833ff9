"""Initial cells: packings against their geometry, numbers against what was asked, files line by line."""

from math import pi, sqrt

import numpy as np
import pytest
from pydantic import ValidationError

from autocrine_abm.cells.seeding import Seed, expected_number, place
from autocrine_abm.errors import AutocrineError
from autocrine_abm.mesh.domain import Domain

RADIUS = 5.0
SLAB = Domain(size=("400 um", "300 um", "20 um"), spacing="20 um")
CUBE = Domain(size=("300 um", "300 um", "300 um"), spacing="20 um")
LATTICE = Domain(size=("400 um", "300 um", "20 um"), spacing="20 um", space="lattice")
LATTICE_3D = Domain(size=("300 um", "300 um", "300 um"), spacing="20 um", space="lattice")


def _place(domain, seed=0, folder=".", **values):
    seeded = Seed(**({} if values.get("pattern") == "file" else {"cell": "cancer"}) | values)
    return place(seeded, domain, RADIUS, np.random.default_rng(seed), folder)


def _nearest_neighbor(position):
    distance = np.linalg.norm(position[:, None] - position[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    return distance.min(axis=1)


@pytest.mark.parametrize("domain", [SLAB, CUBE], ids=["2-D", "3-D"])
@pytest.mark.parametrize(
    "values",
    [
        {"pattern": "disc", "radius": "60 um"}, {"pattern": "sphere", "radius": "60 um"},
        {"pattern": "disc", "number": 57}, {"pattern": "sphere", "number": 57}, {"pattern": "monolayer"},
        {"pattern": "regular", "distance": "30 um"},
    ],
    ids=lambda v: " ".join(map(str, v.values())),
)  # fmt: skip
def test_packings_keep_their_distance_and_stay_inside(domain, values):
    position, names = _place(domain, **values)
    assert len(position) == len(names) > 20 and set(names) == {"cancer"}
    assert np.all(position >= 0) and np.all(position <= domain.mesh().size)
    distance = 30.0 if "distance" in values else 0.95 * 2 * RADIUS
    np.testing.assert_allclose(_nearest_neighbor(position), distance, rtol=1e-9)  # rounding of coordinates
    if "number" in values:
        assert len(position) == values["number"]


def test_a_disc_is_flat_and_centered():
    position, _ = _place(CUBE, pattern="disc", radius="60 um", center=["100 um", "120 um", "40 um"])
    assert np.all(position[:, 2] == 40.0)
    np.testing.assert_allclose(position.mean(axis=0), [100, 120, 40], atol=1e-9)  # the packing is symmetric
    assert np.linalg.norm(position - [100, 120, 40], axis=1).max() <= 60


def test_expected_numbers_of_packings():
    distance = 0.95 * 2 * RADIUS
    disc = Seed(pattern="disc", cell="cancer", radius="100 um")
    assert expected_number(disc, SLAB, RADIUS) == pytest.approx(pi * 100**2 / (distance**2 * sqrt(0.75)))
    for domain, values in (
        (SLAB, {"pattern": "disc", "radius": "100 um"}),
        (CUBE, {"pattern": "sphere", "radius": "100 um"}),
        (CUBE, {"pattern": "monolayer"}),
        (SLAB, {"pattern": "regular", "distance": "20 um"}),
    ):
        position, _ = _place(domain, **values)
        expected = expected_number(Seed(cell="cancer", **values), domain, RADIUS)
        # grid points in a circle, sphere or square differ from its area by the boundary layer, below 8 % here
        assert len(position) == pytest.approx(expected, rel=0.08), values


def test_a_number_near_a_corner_is_packed_all_the_same():
    position, _ = _place(SLAB, pattern="disc", number=200, center=["0 um", "0 um", "10 um"])
    assert len(position) == 200 and np.linalg.norm(position[:, :2], axis=1).max() < 2.5 * 9.5 * sqrt(200)


@pytest.mark.parametrize("domain", [LATTICE, LATTICE_3D], ids=["2-D", "3-D"])
@pytest.mark.parametrize(
    "values",
    [
        {"pattern": "disc", "number": 30}, {"pattern": "sphere", "radius": "70 um"}, {"pattern": "monolayer"},
        {"pattern": "regular", "distance": "40 um"}, {"pattern": "random", "fraction": 0.25},
    ],
    ids=lambda v: " ".join(map(str, v.values())),
)  # fmt: skip
def test_on_a_lattice_cells_have_distinct_voxel_centers(domain, values):
    position, _ = _place(domain, **values)
    index = position / 20 - 0.5
    np.testing.assert_allclose(index, np.round(index), atol=1e-9)  # centers are multiples of 20 um plus 10
    assert len(np.unique(np.round(index), axis=0)) == len(position) > 0
    if "number" in values:
        assert len(position) == 30
    if "fraction" in values:
        assert len(position) == round(0.25 * domain.mesh().n_voxels)
    if values["pattern"] == "monolayer":
        assert len(position) == domain.mesh().shape[0] * domain.mesh().shape[1]


def test_random_cells_are_uniform():
    position, _ = _place(CUBE, pattern="random", number=4000)
    assert len(position) == 4000
    # mean of n uniform numbers: standard error 300/sqrt(12 n) = 1.37; 5 errors fail once in 1e6
    assert np.all(np.abs(position.mean(axis=0) - 150) < 5 * 300 / sqrt(12 * 4000))
    again, _ = _place(CUBE, pattern="random", number=4000)
    other, _ = _place(CUBE, seed=1, pattern="random", number=4000)
    assert np.array_equal(position, again) and not np.array_equal(position, other)


@pytest.mark.parametrize(
    ("domain", "density", "number"),
    [(SLAB, "1000 cells/mm^2", 120), (CUBE, "1e5 cells/mm^3", 2700), (SLAB, "1e5 cells/mm^3", 240)],
)
def test_density_counts_area_or_volume(domain, density, number):
    assert len(_place(domain, pattern="random", density=density)[0]) == number


def test_cells_of_a_2d_tissue_lie_in_the_middle_of_the_slab():
    for values in (
        {"pattern": "random", "number": 5},
        {"pattern": "disc", "number": 5},
        {"pattern": "monolayer"},
    ):
        assert np.all(_place(SLAB, **values)[0][:, 2] == 10.0)


def test_a_file_says_where_and_what(tmp_path):
    (tmp_path / "cells.csv").write_text("cell, x, y, z\nstroma,1,2,3\ncancer,4.5,5,6\n")
    position, names = _place(CUBE, folder=tmp_path, pattern="file", file="cells.csv")
    assert position.tolist() == [[1, 2, 3], [4.5, 5, 6]] and names == ["stroma", "cancer"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x,y,cell\n1,2,a\n", "has no column z"),
        ("", "has no column x, y, z"),
        ("x,y,z,cell\n1,2,3,a\n1,,3,a\n", "cells.csv:3: y: got nothing"),
        ("x,y,z,cell\n1,2,nan,a\n", "cells.csv:2: z"),
        ("x,y,z,cell\n1,2,many,a\n", "cells.csv:2: z: got many"),
        ("x,y,z,cell\n1,2,3,a\n1,2,301,a\n", "cells.csv:3: z: got 301, outside"),
        ("x,y,z,cell\n1,2\n", "cells.csv:2: z: got nothing"),
    ],
)
def test_faults_of_a_file_name_the_row(tmp_path, text, words):
    (tmp_path / "cells.csv").write_text(text)
    with pytest.raises(AutocrineError) as caught:
        _place(CUBE, folder=tmp_path, pattern="file", file="cells.csv")
    assert words in str(caught.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(AutocrineError, match="No such file"):
        _place(CUBE, folder=tmp_path, pattern="file", file="cells.csv")
    (tmp_path / "cells.csv").write_bytes(b"x,y,z,cell\n\xff\xfe\x00")
    with pytest.raises(AutocrineError, match="cannot be read as CSV"):
        _place(CUBE, folder=tmp_path, pattern="file", file="cells.csv")


def test_more_cells_than_fit_are_refused():
    with pytest.raises(AutocrineError, match="only .* of 100000 cells fit"):
        _place(SLAB, pattern="disc", number=100_000)
    with pytest.raises(AutocrineError, match="301 cells do not fit into the 300 free voxels"):
        _place(LATTICE, pattern="random", number=301)


def test_two_cells_of_a_file_in_one_voxel_are_refused(tmp_path):
    (tmp_path / "cells.csv").write_text("x,y,z,cell\n1,2,3,a\n4,5,6,a\n")
    with pytest.raises(AutocrineError, match="two cells fall into one voxel"):
        _place(LATTICE, folder=tmp_path, pattern="file", file="cells.csv")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"pattern": "disc"}, "needs one of radius, number"),
        ({"pattern": "disc", "radius": "5 um", "number": 3}, "got radius and number"),
        ({"pattern": "regular", "distance": "5 um", "fraction": 0.5}, "does not use fraction"),
        ({"pattern": "monolayer", "cell": None}, "missing 'cell'"),
    ],
)
def test_a_seed_states_what_its_pattern_needs(values, words):
    with pytest.raises(ValidationError) as caught:
        Seed(**{"cell": "cancer"} | values)
    assert words in str(caught.value)


def test_seeds_share_a_lattice():
    domain = Domain(size=["100 um", "100 um", "20 um"], spacing="20 um", space="lattice")
    taken = np.arange(15)
    position, _ = place(Seed(pattern="random", cell="a", number=10), domain, RADIUS, np.random.default_rng(1), ".", taken)
    assert sorted(domain.mesh().voxel_of(position)) == list(range(15, 25))
    with pytest.raises(AutocrineError, match="11 cells do not fit into the 10 free voxels"):
        place(Seed(pattern="random", cell="a", number=11), domain, RADIUS, np.random.default_rng(1), ".", taken)
    with pytest.raises(AutocrineError, match="an earlier seed has taken"):
        place(Seed(pattern="regular", cell="a", distance="20 um"), domain, RADIUS, np.random.default_rng(1), ".", taken)
