"""Who covers whom, made small without loss, and good choices of candidates found quickly.

Demand *i* has a weight; a sparse matrix says which candidates cover it. A set of candidates
covers the weight of all demand that at least one of them covers. `jxgis.kernels.facilities`
proves what the choices that are made here lack.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray

Matrix = sparse.sparray | sparse.spmatrix
Csr: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"

SHORT = 1e-9
"""A weight falls short of another one if it does so by more than this share of it."""

BLOCK = 20_000_000
"""Pairs of candidates with common demand that are held against each other at a time."""

DEAR = 50
"""With more than this many blocks, candidates are not looked through for dominated ones."""


@dataclass(frozen=True)
class Cover:
    """Which candidates cover which demand.

    Attributes
    ----------
    matrix
        (m, n) 1 where a candidate (column) covers a demand (row), its indices sorted.
    weight
        (m,) weight of each demand, > 0.
    candidate
        (n,) index that each candidate came with, ascending.
    """

    matrix: Csr
    weight: FloatArray
    candidate: IntArray

    def potential(self) -> FloatArray:
        """Return the weight that each column covers alone."""
        return np.asarray(self.matrix.T @ self.weight)

    def covered(self, chosen: IntArray) -> float:
        """Return the weight that some columns cover together."""
        return float(self.weight[self.times(chosen) > 0].sum())

    def times(self, chosen: IntArray) -> IntArray:
        """Return by how many of some columns each demand is covered."""
        return np.diff(self.matrix[:, chosen].indptr).astype(np.intp)


def floor(reach: float) -> float:
    """Return the least weight that counts as reaching another one."""
    return reach * (1 - SHORT)


def whole(covers: Matrix, weight: ArrayLike) -> Cover:
    """Return a cover of what can be covered and counts, with all candidates.

    Parameters
    ----------
    covers
        (n_demand, n_candidates) sparse; not zero where a candidate covers a demand.
    weight
        (n_demand,) finite weights >= 0, in any unit.

    Raises
    ------
    ValueError
        Where weights do not fit the matrix, are negative or not finite.
    """
    matrix: Csr = sparse.csr_array(cast("Any", covers), dtype=np.float64, copy=True)
    weights = np.asarray(weight, dtype=np.float64)
    if weights.shape != matrix.shape[:1]:
        raise ValueError(f"{matrix.shape[0]} rows of demand, but weights of shape {weights.shape}")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("Weights must be finite numbers >= 0")
    matrix.sum_duplicates()
    matrix.data = (matrix.data != 0).astype(np.float64)
    matrix.eliminate_zeros()
    kept = np.flatnonzero((np.diff(matrix.indptr) > 0) & (weights > 0))
    return Cover(matrix[kept], weights[kept], np.arange(matrix.shape[1]))


def merged(covers: Matrix, weight: ArrayLike) -> Cover:
    """Return a smaller cover on which every choice has an equal of the same size.

    Demand that nobody covers or that weighs nothing is left out, and demand with the same
    candidates becomes one, with the sum of the weights. A candidate is left out when another one
    covers all that it covers; of candidates that cover the same, the first one stays. That is done
    until nothing changes (Toregas and ReVelle 1973, "Binary logic solutions to a class of location
    problem").

    Parameters
    ----------
    covers, weight
        As for `whole`.

    Notes
    -----
    Column *j* is within column *k* iff ``(A' A)[j, k]`` is what *j* covers. Where that product is
    dear (more than `DEAR` times `BLOCK` pairs) only candidates that cover the same are merged.
    """
    cover = whole(covers, weight)
    while True:
        before = cover.matrix.shape
        cover = _without_dominated(_with_distinct_demand(cover))
        if cover.matrix.shape == before:
            return cover


def _labels(matrix: Csr) -> IntArray:
    """Return a number for each row, counted from 0 by first appearance; equal rows share it."""
    seen: dict[bytes, int] = {}
    rows = (matrix.indices[a:b].tobytes() for a, b in pairwise(matrix.indptr.tolist()))
    return np.array([seen.setdefault(row, len(seen)) for row in rows], np.intp)


def _with_distinct_demand(cover: Cover) -> Cover:
    label = _labels(cover.matrix)
    first = np.unique(label, return_index=True)[1]
    weight: FloatArray = np.bincount(label, cover.weight, len(first)).astype(np.float64)
    return Cover(cover.matrix[first], weight, cover.candidate)


def _without_dominated(cover: Cover) -> Cover:
    columns = sparse.csr_array(cover.matrix.T)
    columns.sort_indices()
    kept = np.unique(_labels(columns), return_index=True)[1]
    kept = kept[np.diff(columns.indptr)[kept] > 0]
    columns = columns[kept]
    size = np.diff(columns.indptr)
    blocks = int((np.bincount(columns.indices).astype(float) ** 2).sum() // BLOCK) + 1
    if blocks > DEAR:
        return _with_candidates(cover, kept)
    dominated = np.zeros(len(kept), bool)
    for block in np.array_split(np.arange(len(kept)), blocks):
        common = sparse.coo_array(columns[block] @ columns.T)
        j, k = block[common.row], common.col
        dominated[j[(common.data == size[j]) & (size[k] > size[j])]] = True
    return _with_candidates(cover, kept[~dominated])


def _with_candidates(cover: Cover, kept: IntArray) -> Cover:
    kept = np.sort(kept)
    matrix = sparse.csr_array(cover.matrix[:, kept])
    matrix.sort_indices()
    return Cover(matrix, cover.weight, cover.candidate[kept])


def greedy(
    covers: Matrix, weight: ArrayLike, *, reach: float | None = None, count: int | None = None
) -> IntArray:
    """Return candidates, each of which adds the most weight to those before it.

    Parameters
    ----------
    covers, weight
        As for `whole`.
    reach
        Weight that is enough; a part of `SHORT` may lack.
    count
        How many to pick at most.

    Returns
    -------
    (k,) candidates in the order of picking; of equal ones the first. It ends early where no
    candidate adds anything.

    Notes
    -----
    At least 1 - 1/e of the best weight (Nemhauser, Wolsey and Fisher 1978). What a candidate adds
    never grows, so only those need to be asked again whose last answer is still the best
    (Minoux 1978; Leskovec et al. 2007, "CELF").
    """
    return picked(whole(covers, weight), reach, count)


def picked(cover: Cover, reach: float | None, count: int | None) -> IntArray:
    """Return columns of a cover as `greedy` picks them."""
    enough = np.inf if reach is None else floor(reach)
    most = cover.matrix.shape[1] if count is None else count
    columns = sparse.csr_array(cover.matrix.T)
    demand = np.split(columns.indices, columns.indptr[1:-1])
    left = cover.weight.copy()
    queue = [(-float(left[rows].sum()), j) for j, rows in enumerate(demand)]
    heapify(queue)
    picks: list[int] = []
    covered = 0.0
    while queue and covered < enough and len(picks) < most:
        _old, j = heappop(queue)
        gain = float(left[demand[j]].sum())
        if gain > 0 and queue and (-gain, j) > queue[0]:
            heappush(queue, (-gain, j))
        elif gain > 0:
            picks.append(j)
            left[demand[j]] = 0
            covered = float(cover.weight[left == 0].sum())
    return np.array(picks, np.intp)


def _losses(cover: Cover, chosen: IntArray) -> tuple[float, FloatArray, Csr]:
    """Return the weight covered, what is lost without each, and whose alone each demand is."""
    mine = sparse.csr_array(cover.matrix[:, chosen])
    count = np.diff(mine.indptr)
    alone: Csr = sparse.csr_array(sparse.diags_array(cover.weight * (count == 1)) @ mine)
    alone.eliminate_zeros()
    return float(cover.weight[count > 0].sum()), np.asarray(alone.sum(axis=0)), alone


def trimmed(cover: Cover, chosen: IntArray, least: float) -> IntArray:
    """Return a choice of columns without those that it does not need to cover a weight.

    One at a time is left out, that whose loss is least.
    """
    while len(chosen):
        covered, loss, _alone = _losses(cover, chosen)
        worst = int(np.argmin(loss))
        if covered - loss[worst] < least:
            return chosen
        chosen = np.delete(chosen, worst)
    return chosen


def swapped(cover: Cover, chosen: IntArray, enough: float = np.inf) -> IntArray:
    """Return a choice of as many columns that no exchange of one for another makes better.

    Parameters
    ----------
    cover, chosen
        Columns of a cover.
    enough
        Covered weight at which to stop.

    Notes
    -----
    The exchange that adds most is made until none adds anything (Teitz and Bart 1968). To give *a*
    for *c* adds ``gain[c] + shared[a, c] - loss[a]``, where ``shared`` is the weight that *a* alone
    covers and *c* would: one sparse product for all pairs. Where it is zero, the best pair is that
    of the greatest gain and the least loss.
    """
    tiny = SHORT * cover.weight.sum()
    while len(chosen):
        covered, loss, alone = _losses(cover, chosen)
        if covered >= enough:
            break
        gain = np.asarray(cover.matrix.T @ (cover.weight * (cover.times(chosen) == 0)))
        shared = sparse.coo_array(alone.T @ cover.matrix)
        out = np.append(shared.row, np.argmin(loss))
        into = np.append(shared.col, np.argmax(gain))
        more = gain[into] - loss[out] + np.append(shared.data, 0.0)
        best = np.lexsort((into, out, -more))[0]
        if more[best] <= tiny:
            break
        chosen = np.sort(np.append(np.delete(chosen, out[best]), into[best]))
    return chosen


def fewer(cover: Cover, chosen: IntArray, least: float) -> IntArray:
    """Return a choice of columns that covers a weight, if possible with fewer of them.

    The one whose loss is least is left out, and the others are exchanged (`swapped`) until they
    cover enough; that includes all replacements of two by one. Once they cannot, it ends.
    """
    chosen = trimmed(cover, chosen, least)
    while len(chosen) > 1:
        _covered, loss, _alone = _losses(cover, chosen)
        rest = swapped(cover, np.delete(chosen, np.argmin(loss)), least)
        if cover.covered(rest) < least:
            break
        chosen = trimmed(cover, rest, least)
    return chosen


def leading(cover: Cover, order: IntArray, least: float) -> IntArray:
    """Return as many of all columns in an order as are needed to cover a weight."""
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    first = np.minimum.reduceat(place[cover.matrix.indices], cover.matrix.indptr[:-1])
    covered = np.cumsum(np.bincount(first, cover.weight, len(order)))
    return np.sort(order[: np.searchsorted(covered, least) + 1])
