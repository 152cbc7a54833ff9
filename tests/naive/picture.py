"""Slow, obvious twins of the kernels in autocrine_abm/output/raster.py: one pixel at a time, no shortcuts."""

import numpy as np


def paint_field(values, table, low, high, window, image):
    """Each pixel takes the color of the voxel that its center lies in."""
    height, width, _ = image.shape
    for row in range(height):
        for column in range(width):
            u = window[0] + (column + 0.5) / width * (window[1] - window[0])
            v = window[3] - (row + 0.5) / height * (window[3] - window[2])
            if 0 <= u < values.shape[0] and 0 <= v < values.shape[1]:
                level = (values[int(u), int(v)] - low) / (high - low)
                image[row, column] = table[int(255 * np.clip(level, 0, 1) + 0.5)]


def covered(x, y, radius, shape):
    """Which pixels have their center within each disc, (n, height, width) bool."""
    row, column = np.mgrid[: shape[0], : shape[1]]
    return [(column + 0.5 - cx) ** 2 + (row + 0.5 - cy) ** 2 < r**2 for cx, cy, r in zip(x, y, radius)]


def cover_spheres(x, y, depth, radius, plane, shape):
    """Depth and owner of what a ray through each pixel meets first in the half space that is kept."""
    depth_of, owner = np.full(shape, -np.inf), np.full(shape, -1)
    for row in range(shape[0]):
        for column in range(shape[1]):
            for cell in range(len(x)):
                squared = radius[cell] ** 2 - (column + 0.5 - x[cell]) ** 2 - (row + 0.5 - y[cell]) ** 2
                if squared <= 0:
                    continue
                near, far = depth[cell] + np.sqrt(squared), depth[cell] - np.sqrt(squared)
                # the ray is inside the kept half space where plane[2] · depth ≤ rest
                rest = plane[3] - plane[0] * (column + 0.5) - plane[1] * (row + 0.5)
                if plane[2] > 0:
                    near = min(near, rest / plane[2])
                elif rest < 0:
                    continue
                if near >= far and near > depth_of[row, column]:
                    depth_of[row, column], owner[row, column] = near, cell
    return depth_of, owner


def mean_depth(depth_of, owner, reach):
    """Mean depth of the covered pixels in the square around each pixel; 0 where there are none."""
    mean = np.zeros(owner.shape)
    for row in range(owner.shape[0]):
        for column in range(owner.shape[1]):
            square = (
                slice(max(row - reach, 0), row + reach + 1),
                slice(max(column - reach, 0), column + reach + 1),
            )
            seen = depth_of[square][owner[square] >= 0]
            mean[row, column] = seen.mean() if len(seen) else 0.0
    return mean


def section_colors(field, size, low, high, table, cut, paper, width, height, center, extent, azimuth, elevation):
    """Picture of the field on the plane of a cut alone, pixel by pixel: walk along the line of sight to the plane."""
    from math import cos, radians, sin

    a, e = radians(azimuth), radians(elevation)
    right, down = (-sin(a), cos(a), 0.0), (sin(e) * cos(a), sin(e) * sin(a), -cos(e))
    towards = (cos(e) * cos(a), cos(e) * sin(a), sin(e))
    axis = "xyz".index(cut[0])
    image = np.full((height, width, 3), paper, np.uint8)
    for row in range(height):
        for column in range(width):
            x, y = ((column + 0.5 - width / 2) * extent / width, (row + 0.5 - height / 2) * extent / width)
            point = [center[k] + x * right[k] + y * down[k] for k in range(3)]
            far = (cut[1] - point[axis]) / towards[axis]
            point = [point[k] + far * towards[k] for k in range(3)]
            if not all(0 <= point[k] <= size[k] for k in range(3)):
                continue
            value = field[tuple(min(int(point[k] / size[k] * field.shape[k]), field.shape[k] - 1) for k in range(3))]
            image[row, column] = table[min(max(int((value - low) / (high - low) * 255 + 0.5), 0), 255)]
    return image
