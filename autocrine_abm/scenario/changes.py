"""How cells change: their type, their way through the blood, their damage, their death. What cannot be, and how it is told."""

from math import isfinite

from autocrine_abm.behavior.corpses import Corpses
from autocrine_abm.cells.bloodstream import BLOOD
from autocrine_abm.cells.corpse import Necrosis
from autocrine_abm.cells.rule import DEAD
from autocrine_abm.errors import shown
from autocrine_abm.scenario.derived import in_words
from autocrine_abm.scenario.vocabulary import did_you_mean
from autocrine_abm.units import format_number

__all__ = ["change_sentences", "changes"]

#: Names that cell types may not have, and what they stand for.
RESERVED = {BLOOD: "what cells enter", DEAD: "what rules call dead cells of any type"}


def changes(scenario):
    """Faults of transitions and of ways through the blood.

    Parameters
    ----------
    scenario : Scenario
        Or what is valid of one.

    Yields
    ------
    path : tuple
    message : str
    """
    for name, cell in scenario.cell.items():
        if name in RESERVED:
            yield ("cell", name), f"{shown(name)} is {RESERVED[name]}; call the cell type something else"
        yield from _declared(cell.transition_to, ("cell", name, "transition_to"), "cell type", scenario.cell)
        if name in cell.transition_to:
            yield ("cell", name, "transition_to", name), "is the type itself; name another one"
        if cell.bloodstream is not None:
            path = ("cell", name, "bloodstream", "extravasation_rate")
            yield from _declared(cell.bloodstream.extravasation_rate, path, "tissue", scenario.tissue)


def _declared(entries, path, what, known):
    for entry in entries:
        if entry not in known:
            declared = ", ".join(known)
            yield (*path, entry), f"no {what} is called {shown(entry)}; declared: {declared}{did_you_mean(entry, known)}"


def change_sentences(cell):
    """Transitions, damage, death and way through the blood of a cell type, as English sentences.

    "an apoptotic cell shrinks to 0.00267 of its volume and is cleared after 8.6 hour"

    Parameters
    ----------
    cell : CellType

    Yields
    ------
    str
    """
    ruled = {rule.behavior for rule in cell.rule}
    corpses = Corpses({"cell": cell})
    if cell.apoptosis_rate > 0 or "apoptosis_rate" in ruled:
        left = corpses.volume([0], [1], [float(cell.apoptosis_duration)])[0] if cell.apoptosis_duration > 0 else 1.0
        told = f"shrinks to {format_number(float(left))} of its volume"
        yield f"an apoptotic cell {told} and is cleared after {cell.apoptosis_duration.text}"
    if cell.necrosis_rate > 0 or "necrosis_rate" in ruled:
        swells = cell.necrosis_volume or Necrosis()
        age, rate = corpses.lysis[0], swells.calcification_rate
        told = f"swells to {format_number(swells.rupture)} times its volume, bursts after {in_words(age)}"
        told = told if isfinite(age) else "swells and never bursts"
        hardens = f", calcifies at {rate.text}" if rate > 0 else ""
        yield f"a necrotic cell {told}{hardens}, and is cleared after {cell.necrosis_duration.text}"
    for entry, verb in [*((e, "secreting") for e in cell.secretes), *((e, "taking up") for e in cell.takes_up)]:
        if entry.dead > 0:
            yield f"a dead cell goes on {verb} {entry.ligand} at {format_number(entry.dead)} of its rate"
    for name, damage in cell.damage.items():
        yield f"damage to {name}: {damage.rate.text} is done, repaired at {damage.repair_rate.text}"
    for name, rate in cell.transition_to.items():
        yield f"changes to {name} at {rate.text}"
    if cell.bloodstream is not None:
        way = cell.bloodstream
        yield f"enters the blood at {way.intravasation_rate.text} and dies there at {way.death_rate.text}"
        rates = {name: float(rate) for name, rate in way.extravasation_rate.items() if rate > 0}
        total = sum(rates.values()) + float(way.death_rate)
        for name, rate in rates.items():
            yield f"    settles in {name} at {way.extravasation_rate[name].text}: {rate / total:.3g} of those that enter"
        if total > 0:
            yield f"    stays in the blood for {in_words(1 / total)} on average"
