"""Why there: what each chosen station adds, what it alone serves, and its next best place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jxgis.charging.siting import Answer, Tier
from jxgis.charging.where import FloatArray, IntArray
from jxgis.kernels.worth import build_order, worth

TRIED = 5
"""As many places are tried instead of a station whose capacity is limited, the most promising."""


@dataclass(frozen=True)
class Explained:
    """Chosen stations in the order in which each adds most to those before it.

    What is told is in the unit of the demand, and of aims of distance in demand times metres, and
    of the farthest in metres.

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
    """Explain an answer."""
    tier, aim = answer.tier, answer.question.aim
    chosen = answer.solution.chosen
    if aim == "served":
        return _of_cover(tier, chosen) if tier.capacity is None else _of_flows(answer)
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


def _of_flows(answer: Answer) -> Explained:
    """Explain stations whose capacity is limited: what flows to them is found anew each time."""
    tier, weight = answer.tier, answer.tier.demand.weight
    limit = np.full(tier.reach.shape[1], np.inf) if tier.capacity is None else tier.capacity
    n, left = len(tier.candidates.row), answer.solution.chosen.tolist()

    def amount(chosen: IntArray | list[int]) -> float:
        return float(tier.served(np.asarray(chosen, np.intp)).sum())

    order: list[int] = []
    steps = [amount([])]
    while left:
        amounts = [amount([*order, j]) for j in left]
        best = int(np.argmax(amounts))
        order.append(left.pop(best))
        steps.append(amounts[best])
    whole, places = steps[-1], np.array(order, np.intp)
    unserved = weight - tier.served(places)
    free = np.setdiff1d(np.arange(n), places)
    alone, instead, cost = (
        np.zeros(len(order)),
        np.full(len(order), -1),
        np.full(len(order), np.nan),
    )
    for k in range(len(order)):
        others = np.delete(places, k)
        alone[k] = whole - amount(others)
        if not len(free):
            continue
        mine = np.zeros(len(weight))
        mine[tier.covers[:, [order[k]]].tocoo().row] = 1
        could = tier.covers[:, free].T @ np.where(mine > 0, weight, unserved)
        tried = free[np.argsort(-np.minimum(could, limit[free]), kind="stable")[:TRIED]]
        amounts = [amount(np.append(others, j)) for j in tried.tolist()]
        instead[k] = tried[int(np.argmax(amounts))]
        cost[k] = whole - max(amounts)
    found = np.array(steps)
    return Explained(places, found[:-1], found[1:], alone, instead, cost)


def _of_distances(tier: Tier, chosen: IntArray, total: Callable[[FloatArray], float]) -> Explained:
    """Explain an aim of distance: how much farther it would be without each station."""
    weight = tier.demand.weight if total is np.sum else np.ones(len(tier.demand.weight))
    pairs = tier.reach.tocoo()
    far = np.full(pairs.shape, np.inf)
    far[pairs.row, pairs.col] = pairs.data
    n = len(tier.candidates.row)
    there = far[:, tier.there].min(axis=1, initial=np.inf)

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
    free = np.setdiff1d(np.arange(n), places)
    alone, instead, cost = (
        np.zeros(len(order)),
        np.full(len(order), -1),
        np.full(len(order), np.nan),
    )
    for k in range(len(order)):
        others = np.minimum(there, far[:, np.delete(places, k)].min(axis=1, initial=np.inf))
        alone[k] = amount(others) - steps[-1]
        if len(free):
            amounts = [amount(np.minimum(others, far[:, j])) for j in free.tolist()]
            instead[k] = free[int(np.argmin(amounts))]
            cost[k] = min(amounts) - steps[-1]
    found = np.array(steps)
    return Explained(places, found[:-1], found[1:], alone, instead, cost)
