"""A build-out made small without loss: demand that has the same choice becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_problem import Buildout, Tier
from jxgis.kernels.covers import Csr, Matrix

BoolArray = NDArray[np.bool_]

LOOSE = 1e-9
"""Share of a limit by which a programme is more lenient, so that rounding forbids no plan."""

PAIRS = 50_000_000
"""With more pairs of candidates with common demand, dominated ones are not looked for."""


@dataclass(frozen=True)
class Reduced:
    """Groups of demand, and the candidates that are worth asking.

    Attributes
    ----------
    problem
        What it was made of.
    kept
        Of each tier, its candidates that are left, ascending.
    covers
        Of each tier, (G, kept) 1 where a candidate reaches a group.
    ample
        Of each tier, (kept,) whether the fewest units there can serve all that they reach.
    most
        Of each tier, (kept,) most units that are of use there.
    stock, stock_capacity
        (G, E) what existing stations with a capacity reach, and (E,) that.
    weight, weights
        (G,) and (S, G) weight of each group as it is and in each scenario.
    values
        (S, G) what it adds to serve a group for a year.
    floors
        (Z, G) weight of each group within each floor.
    group
        (m,) the group of each demand, -1 for one that is not asked about.
    served
        (m,) whether it is served already, in all years.
    base, base_floors
        (S,) value for a year, and (Z,) weight, of what is served already.
    """

    problem: Buildout
    kept: tuple[IntArray, ...]
    covers: tuple[Csr, ...]
    ample: tuple[BoolArray, ...]
    most: tuple[IntArray, ...]
    stock: Csr
    stock_capacity: FloatArray
    weight: FloatArray
    weights: FloatArray
    values: FloatArray
    floors: FloatArray
    group: IntArray
    served: FloatArray
    base: FloatArray
    base_floors: FloatArray

    def spread(self, share: FloatArray) -> FloatArray:
        """Return (m,) the served share of each demand, given (G,) that of each group."""
        asked = self.group >= 0
        all_of_it = self.served.copy()
        all_of_it[asked] = share[self.group[asked]]
        return all_of_it

    def units(self, kept_units: list[IntArray]) -> tuple[IntArray, ...]:
        """Return (T, n) units at all candidates of each tier, given those at the kept ones."""
        whole = []
        for tier, kept, units in zip(self.problem.tiers, self.kept, kept_units, strict=True):
            everywhere = np.zeros((len(units), tier.candidates), np.intp)
            everywhere[:, kept] = units
            whole.append(everywhere)
        return tuple(whole)


def reduced(problem: Buildout) -> Reduced:
    """Return a smaller problem, each plan of which has an equal in the whole one.

    A station that can serve all that it reaches has no capacity. Demand that existing stations
    serve without a limit, that nobody reaches or that counts nothing is left out. Demand that the
    same stations reach becomes one; where one of them has a capacity, only if it is also of the
    same floors and value. A candidate without a capacity is left out when another one reaches as
    much, costs no more and draws from the same feeder or from none: whoever builds the one may
    build the other in its place.
    """
    floors = np.zeros((len(problem.floors), len(problem.weight)))
    for z, floor in enumerate(problem.floors):
        floors[z, floor.rows] = problem.weight[floor.rows]
    values = problem.values
    counts: BoolArray = np.vstack([values, floors]).max(axis=0) > 0
    served, stock, stock_capacity = _stock(problem, counts)
    matrices = [_ones(tier.covers) for tier in problem.tiers]
    reach = sum((np.diff(a.indptr) for a in matrices), np.diff(stock.indptr))
    rows = np.flatnonzero(~served & counts & (reach > 0))
    room = [_room(problem, tier) for tier in problem.tiers]
    kept = [np.flatnonzero(r >= tier.fewest) for r, tier in zip(room, problem.tiers, strict=True)]
    matrices = [_columns(a[rows], j) for a, j in zip(matrices, kept, strict=True)]
    stock = sparse.csr_array(stock[rows])
    most = _most_weight(problem)[rows]
    ample = [_ample(tier, a, most) for tier, a in zip(problem.tiers, matrices, strict=True)]
    limited = np.diff(stock.indptr) + sum(a @ ~b for a, b in zip(matrices, ample, strict=True))
    told = np.vstack([floors[:, rows] > 0, problem.value[None, rows]]) * (limited > 0)
    kind = np.unique(told, axis=1, return_inverse=True)[1].reshape(-1)
    label = np.arange(len(rows))
    while True:
        size = len(kind), [len(j) for j in kept]
        merged, first = _labels([*matrices, stock], kind)
        label, kind, stock = merged[label], kind[first], sparse.csr_array(stock[first])
        for k, tier in enumerate(problem.tiers):
            here = sparse.csr_array(matrices[k][first])
            stay = _undominated(here, tier, kept[k], ample[k])
            matrices[k] = _columns(here, stay)
            kept[k], ample[k] = kept[k][stay], ample[k][stay]
        if size == (len(kind), [len(j) for j in kept]):
            break
    group = np.full(len(served), -1, np.intp)
    group[rows] = label
    sums = sparse.csr_array((np.ones(len(rows)), (label, rows)), shape=(len(kind), len(served)))
    of_group = np.asarray(sums @ _most_weight(problem))
    return Reduced(
        problem=problem,
        kept=tuple(kept),
        covers=tuple(matrices),
        ample=tuple(ample),
        most=tuple(
            np.where(b, tier.fewest, _useful(tier, r[j], a, of_group))
            for tier, r, j, a, b in zip(problem.tiers, room, kept, matrices, ample, strict=True)
        ),
        stock=stock,
        stock_capacity=stock_capacity,
        weight=np.asarray(sums @ problem.weight),
        weights=np.asarray(sums @ problem.weights.T).T,
        values=np.asarray(sums @ values.T).T,
        floors=np.asarray(sums @ floors.T).T,
        group=group,
        served=served.astype(np.float64),
        base=values[:, served].sum(axis=1),
        base_floors=floors[:, served].sum(axis=1),
    )


def _most_weight(problem: Buildout) -> FloatArray:
    """Return (m,) the most that each demand may be."""
    most: FloatArray = np.vstack([problem.weight, problem.weights]).max(axis=0)
    return most


def _stock(problem: Buildout, counts: BoolArray) -> tuple[BoolArray, Csr, FloatArray]:
    """Return what existing stations serve, what those reach that have a capacity, and that."""
    served = np.zeros(len(counts), bool)
    weight = _most_weight(problem) * counts
    reaches, limits = [_nothing(len(served))], [np.empty(0)]
    for tier in problem.tiers:
        if tier.existing is not None:
            reaches.append(_ones(tier.existing))
            limit = tier.existing_capacity
            limits.append(np.full(reaches[-1].shape[1], np.inf) if limit is None else limit)
    reach, capacity = sparse.csr_array(sparse.hstack(reaches)), np.concatenate(limits)
    while True:
        enough = np.asarray(reach.T @ (weight * ~served)) <= capacity
        now = np.asarray(reach @ enough.astype(np.float64)) > 0
        if not (now & ~served).any():
            return served, _columns(reach, np.flatnonzero(~enough)), capacity[~enough]
        served |= now


def _ample(tier: Tier, matrix: Csr, weight: FloatArray) -> BoolArray:
    """Return which candidates can serve all that they reach."""
    if tier.capacity is None:
        return np.ones(matrix.shape[1], bool)
    return np.asarray(matrix.T @ weight) <= tier.capacity * tier.fewest


def _ones(matrix: Matrix) -> Csr:
    """Return a matrix with 1 where another one is not zero, its indices sorted."""
    own: Csr = sparse.csr_array(cast("Any", matrix), dtype=np.float64, copy=True)
    own.sum_duplicates()
    own.data = (own.data != 0).astype(np.float64)
    own.eliminate_zeros()
    return own


def _nothing(rows: int) -> Csr:
    return sparse.csr_array((rows, 0), dtype=np.float64)


def _columns(matrix: Csr, columns: IntArray) -> Csr:
    some = sparse.csr_array(matrix[:, columns])
    some.sort_indices()
    return some


def _labels(matrices: list[Csr], kind: IntArray) -> tuple[IntArray, IntArray]:
    """Return a number for each row, which rows alike in all share, and the first row of each."""
    all_of_them = sparse.csr_array(sparse.hstack(matrices))
    all_of_them.sort_indices()
    ends = pairwise(all_of_them.indptr.tolist())
    seen: dict[tuple[int, bytes], int] = {}
    rows = ((k, all_of_them.indices[a:b].tobytes()) for k, (a, b) in zip(kind, ends, strict=True))
    label = np.array([seen.setdefault(row, len(seen)) for row in rows], np.intp)
    return label, np.unique(label, return_index=True)[1]


def _undominated(matrix: Csr, tier: Tier, kept: IntArray, ample: BoolArray) -> IntArray:
    """Return which columns are of use beside each other."""
    size = np.bincount(matrix.indices, minlength=matrix.shape[1])
    if (np.diff(matrix.indptr).astype(float) ** 2).sum() > PAIRS:
        return np.flatnonzero(size > 0)
    cost, feeder = tier.costs[kept], tier.feeders[kept]
    common = sparse.coo_array(matrix.T @ matrix)
    one, other = common.row, common.col
    within = (common.data == size[one]) & (cost[other] <= cost[one]) & (one != other)
    within &= (feeder[other] == -1) | (feeder[other] == feeder[one])
    within &= ample[one] & ample[other]
    worse = set(zip(one[within].tolist(), other[within].tolist(), strict=True))
    size[[j for j, k in worse if k < j or (k, j) not in worse]] = 0
    return np.flatnonzero(size > 0)


def _room(problem: Buildout, tier: Tier) -> IntArray:
    """Return the most units at each candidate that number, money and power by themselves allow."""
    room = np.minimum(tier.largest, int(np.asarray(tier.count)[-1])).astype(np.float64)
    if problem.budget is not None:
        dear = tier.costs > 0
        room[dear] = np.minimum(room[dear], _times(problem.budget[-1], tier.costs[dear]))
    fed = tier.feeders >= 0
    room[fed] = np.minimum(room[fed], _times(problem.feeder_limit[tier.feeders[fed]], tier.power))
    return room.astype(np.intp)


def _times(limit: FloatArray, each: FloatArray | float) -> FloatArray:
    """Return how many of something a limit allows."""
    return np.asarray(np.floor(limit / each * (1 + LOOSE)))


def _useful(tier: Tier, room: IntArray, matrix: Csr, weight: FloatArray) -> IntArray:
    """Return the most units that each candidate has a use for."""
    if tier.capacity is None:
        return np.full(len(room), tier.fewest, np.intp)
    enough = np.ceil(np.asarray(matrix.T @ weight) / tier.capacity * (1 + 1e-12)).astype(np.intp)
    return np.minimum(room, np.maximum(enough, tier.fewest))
