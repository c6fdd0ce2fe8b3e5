"""What a charging plan comes to: by zone, by year, and which limits hold it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from jxgis.charging.plan_flows import served_now
from jxgis.charging.study import Study
from jxgis.charging.where import FloatArray, zone_names
from jxgis.i18n import _
from jxgis.kernels.buildout import Limit, Plan
from jxgis.results import Table

TOUCHES = 1e-6
"""A limit binds where less than this share of it is left."""


def served_in(laid: Study, found: Plan, demand: int, year: int) -> FloatArray:
    """Return what is served of a demand in a year, (m,)."""
    share = found.served[0, year, laid.rows(demand)]
    return np.asarray(share * laid.demands[demand].weight)


def by_zone(laid: Study, found: Plan) -> pd.DataFrame:
    """Return a row a zone: demand, what is served of it without and with the plan, and piles."""
    names = zone_names(laid.zones)
    now = [served_now(laid, number) for number in range(len(laid.demands))]
    piled = next((laid.demands[k.demand] for k in laid.kinds if k.kind.is_dispersed), None)
    outside = any((d.zone < 0).any() for d in laid.demands)
    rows = []
    for zone in [*range(len(names)), *([-1] if outside else [])]:
        row: dict[str, Any] = {
            "zone_id": str(names.index[zone]) if zone >= 0 else "",
            "zone": names.iloc[zone]
            if zone >= 0
            else (_("outside every zone") if len(names) else _("all")),
        }
        for number, demand in enumerate(laid.demands):
            own, name = demand.zone == zone, demand.spec.id.replace("-", "_")
            total = float(demand.weight[own].sum())
            last = served_in(laid, found, number, -1)
            row[f"demand_{name}"] = total
            row[f"share_{name}_before"] = _share(now[number][own].sum(), total)
            row[f"share_{name}_after"] = _share(last[own].sum(), total)
        row["stations"], row["piles"] = _built(laid, found, zone)
        if piled is not None:
            total = float(piled.weight[piled.zone == zone].sum())
            row["demand_per_pile"] = total / row["piles"] if row["piles"] else None
        rows.append(row)
    return pd.DataFrame(rows)


def _share(part: float, whole: float) -> float | None:
    return float(part) / whole if whole else None


def _built(laid: Study, found: Plan, zone: int) -> tuple[int, int]:
    stations = piles = 0
    for own, units in zip(laid.kinds, found.units, strict=True):
        count = int(units[-1, own.candidates.zone == zone].sum())
        if own.kind.is_dispersed:
            piles += count
        else:
            stations += count
    return stations, piles


def zone_fields(laid: Study, table: pd.DataFrame) -> dict[str, str]:
    """Return titles of the columns of the table by zone."""
    titles: dict[str, str] = {}
    for demand in laid.demands:
        name, said = demand.spec.id.replace("-", "_"), demand.spec.title
        titles |= {
            f"demand_{name}": f"{said} ({demand.spec.unit})" if demand.spec.unit else said,
            f"share_{name}_before": _("{demand}: served before").format(demand=said),
            f"share_{name}_after": _("{demand}: served after").format(demand=said),
        }
    titles |= {
        "stations": _("New stations"),
        "piles": _("New piles"),
        "demand_per_pile": _("Demand for each new pile"),
    }
    return {column: titles[column] for column in table.columns if column in titles}


def years_table(laid: Study, found: Plan) -> Table:
    """Return a row a year: what is built in it of each kind, what it costs, and what is served."""
    rows = []
    fields = {"year": _("Year")}
    for t, year in enumerate(laid.settings.years):
        row: dict[str, Any] = {"year": year}
        cost = 0.0
        for own, units, tier in zip(laid.kinds, found.units, laid.problem.tiers, strict=True):
            new = units[t] - (units[t - 1] if t else 0)
            column = f"new_{own.kind.id.replace('-', '_')}"
            row[column] = int(new.sum())
            fields[column] = own.kind.title
            cost += float(new @ tier.costs)
        if laid.settings.budget:
            row["cost"] = cost
            fields["cost"] = _("Cost ({unit})").format(unit=laid.settings.budget_unit)
        for number, demand in enumerate(laid.demands):
            column = f"served_{demand.spec.id.replace('-', '_')}_share"
            served = float(served_in(laid, found, number, t).sum())
            row[column] = served / float(demand.weight.sum())
            fields[column] = _("Served: {demand}").format(demand=demand.spec.title)
        rows.append(row)
    title = _("Year by year: what is built, and what is served then")
    return Table("years", title, pd.DataFrame(rows), fields)


def limits_table(laid: Study, found: Plan) -> Table:
    """Return the limits that the plan touches, and what one more of each would add at most."""
    rows = [_limit_row(laid, limit) for limit in found.limits if _binds(limit)]
    columns = ["limit", "year", "at_most", "used", "adds_share"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.groupby(["limit", "year"], sort=False, as_index=False).first()
    fields = {
        "limit": _("What limits the plan"),
        "year": _("Year"),
        "at_most": _("Limit"),
        "used": _("Used"),
        "adds_share": _("One more would add at most"),
    }
    note = _(
        "What one more would add is a share of all demand, on average over the years, as the "
        "relaxed programme prices it: of no limit can it be more."
    )
    return Table("limits", _("Which limits bind"), table, fields, note=note)


def _binds(limit: Limit) -> bool:
    if limit.kind == "spaces":
        return False  # counted together in the ledger
    return limit.slack <= TOUCHES * max(abs(limit.limit), 1.0)


def _limit_row(laid: Study, limit: Limit) -> dict[str, Any]:
    price = limit.price if np.isfinite(limit.price) else None
    return {
        "limit": _limit_name(laid, limit),
        "year": laid.settings.years[limit.year],
        "at_most": limit.limit,
        "used": limit.used,
        "adds_share": None if limit.kind == "floor" else price,
    }


def _limit_name(laid: Study, limit: Limit) -> str:
    if limit.kind == "count":
        return _("number: {kind}").format(kind=laid.kinds[limit.index].kind.title)
    if limit.kind == "budget":
        return _("budget ({unit})").format(unit=laid.settings.budget_unit)
    if limit.kind == "feeder":
        name = laid.substations.names[limit.index] or str(limit.index + 1)
        return _("power at {name} (kW)").format(name=name)
    demand, zone = laid.floors[limit.index]
    return _("floor of {zone}: {demand}").format(
        zone=zone_names(laid.zones).iloc[zone], demand=laid.demands[demand].spec.title
    )


def full_places(found: Plan) -> Iterator[tuple[int, int]]:
    """Give each kind of piles with the number of its places that have no room for more."""
    full = [limit.index for limit in found.limits if limit.kind == "spaces"]
    for tier in sorted(set(full)):
        yield tier, full.count(tier)
