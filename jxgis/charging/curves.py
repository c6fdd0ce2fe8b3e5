"""How much more or fewer stations of each kind would serve in the last year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from jxgis.charging.study import Study
from jxgis.charging.where import IntArray
from jxgis.i18n import _
from jxgis.kernels.buildout import Buildout, Plan, Tier, solve
from jxgis.kernels.covers import Csr, Matrix
from jxgis.results import Table

GAP = 0.001
"""Points that are this near to their bounds are searched no further: no eye sees less."""

PARTS = 4
"""Numbers on a curve are so many parts of the planned one apart, and go on for half of it."""


class Clock:
    """Shares the time that is left among the solves that are left.

    Parameters
    ----------
    limit_s
        For all of them together, seconds.
    turns
        How many there are.
    gap
        At which each of them ends.
    """

    def __init__(self, limit_s: float, turns: int, gap: float = GAP) -> None:
        self._end, self._turns, self._gap = monotonic() + limit_s, turns, gap

    def solve(self, problem: Buildout, start: tuple[IntArray, ...] | None = None) -> Plan:
        """Solve the next one; after Ctrl-C in one of them, the others get no time.

        Raises
        ------
        Unmet
            If the floors cannot be met.
        """
        left = max(self._end - monotonic(), 0.0) / max(self._turns, 1)
        self._turns -= 1
        found = solve(problem, time_limit_s=left, gap=self._gap, start=start)
        if found.status == "interrupted":
            self._end = monotonic()
        return found


@dataclass(frozen=True)
class Alone:
    """One demand in the last year, while all other demands keep the stations of the plan.

    Attributes
    ----------
    kinds
        Indices of the kinds that serve it.
    problem
        Its tiers and its demand, with what the others' stations leave of power and budget, and
        without floors. Its value is the share of the demand that is served.
    units
        Of each of its tiers, (1, n) units of the plan.
    share
        Of the demand, that the plan serves.
    """

    kinds: tuple[int, ...]
    problem: Buildout
    units: tuple[IntArray, ...]
    share: float


def alone(laid: Study, found: Plan, demand: int) -> Alone:
    """Return one demand of a plan by itself, in the last year.

    Parameters
    ----------
    laid, found
        A plan laid out, and what is to be built.
    demand
        Its index.
    """
    rows, problem = laid.rows(demand), laid.problem
    weight = problem.weight[rows]
    kinds = tuple(k for k, own in enumerate(laid.kinds) if own.demand == demand)
    spare, money = problem.feeder_limit.copy(), 0.0
    for k, tier in enumerate(problem.tiers):
        if k not in kinds:
            units = found.units[k][-1]
            limited = tier.feeders >= 0
            np.add.at(spare, tier.feeders[limited], -tier.power * units[limited])
            money += float(units @ tier.costs)
    budget = problem.budget
    own = Buildout(
        tiers=tuple(_within(problem.tiers[k], rows) for k in kinds),
        weight=weight,
        value=np.full(len(weight), 1 / weight.sum()),
        year=np.ones(1),
        feeder_limit=np.maximum(spare, 0.0),
        budget=None if budget is None else np.maximum(budget[-1:] - money, 0.0),
    )
    units = tuple(found.units[k][-1:] for k in kinds)
    return Alone(kinds, own, units, float(found.served[0, -1, rows] @ weight / weight.sum()))


def _within(tier: Tier, rows: slice) -> Tier:
    there = None if tier.existing is None else _rows(tier.existing, rows)
    return replace(tier, covers=_rows(tier.covers, rows), count=tier.count[-1:], existing=there)


def _rows(matrix: Matrix, rows: slice) -> Csr:
    return sparse.csr_array(by_rows(matrix)[rows])


def by_rows(matrix: Matrix) -> Csr:
    """Return a sparse matrix as one whose rows can be taken."""
    return sparse.csr_array(cast("Any", matrix))


def site_curves(laid: Study, found: Plan, limit_s: float) -> list[Table]:
    """Return for each kind how much of its demand more or fewer of it would serve.

    Parameters
    ----------
    laid, found
        A plan laid out, and what is to be built.
    limit_s
        For all curves together, seconds.

    Returns
    -------
    list of Table
        ``curve_<kind>``: number, share served in the last year, and the most that is possible.
        Other kinds are built up to their planned numbers; where they serve the same demand, their
        sites are chosen anew with each number. The power of substations is a limit, the budget and
        the floors are none.
    """
    numbers = [_numbers(laid, k) for k in range(len(laid.kinds))]
    clock = Clock(limit_s, sum(len(some) for some in numbers))
    return [
        _curve(laid, alone(laid, found, own.demand), k, numbers[k], clock)
        for k, own in enumerate(laid.kinds)
        if len(numbers[k]) > 1
    ]


def _numbers(laid: Study, kind: int) -> list[int]:
    """Return the numbers of stations or piles on a curve, the planned one among them."""
    tier, count = laid.problem.tiers[kind], int(laid.problem.tiers[kind].count[-1])
    room = int(tier.largest[tier.largest >= tier.fewest].sum())
    parts = [(2 * count * part + PARTS) // (2 * PARTS) for part in range(PARTS + PARTS // 2 + 1)]
    return sorted({min(number, room) for number in [*parts, count]})


def _curve(laid: Study, own: Alone, kind: int, numbers: list[int], clock: Clock) -> Table:
    free = replace(own.problem, budget=None)
    which, planned = own.kinds.index(kind), int(laid.problem.tiers[kind].count[-1])
    rows: list[tuple[int, float, float]] = []
    start: tuple[IntArray, ...] | None = None
    for number in numbers:
        tiers = list(free.tiers)
        tiers[which] = replace(tiers[which], count=np.array([number]))
        if number == planned:
            start = own.units
        best = clock.solve(replace(free, tiers=tuple(tiers)), start)
        start = best.units
        # The plan itself may have sites that serve no more than others, which are not begun with.
        least = own.share if number >= planned else 0.0
        rows.append((number, max(best.objective, least), max(best.bound, least)))
    kind_study = laid.kinds[kind]
    column = "piles" if kind_study.kind.is_dispersed else "stations"
    table = pd.DataFrame(rows, columns=[column, "served_share", "bound_share"])
    # A larger number serves at least as much, and a smaller one no more.
    table["served_share"] = np.maximum.accumulate(table["served_share"])
    table["bound_share"] = np.minimum.accumulate(table["bound_share"][::-1])[::-1]
    fields = {
        column: _("New piles") if column == "piles" else _("New stations"),
        "served_share": _("Share served"),
        "bound_share": _("At most possible"),
    }
    title = _("{kind}: demand served by so many in {year} ({demand})").format(
        kind=kind_study.kind.title,
        demand=laid.demands[kind_study.demand].spec.title,
        year=laid.settings.years[-1],
    )
    return Table(
        f"curve_{kind_study.kind.id}",
        title,
        table,
        fields,
        None,
        (column, "served_share"),
        _note(is_shared=len(own.kinds) > 1),
        "bound_share",
    )


def _note(*, is_shared: bool) -> str:
    if is_shared:
        return _(
            "Each number for itself, without budget and floors: the best sites of one need not be "
            "those of the next. The other kinds that serve this demand keep their planned numbers "
            "and may take other sites."
        )
    return _(
        "Each number for itself, without budget and floors: the best sites of one need not be "
        "those of the next."
    )
