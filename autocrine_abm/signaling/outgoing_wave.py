"""How the field of one cell leaves the patch of mesh that is looked at: its slope over its value, walls'
images included.

A wave e^(−κr)/r, K₀(κr) or e^(−κr) goes out from the cell and from its images behind walls or around periodic
axes. What it is needed for is told in `self_signal`.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.lattice_green import FACTOR_HIGH, FACTOR_LOW, PERIODIC, SPACING, VOXELS

__all__ = ["line_waves", "mirror", "outward_slopes"]


# e^x K₀(x) ≈ Σ a/(x + p), a Stieltjes function like this one; least squares of the relative errors of K₀ and K₁
_POLES = (
    (3.24865727e-06, 9.18526964e-06), (2.60219177e-05, 4.42194188e-05), (1.27001274e-04, 1.92760440e-04),
    (5.66065265e-04, 8.37479944e-04), (2.47469637e-03, 3.63365374e-03), (1.07686783e-02, 1.56537891e-02),
    (4.67386628e-02, 6.54335551e-02), (2.02168327e-01, 2.44408636e-01), (8.93940588e-01, 6.80099441e-01),
    (4.66638680e+00, 1.55821283e+00), (2.99524062e+01, 4.44006366e+00), (4.39056284e+02, 3.56098958e+01),
)  # fmt: skip


@kernel
def line_waves(x, k0, k1):
    """e^x K₀(x) and e^x K₁(x), within 3e-4 for 1e-5 ≤ x ≤ 100; all of shape (n,).

    Without logarithm and branches, so that eight of them take hardly longer than one.
    """
    for f in range(x.size):
        k0[f], k1[f] = 0.0, 0.0
    for pole, part in _POLES:
        for f in range(x.size):
            inverse = 1.0 / (x[f] + pole)
            k0[f] += part * inverse
            k1[f] += part * inverse * (1.0 + inverse)


@kernel
def _fall(x):
    """e^(−x) within 2e-6 for |x| ≤ 7, without a call, so that loops over it use vector instructions."""
    x *= -0.0625
    y = 1.0 / 24.0 + x * (1.0 / 120.0 + x * (1.0 / 720.0 + x * (1.0 / 5040.0)))
    y = 1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * y)))
    y *= y
    y *= y
    y *= y
    return y * y


@kernel
def mirror(x, axis, reach, image, factor):
    """The source and its images along one axis that lie within reach; returns how many there are."""
    image[0], factor[0] = x, 1.0
    if axis[VOXELS] <= 1.0:
        return 1
    count, length = 1, axis[VOXELS] * axis[SPACING]
    if axis[PERIODIC] != 0.0:
        for turn in range(1, 4):
            if turn * length < reach:
                image[count], image[count + 1] = x + turn * length, x - turn * length
                factor[count], factor[count + 1] = 1.0, 1.0
                count += 2
        return count
    for side in range(2):  # reflections that begin at the low wall, then those that begin at the high one
        place, strength = x, 1.0
        for bounce in range(6):
            low = (bounce + side) % 2 == 0
            place = -place if low else 2.0 * length - place
            strength *= axis[FACTOR_LOW] if low else axis[FACTOR_HIGH]
            if strength != 0.0 and abs(place - x) < reach:
                image[count], factor[count] = place, strength
                count += 1
    return count


@kernel
def outward_slopes(face, normal, kappa, dimension, images, image, factor, reach, even, work, slope):
    """−(dc/dn)/c at points of a cut, for the wave of a point source and its images.

    Parameters
    ----------
    face, normal : ndarray of float64, shape (3, n)
        Points [µm] and the directions that lead out of the patch there.
    kappa : ndarray of float64, shape (n,)
        One over the range of the medium beyond [1/µm].
    dimension : int
    images, image, factor
        Numbers, places [µm] and strengths of the images by axis, from `mirror`.
    reach : float
        Distance beyond which there are no images [µm].
    even : float
        What the wave beyond `reach` adds everywhere in a closed box, per part of it that gets that far [µm^−d].
    work : ndarray of float64, shape (7, n)
        Overwritten.
    slope : ndarray of float64, shape (n,)
        The result [1/µm], ≥ 0.
    """
    n = slope.size
    nearest, value, x, k0, k1 = work[0, :n], work[1, :n], work[2, :n], work[3, :n], work[4, :n]
    part, along = work[5, :n], work[6, :n]
    face0, face1, face2 = face[0, :n], face[1, :n], face[2, :n]
    normal0, normal1, normal2 = normal[0, :n], normal[1, :n], normal[2, :n]
    for f in range(n):
        value[f], slope[f], nearest[f] = 0.0, 0.0, 0.0
    for i in range(images[0]):
        for j in range(images[1]):
            for k in range(images[2]):
                strength = factor[0, i] * factor[1, j] * factor[2, k]
                at0, at1, at2 = image[0, i], image[1, j], image[2, k]
                source = i + j + k == 0
                for f in range(n):
                    d0, d1, d2 = face0[f] - at0, face1[f] - at1, face2[f] - at2
                    r = np.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
                    along[f] = (d0 * normal0[f] + d1 * normal1[f] + d2 * normal2[f]) / r
                    x[f] = r
                if source:
                    for f in range(n):
                        nearest[f], part[f] = x[f], strength
                else:
                    for f in range(n):
                        fallen = kappa[f] * (x[f] - nearest[f])
                        part[f] = strength * _fall(min(fallen, 5.0)) if fallen <= 5.0 else 0.0
                if dimension == 3:
                    for f in range(n):
                        inverse = 1.0 / x[f]
                        value[f] += part[f] * inverse
                        slope[f] += part[f] * inverse * (inverse + kappa[f]) * along[f]
                elif dimension == 2:
                    for f in range(n):
                        x[f] *= kappa[f]
                    line_waves(x, k0, k1)
                    for f in range(n):
                        value[f] += part[f] * k0[f]
                        slope[f] += part[f] * k1[f] * kappa[f] * along[f]
                else:
                    for f in range(n):
                        value[f] += part[f] / kappa[f]
                        slope[f] += part[f] * along[f]
    if even > 0.0:
        for f in range(n):
            x[f] = kappa[f] * reach
            fallen = x[f] - kappa[f] * nearest[f]
            part[f] = 2.0 * even * _fall(min(fallen, 7.0)) if fallen < 7.0 else 0.0
        if dimension == 2:
            line_waves(x, k0, k1)
        for f in range(n):
            if dimension == 3:
                value[f] += 2.0 * np.pi * part[f] * (1.0 + x[f])
            elif dimension == 2:
                value[f] += np.pi * part[f] * x[f] * k1[f]
            else:
                value[f] += part[f]
    for f in range(n):
        slope[f] = slope[f] / value[f] if value[f] > 0.0 and slope[f] > 0.0 else 0.0
