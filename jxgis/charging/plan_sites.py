"""The sites of a charging plan: what each is, when it is built, and why there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from jxgis.charging.plan_flows import is_limited, opened
from jxgis.charging.study import KindStudy, Study
from jxgis.charging.where import BoolArray, FloatArray, IntArray, zone_names
from jxgis.i18n import _, sentences
from jxgis.kernels.buildout import Plan
from jxgis.kernels.worth import worth
from jxgis.results import Table

NAME = "sites"

SLACK = 1e-9
"""Share of a power or a cost by which it may be above its limit: numbers are rounded."""


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
        How many it has by the end of each year, 1 of a station.
    alone
        Demand that is not served in the last year if it is not there.
    instead
        The candidate of its kind that would do best in its stead within number, room, power and
        budget, whatever the floors; -1 where there is none, or where none is looked for because
        stations have capacities.
    swap
        Demand that the exchange would lose, on average over the years, the earlier of which count
        more; below zero where it would win some. nan without an ``instead``.
    """

    tier: int
    candidate: int
    year: int
    piles: tuple[int, ...]
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
        piles = found.units[tier][:, chosen].T.tolist()
        alone, instead, swap = _why(laid, found, tier, chosen)
        explained += [
            Site(tier, int(j), int(built[j]), tuple(u), float(a), int(i), float(s))
            for j, u, a, i, s in zip(chosen, piles, alone, instead, swap, strict=True)
        ]
    return explained


