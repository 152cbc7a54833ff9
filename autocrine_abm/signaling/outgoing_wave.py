"""How the field of one cell leaves the patch of mesh that is looked at: its slope over its value, walls'
images included.

A wave e^(−κr)/r, K₀(κr) or e^(−κr) goes out from the cell and from its images behind walls or around periodic
axes. What it is needed for is told in `self_signal`.
"""

import numpy as np

from autocrine_abm.compilation import kernel
from autocrine_abm.ligands.lattice_green import FACTOR_HIGH, FACTOR_LOW, PERIODIC, SPACING, VOXELS

__all__ = ["line_wave", "mirror", "outward_slope"]


@kernel
def line_wave(x):
    """e^x K₀(x) and e^x K₁(x), within 2e-7 (Abramowitz & Stegun 1964, 9.8.1–9.8.8)."""
    if x > 2.0:
        t = 2.0 / x
        k0 = 1.25331414 + t * (-0.07832358 + t * (0.02189568 + t * (-0.01062446 + t * (0.00587872 + t * (
            -0.00251540 + t * 0.00053208)))))  # fmt: skip
        k1 = 1.25331414 + t * (0.23498619 + t * (-0.03655620 + t * (0.01504268 + t * (-0.00780353 + t * (
            0.00325614 - t * 0.00068245)))))  # fmt: skip
        return k0 / np.sqrt(x), k1 / np.sqrt(x)
    t = (x / 3.75) ** 2
    i0 = 1.0 + t * (
        3.5156229 + t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813))))
    )
    i1 = x * (0.5 + t * (0.87890594 + t * (0.51498869 + t * (0.15084934 + t * (0.02658733 + t * (
        0.00301532 + t * 0.00032411))))))  # fmt: skip
    t = x * x / 4.0
    logarithm = np.log(x / 2.0)
    k0 = -logarithm * i0 - 0.57721566 + t * (0.42278420 + t * (0.23069756 + t * (0.03488590 + t * (
        0.00262698 + t * (0.00010750 + t * 0.00000740)))))  # fmt: skip
    k1 = logarithm * i1 + (1.0 + t * (0.15443144 + t * (-0.67278579 + t * (-0.18156897 + t * (
        -0.01919402 + t * (-0.00110404 - t * 0.00004686)))))) / x  # fmt: skip
    return k0 * np.exp(x), k1 * np.exp(x)


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
def outward_slope(face, axis, sign, kappa, dimension, images, image, factor, reach, even):
    """−(dc/dn)/c at a point of a cut, for the wave of a point source and its images; sign is that of the
    normal.

    `even` [µm^−d] is what the wave beyond `reach` adds everywhere in a closed box, per part of it that gets
    that far.
    """
    value, slope, nearest = 0.0, 0.0, 0.0
    for i in range(images[0]):
        for j in range(images[1]):
            for k in range(images[2]):
                x, y, z = face[0] - image[0, i], face[1] - image[1, j], face[2] - image[2, k]
                r = np.sqrt(x * x + y * y + z * z)
                strength = factor[0, i] * factor[1, j] * factor[2, k]
                if i + j + k == 0:
                    nearest = r
                elif kappa * (r - nearest) > 5.0:
                    continue
                else:
                    strength *= np.exp(-kappa * (r - nearest))
                along = sign * (x if axis == 0 else (y if axis == 1 else z)) / r
                if dimension == 3:
                    value += strength / r
                    slope += strength / r * (1.0 / r + kappa) * along
                elif dimension == 2:
                    k0, k1 = line_wave(kappa * r)
                    value += strength * k0
                    slope += strength * k1 * kappa * along
                else:
                    value += strength / kappa
                    slope += strength * along
    x = kappa * reach
    if even > 0.0 and x - kappa * nearest < 7.0:
        if dimension == 3:
            value += 4.0 * np.pi * even * (1.0 + x) * np.exp(kappa * nearest - x)
        elif dimension == 2:
            value += 2.0 * np.pi * even * x * line_wave(x)[1] * np.exp(kappa * nearest - x)
        else:
            value += 2.0 * even * np.exp(kappa * nearest - x)
    return slope / value if value > 0.0 and slope > 0.0 else 0.0
