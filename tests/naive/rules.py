"""The rule grammar, one cell at a time."""


def respond_naively(cell_type, behavior, cells, ligands):
    """Values of one behavior for all cells, taken to be of this type; list of float."""
    names = list(ligands)
    values = []
    for row in range(len(cells)):
        base = float(cell_type.base_value(behavior))
        promoters, inhibitors = [], []
        value = base
        for rule in cell_type.rule:
            if rule.behavior != behavior:
                continue
            if rule.signal in ligands:
                signal = cells.sensed[row, names.index(rule.signal)]
                half = ligands[rule.signal].concentration(rule.half)
            elif rule.signal.startswith("occupancy of "):
                place = cells.receptor_names.index(rule.signal.split(" of ")[1])
                signal, half = cells.occupancy[row, place], float(rule.half)
            else:
                signal, half = cells[rule.signal][row], float(rule.half)
            if rule.response == "linear":
                value += (float(rule.to) - base) * signal / (2 * half)
            else:
                (promoters if rule.increases else inhibitors).append(((signal / half) ** rule.hill, float(rule.to)))
        value = max(value, 0)
        for group in (promoters, inhibitors):
            total = sum(x for x, _ in group)
            if total > 0:
                share = total / (1 + total)
                target = sum(x * to for x, to in group) / total
                value = (1 - share) * value + share * target
        values.append(value)
    return values
