"""Cells within distances of set cells, against scipy's transform of the whole raster."""

import math

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from jxgis.kernels.fields import halo, within


def transformed(mask, radius):
    """Return what scipy's distances say."""
    if not mask.any():  # to it, the nearest of no cells is just outside
        return mask
    return scipy.ndimage.distance_transform_edt(~mask) <= radius


def random_mask(seed, rows, columns, density):
    return np.random.default_rng(seed).random((rows, columns)) < density


seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 60)
densities = st.sampled_from([0.0, 0.0005, 0.01, 0.1, 0.5, 0.99, 1.0])
roots = st.integers(0, 900).map(math.sqrt)  # at which a cell is exactly so far away
radii = st.integers(0, 90).map(float) | st.floats(0, 90) | roots


@given(seeds, sides, sides, densities, st.lists(radii, max_size=4))
@settings(deadline=None)
def test_any_mask_and_radii_give_what_scipy_gives(seed, rows, columns, density, asked):
    mask = random_mask(seed, rows, columns, density)
    before = mask.copy()
    found = within(mask, asked)
    assert len(found) == len(asked)
    for radius, own in zip(asked, found, strict=True):
        assert own.dtype == np.bool_
        assert (own == transformed(mask, radius)).all()
    assert (mask == before).all()


@pytest.mark.parametrize("radius", [126.9, 127, 127.5, 128, 254, 255, 256, 300.7])
@pytest.mark.parametrize("transposed", [False, True])
def test_radii_that_a_byte_does_not_hold(radius, transposed):
    mask = np.zeros((700, 90), dtype=bool)
    mask[[10, 12, 330], [88, 5, 40]] = True
    mask = np.ascontiguousarray(mask.T) if transposed else mask
    near, own = within(mask, [7.3, radius])
    assert not own.all()
    assert (own == transformed(mask, radius)).all()
    assert (near == transformed(mask, 7.3)).all()


def test_distances_that_two_bytes_do_not_hold():
    mask = np.zeros((2, 70_000), dtype=bool)
    mask[0, 0] = True
    found = within(mask, [40_000, 40_000.5, 66_000.2])
    assert [own.sum(axis=1).tolist() for own in found] == [
        [40_001, 40_000],  # in the other row, sqrt(40,000^2 + 1) is too far
        [40_001, 40_001],
        [66_001, 66_001],
    ]


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (0, 7), (7, 0), (0, 0)])
@pytest.mark.parametrize("density", [0.0, 0.2, 1.0])
def test_single_rows_and_none(shape, density):
    mask = random_mask(1, *shape, density)
    for radius, own in zip([0, 1.5, 9], within(mask, [0, 1.5, 9]), strict=True):
        assert own.shape == shape
        assert (own == transformed(mask, radius)).all()


def test_one_cell_becomes_a_disc_of_lattice_points():
    mask = np.zeros((41, 41), dtype=bool)
    mask[20, 20] = True
    counts = [int(own.sum()) for own in within(mask, [0, 1, 2, 3, 4, 5, 10, 20])]
    assert counts == [1, 5, 13, 29, 49, 81, 317, 1257]  # Gauss's circle problem, OEIS A000328


def test_a_radius_of_nothing_is_the_mask_itself_and_a_new_one():
    mask = random_mask(8, 20, 30, 0.3)
    (own,) = within(mask, [0])
    assert (own == mask).all()
    own[:] = False
    assert mask.any()
    (full,) = within(mask, [math.inf])
    assert full.all()
    assert not within(np.zeros((4, 5), dtype=bool), [math.inf])[0].any()


@pytest.mark.parametrize("side", [100, 127, 128])
def test_a_radius_that_is_larger_than_the_raster(side):
    mask = np.zeros((side, side), dtype=bool)
    mask[40, 0] = True
    for radius, own in zip([170.5, 1e9], within(mask, [170.5, 1e9]), strict=True):
        assert (own == transformed(mask, radius)).all()


def test_views_that_are_not_contiguous():
    mask = random_mask(5, 80, 90, 0.01)
    for view in (mask[::2, ::-3], mask.T, mask[10:50, 7:80]):
        assert (within(view, [6.4])[0] == transformed(view, 6.4)).all()


def test_a_radius_must_be_a_distance():
    for wrong in (-1.0, math.nan):
        with pytest.raises(ValueError, match="radii must be 0 or more"):
            within(np.ones((2, 2), dtype=bool), [3.0, wrong])


@given(
    seeds,
    st.integers(5, 40),
    st.integers(9, 40),
    st.sampled_from([0.002, 0.02, 0.2]),
    st.lists(st.floats(0, 25), min_size=1, max_size=3),
)
@settings(deadline=None, max_examples=40)
def test_blocks_with_a_halo_give_what_the_whole_gives(seed, height, width, density, asked):
    mask = random_mask(seed, 75, 83, density)
    beside = halo(max(asked))
    joined = [np.zeros_like(mask) for _ in asked]
    for row in range(0, mask.shape[0], height):
        for column in range(0, mask.shape[1], width):
            top, left = max(row - beside, 0), max(column - beside, 0)
            part = mask[top : row + height + beside, left : column + width + beside]
            for own, out in zip(within(part, asked), joined, strict=True):
                block = out[row : row + height, column : column + width]
                block[:] = own[row - top :, column - left :][: block.shape[0], : block.shape[1]]
    for own, out in zip(within(mask, asked), joined, strict=True):
        assert (own == out).all()


def test_features_far_apart():
    mask = np.zeros((2000, 300), dtype=bool)
    mask[[0, 700, 701, 1999], [0, 299, 150, 120]] = True
    for radius, own in zip([0, 20.5, 99], within(mask, [0, 20.5, 99]), strict=True):
        assert (own == transformed(mask, radius)).all()
