"""Slow and obvious: meshes without end, and spheres that diffuse to each other exactly."""

from math import factorial

import numpy as np
import scipy.linalg
import scipy.sparse
from scipy.special import iv, kv, lpmv

from autocrine_abm.ligands.lattice_green import lattice_green


def footprint(near, cells):
    """Of each cell its voxels as (m, 3) indices that may lie outside the box, their weights and gaps."""
    parts = []
    for i in range(cells.radius.size):
        count = cells.count[i]
        local = np.stack(np.meshgrid(*(np.arange(c) for c in count), indexing="ij"), -1).reshape(-1, 3)
        weight = np.prod([cells.weight[i, d, local[:, d]] for d in range(3)], axis=0)
        parts.append((cells.begin[i] + local, weight, cells.gap[i, : len(local)].astype(float)))
    return parts


def solve_endless(near, mesh, diffusion, decay, cells, rate, clearance, background=0.0, excess=None):
    """Steady field of cells on an endless mesh, by dense algebra on the voxels they cover.

    c = background + G (source − loss c), with source and loss as the docstring of `near_field` states them.

    Returns
    -------
    sensed, net : ndarray of float, shape (n,)
    """
    parts = footprint(near, cells)
    voxel, place = np.unique(np.concatenate([part[0] for part in parts]), axis=0, return_inverse=True)
    place = np.split(place.ravel(), np.cumsum([len(part[0]) for part in parts])[:-1])
    apart = np.abs(voxel[:, None] - voxel[None])
    wide = np.array(mesh.shape) > 1
    green = lattice_green(mesh.spacing, tuple(np.where(wide, apart.max((0, 1)) + 2, 1)), diffusion, decay)
    green = green[tuple(np.where(wide, apart, 0).transpose(2, 0, 1))]
    release, loss = np.zeros((2, len(voxel)))
    excess = np.zeros(len(parts)) if excess is None else excess
    for (_, weight, gap), at, q, u, e in zip(parts, place, rate, clearance, excess):
        release[at] += weight * (q - u * e) / (1 + u * gap)
        loss[at] += weight * u / (1 + u * gap)
    field = np.linalg.solve(np.eye(len(voxel)) + green * loss, green @ release + background)
    sensed = [
        weight @ ((field[at] + e + gap * q) / (1 + u * gap))
        for (_, weight, gap), at, q, u, e in zip(parts, place, rate, clearance, excess)
    ]
    return np.array(sensed), np.asarray(rate) - np.asarray(clearance) * sensed


def transport(mesh, diffusion, decay):
    """k − D∇² on the mesh with no-flux walls or wrapped axes, as a sparse matrix [1/min]."""
    total = decay * scipy.sparse.identity(mesh.n_voxels, format="csr")
    for axis, (n, h, wrapped) in enumerate(zip(mesh.shape, mesh.spacing, mesh.periodic)):
        if n == 1:
            continue
        line = scipy.sparse.diags([np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)], [-1, 0, 1]).tolil()
        line[0, 0] = line[-1, -1] = -1
        if wrapped:
            line[0, 0] = line[-1, -1] = -2
            line[0, -1] = line[-1, 0] = 1
        before, after = int(np.prod(mesh.shape[:axis])), int(np.prod(mesh.shape[axis + 1 :]))
        along = scipy.sparse.kron(
            scipy.sparse.identity(before), scipy.sparse.kron(line, scipy.sparse.identity(after))
        )
        total = total - diffusion / h**2 * along
    return total.tocsr()


def _even_points(n):
    """Nearly evenly spread points on the unit sphere, shape (n, 3)."""
    i = np.arange(n) + 0.5
    polar, azimuth = np.arccos(1 - 2 * i / n), np.pi * (1 + 5**0.5) * i
    return np.stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)], -1)


def spheres(center, radius, rate, clearance, diffusion, decay=0.0, floor=False, charges=100):
    """Exact net release of impermeable spheres that release and take up evenly over their surfaces.

    Charges inside each sphere (method of fundamental solutions, at 0.65 radii) are fitted to
    −D ∂c/∂n 4πa² = q − U c at twice as many points of the surface. `floor` adds a mirror at z = 0.

    Returns
    -------
    net : ndarray of float, shape (n,)
        q − U (mean c over the surface).
    """
    center, n = np.asarray(center, float), len(center)
    inside, on = _even_points(charges), _even_points(2 * charges)
    at = (center[:, None] + 0.65 * radius * inside).reshape(-1, 3)
    point = (center[:, None] + radius * on).reshape(-1, 3)
    outward = np.tile(on, (n, 1))
    kappa = np.sqrt(decay / diffusion)
    value, slope = np.zeros((2, len(point), len(at)))
    for mirror in (1, -1) if floor else (1,):
        apart = point[:, None] - at * [1, 1, mirror]
        r = np.linalg.norm(apart, axis=-1)
        field = np.exp(-kappa * r) / (4 * np.pi * diffusion * r)
        value += field
        slope -= field * (1 / r + kappa) / r * np.einsum("pqc,pc->pq", apart, outward)
    uptake = np.repeat(np.broadcast_to(clearance, n).astype(float), 2 * charges)
    scale = 1 / np.maximum(1, uptake / (4 * np.pi * diffusion * radius))
    matrix = (uptake[:, None] * value - 4 * np.pi * radius**2 * diffusion * slope) * scale[:, None]
    strength = scipy.linalg.lstsq(
        matrix, np.repeat(np.asarray(rate, float), 2 * charges) * scale, cond=1e-13, lapack_driver="gelsy"
    )[0]
    return np.asarray(rate) - clearance * (value @ strength).reshape(n, -1).mean(1)


