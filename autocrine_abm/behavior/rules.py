"""Rules at work: signals that cells sense become the rates at which they behave.

For one behavior with base value b₀, the rules that increase it (promoters) and decrease it (inhibitors) combine as in
the published cell-behavior grammar (Johnson et al. 2025, Cell 188:4711):

    B = (1 − D)·[(1 − U)·b₀ + U·b_max] + D·b_min,   U = Σx/(1 + Σx) over promoters, x = (s/s½)^h,  D likewise.

b_max and b_min are the `to` values of the rules; where several rules of one direction state different ones, their mean
weighted with x. A linear rule adds (to − b₀)·s/(2 s½) to b₀ beforehand, so that it too is half way at s½. No behavior
falls below 0.

Dead cells obey the rules that apply to the dead, and only those; b₀ is then what a dead cell goes on with.
"""

import numpy as np

from autocrine_abm.cells.bloodstream import BLOOD
from autocrine_abm.cells.cell_type import CHEMOTAXIS, DAMAGE_RATE, INTRAVASATION, REPAIR_RATE, TRANSITION
from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.cells.rule import CONTACT, DAMAGE, OCCUPANCY, TRAIT
from autocrine_abm.compilation import kernel

__all__ = ["RuleBook", "behavior_column"]

_PROMOTES, _INHIBITS, _LINEAR = 0, 1, 2


@kernel
def _respond(
    low, high, cell_type, phase, signals, alive, base, first_rule, column, kind, to, half, power, out, out_column
):  # fmt: skip
    """Write one behavior of the living or the dead cells in rows low … high−1; see the module docstring for the formula."""
    for row in range(low, high):
        own = cell_type[row]
        if (phase[row] == ALIVE) != alive or first_rule[own] == first_rule[own + 1]:
            continue
        value = base[own]
        up = down = up_to = down_to = 0.0
        for rule in range(first_rule[own], first_rule[own + 1]):
            x = max(signals[row, column[rule]], 0.0) / half[rule]
            if kind[rule] == _LINEAR:
                value += (to[rule] - base[own]) * 0.5 * x
                continue
            if power[rule] != 1.0:  # a power takes longer than all else here
                x = x ** power[rule]
            x = min(x, 1e100)
            if kind[rule] == _PROMOTES:
                up += x
                up_to += x * to[rule]
            else:
                down += x
                down_to += x * to[rule]
        value = max(value, 0.0)
        if up > 0.0:
            value = value / (1.0 + up) + up_to / (1.0 + up)
        if down > 0.0:
            value = value / (1.0 + down) + down_to / (1.0 + down)
        out[row, out_column] = value


#: What the name of a behavior begins with, the column that holds it, and what the column's second axis stands for.
_COLUMNS_OF = (
    ("secretion of ", "secretion_rate", "ligand"),
    ("uptake of ", "uptake_clearance", "ligand"),
    ("receptors of ", "receptor_target", "receptor"),
    ("exit rate of ", "exit_rate", "cycle"),
    (TRANSITION, "transition_rate", "transition"),
    (DAMAGE_RATE, "damage_rate", "damage"),
    (REPAIR_RATE, "repair_rate", "damage"),
    (CHEMOTAXIS, "chemotaxis", "attractant"),
)


def behavior_column(behavior, names):
    """Column and index in it that hold a behavior: ``"secretion of IL6"`` is ``("secretion_rate", 0)``.

    Parameters
    ----------
    behavior : str
    names : dict of str to sequence of str
        What the second axis of columns stands for, ``cells.names``.
    """
    for prefix, column, axis in _COLUMNS_OF:
        if behavior.startswith(prefix):
            return column, names[axis].index(behavior.removeprefix(prefix))
    if behavior in names["node"]:
        return "node_target", names["node"].index(behavior)
    if behavior == INTRAVASATION:
        return "transition_rate", names["transition"].index(BLOOD)
    return behavior, 0


