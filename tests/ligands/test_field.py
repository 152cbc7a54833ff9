import numpy as np
import pytest

from autocrine_abm.ligands.field import Ledger, LigandField
from autocrine_abm.mesh.cartesian import Mesh

MESH = Mesh((4, 3, 2), (10.0, 10.0, 10.0))


def test_initial_molecules_are_in_the_ledger():
    field = LigandField(MESH, 600.0, 0.1, initial=0.5)
    assert field.ledger.initial == field.ledger.present == 0.5 * 24 * 1000
    assert field.range == pytest.approx(np.sqrt(6000.0))
    assert LigandField(MESH, 600.0, 0.0).range == np.inf


def test_what_is_put_in_by_hand_is_booked():
    field = LigandField(MESH, 600.0, 0.1, initial=0.5)
    view = field.concentration
    field.put(2.0)
    assert field.ledger.added == 1.5 * 24 * 1000 and field.ledger.imbalance() == 0.0
    assert view is field.concentration and view[0, 0, 0] == 2.0


def test_imbalance_is_relative_to_the_largest_entry():
    assert Ledger().imbalance() == 0.0
    assert Ledger(secreted=10.0, decayed=4.0, present=5.0).imbalance() == pytest.approx(0.1)
    assert Ledger(lost=-10.0, present=10.0).imbalance() == 0.0


@pytest.mark.parametrize(
    "numbers", [(0.0, 0.1), (-1.0, 0.1), (600.0, -0.1), (np.nan, 0.1), (600.0, np.nan), (np.inf, 0)]
)
def test_impossible_rates_are_refused(numbers):
    with pytest.raises(ValueError, match="egf: .*accepted"):
        LigandField(MESH, *numbers, name="egf")
