"""Transitions, the blood, damage and death in scenario files: what is refused, how they are told, and a scenario of them."""

import pytest

from autocrine_abm.errors import ScenarioError
from autocrine_abm.output.series import series_row
from autocrine_abm.scenario.describe import describe
from autocrine_abm.scenario.files import parse_text, to_toml
from autocrine_abm.simulation.model import TumorModel

#: PDGF sustains the mesenchymal state that TGF-β brings about; mesenchymal cells reach the lung by the blood (Jechlinger et
#: al. 2006, JCI 116:1561). Numbers are assumed; this is about the grammar.
PDGF = """
title = "PDGF keeps tumor cells mesenchymal, and mesenchymal cells spread"
[run]
duration = "3 day"
behavior_step = "30 min"
seed = 5
[tissue.breast]
size = ["300 um", "300 um", "20 um"]
spacing = "20 um"
[tissue.lung]
size = ["300 um", "300 um", "20 um"]
spacing = "20 um"
[ligand.TGFb]
diffusion = "1800 um^2/min"
decay = "0.02 1/min"
[ligand.PDGF]
diffusion = "2400 um^2/min"
decay = "0.1 1/min"
[ligand.imatinib]
diffusion = "30000 um^2/min"
[cell.epithelial]
radius = "6 um"
cycle = "flow cytometry"
apoptosis_rate = "0.00319 1/hour"
transition_to = { mesenchymal = "0 1/day" }
[[cell.epithelial.rule]]
signal = "pressure"
decreases = "exit rate of G0/G1"
to = "0 1/hour"
half = 1.0
hill = 4
[[cell.epithelial.rule]]
signal = "TGFb"
increases = "transition to mesenchymal"
to = "4 1/day"
half = "0.02 nM"
hill = 2
[cell.mesenchymal]
radius = "6 um"
apoptosis_rate = "0.00319 1/hour"
necrosis_volume = { calcification_rate = "0.0042 1/hour" }
transition_to = { epithelial = "2 1/day" }
motility = { speed = "0.3 um/min", persistence = "20 min" }
damage.DNA = { repair_rate = "0.5 1/hour" }
secretes = [{ ligand = "PDGF", rate = "600 molecules/min", dead = 0.1 }]
[cell.mesenchymal.bloodstream]
intravasation_rate = "0 1/day"
death_rate = "0.5 1/hour"
extravasation_rate = { lung = "0.5 1/hour" }
[[cell.mesenchymal.receptor]]
name = "PDGFR"
ligand = "PDGF"
number = 30000
k_on = "0.4 1/nM/min"
k_off = "0.02 1/min"
k_internalize = "0.05 1/min"
antagonist = [{ ligand = "imatinib", k_i = "50 nM" }]
[[cell.mesenchymal.rule]]
signal = "occupancy of PDGFR"
decreases = "transition to epithelial"
to = "0 1/day"
half = 0.05
hill = 4
[[cell.mesenchymal.rule]]
signal = "occupancy of PDGFR"
increases = "intravasation_rate"
to = "1 1/day"
half = 0.1
hill = 2
[[cell.mesenchymal.rule]]
signal = "contact with epithelial"
decreases = "speed"
to = "0.05 um/min"
half = 3
[[cell.mesenchymal.rule]]
signal = "dead"
increases = "secretion of PDGF"
to = "900 molecules/min"
half = 0.5
hill = 10
applies_to_dead = true
[[cell.mesenchymal.rule]]
signal = "damage to DNA"
increases = "apoptosis_rate"
to = "0.1 1/hour"
half = 3
[[cell.mesenchymal.rule]]
signal = "time"
increases = "necrosis_rate"
to = "1 1/day"
half = "30 day"
hill = 8
[[regimen]]
ligand = "TGFb"
into = "bath"
tissue = "breast"
concentration = "0.2 nM"
infusion = "12 hour"
[[seed]]
cell = "epithelial"
tissue = "breast"
pattern = "disc"
number = 100
"""


BLOODSTREAM = PDGF[PDGF.index("[cell.mesenchymal.bloodstream]") : PDGF.index("[[cell.mesenchymal.receptor]]")]


def run(drug):
    dose = f'[[regimen]]\nligand = "imatinib"\ninto = "bath"\ntissue = "breast"\nconcentration = "{drug}"\n'
    model = TumorModel(parse_text(PDGF + dose))
    model.run_model()
    return {name: value for name, (value, _) in series_row(model).items()}


