"""Sums to the left of cells, against adding them up."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from jxgis.kernels.running import running

KINDS = st.sampled_from([np.bool_, np.uint8, np.int8, np.uint16, np.int16, np.int32])


@given(st.integers(0, 2**32 - 1), KINDS, st.integers(1, 9), st.integers(1, 300))
@example(0, np.bool_, 3, 128)
@example(0, np.bool_, 3, 64)
def test_sums_to_the_left(seed, kind, rows, columns):
    rng = np.random.default_rng(seed)
    layer = rng.integers(-(2**31), 2**31, (rows, columns)).astype(kind)
    row, column = rng.integers(0, rows, 50), rng.integers(0, columns + 70, 50)
    left, cell = running(layer, row, column)
    for r, c, sum_, own in zip(row, column, left, cell, strict=True):
        assert sum_ == layer[r, :c].sum(dtype=np.int64)
        assert own == (layer[r, c] if c < columns else 0)


def test_part_of_an_array_and_one_turned():
    layer = np.random.default_rng(1).random((130, 200)) < 0.5
    row, column = np.array([0, 3, 69]), np.array([64, 65, 129])
    for view in (layer[::-1, 3:], layer.T[:100], np.asfortranarray(layer)):
        left, cell = running(view, row, column)
        assert left.tolist() == [view[r, :c].sum() for r, c in zip(row, column, strict=True)]
        assert (
            cell
            == [view[r, c] if c < view.shape[1] else 0 for r, c in zip(row, column, strict=True)]
        ).all()


def test_rows_beyond_those_that_are_summed_at_once():
    layer = np.random.default_rng(1).integers(0, 2**16, (70_000, 7)).astype(np.uint16)
    row = np.array([69_999, 0, 65_536, 57_143, 57_142, 65_535])
    left, _cell = running(layer, row, np.array([7, 7, 6, 5, 4, 3]))
    expected = [layer[r, :c].sum(dtype=int) for r, c in zip(row, [7, 7, 6, 5, 4, 3], strict=True)]
    assert left.tolist() == expected
