"""Choices of candidates made better by exchanges, and smaller by leaving out."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from time import monotonic

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import SHORT, TINY, Cover, Csr
from jxgis.kernels.subsets import ranges

TRIED = 25
"""Where floors are to be met, so many candidates at most are tried in the place of another."""


class _Places:
    """What a choice covers, kept up to date while it changes.

    Attributes
    ----------
    times
        (m,) by how many of the chosen each demand is covered.
    gain
        (n,) what each candidate would add.
    had
        (f,) covered weight of each floor's part.
    """

    def __init__(self, cover: Cover, worth: FloatArray) -> None:
        self.cover, self.worth = cover, worth
        self.rows = cover.matrix
        self.columns: Csr = sparse.csr_array(cover.matrix.T)
        self.of_part: Csr = sparse.csr_array(cover.parts.T)
        self.had: FloatArray = np.empty(0)

    def begin(self, chosen: IntArray) -> None:
        """Take a choice."""
        self.times = self.cover.times(chosen)
        self.gain = np.asarray(self.columns @ (self.worth * (self.times == 0)))
        if len(self.cover.least):
            self.had = np.asarray(self.cover.parts @ (self.cover.weight * (self.times > 0)))

    def kept(self, chosen: IntArray) -> FloatArray:
        """Return what must stay covered of each floor that a choice, which was begun, meets."""
        if not len(self.cover.least):
            return self.cover.least
        met = self.cover.lacks(chosen) == 0
        return np.where(met, np.minimum(self.had, self.cover.enough), 0.0)

    def covered_by(self, column: int) -> IntArray:
        """Return the demand that a candidate covers."""
        begin, end = self.columns.indptr[column : column + 2]
        return self.columns.indices[begin:end].astype(np.intp)

    def lost(self, column: int) -> tuple[IntArray, float]:
        """Return the demand that a chosen column alone covers, and its weight."""
        mine = self.covered_by(column)
        own = mine[self.times[mine] == 1]
        return own, float(self.cover.weight[own].sum())

    def gained(self, demand: IntArray) -> FloatArray:
        """Return what each candidate covers of some demand, by its worth."""
        return _summed(self.rows, demand, self.worth)

    def parts(self, demand: IntArray) -> FloatArray:
        """Return the weight of some demand in each floor's part."""
        return _summed(self.of_part, demand, self.cover.weight)

    def better(self, out: int, tiny: float, kept: FloatArray) -> int:
        """Exchange one chosen column for the best other one; return which, or -1."""
        mine = self.covered_by(out)
        alone = mine[self.times[mine] == 1]
        gain = self.gain + self.gained(alone)
        least = float(self.worth[alone].sum()) + tiny
        into = int(np.argmax(gain)) if len(gain) else -1
        if into < 0 or gain[into] <= least:
            return -1
        self.times[mine] -= 1
        if len(kept):
            into = self._first_that_keeps(gain, least, alone, kept)
            if into < 0:
                self.times[mine] += 1
                return -1
        other = self.covered_by(into)
        fresh = other[self.times[other] == 0]
        self.times[other] += 1
        self.gain = gain - self.gained(fresh)
        return into

    def _first_that_keeps(
        self, gain: FloatArray, least: float, alone: IntArray, kept: FloatArray
    ) -> int:
        """Return the best column with which floors stay met, or -1; note what they have then."""
        had = self.had - self.parts(alone)
        for into in np.argsort(-gain, kind="stable")[:TRIED].tolist():
            if gain[into] <= least:
                break
            other = self.covered_by(into)
            after = had + self.parts(other[self.times[other] == 0])
            if (after >= kept).all():
                self.had = after
                return int(into)
        return -1


def _summed(matrix: Csr, rows: IntArray, weight: FloatArray) -> FloatArray:
    """Return the weighted sum of some rows."""
    first = matrix.indptr[rows].astype(np.intp)
    count = matrix.indptr[rows + 1] - first
    _place, entry = ranges(first, count)
    weights = np.repeat(weight[rows], count)
    return np.bincount(matrix.indices[entry], weights, matrix.shape[1]).astype(np.float64)


def swapped(
    cover: Cover,
    chosen: IntArray,
    *,
    worth: FloatArray | None = None,
    enough: float = np.inf,
    end: float = np.inf,
) -> IntArray:
    """Return a choice of as many columns that no exchange of one for another makes better.

    Parameters
    ----------
    cover, chosen
        Columns of a cover. Floors that they meet stay met.
    worth
        (m,) what covering each demand is worth; its weight if none is given.
    enough
        Covered worth at which to stop.
    end
        When to stop, on the clock of `time.monotonic`, seconds.

    Notes
    -----
    Each column in turn is given for the one that adds most in its place, if that is more, until
    none is (Teitz and Bart 1968; Whitaker 1983, "A fast algorithm for the greedy interchange").
    What each would add is kept from one exchange to the next. Where floors bind, only the `TRIED`
    best are tried in a place.
    """
    if not len(chosen):
        return chosen
    worth = cover.weight if worth is None else worth
    tiny = SHORT * float(worth.sum())
    places, chosen = _Places(cover, worth), chosen.copy()
    changed = True
    while changed and monotonic() < end:
        places.begin(chosen)
        changed = False
        kept = places.kept(chosen)
        for k, out in enumerate(chosen.tolist()):
            if float(worth[places.times > 0].sum()) >= enough or monotonic() >= end:
                return np.sort(chosen)
            into = places.better(out, tiny, kept)
            if into >= 0:
                chosen[k], changed = into, True
    return np.sort(chosen)


