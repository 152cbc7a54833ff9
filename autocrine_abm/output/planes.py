"""A section through a field, laid into a solid view: what the cut plane shows between and beside the cells.

The kernel only; which plane, and where it lies on the screen, is told in `output.picture`.
"""

from autocrine_abm.compilation import kernel

__all__ = ["blend_plane"]


@kernel
def blend_plane(values, table, low, high, across, depth_of, opacity, image):
    """Blend the colors of a plane of voxels over what lies behind it; what lies on it or before it stays.

    values : (nu, nv) float64; table : (256, 3) uint8; low, high : ends of the table;
    across : (3, 3) float64, a row each for u and v [voxels] and for the depth towards the viewer [pixels]: its value in the
    middle of the first pixel, and its change per column and per row;
    depth_of : (height, width) float32, depth of what is seen, -inf where nothing is; opacity : of the plane, 0 to 1;
    image : (height, width, 3) uint8, painted on.
    """
    n_u, n_v = values.shape
    height, width = depth_of.shape
    scale = 255.0 / (high - low) if high > low else 0.0
    for row in range(height):
        for column in range(width):
            u = across[0, 0] + across[0, 1] * column + across[0, 2] * row
            v = across[1, 0] + across[1, 1] * column + across[1, 2] * row
            if u < 0.0 or u > n_u or v < 0.0 or v > n_v:
                continue
            depth = across[2, 0] + across[2, 1] * column + across[2, 2] * row
            if depth_of[row, column] > depth - 0.5:  # half a pixel: the face of a cell that the plane cuts lies on it
                continue
            u = min(max(u - 0.5, 0.0), n_u - 1.0)
            v = min(max(v - 0.5, 0.0), n_v - 1.0)
            i, j = int(u), int(v)
            i_next, j_next = min(i + 1, n_u - 1), min(j + 1, n_v - 1)
            part_u, part_v = u - i, v - j
            near = values[i, j] + part_u * (values[i_next, j] - values[i, j])
            far = values[i, j_next] + part_u * (values[i_next, j_next] - values[i, j_next])
            level = min(max(int((near + part_v * (far - near) - low) * scale + 0.5), 0), 255)
            for channel in range(3):
                below = float(image[row, column, channel])
                image[row, column, channel] = int(below + opacity * (float(table[level, channel]) - below) + 0.5)
