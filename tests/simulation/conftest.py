import pytest

from autocrine_abm.scenario.files import parse_text

TEXT = """
title = "a small dish"
[run]
duration = "10 hour"
behavior_step = "30 min"
seed = 3
[tissue.dish]
size = ["200 um", "200 um", "20 um"]
spacing = "20 um"
[ligand.growth_factor]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
[cell.cancer]
radius = "6 um"
division_rate = "0.05 1/hour"
apoptosis_rate = "0.02 1/hour"
apoptosis_duration = "2 hour"
[[cell.cancer.secretes]]
ligand = "growth_factor"
rate = "60 molecules/min"
[[cell.cancer.rule]]
signal = "growth_factor"
increases = "division_rate"
to = "0.2 1/hour"
half = "0.001 nM"
[cell.stroma]
radius = "5 um"
[[seed]]
cell = "cancer"
pattern = "disc"
number = 30
[[seed]]
cell = "stroma"
pattern = "random"
number = 20
"""


@pytest.fixture
def spec():
    return parse_text(TEXT)


@pytest.fixture
def model(spec):
    from autocrine_abm.simulation.model import TumorModel

    return TumorModel(spec)
