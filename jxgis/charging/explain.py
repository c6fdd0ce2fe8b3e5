"""Why there: what each chosen station adds, what it alone serves, and its next best place."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jxgis.charging.siting import Answer, Tier
from jxgis.charging.where import FloatArray, IntArray
from jxgis.kernels.worth import build_order, worth

TRIED = 5
"""As many places are tried instead of a station whose capacity is limited, the most promising."""

WORK = 3_000_000
"""Pairs of demand and stations, over all flows that are found anew: half a minute or less."""

SAME = 1e-9
"""Amounts that differ by less than this share of the whole demand are the same."""


@dataclass(frozen=True)
class Explained:
    """Chosen stations in the order in which each adds most to those before it.

    What is told is in the unit of the demand, and of aims of distance in demand times metres, and
    of the farthest in metres. What is not known is nan.

    Attributes
    ----------
    order
        (k,) candidates.
    before, after
        Amount without and with each, (k,), in that order.
    alone
        (k,) what is lost without it while all others stay.
    instead
        (k,) the candidate that would do best in its stead, -1 where there is none.
    cost
        (k,) what that exchange would lose; below zero where it would be better.
    """

    order: IntArray
    before: FloatArray
    after: FloatArray
    alone: FloatArray
    instead: IntArray
    cost: FloatArray


def explained(answer: Answer) -> Explained:
    """Explain an answer.

    Notes
    -----
    Without capacities all exchanges of one for one are looked at. With them, what flows where is
    found anew for the `TRIED` most promising ones of each station, so that a still better one may
    be missed, and for fewer or none of them where that would be more than `WORK`. Of a mean
    distance with capacities no order is told: fewer stations than all may not serve all demand.
    """
    tier, aim = answer.tier, answer.question.aim
    chosen = answer.solution.chosen
    # Who pressed Ctrl-C is not kept waiting for more.
    work = 0 if answer.solution.status == "interrupted" else WORK
    if aim == "served" and tier.capacity is None:
        return _of_cover(tier, chosen)
    if aim == "served":
        return _of_flows(tier, chosen, work)
    if tier.capacity is not None:
        return _of_ways(tier, chosen, work)
    return _of_distances(tier, chosen, np.max if aim == "center" else np.sum)


def _of_cover(tier: Tier, chosen: IntArray) -> Explained:
    weight, n = tier.demand.weight, len(tier.candidates.row)
    covers = tier.covers[:, :n]
    base = tier.served(np.empty(0, np.intp))
    order = build_order(covers, weight - base, chosen)
    amounts = [float(tier.served(order[:k]).sum()) for k in range(len(order) + 1)]
    opened = np.append(order, tier.there)
    times = np.diff(tier.covers[:, opened].indptr)
    told = worth(covers, weight, times, order)
    steps = np.array(amounts)
    return Explained(order, steps[:-1], steps[1:], told.alone, told.instead, told.cost)


def _of_flows(tier: Tier, chosen: IntArray, work: int) -> Explained:
    """Explain stations whose capacity is limited: what flows to them is found anew each time."""
    weight = tier.demand.weight
    same = SAME * float(weight.sum())

    def amount(opened: IntArray) -> float:
        return float(tier.served(opened).sum())

    k, pairs = len(chosen), _pairs(tier, chosen)
    is_large = k * pairs > work
    unserved = weight - tier.served(np.empty(0, np.intp))
    order = build_order(tier.covers, unserved, chosen) if is_large else None
    places, steps = _flow_order(chosen, amount, same, order)
    whole, alone = steps[-1], np.full(k, np.nan)
    if not is_large:
        alone = np.array([whole - amount(np.delete(places, i)) for i in range(k)])
    instead, cost = np.full(k, -1), np.full(k, np.nan)
    free = np.setdiff1d(np.arange(len(tier.candidates.row)), places)
    number = min(TRIED, work // (k * pairs + 1))
    if len(free) and number:
        unserved = weight - tier.served(places)
        for i in range(k):
            tried = _promising(tier, free, places[i], unserved)[:number]
            amounts = [amount(np.append(np.delete(places, i), j)) for j in tried.tolist()]
            best = _first_best(-np.array(amounts), same)
            instead[i], cost[i] = tried[best], whole - amounts[best]
    return Explained(
        places, steps[:-1], steps[1:], _cleared(alone, same), instead, _cleared(cost, same)
    )


def _pairs(tier: Tier, chosen: IntArray) -> int:
    """Return how many pairs of demand and open stations there are."""
    return int(tier.reach[:, np.append(chosen, tier.there)].nnz)


def _flow_order(
    chosen: IntArray,
    amount: Callable[[IntArray], float],
    same: float,
    known_order: IntArray | None = None,
) -> tuple[IntArray, FloatArray]:
    """Return stations so that the next one always adds most, and the amounts with so many.

    What one adds never grows with others that are open (a flow is submodular), so that only those
    need to be asked again whose last answer is still the best (Minoux 1978). An order that is known
    is taken as it is.
    """
    order: list[int] = [] if known_order is None else known_order.tolist()
    steps = [amount(np.empty(0, np.intp))]
    queue = [(-np.inf, j, -1) for j in chosen.tolist()] if known_order is None else []
    while queue:
        gain, j, known = heapq.heappop(queue)
        if known == len(order):
            order.append(j)
            steps.append(steps[-1] - gain)
            continue
        adds = amount(np.array([*order, j], np.intp)) - steps[-1]
        rounded = round(adds / same) * same if same else adds
        heapq.heappush(queue, (-rounded, j, len(order)))
    steps[1:] = [amount(np.array(order[: k + 1], np.intp)) for k in range(len(order))]
    return np.array(order, np.intp), np.array(steps)


def _promising(tier: Tier, free: IntArray, place: int, unserved: FloatArray) -> IntArray:
    """Return free candidates that could serve most of what is left when a station goes."""
    could = unserved.copy()
    mine = tier.covers[:, [place]].tocoo().row
    could[mine] = tier.demand.weight[mine]
    most = np.asarray(tier.covers[:, free].T @ could)
    if tier.capacity is not None:
        most = np.minimum(most, tier.capacity[free])
    return free[np.argsort(-most, kind="stable")[:TRIED]]


def _of_ways(tier: Tier, chosen: IntArray, work: int) -> Explained:
    """Explain a mean distance where stations have a capacity: exchanges alone."""
    k, reach = len(chosen), tier.reach

    def amount(opened: IntArray) -> float:
        ways = tier.ways(opened)
        return np.inf if ways is None else ways.total

    whole = amount(chosen)
    alone, instead, cost = np.full(k, np.nan), np.full(k, -1), np.full(k, np.nan)
    free = np.setdiff1d(np.arange(len(tier.candidates.row)), chosen)
    number = min(TRIED, work // (k * _pairs(tier, chosen) + 1))
    if len(free) and number:
        near = _sum_of_nearest(tier, chosen, free)
        for i in range(k):
            tried = free[np.argsort(near[i], kind="stable")[:number]]
            amounts = [amount(np.append(np.delete(chosen, i), j)) for j in tried.tolist()]
            best = int(np.argmin(amounts))
            if np.isfinite(amounts[best]):
                instead[i], cost[i] = tried[best], amounts[best] - whole
        cost = _cleared(cost, SAME * float(tier.demand.weight.sum() * reach.data.max(initial=1)))
    nothing = np.full(k, np.nan)
    return Explained(chosen, nothing, nothing, alone, instead, cost)


def _sum_of_nearest(tier: Tier, places: IntArray, free: IntArray) -> FloatArray:
    """Return (k, f) what it would cost with a free candidate in the stead of each, uncapacitated.

    Demand that nothing reaches counts with the largest distance that there is.
    """
    weight, far, there = _distances(tier)
    top = float(tier.reach.data.max(initial=1.0))
    found = np.empty((len(places), len(free)))
    for i in range(len(places)):
        others = np.minimum(there, far[:, np.delete(places, i)].min(axis=1, initial=np.inf))
        for k, j in enumerate(free.tolist()):
            found[i, k] = float(weight @ np.minimum(np.minimum(others, far[:, j]), top))
    return found


def _distances(tier: Tier) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights, all distances, and the distance to the stations that there are."""
    pairs = tier.reach.tocoo()
    far = np.full(pairs.shape, np.inf)
    far[pairs.row, pairs.col] = pairs.data
    return tier.demand.weight, far, far[:, tier.there].min(axis=1, initial=np.inf)


