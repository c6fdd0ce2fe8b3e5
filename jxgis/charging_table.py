"""The ``[charging]`` table of a plan, read and checked for form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from jxgis.charging_spec import ChargingSettings, DemandSpec, Scenario, Source, StationKind
from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.toml_reader import TableReader

BY = ("straight", "streets")
"""How the distance between demand and stations can be measured."""

ONTO = ("cells", "points")
"""What demand can be summed onto, or left as."""

_SURE = 1e-9
"""Probabilities add up to 1 within this."""


def read_charging(table: TableReader, thresholds: Mapping[str, float]) -> ChargingSettings:
    """Read the ``[charging]`` table; its faults go to the table's list.

    Parameters
    ----------
    table
        The table, empty where the plan has none.
    thresholds
        What the plan's targets ask for, by their ids: the count of a kind of station that has none
        of its own.
    """
    if not list(table):
        return ChargingSettings()
    years = _whole_numbers(table, "years")
    if "years" not in table:
        table.fault(_("{key} is missing").format(key="years"), _("Write years = [2017, 2018]"))
    elif list(years) != sorted(set(years)):
        table.fault(_("years do not ascend"))
    demands = tuple(_read_demand(t) for t in _tables(table, "demand"))
    kinds = tuple(_read_kind(t, len(years), thresholds) for t in _tables(table, "kinds"))
    scenarios = tuple(_read_scenario(t) for t in _tables(table, "scenarios"))
    settings = ChargingSettings(
        years=years,
        year_weights=_read_weights(table, len(years)),
        by=table.choice("by", BY) or BY[0],
        demands=demands,
        kinds=kinds,
        scenarios=scenarios,
        budget=_read_budget(table, len(years)),
        budget_unit=table.title("budget_unit") or "",
    )
    _check_kinds(table, settings)
    _check_scenarios(table, settings)
    table.finish()
    return settings


def layer_faults(settings: ChargingSettings, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Find layers that the table names and that are not there, or cannot be what they are to be.

    Parameters
    ----------
    settings
        The table.
    kinds
        The kind of each of the plan's layers, by the layer's name.

    Yields
    ------
    problem, mend : tuple of str
        As an `InputError` has them.
    """
    wanted: dict[str, set[str]] = {}
    sources = (source for demand in settings.demands for source in demand.sources)
    for name in (source.layer for source in sources):
        wanted[name] = {"point", "line", "polygon"}
    for kind in settings.kinds:
        for name, geometry in ((kind.candidates, "polygon"), (kind.existing or "", "point")):
            wanted[name] = wanted.get(name, {"point", "polygon"}) & {"point", geometry}
    for name in sorted(name for name in wanted if name):
        own = KINDS.get(kinds.get(name, ""))
        if name not in kinds:
            yield (
                _("[charging] names a layer {name} that the plan does not have").format(name=name),
                _("Add [layers.{name}]").format(name=name),
            )
        elif own is not None and not wanted[name].intersection(own.geometry):
            yield (
                _("[charging] names {name}, which is of kind {kind}").format(
                    name=name, kind=own.name
                ),
                _("Give a layer of points, or of outlines where candidates are meant"),
            )


def _tables(table: TableReader, key: str) -> list[TableReader]:
    """Return a list of tables, named by their whole path, whose ids are distinct."""
    rows = table.tables(key)
    seen: set[str] = set()
    for row in rows:
        row.place = f"[[charging.{row.place.removeprefix('[[')}"
        own = row.required_text("id")
        if own and own in seen:
            row.fault(_("there is another one with this id"))
        seen.add(own)
    return rows


