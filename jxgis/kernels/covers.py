"""Who covers whom, made small without loss, and greedy choices of candidates.

Demand *i* has a weight; a sparse matrix says which candidates cover it. A set of candidates
covers the weight of all demand that at least one of them covers. `jxgis.kernels.facilities`
proves what the choices that are made here lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.subsets import dominated

Matrix = sparse.sparray | sparse.spmatrix
Csr: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"
Floor: TypeAlias = tuple[ArrayLike, float]
"""Demand, as a mask or as indices, and the least weight of it that is to be covered."""

SHORT = 1e-9
"""A weight falls short of another one if it does so by more than this share of it."""

HAIR = 1e-4
"""Share of what may lack by which sums may differ that are added in another order."""

TINY = 1e-300
"""Weights are divided by no less."""


@dataclass(frozen=True)
class Cover:
    """Which candidates cover which demand, and what is asked of parts of the demand.

    Attributes
    ----------
    matrix
        (m, n) 1 where a candidate (column) covers a demand (row), its indices sorted.
    weight
        (m,) weight of each demand, > 0.
    candidate
        (n,) index that each candidate came with, ascending.
    parts
        (f, m) 1 where a demand is of the part that a floor is for.
    least, short
        (f,) weight of each part that is to be covered, > 0, and how much of it may lack.
    number
        (f,) which of the floors that were given each one is.
    base
        Weight that is covered already, of demand that is left out.
    """

    matrix: Csr
    weight: FloatArray
    candidate: IntArray
    parts: Csr
    least: FloatArray
    short: FloatArray
    number: IntArray
    base: float = 0.0

    @property
    def enough(self) -> FloatArray:
        """(f,) least weight of each floor that a search aims at."""
        return self.least - self.short

    def potential(self) -> FloatArray:
        """Return the weight that each column covers alone."""
        return np.asarray(self.matrix.T @ self.weight)

    def covered(self, chosen: IntArray) -> float:
        """Return the weight that some columns cover together."""
        return float(self.weight[self.times(chosen) > 0].sum())

    def times(self, chosen: IntArray) -> IntArray:
        """Return by how many of some columns each demand is covered."""
        picks = np.zeros(self.matrix.shape[1])
        np.add.at(picks, chosen, 1)
        return np.asarray(self.matrix @ picks).astype(np.intp)

    def lacks(self, chosen: IntArray) -> FloatArray:
        """Return the weight that some columns lack of each floor, 0 where they meet it."""
        had = np.asarray(self.parts @ (self.weight * (self.times(chosen) > 0)))
        return np.where(had >= self.enough - HAIR * self.short, 0.0, self.least - had)

    def without_floors(self, rows: IntArray) -> Cover:
        """Return the cover of some demand, of which nothing is asked."""
        return replace(
            self,
            matrix=self.matrix[rows],
            weight=self.weight[rows],
            parts=self.parts[:0, rows],
            least=self.least[:0],
            short=self.short[:0],
            number=self.number[:0],
        )

    def meets(self, chosen: IntArray) -> bool:
        """Tell whether some columns meet all floors."""
        return not self.lacks(chosen).any()


def floor(reach: float) -> float:
    """Return the least weight that counts as reaching another one."""
    return reach * (1 - SHORT)


def whole(covers: Matrix, weight: ArrayLike, floors: Sequence[Floor] = ()) -> Cover:
    """Return a cover of what can be covered and counts, with all candidates.

    Parameters
    ----------
    covers
        (n_demand, n_candidates) sparse; not zero where a candidate covers a demand.
    weight
        (n_demand,) finite weights >= 0, in any unit.
    floors
        Parts of the demand, and how much of each is to be covered.

    Raises
    ------
    ValueError
        Where weights do not fit the matrix, are negative or not finite, or a floor means nothing.
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
    parts = np.zeros((len(floors), len(weights)))
    least = np.zeros(len(floors))
    for k, (part, wanted) in enumerate(floors):
        if not np.isfinite(wanted):
            raise ValueError(f"Floor {k} asks for {wanted}, which is no finite number")
        parts[k, picks(part, len(weights), "demand")] = 1
        least[k] = wanted
    asked = np.flatnonzero(least > 0)
    return Cover(
        matrix[kept],
        weights[kept],
        np.arange(matrix.shape[1]),
        sparse.csr_array(parts[np.ix_(asked, kept)]),
        least[asked],
        SHORT * least[asked],
        asked,
    )


