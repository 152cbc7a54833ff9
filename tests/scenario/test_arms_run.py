"""Every arm of every shipped scenario runs."""

import pytest

from autocrine_abm.scenario import library
from autocrine_abm.scenario.files import read
from autocrine_abm.simulation.model import TumorModel

ARMS = [(name, arm) for name in library.names() for arm in read(name).arm]


@pytest.mark.parametrize("name, arm", ARMS)
def test_an_arm_runs(name, arm):
    model = TumorModel(read(name, arm=arm))
    model.step()
    assert model.clock.step == 1 and model.n_cells