def _read_demand(table: TableReader) -> DemandSpec:
    own_id = table.required_text("id")
    sources = tuple(_read_source(t, table.place) for t in table.tables("sources"))
    if not sources:
        table.fault(
            _("{key} is missing").format(key="sources"),
            _('Write sources = [{ layer = "population" }]'),
        )
    named = [(source.layer, source.column) for source in sources]
    for layer, _column in sorted({own for own in named if named.count(own) > 1}, key=str):
        table.fault(_("{layer} is counted twice").format(layer=layer))
    shares = table.table("floors")
    floors = {zone_id: _share(shares, zone_id) or 0.0 for zone_id in shares}
    spec = DemandSpec(
        id=own_id,
        title=table.title("title") or own_id,
        unit=table.title("unit") or "",
        sources=sources,
        cell_m=table.positive("cell_m"),
        as_points=table.choice("onto", ONTO) == "points",
        value=_or(table.positive("value"), 1.0),
        floor=_share(table, "floor"),
        floors=floors,
    )
    if spec.as_points and spec.cell_m:
        table.fault(_("points have no cell_m"), _("Take out one of cell_m and onto"))
    table.finish()
    return spec


def _read_source(table: TableReader, place: str) -> Source:
    table.place = f"{place}: {table.place.replace('[[sources]]', 'sources')}"
    source = Source(
        layer=table.required_text("layer"),
        column=table.text("column"),
        weight=table.positive("weight"),
    )
    table.finish()
    return source


def _read_kind(table: TableReader, years: int, thresholds: Mapping[str, float]) -> StationKind:
    own_id = table.required_text("id")
    count = _read_count(table, own_id, thresholds)
    kind = StationKind(
        id=own_id,
        title=table.title("title") or own_id,
        demand=table.required_text("demand"),
        candidates=table.required_text("candidates"),
        count=count,
        by_year=_whole_numbers(table, "by_year"),
        classes=table.texts("classes"),
        existing=table.text("existing"),
        existing_classes=table.texts("existing_classes"),
        radius_m=table.positive("radius_m"),
        radius_outside_m=table.positive("radius_outside_m"),
        capacity=table.positive("capacity"),
        least_piles=_whole_number(table, "least_piles", 1),
        most_share=_share(table, "most_share"),
        cost=table.positive("cost"),
        power_kw=table.positive("power_kw"),
    )
    if kind.most_share == 0:
        table.fault(_("most_share is zero: no place could have a pile"))
    if kind.existing_classes and not kind.existing:
        table.fault(
            _("existing_classes is given without existing"),
            _("Add existing = with the layer of the stations that there are"),
        )
    if kind.by_year and years and len(kind.by_year) != years:
        table.fault(
            _("by_year has {count} numbers, and years has {years}").format(
                count=len(kind.by_year), years=years
            )
        )
    elif kind.by_year and sum(kind.by_year) != count:
        table.fault(
            _("by_year adds up to {total}, and count is {count}").format(
                total=sum(kind.by_year), count=count
            )
        )
    table.finish()
    return kind


def _read_count(table: TableReader, own_id: str, thresholds: Mapping[str, float]) -> int:
    """Return how many are to be built: as the table says, or as the target of the same id."""
    if "count" in table:
        return _whole_number(table, "count", 1) or 0
    wanted = thresholds.get(own_id)
    if wanted is None:
        table.fault(
            _("{key} is missing").format(key="count"),
            _("Add it, or give the kind the id of a target that says at_least"),
        )
    elif wanted < 1 or not wanted.is_integer():
        table.fault(_("the target asks for {count:g}, no number of stations").format(count=wanted))
    return int(wanted or 0)


def _read_scenario(table: TableReader) -> Scenario:
    own_id = table.required_text("id")
    if "probability" not in table:
        table.fault(_("{key} is missing").format(key="probability"))
    growth = table.table("growth")
    factors = {layer: _or(growth.positive(layer), 1.0) for layer in growth}
    scenario = Scenario(
        id=own_id,
        title=table.title("title") or own_id,
        probability=_or(_share(table, "probability"), 0.0),
        growth=factors,
        outside=_or(table.positive("outside"), 1.0),
    )
    table.finish()
    return scenario


