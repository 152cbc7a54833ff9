"""Contacts: counted pair by pair, by type, on and off the lattice."""

import numpy as np
import pytest
from naive.contacts import count_naively

from autocrine_abm.behavior.contacts import Contacts
from autocrine_abm.behavior.lattice import Lattice
from autocrine_abm.cells.columns import APOPTOTIC
from autocrine_abm.cells.state import CellState
from autocrine_abm.mesh.cartesian import Mesh
from autocrine_abm.team import Team


def table(position, kinds, radius=6.0):
    cells = CellState(["cancer", "T_cell", "stroma"], [], contacts=("T_cell", "dead"))
    n = len(position)
    cells.add(n, cell_id=np.arange(1, n + 1), cell_type=kinds, position=position, radius=radius)
    return cells


@pytest.mark.parametrize("shape, periodic", [((6, 6, 6), (False, True, False)), ((6, 6, 1), (True, False, False))])
def test_contacts_agree_with_the_slow_twin(shape, periodic):
    mesh, rng = Mesh(shape, (20.0, 20.0, 20.0), periodic), np.random.default_rng(1)
    cells = table(rng.random((150, 3)) * mesh.size, rng.integers(0, 3, 150), rng.uniform(4, 8, 150))
    cells.phase[::5] = APOPTOTIC
    group = np.where(cells.phase > 0, 1, np.where(cells.cell_type == 1, 0, -1))
    flat = [n == 1 for n in shape]
    expected = count_naively(cells.position, cells.radius, group, 2, 1.25, mesh.size, periodic, flat)
    for team in (Team(), Team(2, smallest_slab=1)):
        Contacts(("T_cell", "dead"), cells.type_names, mesh, 1.25, team).count(cells)
        assert np.array_equal(cells.contacts, expected) and expected.sum() > 50


def test_on_the_lattice_neighbors_touch():
    mesh = Mesh((4, 4, 1), (10.0, 10.0, 10.0), (True, False, False))
    # a T cell in the middle, cells above, right and (across the periodic edge) far left
    position = np.array([[5.0, 15, 5], [15.0, 15, 5], [5.0, 25, 5], [35.0, 15, 5], [15.0, 35, 5]])
    cells, lattice = table(position, np.array([1, 0, 0, 0, 0])), Lattice(mesh)
    cells.phase[2] = APOPTOTIC
    lattice.rebuild(position)
    contacts = Contacts(("T_cell", "dead"), cells.type_names, mesh, 1.25, Team())
    contacts.count(cells, lattice)
    assert cells.contacts.tolist() == [[0, 1], [1, 0], [1, 0], [1, 0], [0, 0]]
