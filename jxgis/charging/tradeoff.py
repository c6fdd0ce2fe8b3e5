"""What a larger budget would serve, and what it costs to serve all zones more evenly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import itemgetter
from time import monotonic

import numpy as np
import pandas as pd

from jxgis.charging.curves import Alone, Clock, alone, site_curves
from jxgis.charging.study import Study
from jxgis.charging.where import FloatArray, IntArray, zone_names
from jxgis.i18n import _
from jxgis.kernels.buildout import Buildout, Floor, Plan, Unmet
from jxgis.results import Table

BUDGETS = (0.4, 0.6, 0.8, 1.0, 1.2, 1.5)
"""Shares of the planned budget."""

STEPS = 5
"""How many steps there are from the plan's evenness to the most even that can be had."""

SAME = 1e-6
"""Shares that differ by less are the same."""

BUDGET_GAP = 0.003
"""Gap of a budget: all kinds and years at once take longer than one demand in one year."""

CURVES, EVENNESS = 0.4, 0.3
"""Of the time, for the curves of numbers and for evenness; budgets take what is left."""


def tradeoffs(laid: Study, found: Plan, limit_s: float) -> list[Table]:
    """Return what other numbers, another budget and another evenness would bring.

    Parameters
    ----------
    laid, found
        A plan laid out, and what is to be built.
    limit_s
        For all of them together, seconds.

    Returns
    -------
    list of Table
        Of `site_curves`, `pareto_budget` and `pareto_evenness`.
    """
    end = monotonic() + limit_s
    curves = site_curves(laid, found, limit_s * CURVES)
    evenness = pareto_evenness(laid, found, limit_s * EVENNESS)
    budgets = pareto_budget(laid, found, max(end - monotonic(), 0.0))
    return [*curves, *budgets, *evenness]


def pareto_budget(laid: Study, found: Plan, limit_s: float) -> list[Table]:
    """Return what the whole plan serves with a smaller or larger budget.

    Parameters
    ----------
    laid, found
        A plan laid out, and what is to be built.
    limit_s
        For all budgets together, seconds.

    Returns
    -------
    list of Table
        ``pareto_budget``, where there is a budget: the mean share of demand that is served, over
        demands by their value and over years by their weight; nothing where the floors cannot be
        met. All years' budgets are scaled alike.
    """
    budget = laid.problem.budget
    if budget is None:
        return []
    clock = Clock(limit_s, len(BUDGETS) - 1, BUDGET_GAP)
    served, bound, unmet = [], [], []
    start: tuple[IntArray, ...] | None = None
    for part in BUDGETS:
        try:
            is_plan = part == 1
            best = found if is_plan else clock.solve(_scaled(laid.problem, part), start)
        except Unmet:
            served.append(np.nan)
            bound.append(np.nan)
            unmet.append(True)
            continue
        start = best.units if best.held else None
        served.append(best.objective if best.held else np.nan)
        bound.append(best.bound)
        unmet.append(False)
    # What a smaller budget pays for, a larger one does too.
    most = np.fmin.accumulate(bound[::-1])[::-1]
    table = pd.DataFrame(
        {
            "budget": float(budget[-1]) * np.array(BUDGETS),
            "of_plan_share": BUDGETS,
            "served_share": np.fmax.accumulate(served),
            "bound_share": np.where(unmet, np.nan, most),
        }
    )
    fields = {
        "budget": _budget_title(laid),
        "of_plan_share": _("Share of the planned budget"),
        "served_share": _("Share served"),
        "bound_share": _("At most possible"),
    }
    remark = [_remark(a, is_unmet=b) for a, b in zip(table["served_share"], unmet, strict=True)]
    if any(remark):
        table["note"] = remark
        fields["note"] = _("Note")
    note = _(
        "Each budget for itself, with the same floors: the mean share of demand served, over "
        "demands by their value and over years by their weight."
    )
    return [
        Table(
            "pareto_budget",
            _("What a smaller or larger budget serves"),
            table,
            fields,
            None,
            ("budget", "served_share"),
            note,
            "bound_share",
        )
    ]


def _scaled(problem: Buildout, part: float) -> Buildout:
    return replace(problem, budget=None if problem.budget is None else problem.budget * part)


def _budget_title(laid: Study) -> str:
    unit = laid.settings.budget_unit
    return _("Budget ({unit})").format(unit=unit) if unit else _("Budget")


def _remark(served: float, *, is_unmet: bool) -> str:
    if is_unmet:
        return _("too little for the floors")
    return _("no plan found in time that meets the floors") if np.isnan(served) else ""


@dataclass(frozen=True)
class _Zones:
    """Zones with demand: index, rows and demand of each, and the floor that the plan gives it."""

    index: IntArray
    rows: tuple[IntArray, ...]
    whole: FloatArray
    floor: FloatArray

    def shares(self, own: Alone, served: FloatArray) -> FloatArray:
        """Return the share of each zone's demand that is served."""
        got = served * own.problem.weight
        return np.array([got[rows].sum() for rows in self.rows]) / self.whole

    def floors(self, least: float) -> tuple[Floor, ...]:
        """Return floors of at least a share, and no less than the plan's."""
        each = np.maximum(self.floor, least * self.whole)
        return tuple(Floor(r, float(f)) for r, f in zip(self.rows, each, strict=True))