def test_the_loop_sustains_the_mesenchymal_state_and_colonies_which_the_inhibitor_reduces():
    control, treated = run("0 nM"), run("5000 nM")  # 100 times its K_i
    assert control["transitions.epithelial.mesenchymal"] > 10 and treated["transitions.epithelial.mesenchymal"] > 10
    share = [row["breast.alive.mesenchymal"] / row["breast.alive"] for row in (control, treated)]
    assert share[0] > 2 * share[1]
    assert control["entered_blood"] > 5 * treated["entered_blood"] and control["lung.cells"] > treated["lung.cells"]
    for row in (control, treated):
        assert row["entered_blood"] == row["circulating"] + row["circulating.died"] + row["came_from_blood"]


def test_all_of_it_is_told_in_sentences():
    told = describe(parse_text(PDGF))
    for words in (
        "changes to mesenchymal at 0 1/day",
        "TGFb increases transition to mesenchymal from 0 1/day towards 4 1/day, half way at 0.02 nM, Hill power 2",
        "enters the blood at 0 1/day and dies there at 0.5 1/hour",
        "settles in lung at 0.5 1/hour: 0.5 of those that enter",
        "stays in the blood for 60 min on average",
        "contact with epithelial decreases speed from 0.3 um/min towards 0.05 um/min, half way at 3",
        "being dead increases secretion of PDGF from 600 molecules/min towards 900 molecules/min, half way at 0.5, "
        "Hill power 10, in dead cells too",
        "a dead cell goes on secreting PDGF at 0.1 of its rate",
        "damage to DNA: 0 1/min is done, repaired at 0.5 1/hour",
        "damage to DNA increases apoptosis_rate",
        "time since the start increases necrosis_rate from 0 1/min towards 1 1/day, half way at 30 day",
        "shrinks to 0.002704 of its volume and is cleared after 8.6 hour",
        "swells to 2 times its volume, bursts after 6.114 hour, calcifies at 0.0042 1/hour",
        "cycle of 18.15 hour on average: G0/G1 5.15 hour (CV 1), then S 8 hour (CV 1, grows), then G2/M 5 hour (CV 1)",
    ):
        assert words in told, words
    assert parse_text(to_toml(parse_text(PDGF))) == parse_text(PDGF)


@pytest.mark.parametrize(
    "old, new, path, message",
    [
        ("{ mesenchymal =", "{ mesenchyme =", "cell.epithelial.transition_to.mesenchyme", "did you mean 'mesenchymal'"),
        ("{ epithelial =", "{ mesenchymal =", "cell.mesenchymal.transition_to.mesenchymal", "is the type itself"),
        ("{ lung =", "{ lungs =", "cell.mesenchymal.bloodstream.extravasation_rate.lungs", "did you mean 'lung'"),
        ('death_rate = "0.5 1/hour"', "", "cell.mesenchymal.bloodstream.death_rate", "missing"),
        ('death_rate = "0.5 1/hour"', 'death_rate = "0.5 hour"', "cell.mesenchymal.bloodstream.death_rate", "1/min"),
        (BLOODSTREAM, "", "cell.mesenchymal.rule.1.increases", "add [cell.mesenchymal.bloodstream]"),
        ('"contact with epithelial"', '"contact with epitheli"', "cell.mesenchymal.rule.2.signal", "contact with epithelial'"),
        ("half = 3\n[[", 'half = "3 nM"\n[[', "cell.mesenchymal.rule.2.half", "is a plain number"),
        ('"damage to DNA"', '"damage to RNA"', "cell.mesenchymal.rule.4.signal", "did you mean 'damage to DNA'"),
        ('half = "30 day"', "half = 30", "cell.mesenchymal.rule.5.half", "is a time"),
        ("hill = 8", "hill = 8\napplies_to_dead = true", "cell.mesenchymal.rule.5.applies_to_dead", "dead cells have no necro"),
        ('"transition to epithelial"', '"transition to lung"', "cell.mesenchymal.rule.0.decreases", "no behavior is called"),
        ('transition_to = { mesenchymal = "0 1/day" }', "", "cell.epithelial.rule.1.increases", "transition_to ="),
        ("calcification_rate", "calcifies", "cell.mesenchymal.necrosis_volume.calcifies", "unknown key"),
        ('"flow cytometry"', '"flow"', "cell.epithelial.cycle", "'flow cytometry'"),
        ("dead = 0.1", "dead = 1.1", "cell.mesenchymal.secretes.0.dead", "from 0 to 1"),
        ("epithelial", "blood", "cell.blood", "what cells enter"),
        ("epithelial", "dead", "cell.dead", "dead cells of any type"),
    ],
)
def test_changes_that_cannot_be_are_refused(old, new, path, message):
    with pytest.raises(ScenarioError) as caught:
        parse_text(PDGF.replace(old, new))
    assert any(fault.path == path and message in fault.message for fault in caught.value.faults), str(caught.value)
