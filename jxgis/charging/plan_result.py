"""A charging plan as a result: all kinds of station and all years in one solve, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from jxgis.charging.demand import CELL
from jxgis.charging.drawings import catchments, existing_drawing, unserved, zones_drawing
from jxgis.charging.plan_flows import served_now
from jxgis.charging.plan_sites import Site, points_of, sites, sites_table
from jxgis.charging.plan_tables import (
    by_zone,
    full_places,
    limits_table,
    served_in,
    years_table,
    zone_fields,
)
from jxgis.charging.robust import robust
from jxgis.charging.study import Study, study
from jxgis.charging.tradeoff import tradeoffs
from jxgis.charging.where import zone_names
from jxgis.charging_spec import ChargingSettings
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.buildout import Plan, Unmet, solve
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, LedgerRow, Result, Solution, Table
from jxgis.rules import Rules

MEASURE = "charging.plan"

TIME_RULE, GAP_RULE = "charging.time_limit_s", "charging.gap"
OTHERS_RULE = "charging.others_time_limit_s"


def charging_plan(
    layers: Mapping[str, Layer],
    settings: ChargingSettings,
    *,
    rules: Rules,
    as_of: dt.date | None = None,
) -> Result:
    """Choose all charging stations of a plan, kind by kind and year by year, in one solve.

    Parameters
    ----------
    layers
        The plan's layers by name: those that the settings name, and ``zones``, ``built_up``,
        ``streets`` and ``substations`` where there are any.
    settings
        The plan's ``[charging]``.
    rules
        Radii, cells, limits of piles, time for the proof.
    as_of
        Date of the data.

    Returns
    -------
    Result
        ``solution`` has objective, bound and gap. The objective is the share of demand that is
        served, a mean over the demands by their value and over the years by their weights.

    Raises
    ------
    InputError
        What `jxgis.charging.study.study` raises; floors that cannot be met, with the best that can
        be had.
    """
    laid = study(settings, layers, rules)
    try:
        found = solve(laid.problem, time_limit_s=rules[TIME_RULE].value, gap=rules[GAP_RULE].value)
    except Unmet as error:
        raise _floor_fault(laid, error) from None
    explained = sites(laid, found)
    crs = layers[settings.kinds[0].candidates].data.crs
    zones = by_zone(laid, found)
    table = sites_table(laid, explained, crs)
    limit = rules[OTHERS_RULE].value
    others = tradeoffs(laid, found, limit / 2)
    scenarios = robust(laid, found, limit / 2, rules)
    used = [layers[name] for name in _used(settings, layers)]
    names = {*laid.rules, TIME_RULE, GAP_RULE, OTHERS_RULE}
    names |= set(scenarios.rules) if scenarios is not None else set()
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(crs),
        indicators=(
            *_indicators(laid, found),
            *(scenarios.indicators if scenarios is not None else ()),
        ),
        by_zone=zones,
        layers=tuple(_drawings(laid, found, explained, table, zones, rules, crs)),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *dict.fromkeys(_notes(laid, found)),
            *(scenarios.ledger if scenarios is not None else ()),
        ),
        inputs=tuple(dict.fromkeys(i for layer in used for i in layer.inputs)),
        rules=rules.cite(*sorted(names)),
        tables=(
            table,
            years_table(laid, found),
            limits_table(laid, found),
            *others,
            *([scenarios.table] if scenarios is not None else []),
            *(d.table for d in laid.demands),
        ),
        solution=Solution(found.objective, found.bound, found.gap, found.status, found.seed),
        status="done" if found.status == "optimal" else "time_limit",
    )


def _used(settings: ChargingSettings, layers: Mapping[str, Layer]) -> list[str]:
    names = [s.layer for d in settings.demands for s in d.sources]
    names += [n for k in settings.kinds for n in (k.candidates, k.existing or "")]
    names += ["zones", "built_up"]
    names += ["streets"] if settings.by == "streets" else []
    names += ["substations"] if any(k.power_kw is not None for k in settings.kinds) else []
    return [name for name in dict.fromkeys(names) if name in layers]


def _floor_fault(laid: Study, error: Unmet) -> InputError:
    """Say which floors cannot be met, and the best that can be had."""
    named = [
        _("{zone} ({demand})").format(
            zone=zone_names(laid.zones).iloc[zone], demand=laid.demands[demand].spec.title
        )
        for demand, zone in (laid.floors[i] for i in error.floors)
    ]
    mend = _("Lower the floor, raise the numbers or the budget, or give candidates there")
    if len(named) > 1:
        return InputError(
            _("the floors of {zones} cannot be met together").format(zones=", ".join(named)),
            mend=mend,
        )
    floor = laid.problem.floors[error.floors[0]]
    whole = float(laid.problem.weight[floor.rows].sum())
    return InputError(
        _("the floor of {zone} is {wanted:.2%}, and the best that can be had is {best:.2%}").format(
            zone=named[0], wanted=floor.least / whole, best=error.bound / whole
        ),
        mend=mend,
    )


def _indicators(laid: Study, found: Plan) -> Iterator[Indicator]:
    for number, demand in enumerate(laid.demands):
        whole = float(demand.weight.sum())
        name = f"charging-served-{demand.spec.id}"
        last = float(served_in(laid, found, number, -1).sum())
        now = float(served_now(laid, number).sum())
        params = {
            "title": demand.spec.title,
            "year": laid.settings.years[-1],
            "unit_of_parts": demand.spec.unit,
        }
        yield Indicator(name, last / whole, "1", numerator=last, denominator=whole, params=params)
        yield Indicator(
            f"charging-served-now-{demand.spec.id}",
            now / whole,
            "1",
            numerator=now,
            denominator=whole,
            params={k: v for k, v in params.items() if k != "year"},
            beside=name,
        )
    for own, units in zip(laid.kinds, found.units, strict=True):
        many, unit = ("piles", "pile") if own.kind.is_dispersed else ("stations", "station")
        params = {"title": own.kind.title, "planned": own.kind.count}
        built = float(units[-1].sum())
        yield Indicator(f"charging-{many}-{own.kind.id}", built, unit, params=params)
    if laid.settings.budget:
        cost = sum(
            float(u[-1] @ tier.costs)
            for u, tier in zip(found.units, laid.problem.tiers, strict=True)
        )
        unit = laid.settings.budget_unit or "count"
        yield Indicator("charging-cost", cost, unit, sense="at_most")


def _drawings(
    laid: Study,
    found: Plan,
    explained: list[Site],
    table: Table,
    zones: pd.DataFrame,
    rules: Rules,
    crs: Any,
) -> Iterator[Drawing]:
    if laid.zones is not None and laid.demands:
        titles = zone_fields(laid, zones)
        shares = [c for c in titles if c.startswith("share_") and c.endswith("_after")]
        yield zones_drawing(laid.zones, zones, shares[0], titles)
    for tier, own in enumerate(laid.kinds):
        at = [s.candidate for s in explained if s.tier == tier]
        if at and laid.roads.network is None and not own.beside_roads:
            title = _("Within reach of new ones: {kind}").format(kind=own.kind.title)
            places = own.candidates
            name = f"reach_{own.kind.id}"
            shown = own.demand == 0
            yield catchments(name, title, places.points[at], places.radius_m[at], crs, shown=shown)
    for number, demand in enumerate(laid.demands):
        side = rules[CELL].value if demand.spec.cell_m is None else demand.spec.cell_m
        yield unserved(demand, served_in(laid, found, number, -1), side, crs)
    for named, own in {k.kind.existing_classes: k for k in laid.kinds}.items():
        if len(own.existing.row):
            words = ", ".join(named)
            title = _("Stations that there are: {classes}").format(classes=words)
            title = title if words else _("Stations that there are")
            name = "_".join(["chargers", *named])
            yield existing_drawing(name, title, own.existing, crs)
    shapes = shapely.points(points_of(laid, explained))
    data = gpd.GeoDataFrame(table.data[list(table.fields)], geometry=shapes, crs=crs)
    data["group"] = [
        _("{kind}, {year}").format(kind=kind, year=year)
        for kind, year in zip(table.data["kind"], table.data["year"], strict=True)
    ]
    yield Drawing(table.name, _("New stations"), "sited", data, table.fields, group="group")


def _notes(laid: Study, found: Plan) -> Iterator[LedgerRow]:
    for demand in laid.demands:
        yield from demand.ledger
    yield from laid.substations.ledger
    for own in laid.kinds:
        yield from own.candidates.ledger
        yield from own.existing.ledger
    yield from laid.ledger
    yield from _short(laid, found)
    for tier, count in full_places(found):
        own = laid.kinds[tier]
        reason = _("{kind}: places that have as many as their spaces allow").format(
            kind=own.kind.title
        )
        yield LedgerRow("note", own.kind.candidates, count, reason)
    points = {d.spec.title: d.points for d in laid.demands}
    points |= {k.kind.title: k.candidates.points for k in laid.kinds}
    yield from laid.roads.linking(points)


def _short(laid: Study, found: Plan) -> Iterator[LedgerRow]:
    """Say of which kinds fewer are built than the plan wants, and why that can be."""
    for own, units in zip(laid.kinds, found.units, strict=True):
        built = int(units[-1].sum())
        if built < own.kind.count:
            reason = _(
                "{kind}: {built} of {count} are placed; another limit binds, or no place is left "
                "where one would add anything"
            ).format(kind=own.kind.title, built=built, count=own.kind.count)
            yield LedgerRow("note", own.kind.candidates, own.kind.count - built, reason)
    weights = zip(laid.settings.years, laid.settings.year_weights, strict=True)
    years = ", ".join(f"{year}: {weight:g}" for year, weight in weights)
    reason = _("what demand served in a year counts: {years}").format(years=years)
    yield LedgerRow("note", "charging", laid.problem.years, reason)
