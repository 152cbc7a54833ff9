"""The slope of an outgoing wave face by face, with the Bessel functions of scipy."""

import numpy as np
from scipy.special import k0e, k1e


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
                    k0, k1 = k0e(kappa * r), k1e(kappa * r)
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
            value += 2.0 * np.pi * even * x * k1e(x) * np.exp(kappa * nearest - x)
        else:
            value += 2.0 * even * np.exp(kappa * nearest - x)
    return slope / value if value > 0.0 and slope > 0.0 else 0.0
