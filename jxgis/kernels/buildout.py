"""All kinds of station, all years and all limits in one plan, with proof of how good it is.

A candidate of a tier is built in a year and stays; each year the stations that there are serve
what they reach, up to their capacities, and a year's service is worth something. Stations count
against their tier's number and the budget of the year and against the power of their feeder, and
in the last year every floor must be met. That is the maximal covering location problem (Church and
ReVelle 1974) over time (Schilling 1980) with capacities (Current and Storbeck 1988). It is made
small (`reduced`), begun from a greedy plan and solved by HiGHS (Huangfu and Hall 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np

from jxgis.kernels import solution as kernel
from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_floors import Unmet
from jxgis.kernels.buildout_limits import Limit, limits
from jxgis.kernels.buildout_problem import Aim, Buildout, Floor, Tier, check
from jxgis.kernels.buildout_reduced import reduced
from jxgis.kernels.buildout_rest import with_rest
from jxgis.kernels.buildout_search import Search
from jxgis.kernels.highs import SEED, Status

__all__ = ["Aim", "Buildout", "Floor", "Limit", "Plan", "Tier", "Unmet", "solve"]

GAP = 1e-4
"""Gap that is asked for where nothing else is said."""


@dataclass(frozen=True)
class Plan:
    """What is built when, what it serves, and how good another plan could be.

    Attributes
    ----------
    built
        Of each tier, (n,) index of the year in which each candidate is built, -1 for never.
    units
        Of each tier, (T, n) units there are at each candidate by the end of each year. Where piles
        are counted, those that serve nobody more are laid too, as far as the limits allow.
    served
        (S, T, m) share of each demand that is served in each scenario and year; S is 1 where there
        are no scenarios.
    worth
        (S,) value of the plan in each scenario.
    objective
        The value, or the mean or least over the scenarios.
    bound
        What no plan can be better than.
    lp_bound
        A weaker bound that comes from the relaxation alone; not finite where it was not finished.
    asked_gap
        Gap at which the search was to end.
    status
        ``"optimal"`` only where the gap is no larger than the one asked for.
    held
        Whether the floors are met; false only where the time ended before it was known how.
    limits
        How far each limit is used, and what one more of it would add.
    seed
        Of the random numbers of the solver.
    """

    built: tuple[IntArray, ...]
    units: tuple[IntArray, ...]
    served: FloatArray
    worth: FloatArray
    objective: float
    bound: float
    lp_bound: float
    asked_gap: float
    status: Status
    held: bool
    limits: tuple[Limit, ...]
    seed: int = SEED

    @property
    def gap(self) -> float:
        """How far the objective may be from the best, a share of the larger of it and the bound."""
        return kernel.gap(self.objective, self.bound)


def solve(
    problem: Buildout,
    *,
    time_limit_s: float,
    gap: float = GAP,
    threads: int = 2,
    start: tuple[IntArray, ...] | None = None,
) -> Plan:
    """Return the best plan that there is time for.

    Parameters
    ----------
    problem
        What may be built, and what it is worth.
    time_limit_s
        For the search, seconds; some more pass before it and until HiGHS looks at its clock. When
        it ends, or on Ctrl-C during it, the best plan so far is returned with its bound. Only an
        answer that is ``"optimal"`` is the same each time.
    gap
        Share of the objective by which it may be below the bound and count as ``"optimal"``; less
        than 1e-6 is not told apart.
    threads
        Of the solver.
    start
        Units of a plan to begin with, as in `Plan.units`; of one that breaks a limit, a part.

    Raises
    ------
    Unmet
        If the floors cannot be met.
    ValueError
        Where arrays do not fit each other, or a number is negative or not finite.
    """
    check(problem)
    end = monotonic() + time_limit_s
    search = Search(reduced(problem), end, threads, gap)
    search.run(start)
    return _plan(search)


def _plan(search: Search) -> Plan:
    """Return what a search has found, for all demand and candidates."""
    small, best, problem = search.small, search.best, search.small.problem
    units, shape = with_rest(problem, small.units(best.units)), (len(small.weights), problem.years)
    uses = best.share[: shape[0] * shape[1]]
    uses = uses if len(uses) == shape[0] * shape[1] else np.tile(uses[: shape[1]], (shape[0], 1))
    return Plan(
        built=tuple(np.where(u[-1] > 0, (u == 0).sum(axis=0), -1) for u in units),
        units=units,
        served=np.array([small.spread(use) for use in uses]).reshape(*shape, -1),
        worth=best.worth,
        objective=best.objective,
        bound=max(search.bound, best.objective),
        lp_bound=max(search.lp.bound, best.objective),
        asked_gap=search.gap,
        status=search.status,
        held=best.held,
        limits=limits(small, search.model, units, best.share, search.lp),
    )