def pareto_evenness(laid: Study, found: Plan, limit_s: float) -> list[Table]:
    """Return how much demand can be served in all, the better the least served zone is served.

    Parameters
    ----------
    laid, found
        A plan laid out, and what is to be built.
    limit_s
        For the whole front, seconds.

    Returns
    -------
    list of Table
        ``pareto_evenness``, of the first demand with floors, else the first one, where there are
        two zones and the least served one can be served better than in the plan. Each row has a
        share that every zone reaches, the most that is served in all then, and which zone is the
        least served. It is of the last year; stations of other demands stay as the plan has them.
    """
    if not laid.demands or not found.held:
        return []
    demand = laid.floors[0][0] if laid.floors else 0
    own, zones = alone(laid, found, demand), _zones(laid, demand)
    if len(zones.index) < 2:  # noqa: PLR2004 - evenness is among several
        return []
    served = found.served[0, -1, laid.rows(demand)]
    least = float(zones.shares(own, served).min())
    clock = Clock(limit_s, STEPS + 2)
    most = clock.solve(_worst_zone(own, zones), own.units)
    if most.objective <= least + SAME:
        return []
    asked = np.linspace(least, most.objective, STEPS + 1)
    points = _front(own, zones, asked, most, served, clock)
    if len(points) < 2:  # noqa: PLR2004 - a curve has two ends
        return []
    names = [*zone_names(laid.zones).iloc[zones.index], ""]
    table = pd.DataFrame(
        {
            "least_zone_share": [point.asked for point in points],
            "served_share": [point.served for point in points],
            # What can be had with more evenness can be had with less.
            "bound_share": np.minimum.accumulate([point.bound for point in points]),
            "zone": [names[point.which] for point in points],
        }
    )
    fields = {
        "least_zone_share": _("Every zone at least"),
        "served_share": _("Share served in all"),
        "bound_share": _("At most possible"),
        "zone": _("Least served zone"),
    }
    spec, year = laid.demands[demand].spec, laid.settings.years[-1]
    title = _("What it costs to serve all zones more evenly ({demand})").format(demand=spec.title)
    note = _(
        "In {year}, from what the plan gives the least served zone to the most that can be had; "
        "no plan gives every zone more than {bound:.1%}. Stations of other demands stay as planned."
    ).format(year=year, bound=most.bound)
    curve = "least_zone_share", "served_share"
    return [Table("pareto_evenness", title, table, fields, None, curve, note, bound="bound_share")]


def _zones(laid: Study, demand: int) -> _Zones:
    own, floors = laid.demands[demand], zip(laid.floors, laid.problem.floors, strict=True)
    least = {zone: floor.least for (of, zone), floor in floors if of == demand}
    index = np.unique(own.zone[own.zone >= 0])
    rows = tuple(np.flatnonzero(own.zone == zone) for zone in index)
    whole = np.array([own.weight[r].sum() for r in rows])
    return _Zones(index, rows, whole, np.array([least.get(z, 0.0) for z in index.tolist()]))


def _worst_zone(own: Alone, zones: _Zones) -> Buildout:
    """Return the problem to serve the least served zone as well as can be."""
    each = np.zeros((len(zones.rows), len(own.problem.weight)))
    for number, rows in enumerate(zones.rows):
        each[number, rows] = own.problem.weight[rows]
    return replace(own.problem, floors=zones.floors(0.0), scenarios=each, aim="worst")


@dataclass(frozen=True)
class _Point:
    """What can be served in all with every zone at a share, and which zone is served least then.

    ``served`` is nan and ``which`` -1 where no such plan is known.
    """

    asked: float
    served: float
    which: int
    bound: float


def _front(
    own: Alone, zones: _Zones, asked: FloatArray, most: Plan, planned: FloatArray, clock: Clock
) -> list[_Point]:
    """Return a point for each share that can be had, ascending.

    The most even comes first, as each plan reaches all smaller shares, too.
    """
    points: list[_Point] = []
    known: list[tuple[float, int]] = []
    start: tuple[IntArray, ...] | None = most.units
    for share in asked[::-1].tolist():
        try:
            best = clock.solve(replace(own.problem, floors=zones.floors(share)), start)
        except Unmet:
            # Zones were asked for one by one: stations with a capacity cannot serve all at once.
            continue
        if best.held:
            start = best.units
            known.append((best.objective, int(zones.shares(own, best.served[0, 0]).argmin())))
        if share == asked[0]:
            known.append((own.share, int(zones.shares(own, planned).argmin())))
        served, which = max(known, key=itemgetter(0), default=(np.nan, -1))
        points.append(_Point(share, served, which, np.fmax(best.bound, served)))
    points.reverse()
    return points
