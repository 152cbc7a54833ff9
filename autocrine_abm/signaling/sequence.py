"""In which order ligands are moved within a step: those that act on others first.

A trap takes another ligand out, an antagonist keeps it off its receptors. What is moved after them meets what they are in this
step, whatever the order in which a scenario names them.
"""

__all__ = ["sequence"]


def sequence(ligands, cell_types):
    """Indices of the ligands in the order in which they are moved.

    Parameters
    ----------
    ligands : dict of str to Ligand
    cell_types : dict of str to CellType

    Returns
    -------
    list of int
        Traps and antagonists before what they act on, otherwise as declared; in a circle, the first declared comes first.

    Examples
    --------
    >>> from autocrine_abm.ligands.ligand import Ligand, Trap
    >>> caught = Ligand(diffusion="600 um^2/min", trap=[Trap(ligand="antibody", k_on="0.1 1/nM/min")])
    >>> sequence({"IL6": caught, "antibody": Ligand(diffusion="300 um^2/min")}, {})
    [1, 0]
    """
    names = list(ligands)
    before = {name: {trap.ligand for trap in ligand.trap} for name, ligand in ligands.items()}
    for own in cell_types.values():
        for receptor in own.receptor:
            before[receptor.ligand] |= {antagonist.ligand for antagonist in receptor.antagonist}
    order, waiting = [], list(names)
    while waiting:
        ready = [name for name in waiting if not before[name] & set(waiting) - {name}]
        order.append((ready or waiting)[0])
        waiting.remove(order[-1])
    return [names.index(name) for name in order]