def _read_weights(table: TableReader, years: int) -> tuple[float, ...]:
    """Return what each year counts: as many years as are left, unless the plan says otherwise."""
    weights = _numbers(table, "year_weights")
    if not weights:
        return tuple(float(years - i) for i in range(years))
    if years and len(weights) != years:
        table.fault(
            _("year_weights has {count} numbers, and years has {years}").format(
                count=len(weights), years=years
            )
        )
    elif min(weights) <= 0 or any(late > early for early, late in pairwise(weights)):
        table.fault(_("year_weights must be above zero, and no later year may count more"))
    return weights


def _read_budget(table: TableReader, years: int) -> tuple[float, ...]:
    """Return what may be spent until the end of each year; one number is spread evenly."""
    if not isinstance(table.raw("budget"), list):
        total = table.positive("budget")
        return () if total is None else tuple(total * (i + 1) / years for i in range(years))
    budget = _numbers(table, "budget")
    if not budget:
        return ()
    if years and len(budget) != years:
        table.fault(
            _("budget has {count} numbers, and years has {years}").format(
                count=len(budget), years=years
            ),
            _("Give one in all, or what may be spent until the end of each year"),
        )
    elif min(budget) < 0 or any(late < early for early, late in pairwise(budget)):
        table.fault(
            _("budget falls from one year to the next"),
            _("Write what may be spent from the start until the end of each year"),
        )
    return budget


def _check_kinds(table: TableReader, settings: ChargingSettings) -> None:
    known = [demand.id for demand in settings.demands]
    for kind in settings.kinds:
        if kind.demand and kind.demand not in known:
            table.fault(
                _("{kind} serves a demand {name} that is not there").format(
                    kind=kind.id, name=kind.demand
                ),
                _("There are: {names}").format(names=", ".join(known) or _("none")),
            )
        if settings.budget and kind.cost is None:
            table.fault(
                _("there is a budget, and {kind} has no cost").format(kind=kind.id),
                _("Add cost = with what one costs, in {unit}").format(
                    unit=settings.budget_unit or _("the budget's unit")
                ),
            )


def _check_scenarios(table: TableReader, settings: ChargingSettings) -> None:
    total = math.fsum(scenario.probability for scenario in settings.scenarios)
    if settings.scenarios and abs(total - 1) > _SURE:
        table.fault(
            _("the scenarios' probabilities add up to {total:g}, not 1").format(total=total)
        )
    counted = {source.layer for demand in settings.demands for source in demand.sources}
    for scenario in settings.scenarios:
        for layer in sorted(set(scenario.growth) - counted):
            table.fault(
                _("in scenario {scenario} {layer} grows, which no demand counts").format(
                    scenario=scenario.id, layer=layer
                ),
                _("Counted are: {names}").format(names=", ".join(sorted(counted)) or _("none")),
            )


def _numbers(table: TableReader, key: str) -> tuple[float, ...]:
    """Return a list of finite numbers, empty when the key is not there."""
    values = table.raw(key)
    if values is None:
        return ()
    if not isinstance(values, list) or not values or not all(_is_number(v) for v in values):
        table.fault(_("{key} must be {expected}").format(key=key, expected=_("a list of numbers")))
        return ()
    return tuple(float(value) for value in values)


def _whole_numbers(table: TableReader, key: str) -> tuple[int, ...]:
    values = _numbers(table, key)
    if any(value < 0 or not value.is_integer() for value in values):
        table.fault(
            _("{key} must be {expected}").format(
                key=key, expected=_("a list of whole numbers, none below zero")
            )
        )
        return ()
    return tuple(int(value) for value in values)


def _whole_number(table: TableReader, key: str, least: int) -> int | None:
    value = table.number(key)
    if value is not None and (value < least or not value.is_integer()):
        table.fault(
            _("{key} must be {expected}").format(
                key=key, expected=_("a whole number from {least} on").format(least=least)
            )
        )
        return None
    return None if value is None else int(value)


def _share(table: TableReader, key: str) -> float | None:
    value = table.number(key)
    if value is not None and not 0 <= value <= 1:
        table.fault(
            _("{key} must be {expected}").format(key=key, expected=_("a share from 0 to 1"))
        )
        return None
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
