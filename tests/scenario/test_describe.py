"""A scenario in words: what the file says is there, with units, and nothing of the machine shows."""

import re

import pytest

from autocrine_abm.drugs.regimen import Regimen
from autocrine_abm.scenario.describe import describe, dose_sentence, sentence
from autocrine_abm.scenario.files import parse_text, read
from autocrine_abm.scenario.library import names


def test_a_rule_is_a_sentence():
    cell = read("spheroid_3d").cell["cancer"]
    assert sentence(cell.rule[1], cell) == (
        "oxygen decreases necrosis_rate from 0.0028 1/min towards 0 1/min, half way at 3.75 mmHg, Hill "
        "power 8"
    )
    glioma = read("allee_glioblastoma").cell["glioma"]
    assert sentence(glioma.rule[0], glioma).endswith("in a straight line")


def test_what_never_happens_is_not_told():
    still = {"cell.cancer.division_rate": "0 1/hour", "cell.cancer.apoptosis_rate": "0 1/hour", "cell.cancer.rule": []}
    text = describe(read("minimal", still))
    assert "growth rate" not in text and "apoptosis duration" not in text and "necrosis duration" not in text
    set_on_purpose = still | {"cell.cancer.apoptosis_duration": "3 hour"}
    assert "apoptosis duration: 3 hour" in describe(read("minimal", set_on_purpose))
    assert "growth rate" in describe(read("minimal"))


def test_a_rule_without_effect_is_not_told():
    name = read("minimal").cell["cancer"].rule[0].behavior
    idle = {"cell.cancer.rule.0.to": read("minimal").cell["cancer"].base_value(name).text}
    assert sum("half way at" in line for line in describe(read("minimal", idle)).splitlines()) == len(
        read("minimal").cell["cancer"].rule
    ) - 1


def test_derived_numbers_are_told():
    text = describe(read("minimal"))
    assert "range sqrt(D/k) = 77.46 um" in text  # sqrt(6000/1)
    assert "half-life 41.59 s" in text  # ln 2 / (1 1/min)
    assert "h^2/D = 4 s" in text  # 400/6000 min
    assert "division rate: 0.01 1/hour (once in 4.167 day)" in text


def test_partial_pressures_are_told_in_nM_too():
    assert "50 mmHg (65000 nM)" in describe(read("spheroid_3d"))  # 50 * 1.3 uM


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_reads_well(name):
    scenario = read(name)
    text = describe(scenario)
    assert not re.search(r"\bNone\b|Quantity\(|\{|\bnan\b|Annotated", text)
    for table in (scenario.tissue, scenario.ligand, scenario.cell):
        assert all(entry in text for entry in table)


def test_only_what_the_space_uses_is_told():
    assert "daughter" in describe(read("allee_glioblastoma")) and "daughter" not in describe(read("minimal"))
    assert "repulsion" in describe(read("minimal")) and "repulsion" not in describe(
        read("allee_glioblastoma")
    )


DRUGS = """
title = "receptors, blood and drugs"
[run]
duration = "1 day"
[tissue.tumor]
size = ["200 um", "200 um", "200 um"]
spacing = "20 um"
close_neighbors = "mesh"
[ligand.EGF]
diffusion = "6000 um^2/min"
trap = [{ ligand = "antibody", k_on = "0.05 1/nM/min" }]
[ligand.antibody]
diffusion = "2400 um^2/min"
[cell.cancer]
radius = "5 um"
takes_up = [{ ligand = "EGF", clearance = "1000 um^3/min", half_saturation = "2 nM" }]
exchanges = [{ ligand = "antibody", permeability_area = "40 um^3/min" }]
[[cell.cancer.receptor]]
name = "EGFR"
ligand = "EGF"
number = 60221.4076
k_on = "0.1 1/nM/min"
k_off = "0.1 1/min"
k_internalize = "0.1 1/min"
turnover = "0.02 1/min"
antagonist = [{ ligand = "antibody", k_i = "3 nM" }]
[[cell.cancer.rule]]
signal = "occupancy of EGFR"
increases = "division_rate"
to = "0.05 1/hour"
half = 0.3
[blood]
volume = "2 mL"
ligand.antibody = { elimination = "0.0693147180559945 1/day", volume = "3 mL", initial = "5 nM" }
[[regimen]]
ligand = "antibody"
into = "blood"
amount = "1 nmol"
start = "1 hour"
infusion = "30 min"
every = "12 hour"
doses = 2
[[seed]]
cell = "cancer"
pattern = "random"
number = 10
"""


def test_receptors_traps_blood_and_doses_are_told_with_what_follows():
    text = describe(parse_text(DRUGS))
    # U = k_e R/K_m = 0.1 60221.4076/(2 nM) = 5000 um^3/min, 0.01326 of 4 pi D a; with direct uptake 6000
    for words in (
        "cells sense the concentration at their surface; exchange between close neighbors: left to the mesh",
        "trapped by antibody (k_on = 0.05 1/nM/min), which adds 0.05 1/min to k per nM",
        "60,221 receptors EGFR for EGF: half are occupied at K_m = (k_off + k_internalize)/k_on = 2 nM",
        "clear U = 5000 um^3/min, 0.01326 of what could diffuse to a sphere; at most 6022 molecules/min",
        "renewed with a half-life of 34.66 min; that of occupied ones is 6.931 min",
        "antibody competes for them: 3 nM of it doubles K_m",
        "takes back 1.57% of what is released",  # 6000/(6000 + 4 pi 6000 5), no decay
        "takes up EGF, clearing 1000 um^3/min, half as much at 2 nM",
        "a vessel: exchanges antibody with the blood, P = 40 um^3/min",
        "occupancy of EGFR increases division_rate from 0 1/min towards 0.05 1/hour, half way at 0.3, "
        "Hill power 1",
        "volume 2 mL, one well-mixed pool per ligand for tumor",
        "antibody: 5 nM at the start in 3 mL, half-life 10 day, clearance 0.0001444 mL/min",
        "1 nmol of antibody into the blood at 1 hour, infused over 30 min, then every 12 hour, 2 doses "
        "in all",
    ):
        assert words in text, words
    assert "EGF: " not in text[text.index("Blood") :]  # never in the blood


def test_doses_are_sentences():
    tissues = ["dish", "other"]
    assert dose_sentence(
        Regimen(ligand="drug", concentration="0 nM", replace=True, start="2 day"), tissues
    ) == ("medium of dish exchanged for one with 0 nM of drug at 2 day")
    assert dose_sentence(Regimen(ligand="drug", concentration="5 nM", tissue="other"), tissues) == (
        "5 nM of drug into the bath of other at the start"
    )
