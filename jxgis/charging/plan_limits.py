"""Which limits hold a charging plan back: those that are reached, and those too near for one more.

Where one more station costs more than is left, or draws more power, the limit holds the plan back
as if it were reached: what is left of it is no use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from jxgis.charging.study import Study
from jxgis.charging.where import FloatArray, IntArray, zone_names
from jxgis.i18n import _
from jxgis.kernels.buildout import Limit, Plan
from jxgis.results import Table

TOUCHES = 1e-6
"""A limit binds where less than this share of it is left."""

PRICED = 1e-9
"""A floor holds the relaxed programme back where a whole of demand less would add more than this,
as a share of all demand."""


def limits_table(laid: Study, found: Plan) -> Table:
    """Return the limits that hold the plan back, and what one more of each would add.

    Parameters
    ----------
    laid, found
        The plan.

    Returns
    -------
    Table
        A row a limit and year. ``left`` is what is left of it; ``why`` which kinds that are short
        of their number it is too little for, empty where nothing is left.
    """
    rows = list(_rows(laid, found))
    columns = ["limit", "year", "at_most", "used", "left", "why", "adds_share"]
    table = pd.DataFrame(rows, columns=columns)
    fields = {
        "limit": _("What limits the plan"),
        "year": _("Year"),
        "at_most": _("Limit"),
        "used": _("Used"),
        "left": _("Left"),
        "why": _("Too little is left for one more"),
        "adds_share": _("One more would add"),
    }
    for column in ("left", "why"):
        if not table[column].astype(bool).any():
            table, fields = table.drop(columns=column), _without(fields, column)
    note = _(
        "What one more would add is a share of all demand, over demands by their value and over "
        "years by their weight, as the relaxed programme prices it; a whole plan gains at most "
        "{more:.2%} beyond that. It is not known of a year that allows none. A limit is also named "
        "where what is left of it is too little for one more of a kind that is short of its number."
    ).format(more=_rounded_up(max(found.lp_bound - found.objective, 0.0)))
    if any(limit.kind == "floor" for limit in found.limits):
        note = _(
            "{note} A floor is named where the plan could serve more in all without it."
        ).format(note=note)
    return Table("limits", _("Which limits bind"), table, fields, note=note)


def _rounded_up(share: float) -> float:
    """Return a share in whole hundredths of a percent, so that what is at most it stays so."""
    return max(0.0, float(np.ceil(share * 1e4 - TOUCHES))) / 1e4


def _without(fields: dict[str, str], column: str) -> dict[str, str]:
    return {name: title for name, title in fields.items() if name != column}


def _rows(laid: Study, found: Plan) -> Iterator[dict[str, Any]]:
    for limit in found.limits:
        short = _short(laid, found, limit)
        if not (_is_reached(laid, limit) or short):
            continue
        left = max(limit.slack, 0.0)
        is_floor = limit.kind == "floor"
        yield {
            "limit": _name(laid, limit),
            "year": laid.settings.years[limit.year],
            "at_most": limit.limit,
            "used": limit.used,
            "left": 0.0 if is_floor or left <= TOUCHES * max(abs(limit.limit), 1.0) else left,
            "why": _(", ").join(short),
            "adds_share": limit.price if _is_priced(laid, limit) else None,
        }


def _is_priced(laid: Study, limit: Limit) -> bool:
    """Tell whether the relaxed programme prices a limit as the note says.

    Where a year allows fewer of a kind than one place gets, the programme has no places to build
    in that year, and so no price for another one.
    """
    if limit.kind == "floor" or not np.isfinite(limit.price):
        return False
    return limit.kind != "count" or limit.limit >= laid.problem.tiers[limit.index].fewest


def _is_reached(laid: Study, limit: Limit) -> bool:
    if limit.kind == "spaces":
        return False  # counted together in the ledger
    if limit.kind == "floor":
        whole = float(laid.problem.weight[laid.problem.floors[limit.index].rows].sum())
        is_priced = bool(np.isfinite(limit.price)) and limit.price * whole > PRICED
        return is_priced or limit.slack <= TOUCHES * whole
    return limit.slack <= TOUCHES * max(abs(limit.limit), 1.0)


def _short(laid: Study, found: Plan, limit: Limit) -> list[str]:
    """Return the kinds short of their number that a budget or feeder has too little left for."""
    if limit.kind not in {"budget", "feeder"}:
        return []
    kinds = []
    for k, (own, tier) in enumerate(zip(laid.kinds, laid.problem.tiers, strict=True)):
        if found.units[k][limit.year].sum() >= tier.count[limit.year]:
            continue
        more = _more(found, k, limit.year, tier.fewest, tier.largest)
        if limit.kind == "budget":
            needs = more * tier.costs
        else:
            needs = np.where(tier.feeders == limit.index, more * tier.power, 0.0)
        needs = needs[needs > 0]
        if len(needs) and needs.min() > limit.slack * (1 + TOUCHES):
            kinds.append(own.kind.title)
    return kinds


def _more(found: Plan, tier: int, year: int, fewest: int, largest: IntArray) -> FloatArray:
    """Return how many units each place would get if it got more by a year, 0 where none fit."""
    there = np.asarray(found.units[tier][year], float)
    more = np.where(there > 0, 1.0, float(fewest))
    return np.asarray(np.where((largest >= fewest) & (there < largest), more, 0.0))


def _name(laid: Study, limit: Limit) -> str:
    if limit.kind == "count":
        return _("number: {kind}").format(kind=laid.kinds[limit.index].kind.title)
    if limit.kind == "budget":
        unit = laid.settings.budget_unit
        return _("budget ({unit})").format(unit=unit) if unit else _("budget")
    if limit.kind == "feeder":
        names = laid.substations.names
        own = names[limit.index]
        if not own or names.count(own) > 1:
            own = _("{name} (no. {number})").format(
                name=own or _("substation"), number=limit.index + 1
            )
        return _("power at {name} (kW)").format(name=own)
    demand, zone = laid.floors[limit.index]
    spec = laid.demands[demand].spec
    of = f"{spec.title}, {spec.unit}" if spec.unit else spec.title
    return _("floor of {zone}: {demand}").format(zone=zone_names(laid.zones).iloc[zone], demand=of)


def full_places(found: Plan) -> Iterator[tuple[int, int]]:
    """Give each kind of piles with the number of its places that have no room for more."""
    full = [limit.index for limit in found.limits if limit.kind == "spaces"]
    for tier in sorted(set(full)):
        yield tier, full.count(tier)
