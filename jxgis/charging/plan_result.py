"""A charging plan as a result: all kinds of station and all years in one solve, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.charging.demand import CELL
from jxgis.charging.drawings import catchments, existing_drawing, unserved, zones_drawing
from jxgis.charging.laying import KindStudy
from jxgis.charging.places import Existing
from jxgis.charging.plan_faults import floor_fault
from jxgis.charging.plan_flows import served_now
from jxgis.charging.plan_limits import limits_table
from jxgis.charging.plan_notes import notes
from jxgis.charging.plan_sites import Site, points_of, sites, sites_table
from jxgis.charging.plan_tables import by_zone, served_in, years_table, zone_fields
from jxgis.charging.robust import robust
from jxgis.charging.study import Study, named, study
from jxgis.charging.tradeoff import tradeoffs
from jxgis.charging_spec import ChargingSettings
from jxgis.i18n import _
from jxgis.kernels.buildout import Plan, Unmet, solve
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, Result, Solution, Table
from jxgis.rules import Rules

MEASURE = "charging.plan"

TIME_RULE, GAP_RULE = "charging.time_limit_s", "charging.gap"
TRADEOFF_RULE, ROBUST_RULE = "charging.tradeoff_time_limit_s", "charging.robust_time_limit_s"


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
        The plan's layers by name: those that the settings name, and of the kinds ``zones``,
        ``built_up``, ``streets`` and ``substations`` where there are any.
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

    Notes
    -----
    The four kinds of limit, number, budget, power and spaces, bind together: so all kinds and years
    are one programme, and none is chosen before another.
    """
    layers = named(layers)
    laid = study(settings, layers, rules)
    try:
        found = solve(laid.problem, time_limit_s=rules[TIME_RULE].value, gap=rules[GAP_RULE].value)
    except Unmet as error:
        raise floor_fault(laid, error) from None
    explained = sites(laid, found)
    crs = layers[settings.kinds[0].candidates].data.crs
    zones = by_zone(laid, found)
    table = sites_table(laid, explained, crs)
    # Whoever interrupts wants the plan, and not to wait for what is shown beside it.
    goes_on = found.status != "interrupted"
    others = tradeoffs(laid, found, rules[TRADEOFF_RULE].value) if goes_on else []
    scenarios = robust(laid, found, rules[ROBUST_RULE].value, rules) if goes_on else None
    used = [layers[name] for name in _used(settings, layers)]
    names = {*laid.rules, TIME_RULE, GAP_RULE, TRADEOFF_RULE, ROBUST_RULE}
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
            *dict.fromkeys(notes(laid, found)),
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
            # Of one source alone a table would say nothing that the ledger does not.
            *(d.table for d in laid.demands if len(d.spec.sources) > 1),
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
    for name, title, existing in _existing(laid):
        yield existing_drawing(name, title, existing, crs)
    shapes = shapely.points(points_of(laid, explained))
    data = gpd.GeoDataFrame(table.data[list(table.fields)], geometry=shapes, crs=crs)
    data["group"] = [
        _("{kind}, {year}").format(kind=kind, year=year)
        for kind, year in zip(table.data["kind"], table.data["year"], strict=True)
    ]
    yield Drawing(table.name, _("New stations"), "sited", data, table.fields, group="group")


def _existing(laid: Study) -> Iterator[tuple[str, str, Existing]]:
    """Give the stations that there are, by layer and classes: name, title and all of them."""
    groups: dict[tuple[str, tuple[str, ...]], list[KindStudy]] = {}
    for own in laid.kinds:
        key = own.kind.existing or "", own.kind.existing_classes
        if len(own.existing.row):
            groups.setdefault(key, []).append(own)
    for (layer, classes), kinds in groups.items():
        title = _("Stations that there are")
        if classes:
            served = _(", ").join(own.kind.title for own in kinds)
            title = _("Stations that there are: {kinds}").format(kinds=served)
        yield "_".join([layer, *classes]), title, _together([own.existing for own in kinds])


def _together(parts: list[Existing]) -> Existing:
    """Return stations that several kinds have among them, in the order of their layer."""
    row = np.concatenate([part.row for part in parts])
    order = np.argsort(row, kind="stable")
    names = [name for part in parts for name in part.names]
    return Existing(
        row[order],
        np.concatenate([part.points for part in parts])[order],
        tuple(names[i] for i in order),
        np.concatenate([part.posts for part in parts])[order],
        np.concatenate([part.is_core for part in parts])[order],
        np.concatenate([part.radius_m for part in parts])[order],
    )
