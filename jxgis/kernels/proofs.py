"""The search for the best cover: a choice and a bound first, and then closer to each other.

What is found so far is kept in one place, so that whatever ends the search, a clock, Ctrl-C or a
proof, an answer with its bound is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from jxgis.kernels import programme
from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import Cover, picked, reduced, settled
from jxgis.kernels.exchanges import fewer, leading, swapped, trimmed
from jxgis.kernels.highs import GAP, Status
from jxgis.kernels.lagrange import Relaxation

WHOLE = 1e-6
"""A bound on a whole number is rounded up unless it is above one by less than this."""

ROUND = 25
"""Steps of the relaxation after which it is asked for a choice."""


@dataclass
class Search:
    """A search for columns, and what it has found so far.

    Attributes
    ----------
    cover
        What is to be covered, with its floors.
    count
        How many columns may be chosen, to cover the most; None for the fewest that meet the floors.
    chosen
        The best choice so far; it meets the floors.
    bound, lp_bound
        What no choice is better than, as a weight without the base, or as a number of columns;
        that of the relaxation alone.
    status
        Why the search ended; ``"optimal"`` while nothing but a proof has ended it. Where the solver
        ends for its tolerances and nothing is proven, that counts as the end of time.
    enough
        Of the fewest, the number at which to stop.
    """

    cover: Cover
    count: int | None
    chosen: IntArray
    bound: float = field(init=False)
    lp_bound: float = field(init=False)
    status: Status = "optimal"
    enough: int = 0

    def __post_init__(self) -> None:
        if self.count is None:
            self.bound = self.lp_bound = 0.0
            return
        largest = -np.sort(-self.cover.potential())[: self.count]
        self.bound = self.lp_bound = min(float(largest.sum()), float(self.cover.weight.sum()))

    def value(self, columns: IntArray) -> float:
        """Return what a choice is worth."""
        return self.cover.covered(columns) if self.count is not None else float(len(columns))

    def meets(self, columns: IntArray) -> bool:
        """Tell whether a choice meets the floors."""
        return self.cover.meets(columns)

    def is_done(self) -> bool:
        """Tell whether no choice is better, or this one is good enough."""
        value = self.value(self.chosen)
        if self.count is None:
            return self.bound >= value or value <= self.enough
        return value >= self.bound * (1 - GAP)

    def run(self, end: float, threads: int) -> None:
        """Look for better choices and sharper bounds.

        Parameters
        ----------
        end
            When to stop, on the clock of `time.monotonic`, seconds. Ctrl-C stops it too.
        threads
            Of the solver.
        """
        try:
            self._run(end, threads)
        except KeyboardInterrupt:
            self.status = "interrupted"
        if self.is_done():
            self.status = "optimal"
        elif self.status == "optimal":  # to the solver, within its tolerances
            self.status = "time_limit"

    def _run(self, end: float, threads: int) -> None:
        relaxed = self._relaxed(end)
        if self.is_done():
            return
        if self.count is None:
            self._keep(fewer(self.cover, self.chosen, end))
        if not self.is_done():
            self._solve(relaxed, end, threads)

    def _relaxed(self, end: float) -> Relaxation:
        """Sharpen the bound of the relaxation, which is asked for choices on the way."""
        cover, count = self.cover, self.count
        picks = self.chosen if count is None else picked(cover, None, count)
        relaxed = Relaxation(cover, count, picks)
        self._bounded(relaxed.best.bound)
        if count is not None:
            self._keep(swapped(cover, self.chosen, end=end))
        going, before = True, self.chosen
        while going and not self.is_done():
            going = relaxed.improve(ROUND, self.value(self.chosen), end)
            self._bounded(relaxed.best.bound)
            order = np.argsort(-relaxed.parts, kind="stable")
            start = leading(cover, order) if count is None else np.sort(order[:count])
            if not np.array_equal(start, before) and cover.meets(start):
                better = trimmed(cover, start) if count is None else swapped(cover, start, end=end)
                self._keep(better)
            before = start
        return relaxed

    def _bounded(self, bound: float) -> None:
        """Note a bound of the relaxation."""
        if self.count is None:
            self.lp_bound = max(self.lp_bound, rounded(bound))
            self.bound = max(self.bound, self.lp_bound)
        else:
            self.lp_bound = min(self.lp_bound, bound)
            self.bound = min(self.bound, self.lp_bound)

    def _keep(self, columns: IntArray) -> None:
        """Note a choice that meets the floors, if it is better."""
        value, best = self.value(columns), self.value(self.chosen)
        is_better = value > best if self.count is not None else value < best
        if is_better and self.meets(columns):
            self.chosen = columns

    def _solve(self, relaxed: Relaxation, end: float, threads: int) -> None:
        """Let HiGHS decide what prices leave open."""
        if monotonic() >= end:
            self.status = "time_limit"
            return
        cover, count, best = self.cover, self.count, self.value(self.chosen)
        taken, refused = relaxed.decided(best)
        rest = reduced(settled(cover, taken, refused))
        if count is None:
            model, settled_value = programme.fewest(rest), float(len(taken))
        else:
            model, settled_value = programme.most(rest, count - len(taken)), rest.base - cover.base
        start = np.flatnonzero(np.isin(rest.candidate, cover.candidate[self.chosen]))
        while True:
            answer = model.solve(end, threads, start=start)
            self._decided(answer.bound + settled_value)
            self.status = answer.status
            if answer.chosen is None:
                return
            own = np.searchsorted(cover.candidate, rest.candidate[answer.chosen])
            columns = np.sort(np.append(taken, own))
            if cover.meets(columns):
                self._keep(trimmed(cover, columns) if count is None else columns)
                return
            if answer.status != "optimal":
                return
            helpful = np.searchsorted(cover.candidate, rest.candidate)
            model = model.requiring(_wanting(cover, columns)[helpful])

    def _decided(self, bound: float) -> None:
        """Note a bound of what was left open: what was not is no better than the best choice."""
        best = self.value(self.chosen)
        if self.count is None:
            self.bound = max(self.bound, min(rounded(bound), best))
        else:
            self.bound = min(self.bound, max(bound, best))


def rounded(bound: float) -> float:
    """Return the least whole number that a bound on one allows."""
    return math.ceil(bound - WHOLE) if math.isfinite(bound) else bound


def _wanting(cover: Cover, columns: IntArray) -> FloatArray:
    """Return not zero for columns of which one must be chosen besides some that lack a floor."""
    lacking = int(np.argmax(cover.lacks(columns)))
    missed = (cover.parts[[lacking]].toarray()[0] > 0) & (cover.times(columns) == 0)
    return np.asarray(cover.matrix.T @ missed.astype(float))
