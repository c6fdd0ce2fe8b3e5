"""Pieces of a map, held against scipy's labels and against a flood fill cell by cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from jxgis.kernels import pieces as module
from jxgis.kernels.pieces import Labeller


@st.composite
def maps(draw):
    rows, columns = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    share = draw(st.sampled_from([0.3, 0.6, 0.8, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = rng.random((rows, columns)) < share
    coarse = rng.integers(-1, draw(st.integers(0, 3)), (rows, columns))
    grain = draw(st.integers(1, 6))
    zone = np.kron(coarse, np.ones((grain, grain), int))[:rows, :columns]
    return mask, zone, draw(st.integers(1, 6))


def found(mask, zone, tile, cuts=(), order=None):
    """Label a map cut before the given tiles' rows and columns."""
    rows, columns = mask.shape
    labeller = Labeller(rows, columns, tile)
    edges = [
        sorted({0, size, *(c * tile for c in cuts if 0 < c * tile < size)})
        for size in (rows, columns)
    ]
    blocks = [
        (top, left, below, right)
        for top, below in zip(edges[0], edges[0][1:], strict=False)
        for left, right in zip(edges[1], edges[1][1:], strict=False)
    ]
    if order is not None:
        order.shuffle(blocks)
    for top, left, below, right in blocks:
        window = np.s_[top:below, left:right]
        labeller.add(top, left, mask[window], zone[window])
    return labeller.finish()


def flooded(mask, zone, tile):
    """Return each cell's piece by a flood fill, and which pieces touch."""
    label = np.full(mask.shape, -1)
    for at in np.ndindex(mask.shape):
        if mask[at] and label[at] < 0:
            number, front = label.max() + 1, [at]
            label[at] = number
            while front:
                here = front.pop()
                for there in around(here, mask):
                    alike = zone[there] == zone[here] and all(
                        a // tile == b // tile for a, b in zip(here, there, strict=True)
                    )
                    if alike and label[there] < 0:
                        label[there] = number
                        front.append(there)
    touching = {
        tuple(sorted((int(label[at]), int(label[there]))))
        for at in zip(*np.nonzero(mask), strict=True)
        for there in around(at, mask)
        if label[at] != label[there]
    }
    return label, touching


def around(at, mask):
    for step in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        row, column = at[0] + step[0], at[1] + step[1]
        if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and mask[row, column]:
            yield row, column


@given(maps())
def test_pieces_are_those_of_a_flood_fill(drawn):
    mask, zone, tile = drawn
    own = found(mask, zone, tile)
    label, touching = flooded(mask, zone, tile)
    assert np.array_equal(own.label, label)
    assert [tuple(pair) for pair in own.edges.tolist()] == sorted(touching)
    for number in range(len(own.cells)):
        row, column = np.nonzero(label == number)
        assert own.cells[number] == len(row)
        assert own.xy[number] == pytest.approx([column.mean() + 0.5, row.mean() + 0.5], abs=1e-12)
        assert set(zone[row, column]) == {own.zone[number]}
    assert len(own.cells) == len(own.zone) == len(own.xy) == label.max() + 1


@given(maps())
def test_components_are_scipys(drawn):
    mask, zone, tile = drawn
    own = found(mask, zone, tile)
    expected, count = ndimage.label(mask)
    patches = np.where(mask, np.append(own.component, -1)[own.label] + 1, 0)
    assert len(set(own.component.tolist())) == count
    pairs = set(zip(patches[mask].tolist(), expected[mask].tolist(), strict=True))
    assert len(pairs) == count
    seen = list(dict.fromkeys(own.component.tolist()))
    assert seen == list(range(count))  # numbered as they are met


@given(maps(), st.lists(st.integers(0, 8)), st.randoms(), st.sampled_from([1, 20, 2**21]))
def test_blocks_leave_no_trace(drawn, cuts, order, strip):
    mask, zone, tile = drawn
    whole = found(mask, zone, tile)
    before, module.STRIP_CELLS = module.STRIP_CELLS, strip
    try:
        parts = found(mask, zone, tile, cuts, order)
    finally:
        module.STRIP_CELLS = before
    for name in ("label", "zone", "xy", "cells", "edges", "component"):
        one, other = getattr(whole, name), getattr(parts, name)
        assert one.dtype == other.dtype
        assert np.array_equal(one, other), name


def test_a_larger_map_against_scipy():
    rng = np.random.default_rng(20261125)
    mask = ndimage.uniform_filter(rng.random((600, 500)), 5) > 0.49
    zone = np.add.outer(np.arange(600) // 170, np.arange(500) // 210 * 4)
    own = found(mask, zone, 10, cuts=(7, 20, 44))
    expected, count = ndimage.label(mask)
    assert own.component.max() + 1 == count
    # A patch's number in scipy is also that of its first cell in reading order
    assert np.array_equal(np.where(mask, own.component[own.label] + 1, 0), expected)


def test_a_patch_that_comes_back_into_its_tile_is_two_pieces():
    mask = np.array(
        [
            [1, 1, 1, 1],
            [0, 0, 0, 1],
            [1, 1, 1, 1],
        ],
        dtype=bool,
    )
    own = found(mask, np.zeros((3, 4), int), 3)
    assert own.label.tolist() == [[0, 0, 0, 1], [-1, -1, -1, 1], [2, 2, 2, 1]]
    assert own.edges.tolist() == [[0, 1], [1, 2]]
    assert own.component.tolist() == [0, 0, 0]
    assert own.xy.tolist() == [[1.5, 0.5], [3.5, 1.5], [1.5, 2.5]]


def test_a_border_of_zones_cuts_within_a_tile_and_corners_do_not_touch():
    mask = np.array([[1, 1, 0], [0, 0, 1]], dtype=bool)
    own = found(mask, np.array([[4, -1, -1], [4, 4, 4]]), 10)
    assert own.label.tolist() == [[0, 1, -1], [-1, -1, 2]]
    assert own.zone.tolist() == [4, -1, 4]
    assert own.edges.tolist() == [[0, 1]]
    assert own.component.tolist() == [0, 0, 1]


def test_a_map_without_any():
    own = found(np.zeros((7, 5), bool), np.zeros((7, 5), int), 4)
    assert (own.label == -1).all()
    assert own.xy.shape == own.edges.shape == (0, 2)
    assert len(own.zone) == len(own.cells) == len(own.component) == 0


@pytest.mark.parametrize(
    ("row", "column", "shape"),
    [(5, 0, (10, 10)), (0, 10, (10, 10)), (0, 0, (9, 10)), (-10, 0, (10, 10)), (20, 0, (10, 10))],
)
def test_blocks_must_fit_onto_tiles(row, column, shape):
    labeller = Labeller(25, 14, 10)
    with pytest.raises(ValueError, match="does not fit"):
        labeller.add(row, column, np.ones(shape, bool), np.zeros(shape, int))


def test_a_block_comes_once_and_not_after_the_end():
    labeller = Labeller(20, 20, 10)
    block = np.ones((10, 20), bool), np.zeros((10, 20), int)
    labeller.add(0, 0, *block)
    with pytest.raises(ValueError, match="before"):
        labeller.add(0, 0, *block)
    labeller.finish()
    with pytest.raises(ValueError, match="before"):
        labeller.add(10, 0, *block)
    with pytest.raises(ValueError, match="at least one"):
        Labeller(0, 5, 10)
