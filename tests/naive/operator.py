"""The transport operator as a dense matrix, voxel by voxel."""

import numpy as np


def matrix(mesh, diffusion, base, loss, walls=None, decay=0.0):
    """A of shape (n_voxels, n_voxels) and what its walls supply, by looking at every face of every voxel."""
    index = np.arange(mesh.n_voxels).reshape(mesh.shape)
    a = np.diag(base + np.asarray(loss, float).ravel())
    supply = np.zeros(mesh.n_voxels)
    for place in np.ndindex(mesh.shape):
        v = index[place]
        for axis in range(3):
            h, n = mesh.spacing[axis], mesh.shape[axis]
            for side, step in enumerate((-1, 1)):
                beside = list(place)
                beside[axis] += step
                if mesh.periodic[axis]:
                    beside[axis] %= n
                if 0 <= beside[axis] < n:
                    u = index[tuple(beside)]
                    a[v, v] += diffusion / h**2
                    a[v, u] -= diffusion / h**2
                elif walls is not None:
                    kind, value = walls.faces[2 * axis + side]
                    if kind == "fixed":
                        a[v, v] += diffusion / (h / 2) / h
                        supply[v] += diffusion / (h / 2) / h * value
                    elif kind == "open":
                        g = open_slope(mesh, place, axis, side, walls, np.sqrt(decay / diffusion))
                        a[v, v] += 1 / (h / 2 / diffusion + 1 / (diffusion * g)) / h
    return a, supply


def open_slope(mesh, place, axis, side, walls, inverse_range):
    """g of one open face, for walls that are open on all non-periodic sides or on none of an axis."""
    center, point, spread = [], [], 0
    for other in range(3):
        kinds = [kind for kind, _ in walls.faces[2 * other : 2 * other + 2]]
        if mesh.periodic[other] or "open" not in kinds:
            continue
        spread += 1
        length = mesh.shape[other] * mesh.spacing[other]
        center.append({("open", "no-flux"): length, ("no-flux", "open"): 0.0}.get(tuple(kinds), length / 2))
        at = (place[other] + 0.5) * mesh.spacing[other]
        point.append(side * length if other == axis else at)
        if other == axis:
            along = len(point) - 1
    way = np.subtract(point, center)
    r = np.linalg.norm(way)
    return (inverse_range + (spread - 1) / 2 / r) * abs(way[along]) / r
