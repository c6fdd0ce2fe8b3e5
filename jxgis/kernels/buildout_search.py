"""The search for the best build-out: quick plans, the relaxed one, better ones near, the proof."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np

from jxgis.kernels import buildout_floors, buildout_solver
from jxgis.kernels import solution as kernel
from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_exchange import Exchange
from jxgis.kernels.buildout_parts import decided
from jxgis.kernels.buildout_programme import Writer
from jxgis.kernels.buildout_reduced import Reduced
from jxgis.kernels.buildout_rows import Programme
from jxgis.kernels.buildout_solver import Outcome, Units
from jxgis.kernels.buildout_start import Greedy
from jxgis.kernels.highs import GAP, Status

HELD = 1e-6
"""Share of a floor's demand that may lack."""

AFTER_S = 20.0
"""Seconds that may pass after the end to see what the last plan serves."""

SHARE = 0.5
"""Part of the time that is left in which better plans are looked for near the relaxed one."""

ROUNDING = 1e-9
"""A plan that uses more of a limit by this share of its largest term is within it."""

SAME = 0.01
"""What differs by less is the same."""

EFFORT = 0.3
"""Share of that time for heuristics."""


@dataclass(frozen=True)
class Trial:
    """A plan of the kept candidates, used as is best.

    Attributes
    ----------
    units
        Of each tier, (T, n).
    share
        (uses, G) that is served.
    worth
        (S,) value in each scenario.
    objective
        Of the plan.
    held
        Whether the floors are met.
    """

    units: Units
    share: FloatArray
    worth: FloatArray
    objective: float
    held: bool

    @property
    def rank(self) -> tuple[bool, float]:
        """What makes one better than another."""
        return self.held, self.objective


