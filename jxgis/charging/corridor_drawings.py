"""An audit of expressways drawn: never used for a figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.charging.carriageways import Carriageway
from jxgis.charging.corridor_additions import Addition
from jxgis.charging.corridor_audit import Audit
from jxgis.charging.corridor_tables import (
    addition_fields,
    addition_rows,
    service_area_fields,
    service_area_rows,
    stretch_fields,
    stretch_rows,
)
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Drawing

APART_M = 40.0
"""The two carriageways of a centreline are drawn so far from it."""


def draw(audit: Audit, zones: Layer | None, by_zone: pd.DataFrame) -> Iterator[Drawing]:
    """Give the layers of the map, the lowest first; zones are shaded by their row's share."""
    crs = audit.ways.crs
    if zones is not None:
        yield _zones(zones, by_zone)
    lines = [_drawn(way, left=audit.ways.drive_on_left) for way in audit.ways.ways]
    yield Drawing(
        "ways",
        _("Carriageways"),
        "lines",
        gpd.GeoDataFrame(stretch_rows(audit), geometry=lines, crs=crs),
        {k: v for k, v in stretch_fields(audit).items() if k in _OF_LINES},
        tolerance_m=APART_M,
    )
    with_it, without = _("with fast charging"), _("without fast charging")
    sides = service_area_rows(audit)
    sides["group"] = np.where(audit.posts.charging[audit.order], with_it, without)
    points = audit.sides.data.geometry.iloc[audit.order]
    yield Drawing(
        "service_areas",
        _("Service areas"),
        "sited",
        gpd.GeoDataFrame(sides, geometry=points.array, crs=crs),
        service_area_fields(),
        group="group",
    )
    if audit.additions:
        places = [_point(audit, one) for one in audit.additions]
        yield Drawing(
            "additions",
            _("Where fast charging is to be added"),
            "proposed",
            gpd.GeoDataFrame(addition_rows(audit), geometry=places, crs=crs),
            addition_fields(),
        )


_OF_LINES = ("expressway", "direction", "length_km", "longest_km", "within_spacing", "within_afir")


def _zones(zones: Layer, by_zone: pd.DataFrame) -> Drawing:
    data = zones.data[["zone_id", "zone", "geometry"]]
    data = data.dissolve("zone_id", sort=False, as_index=False)
    data = data.merge(by_zone.drop(columns="zone"), on="zone_id", how="left")
    fields = {
        "zone": _("Zone"),
        "sides": _("Sides of main service areas"),
        "with_charging": _("With fast charging"),
        "share": _("Share with fast charging"),
    }
    return Drawing("zones", _("Zones"), "zones", data, fields, shade="share")


def _drawn(way: Carriageway, *, left: bool) -> Any:
    """Return a carriageway beside its centreline, on the side that is driven on."""
    if not way.centreline:
        return way.line
    moved = shapely.offset_curve(way.line, APART_M if left else -APART_M)
    whole = shapely.get_type_id(moved) == shapely.GeometryType.LINESTRING
    return moved if whole and not moved.is_empty else way.line


def _point(audit: Audit, one: Addition) -> Any:
    if one.side is not None:
        return audit.sides.data.geometry.iloc[one.side]
    return shapely.line_interpolate_point(audit.way(one.way).line, one.at_m)
