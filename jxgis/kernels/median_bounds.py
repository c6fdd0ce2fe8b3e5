"""Bounds of medians: the Lagrangian relaxation of *each demand is served once*.

With a price ``u_i`` for serving each demand, a candidate is worth ``sum_i min(0, c_ij - u_i)``, and
the best that any choice can be is the prices and the ``count`` best worths (Cornuéjols, Fisher and
Nemhauser 1977, "Location of bank accounts to optimize float"). The prices climb by subgradients,
each choice on the way is a start for exchanges, and what cannot be part of anything better than the
best choice so far is left out, which makes the rest quicker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.highs import GAP
from jxgis.kernels.interchange import greedy, swapped
from jxgis.kernels.serving import Costs

ROUNDS = 3000
"""Prices are changed at most so often."""

LONGEST, SHORTEST = 1.5, 5e-4
"""Share of the way to the best cost that the first step goes, and at which the climb ends."""

PATIENCE = 20
"""After so many changes that do not better the bound the steps are halved."""

HELD = 0.7
"""Share of the last direction that a change keeps (Crowder 1976)."""

OVER = 1.01
"""Steps aim at this times the best cost."""

TRIED = 20
"""After so many changes, the choice on the way is exchanged further."""

SHRUNK = 40
"""After so many changes, what cannot be part of anything better is left out."""

SLIVER = 1e-5
"""A bound on a whole number is rounded up unless it is above one by less than this."""

WHOLE = 1e7
"""Costs are taken for whole numbers where they are, and all of them together are below this."""


@dataclass
class Search:
    """The best choice so far, a bound, and what can still be part of anything better.

    Attributes
    ----------
    costs
        Of serving each demand, all of them.
    count
        How many candidates may be chosen.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    ceiling
        What no choice that serves all demand costs more than.
    live
        Pairs that may be part of something better than `best`.
    price
        (m,) of serving each demand, at which the bound is the best.
    best, value
        The best choice so far and what it costs.
    bound
        What nothing costs less than, unless it is the best choice so far.
    is_whole
        Whether all costs are whole numbers.
    """

    costs: Costs
    count: int
    end: float
    ceiling: float
    live: Costs = field(init=False)
    price: FloatArray = field(init=False)
    best: IntArray = field(init=False)
    value: float = field(init=False)
    bound: float = field(init=False)
    is_whole: bool = field(init=False)

    def __post_init__(self) -> None:
        everything = np.append(self.costs.cost, self.costs.base)
        self.is_whole = bool((everything == np.rint(everything)).all())
        self.live = self.costs
        self.best = np.empty(0, np.intp)
        self.value = self.costs.value(self.best)
        self.price = self.costs.base
        self.bound = self.costs.value(np.arange(self.costs.columns))

    @property
    def serves(self) -> bool:
        """Whether the best choice so far serves all demand."""
        return self.value <= self.ceiling

    @property
    def limit(self) -> float:
        """What is of interest costs no more than this."""
        return min(self.value, self.ceiling * (1 + GAP) + SLIVER)

    @property
    def lacking(self) -> float:
        """How far the bound may be from the value for both to be the same."""
        if not self.serves:
            return 0.0
        if self.is_whole and self.value < WHOLE:
            return 1 - SLIVER
        return GAP / 10 * self.value

    @property
    def is_proven(self) -> bool:
        """Whether nothing is better than the best choice so far, or nothing serves all demand."""
        return self.limit - self.bound <= self.lacking

    def start(self) -> None:
        """Find a first choice."""
        self.offer(greedy(self.costs, self.count))

    def improve(self) -> None:
        """Make the first choice better by exchanges."""
        self.offer(swapped(self.costs, self.best, self.end))

    def offer(self, chosen: IntArray) -> None:
        """Take a choice that is better than the best so far."""
        value = self.costs.value(chosen)
        if value < self.value:
            self.best, self.value = chosen, value

    def climb(self, price: FloatArray) -> None:
        """Raise the bound as far as the prices go, from some prices on."""
        self.price = price.copy()
        last, step, idle, seen = np.zeros(len(price)), LONGEST, 0, set[bytes]()
        for turn in range(1, ROUNDS):
            bound, chosen, short = self.relaxed(price)
            idle = 0 if bound > self.bound + GAP * (self.limit - self.bound) / 10 else idle + 1
            if bound > self.bound:
                self.bound, self.price = bound, price
            if turn % TRIED == 0 and chosen.tobytes() not in seen:
                seen.add(chosen.tobytes())
                self.offer(swapped(self.costs, chosen, self.end))
            if turn % SHRUNK == 0:
                self.shrink()
            if idle >= PATIENCE:
                step, idle = step / 2, 0
            last = (1 - HELD) * short + HELD * last
            length = float(last @ last)
            if self.is_proven or step < SHORTEST or length == 0 or monotonic() >= self.end:
                break
            far = step * (OVER * self.limit - bound) / length
            price = np.clip(price + far * last, 0, self.costs.base)
        self.shrink()

    def relaxed(self, price: FloatArray) -> tuple[float, IntArray, FloatArray]:
        """Return the bound at some prices as `relaxed` does."""
        return relaxed(self.live, price, self.count)

    def shrink(self) -> None:
        """Leave out what cannot be part of anything better."""
        self.live = self.shrunk(self.live, self.price, self.count)

    def shrunk(self, live: Costs, price: FloatArray, count: int) -> Costs:
        """Return what of some pairs may be part of something better, at some prices.

        Notes
        -----
        With a candidate that is not among the best ``count``, the bound is higher by what it is
        worth less than the last of these; with a demand served from where that costs more than its
        price, by what it costs more. Where that leaves no room for a better value, it is left out.
        """
        saved = live.cost - price[live.row]
        worth = _sums(live.column, np.minimum(saved, 0), live.columns)
        chosen = _least(worth, count)
        if len(chosen) == 0:
            return live.only(np.zeros(len(live.row), bool))
        more = worth - worth[chosen].max()
        more[chosen] = 0
        room = self.limit - self.lacking - float(price.sum() + worth[chosen].sum())
        return live.only(more[live.column] + np.maximum(saved, 0) <= room)


def relaxed(live: Costs, price: FloatArray, count: int) -> tuple[float, IntArray, FloatArray]:
    """Return the bound at some prices, its choice, and how much each demand is not served.

    Parameters
    ----------
    live
        Costs of serving each demand.
    price
        (m,) of serving each demand, no more than its base.
    count
        How many candidates may be chosen.
    """
    saved = live.cost - price[live.row]
    pays = np.flatnonzero(saved < 0)
    row, column, saved = live.row[pays], live.column[pays], saved[pays]
    worth = _sums(column, saved, live.columns)
    chosen = _least(worth, count)
    picked = np.zeros(live.columns, bool)
    picked[chosen] = True
    short = np.ones(len(price)) - np.bincount(row[picked[column]], minlength=len(price))
    return float(price.sum() + worth[chosen].sum()), chosen, short


def _sums(place: IntArray, values: FloatArray, n: int) -> FloatArray:
    # Of no values at all numpy gives whole zeros.
    return np.bincount(place, values, n).astype(np.float64)


def _least(values: FloatArray, count: int) -> IntArray:
    """Return the places of the least values, ascending; of equal ones the first."""
    return np.sort(np.argsort(values, kind="stable")[:count])
