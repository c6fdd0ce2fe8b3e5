"""What a charging plan comes to: by zone, and year by year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jxgis.charging.plan_flows import served_now
from jxgis.charging.study import KindStudy, Study
from jxgis.charging.where import FloatArray, IntArray, zone_names, zone_of
from jxgis.i18n import _
from jxgis.kernels.buildout import Plan
from jxgis.results import Table


def served_in(laid: Study, found: Plan, demand: int, year: int) -> FloatArray:
    """Return what is served of a demand in a year, (m,)."""
    share = found.served[0, year, laid.rows(demand)]
    return np.asarray(share * laid.demands[demand].weight)


def by_zone(laid: Study, found: Plan) -> pd.DataFrame:
    """Return a row a zone: demand, what is served of it without and with the plan, and piles.

    What lies outside every zone has a row of its own, the last. Where piles are counted,
    ``demand_per_pile`` is the demand that the first kind of them serves for each of ``piles``, the
    new ones, and ``posts_before``, the posts of the stations that there are for that demand.
    """
    names = zone_names(laid.zones)
    now = [served_now(laid, number) for number in range(len(laid.demands))]
    piled = pile_demand(laid)
    posts = _posts(laid, piled)
    outside = any((d.zone < 0).any() for d in laid.demands)
    outside |= any(
        bool(((k.candidates.zone < 0) & (units[-1] > 0)).any())
        for k, units in zip(laid.kinds, found.units, strict=True)
    )
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
        row["stations"] = _built(laid, found, zone, [k for k in laid.kinds if not _is_piles(k)])
        if piled is not None:
            row["piles"] = _built(laid, found, zone, [k for k in laid.kinds if _is_piles(k)])
            demand = laid.demands[piled]
            total = float(demand.weight[demand.zone == zone].sum())
            own_kinds = [k for k in laid.kinds if _is_piles(k) and k.demand == piled]
            row["posts_before"] = float(sum(p[at == zone].sum() for at, p in posts))
            piles = _built(laid, found, zone, own_kinds) + row["posts_before"]
            row["demand_per_pile"] = total / piles if piles else None
        rows.append(row)
    table = pd.DataFrame(rows)
    return (
        table
        if any(len(p) for _at, p in posts)
        else table.drop(columns=["posts_before"], errors="ignore")
    )


def pile_demand(laid: Study) -> int | None:
    """Return the index of the demand that the first kind of piles serves, None without piles."""
    return next((k.demand for k in laid.kinds if _is_piles(k)), None)


def _posts(laid: Study, demand: int | None) -> list[tuple[IntArray, FloatArray]]:
    """Return zones and posts of the stations that there are for a demand, one where not known."""
    return [
        (zone_of(k.existing.points, laid.zones), np.nan_to_num(k.existing.posts, nan=1.0))
        for k in laid.kinds
        if k.demand == demand
    ]


def _is_piles(own: KindStudy) -> bool:
    return own.kind.is_dispersed


def _share(part: float, whole: float) -> float | None:
    return float(part) / whole if whole else None


def _built(laid: Study, found: Plan, zone: int, kinds: list[KindStudy]) -> int:
    """Return how many units of some kinds are built in a zone in all the years."""
    return sum(
        int(units[-1, own.candidates.zone == zone].sum())
        for own, units in zip(laid.kinds, found.units, strict=True)
        if any(own is kind for kind in kinds)
    )


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
    piled = pile_demand(laid)
    unit = laid.demands[piled].spec.unit if piled is not None else ""
    per_pile = _("Demand for each pile and post")
    if unit:
        per_pile = _("{unit} for each pile and post").format(unit=unit)
    titles |= {
        "stations": _("New stations"),
        "piles": _("New piles"),
        "posts_before": _("Posts that there are"),
        "demand_per_pile": per_pile,
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
            unit = laid.settings.budget_unit
            fields["cost"] = _("Cost ({unit})").format(unit=unit) if unit else _("Cost")
        for number, demand in enumerate(laid.demands):
            column = f"served_{demand.spec.id.replace('-', '_')}_share"
            served = float(served_in(laid, found, number, t).sum())
            row[column] = served / float(demand.weight.sum())
            fields[column] = _("Served: {demand}").format(demand=demand.spec.title)
        rows.append(row)
    title = _("Year by year: what is built, and what is served then")
    return Table("years", title, pd.DataFrame(rows), fields)
