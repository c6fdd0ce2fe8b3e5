"""Patches found strip by strip, against labels of the whole image."""

import numpy as np
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels.patches import halo, of_least_size

TOUCHING = np.ones((3, 3), dtype=bool)


def whole(mask, least):
    """Return the cells in patches of at least a size, from labels of all of it."""
    labels, count = scipy.ndimage.label(mask, structure=TOUCHING)
    sizes = scipy.ndimage.sum_labels(mask, labels, np.arange(1, count + 1))
    return np.isin(labels, 1 + np.flatnonzero(sizes >= least))


def in_strips(mask, least, heights):
    """Return the same from strips, each with the rows beside it that are asked for."""
    beside = halo(least)
    found, first = [], 0
    for height in heights:
        top = max(first - beside, 0)
        part = mask[top : first + height + beside]
        found.append(of_least_size(part, least, first - top, height))
        first += height
    return np.concatenate(found)


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=8),
    st.integers(1, 12),
    st.integers(1, 15),
    st.floats(0.05, 0.9),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
def test_any_strips_give_what_the_whole_gives(heights, columns, least, density, seed):
    mask = np.random.default_rng(seed).random((sum(heights), columns)) < density
    found = in_strips(mask, least, heights)
    assert found.dtype == np.bool_
    assert (found == whole(mask, least)).all()


@given(st.integers(2, 12), st.integers(0, 11))
def test_a_line_down_is_told_apart_by_its_last_cell(least, above):
    for length in (least - 1, least):
        mask = np.zeros((40, 3), dtype=bool)
        mask[14 - above : 14 - above + length, 1] = True
        heights = [14, 1, 25]
        assert (in_strips(mask, least, heights) == mask * (length >= least)).all()


def test_cells_touch_at_corners_too():
    mask = np.eye(7, dtype=bool)
    assert (in_strips(mask, 7, [2, 3, 2]) == mask).all()
    assert not in_strips(mask, 8, [2, 3, 2]).any()


def test_one_cell_is_a_patch_where_one_is_enough():
    mask = np.eye(5, dtype=bool)[:, ::-1]
    found = of_least_size(mask, 1, 0, 5)
    assert (found == mask).all()
    found[:] = False
    assert mask.sum() == 5
    assert halo(0) == halo(1) == 0
    assert halo(7) == 6


def test_a_patch_beside_the_strip_alone_is_not_the_strips():
    mask = np.zeros((9, 5), dtype=bool)
    mask[:3] = True
    assert not of_least_size(mask, 4, 3, 3).any()
