"""Published cell cycles by name: ``cycle = "flow cytometry"`` stands for a list of phases.

Durations are those of Ghaffarizadeh et al. 2018 (doi:10.1371/journal.pcbi.1005991, standard models of PhysiCell 1.14),
fitted to MCF-10A breast epithelium; those of S, G2 and M are a textbook's (Cooper, The Cell, 2nd edition). Where a phase
has no fixed length it is one without memory. Newborn cells begin with the first phase of each list.
"""

from autocrine_abm.cells.cycle import CyclePhase

__all__ = ["STANDARD_CYCLES", "as_phases"]


def _phase(name, hours, **further):
    return CyclePhase(name=name, duration=f"{hours} hour", **further)


_FIXED, _GROWS = {"spread": 0.0}, {"grows": True}

STANDARD_CYCLES = {
    # divides at 0.0432 1/hour
    "live": (_phase("live", 23.15, **_GROWS),),
    "cycling and quiescent": (_phase("quiescent", 4.59), _phase("cycling", 15.5, **_FIXED, **_GROWS)),
    "Ki67": (_phase("Ki67-", 4.59), _phase("Ki67+", 15.5, **_FIXED, **_GROWS)),
    "Ki67 advanced": (
        _phase("Ki67+ postmitotic", 2.5, **_FIXED),
        _phase("Ki67-", 3.62),
        _phase("Ki67+ premitotic", 13, **_FIXED, **_GROWS),
    ),
    "flow cytometry": (_phase("G0/G1", 5.15), _phase("S", 8, **_GROWS), _phase("G2/M", 5)),
    "flow cytometry, G2 and M": (
        _phase("G0/G1", 4.98),
        _phase("S", 8, **_GROWS),
        _phase("G2", 4),
        _phase("M", 1),
    ),
}


def as_phases(value):
    """The phases that a name stands for, a list as a tuple; anything else as it is."""
    if isinstance(value, str):
        return STANDARD_CYCLES.get(value, value)
    return tuple(value) if isinstance(value, list) else value
