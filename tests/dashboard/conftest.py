import pytest

from autocrine_abm.scenario.files import parse_text

SMALL = """
title = "a small dish"
question = "Do cells grow?"
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
division_rate = "0.3 1/hour"
apoptosis_rate = "0.02 1/hour"
[[cell.cancer.secretes]]
ligand = "growth_factor"
rate = "60 molecules/min"
[[cell.cancer.takes_up]]
ligand = "growth_factor"
clearance = "500 um^3/min"
[[seed]]
cell = "cancer"
pattern = "disc"
number = 30
[view]
slider = [{ path = "ligand.growth_factor.decay", low = "0 1/min", high = "2 1/min" }]
"""


@pytest.fixture(scope="session")
def small_text():
    return SMALL


@pytest.fixture
def small():
    return parse_text(SMALL)
