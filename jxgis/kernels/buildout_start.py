"""A good build-out found quickly: the last year first, then the years before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_reduced import Reduced
from jxgis.kernels.buildout_solver import Units

LEAST_GAIN = 1e-12
"""Share of all value; what adds less is not built."""


@dataclass
class State:
    """What is built, and what is left to serve.

    Attributes
    ----------
    units
        (n,) of each tier.
    left
        (G,) share of each group that is not served.
    """

    units: list[IntArray]
    left: FloatArray


class Greedy:
    """Builds what adds most for the part of the limits that it takes, until nothing can be added.

    Stations with a capacity serve the same share of all that they reach and is left, so the real
    plan serves no less.
    """

    def __init__(self, small: Reduced) -> None:
        self.small, self.problem = small, small.problem
        self.feeders = [t.feeders[j] for t, j in zip(self.problem.tiers, small.kept, strict=True)]
        self.costs = [t.costs[j] for t, j in zip(self.problem.tiers, small.kept, strict=True)]
        self.columns = [covers.T.tocsr() for covers in small.covers]
        self.value = self.problem.chance @ small.values

    def plan(self, like: list[FloatArray] | None = None) -> Units:
        """Return the (T, n) units of each tier.

        Parameters
        ----------
        like
            (T, n) units of a relaxed plan of each tier, of which as many are built as can be, then
            others.
        """
        last = self.problem.years - 1
        anything = [np.full(len(j), np.inf) for j in self.small.kept]
        state = State([np.zeros(len(j), np.intp) for j in self.small.kept], self._fresh())
        if like is not None:
            wanted = self._rounded(like, last)
            self._meet_floors(state, last, wanted)
            self._add(state, last, self.value, wanted)
        self._meet_floors(state, last, anything)
        self._add(state, last, self.value, anything)
        years, final = [], [u.astype(float) for u in state.units]
        early = State([np.zeros_like(u) for u in state.units], self._fresh())
        for t in range(last):
            if like is not None:
                wanted = self._rounded(like, t)
                most = [np.minimum(a, b) for a, b in zip(wanted, final, strict=True)]
                self._add(early, t, self.value, most)
            self._add(early, t, self.value, final)
            years.append([u.copy() for u in early.units])
        years.append(state.units)
        return [np.array([year[k] for year in years]) for k in range(len(final))]

    def _rounded(self, like: list[FloatArray], t: int) -> list[FloatArray]:
        """Return whole numbers of units near those of a relaxed plan."""
        near = []
        for tier, units in zip(self.problem.tiers, like, strict=True):
            few = np.where(units[t] >= tier.fewest / 2, tier.fewest, 0)
            near.append(np.maximum(few, np.rint(units[t])).astype(float))
        return near

    def _fresh(self) -> FloatArray:
        return np.ones(len(self.small.weight))

    def _meet_floors(self, state: State, t: int, most: list[FloatArray]) -> None:
        floors, small = self.problem.floors, self.small
        least = np.array([floor.least for floor in floors]) - small.base_floors
        while True:
            lack = least - small.floors @ (1 - state.left)
            lacking = lack > 1e-9 * np.maximum(least, 1e-300)
            if not lacking.any():
                return
            worth = (small.floors[lacking] / lack[lacking, None]).sum(axis=0)
            if not self._step(state, t, worth, most):
                return

    def _add(self, state: State, t: int, value: FloatArray, most: list[FloatArray]) -> None:
        while self._step(state, t, value, most):
            pass

    def _step(self, state: State, t: int, value: FloatArray, most: list[FloatArray]) -> bool:
        """Build what adds most value; tell whether something was built."""
        gains = [self._gain(k, state, t, value, most[k]) for k in range(len(self.columns))]
        tops = [float(g.max(initial=0.0)) for g in gains]
        k = int(np.argmax(tops))
        if not tops or tops[k] <= LEAST_GAIN * max(float(value.sum()), 1e-300):
            return False
        self._build(k, int(np.argmax(gains[k])), state)
        return True

    def _more(self, k: int, state: State) -> IntArray:
        """Return how many units a step would add to each candidate."""
        return np.where(state.units[k] == 0, self.problem.tiers[k].fewest, 1)

    def _gain(
        self, k: int, state: State, t: int, value: FloatArray, most: FloatArray
    ) -> FloatArray:
        tier, problem = self.problem.tiers[k], self.problem
        more, units = self._more(k, state), state.units[k]
        fits = units + more <= np.minimum(self.small.most[k], most)
        fits &= units.sum() + more <= tier.count[t]
        part = more / max(float(tier.count[t]), 1.0)
        if problem.budget is not None:
            spent = sum(float(u @ c) for u, c in zip(state.units, self.costs, strict=True))
            fits &= spent + more * self.costs[k] <= problem.budget[t] * (1 + 1e-12)
            part = part + more * self.costs[k] / max(float(problem.budget[t]), 1e-300)
        limited = self.feeders[k] >= 0
        if limited.any():
            spare = problem.feeder_limit * (1 + 1e-12) - self._drawn(state)
            fits &= ~limited | (more * tier.power <= spare[self.feeders[k]])
        gain = self._share(k, state, more) * np.asarray(self.columns[k] @ (value * state.left))
        return np.where(fits, gain / part, 0.0)

    def _drawn(self, state: State) -> FloatArray:
        drawn = np.zeros(len(self.problem.feeder_limit))
        for tier, feeder, units in zip(self.problem.tiers, self.feeders, state.units, strict=True):
            np.add.at(drawn, feeder[feeder >= 0], tier.power * units[feeder >= 0])
        return drawn

    def _share(self, k: int, state: State, more: IntArray) -> FloatArray:
        """Return which share of what is left in reach more units can serve."""
        tier = self.problem.tiers[k]
        if tier.capacity is None:
            return np.ones(len(more))
        reach = np.asarray(self.columns[k] @ (self.small.weight * state.left))
        share = np.minimum(1.0, tier.capacity * more / np.maximum(reach, 1e-300))
        return np.where(self.small.ample[k] & (state.units[k] == 0), 1.0, share)

    def _build(self, k: int, j: int, state: State) -> None:
        more = self._more(k, state)
        share = self._share(k, state, more)[j]
        columns = self.columns[k]
        groups = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        state.units[k][j] += more[j]
        state.left[groups] *= 1 - share
