"""How far a build-out uses each of its limits, and what one more of each would add."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.buildout_problem import Buildout
from jxgis.kernels.buildout_reduced import Reduced
from jxgis.kernels.buildout_rows import Programme, Row
from jxgis.kernels.buildout_solver import Outcome


@dataclass(frozen=True)
class Limit:
    """A limit, and how far a plan uses it.

    Attributes
    ----------
    kind
        ``count`` (of a tier by a year), ``budget`` (by a year), ``feeder``, ``floor`` (both in the
        last year) or ``spaces`` (piles at a candidate in the last year, where no more fit).
    index
        Of the tier, feeder or floor; of the candidate's tier; 0 for a budget.
    year
        Index of the year.
    limit, used
        Units, money, kW or weight: at most, or at least where it is a floor, and what the plan has.
    price
        What the relaxed programme's optimum would gain if the limit gave way by one, as long as no
        place becomes possible that the limit alone rules out. Where money or power are held in
        whole numbers too, it is what these would gain if they were not. NaN where the relaxation
        was not finished.
    candidate
        Of ``spaces``, else -1.
    """

    kind: str
    index: int
    year: int
    limit: float
    used: float
    price: float
    candidate: int = -1

    @property
    def slack(self) -> float:
        """How much is left before the limit is reached."""
        return self.used - self.limit if self.kind == "floor" else self.limit - self.used


def limits(
    small: Reduced,
    model: Programme,
    units: tuple[IntArray, ...],
    share: FloatArray,
    lp: Outcome,
) -> tuple[Limit, ...]:
    """Return all limits of a plan.

    Parameters
    ----------
    small, model
        The reduced problem, and its programme.
    units
        Of each tier, (T, n) units at all candidates.
    share
        (uses, G) that is served.
    lp
        The relaxed programme's solution.
    """
    problem, last = small.problem, small.problem.years - 1
    costs = [tier.costs for tier in problem.tiers]
    floored = [served for use, served in zip(model.uses, share, strict=True) if use.floors]
    found = []
    for row in model.limits:
        price = _price(model, row, lp)
        if row.kind == "count":
            limit, used = problem.tiers[row.index].count[row.year], units[row.index][row.year].sum()
        elif row.kind == "budget" and problem.budget is not None:
            limit = problem.budget[row.year]
            used = sum(float(u[row.year] @ c) for u, c in zip(units, costs, strict=True))
        elif row.kind == "feeder":
            limit, used = problem.feeder_limit[row.index], _drawn(problem, units, row.index)
        else:
            limit = problem.floors[row.index].least
            used = small.base_floors[row.index] + small.floors[row.index] @ floored[0]
        found.append(Limit(row.kind, row.index, row.year, float(limit), float(used), price))
    for k, (rows, kept) in enumerate(zip(model.spaces, small.kept, strict=True)):
        if rows is None:
            continue
        full = np.flatnonzero(units[k][last, kept] == problem.tiers[k].largest[kept])
        for j in full:
            price = float("nan")
            if lp.duals is not None and lp.values is not None:
                there = lp.values[model.stations[k][:, j]]
                price = float(np.abs(lp.duals[rows[:, j]]) @ there) * model.unit
            most = float(units[k][last, kept[j]])
            found.append(Limit("spaces", k, last, most, most, price, int(kept[j])))
    return tuple(found)


def _price(model: Programme, limit: Row, lp: Outcome) -> float:
    """Return what one more of a limit would add, in all rows that hold it."""
    if lp.duals is None:
        return float("nan")
    of = limit.kind, limit.index, limit.year
    rows = [limit, *(r for r in model.sharper if (r.kind, r.index, r.year) == of)]
    return sum(abs(float(lp.duals[r.row])) / r.unit for r in rows) * model.unit


def _drawn(problem: Buildout, units: tuple[IntArray, ...], feeder: int) -> float:
    return sum(
        tier.power * float(number[-1][tier.feeders == feeder].sum())
        for tier, number in zip(problem.tiers, units, strict=True)
    )
