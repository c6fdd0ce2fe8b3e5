"""How far a build-out uses each of its limits, and what one more of each would add."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jxgis.kernels.arcs import FloatArray
from jxgis.kernels.buildout_reduced import Reduced
from jxgis.kernels.buildout_rows import Programme
from jxgis.kernels.buildout_solver import Outcome, Units


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
        What the relaxed programme's optimum would gain if the limit gave way by one; the best
        plan's value with one more is at most the relaxation's bound and this. NaN where the
        relaxation was not finished.
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
    small: Reduced, model: Programme, units: Units, share: FloatArray, lp: Outcome
) -> tuple[Limit, ...]:
    """Return all limits of a plan."""
    problem, last = small.problem, small.problem.years - 1
    costs = [tier.costs[j] for tier, j in zip(problem.tiers, small.kept, strict=True)]
    floored = [served for use, served in zip(model.uses, share, strict=True) if use.floors]
    found = []
    for row in model.limits:
        price = (
            float("nan") if lp.duals is None else float(lp.duals[row.row]) * model.unit / row.unit
        )
        if row.kind == "count":
            limit, used = problem.tiers[row.index].count[row.year], units[row.index][row.year].sum()
        elif row.kind == "budget" and problem.budget is not None:
            limit = problem.budget[row.year]
            used = sum(float(u[row.year] @ c) for u, c in zip(units, costs, strict=True))
        elif row.kind == "feeder":
            limit, used = problem.feeder_limit[row.index], _drawn(small, units, row.index)
        else:
            limit = problem.floors[row.index].least
            used = small.base_floors[row.index] + small.floors[row.index] @ floored[0]
        found.append(Limit(row.kind, row.index, row.year, float(limit), float(used), abs(price)))
    for k, rows in enumerate(model.spaces):
        if rows is None:
            continue
        full = np.flatnonzero(units[k][last] == problem.tiers[k].largest[small.kept[k]])
        for j in full:
            price = float("nan")
            if lp.duals is not None and lp.values is not None:
                there = lp.values[model.stations[k][:, j]]
                price = float(np.abs(lp.duals[rows[:, j]]) @ there) * model.unit
            most = float(units[k][last, j])
            found.append(Limit("spaces", k, last, most, most, price, int(small.kept[k][j])))
    return tuple(found)


def _drawn(small: Reduced, units: Units, feeder: int) -> float:
    return sum(
        tier.power * float(number[-1][tier.feeders[kept] == feeder].sum())
        for tier, kept, number in zip(small.problem.tiers, small.kept, units, strict=True)
    )
