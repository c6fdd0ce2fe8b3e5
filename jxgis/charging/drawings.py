"""Charging stations drawn: zones, catchments, unserved demand. Never used for a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.charging.demand import Demand
from jxgis.charging.places import Existing
from jxgis.charging.where import FloatArray
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import Drawing

QUAD_SEGS = 16
"""Chords that a quarter of a drawn circle consists of."""

POINT_M = 100.0
"""Demand that is not summed onto cells is drawn as a disc of this radius, metres."""


def zones_drawing(
    zones: Layer, table: pd.DataFrame, shade: str | None, fields: Mapping[str, str]
) -> Drawing:
    """Return the zones with columns of a table by zone, which a share may shade.

    Parameters
    ----------
    zones
        Of kind ``zones``.
    table
        With ``zone_id`` and the columns that the fields name.
    shade
        Column of shares that shades, if there is one.
    fields
        Column to its title, after the zone's name.
    """
    shapes = zones.data[["zone_id", "geometry"]].dissolve("zone_id", sort=False)
    data = shapes.join(table.set_index("zone_id")[["zone", *fields]]).reset_index()
    named = {"zone": _("Zone"), **fields}
    return Drawing("zones", _("Zones"), "zones", data, named, shade=shade)


def catchments(
    name: str, title: str, points: FloatArray, radius_m: FloatArray, crs: Any, *, shown: bool = True
) -> Drawing:
    """Return the area within reach of some places, in a straight line, as one.

    Parameters
    ----------
    name, title
        Of the drawing.
    points, radius_m
        (n, 2) and (n,) metres.
    crs
        Of the points.
    shown
        Whether the map opens with it.
    """
    circles = shapely.buffer(shapely.points(points), radius_m, quad_segs=QUAD_SEGS)
    parts = shapely.get_parts(shapely.union_all(circles))
    off = float(radius_m.max(initial=0.0)) * (1 - math.cos(math.pi / (4 * QUAD_SEGS)))
    role = "covered" if shown else "area"
    data = gpd.GeoDataFrame(geometry=parts, crs=crs)
    return Drawing(name, title, role, data, shown=shown, tolerance_m=off)


def unserved(demand: Demand, served: FloatArray, side_m: float, crs: Any) -> Drawing:
    """Return where demand is that is less than half served.

    Parameters
    ----------
    demand
        On cells or as points.
    served
        (m,) what is served of each.
    side_m
        Of the cells.
    crs
        Of the points.
    """
    points = demand.points[served < demand.weight / 2]
    if demand.spec.as_points:
        shapes = shapely.buffer(shapely.points(points), POINT_M, quad_segs=4)
    else:
        corner = np.unique(np.floor(points / side_m), axis=0) * side_m
        shapes = shapely.box(*corner.T, *(corner + side_m).T)
    data = gpd.GeoDataFrame(geometry=shapely.get_parts(shapely.union_all(shapes)), crs=crs)
    title = _("Demand that is not served: {demand}").format(demand=demand.spec.title)
    return Drawing(f"unserved_{demand.spec.id}", title, "uncovered", data, shown=False)


def existing_drawing(name: str, title: str, existing: Existing, crs: Any) -> Drawing:
    """Return the stations that there are, as points."""
    data = gpd.GeoDataFrame(
        {"name": list(existing.names), "posts": existing.posts},
        geometry=shapely.points(existing.points),
        crs=crs,
    )
    titles = {"name": _("Name"), "posts": _("Charging posts")}
    fields = {c: t for c, t in titles.items() if _says_something(data[c])}
    return Drawing(name, title, "points", data, fields)


def _says_something(values: pd.Series) -> bool:
    return bool((values.notna() & (values != "")).any())
