"""The sites of a charging plan: what each is, when it is built, and why there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from jxgis.charging.plan_flows import is_limited, opened
from jxgis.charging.study import KindStudy, Study
from jxgis.charging.where import FloatArray, IntArray, zone_names
from jxgis.i18n import _
from jxgis.kernels.buildout import Plan
from jxgis.kernels.worth import worth
from jxgis.results import Table

NAME = "sites"


@dataclass(frozen=True)
class Site:
    """Why a station is where it is.

    Attributes
    ----------
    tier, candidate
        Its kind and place.
    year
        Index of the year in which it is built.
    piles
        How many it has in the last year, 1 of a station.
    alone
        Demand that is not served in the last year if it is not there.
    instead
        The candidate of its kind that would do best in its stead, -1 where there is none.
    swap
        Demand that the exchange would lose, on average over the years, the earlier of which count
        more; below zero where it would win some.
    """

    tier: int
    candidate: int
    year: int
    piles: int
    alone: float
    instead: int
    swap: float


def sites(laid: Study, found: Plan) -> list[Site]:
    """Explain every site of a plan, by kind, and by year in the order of the candidates."""
    explained: list[Site] = []
    for tier in range(len(laid.kinds)):
        built = found.built[tier]
        chosen = np.flatnonzero(built >= 0)
        chosen = chosen[np.argsort(built[chosen], kind="stable")]
        piles = found.units[tier][-1, chosen]
        alone, instead, swap = _why(laid, found, tier, chosen)
        explained += [
            Site(tier, int(j), int(built[j]), int(u), float(a), int(i), float(s))
            for j, u, a, i, s in zip(chosen, piles, alone, instead, swap, strict=True)
        ]
    return explained


def _why(
    laid: Study, found: Plan, tier: int, chosen: IntArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return what each site alone serves, what would do best in its stead, and what that costs."""
    own = laid.kinds[tier]
    same = [t for t, k in enumerate(laid.kinds) if k.demand == own.demand]
    if is_limited(laid, own.demand):
        return _of_flows(laid, found, tier, chosen)
    weight = laid.demands[own.demand].weight
    times = np.stack([_times(laid, found, same, t) for t in range(laid.problem.years)])
    year = laid.problem.year / laid.problem.year.sum()
    told = worth(own.covers, year[:, None] * weight, times, chosen, found.built[tier][chosen])
    last = worth(own.covers, weight, times[-1], chosen)
    return last.alone, told.instead, told.cost


def _times(laid: Study, found: Plan, tiers: list[int], year: int) -> FloatArray:
    """Return by how many stations of some kinds each demand is reached in a year."""
    reached = [
        np.asarray(laid.kinds[t].covered.sum(axis=1))
        + np.asarray(laid.kinds[t].covers @ (found.units[t][year] > 0))
        for t in tiers
    ]
    return np.asarray(np.rint(np.sum(reached, axis=0)))


def _of_flows(
    laid: Study, found: Plan, tier: int, chosen: IntArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return what each site alone serves in the last year where capacities are limited.

    What flows to the others is found anew without it. Exchanges are not looked for: each would be
    a plan of its own.
    """
    there = opened(laid, laid.kinds[tier].demand, found)
    whole = float(there.served().sum())
    alone = [whole - float(there.served(there.place(tier, int(j))).sum()) for j in chosen]
    return np.array(alone), np.full(len(chosen), -1), np.full(len(chosen), np.nan)


def sites_table(laid: Study, explained: list[Site], crs: Any) -> Table:
    """Return the sites as a table: kind, year, place, zone, and why there.

    Parameters
    ----------
    laid, explained
        The plan, and its sites.
    crs
        Of the points, metres.
    """
    years, names = laid.settings.years, zone_names(laid.zones).tolist()
    rows = []
    for number, site in enumerate(explained, 1):
        own = laid.kinds[site.tier]
        zone = int(own.candidates.zone[site.candidate])
        rows.append(
            {
                "number": number,
                "kind": own.kind.title,
                "year": years[site.year],
                "name": place_name(own, site.candidate),
                "zone": names[zone] if zone >= 0 else "",
                "piles": site.piles if own.kind.is_dispersed else None,
                "alone_demand": site.alone,
                "instead": place_name(own, site.instead),
                "swap_demand": site.swap,
                "unit": laid.demands[own.demand].spec.unit,
                "row": int(own.candidates.row[site.candidate]) + 1,
            }
        )
    columns = (
        *("number", "kind", "year", "name", "zone", "piles", "alone_demand", "instead"),
        *("swap_demand", "unit", "row"),
    )
    table = pd.DataFrame(rows, columns=list(columns))
    table["piles"] = table["piles"].astype("Int64")
    points = points_of(laid, explained)
    lon, lat = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(*points.T)
    table["lon"], table["lat"] = np.round(lon, 6), np.round(lat, 6)
    fields = {
        "number": _("No."),
        "kind": _("Kind"),
        "year": _("Year"),
        "name": _("Place"),
        "zone": _("Zone"),
        "piles": _("Piles"),
        "alone_demand": _("It alone serves"),
        "instead": _("Best place not chosen"),
        "swap_demand": _("The exchange would lose"),
        "unit": _("Unit"),
    }
    note = _(
        "What a place alone serves is demand of the last year that nobody serves without it. An "
        "exchange is for another place of the kind in the same year; what it would lose is a mean "
        "of the years, the earlier of which count more."
    )
    title = _("Sites by kind and year")
    return Table(NAME, title, table, _said(fields, table), NAME, note=note)


def _said(fields: dict[str, str], table: pd.DataFrame) -> dict[str, str]:
    return {c: t for c, t in fields.items() if (table[c].notna() & (table[c] != "")).any()}


def place_name(own: KindStudy, candidate: int) -> str:
    """Return a candidate's name, its row where it has none; empty for -1."""
    if candidate < 0:
        return ""
    row = int(own.candidates.row[candidate]) + 1
    return own.candidates.names[candidate] or _("row {row}").format(row=row)


def points_of(laid: Study, explained: list[Site]) -> FloatArray:
    """Return where the sites are, (n, 2) metres."""
    points = [laid.kinds[s.tier].candidates.points[s.candidate] for s in explained]
    return np.array(points, float).reshape(-1, 2)
