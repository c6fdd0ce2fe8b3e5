"""The candidates to which the farthest demand is nearest, with proof (p-center).

The answer is one of the distances, and so many candidates can serve all demand within a distance
iff they cover it (Minieka 1970, "The m-center problem"). The distances are bisected: first with
covers that are found without proof and with the relaxation, whose bound is a bound of the center
too, and what is then left between the two with whole programmes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.highs import Ended, Status
from jxgis.kernels.interchange import greedy, swapped
from jxgis.kernels.serving import (
    Costs,
    Distances,
    Pairs,
    TooFew,
    Undecided,
    asked,
    pairs,
    weights,
)
from jxgis.kernels.setcover import Rows
from jxgis.kernels.solution import Solution

POWERS = (4, 8, 16, 32, 64)
"""Medians of these powers of the distances come near to a center, one after the other."""


def center(
    distances: Distances,
    count: int,
    *,
    weight: ArrayLike | None = None,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    time_limit_s: float,
    threads: int = 2,
) -> Solution:
    """Return candidates, at most so many, to which the farthest demand is nearest.

    Parameters
    ----------
    distances
        (n_demand, n_candidates), >= 0, in any unit. Of a sparse matrix what is not stored is out of
        reach, and a zero that is stored is a distance; infinite distances are out of reach.
    count
        How many candidates may be chosen besides the fixed ones, >= 0.
    weight
        (n_demand,) finite weights >= 0, 1 each where there are none. They multiply no distance:
        what weighs nothing need not be served, the rest is served whatever it weighs.
    fixed
        Candidates that are open already, indices or a mask. They are neither counted nor returned.
    forbidden
        Candidates that cannot be chosen, indices or a mask. One that is fixed stays.
    time_limit_s
        For the proof, seconds; a first choice may take some more. When it ends, or on Ctrl-C after
        the first choice, the best choice so far is returned. Only an answer that is ``"optimal"``
        is the same each time.
    threads
        Of the solver.

    Returns
    -------
    The choice without the fixed ones; its objective is the distance of the farthest demand from
    what is nearest to it.

    Raises
    ------
    OutOfReach
        If no candidate that may be open reaches some demand.
    TooFew
        If no choice of so many serves all demand.
    Undecided
        If there was no time to find one that does, nor to show that there is none.
    ValueError
        Where the distances or weights mean nothing or do not fit each other, or the count is
        negative, or candidates are fixed or forbidden that do not exist.
    """
    end, within = monotonic() + time_limit_s, pairs(distances)
    m, n = within.shape
    demand = np.ones(m) if weight is None else weights(weight, m)
    kept, free = asked(n, count, fixed, forbidden)
    is_free, may = np.zeros(n, bool), np.zeros(n, bool)
    is_free[free] = may[free] = may[kept] = True
    within = within.among((demand[within.row] > 0) & may[within.column])
    within.check_reached(demand > 0)
    served = np.where(demand > 0, within.nearest_of(kept), 0.0)
    search = Bisection(within.among(is_free[within.column]), served, count, end, threads)
    search.start()
    status: Status = "time_limit"
    try:
        status = search.finish()
    except KeyboardInterrupt:
        status = "interrupted"
    return search.solution(status, float(demand.sum()))


@dataclass
class Bisection:
    """Between which of the distances the least is.

    Attributes
    ----------
    within
        Distances between demand and what can be chosen.
    served
        (m,) distance of each demand from what is open already.
    count
        How many may be chosen.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    threads
        Of the solver.
    radii
        (k,) distances that the least can be, ascending.
    low, high
        Places in these: what is below the first is too near, and `best` reaches the second, k
        where there is no choice that serves all demand.
    """

    within: Pairs
    served: FloatArray
    count: int
    end: float
    threads: int
    radii: FloatArray = field(init=False)
    low: int = field(init=False)
    high: int = field(init=False)
    best: IntArray | None = None
    lowest: int = 0

    def __post_init__(self) -> None:
        nearest = self.served.copy()
        np.minimum.at(nearest, self.within.row, self.within.distance)
        least = float(nearest.max(initial=0))
        known = np.unique(np.append(self.within.distance, self.served))
        self.radii = np.append(least, known[(known > least) & np.isfinite(known)])
        self.low, self.high = 0, len(self.radii)

    def start(self) -> None:
        """Find a first choice, if the search without proof has one."""
        self._picked(len(self.radii) - 1, np.inf)

    def _shortened(self) -> None:
        """Find medians of ever higher powers of the distances, in which the farthest weigh most."""
        # From below, since what is within a small distance is quickly looked through.
        at = 2 * self.low + 1
        while at < self.high and monotonic() < self.end and not self._picked(at, self.end):
            at = 2 * at + 1
        chosen: IntArray | None = None
        for power in POWERS:
            if self.low >= self.high or self.high == len(self.radii) or monotonic() >= self.end:
                return
            costs = self._powers(power)
            chosen = greedy(costs, self.count, self.end) if chosen is None else chosen
            chosen = swapped(costs, chosen, self.end)
            self._offer(chosen)

    def _powers(self, power: int) -> Costs:
        """Return powers of the distances below that of the best choice, which is worth 1."""
        farthest = self.radii[self.high]
        near = self.within.distance < farthest
        row, column = self.within.row[near], self.within.column[near]
        cost = (self.within.distance[near] / farthest) ** power
        # More than all that is within reach together.
        base = np.full(len(self.served), 2.0 * len(self.served))
        has = self.served < farthest
        base[has] = (self.served[has] / farthest) ** power
        better = cost < base[row]
        row, column, cost = row[better], column[better], cost[better]
        order = np.lexsort((column, cost, row))
        return Costs(row[order], column[order], cost[order], base, self.within.shape[1])

    def _approach(self) -> None:
        """Find the nearest distance at which the search without proof covers."""
        low = self.low
        while low < self.high < len(self.radii) and monotonic() < self.end:
            middle = (low + self.high) // 2
            if not self._picked(middle, self.end):
                low = middle + 1

    def _picked(self, at: int, end: float) -> bool:
        rows = self._rows(at)
        chosen = None if rows is None else rows.picked(self.count, end)
        if rows is None or chosen is None:
            return False
        self._offer(rows.candidate[chosen])
        return True

    def finish(self) -> Status:
        """Find the least distance; return why it ended."""
        self._shortened()
        self._approach()
        ended: Ended = "optimal"
        for relaxed in (True, False):
            ended = self._bisect(relaxed=relaxed)
            if ended in ("time_limit", "interrupted"):
                break
        return "optimal" if ended == "infeasible" else ended

    def _bisect(self, *, relaxed: bool) -> Ended:
        high = self.high
        while self.low < high:
            middle = (self.low + high) // 2
            rows = self._rows(middle)
            ended, chosen = (
                ("infeasible", None) if rows is None else self._asked(rows, relaxed=relaxed)
            )
            if ended in ("time_limit", "interrupted"):
                return ended
            if ended == "infeasible":
                self.low = middle + 1
            elif rows is not None and chosen is not None:
                self._offer(rows.candidate[chosen])
            high = middle if ended == "optimal" else high
            high = min(high, self.high)
            self.lowest = self.low if relaxed else self.lowest
        return "optimal"

    def _asked(self, rows: Rows, *, relaxed: bool) -> tuple[Ended, IntArray | None]:
        """Return whether so many columns cover all rows, as far as the relaxation knows."""
        if not relaxed:
            return rows.found(self.count, self.end, self.threads)
        chosen = rows.picked(self.count, self.end)
        if chosen is not None:
            return "optimal", chosen
        ended, least = rows.least(self.end, self.threads)
        return ("infeasible" if ended == "optimal" and least > self.count else ended), None

    def _rows(self, at: int) -> Rows | None:
        """Return what has to be covered within a distance, or nothing if something cannot be."""
        radius = self.radii[at]
        left = np.flatnonzero(self.served > radius)
        near = (self.within.distance <= radius) & (self.served[self.within.row] > radius)
        row = np.searchsorted(left, self.within.row[near])
        column = self.within.column[near]
        shape = (len(left), self.within.shape[1])
        matrix = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
        if (np.diff(matrix.indptr) == 0).any():
            return None
        return Rows(matrix, np.arange(shape[1])).reduced()

    def _reached(self, chosen: IntArray) -> float:
        nearest = np.minimum(self.served, self.within.nearest_of(chosen))
        return float(nearest.max(initial=0))

    def _offer(self, chosen: IntArray) -> None:
        """Take a choice if it is better than the best so far."""
        reached = self._reached(chosen)
        at = int(np.searchsorted(self.radii, reached))
        if at < self.high:
            self.best, self.high = chosen, at

    def solution(self, status: Status, covered: float) -> Solution:
        """Return what was found.

        Raises
        ------
        TooFew, Undecided
            Where that serves not all demand.
        """
        if self.best is None:
            raise (TooFew if self.low == len(self.radii) else Undecided)(self.count)
        value, bound, lowest = (float(self.radii[i]) for i in (self.high, self.low, self.lowest))
        status = "optimal" if self.low == self.high else status
        return Solution(np.sort(self.best), covered, value, bound, lowest, status)