def _of_distances(tier: Tier, chosen: IntArray, total: Callable[[FloatArray], float]) -> Explained:
    """Explain an aim of distance: how much farther it would be without each station."""
    weight, far, there = _distances(tier)
    if total is np.max:
        weight = np.ones(len(weight))

    def amount(nearest: FloatArray) -> float:
        return float(total(weight * nearest))

    order: list[int] = []
    left = chosen.tolist()
    nearest, steps = there, [amount(there)]
    while left:
        amounts = [amount(np.minimum(nearest, far[:, j])) for j in left]
        best = int(np.argmin(amounts))
        order.append(left.pop(best))
        nearest = np.minimum(nearest, far[:, order[-1]])
        steps.append(amounts[best])
    places = np.array(order, np.intp)
    free = np.setdiff1d(np.arange(len(tier.candidates.row)), places)
    k = len(places)
    alone, instead, cost = np.zeros(k), np.full(k, -1), np.full(k, np.nan)
    for i in range(k):
        others = np.minimum(there, far[:, np.delete(places, i)].min(axis=1, initial=np.inf))
        alone[i] = amount(others) - steps[-1]
        if len(free):
            amounts = [amount(np.minimum(others, far[:, j])) for j in free.tolist()]
            best = int(np.argmin(amounts))
            if np.isfinite(amounts[best]):
                instead[i], cost[i] = free[best], amounts[best] - steps[-1]
    found = np.array(steps)
    return Explained(places, found[:-1], found[1:], alone, instead, cost)


def _first_best(costs: FloatArray, same: float) -> int:
    """Return the first of those that are as good as the least."""
    return int(np.argmax(costs <= costs.min() + same))


def _cleared(values: FloatArray, same: float) -> FloatArray:
    """Return values of which those that only rounding tells from zero are zero."""
    return np.where(np.abs(values) <= same, 0.0, values)
