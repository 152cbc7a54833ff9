"""The network inside a cell: which ligands reach which receptors, nodes and behaviors, and what feeds back.

Made from a cell type alone. Effects have a sign; whatever the cell secretes, or makes receptors of, acts on itself again
and closes a loop. `drawn` is the network as text; the report draws it as a picture.
"""

from dataclasses import dataclass

from autocrine_abm.cells.cell_type import BEHAVIORS
from autocrine_abm.cells.rule import DAMAGE, OCCUPANCY

__all__ = ["Effect", "Network", "acting", "drawn", "network_of"]

_MOST_LOOPS = 50
_DAMAGING = {"damage rate": 1, "repair rate": -1}  # what behaviors do to the damage that cells sense
_WIDEST = 110  # characters of a line


@dataclass(frozen=True)
class Effect:
    """One arrow.

    Parameters
    ----------
    source, target : str
        Names of nodes.
    sign : int
        1 where more of the source makes more of the target, −1 where less.
    """

    source: str
    target: str
    sign: int


@dataclass(frozen=True)
class Network:
    """What acts on what.

    Parameters
    ----------
    kinds : dict of str to str
        By node: ``"signal"`` (ligands, pressure, traits and all else that is sensed), ``"receptor"``, ``"node"`` or
        ``"behavior"``; in this order.
    effects : tuple of Effect
    """

    kinds: dict
    effects: tuple

    def targets(self, node):
        """Effects that start at a node, list of Effect."""
        return [effect for effect in self.effects if effect.source == node]

    def loops(self):
        """Closed chains of effects, each once.

        Returns
        -------
        list of (tuple of str, int)
            Nodes in order, beginning with the one that comes first in `kinds`, and the sign of the loop: 1 reinforces
            itself (positive feedback), −1 holds itself in check. At most 50.
        """
        order = {node: place for place, node in enumerate(self.kinds)}
        found = []
        for start in order:
            waiting = [((start,), 1)]
            while waiting and len(found) < _MOST_LOOPS:
                path, sign = waiting.pop()
                for effect in reversed(self.targets(path[-1])):
                    if effect.target == start:
                        found.append((path, sign * effect.sign))
                    elif effect.target not in path and order[effect.target] > order[start]:
                        waiting.append(((*path, effect.target), sign * effect.sign))
        return found

    def columns(self):
        """Nodes in columns from left to right, so that all effects but those that feed back point to the right.

        Returns
        -------
        columns : list of list of str
            Signals first, behaviors last.
        back : set of Effect
            Effects that point back or stay within a column.
        """
        back = {effect for effect in self.effects if self.kinds[effect.source] == "behavior"}
        kind_of = self.kinds
        place = {node: {"signal": 0, "receptor": 1}.get(kind, 2) for node, kind in kind_of.items()}
        forward, state = [], {}

        def visit(node):  # what leads back to a node under way closes a loop; pathways are small, recursion is shallow
            state[node] = "under way"
            for effect in self.targets(node):
                if effect in back:
                    continue
                if state.get(effect.target) == "under way":
                    back.add(effect)
                    continue
                forward.append(effect)
                if effect.target not in state:
                    visit(effect.target)
            state[node] = "done"

        for node in kind_of:
            if node not in state:
                visit(node)
        for _ in kind_of:  # the longest path decides
            for effect in forward:
                place[effect.target] = max(place[effect.target], place[effect.source] + 1)
        last = max([2, *(place[node] for node, kind in kind_of.items() if kind == "node")]) + 1
        for node, kind in kind_of.items():
            if kind == "behavior":
                place[node] = last
        used = sorted(set(place.values()))
        return [[node for node in kind_of if place[node] == column] for column in used], back


def acting(cell):
    """The rules of a cell type that can change anything, list of Rule.

    One that leads to the base value does not, until an arm of the experiment says otherwise; but a decreasing one does if
    other rules increase the behavior.
    """
    moving = {rule.behavior for rule in cell.rule if rule.increases and rule.to != cell.base_value(rule.behavior)}
    return [
        rule
        for rule in cell.rule
        if rule.to != cell.base_value(rule.behavior) or (rule.decreases and rule.behavior in moving)
    ]


