"""Doses as a page offers and takes them: what is worth giving, and the regimen that a filled form stands for."""

from autocrine_abm.errors import AutocrineError, UnitError
from autocrine_abm.units import dimension_of, parse

__all__ = ["dose_table", "worth_giving"]


def worth_giving(spec):
    """Ligands to give, the likely ones first, each with the dose that the scenario or else its arms give of it.

    Parameters
    ----------
    spec : Scenario

    Returns
    -------
    list of dict
        ``ligand``, ``amount`` (text), ``into``, ``tissue`` and ``planned``: whether the scenario has a regimen of it.
    """
    doses = {}
    for place, regimen in enumerate(spec.regimen):
        given = doses.setdefault(regimen.ligand, {"amount": "", "into": regimen.into, "tissue": regimen.tissue or ""})
        given["amount"] = given["amount"] or _amount(spec, place, regimen)
    for given in doses.values():
        given["amount"] = given["amount"] or "10 nM"
    return [
        {"ligand": ligand, "planned": ligand in doses, **doses.get(ligand, {"amount": "10 nM", "into": "bath", "tissue": ""})}
        for ligand in sorted(spec.ligand, key=lambda name: name not in doses)
    ]


def _amount(spec, place, regimen):
    """What a regimen gives as text; of one that gives nothing, what the first arm makes it give; empty if none does."""
    key = "amount" if regimen.amount is not None else "concentration"
    told = [getattr(regimen, key).text, *(str(own.set.get(f"regimen.{place}.{key}", "0 nM")) for own in spec.arm.values())]
    return next((text for text in told if float(parse(text))), "")


def dose_table(ligand, amount, into="bath", tissue=None, infusion="", every="", doses=1):
    """The regimen that a filled form stands for, as a scenario file has it, but for its start.

    Parameters
    ----------
    ligand, into, tissue : str
        As in a regimen.
    amount : str
        A concentration or a number of molecules.
    infusion, every : str
        Times; empty for at once, and for a single dose.
    doses : int

    Returns
    -------
    dict

    Raises
    ------
    AutocrineError
        If the amount is no quantity.
    """
    try:
        quantity = parse(str(amount), None)
    except UnitError as error:
        raise AutocrineError(f"amount: {error}") from None
    molecules = quantity.dimension == dimension_of("molecules")
    table = {"ligand": ligand, "into": into, "doses": int(doses or 1), ("amount" if molecules else "concentration"): amount}
    table |= {key: text for key, text in (("infusion", infusion), ("every", every)) if text}
    if into == "bath" and tissue:
        table["tissue"] = tissue
    return table