def _harmonics(poles, direction):
    """Real spherical harmonics up to l = poles at unit vectors (m, 3), orthonormal; shape (m, (poles + 1)²)."""
    azimuth, columns = np.arctan2(direction[:, 1], direction[:, 0]), []
    for degree in range(poles + 1):
        for order in range(-degree, degree + 1):
            m = abs(order)
            size = (2 * degree + 1) / (4 * np.pi) * factorial(degree - m) / factorial(degree + m) * (2 if m else 1)
            turn = np.cos(m * azimuth) if order >= 0 else np.sin(m * azimuth)
            columns.append(np.sqrt(size) * lpmv(m, degree, direction[:, 2]) * turn)
    return np.stack(columns, axis=-1)


def open_spheres(center, radius, rate, clearance, diffusion, poles=7):
    """Exact net release of spheres whose bodies ligand passes and whose surfaces release and take up evenly.

    The field equation itself, with release and uptake on spherical shells. In multipoles about each center, C r^−(l+1),
    −D [∂c/∂n] = (q − U c)/(4πa²) across each shell; other spheres' multipoles projected by Gauss's rule on the shell.

    Parameters
    ----------
    center : ndarray, shape (n, 3)
    radius, clearance : ndarray, shape (n,)
    rate : ndarray, shape (n,) or (n, m)
    poles : int
        Highest l. At contact 7 leave 1e-3 for β = 10 and 5e-3 for β = 100.

    Returns
    -------
    net : ndarray, shape of rate
    """
    n, polar = len(center), 2 * (poles + 1)
    node, share = np.polynomial.legendre.leggauss(polar)
    node, azimuth = (axis.ravel() for axis in np.meshgrid(node, np.pi * np.arange(2 * polar) / polar, indexing="ij"))
    outward = np.stack([np.sqrt(1 - node**2) * np.cos(azimuth), np.sqrt(1 - node**2) * np.sin(azimuth), node], axis=-1)
    project = (_harmonics(poles, outward) * np.repeat(share, 2 * polar)[:, None] * np.pi / polar).T
    degree = np.concatenate([[each] * (2 * each + 1) for each in range(poles + 1)])
    beta, k = clearance / (4 * np.pi * diffusion * radius), len(degree)
    matrix = np.zeros((n, k, n, k))
    for i in range(n):
        matrix[i, :, i] = np.diag(2 * degree + 1 + beta[i])
        for j in set(range(n)) - {i}:
            apart = center[i] + radius[i] * outward - center[j]
            r = np.linalg.norm(apart, axis=1)
            fields = (r[:, None] / radius[j]) ** (-degree - 1.0) * _harmonics(poles, apart / r[:, None])
            matrix[i, :, j] = beta[i] * project @ fields
    source = np.zeros((n, k, *np.shape(rate)[1:]))
    source[:, 0] = (np.asarray(rate).T / (diffusion * radius)).T
    pole = np.linalg.solve(matrix.reshape(n * k, -1), source.reshape(n * k, *source.shape[2:])).reshape(source.shape)
    return (pole[:, 0].T * diffusion * radius).T


def open_cylinders(distance, radius, rate, clearance, diffusion, decay, poles=12):
    """Mean concentration on two parallel cylinders that ligand passes, per unit length, as `open_spheres` does it."""
    kappa, n = np.sqrt(decay / diffusion), np.arange(poles + 1)
    lone = iv(n, kappa * radius) * kv(n, kappa * radius) / diffusion
    there = kv(n + n[:, None], kappa * distance) + np.where(n[:, None] > 0, kv(n - n[:, None], kappa * distance), 0.0)
    couple = there * iv(n, kappa * radius)[:, None] / kv(n, kappa * radius)  # Graf's addition theorem
    strength = lone[:, None] * np.asarray(clearance) / (2 * np.pi)
    first, second = strength.T
    matrix = np.block(
        [[np.diag(1 + first), first[:, None] * couple], [second[:, None] * couple, np.diag(1 + second)]]
    )
    source = np.zeros((2, poles + 1))
    source[:, 0] = np.asarray(rate) / (2 * np.pi) * lone[0]
    pole = np.linalg.solve(matrix, source.ravel()).reshape(2, -1)
    return pole[:, 0] + pole[::-1] @ couple[0]