class RuleBook:
    """The rules of all cell types, ready to be applied to a table of cells.

    Parameters
    ----------
    cell_types : dict of str to CellType
    ligands : dict of str to Ligand

    Attributes
    ----------
    signals : list of str
        The signals that any rule reads; only these are gathered.
    behaviors : list of str
        The behaviors that any rule changes; only these are written.
    """

    def __init__(self, cell_types, ligands):
        self.ligand_names = list(ligands)
        types = list(cell_types.values())
        rules = [rule for cell_type in types for rule in cell_type.rule]
        self.signals = sorted({rule.signal for rule in rules})
        self.behaviors = sorted({rule.behavior for rule in rules})
        self._tables = {behavior: self._table(behavior, types, ligands) for behavior in self.behaviors}
        of_dead = sorted({rule.behavior for rule in rules if rule.applies_to_dead})
        self._tables_of_dead = {behavior: self._table(behavior, types, ligands, dead=True) for behavior in of_dead}

    def _table(self, behavior, types, ligands, dead=False):
        """Arrays of one behavior's rules, or of those that apply to the dead, sorted by cell type."""
        first_rule = np.zeros(len(types) + 1, np.int64)
        rows = []
        for index, cell_type in enumerate(types):
            for rule in cell_type.rule:
                if rule.behavior == behavior and (rule.applies_to_dead or not dead):
                    ligand = ligands.get(rule.signal)
                    half = ligand.concentration(rule.half) if ligand else float(rule.half)
                    kind = _LINEAR if rule.response == "linear" else _PROMOTES if rule.increases else _INHIBITS
                    rows.append((self.signals.index(rule.signal), kind, float(rule.to), half, float(rule.hill)))
            first_rule[index + 1] = len(rows)
        column, kind, to, half, power = (list(values) for values in zip(*rows))
        base = np.array([float(cell_type.base_value(behavior)) for cell_type in types])
        if dead:
            base *= [cell_type.share_of_dead(behavior) for cell_type in types]
        return (
            base, first_rule, np.array(column, np.int64), np.array(kind, np.int64), np.array(to), np.array(half),
            np.array(power),
        )  # fmt: skip

    def gather(self, cells, now=0.0, rows=slice(None)):
        """The signals that rules read, shape (n, n_signals); concentrations in molecules/µm³, times in min. A new array."""
        signals = np.empty((len(cells.cell_id[rows]), len(self.signals)))
        for index, name in enumerate(self.signals):
            if name in self.ligand_names:
                signals[:, index] = cells.sensed[rows, self.ligand_names.index(name)]
            elif name.startswith(OCCUPANCY):
                signals[:, index] = cells.occupancy[rows, cells.receptor_names.index(name.removeprefix(OCCUPANCY))]
            elif name.startswith(TRAIT):
                signals[:, index] = cells.traits[rows, cells.trait_names.index(name.removeprefix(TRAIT))]
            elif name in cells.node_names:
                signals[:, index] = cells.node[rows, cells.node_names.index(name)]
            elif name.startswith(CONTACT):
                signals[:, index] = cells.contacts[rows, cells.names["contact"].index(name.removeprefix(CONTACT))]
            elif name.startswith(DAMAGE):
                signals[:, index] = cells.damage[rows, cells.names["damage"].index(name.removeprefix(DAMAGE))]
            elif name == "time":
                signals[:, index] = now
            elif name == "dead":
                signals[:, index] = cells.phase[rows] != ALIVE
            else:
                signals[:, index] = cells[name][rows]
        return signals

    def aim(self, cells, team, now=0.0):
        """Write the targets of nodes, and the rates of damage and repair, that rules act on; as `apply`.

        `Pathway.follow` and `damage.follow` then move nodes and damage.
        """
        self._write([name for name in self.behaviors if _comes_first(name, cells)], cells, team, now)

    def apply(self, cells, team, now=0.0, rows=None):
        """Write every behavior that a rule changes, for the living cells of the types that have such a rule.

        Those of dead cells are written too where rules apply to them.

        Parameters
        ----------
        cells : CellState
        team : Team
        now : float
            Time [min].
        rows : ndarray of int64, optional
            Only these cells.
        """
        self._write([name for name in self.behaviors if not _comes_first(name, cells)], cells, team, now, rows)

    def _write(self, behaviors, cells, team, now, rows=None):
        if not behaviors or not len(cells):
            return
        for chosen in team.stretches(len(cells)) if rows is None else (rows,):
            self._write_to(chosen, behaviors, cells, team, now)

    def _write_to(self, rows, behaviors, cells, team, now):
        """Write behaviors of the cells in `rows`, a slice or an array of int."""
        signals, kind, phase = self.gather(cells, now, rows), cells.cell_type[rows], cells.phase[rows]
        for behavior in behaviors:
            name, index = behavior_column(behavior, cells.names)
            out = cells[name] if cells[name].ndim == 2 else cells[name].reshape(-1, 1)
            whole = isinstance(rows, slice)
            values, place = (out[rows], index) if whole else (np.ascontiguousarray(out[rows, index, None]), 0)
            team.run(_respond, len(kind), kind, phase, signals, True, *self._tables[behavior], values, place)
            if behavior in self._tables_of_dead:
                team.run(_respond, len(kind), kind, phase, signals, False, *self._tables_of_dead[behavior], values, place)
            if not whole:
                out[rows, index] = values[:, 0]


def _comes_first(behavior, cells):
    """Whether a behavior is one that the inside of the cell follows, before it acts."""
    return behavior in cells.node_names or behavior.startswith((DAMAGE_RATE, REPAIR_RATE))
