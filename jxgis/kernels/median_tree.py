"""Medians by branch and bound: a candidate is open, or it is not, and each has a Lagrangian bound.

What is open is part of the base that every demand has anyway, so that the more is decided the
fewer pairs are left. Branches are followed from the lowest bound on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count as counted
from time import monotonic

import numpy as np

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.median_bounds import Search, relaxed
from jxgis.kernels.serving import Costs

ROUNDS = 60
"""Prices of a branch are changed at most so often."""

PATIENCE = 8
"""After so many changes that do not better the bound of a branch the steps are halved."""

HELD = 0.7
"""Share of the last direction that a change keeps."""

OFFERED = 20
"""After so many changes, the choice on the way is looked at."""

STEP = 0.5
"""Share of the way to the best cost that the first step of a branch goes."""

NODES = 5000
"""So many branches are looked at."""

PLENTY = 20_000_000
"""With more pairs than this in all open branches together, no more are looked at."""


@dataclass(frozen=True)
class Branch:
    """What is decided.

    Attributes
    ----------
    taken
        Candidates that are open.
    live
        Pairs that may be part of something better, with what is taken as part of the base.
    price
        (m,) of serving each demand, at which the bound is the best.
    bound
        What nothing in the branch costs less than.
    often
        (n,) share of the choices on the way that each candidate was part of.
    """

    taken: IntArray
    live: Costs
    price: FloatArray
    bound: float
    often: FloatArray


def grow(search: Search) -> bool:
    """Decide one candidate after another until nothing is better than the best choice so far.

    Parameters
    ----------
    search
        With its bound raised.

    Returns
    -------
    Whether that is proven. The bound of the search is raised in either case.
    """
    live = search.live
    number = counted()
    root = Branch(np.empty(0, np.intp), live, search.price, search.bound, np.zeros(live.columns))
    heap = [(root.bound, next(number), root)]
    held = len(live.row)
    for _node in range(NODES):
        if not heap or _is_done(search, heap[0][0]):
            search.bound = search.limit
            return True
        search.bound = max(search.bound, heap[0][0])
        if monotonic() >= search.end or held > PLENTY:
            return False
        branch = heappop(heap)[2]
        held -= len(branch.live.row)
        if not branch.often.any():
            branch = _climbed(search, branch)
        for child in _children(search, branch):
            climbed = _climbed(search, child)
            if not _is_done(search, climbed.bound):
                held += len(climbed.live.row)
                heappush(heap, (climbed.bound, next(number), climbed))
    return False


def _is_done(search: Search, bound: float) -> bool:
    return search.limit - bound <= search.lacking


def _children(search: Search, branch: Branch) -> list[Branch]:
    """Return the branch with a candidate open, and the one without it."""
    columns = np.unique(branch.live.column)
    if not len(columns) or len(branch.taken) >= search.count:
        return []
    best = columns[np.argmin(np.abs(branch.often[columns] - 1 / 2))]
    without = replace(branch, live=branch.live.only(branch.live.column != best))
    return [_taking(search, branch, np.array([best])), without]


def _taking(search: Search, branch: Branch, more: IntArray) -> Branch:
    """Return the branch with some more candidates open."""
    taken = np.append(branch.taken, more)
    base = np.minimum(branch.live.base, search.costs.nearest(taken)[1])
    live = replace(branch.live, base=base)
    is_taken = np.zeros(live.columns, bool)
    is_taken[taken] = True
    live = live.only(~is_taken[live.column] & (live.cost < base[live.row]))
    return replace(branch, taken=taken, live=live, price=np.minimum(branch.price, base))


def _climbed(search: Search, branch: Branch) -> Branch:
    """Return the branch with its bound raised, without what is not part of anything better."""
    live, price, left = branch.live, branch.price, search.count - len(branch.taken)
    if not left or not len(live.row):
        search.offer(np.sort(branch.taken))
        return replace(branch, bound=np.inf)
    best, bound, step, idle = price, -np.inf, STEP, 0
    last, often, turn = np.zeros(len(price)), np.zeros(live.columns), 0
    for turn in range(ROUNDS):
        value, chosen, short = relaxed(live, price, left)
        often[chosen] += 1
        idle = 0 if value > bound else idle + 1
        if value > bound:
            bound, best = value, price
        if turn % OFFERED == 0:
            search.offer(np.sort(np.append(branch.taken, chosen)))
        if idle >= PATIENCE:
            step, idle = step / 2, 0
        last = (1 - HELD) * short + HELD * last
        length = float(last @ last)
        if _is_done(search, bound) or length == 0:
            break
        price = np.clip(price + step * (search.limit - value) / length * last, 0, live.base)
    bound = max(bound, branch.bound)
    live = search.shrunk(live, best, left)
    return Branch(branch.taken, live, best, bound, often / (turn + 1))
