"""Counted targets: projects and sites, by their number or by a column added up.

A layer of sites has a column ``target`` with the id of the target that a site counts towards,
and may have ``amount`` (megawatts, posts, hectares) and ``completed`` (a date).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, LedgerRow, Result

MEASURE = "sites.count"


@dataclass(frozen=True)
class CountAsk:
    """What is counted: sites whose target is ``id``, by number or by a column's sum.

    With ``each_zone_at_least`` the value is the number of zones that reach it, and the
    denominator the number of all zones. ``zones`` restricts both to the zones with these ids.
    """

    id: str
    unit: str = "count"
    sum: str | None = None
    each_zone_at_least: float | None = None
    zones: tuple[str, ...] = ()


def counted(
    layers: Mapping[str, Layer], asks: Sequence[CountAsk], *, as_of: dt.date | None = None
) -> Result:
    """Count the sites of each ask, in all and by zone.

    Parameters
    ----------
    layers
        ``sites``, and ``zones`` where there are any.
    asks
        What to count. An ask that no site answers has no indicator: nothing listed is not zero.
    as_of
        Sites completed after this date do not count yet, and are on the ledger.

    Returns
    -------
    Result
        ``by_zone`` has a row a zone and ask, with ``sites`` and ``amount``.

    Raises
    ------
    InputError
        If a column to be added up is not there or holds no number.
    """
    sites, ledger = _completed(layers["sites"], as_of)
    zones = layers["zones"].data if "zones" in layers else None
    zone_row, several = _zone_rows(sites, zones)
    sites = sites.assign(zone_row=zone_row)
    if zones is not None:
        ledger += [*_outside(sites), *_in_several(several)]
    answered = [ask for ask in asks if (sites["target"] == ask.id).any()]
    tables = [_by_zone(sites, zones, ask, layers["sites"].name) for ask in answered]
    return Result(
        measure=MEASURE,
        as_of=as_of,
        crs=str(sites.crs),
        indicators=tuple(
            _indicator(ask, table) for ask, table in zip(answered, tables, strict=True)
        ),
        by_zone=pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(),
        layers=_drawings(sites, zones),
        ledger=(*layers["sites"].ledger, *ledger),
        inputs=tuple(
            i for name in ("sites", "zones") if name in layers for i in layers[name].inputs
        ),
    )


def _completed(layer: Layer, as_of: dt.date | None) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    if as_of is None or "completed" not in layer.data:
        return layer.data, []
    days = pd.to_datetime(layer.data["completed"], utc=True).dt.date
    undated = days.isna()
    late = ~undated & (days.fillna(dt.date.min) > as_of)
    rows = []
    if late.any():
        reason = _("completed after {date}, not counted").format(date=as_of.isoformat())
        rows.append(LedgerRow("excluded", layer.name, int(late.sum()), reason))
    if undated.any():
        reason = _("without a date of completion: counted")
        rows.append(LedgerRow("assumed", layer.name, int(undated.sum()), reason))
    return layer.data[~late], rows


def _zone_rows(
    sites: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None
) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], int]:
    """Return each site's zone by position, -1 outside all, and how many are in several.

    A site on a common border, or in zones that overlap, is in the first of them.
    """
    rows = np.full(len(sites), -1)
    if zones is None or sites.empty:
        return rows, 0
    points = sites.geometry.representative_point()
    found, zone = zones.sindex.query(points, predicate="intersects")
    first = np.full(len(sites), len(zones))
    np.minimum.at(first, found, zone)
    rows[found] = first[found]
    return rows, int((np.bincount(found, minlength=1) > 1).sum())


def _in_several(count: int) -> list[LedgerRow]:
    reason = _("in several zones: counted in the first of them only")
    return [LedgerRow("overlap", "sites", count, reason)] if count else []


def _outside(sites: gpd.GeoDataFrame) -> list[LedgerRow]:
    count = int((sites["zone_row"] < 0).sum())
    reason = _("outside every zone: counted in the total and in no zone")
    return [LedgerRow("outside", "sites", count, reason)] if count else []


def _by_zone(
    sites: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, ask: CountAsk, layer: str
) -> pd.DataFrame:
    own = sites[sites["target"] == ask.id]
    amounts = _amounts(own, ask, layer)
    groups = {-1: ("", _("outside every zone") if zones is not None else _("all"))}
    if zones is not None:
        ids, names = zones["zone_id"], zones["zone"]
        groups = dict(enumerate(zip(ids, names, strict=True))) | groups
    rows = []
    for number, (zone_id, zone) in groups.items():
        inside = (own["zone_row"] == number).to_numpy()
        if number >= 0 or inside.any():
            rows.append((zone_id, zone, ask.id, int(inside.sum()), float(amounts[inside].sum())))
    return pd.DataFrame(rows, columns=["zone_id", "zone", "target", "sites", "amount"])


def _amounts(own: gpd.GeoDataFrame, ask: CountAsk, layer: str) -> np.ndarray:
    if ask.sum is None:
        return np.ones(len(own))
    if ask.sum not in own:
        raise InputError(
            _("target {target} adds up a column {column} that is not there").format(
                target=ask.id, column=ask.sum
            ),
            layer=layer,
        )
    values = pd.to_numeric(own[ask.sum], errors="coerce").to_numpy(float)
    if np.isnan(values).any():
        raise InputError(
            _("{column} is no number").format(column=ask.sum),
            layer=layer,
            row=int(own.index[np.isnan(values)][0]) + 1,
        )
    return values


def _indicator(ask: CountAsk, table: pd.DataFrame) -> Indicator:
    asked = table["zone_id"].isin(ask.zones) if ask.zones else table["zone_id"].notna()
    names = ", ".join(table.loc[asked, "zone"]) if ask.zones else None
    if ask.each_zone_at_least is None:
        total = float(table.loc[asked, "amount"].sum())
        params = {"sum": ask.sum} if ask.sum else {}
        return Indicator(ask.id, total, ask.unit, params=params, zone=names)
    inside = asked & (table["zone_id"] != "")
    reached = float((table.loc[inside, "amount"] >= ask.each_zone_at_least).sum())
    return Indicator(
        ask.id,
        reached,
        "zone",
        numerator=reached,
        denominator=float(inside.sum()),
        params={"sum": ask.sum, "each_zone_at_least": ask.each_zone_at_least},
        zone=names,
    )


def _drawings(sites: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None) -> tuple[Drawing, ...]:
    titles = {
        "name": _("name"),
        "target": _("target"),
        "amount": _("amount"),
        "completed": _("completed"),
    }
    fields = {column: title for column, title in titles.items() if column in sites}
    points = sites[[*fields, "geometry"]].set_geometry(sites.geometry.representative_point())
    drawn = [Drawing("sites", _("Sites"), "points", points, fields)]
    if zones is not None:
        names = zones[["zone_id", "zone", "geometry"]]
        drawn.insert(0, Drawing("zones", _("Zones"), "zones", names, {"zone": _("zone")}))
    return tuple(drawn)
