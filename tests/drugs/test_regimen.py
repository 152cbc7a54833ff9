"""A regimen states one dose in one way; what contradicts itself is refused with what to state instead."""

import pytest
from pydantic import ValidationError

from autocrine_abm.drugs.regimen import Regimen


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "exactly one of 'concentration' and 'amount'"),
        ({"concentration": "1 nM", "amount": "1 pmol"}, "exactly one of 'concentration' and 'amount'"),
        ({"amount": "1 pmol", "doses": 3}, "state 'every'"),
        ({"amount": "1 pmol", "doses": 3, "every": "1 hour", "infusion": "2 hour"}, "doses may not overlap"),
        ({"amount": "1 pmol", "into": "blood", "tissue": "tumor"}, 'go with into = "bath" only'),
        ({"concentration": "1 nM", "into": "blood", "replace": True}, 'go with into = "bath" only'),
        ({"amount": "1 pmol", "replace": True}, "takes a 'concentration'"),
        ({"concentration": "1 nM", "replace": True, "infusion": "1 min"}, "at once"),
        ({"concentration": "1 um"}, "is a length"),
        ({"amount": "1 pmol", "doses": 0}, "greater than or equal to 1"),
        ({"amount": "-1 pmol"}, "0 or more"),
    ],
)
def test_contradictions_are_refused(keys, words):
    with pytest.raises(ValidationError) as caught:
        Regimen(ligand="drug", **keys)
    assert words in str(caught.value)


def test_starts_of_all_doses():
    plan = Regimen(ligand="drug", concentration="1 nM", start="1 hour", every="8 hour", doses=3)
    assert plan.starts() == [60.0, 540.0, 1020.0]
    assert Regimen(ligand="drug", concentration="0 nM", replace=True).starts() == [0.0]