def network_of(cell):
    """The network of a cell type.

    Parameters
    ----------
    cell : CellType

    Returns
    -------
    Network
        Without any node if the type has no rules.

    Examples
    --------
    >>> from autocrine_abm.cells.cell_type import CellType
    >>> rule = {"signal": "pressure", "decreases": "division_rate", "to": "0 1/min", "half": 1}
    >>> cell = CellType(radius="6 um", division_rate="0.03 1/hour", rule=[rule])
    >>> network_of(cell).effects
    (Effect(source='pressure', target='division_rate', sign=-1),)
    """
    if not cell.rule:
        return Network({}, ())
    receptors = {receptor.label: f"{receptor.label} receptor" for receptor in cell.receptor}
    effects = []
    for receptor in cell.receptor:
        effects.append(Effect(receptor.ligand, receptors[receptor.label], 1))
        effects += [Effect(rival.ligand, receptors[receptor.label], -1) for rival in receptor.antagonist]
    for rule in acting(cell):
        signal = rule.signal
        if signal.startswith(OCCUPANCY):
            signal = receptors.get(signal.removeprefix(OCCUPANCY), signal)
        effects.append(Effect(signal, rule.behavior, 1 if rule.increases is not None else -1))
    effects = list(dict.fromkeys(effects))
    behaviors = {effect.target for effect in effects} - set(receptors.values()) - set(cell.node)
    signals = {effect.source for effect in effects} - set(receptors.values()) - set(cell.node)
    for entry in cell.secretes:  # what is released all the time acts on the cell too, if it senses it
        if entry.ligand in signals:
            behaviors.add(f"secretion of {entry.ligand}")
    for behavior in sorted(behaviors):
        kind, of, name = behavior.partition(" of ")
        if of and kind == "secretion" and name in signals:
            effects.append(Effect(behavior, name, 1))
        elif of and kind in _DAMAGING and f"{DAMAGE}{name}" in signals:
            effects.append(Effect(behavior, f"{DAMAGE}{name}", _DAMAGING[kind]))
        elif of and kind == "receptors" and name in receptors:
            effects.append(Effect(behavior, receptors[name], 1))
        elif of and kind == "uptake" and name in signals:
            effects.append(Effect(behavior, name, -1))
    named = dict.fromkeys(node for effect in effects for node in (effect.source, effect.target))
    first = [*BEHAVIORS, *(f"exit rate of {phase.name}" for phase in cell.cycle)]
    kinds = {node: "signal" for node in named if node in signals}
    kinds |= {node: "receptor" for node in receptors.values() if node in named}
    kinds |= {node: "node" for node in cell.node if node in named}
    kinds |= {node: "behavior" for node in sorted(behaviors, key=lambda b: (b not in first, b)) if node in named}
    return Network(kinds, tuple(effects))


def drawn(network):
    """A network as lines of text: ``-->`` increases, ``--|`` decreases.

    Returns
    -------
    list of str
        What a node does is written out where it first appears, later it is followed by ``...``; a chain that comes back
        to itself ends in ``(loop +)`` or ``(loop -)``, reinforcing or holding itself in check.

    Examples
    --------
    >>> from autocrine_abm.scenario.network import Effect, Network
    >>> kinds = {"IL6": "signal", "STAT3": "node", "secretion of IL6": "behavior"}
    >>> effects = (Effect("IL6", "STAT3", 1), Effect("STAT3", "secretion of IL6", 1), Effect("secretion of IL6", "IL6", 1))
    >>> drawn(Network(kinds, effects))
    ['IL6 --> STAT3 --> secretion of IL6 --> IL6 (loop +)']
    """
    told, lines = set(), []
    reached = {effect.target for effect in network.effects}
    roots = [node for node in network.kinds if node not in reached] + list(network.kinds)
    for root in roots:
        if root not in told and network.targets(root):
            wide = _branches(network, root, (), 1, set(told), flat=True)
            flat = max(map(len, wide)) <= _WIDEST
            lines += _branches(network, root, (), 1, told, flat) if not flat else wide
            if flat:
                _tell(network, root, told)
    return lines


def _tell(network, node, told):
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node not in told:
            told.add(node)
            waiting += [effect.target for effect in network.targets(node)]


def _branches(network, node, path, sign, told, flat):
    """Lines of a node and all that follows from it; beside each other if `flat`, else below and indented."""
    names = [name for name, _ in path]
    if node in names:
        since = path[names.index(node)][1]
        return [f"{node} (loop {'+' if sign == since else '-'})"]
    effects = network.targets(node)
    if not effects:
        return [node]
    if node in told:
        return [f"{node} ..."]
    told.add(node)
    lines = []
    for place, effect in enumerate(effects):
        arrow = "-->" if effect.sign > 0 else "--|"
        inside = _branches(network, effect.target, (*path, (node, sign)), sign * effect.sign, told, flat)
        lead = f"{node} " if place == 0 and flat else " " * (len(node) + 1) if flat else "    "
        deeper = " " * (len(lead) + 4 if flat else 4)
        lines += [f"{lead}{arrow} {inside[0]}", *(deeper + line for line in inside[1:])]
    return lines if flat else [node, *lines]
