"""Scenarios that switch on every feature that remembers something from one step to the next."""

HEAD = """
title = "every feature that remembers something"
[run]
duration = "10 hour"
behavior_step = "10 min"
seed = 5
"""
BODY = """
[tissue.tumor]
size = ["120 um", "120 um", "120 um"]
spacing = "20 um"
[tissue.liver]
size = ["100 um", "100 um", "20 um"]
spacing = "20 um"
periodic = ["x"]
[ligand.IL6]
diffusion = "600 um^2/min"
decay = "0.1 1/min"
transport = "transient"
[[ligand.IL6.trap]]
ligand = "trap"
k_on = "0.05 1/nM/min"
[ligand.trap]
diffusion = "300 um^2/min"
initial = "1 nM"
transport = "transient"
[ligand.EGF]
diffusion = "3600 um^2/min"
decay = "0.5 1/min"
transport = "steady"
[cell.cancer]
radius = "6 um"
apoptosis_rate = "0.02 1/hour"
apoptosis_duration = "2 hour"
[[cell.cancer.cycle]]
name = "G1"
duration = "4 hour"
[[cell.cancer.cycle]]
name = "S"
duration = "2 hour"
spread = 0.2
grows = true
[cell.cancer.node.STAT3]
tau = "30 min"
[cell.cancer.transition_to]
resting = "0.05 1/hour"
[cell.cancer.damage.DNA]
rate = "0.1 1/hour"
repair_rate = "0.05 1/hour"
[cell.cancer.bloodstream]
intravasation_rate = "0.1 1/hour"
death_rate = "0.1 1/hour"
extravasation_rate = { liver = "0.2 1/hour" }
[[cell.cancer.rule]]
signal = "damage to DNA"
increases = "apoptosis_rate"
to = "0.2 1/hour"
half = 2
[[cell.cancer.rule]]
signal = "contact with resting"
decreases = "exit rate of G1"
to = "0 1/hour"
half = 2
[cell.cancer.trait.vigor]
mean = 1.0
spread = 0.2
mutation_rate = 0.3
mutation_spread = 0.2
scales = "exit rate of G1"
[cell.cancer.motility]
speed = "0.3 um/min"
persistence = "15 min"
[[cell.cancer.motility.chemotaxis]]
ligand = "EGF"
bias = 0.4
[[cell.cancer.secretes]]
ligand = "IL6"
rate = "60 molecules/min"
[[cell.cancer.receptor]]
ligand = "IL6"
number = 3000
k_on = "0.1 1/nM/min"
k_off = "0.01 1/min"
k_internalize = "0.03 1/min"
turnover = "0.01 1/min"
[[cell.cancer.rule]]
signal = "occupancy of IL6"
increases = "STAT3"
to = 1
half = 0.2
[[cell.cancer.rule]]
signal = "STAT3"
increases = "secretion of IL6"
to = "90 molecules/min"
half = 0.3
[cell.resting]
radius = "6 um"
necrosis_rate = "0.05 1/hour"
necrosis_duration = "3 hour"
[cell.resting.transition_to]
cancer = "0.1 1/hour"
[cell.vessel]
radius = "5 um"
[[cell.vessel.exchanges]]
ligand = "IL6"
permeability_area = "300 um^3/min"
[[cell.vessel.exchanges]]
ligand = "EGF"
permeability_area = "300 um^3/min"
[blood]
volume = "1e7 um^3"
[blood.ligand.IL6]
elimination = "0.01 1/min"
[blood.ligand.EGF]
initial = "0.5 nM"
[[regimen]]
ligand = "EGF"
into = "blood"
amount = "1e5 molecules"
start = "35 min"
every = "45 min"
doses = 5
infusion = "25 min"
[[regimen]]
ligand = "trap"
into = "bath"
tissue = "tumor"
concentration = "1 nM"
start = "25 min"
every = "50 min"
doses = 5
infusion = "30 min"
[[seed]]
cell = "cancer"
tissue = "tumor"
pattern = "sphere"
number = 40
[[seed]]
cell = "vessel"
tissue = "tumor"
pattern = "random"
number = 3
[[seed]]
cell = "cancer"
tissue = "liver"
pattern = "random"
number = 6
[[seed]]
cell = "vessel"
tissue = "liver"
pattern = "random"
number = 2
[record]
signaling = "20 min"
"""
LATTICE = """
[tissue.dish]
size = ["400 um", "400 um", "20 um"]
spacing = "20 um"
space = "lattice"
[ligand.oxygen]
diffusion = "1e5 um^2/min"
initial = "38 mmHg"
solubility = "1.3 uM/mmHg"
transport = "transient"
[cell.cancer]
radius = "10 um"
division_rate = "0.1 1/hour"
apoptosis_rate = "0.05 1/hour"
necrosis_rate = "0.02 1/hour"
migration_rate = "1 1/hour"
apoptosis_duration = "1 hour"
[[cell.cancer.takes_up]]
ligand = "oxygen"
clearance = "2000 um^3/min"
half_saturation = "5 mmHg"
[[seed]]
cell = "cancer"
pattern = "random"
number = 60
"""
