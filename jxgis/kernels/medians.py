"""The candidates from which all demand is served at the least cost, with proof (p-median).

A first choice is found by `interchange`, a bound by `median_bounds`, which also leaves out what
cannot be part of anything better, and `median_tree` branches on what is left. What even that leaves
open is a programme for HiGHS, in the radius formulation: ``z_il`` says that a demand has nothing
open among its nearest ``l`` distances (García, Labbé and Marín 2011, "Solving large p-median
problems with a radius formulation", after Elloumi 2010), which has a row and a column for each
distance and not for each pair.
"""

from __future__ import annotations

from time import monotonic

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from jxgis.kernels import capacitated, median_tree
from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.highs import Csr, Outcome, Programme, Status
from jxgis.kernels.median_bounds import SLIVER, WHOLE, Search
from jxgis.kernels.serving import (
    BoolArray,
    Costs,
    Distances,
    OutOfReach,
    Pairs,
    TooFew,
    Undecided,
    asked,
    pairs,
    weights,
)
from jxgis.kernels.solution import Solution, is_proven

__all__ = ["OutOfReach", "TooFew", "Undecided", "median"]


def median(
    distances: Distances,
    weight: ArrayLike,
    count: int,
    *,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    capacity: ArrayLike | None = None,
    time_limit_s: float,
    threads: int = 2,
) -> Solution:
    """Return candidates, at most so many, that serve all demand at the least weighted distance.

    Parameters
    ----------
    distances
        (n_demand, n_candidates), >= 0, in any unit. Of a sparse matrix what is not stored is out of
        reach, and a zero that is stored is a distance; infinite distances are out of reach.
    weight
        (n_demand,) finite weights >= 0. What weighs nothing need not be served.
    count
        How many candidates may be chosen besides the fixed ones, >= 0. Those that would serve
        nobody are not.
    fixed
        Candidates that are open already, indices or a mask. They are neither counted nor returned.
    forbidden
        Candidates that cannot be chosen, indices or a mask. One that is fixed stays.
    capacity
        (n_candidates,) weight that a candidate serves at most, >= 0, of the fixed ones too; it may
        be infinite. Demand may then be shared among candidates. Without it each demand is served
        from its nearest one.
    time_limit_s
        For the proof, seconds; a first choice may take some more. When it ends, or on Ctrl-C after
        the first choice, the best choice so far is returned. Only an answer that is ``"optimal"``
        is the same each time.
    threads
        Of the solver.

    Returns
    -------
    The choice without the fixed ones; its objective is the sum of weight times distance.

    Raises
    ------
    OutOfReach
        If no candidate that may be open reaches some demand.
    TooFew
        If no choice of so many serves all demand.
    Undecided
        If there was no time to find one that does, nor to show that there is none.
    ValueError
        Where the distances, weights or capacities mean nothing or do not fit each other, or the
        count is negative, or candidates are fixed or forbidden that do not exist.

    Notes
    -----
    An answer is ``"optimal"`` where the bound is within 1e-6 of it, and where all products of
    weight and distance are whole numbers, where none is better.
    """
    end, within = monotonic() + time_limit_s, pairs(distances)
    demand = weights(weight, within.shape[0])
    kept, free = asked(within.shape[1], count, fixed, forbidden)
    within = _among(within, demand > 0, np.append(kept, free))
    within.check_reached(demand > 0)
    if capacity is not None:
        most = np.asarray(capacity, np.float64)
        shares = capacitated.Shares(within, demand, most, kept, free, count)
        return capacitated.median(shares, end, threads)
    costs, ceiling = _costs(within, demand, kept, free)
    search = Search(costs, count, end, ceiling)
    search.start()
    status: Status = "time_limit"
    try:
        lowest = search.bound
        status, lowest = _prove(search, threads)
    except KeyboardInterrupt:
        status, lowest = "interrupted", max(lowest, search.bound)
    return _solution(search, status, lowest, float(demand.sum()))


def _among(within: Pairs, demand: BoolArray, candidates: IntArray) -> Pairs:
    """Return the pairs of some demand and some candidates."""
    may = np.zeros(within.shape[1], bool)
    may[candidates] = True
    return within.among(demand[within.row] & may[within.column])


def _costs(
    within: Pairs, demand: FloatArray, fixed: IntArray, free: IntArray
) -> tuple[Costs, float]:
    """Return the costs of what can be chosen, and what no choice costs more than.

    The fixed candidates are the base of each demand, and pairs that are no better than that are
    left out. Without any, the base is a penalty that is more than anything else costs together.
    """
    cost = within.distance * demand[within.row]
    dearest = np.zeros(len(demand))
    np.maximum.at(dearest, within.row, cost)
    ceiling = float(dearest.sum())
    base = within.nearest_of(fixed) * np.where(demand > 0, demand, 1)
    base[demand == 0] = 0
    base[np.isinf(base)] = 2 * ceiling if ceiling else 1.0
    is_free = np.zeros(within.shape[1], bool)
    is_free[free] = True
    better = is_free[within.column] & (cost < base[within.row])
    row, column, cost = within.row[better], within.column[better], cost[better]
    order = np.lexsort((column, cost, row))
    return Costs(row[order], column[order], cost[order], base, within.shape[1]), ceiling


