"""Sets within other sets, against Python's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from jxgis.kernels import subsets
from jxgis.kernels.subsets import dominated, ranges

SETS = st.lists(st.sets(st.integers(0, 9), min_size=1), max_size=12, unique_by=frozenset)


def matrix_of(sets, width=10):
    dense = np.zeros((len(sets), width))
    for row, members in zip(dense, sets, strict=True):
        row[list(members)] = 1
    return sparse.csr_array(dense)


@given(SETS, st.sampled_from([1, 7, subsets.BLOCK]), st.sampled_from([1, 3, subsets.FIRST]))
def test_what_lies_within_a_larger_set(sets, block, first):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subsets, "BLOCK", block)
        patch.setattr(subsets, "FIRST", first)
        within = dominated(matrix_of(sets))
    assert within.tolist() == [any(own < other for other in sets) for own in sets]


@given(SETS, st.integers(0, 20))
def test_where_it_is_dear_some_are_missed_but_none_is_wrong(sets, dear):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subsets, "DEAR", dear)
        patch.setattr(subsets, "BLOCK", 3)
        within = dominated(matrix_of(sets))
    assert all(
        any(own < other for other in sets) for own, out in zip(sets, within, strict=True) if out
    )


def test_large_sets_are_told_apart_by_their_last_elements():
    sets = [set(range(100)), set(range(99)) | {100}, set(range(50, 99))]
    assert dominated(matrix_of(sets, 101)).tolist() == [False, False, True]


def test_ranges_follow_one_another():
    place, number = ranges(np.array([5, 0, 2]), np.array([2, 0, 3]))
    assert place.tolist() == [0, 0, 2, 2, 2]
    assert number.tolist() == [5, 6, 2, 3, 4]
