"""The table of what the mesh shows of a pair: far away the field of a point, and the same for a ladder of boxes."""

import numpy as np
import pytest

from autocrine_abm.ligands.near_field import NearField
from autocrine_abm.ligands.pair_table import lookup
from autocrine_abm.mesh.cartesian import Mesh

D = 600.0


def shown(near, apart, boxes, wave=(0.0, 0.0, 0.0)):
    n = len(apart)
    out = np.zeros(n)
    lookup(n, np.ascontiguousarray(apart.T), np.tile(np.array(wave)[:, None], n), np.asarray(boxes) ** 2, *near.pairs, out)
    return out


def test_far_pairs_are_shown_as_points():
    near = NearField(Mesh((40, 40, 40), (10.0,) * 3), D, 0.0, 8.0)
    direction = np.random.default_rng(0).normal(size=(20, 3))
    apart = 1.5 * 19.2 * direction / np.linalg.norm(direction, axis=1)[:, None]
    # where pairs end to be corrected, the docstring of `extent` says 2 %
    assert shown(near, apart, np.full(20, 19.2)) == pytest.approx(1 / (4 * np.pi * D * 28.8), rel=0.03)


def test_boxes_between_rungs_follow_on_each_other():
    near = NearField(Mesh((40, 40, 40), (10.0,) * 3), D, 0.0, 8.0)
    boxes = np.linspace(10.0, 19.2, 400)
    values = shown(near, np.tile([9.0, 4.0, -3.0], (400, 1)), boxes)
    assert np.all(values > 0)
    # 400 steps take the box from 1 to 1.92 voxels; the largest jump is where the nearest rung changes
    assert np.abs(np.diff(values)).max() < 0.005 * values.max()
    assert values[0] > 1.1 * values[-1]  # a narrow box shows more of what is close


def test_small_boxes_are_all_one_voxel_wide():
    near = NearField(Mesh((40, 40, 1), (10.0, 10.0, 5.0)), D, 0.1, 3.0)
    apart = np.tile([6.0, 2.0, 0.0], (3, 1))
    first, *others = shown(near, apart, [10.0, 10.0, 10.0])
    assert others == [first, first]
    assert near.pairs.shape[0] == 1
