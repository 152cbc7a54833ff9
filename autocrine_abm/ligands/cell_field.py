"""Fields of a lone cell as mathematics knows them: at its surface, far from it, and beside walls.

Nothing here knows of voxels, but for the box that `lattice_green` spreads a cell over, which decides from
where on a mirror image is a matter of this module and no longer of the mesh.
"""

import numpy as np
from scipy.special import k0, k0e, k1e

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.extent import WIDTH
from autocrine_abm.ligands.lattice_green import FACTOR_HIGH, FACTOR_LOW, PERIODIC, SPACING, VOXELS

__all__ = [
    "BOX",
    "DIFFUSION",
    "DIMENSION",
    "KAPPA",
    "SECTION",
    "images",
    "law_of",
    "near_wall",
    "point",
    "surface",
]

_CURVE = 4000  # points of the tabulated K₀, 0.013 apart in ln r: linear interpolation errs by < 1e-4

# What a kernel knows of the ligand: entries of a float64 array.
DIMENSION, DIFFUSION, KAPPA, SECTION, START, SCALE, BOX = range(7)


def law_of(mesh, diffusion, decay):
    """What kernels need to know of a ligand on a mesh.

    Without decay on a plane or a line, a range of 100 box lengths stands in for an endless one; what matters
    are differences, which do not depend on it.

    Returns
    -------
    law : ndarray of float64, shape (7,)
        Dimension, D [µm²/min], κ = √(k/D) [1/µm], thickness of the slab or section of the column [µm or µm²],
        two numbers for looking up `curve`, and the width of a cell's box in radii.
    curve : ndarray of float64
        In 2-D the field of a line against ln r.
    """
    wide = [axis for axis in range(3) if mesh.shape[axis] > 1]
    dimension = max(1, len(wide))
    section = float(np.prod([mesh.spacing[axis] for axis in range(3) if axis not in wide])) if wide else 1.0
    kappa = float(np.sqrt(decay / diffusion))
    curve, start, scale = np.zeros(2), 0.0, 1.0
    if dimension < 3:
        kappa = max(kappa, 0.01 / float(np.linalg.norm(mesh.size)))
    if dimension == 2:
        logarithm = np.linspace(np.log(1e-20 / kappa), np.log(1e3 / kappa), _CURVE)
        curve = k0(np.exp(logarithm) * kappa) / (2 * np.pi * diffusion * section)
        start, scale = logarithm[0], 1.0 / (logarithm[1] - logarithm[0])
    return np.array([dimension, diffusion, kappa, section, start, scale, WIDTH[dimension]]), curve


def surface(radius, law, flat=None):
    """Concentration at the surface of a lone cell per unit release; no walls, but a flat cell's floor.

    Sphere 1/(4πDa(1 + κa)); cylinder through a slab K₀(κa)/(2πDH κa K₁(κa)); sheet across a column 1/(2DAκ).

    Parameters
    ----------
    radius : ndarray of float, shape (n,)
        a [µm].
    law : ndarray
        From `law_of`.
    flat : ndarray of bool, shape (n,), optional
        Whether a cell is a disc on the low z wall, releasing evenly.

    Returns
    -------
    surface, form : ndarray of float, shape (n,)
        R [min/µm³], and the far field over that of a point [-].

    Examples
    --------
    >>> from autocrine_abm.mesh.cartesian import Mesh
    >>> law, _ = law_of(Mesh((9, 9, 9), (20.0,) * 3), diffusion=600.0, decay=0.0)
    >>> alone, _ = surface(np.array([5.0]), law)
    >>> float((alone[0] * 4 * np.pi * 600 * 5).round(12))
    1.0
    """
    dimension, diffusion, kappa, section = law[: SECTION + 1]
    radius = np.asarray(radius, float)
    x = kappa * radius
    if dimension == 1:
        return np.full(x.shape, 1 / (2 * diffusion * section * kappa)), np.exp(x)
    if dimension == 2:
        return k0e(x) / (2 * np.pi * diffusion * section * x * k1e(x)), np.exp(x) / (x * k1e(x))
    alone, form = 1 / (4 * np.pi * diffusion * radius * (1 + x)), np.exp(x) / (1 + x)
    if flat is not None and np.any(flat):
        alone = np.where(flat, _disc(radius, kappa) / (2 * np.pi * diffusion), alone)
        form = np.where(flat, 1.0, form)
    return alone, form


def _disc(radius, kappa):
    """Mean of e^(−κs)/s over two points of a disc [1/µm]; 16/(3πa) for κ = 0. Exact to 1e-9 up to κa = 10.

    With t = s/2a the distances s of two points give (8/(πa)) ∫ (arccos t − t √(1 − t²)) e^(−2κa t) dt over
    0..1.
    """
    node, weight = np.polynomial.legendre.leggauss(24)
    angle = np.pi / 4 * (node + 1)  # t = cos(angle)
    shape = (angle - np.sin(angle) * np.cos(angle)) * np.sin(angle) * weight * np.pi / 4
    radius = np.asarray(radius, float)
    return 8 / (np.pi * radius) * (np.exp(-2 * kappa * radius[..., None] * np.cos(angle)) @ shape)


@kernel
def point(r, law, curve):
    """Field of a point at distance r per unit release [min/µm³]; in 2-D of a line, in 1-D of a plane."""
    if law[DIMENSION] == 3.0:
        return np.exp(-law[KAPPA] * r) / (4.0 * np.pi * law[DIFFUSION] * r)
    if law[DIMENSION] == 2.0:
        place = (np.log(max(r, 1e-300)) - law[START]) * law[SCALE]
        low = min(max(int(place), 0), curve.size - 2)
        return curve[low] + (place - low) * (curve[low + 1] - curve[low])
    return np.exp(-law[KAPPA] * r) / (2.0 * law[DIFFUSION] * law[SECTION] * law[KAPPA])


@kernel
def near_wall(x, box, axis, side):
    """Whether a wall of this axis is so near that a footprint and its image's are not well apart."""
    if axis[VOXELS] <= 1.0 or axis[PERIODIC] != 0.0 or axis[FACTOR_LOW + side] == 0.0:
        return False
    depth = x if side == 0 else axis[VOXELS] * axis[SPACING] - x
    return depth < max(box, axis[SPACING]) + axis[SPACING]


@kernel
def images(here, there, axes, mirrored, nearest, first, flat, law, curve):
    """Point fields at `here` of a cell at `there` and its mirror images; of itself only if `first`."""
    total = 0.0
    for i in range(3):
        for j in range(3):
            for k in range(3):
                if (i > 0 and not mirrored[0, i - 1]) or (j > 0 and not mirrored[1, j - 1]):
                    continue
                if (k > 0 and not mirrored[2, k - 1]) or (
                    i + j == 0 and (k == 0 or (flat and k == 1)) and not first
                ):
                    continue
                square, factor = 0.0, 1.0
                for d in range(3):
                    image = i if d == 0 else (j if d == 1 else k)
                    if axes[d, VOXELS] <= 1.0:
                        continue
                    length = axes[d, VOXELS] * axes[d, SPACING]
                    apart = here[d] - there[d]
                    if image == 1:
                        apart = here[d] + there[d]
                        factor *= axes[d, FACTOR_LOW]
                    elif image == 2:
                        apart = 2.0 * length - here[d] - there[d]
                        factor *= axes[d, FACTOR_HIGH]
                    elif axes[d, PERIODIC] != 0.0:
                        apart -= length * np.rint(apart / length)
                    square += apart * apart
                total += factor * point(max(np.sqrt(square), nearest), law, curve)
    return total