def trimmed(cover: Cover, chosen: IntArray, least: float = 0.0) -> IntArray:
    """Return a choice of columns without those that it does not need.

    One at a time is left out, that whose loss is least, as long as a weight is covered and floors
    that were met stay met. What is lost never shrinks, so that only the top of a queue has to be
    looked at again.
    """
    places = _Places(cover, cover.weight)
    chosen = np.unique(chosen)
    places.begin(chosen)
    kept = places.kept(chosen)
    covered, free = cover.covered(chosen), np.ones(len(chosen), bool)
    queue = [(places.lost(j)[1], k) for k, j in enumerate(chosen.tolist())]
    heapify(queue)
    while queue:
        _old, k = heappop(queue)
        own, lost = places.lost(int(chosen[k]))
        if queue and (lost, k) > queue[0]:
            heappush(queue, (lost, k))
            continue
        left = places.had - places.parts(own) if len(kept) else kept
        if covered - lost >= least and (left >= kept).all():
            free[k], places.had, covered = False, left, covered - lost
            places.times[places.covered_by(int(chosen[k]))] -= 1
    rest = chosen[free]
    # Of weights of very different sizes a difference may say nothing of what is left.
    lost = (cover.lacks(rest) > 0) & (cover.lacks(chosen) == 0)
    return chosen if lost.any() else rest


def fewer(cover: Cover, chosen: IntArray, end: float = np.inf) -> IntArray:
    """Return a choice of columns that meets all floors, if possible with fewer of them.

    The one whose loss is least is left out, and the others are exchanged until they meet them
    again; that includes all replacements of two by one. Once they cannot, it ends.
    """
    chosen = trimmed(cover, chosen)
    while len(chosen) > 1 and monotonic() < end:
        places = _Places(cover, cover.weight)
        places.begin(chosen)
        losses = [places.lost(j)[1] for j in chosen.tolist()]
        rest = mended(cover, np.delete(chosen, np.argmin(losses)), end)
        if not cover.meets(rest):
            break
        chosen = trimmed(cover, rest)
    return chosen


def mended(cover: Cover, chosen: IntArray, end: float = np.inf) -> IntArray:
    """Return a choice of as many columns that lacks less of the floors, by exchanges."""
    lacks = cover.lacks(chosen)
    while lacks.any() and monotonic() < end:
        unmet = (lacks > 0).astype(float)
        worth = cover.weight * (cover.parts.T @ unmet)
        alone = float(unmet.sum()) == 1
        enough = float(cover.enough[lacks > 0][0]) if alone else np.inf
        chosen = swapped(cover, chosen, worth=worth, enough=enough, end=end)
        before, lacks = lacks, cover.lacks(chosen)
        if lacks.sum() >= before.sum() * (1 - SHORT):
            break
    return chosen


def leading(cover: Cover, order: IntArray) -> IntArray:
    """Return as many of all columns in an order as are needed to meet the floors."""
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    first = np.minimum.reduceat(place[cover.matrix.indices], cover.matrix.indptr[:-1])
    needed = 0
    for k, least in enumerate(cover.enough):
        own = cover.parts.indices[cover.parts.indptr[k] : cover.parts.indptr[k + 1]]
        had = np.cumsum(np.bincount(first[own], cover.weight[own], len(order)))
        needed = max(needed, int(np.searchsorted(had, least)) + 1)
    return np.sort(order[:needed])


def meeting(cover: Cover) -> IntArray:
    """Return columns that meet all floors, in the order of picking, if all columns do.

    Each adds most to what floors lack of their shares, and nothing counts that is above a floor
    (Wolsey 1982, "An analysis of the greedy algorithm for the submodular set covering problem").
    """
    if not len(cover.least):
        return np.empty(0, np.intp)
    places = _Places(cover, cover.weight)
    places.begin(np.empty(0, np.intp))
    lacks, per = cover.least.copy(), 1 / np.maximum(cover.least, TINY)

    def gain(column: int) -> tuple[float, FloatArray]:
        demand = places.covered_by(column)
        more = places.parts(demand[places.times[demand] == 0])
        return float((np.minimum(more, lacks) * per).sum()), more

    queue = [(-gain(j)[0], j) for j in range(len(cover.candidate))]
    heapify(queue)
    picks: list[int] = []
    while queue and (lacks > cover.short).any():
        _old, j = heappop(queue)
        worth, more = gain(j)
        if worth <= 0:
            continue
        if queue and (-worth, j) > queue[0]:
            heappush(queue, (-worth, j))
            continue
        picks.append(j)
        lacks = np.maximum(lacks - more, 0.0)
        places.times[places.covered_by(j)] += 1
    chosen = np.array(picks, np.intp)
    return chosen if cover.meets(chosen) else np.arange(len(cover.candidate))
