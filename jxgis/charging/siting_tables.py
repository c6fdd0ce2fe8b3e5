"""The tables of one kind of station: the chosen sites, and how demand served grows with number."""

from __future__ import annotations

from time import monotonic

import numpy as np
import pandas as pd
import pyproj

from jxgis.charging.explain import Explained
from jxgis.charging.siting import Answer, Tier
from jxgis.charging.where import FloatArray, IntArray, zone_names
from jxgis.i18n import _, sentences
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
    tier, question = answer.tier, answer.question
    unit = tier.demand.spec.unit
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
    if question.aim == "served":
        whole = float(tier.demand.weight.sum())
        table["adds_demand"] = told.after - told.before
        table["share_after"] = told.after / whole
        table["alone_demand"] = told.alone
        table["instead"] = named(tier, _helpful(told))
        table["swap_demand"] = told.cost
        fields |= {
            "adds_demand": _("Adds"),
            "share_after": _("Served then"),
            "alone_demand": _("Alone"),
            "instead": _("Instead"),
            "swap_demand": _("Would lose"),
        }
        note = _(
            "In {unit}. Adds: what it serves besides those before it. Alone: what nobody would "
            "serve without it. Instead: the best place that was not chosen, and what that exchange "
            "would lose."
        ).format(unit=unit)
    else:
        per = 1.0 if question.aim == "center" else float(tier.demand.weight.sum())
        if question.aim == "median":
            table = table.join(_going(tier, told.order))
        table["distance_after_m"] = told.after / per
        table["alone_m"] = told.alone / per
        table["instead"] = named(tier, _helpful(told))
        table["swap_m"] = told.cost / per
        fields |= {
            "serves_demand": _("Serves"),
            "mean_m": _("From how far"),
            "distance_after_m": _("Distance then"),
            "alone_m": _("Without it"),
            "instead": _("Instead"),
            "swap_m": _("Would add"),
        }
        parts = [
            _("Instead: the best place that was not chosen, and what that exchange would add."),
        ]
        if not np.isnan(told.alone).all():
            parts.insert(0, _("Without it: how much longer the distance would be."))
        if question.aim == "median":
            serves = _("Serves: {unit}, and from how far on average.")
            parts.insert(0, serves.format(unit=unit))
        note = sentences(parts)
    table["lon"], table["lat"] = np.round(lon, 6), np.round(lat, 6)
    title = _("Chosen sites, each next one that which adds most")
    if np.isnan(told.after).any():
        title = _("Chosen sites")
    return Table("sites", title, table, _told(fields, table), "sites", note=note)


def _helpful(told: Explained) -> IntArray:
    """Return the best exchange of each site, -1 where it would be no better than nothing."""
    return np.where(told.cost >= told.alone, -1, told.instead)


def _told(fields: dict[str, str], table: pd.DataFrame) -> dict[str, str]:
    """Return the columns that say something, all of them where nothing was chosen."""
    return {
        c: t
        for c, t in fields.items()
        if c in table
        and (not len(table) or (table[c].notna() & (table[c].astype(str) != "")).any())
    }


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
    n, weight = len(tier.candidates.row), tier.demand.weight
    count = tier.candidates.kind.count or len(answer.solution.chosen)
    whole = float(weight.sum())
    end = monotonic() + limit_s
    numbers = _numbers(count, n)
    rows: list[tuple[int, float, float]] = []
    is_same = answer.question.reach is None and not answer.floors
    for k, number in enumerate(numbers):
        left = max(end - monotonic(), 0.0) / (len(numbers) - k)
        found = answer.solution
        if not (is_same and number == tier.candidates.kind.count):
            found = most(
                tier.covers,
                weight,
                number,
                fixed=tier.there,
                capacity=tier.capacity,
                time_limit_s=left,
            )
        if found.status == "interrupted":
            break
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
    note = _("Each number for itself: the best sites of one need not be those of the next.")
    if answer.floors:
        note = _(
            "Each number for itself and without floors: the best sites of one need not be those "
            "of the next."
        )
    return Table(
        "curve", title, table, fields, None, ("sites", "served_share"), note, "bound_share"
    )


def _numbers(count: int, n: int) -> list[int]:
    """Return the numbers of stations on the curve."""
    last = min(n, max(count + 1, round(count * BEYOND)))
    step = max(1, round(last / POINTS))
    return sorted({*range(0, last + 1, step), min(count, n), last})


def by_zone(answer: Answer, before: FloatArray, after: FloatArray) -> pd.DataFrame:
    """Return demand and what is served of it in each zone, and outside all of them.

    Parameters
    ----------
    answer
        Of demand served.
    before, after
        (m,) served demand without and with the chosen stations.
    """
    demand, spec = answer.tier.demand, answer.tier.demand.spec
    table, groups = _zones(answer.tier)
    for column, part in (("demand", demand.weight), ("served", after)):
        table[column] = _sums(demand.zone, groups, part)
    for column, part in (("share_before", before), ("share_after", after)):
        with np.errstate(invalid="ignore"):  # a zone without demand has no share
            table[column] = _sums(demand.zone, groups, part) / table["demand"]
    if answer.floors:
        floors = [spec.floors.get(z, spec.floor if z else None) for z in table["zone_id"]]
        table["floor_share"] = np.array(floors, float)
    return table


def distances_by_zone(answer: Answer) -> pd.DataFrame:
    """Return demand, and how far it is on average and at most to its station, in each zone.

    Parameters
    ----------
    answer
        Of a distance.
    """
    tier = answer.tier
    demand, ways = tier.demand, tier.ways(answer.solution.chosen)
    table, groups = _zones(tier)
    table["demand"] = _sums(demand.zone, groups, demand.weight)
    if ways is None:  # rounding alone can lead here: the answer serves all demand
        return table
    zone = demand.zone[ways.row]
    with np.errstate(invalid="ignore"):
        table["mean_distance_m"] = _sums(zone, groups, ways.amount * ways.distance) / _sums(
            zone, groups, ways.amount
        )
    there = [ways.distance[zone == z] for z in groups]
    table["farthest_m"] = [float(own.max()) if len(own) else np.nan for own in there]
    return table


def _zones(tier: Tier) -> tuple[pd.DataFrame, list[int]]:
    """Return a row a zone, and one for what lies in none, with the index of each."""
    names = zone_names(tier.zones)
    groups = [*range(len(names)), *([-1] if (tier.demand.zone < 0).any() else [])]
    ids, titles = [str(zone_id) for zone_id in names.index], names.tolist()
    if groups[-1] < 0:
        ids.append("")
        titles.append(_("outside every zone") if len(names) else _("all"))
    return pd.DataFrame({"zone_id": ids, "zone": titles}), groups


def _sums(zone: IntArray, groups: list[int], part: FloatArray) -> FloatArray:
    """Return the sum of some parts in each group."""
    return np.array([part[zone == z].sum() for z in groups], float)


def _going(tier: Tier, chosen: IntArray) -> pd.DataFrame:
    """Return what goes to each chosen station, and from how far on average."""
    ways, n = tier.ways(chosen), tier.reach.shape[1]
    if ways is None:
        return pd.DataFrame(index=range(len(chosen)))
    amount = np.bincount(ways.column, ways.amount, n)[chosen]
    far = np.bincount(ways.column, ways.amount * ways.distance, n)[chosen]
    with np.errstate(invalid="ignore"):
        return pd.DataFrame({"serves_demand": amount, "mean_m": far / amount})