def _why(
    laid: Study, found: Plan, tier: int, chosen: IntArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return what each site alone serves, what would do best in its stead, and what that costs."""
    own = laid.kinds[tier]
    if is_limited(laid, own.demand):
        # Each exchange would be a plan of its own, so none is looked for.
        there = opened(laid, own.demand, found)
        alone = there.alone(tier)[np.searchsorted(there.candidate_of(tier), chosen)]
        return alone, np.full(len(chosen), -1), np.full(len(chosen), np.nan)
    same = [t for t, k in enumerate(laid.kinds) if k.demand == own.demand]
    weight = laid.demands[own.demand].weight
    times = np.stack([_times(laid, found, same, t) for t in range(laid.problem.years)])
    year = laid.problem.year / laid.problem.year.sum()
    last = worth(own.covers, weight, times[-1], chosen)
    instead, swap = np.full(len(chosen), -1), np.full(len(chosen), np.nan)
    can = possible(laid, found, tier, chosen)
    for allowed, which in _alike(can):
        built = found.built[tier][chosen[which]]
        told = worth(own.covers, year[:, None] * weight, times, chosen[which], built, allowed)
        instead[which], swap[which] = told.instead, told.cost
    return last.alone, instead, swap


def _alike(allowed: BoolArray) -> Iterator[tuple[BoolArray, IntArray]]:
    """Give each different row of a table once, with the rows that are like it."""
    if not len(allowed):
        return
    rows, which = np.unique(allowed, axis=0, return_inverse=True)
    for number, row in enumerate(rows):
        yield row, np.flatnonzero(which.ravel() == number)


def possible(laid: Study, found: Plan, tier: int, chosen: IntArray) -> BoolArray:
    """Return which places can stand in for each site, within number, room, power and budget.

    Parameters
    ----------
    laid, found, tier
        The plan, and a kind of station of it.
    chosen
        (k,) its sites.

    Returns
    -------
    (k, n) array
        Each takes as many units as the site has in each year. Floors are not looked at.
    """
    own, units = laid.problem.tiers[tier], found.units[tier]
    here = units[:, chosen].T  # (k, T)
    most = here[:, -1:]
    can = (own.largest >= np.maximum(most, own.fewest)) & (found.built[tier] < 0)
    if len(laid.problem.feeder_limit) and own.power:
        left = laid.problem.feeder_limit - _drawn(laid, found)
        draws = most * own.power
        back = draws * (own.feeders[chosen][:, None] == own.feeders)
        free = np.where(own.feeders >= 0, left[own.feeders], np.inf)
        can &= draws <= free + back + SLACK * np.maximum(draws, 1.0)
    if laid.problem.budget is not None:
        spent = sum(u @ t.costs for u, t in zip(found.units, laid.problem.tiers, strict=True))
        left = laid.problem.budget - spent
        for t in range(laid.problem.years):
            more = here[:, t, None] * (own.costs - own.costs[chosen][:, None])
            can &= more <= left[t] + SLACK * max(1.0, float(laid.problem.budget[t]))
    return np.asarray(can)


def _drawn(laid: Study, found: Plan) -> FloatArray:
    """Return what the plan draws from each substation in the last year, kW."""
    drawn = np.zeros(len(laid.problem.feeder_limit))
    for tier, units in zip(laid.problem.tiers, found.units, strict=True):
        fed = tier.feeders >= 0
        np.add.at(drawn, tier.feeders[fed], tier.power * units[-1, fed])
    return drawn


def _times(laid: Study, found: Plan, tiers: list[int], year: int) -> FloatArray:
    """Return by how many stations of some kinds each demand is reached in a year."""
    reached = [
        np.asarray(laid.kinds[t].covered.sum(axis=1))
        + np.asarray(laid.kinds[t].covers @ (found.units[t][year] > 0))
        for t in tiers
    ]
    return np.asarray(np.rint(np.sum(reached, axis=0)))


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
                "piles": site.piles[-1] if own.kind.is_dispersed else None,
                **{
                    f"piles_{year}": count if own.kind.is_dispersed else None
                    for year, count in zip(years, site.piles, strict=True)
                },
                "alone_demand": site.alone,
                "instead": place_name(own, site.instead),
                "swap_demand": site.swap,
                "unit": laid.demands[own.demand].spec.unit,
                "row": int(own.candidates.row[site.candidate]) + 1,
            }
        )
    by_year = [f"piles_{year}" for year in years]
    columns = (
        *("number", "kind", "year", "name", "zone", "piles", *by_year),
        *("alone_demand", "unit", "instead", "swap_demand", "row"),
    )
    table = pd.DataFrame(rows, columns=list(columns))
    piles = ["piles", *by_year]
    table[piles] = table[piles].astype("Int64")
    points = points_of(laid, explained)
    lon, lat = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(*points.T)
    table["lon"], table["lat"] = np.round(lon, 6), np.round(lat, 6)
    title = _("Sites by kind and year")
    fields = _titles(table)
    if any(len(set(site.piles) - {0}) > 1 for site in explained):
        # Some places get more piles in a later year: the whole number does not say how many when.
        fields |= {f"piles_{year}": _("Piles by {year}").format(year=year) for year in years}
    return Table(NAME, title, table, _said(fields, table), NAME, note=_note(laid))


def _titles(table: pd.DataFrame) -> dict[str, str]:
    """Return the titles of the columns, with the unit where all sites have the same."""
    alone, swap = _("It alone serves"), _("The exchange would lose")
    units = set(table["unit"])
    if len(units) == 1 and "" not in units:
        (unit,) = units
        alone, swap = (_("{what} ({unit})").format(what=w, unit=unit) for w in (alone, swap))
    titles = {
        "number": _("No."),
        "kind": _("Kind"),
        "year": _("Year"),
        "name": _("Place"),
        "zone": _("Zone"),
        "piles": _("Piles"),
        "alone_demand": alone,
        "unit": _("Unit"),
        "instead": _("Best place not chosen"),
        "swap_demand": swap,
    }
    return titles if len(units) > 1 else {c: t for c, t in titles.items() if c != "unit"}


def _note(laid: Study) -> str:
    """Say what the numbers of the sites mean."""
    alone = _("What a place alone serves is demand of the last year that nobody serves without it.")
    limited = [is_limited(laid, k.demand) for k in laid.kinds]
    said = [alone]
    if any(limited):
        said.append(
            _(
                "Where stations can serve only so much, the others take over what they can, to "
                "within a hundred-thousandth of all demand; exchanges are not looked for there."
            )
        )
    if not all(limited):
        said.append(
            _(
                "An exchange is for another place of the kind in the same years, which the limits "
                "of room, power and budget allow, whatever the floors; what it would lose is a "
                "mean of the years, the earlier of which count more. Below zero it would win: then "
                "floors forbid it, or the plan is only as good as its gap says."
            )
        )
    return sentences(said)


def _said(fields: dict[str, str], table: pd.DataFrame) -> dict[str, str]:
    own = [c for c in table.columns if c in fields]
    return {c: fields[c] for c in own if (table[c].notna() & (table[c] != "")).any()}


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
