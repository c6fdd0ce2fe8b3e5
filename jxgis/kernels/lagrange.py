"""Bounds on covering problems from a Lagrangian relaxation, at any size and at any time.

Demand is covered, ``z_i <= sum_j A_ij y_j``, at a price ``u_i``, and floors ask for a weight at a
price ``v_f``. With ``q_i = w_i (1 + sum_f P_fi v_f)``, what covering demand *i* is worth in all,
and ``s = A' u``, what a candidate earns, no ``count`` candidates cover more than

    sum_i (q_i - u_i) + (the sum of the count largest s) - sum_f v_f least_f,    0 <= u <= q.

Of the fewest candidates only floors have a price, ``q_i = w_i sum_f P_fi v_f``, and no fewer can do
than it takes of the largest ``s``, the last one in part, to reach ``sum_f v_f least_f -
sum_i (q_i - u_i)``. Both are made as sharp as they get by steps along an averaged subgradient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.covers import SHORT, Cover, Csr

THETA, LEAST_THETA = 2.0, 2e-4
"""The first and the last factor of the step to what is known to be possible."""

PATIENCE = 12
"""Steps without a better bound after which the factor is halved."""

BETTER = 1e-6
"""A bound that is better by less than this share is not taken for progress."""

FRESH = 0.2
"""Weight of the last subgradient in the average."""

WHOLE = 1e-6
"""A number of columns is above a whole number if it is so by more than this."""

FLOOR_STEP = 1.0
"""How far the prices of floors go, against those of demand."""


@dataclass(frozen=True)
class Dual:
    """Prices, and the bound that they give.

    Attributes
    ----------
    bound
        That no choice is better than: a weight, or a number of candidates.
    price
        (m,) of covering each demand.
    floor_price
        (f,) of each floor.
    score
        (n,) what each candidate earns.
    """

    bound: float
    price: FloatArray
    floor_price: FloatArray
    score: FloatArray


class Relaxation:
    """The relaxation of a covering problem; its bound holds whenever it is asked for.

    Parameters
    ----------
    cover
        The problem.
    count
        How many columns may be chosen; None for the fewest that meet the floors.
    picks
        Columns in the order that `jxgis.kernels.covers.picked` takes them, for the first prices.
    there
        (n,) which columns are chosen in any case and not counted; none if not given.

    Attributes
    ----------
    best
        The sharpest bound so far.
    parts
        (n,) how much of each column the relaxation chooses, averaged over the last steps.
    """

    def __init__(
        self,
        cover: Cover,
        count: int | None,
        picks: IntArray,
        there: NDArray[np.bool_] | None = None,
    ) -> None:
        self.cover, self.count = cover, count
        self.columns: Csr = sparse.csr_array(cover.matrix.T)
        self.of_part: Csr = sparse.csr_array(cover.parts.T)
        self.theta, self.stalled = THETA, 0
        self.steps_taken = 0
        total = np.asarray(cover.parts @ cover.weight)
        self.floor_scale = FLOOR_STEP / np.maximum(total, np.finfo(float).tiny)
        self.floor_price = np.full(len(cover.least), 0.0 if count is not None else 1.0)
        self.there = np.zeros(len(cover.candidate), bool) if there is None else there
        self.price = self._first(picks)
        self.parts = np.zeros(len(cover.candidate))
        self.parts[picks] = 1
        self.way: FloatArray | None = None
        # Without prices no more than everything is covered.
        self.best = self._at(np.zeros_like(self.price), self.floor_price)[0]
        self._keep(self._at(self.price, self.floor_price)[0])

    def _first(self, picks: IntArray) -> FloatArray:
        """Return prices where all that was picked earns as much as the last one."""
        left, worth = np.ones(len(self.cover.weight), bool), self._worth(self.floor_price)
        price, last = worth.copy(), 0.0
        for j in picks.tolist():
            own = self.columns.indices[self.columns.indptr[j] : self.columns.indptr[j + 1]]
            own = own[left[own]]
            gain = float(worth[own].sum())
            last = gain if gain > 0 else last
            price[own] /= max(gain, np.finfo(float).tiny)
            left[own] = False
        price[~left] *= last
        return np.minimum(price, worth)

    def _worth(self, floor_price: FloatArray) -> FloatArray:
        share = np.full(len(self.cover.weight), 0.0 if self.count is None else 1.0)
        if len(floor_price):
            share += self.of_part @ floor_price
        return np.asarray(self.cover.weight * share)

    def _scores(self, price: FloatArray) -> FloatArray:
        """Return what each column earns."""
        return np.asarray(self.columns @ price)

    def _times(self, chosen: FloatArray) -> FloatArray:
        """Return how often each demand is covered, when columns earn what was last asked for."""
        return np.asarray(self.cover.matrix @ chosen)

    def _at(self, price: FloatArray, floor_price: FloatArray) -> tuple[Dual, FloatArray, float]:
        """Return the bound at some prices, what is chosen, and what one of the bound is worth."""
        worth = self._worth(floor_price)
        price = np.clip(price, 0, worth)
        score = self._scores(price)
        # The hair that a set may lack, and rounding, must not make the bound too sharp.
        asked = float(floor_price @ (self.cover.least - 2 * self.cover.short))
        free = float((worth - price).sum()) + float(score[self.there].sum())
        score = np.where(self.there, 0.0, score)
        chosen = np.zeros(len(score))
        if self.count is not None:
            top = np.arange(len(score))
            if self.count < len(score):
                top = np.argpartition(-score, self.count - 1)[: self.count]
            chosen[top] = 1
            bound, unit = free + float(score[top].sum()) - asked, 1.0
        else:
            order = np.argsort(-score, kind="stable")
            upto = np.cumsum(score[order])
            lack = asked - free
            n = min(int(np.searchsorted(upto, lack)), len(order) - 1)
            unit = float(score[order[n]])
            before = float(upto[n - 1]) if n else 0.0
            part = min(max((lack - before) / unit, 0.0), 1.0) if unit > 0 else 0.0
            chosen[order[:n]], chosen[order[n]] = 1, part
            bound = n + part if lack > 0 else 0.0
        chosen[self.there] = 1
        return Dual(bound, price, floor_price, score), chosen, unit

    def improve(self, steps: int, known: float, end: float) -> bool:
        """Make steps for a sharper bound; return whether more of them may help.

        Parameters
        ----------
        steps
            How many.
        known
            What is known to be possible: a weight, or a number of candidates.
        end
            When to stop, on the clock of `time.monotonic`, seconds.
        """
        sense = -1 if self.count is None else 1
        for _step in range(steps):
            if monotonic() >= end or self.theta < LEAST_THETA:
                return False
            now, chosen, unit = self._at(self.price, self.floor_price)
            self._keep(now)
            lacks = sense * (self.best.bound - known)
            if lacks <= SHORT * abs(known) or unit <= 0:
                return False
            if self.stalled > PATIENCE:
                self.theta, self.stalled, self.way = self.theta / 2, 0, None
                self.price, self.floor_price = self.best.price, self.best.floor_price
                continue
            self.parts += FRESH * (chosen - self.parts)
            length = max(sense * (now.bound - known), lacks) * unit
            if not self._step(now, chosen, length):
                return False
        return True

    def _keep(self, now: Dual) -> None:
        sense = -1 if self.count is None else 1
        self.steps_taken += 1
        self.stalled += 1
        more = sense * (self.best.bound - now.bound)
        if more > BETTER * abs(self.best.bound):
            self.stalled = 0
        if more > 0:
            self.best = now

    def _step(self, now: Dual, chosen: FloatArray, length: float) -> bool:
        """Go along the averaged subgradient; return whether there is any."""
        cover, m = self.cover, len(self.cover.weight)
        times = self._times(chosen)
        worth = self._worth(now.floor_price)
        taken = np.where(now.price < worth, 1.0, np.minimum(times, 1.0))
        over = cover.parts @ (cover.weight * taken) - cover.least
        here = np.concatenate([times - taken, over])
        self.way = here if self.way is None else FRESH * here + (1 - FRESH) * self.way
        scale = np.concatenate([cover.weight, self.floor_scale])
        squared = float((scale * self.way**2).sum())
        if squared <= np.finfo(float).tiny or not math.isfinite(length / squared):
            return False
        move = self.theta * length / squared * scale * self.way
        self.price = np.maximum(now.price - move[:m], 0)
        self.floor_price = np.maximum(now.floor_price - move[m:], 0)
        return True

    def decided(self, known: float) -> tuple[IntArray, IntArray]:
        """Return columns that each choice better than a known one has, and that none has.

        Parameters
        ----------
        known
            What the known choice is worth.
        """
        score, n = self.best.score, len(self.best.score)
        order = np.argsort(-score, kind="stable")
        if self.count is None:
            _dual, _chosen, unit = self._at(self.best.price, self.best.floor_price)
            if unit <= 0:
                return order[:0], order[:0]
            further, known = np.abs(1 - score / unit), known - 1 + WHOLE
            sure = self.best.bound + further > known
            return np.flatnonzero(sure & (score > unit)), np.flatnonzero(sure & (score < unit))
        if self.count >= n:
            return order[:0], order[:0]
        last = score[order[self.count - 1]] if self.count else np.inf
        bound = self.best.bound - known * (1 - SHORT)
        top, other = order[: self.count], order[self.count :]
        taken = top[bound - score[top] + score[other[0]] < 0]
        return np.sort(taken), np.sort(other[bound - last + score[other] < 0])
