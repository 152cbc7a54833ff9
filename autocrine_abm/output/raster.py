"""Pixels from arrays: fields, discs with outlines, shaded spheres with a depth buffer.

Kernels only; coordinates are already in pixels, row 0 is the top. What is shown, from where and in which
colors is decided in `output.picture`.
"""

import numpy as np

from autocrine_abm.compilation import kernel

__all__ = ["NOTHING", "cover_spheres", "depth_span", "mean_depth", "paint_discs", "paint_field", "shade_spheres"]

NOTHING = -1  # in `owner`: no sphere is seen in this pixel


@kernel
def paint_field(values, table, low, high, smooth, window, image):
    """Fill the picture with the colors of a field; pixels outside the field stay as they are.

    values : (nu, nv) float64, u to the right and v upwards; table : (256, 3) uint8; low, high : ends of the
    table;
    smooth : whether to interpolate between centers of voxels; window : (4,) float64, ends of the picture
    along u and v,
    counted in voxels; image : (height, width, 3) uint8, painted on.
    """
    n_u, n_v = values.shape
    height, width = image.shape[0], image.shape[1]
    scale = 255.0 / (high - low) if high > low else 0.0
    step_u, step_v = (window[1] - window[0]) / width, (window[3] - window[2]) / height
    for row in range(height):
        v = window[3] - (row + 0.5) * step_v
        if v < 0.0 or v > n_v:
            continue
        if smooth:
            v = min(max(v - 0.5, 0.0), n_v - 1.0)
        j = min(int(v), n_v - 1)
        j_next = min(j + 1, n_v - 1)
        part_v = v - j if smooth else 0.0
        for column in range(width):
            u = window[0] + (column + 0.5) * step_u
            if u < 0.0 or u > n_u:
                continue
            if smooth:
                u = min(max(u - 0.5, 0.0), n_u - 1.0)
            i = min(int(u), n_u - 1)
            value = values[i, j]
            if smooth:
                i_next = min(i + 1, n_u - 1)
                part_u = u - i
                value += part_u * (values[i_next, j] - value)
                other = values[i, j_next]
                other += part_u * (values[i_next, j_next] - other)
                value += part_v * (other - value)
            level = int(min(max((value - low) * scale, 0.0), 255.0) + 0.5)
            image[row, column, 0] = table[level, 0]
            image[row, column, 1] = table[level, 1]
            image[row, column, 2] = table[level, 2]


@kernel
def paint_discs(x, y, radius, color, edge, image):
    """Blend filled discs with a thin outline in a darker shade of their color, later ones over earlier ones.

    x, y, radius : (n,) float64 [pixels]; color : (n, 3) uint8; edge : brightness of the outline relative to
    the
    disc [-], 1 for none; image : (height, width, 3) uint8, painted on.
    """
    height, width = image.shape[0], image.shape[1]
    for cell in range(len(x)):
        r = max(radius[cell], 0.4)
        thickness = min(0.15 * r + 0.2, 2.5) if r > 2.0 else 0.0
        inner = r - thickness
        plain = max(inner - 0.5, 0.0) ** 2 if thickness > 0.0 else max(r - 0.5, 0.0) ** 2
        outside = (r + 0.5) ** 2
        for row in range(max(int(y[cell] - r - 0.5), 0), min(int(y[cell] + r + 1.5), height)):
            dy = row + 0.5 - y[cell]
            for column in range(max(int(x[cell] - r - 0.5), 0), min(int(x[cell] + r + 1.5), width)):
                dx = column + 0.5 - x[cell]
                d2 = dx * dx + dy * dy
                if d2 >= outside:
                    continue
                if d2 <= plain:
                    image[row, column, 0] = color[cell, 0]
                    image[row, column, 1] = color[cell, 1]
                    image[row, column, 2] = color[cell, 2]
                    continue
                d = np.sqrt(d2)
                cover = min(max(r + 0.5 - d, 0.0), 1.0)
                shade = 1.0
                if thickness > 0.0:
                    shade = 1.0 - (1.0 - edge) * min(max(d - inner + 0.5, 0.0), 1.0)
                for channel in range(3):
                    below = float(image[row, column, channel])
                    image[row, column, channel] = np.uint8(
                        below + cover * (shade * color[cell, channel] - below) + 0.5
                    )


