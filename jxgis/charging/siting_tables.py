"""The tables of one kind of station: the chosen sites, and how demand served grows with number."""

from __future__ import annotations

from time import monotonic

import numpy as np
import pandas as pd
import pyproj

from jxgis.charging.explain import Explained
from jxgis.charging.siting import Answer, Tier
from jxgis.charging.where import FloatArray, IntArray, zone_names
from jxgis.i18n import _
from jxgis.kernels.facilities import most
from jxgis.results import Table

CURVE_RULE = "charging.curve_time_limit_s"

POINTS = 12
"""The curve has about as many points up to the number of stations, and some beyond it."""

BEYOND = 1.5
"""The curve goes on to this many times the number of stations."""


def sites_table(answer: Answer, told: Explained, crs: object) -> Table:
    """Return the chosen sites, in the order in which each adds most.

    Parameters
    ----------
    answer, told
        What was found, and what is known of each site.
    crs
        Of the points, metres.
    """
    tier, unit = answer.tier, answer.tier.demand.spec.unit
    own = tier.candidates
    points = own.points[told.order]
    lon, lat = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(*points.T)
    table = pd.DataFrame(
        {
            "number": np.arange(1, len(told.order) + 1),
            "row": own.row[told.order] + 1,
            "name": named(tier, told.order),
            "zone": zones_of(tier, own.zone[told.order]),
        }
    )
    fields = {"number": _("Order"), "name": _("Place"), "zone": _("Zone")}
    if answer.question.aim == "served":
        whole = float(tier.demand.weight.sum())
        table["adds_demand"] = told.after - told.before
        table["share_after"] = told.after / whole
        table["alone_demand"] = told.alone
        table["instead"] = named(tier, told.instead)
        table["swap_demand"] = told.cost
        fields |= {
            "adds_demand": _("Adds ({unit})").format(unit=unit),
            "share_after": _("Share served then"),
            "alone_demand": _("It alone serves ({unit})").format(unit=unit),
            "instead": _("Best place not chosen"),
            "swap_demand": _("The exchange would lose ({unit})").format(unit=unit),
        }
    else:
        per = 1.0 if answer.question.aim == "center" else float(tier.demand.weight.sum())
        table["distance_after_m"] = told.after / per
        table["alone_m"] = told.alone / per
        table["instead"] = named(tier, told.instead)
        table["swap_m"] = told.cost / per
        fields |= {
            "distance_after_m": _("Distance then"),
            "alone_m": _("Farther without it by"),
            "instead": _("Best place not chosen"),
            "swap_m": _("The exchange would add"),
        }
    table["lon"], table["lat"] = np.round(lon, 6), np.round(lat, 6)
    title = _("Chosen sites, each next one that which adds most")
    return Table("sites", title, table, _told(fields, table), "sites")


def _told(fields: dict[str, str], table: pd.DataFrame) -> dict[str, str]:
    return {c: t for c, t in fields.items() if (table[c].astype(str) != "").any()}


def named(tier: Tier, candidates: IntArray) -> list[str]:
    """Return the names of candidates, their numbers where they have none; empty for -1."""
    names, rows = tier.candidates.names, tier.candidates.row
    return [
        "" if j < 0 else names[j] or _("row {row}").format(row=int(rows[j]) + 1)
        for j in np.asarray(candidates).tolist()
    ]


def zones_of(tier: Tier, zone: IntArray) -> list[str]:
    """Return the names of zones by their index, empty for -1."""
    names = zone_names(tier.zones).tolist()
    return [names[z] if z >= 0 else "" for z in zone.tolist()]


def curve_table(answer: Answer, limit_s: float) -> Table | None:
    """Return how much demand the best of each number of stations serve, with its bound.

    Parameters
    ----------
    answer
        Of demand served.
    limit_s
        For the whole curve, seconds.
    """
    tier = answer.tier
    count, n = len(answer.solution.chosen), len(tier.candidates.row)
    weight = tier.demand.weight
    whole = float(weight.sum())
    end = monotonic() + limit_s
    numbers = _numbers(count, n)
    rows: list[tuple[int, float, float]] = []
    for k, number in enumerate(numbers):
        left = max(end - monotonic(), 0.0) / (len(numbers) - k)
        found = most(
            tier.covers, weight, number, fixed=tier.there, capacity=tier.capacity, time_limit_s=left
        )
        rows.append((number, found.objective / whole, found.bound / whole))
    if len(rows) < 2:  # noqa: PLR2004 - a curve has two ends
        return None
    table = pd.DataFrame(rows, columns=["sites", "served_share", "bound_share"])
    # A larger number serves at least as much, and a smaller one no more.
    table["served_share"] = np.maximum.accumulate(table["served_share"])
    table["bound_share"] = np.minimum.accumulate(table["bound_share"][::-1])[::-1]
    fields = {
        "sites": _("New stations"),
        "served_share": _("Share served"),
        "bound_share": _("At most possible"),
    }
    title = _("How much so many stations serve")
    note = _(
        "Each number for itself, without floors: the best sites of one need not be those of the "
        "next."
    )
    return Table(
        "curve", title, table, fields, None, ("sites", "served_share"), note, "bound_share"
    )


def _numbers(count: int, n: int) -> list[int]:
    """Return the numbers of stations on the curve."""
    last = min(n, max(count + 1, round(count * BEYOND)))
    step = max(1, round(last / POINTS))
    return sorted({*range(0, last + 1, step), min(count, n), last})


def by_zone(tier: Tier, before: FloatArray, after: FloatArray) -> pd.DataFrame:
    """Return demand and what is served of it in each zone, and outside all of them.

    Parameters
    ----------
    tier
        Its demand lies in the zones.
    before, after
        (m,) served demand without and with the chosen stations.
    """
    demand = tier.demand
    names = zone_names(tier.zones)
    groups = [*range(len(names)), *([-1] if (demand.zone < 0).any() else [])]
    weight = demand.weight
    rows = []
    for zone in groups:
        own = demand.zone == zone
        total = float(weight[own].sum())
        rows.append(
            {
                "zone_id": str(names.index[zone]) if zone >= 0 else "",
                "zone": names.iloc[zone]
                if zone >= 0
                else (_("outside every zone") if len(names) else _("all")),
                "demand": total,
                "served": float(after[own].sum()),
                "share_before": float(before[own].sum()) / total if total else None,
                "share_after": float(after[own].sum()) / total if total else None,
            }
        )
    return pd.DataFrame(rows)
