"""A build-out made better by exchanges, as far as one place for another can make it so.

Of stations without a capacity each exchange of a built place for another of its tier in the same
years, of the years of two built places, and each addition that the limits leave room for is worth a
sum of demand that is reached once or never (the interchange of Teitz and Bart 1968). So all of them
are looked at, and at the end none would add anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_reduced import BoolArray, Reduced
from jxgis.kernels.buildout_solver import Units
from jxgis.kernels.covers import Csr

LEAST_GAIN = 1e-12
"""Share of all value; what adds less is not done."""

ROUNDING = 1e-9
"""Share of a limit by which a sum may be above it."""


@dataclass(frozen=True)
class Window:
    """What demand is worth in some years that follow each other.

    Attributes
    ----------
    none, one
        (G,) value of a group in those of the years in which no place reaches it, and in which
        exactly one does.
    """

    none: FloatArray
    one: FloatArray


class Exchange:
    """Exchanges places of a plan of stations without capacities, while that adds value.

    Parameters
    ----------
    small
        The reduced problem; its objective is the mean over the scenarios.
    units
        Of each tier, (T, n), of a plan within all limits.
    """

    def __init__(self, small: Reduced, units: Units) -> None:
        self.small, self.problem = small, small.problem
        self.years = self.problem.years
        tiers = self.problem.tiers
        self.costs = [t.costs[j] * t.fewest for t, j in zip(tiers, small.kept, strict=True)]
        self.feeders = [t.feeders[j] for t, j in zip(tiers, small.kept, strict=True)]
        self.draws = [t.power * t.fewest for t in tiers]
        self.columns: list[Csr] = [sparse.csr_array(covers.T) for covers in small.covers]
        # The year that each place opens in, after the last where it never does.
        self.opens = [(u == 0).sum(axis=0) for u in units]
        worth = self.problem.chance @ small.values
        self.value = self.problem.year[:, None] * worth
        self.tiny = LEAST_GAIN * max(float(self.value.sum()), 1e-300)
        times = [
            np.stack([covers @ (opens <= t) for t in range(self.years)])
            for covers, opens in zip(small.covers, self.opens, strict=True)
        ]
        self.times = np.rint(np.sum(times, axis=0)).astype(np.intp)
        if not times:
            self.times = np.zeros((self.years, len(small.weight)), np.intp)

    def run(self) -> Units:
        """Return the (T, n) units of each tier when nothing more can be won."""
        tiers = range(len(self.columns))
        moved = True
        while moved:
            moved = False
            for k in tiers:
                moved |= self._add(k)
                moved |= self._swap(k)
                moved |= self._retime(k)
        year = np.arange(self.years)[:, None]
        return [
            np.where(opens <= year, tier.fewest, 0)
            for opens, tier in zip(self.opens, self.problem.tiers, strict=True)
        ]

    def _window(self, first: int, end: int) -> Window:
        value, times = self.value[first:end], self.times[first:end]
        return Window((value * (times == 0)).sum(axis=0), (value * (times == 1)).sum(axis=0))

    def _groups(self, k: int, j: int) -> IntArray:
        columns = self.columns[k]
        return columns.indices[columns.indptr[j] : columns.indptr[j + 1]].astype(np.intp)

    def _open(self, k: int, j: int, first: int, end: int, change: int) -> None:
        """Open a place in some years, or close it."""
        self.times[first:end, self._groups(k, j)] += change

    def _instead(self, k: int, i: int, years: Window, gains: FloatArray) -> FloatArray:
        """Return what each other place in the stead of one would add in some years."""
        groups = self._groups(k, i)
        own = years.one[groups]
        back = np.asarray(self.small.covers[k][groups].T @ own)
        return np.asarray(gains + back - own.sum())

    def _swap(self, k: int) -> bool:
        """Exchange built places for others in the same years."""
        moved = False
        for first in range(self.years):
            fresh = True
            for i in np.flatnonzero(self.opens[k] == first):
                if fresh:
                    years = self._window(first, self.years)
                    gains, fresh = np.asarray(self.columns[k] @ years.none), False
                adds = self._instead(k, int(i), years, gains)
                better = (adds > self.tiny) & (self.opens[k] == self.years)
                better[better] = self._fits(k, int(i), np.flatnonzero(better), first, self.years)
                order = np.flatnonzero(better)
                for j in order[np.argsort(-adds[order], kind="stable")].tolist():
                    if self._keeps_floors(k, int(i), j):
                        self._open(k, int(i), first, self.years, -1)
                        self._open(k, j, first, self.years, 1)
                        self.opens[k][[i, j]] = self.years, first
                        moved = fresh = True
                        break
        return moved

    def _retime(self, k: int) -> bool:
        """Let two built places change their years."""
        moved = False
        for first in range(self.years - 1):
            for end in range(first + 1, self.years):
                fresh = True
                for i in np.flatnonzero(self.opens[k] == first):
                    later = np.flatnonzero(self.opens[k] == end)
                    if not len(later):
                        break
                    if fresh:
                        years = self._window(first, end)
                        gains, fresh = np.asarray(self.columns[k] @ years.none), False
                    adds = self._instead(k, int(i), years, gains)[later]
                    adds = np.where(self._fits(k, int(i), later, first, end), adds, 0.0)
                    best = int(np.argmax(adds))
                    if adds[best] <= self.tiny:
                        continue
                    j = int(later[best])
                    self._open(k, int(i), first, end, -1)
                    self._open(k, j, first, end, 1)
                    self.opens[k][[i, j]] = end, first
                    moved = fresh = True
        return moved

    def _add(self, k: int) -> bool:
        """Build places, or build them earlier, for which the limits leave room."""
        moved, t = False, 0
        while t < self.years:
            adds = np.zeros(len(self.opens[k]))
            for end in range(t + 1, self.years + 1):
                mine = np.flatnonzero(self.opens[k] == end)
                if len(mine) and self._has_room(k, t, end):
                    mine = mine[self._fits(k, -1, mine, t, end)]
                    adds[mine] = np.asarray(self.columns[k] @ self._window(t, end).none)[mine]
            if not len(adds) or adds.max() <= self.tiny:
                t += 1
                continue
            j = int(np.argmax(adds))
            self._open(k, j, t, int(self.opens[k][j]), 1)
            self.opens[k][j] = t
            moved = True
        return moved

    def _has_room(self, k: int, first: int, end: int) -> bool:
        tier, years = self.problem.tiers[k], np.arange(first, end)
        there = (self.opens[k] <= years[:, None]).sum(axis=1) * tier.fewest
        return bool((there + tier.fewest <= np.asarray(tier.count)[first:end]).all())

    def _fits(self, k: int, i: int, others: IntArray, first: int, end: int) -> BoolArray:
        """Return which places can be in the stead of one in some years, -1 for none."""
        problem = self.problem
        fits = np.ones(len(others), bool)
        own = self.costs[k]
        more = own[others] - (own[i] if i >= 0 else 0.0)
        budget = np.full(self.years, np.inf) if problem.budget is None else problem.budget
        for t in range(first, end):
            spent = sum(float(c[o <= t].sum()) for c, o in zip(self.costs, self.opens, strict=True))
            money = float(budget[t])
            fits &= (more <= 0) | (spent + more <= money + ROUNDING * money)
        if end == self.years and len(problem.feeder_limit) and self.draws[k]:
            # What is built earlier or later draws the same in the last year.
            feeder = self.feeders[k]
            there = np.where(feeder[others] >= 0, self._spare()[feeder[others]], np.inf)
            same = (feeder[others] == feeder[i]) if i >= 0 else np.zeros(len(others), bool)
            fits &= same | (self.draws[k] <= there)
        return fits

    def _spare(self) -> FloatArray:
        spare = self.problem.feeder_limit * (1 + ROUNDING)
        for draw, feeder, opens in zip(self.draws, self.feeders, self.opens, strict=True):
            mine = feeder[(opens < self.years) & (feeder >= 0)]
            spare -= draw * np.bincount(mine, minlength=len(spare))
        return spare

    def _keeps_floors(self, k: int, i: int, j: int) -> bool:
        """Tell whether every floor is still met with one place in the stead of another."""
        if not self.problem.floors:
            return True
        small, last = self.small, self.times[-1].copy()
        before = small.floors @ (last > 0)
        last[self._groups(k, i)] -= 1
        last[self._groups(k, j)] += 1
        least = np.array([floor.least for floor in self.problem.floors]) - small.base_floors
        # A floor that is met by rounding alone is not made worse.
        after = small.floors @ (last > 0)
        return bool((after >= np.minimum(least, before)).all())
