"""One kind of charging station as a result: figures, tables, layers to draw, and the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.charging.demand import CELL
from jxgis.charging.drawings import catchments, existing_drawing, unserved, zones_drawing
from jxgis.charging.explain import Explained, explained
from jxgis.charging.siting import TIME_RULE, Answer, Question, answer
from jxgis.charging.siting_notes import notes
from jxgis.charging.siting_tables import (
    CURVE_RULE,
    by_zone,
    curve_table,
    distances_by_zone,
    sites_table,
)
from jxgis.charging.where import FloatArray
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, Result, Solution, Table
from jxgis.rules import Rules

MEASURE = "charging.siting"


def siting(
    layers: Mapping[str, Layer],
    question: Question,
    *,
    ask_id: str = "charging-served",
    rules: Rules,
    as_of: dt.date | None = None,
) -> Result:
    """Choose the places of one kind of charging station, with proof.

    Parameters
    ----------
    layers
        The plan's layers by name: those that the settings name, and ``zones``, ``built_up``,
        ``streets`` and ``substations`` where there are any.
    question
        What is asked.
    ask_id
        Of the indicator that is made best.
    rules
        Radii, cells, time for the proof.
    as_of
        Date of the data.

    Returns
    -------
    Result
        ``solution`` has objective, bound and gap; the table ``sites`` says why each one is there.

    Raises
    ------
    InputError
        What `jxgis.charging.siting.answer` raises.
    """
    found = answer(question, layers, rules)
    tier = found.tier
    told = explained(found)
    served = (tier.served(np.empty(0, np.intp)), tier.served(found.solution.chosen, found.floors))
    is_cover = question.aim == "served"
    zones = by_zone(found, *served) if is_cover else distances_by_zone(found)
    crs = layers[tier.candidates.kind.candidates].data.crs
    tables = [sites_table(found, told, crs)]
    curve = None
    if is_cover and found.solution.status != "interrupted":
        curve = curve_table(found, rules[CURVE_RULE].value)
    tables += [curve] if curve is not None else []
    # Of one source alone the table would say nothing that the ledger does not.
    tables += [tier.demand.table] if len(tier.demand.spec.sources) > 1 else []
    used = [layers[name] for name in _used(question, layers)]
    solution = found.solution
    names = {*tier.demand.rules, *tier.candidates.rules, TIME_RULE}
    names |= {CURVE_RULE} if curve is not None else set()
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(crs),
        indicators=tuple(_indicators(ask_id, found, told)),
        by_zone=zones,
        layers=tuple(_drawings(found, tables[0], zones, served, rules, crs)),
        ledger=(
            *(row for layer in used for row in layer.ledger),
            *tier.demand.ledger,
            *tier.candidates.ledger,
            *tier.existing.ledger,
            *tier.roads.ledger,
            *notes(found, served[1], curve),
        ),
        inputs=tuple(dict.fromkeys(i for layer in used for i in layer.inputs)),
        rules=rules.cite(*sorted(names)),
        tables=tuple(tables),
        solution=Solution(
            _printed(solution.objective, found),
            _printed(solution.bound, found),
            solution.gap,
            solution.status,
            solution.seed,
        ),
        status="done" if solution.status == "optimal" else "time_limit",
    )


def _printed(value: float, found: Answer) -> float:
    """Return an objective as the reader knows it: a mean distance instead of a sum of them."""
    if found.question.aim == "median":
        return value / float(found.tier.demand.weight.sum())
    return value


def _used(question: Question, layers: Mapping[str, Layer]) -> list[str]:
    (spec,), (kind,) = question.settings.demands, question.settings.kinds
    names = [*(s.layer for s in spec.sources), kind.candidates, kind.existing or ""]
    names += ["zones", "built_up"]
    names += ["streets"] if question.settings.by == "streets" else []
    names += ["substations"] if kind.power_kw is not None else []
    return [name for name in dict.fromkeys(names) if name in layers]


def _indicators(name: str, found: Answer, told: Explained) -> Iterator[Indicator]:
    tier, question = found.tier, found.question
    whole, count = float(tier.demand.weight.sum()), len(found.solution.chosen)
    params: dict[str, Any] = {"unit_of_parts": tier.demand.spec.unit, "by": question.settings.by}
    if question.aim == "served":
        params |= {"radius_m": float(tier.candidates.radius_m.max())}
        before, after = float(tier.served(np.empty(0, np.intp)).sum()), found.solution.covered
        share = Indicator(
            name,
            after / whole,
            "1",
            numerator=after,
            denominator=whole,
            params=params,
            target=question.reach,
            met=None if question.reach is None else after >= question.reach * whole * (1 - 1e-9),
        )
        yield share
        if len(tier.there):
            yield replace(
                share,
                id=f"{name}-now",
                value=before / whole,
                numerator=before,
                target=None,
                met=None,
                beside=name,
            )
    else:
        which = "mean-distance" if question.aim == "median" else "farthest"
        value = _printed(found.solution.objective, found)
        yield Indicator(f"charging-{which}", value, "m", params=params, sense="at_most")
        if len(told.before) and np.isfinite(told.before[0]):
            now = _printed(float(told.before[0]), found)
            yield Indicator(
                f"charging-{which}-now",
                now,
                "m",
                params=params,
                sense="at_most",
                beside=f"charging-{which}",
            )
    more = {} if question.reach is None else {"bound": found.solution.bound}
    yield Indicator("charging-stations", float(count), "station", params=more)


def _drawings(
    found: Answer,
    sites: Table,
    zones: pd.DataFrame,
    served: tuple[FloatArray, FloatArray],
    rules: Rules,
    crs: Any,
) -> Iterator[Drawing]:
    tier, spec = found.tier, found.tier.demand.spec
    is_cover = found.question.aim == "served"
    chosen = sites.data["row"].to_numpy() - 1
    at = np.flatnonzero(np.isin(tier.candidates.row, chosen))
    if tier.zones is not None:
        titles = {
            "share_before": _("Served before"),
            "share_after": _("Served after"),
            "mean_distance_m": _("Mean distance"),
            "farthest_m": _("Farthest"),
        }
        fields = {column: title for column, title in titles.items() if column in zones}
        yield zones_drawing(tier.zones, zones, "share_after" if is_cover else None, fields)
    if is_cover:
        straight = tier.roads.network is None
        if straight and len(tier.existing.row):
            title = _("Within reach of the stations that there are")
            own = tier.existing
            yield catchments("reach_now", title, own.points, own.radius_m, crs, shown=False)
        if straight:
            title = _("Within reach of the chosen sites")
            own_radius = tier.candidates.radius_m[at]
            yield catchments("reach", title, tier.candidates.points[at], own_radius, crs)
        side = rules[CELL].value if spec.cell_m is None else spec.cell_m
        yield unserved(tier.demand, served[1], side, crs)
    if len(tier.existing.row):
        yield existing_drawing("chargers", _("Stations that there are"), tier.existing, crs)
    order = pd.Index(tier.candidates.row).get_indexer(pd.Index(chosen))
    data = gpd.GeoDataFrame(
        sites.data[list(sites.fields)],
        geometry=shapely.points(tier.candidates.points[order]),
        crs=crs,
    )
    yield Drawing("sites", _("Chosen sites"), "proposed", data, sites.fields)