class Search:
    """A search for the best plan, step by step.

    Parameters
    ----------
    small
        The reduced problem.
    end
        When to stop, on the clock of `time.monotonic`, seconds.
    threads
        Of the solver.
    gap
        Share of the objective by which it may be below the bound at the end, `GAP` at least.
    """

    def __init__(self, small: Reduced, end: float, threads: int, gap: float) -> None:
        self.small, self.model = small, Writer(small).write()
        self.end, self.threads, self.gap = end, threads, max(gap, GAP)
        self.status: Status = "time_limit"
        self.fewest = [tier.fewest for tier in small.problem.tiers]
        everything = (small.base + small.values.sum(axis=1)) * small.problem.year.sum()
        self.bound = float(everything.max())
        self.lp = Outcome("time_limit", np.inf)
        self.near: FloatArray | None = None
        self.proving = self.model
        self.greedy = Greedy(small)
        self.best = self._exchanged(self._tried(self.greedy.plan()))

    def run(self, start: tuple[IntArray, ...] | None) -> None:
        """Search until the gap is reached or the time is over.

        Raises
        ------
        Unmet
            If the floors cannot be met.
        """
        try:
            if start is not None:
                self._begin([units[:, j] for units, j in zip(start, self.small.kept, strict=True)])
            for step in (self._relax, self._round, self._decide, self._improve, self._prove):
                over = monotonic() >= self.end
                if over or self._is_enough() or self.status == "interrupted":
                    break
                step()
        except KeyboardInterrupt:
            self.status = "interrupted"
        if self._is_enough():
            self.status = "optimal"

    def _begin(self, units: Units) -> None:
        """Offer a plan that somebody has, or as much of it as can be."""
        model, tiers = self.model, self.small.problem.tiers
        units = [np.minimum(u, most) for u, most in zip(units, self.small.most, strict=True)]
        units = [np.where(u < tier.fewest, 0, u) for u, tier in zip(units, tiers, strict=True)]
        rows = [row.row for row in model.limits if row.kind != "floor"]
        used = np.asarray(model.rows[rows] @ _columns(model, units))
        rising = all((np.diff(u, axis=0) >= 0).all() for u in units)
        if rising and (used <= model.upper[rows] + ROUNDING).all():
            self._offer(units)
        self._offer(self.greedy.plan([u.astype(np.float64) for u in units]))

    def _relax(self) -> None:
        """Find the bound of the relaxed programme."""
        self.lp, self.proving = buildout_solver.relaxed(self.model, self.end, self.threads)
        if self.lp.status == "infeasible":
            raise buildout_floors.unmet(self.small, self.end, self.threads)
        self.bound, self.near = min(self.bound, self.lp.bound), self.lp.values
        self._note(self.lp)

    def _note(self, found: Outcome) -> None:
        """Remember that somebody wants to end the search."""
        if found.status == "interrupted":
            self.status = "interrupted"

    def _round(self) -> None:
        """Make a plan that is like the relaxed one."""
        if self.lp.values is not None:
            self._offer(self.greedy.plan(self._relaxed_units(self.lp.values)))

    def _decide(self) -> None:
        """Find what small parts of the problem are in whole numbers, and the bound of that."""
        found = decided(self.proving, self.lp, self.end, self.threads, self.gap / 5)
        self.bound = min(self.bound, found.bound)
        if found.values is not None:
            self.near = found.values
            self._offer(self.greedy.plan(self._relaxed_units(found.values)))

    def _relaxed_units(self, values: FloatArray) -> list[FloatArray]:
        columns = zip(self.model.stations, self.model.piles, self.fewest, strict=True)
        return [values[y] * least if p is None else values[p] for y, p, least in columns]

    def _prove(self) -> None:
        """Solve the programme, with what cannot be in a better plan left out."""
        start = self.best.units if self.best.held else None
        found = buildout_solver.best(
            self.proving, self.end, self.threads, self.gap, start=start, most=self._useful()
        )
        if found.status == "infeasible" and start is None:
            raise buildout_floors.unmet(self.small, self.end, self.threads)
        if found.values is not None:
            self._offer(buildout_solver.plan(self.model, found.values, self.fewest))
        if found.status != "infeasible":
            self.bound = min(self.bound, max(found.bound, self.best.objective))
            self._note(found)

    def _useful(self) -> FloatArray:
        """Return (c,) the most of each column: 0 of what is in no plan better than the best.

        One more of a column costs the relaxed programme at least its reduced cost.
        """
        most, lp = self.model.most, self.lp
        if not self.best.held or lp.reduced_costs is None:
            return most
        loss = -lp.reduced_costs * self.model.unit
        lost = loss > lp.bound - self.best.objective + ROUNDING * self.bound
        most = np.where(lost & (self.model.whole > 0), 0.0, most)
        return np.maximum(most, _columns(self.model, self.best.units))

    def _improve(self) -> None:
        """Decide anew where the plan is not as the relaxed one (RINS, Danna et al. 2005)."""
        values = self.near
        if values is None or not self.best.held:
            return
        least, most = np.zeros(len(self.model.cost)), self.model.most.copy()
        there = _columns(self.model, self.best.units)
        whole = self.model.whole > 0
        kept = whole & (np.abs(values - there) < SAME)
        least[kept] = most[kept] = there[kept]
        near = whole & ~kept
        least[near] = np.maximum(np.floor(np.minimum(values, there)[near]) - 1, 0)
        most[near] = np.minimum(np.ceil(np.maximum(values, there)[near]) + 1, most[near])
        found = buildout_solver.best(
            self.proving,
            self.end - (1 - SHARE) * (self.end - monotonic()),
            self.threads,
            self.gap / 2,
            start=self.best.units,
            least=least,
            most=most,
            effort=EFFORT,
        )
        self._note(found)
        if found.values is not None:
            self._offer(buildout_solver.plan(self.model, found.values, self.fewest))

    def _is_enough(self) -> bool:
        best = self.best
        return best.held and kernel.gap(best.objective, max(self.bound, best.objective)) <= self.gap

    def _offer(self, units: Units) -> None:
        trial = self._exchanged(self._tried(units))
        if trial.rank > self.best.rank:
            self.best = trial

    def _exchanged(self, trial: Trial) -> Trial:
        """Return a plan after all exchanges that make it better, where these are sums of demand."""
        exact = not len(self.model.flow) and self.small.problem.aim == "expected"
        if not (exact and trial.held):
            return trial
        better = self._tried(Exchange(self.small, trial.units).run())
        return max(trial, better, key=lambda one: one.rank)

    def _tried(self, units: Units) -> Trial:
        """Return what a plan is worth."""
        problem, small, model = self.small.problem, self.small, self.model
        share = np.zeros(model.shares.shape)
        if len(model.flow):
            end = max(self.end, monotonic()) + AFTER_S
            found = buildout_solver.used(model, units, end, self.threads)
            if found.status == "interrupted":
                self._note(found)
                found = buildout_solver.used(model, units, end, self.threads)
            if found.values is not None:
                share = np.clip(found.values[model.shares], 0.0, 1.0)
        else:
            for c, use in enumerate(model.uses):
                there = [a @ (u[use.year] > 0) for a, u in zip(small.covers, units, strict=True)]
                share[c] = np.sum(there, axis=0) > 0
        worth = small.base * problem.year.sum()
        held = True
        for use, served in zip(model.uses, share, strict=True):
            worth = worth + use.value @ served
            if use.floors:
                least = np.array([floor.least for floor in problem.floors])
                total = small.base_floors + small.floors.sum(axis=1)
                got = small.base_floors + small.floors @ served
                held = bool((got >= least - HELD * total).all())
        objective = float(worth.min() if problem.aim == "worst" else problem.chance @ worth)
        return Trial(units, share, worth, objective, held)


def _columns(model: Programme, units: Units) -> FloatArray:
    """Return (c,) 0, but what a plan has in the columns that say what is built."""
    values = np.zeros(len(model.cost))
    columns, built = buildout_solver.planned(model, units)
    values[columns] = built
    return values