def _prove(search: Search, threads: int) -> tuple[Status, float]:
    """Raise the bound of a search until it is its value; return why it ended and the first bound.

    That first bound is the one that comes from the relaxation.
    """
    search.improve()
    search.climb(search.costs.nearest(search.best)[1].clip(0, search.limit))
    lowest = search.bound
    if search.is_proven or median_tree.grow(search):
        return "optimal", lowest
    return _solve(search, threads), lowest


def _solve(search: Search, threads: int) -> Status:
    """Have HiGHS find what is better than the best choice so far, or that nothing is."""
    model, columns, first = radius_programme(search)
    unit = _unit(search)
    outcome = Outcome("infeasible", -np.inf)
    if model is not None:
        outcome = model.solve(
            search.end,
            threads,
            cutoff=(search.limit - search.lacking - first) / unit,
            lacking=search.lacking / unit,
        )
    if outcome.values is not None:
        search.offer(columns[outcome.values[: len(columns)] > 1 / 2])
    if outcome.status == "infeasible":
        search.bound = search.limit
        return "optimal"
    search.bound = max(search.bound, outcome.bound * unit + first)
    return outcome.status


def _unit(search: Search) -> float:
    """Return what one of a programme's objective is worth, so that its numbers are moderate."""
    is_whole = search.is_whole and search.limit < WHOLE
    return 1.0 if is_whole else search.limit / max(len(search.costs.base), 1)


def radius_programme(search: Search) -> tuple[Programme | None, IntArray, float]:
    """Return the programme of what is better than the best choice so far.

    Parameters
    ----------
    search
        With its bound raised.

    Returns
    -------
    The programme, or none where nothing can be better; the candidates of its first columns; and
    what has to be added to its objective.
    """
    live, price, base = search.live, search.price, search.costs.base
    is_new = (np.diff(live.row, prepend=-1) > 0) | (np.diff(live.cost, prepend=-1) != 0)
    level = np.cumsum(is_new) - 1
    row, cost = live.row[is_new], live.cost[is_new]
    opens, closes = np.diff(row, prepend=-1) > 0, np.diff(row, append=len(base)) > 0
    # What is open already may serve what is not served from anywhere better.
    bound, _chosen, _short = search.relaxed(price)
    may = (base <= search.ceiling) & (base - price <= search.limit - search.lacking - bound)
    lone = np.ones(len(base), bool)
    lone[row] = False
    if (lone & ~may).any():
        return None, np.empty(0, np.intp), 0.0
    first = float(cost[opens].sum() + base[lone].sum())
    following = np.where(closes, base[row], np.append(cost, 0)[1:])
    has = np.flatnonzero(~closes | may[row])
    columns = np.unique(live.column)
    n, total = len(columns), len(row)
    place = np.full(total, -1)
    place[has] = n + np.arange(len(has))
    after = np.flatnonzero(~opens)
    parts = [
        (level, np.searchsorted(columns, live.column), np.ones(len(level))),
        (has, place[has], np.ones(len(has))),
        (after, place[after - 1], -np.ones(len(after))),
        (np.full(n, total), np.arange(n), np.ones(n)),
    ]
    rows, cols, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    matrix: Csr = sparse.csr_array((values, (rows, cols)), shape=(total + 1, n + len(has)))
    model = Programme(
        rows=matrix,
        lower=np.append(opens.astype(float), 0.0),
        upper=np.append(np.full(total, np.inf), float(search.count)),
        cost=np.append(np.zeros(n), (following - cost)[has] / _unit(search)),
        least=np.zeros(n + len(has)),
        most=np.ones(n + len(has)),
        whole=np.append(np.ones(n, np.intp), np.zeros(len(has), np.intp)),
    )
    return model, columns, first


def _solution(search: Search, status: Status, lowest: float, covered: float) -> Solution:
    """Return what a search has found.

    Raises
    ------
    TooFew, Undecided
        Where that serves not all demand.
    """
    if not search.serves:
        raise (TooFew if search.is_proven else Undecided)(search.count)
    value = search.value
    bound, lowest = (_rounded(search, some) for some in (search.bound, lowest))
    status = "optimal" if is_proven(value, bound) else status
    return Solution(search.best, covered, value, bound, min(lowest, bound), status)


def _rounded(search: Search, bound: float) -> float:
    """Return what a bound of a search proves."""
    if search.is_whole and search.value < WHOLE:
        return min(float(np.ceil(bound - SLIVER)), search.value)
    return max(0.0, min(bound, search.value - search.lacking))
