"""Which sets lie within another one, without holding every set against every other.

A set that contains another one contains its rarest element. Only sets with that element are held
against it, first by few elements, the rarest first, and those that are left by all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jxgis.kernels.arcs import IntArray

FIRST = 12
"""Elements by which most pairs are told apart."""

BLOCK = 4_000_000
"""Elements that are looked up at a time."""

DEAR = 8_000_000
"""Pairs, and looked-up elements, after which no more sets are looked through."""


class _Sets:
    """Sets whose elements are ordered by how rare they are, and can be looked up."""

    def __init__(self, sets: Any) -> None:
        self.first, self.size = sets.indptr[:-1].astype(np.int64), np.diff(sets.indptr)
        self.n_elements = sets.shape[1]
        own = np.repeat(np.arange(len(self.size)), self.size)
        self.keys = own * self.n_elements + sets.indices
        self.owners = sparse.csc_array(sets)
        self.often = np.diff(self.owners.indptr)
        self.element = sets.indices[np.lexsort((sets.indices, self.often[sets.indices], own))]

    def has(self, which: IntArray, element: IntArray) -> NDArray[np.bool_]:
        """Tell of pairs of a set and an element whether the set has it."""
        key = which * np.int64(self.n_elements) + element
        at = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        return np.asarray(self.keys[at] == key)

    def with_rarest(self, inner: IntArray) -> tuple[IntArray, IntArray]:
        """Return pairs of some sets with larger ones that have the former's rarest element."""
        rarest = self.element[self.first[inner]]
        pair, entry = ranges(self.owners.indptr[rarest], self.often[rarest])
        inner, outer = inner[pair], self.owners.indices[entry].astype(np.int64)
        larger = self.size[outer] > self.size[inner]
        return inner[larger], outer[larger]


def ranges(first: IntArray, count: IntArray) -> tuple[IntArray, IntArray]:
    """Return the whole numbers of some ranges one after the other, each behind its range's place.

    Parameters
    ----------
    first, count
        (n,) where each range begins, and how long it is.
    """
    place = np.repeat(np.arange(len(count)), count)
    return place, np.arange(len(place)) - np.repeat(np.cumsum(count) - count - first, count)


def dominated(sets: Any) -> NDArray[np.bool_]:
    """Return which sets lie within a larger one.

    Parameters
    ----------
    sets
        (n, m) sparse csr array, not zero where a set (row) has an element (column); none is empty,
        indices are sorted.

    Returns
    -------
    (n,) booleans
        Where there is much to look through (`DEAR`), some that lie within another may be missed.
    """
    within = np.zeros(sets.shape[0], bool)
    if not sets.nnz:
        return within
    known = _Sets(sets)
    pairs = np.cumsum(known.often[known.element[known.first]].astype(np.int64))
    looked, begin = 0, 0
    while begin < len(within) and looked < DEAR:
        before = pairs[begin - 1] if begin else 0
        end = max(int(np.searchsorted(pairs, before + BLOCK, side="right")), begin + 1)
        looked += int(pairs[end - 1] - before)
        inner, outer = known.with_rarest(np.arange(begin, end))
        for k in range(1, FIRST):
            more = np.flatnonzero(k < known.size[inner])
            element = known.element[known.first[inner[more]] + k]
            fails = more[~known.has(outer[more], element)]
            inner, outer = np.delete(inner, fails), np.delete(outer, fails)
        looked += _look(known, inner, outer, within, DEAR - looked)
        begin = end
    return within


def _look(
    known: _Sets, inner: IntArray, outer: IntArray, within: NDArray[np.bool_], dear: int
) -> int:
    """Mark the sets of pairs that lie within the other one; return how much was looked up."""
    looked = 0
    while len(inner) and looked < dear:
        # One other set at a time for each, since one that contains it is enough.
        head = np.append(True, inner[1:] != inner[:-1])
        own, other = inner[head], outer[head]
        upto = max(int(np.searchsorted(np.cumsum(known.size[own]), BLOCK, side="right")), 1)
        own, other = own[:upto], other[:upto]
        pair, entry = ranges(known.first[own], known.size[own])
        missing = ~known.has(other[pair], known.element[entry])
        looked += len(pair)
        within[own[np.bincount(pair[missing], minlength=len(own)) == 0]] = True
        done = np.flatnonzero(head)[:upto]
        keep = np.ones(len(inner), bool)
        keep[done] = False
        keep &= ~within[inner]
        inner, outer = inner[keep], outer[keep]
    return looked