def picks(some: ArrayLike, n: int, what: str) -> IntArray:
    """Return distinct indices of which a mask or a list of n things tells.

    Parameters
    ----------
    some
        (n,) booleans, or indices from 0 to n - 1.
    n
        How many things there are.
    what
        They are, for the error.

    Raises
    ------
    ValueError
        Where a mask has another length, or an index is out of range or no whole number.
    """
    given = np.asarray(some)
    if given.dtype == bool:
        if given.shape != (n,):
            raise ValueError(f"a mask of {what} has shape {given.shape}, not ({n},)")
        return np.flatnonzero(given)
    if given.size == 0:
        return np.empty(0, np.intp)
    if given.dtype.kind not in "iu" or given.min() < 0 or given.max() >= n:
        raise ValueError(f"{what} must be whole numbers from 0 to {n - 1}")
    return np.unique(given).astype(np.intp)


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
    """
    return reduced(whole(covers, weight))


def reduced(cover: Cover) -> Cover:
    """Return a smaller cover on which every choice has an equal of the same size (`merged`).

    Demand is merged only with demand of the same parts. What is dear to look through (see
    `jxgis.kernels.subsets`) is not.
    """
    while True:
        before = cover.matrix.shape
        cover = with_distinct_demand(cover)
        columns = sparse.csr_array(cover.matrix.T)
        columns.sort_indices()
        kept = np.unique(_labels(columns), return_index=True)[1]
        kept = np.sort(kept[np.diff(columns.indptr)[kept] > 0])
        cover = with_candidates(cover, kept[~dominated(columns[kept])])
        if cover.matrix.shape == before:
            return cover


def settled(cover: Cover, taken: IntArray, refused: IntArray) -> Cover:
    """Return what is left of a cover where some columns are chosen and others never will be.

    What the taken ones cover is counted in its base and towards its floors.
    """
    kept = np.ones(cover.matrix.shape[1], bool)
    kept[taken] = kept[refused] = False
    done = cover.times(taken) > 0
    least = cover.least - cover.parts @ (cover.weight * done)
    asked = np.flatnonzero(least > cover.short)
    matrix = cover.matrix[:, np.flatnonzero(kept)]
    rows = np.flatnonzero(~done & (np.diff(matrix.indptr) > 0))
    return Cover(
        matrix[rows],
        cover.weight[rows],
        cover.candidate[kept],
        cover.parts[asked][:, rows],
        least[asked],
        cover.short[asked],
        cover.number[asked],
        cover.base + float(cover.weight[done].sum()),
    )


def _labels(matrix: Csr) -> IntArray:
    """Return a number for each row, counted from 0 by first appearance; equal rows share it."""
    seen: dict[bytes, int] = {}
    rows = (matrix.indices[a:b].tobytes() for a, b in pairwise(matrix.indptr.tolist()))
    return np.array([seen.setdefault(row, len(seen)) for row in rows], np.intp)


def with_distinct_demand(cover: Cover) -> Cover:
    """Return a cover where demand of the same candidates and parts is one."""
    told: Csr = sparse.csr_array(sparse.hstack([cover.matrix, cover.parts.T]))
    told.sort_indices()
    label = _labels(told)
    first = np.unique(label, return_index=True)[1]
    weight: FloatArray = np.bincount(label, cover.weight, len(first)).astype(np.float64)
    parts = cover.parts[:, first]
    return replace(cover, matrix=cover.matrix[first], weight=weight, parts=parts)


def with_candidates(cover: Cover, kept: IntArray) -> Cover:
    """Return a cover with some of its columns only, ascending."""
    matrix = sparse.csr_array(cover.matrix[:, kept])
    matrix.sort_indices()
    return replace(cover, matrix=matrix, candidate=cover.candidate[kept])


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
