"""The lattice the obvious way: a dictionary from sites (i, j, k) to rows."""


def neighbors(site, shape, periodic):
    """Von Neumann neighbors in the order −x, +x, −y, +y, −z, +z; None beyond a wall; flat axes have none."""
    found = []
    for axis in range(3):
        for step in (-1, 1):
            if shape[axis] == 1:
                continue
            there = list(site)
            there[axis] += step
            if periodic[axis]:
                there[axis] %= shape[axis]
            found.append(tuple(there) if 0 <= there[axis] < shape[axis] else None)
    return found


def attempt(rows, uniforms, placement, moves, shape, periodic, site_of, taken):
    """Target site or None for each attempt; `site_of` (row → site) and `taken` (set of sites) are kept up to
    date."""
    targets = []
    for row, uniform in zip(rows, uniforms):
        if placement == "anywhere":
            choices = [(i, j, k) for i in range(shape[0]) for j in range(shape[1]) for k in range(shape[2])]
        else:
            choices = neighbors(site_of[row], shape, periodic)
            if placement == "free neighbor":
                choices = [site for site in choices if site is not None and site not in taken]
        site = choices[int(uniform * len(choices))] if choices else None
        if site in taken:
            site = None
        targets.append(site)
        if site is not None:
            taken.add(site)
            if moves:
                taken.remove(site_of[row])
                site_of[row] = site
    return targets