@kernel
def cover_spheres(x, y, depth, radius, plane, depth_of, owner):
    """Find which sphere is seen in each pixel.

    x, y, depth, radius : (n,) float64 [pixels], depth towards the viewer; plane : (4,) float64, the half
    space plane[0] x + plane[1] y + plane[2] depth ≤ plane[3] is kept and plane[2] ≥ 0, so that the cut faces
    the viewer;
    depth_of : (height, width) float32, -inf where nothing is; owner : (height, width) int64, the sphere.
    """
    height, width = owner.shape
    for cell in range(len(x)):
        r = max(radius[cell], 0.5)
        beyond = plane[0] * x[cell] + plane[1] * y[cell] + plane[2] * depth[cell] - plane[3]
        if beyond >= r:
            continue
        whole = beyond <= -r
        nearest = depth[cell] + r
        left, right = max(int(x[cell] - r), 0), min(int(x[cell] + r) + 1, width)
        for row in range(max(int(y[cell] - r), 0), min(int(y[cell] + r) + 1, height)):
            dy = row + 0.5 - y[cell]
            half = r * r - dy * dy
            for column in range(left, right):
                if nearest <= depth_of[row, column]:
                    continue
                dx = column + 0.5 - x[cell]
                squared = half - dx * dx
                behind = depth_of[row, column] - depth[cell]
                # squares are compared, and a root is taken of the few that win: a quarter less time
                if squared <= 0.0 or (behind >= 0.0 and behind * behind >= squared):
                    continue
                front = np.sqrt(squared)
                seen = depth[cell] + front
                if not whole:
                    rest = plane[3] - plane[0] * (column + 0.5) - plane[1] * (row + 0.5)
                    if plane[2] * seen > rest:  # the front lies in the part cut away: look at the cut face
                        if plane[2] < 1e-9:
                            continue
                        seen = rest / plane[2]
                        if seen < depth[cell] - front:
                            continue
                if seen > depth_of[row, column]:
                    # faces in one plane differ by rounding: the first keeps the pixel, or two would show as stripes
                    if whole or seen - depth_of[row, column] > 1e-3:
                        owner[row, column] = cell
                    depth_of[row, column] = seen


@kernel
def depth_span(depth_of, span):
    """Least and greatest depth at which anything is seen, into `span` (2,); returns whether there is anything."""
    span[0], span[1] = np.inf, -np.inf
    for row in range(depth_of.shape[0]):
        for column in range(depth_of.shape[1]):
            seen = depth_of[row, column]
            if seen > -np.inf:
                span[0], span[1] = min(span[0], seen), max(span[1], seen)
    return span[1] >= span[0]


@kernel
def mean_depth(depth_of, owner, reach, mean):
    """Mean depth of the pixels that show a sphere in a square of side 2 reach + 1 around each pixel.

    depth_of : (height, width) float32; owner : (height, width) int64; mean : (height, width) float32,
    overwritten.
    """
    height, width = owner.shape
    total = np.zeros(width + 1)
    number = np.zeros(width + 1)
    column_total = np.zeros(width)
    column_number = np.zeros(width)
    for row in range(-reach, height):
        for sign in (1, -1):
            line = row + reach if sign == 1 else row - reach - 1
            if 0 <= line < height:
                for column in range(width):
                    if owner[line, column] >= 0:
                        column_total[column] += sign * depth_of[line, column]
                        column_number[column] += sign
        if row < 0:
            continue
        for column in range(width):
            total[column + 1] = total[column] + column_total[column]
            number[column + 1] = number[column] + column_number[column]
        for column in range(width):
            low, high = max(column - reach, 0), min(column + reach + 1, width)
            count = number[high] - number[low]
            mean[row, column] = (total[high] - total[low]) / count if count > 0.5 else 0.0


@kernel
def shade_spheres(x, y, depth, radius, color, plane, light, depth_of, mean, owner, softness, span, image):
    """Color the pixels that show a sphere, by the tilt of its surface, its depth, and the gap it lies in.

    light : (3,) float64, unit vector towards the light; plane, depth_of, owner as in `cover_spheres`; mean as
    in
    `mean_depth`; softness : depth difference of full shadow [pixels]; span : depth of front and back (2,)
    float64. A surface on the cut plane is drawn flat and brighter, ringed by the cell's outline.
    """
    height, width = owner.shape
    range_of_depth = max(span[1] - span[0], 1e-9)
    for row in range(height):
        for column in range(width):
            cell = owner[row, column]
            if cell < 0:
                continue
            seen = depth_of[row, column]
            r = max(radius[cell], 0.5)
            dx = (column + 0.5 - x[cell]) / r
            dy = (row + 0.5 - y[cell]) / r
            dz = (seen - depth[cell]) / r
            d2 = dx * dx + dy * dy + dz * dz
            if d2 < 0.985 and plane[2] > 1e-9:  # inside the sphere: its cut face
                shade = 1.08 - 0.38 * max(0.0, (d2 - 0.62) / 0.38)
            else:
                shade = 0.58 + 0.52 * max(0.0, dx * light[0] + dy * light[1] + dz * light[2])
                shade *= 1.0 - 0.30 * (1.0 - max(dz, 0.0)) ** 3
            gap = (mean[row, column] - seen) / softness
            shade *= 1.0 - 0.50 * min(max(gap, 0.0), 1.0)
            far = 0.28 * (1.0 - min(max((seen - span[0]) / range_of_depth, 0.0), 1.0))
            for channel in range(3):
                value = shade * color[cell, channel]
                value += far * (image[row, column, channel] - value)
                image[row, column, channel] = (
                    np.uint8(min(max(value, 0.0), 255.0) + 0.5) if value < 255 else 255
                )
