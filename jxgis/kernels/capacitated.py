"""Medians whose candidates serve no more than a capacity, with proof; demand may be shared.

The bound is Lagrangian: with a price for serving each unit of a demand, a candidate takes what pays
most until it is full (a knapsack whose goods may be cut), and the best choice is the ``count`` that
are worth most. Each choice on the way is a start, whose cost is that of a transport problem. What
is then still open is a programme for HiGHS with the share of each demand that each candidate
serves (the capacitated facility location of Cornuéjols, Sridharan and Thizy 1991, with a count).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.highs import GAP, Csr, Programme, Status
from jxgis.kernels.interchange import greedy, swapped
from jxgis.kernels.serving import BoolArray, Costs, Pairs, TooFew, Undecided
from jxgis.kernels.solution import Solution, is_proven

ROUNDS = 400
"""Prices are changed at most so often."""

PATIENCE = 15
"""After so many changes that do not better the bound the steps are halved."""

SHORTEST = 1e-3
"""Steps shorter than this share of the whole end the climb."""

STARTS = 20
"""So many choices on the way are tried."""

LOOSE = 1e-6
"""All demand is served if no more than this share of the mean demand is not."""


@dataclass
class Shares:
    """The best choice so far and a bound.

    Attributes
    ----------
    within
        Distances between demand that weighs something and candidates that may be open.
    weight
        (m,) of each demand.
    capacity
        (n,) weight that each candidate serves at most.
    fixed, free
        Candidates that are open already, and those that can be chosen.
    count
        How many may be chosen.
    best, value
        The best choice so far and what it costs, which is infinite until one serves all demand.
    bound
        What nothing costs less than, unless it is the best choice so far.
    live, must
        (n,) candidates that may be, and that are, part of anything better.
    """

    within: Pairs
    weight: FloatArray
    capacity: FloatArray
    fixed: IntArray
    free: IntArray
    count: int
    best: IntArray = field(default_factory=lambda: np.empty(0, np.intp))
    value: float = np.inf
    bound: float = 0.0
    live: BoolArray = field(init=False)
    must: BoolArray = field(init=False)

    def __post_init__(self) -> None:
        n = self.within.shape[1]
        self.capacity = np.asarray(self.capacity, np.float64)
        if self.capacity.shape != (n,):
            raise ValueError(f"{n} candidates, but capacities of shape {self.capacity.shape}")
        if np.isnan(self.capacity).any() or (self.capacity < 0).any():
            raise ValueError("Capacities must be numbers >= 0")
        # No candidate serves more than there is.
        self.capacity = np.minimum(self.capacity, self.weight.sum())
        self.within = self.within.among(self.capacity[self.within.column] > 0)
        self.live, self.must = np.zeros(n, bool), np.zeros(n, bool)
        self.live[self.free] = True

    @property
    def lacking(self) -> float:
        """How far the bound may be from the value for both to be the same."""
        return GAP / 10 * self.value if np.isfinite(self.value) else 0.0

    def start(self, end: float, threads: int) -> None:
        """Try the choice that would be good without capacities, and the largest capacities."""
        total = self.weight.sum()
        largest = self.free[np.argsort(-self.capacity[self.free], kind="stable")[: self.count]]
        if self.capacity[np.append(self.fixed, largest)].sum() < total * (1 - LOOSE):
            raise TooFew(self.count)
        costs = self._costs()
        self.offer(swapped(costs, greedy(costs, self.count), end), np.inf, threads)
        if not np.isfinite(self.value):
            self.offer(np.sort(largest), np.inf, threads)

    def _costs(self) -> Costs:
        """Return the costs without capacities, and of what serves nobody, a penalty."""
        cost = self.within.distance * self.weight[self.within.row]
        base = self.within.nearest_of(self.fixed) * np.where(self.weight > 0, self.weight, 1)
        base[self.weight == 0] = 0
        base[np.isinf(base)] = 2 * cost.sum() + 1
        better = self.live[self.within.column] & (cost < base[self.within.row])
        row, column, cost = self.within.row[better], self.within.column[better], cost[better]
        order = np.lexsort((column, cost, row))
        return Costs(row[order], column[order], cost[order], base, self.within.shape[1])

    def offer(self, chosen: IntArray, end: float, threads: int) -> None:
        """Take a choice that is better than the best so far."""
        is_open = np.zeros(self.within.shape[1], bool)
        is_open[chosen] = is_open[self.fixed] = True
        at = self.within.among(is_open[self.within.column])
        if not (np.bincount(at.row, minlength=len(self.weight)) > 0)[self.weight > 0].all():
            return
        outcome = self._programme(at, chosen, is_open).solve(end, threads)
        if outcome.status == "interrupted":
            raise KeyboardInterrupt
        if outcome.status == "optimal" and outcome.bound * self._unit() < self.value:
            self.best, self.value = chosen, max(0.0, outcome.bound * self._unit())

    def climb(self, end: float, threads: int) -> None:
        """Raise the bound as far as the prices go, and leave out what is not part of any better."""
        dearest = np.zeros(len(self.weight))
        np.maximum.at(dearest, self.within.row, self.within.distance)
        price = self.within.nearest_of(np.append(self.fixed, self.best))
        price = np.minimum(price, dearest)
        aim = self.value if np.isfinite(self.value) else float(dearest @ self.weight)
        best, step, idle, tried = price, 1.0, 0, set[bytes]()
        for _turn in range(ROUNDS):
            bound, chosen, served, _worth = self._relaxed(price)
            idle = 0 if bound > self.bound + GAP * aim else idle + 1
            if bound > self.bound:
                self.bound, best = bound, price
                if len(tried) < STARTS and chosen.tobytes() not in tried:
                    tried.add(chosen.tobytes())
                    self.offer(chosen, end, threads)
                    aim = min(aim, self.value)
            short = self.weight - served
            length = float(short @ short)
            done = self.value - self.bound <= self.lacking or length == 0
            if done or step < SHORTEST or monotonic() >= end:
                break
            if idle >= PATIENCE:
                step, idle, price = step / 2, 0, best
            price = np.maximum(0, price + step * (1.05 * aim - bound) / length * short)
        self._shrink(best)

    def _relaxed(self, price: FloatArray) -> tuple[float, IntArray, FloatArray, FloatArray]:
        """Return the bound at some prices, its choice, what it serves, and each one's worth."""
        gain = self.within.distance - price[self.within.row]
        pays = np.flatnonzero(gain < 0)
        pays = pays[np.lexsort((gain[pays], self.within.column[pays]))]
        row, column = self.within.row[pays], self.within.column[pays]
        wanted = self.weight[row]
        until = np.cumsum(wanted)
        opens = np.diff(column, prepend=-1) > 0
        before = (until - wanted)[opens][np.cumsum(opens) - 1]
        left = self.capacity[column] - (until - wanted - before)
        taken = np.clip(left, 0, wanted)
        worth = np.zeros(self.within.shape[1])
        np.add.at(worth, column, taken * gain[pays])
        chosen = self._picked(worth)
        is_open = np.zeros(self.within.shape[1], bool)
        is_open[chosen] = is_open[self.fixed] = True
        bound = float(price @ self.weight + worth[is_open].sum())
        served = np.bincount(row, taken * is_open[column], len(self.weight))
        return bound, chosen, np.asarray(served, np.float64), worth

    def _picked(self, worth: FloatArray) -> IntArray:
        rank = np.where(self.must, -np.inf, np.where(self.live, worth, np.inf))[self.free]
        order = np.argsort(rank, kind="stable")[: self.count]
        return np.sort(self.free[order[rank[order] < np.inf]])

    def _shrink(self, price: FloatArray) -> None:
        """Leave out candidates that cannot be part of anything better, note those that must be."""
        bound, chosen, _served, worth = self._relaxed(price)
        room = self.value - self.lacking - bound
        others = np.setdiff1d(np.flatnonzero(self.live), chosen)
        if not np.isfinite(room) or not len(others) or not len(chosen):
            return
        self.must[chosen] = worth[others].min() - worth[chosen] > room
        self.live[others] = worth[others] - worth[chosen].max() <= room

    def solve(self, end: float, threads: int) -> Status:
        """Have HiGHS find what is better than the best choice so far, or that nothing is."""
        is_open = self.live.copy()
        is_open[self.fixed] = True
        at = self.within.among(is_open[self.within.column])
        columns = np.flatnonzero(self.live)
        model = self._programme(at, columns, self.must)
        outcome = model.solve(
            end,
            threads,
            cutoff=(self.value - self.lacking) / self._unit(),
            lacking=self.lacking / self._unit(),
        )
        if outcome.values is not None:
            chosen = columns[outcome.values[: len(columns)] > 1 / 2]
            worth = float(model.cost @ outcome.values) * self._unit()
            if worth < self.value:
                self.best, self.value = chosen, max(0.0, worth)
        self.bound = max(self.bound, outcome.bound * self._unit())
        if outcome.status == "infeasible":
            self.bound = self.value
            return "optimal"
        return outcome.status

    def _unit(self) -> float:
        """Return what one of a programme's objective is worth, so that its numbers are moderate."""
        if not len(self.within.row):
            return 1.0
        cost = float((self.within.distance * self.weight[self.within.row]).mean())
        return cost if cost > 0 else 1.0

    def _programme(self, at: Pairs, columns: IntArray, must: BoolArray) -> Programme:
        """Return the programme of the shares of some pairs, with some candidates to choose from.

        Its columns are the choices and then the shares. Its rows say that each demand is served,
        that nobody serves more than it can, that nothing is served from what is not open, and that
        no more are chosen than may be.
        """
        m, n, k = len(self.weight), len(columns), len(at.row)
        shares = n + np.arange(k)
        place = np.full(self.within.shape[1], -1)
        place[columns] = np.arange(n)
        chosen = np.flatnonzero(place[at.column] >= 0)
        mine = place[at.column[chosen]]
        who, limit = np.unique(at.column, return_inverse=True)
        own = np.flatnonzero(place[who] >= 0)
        shut = m + len(who) + np.arange(len(chosen))
        last = m + len(who) + len(chosen)
        parts = [
            (at.row, shares, np.ones(k)),
            (m + limit, shares, self.weight[at.row] / self.capacity[at.column]),
            (m + own, place[who[own]], -np.ones(len(own))),
            (shut, shares[chosen], np.ones(len(chosen))),
            (shut, mine, -np.ones(len(chosen))),
            (np.full(n, last), np.arange(n), np.ones(n)),
        ]
        rows, cols, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        matrix: Csr = sparse.csr_array((values, (rows, cols)), shape=(last + 1, n + k))
        most = np.append(np.where(place[who] >= 0, 0.0, 1.0), np.zeros(len(chosen)))
        must_open = must[columns].astype(float)
        return Programme(
            rows=matrix,
            lower=np.append((self.weight > 0).astype(float), np.full(last + 1 - m, -np.inf)),
            upper=np.concatenate([np.full(m, np.inf), most, [float(self.count)]]),
            cost=np.append(np.zeros(n), at.distance * self.weight[at.row] / self._unit()),
            least=np.append(must_open, np.zeros(k)),
            most=np.ones(n + k),
            whole=np.append((must_open < 1).astype(np.intp), np.zeros(k, np.intp)),
        )


def median(shares: Shares, end: float, threads: int) -> Solution:
    """Return the choice that serves all demand at the least cost.

    Parameters
    ----------
    shares
        What can be served from where.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    threads
        Of the solver.

    Raises
    ------
    TooFew
        If no choice of so many serves all demand.
    Undecided
        If there was no time to find one that does, nor to show that there is none.
    """
    shares.start(end, threads)
    lowest = 0.0
    status: Status = "time_limit"
    try:
        shares.climb(end, threads)
        lowest, status = shares.bound, "optimal"
        if not is_proven(shares.value, shares.bound):
            status = shares.solve(end, threads)
    except KeyboardInterrupt:
        status = "interrupted"
    if not np.isfinite(shares.value):
        raise (TooFew if status == "optimal" else Undecided)(shares.count)
    value = shares.value
    bound = max(0.0, min(shares.bound, value - shares.lacking))
    status = "optimal" if is_proven(value, bound) else status
    weight = float(shares.weight.sum())
    return Solution(shares.best, weight, value, bound, min(lowest, bound), status)
