"""A coverage drawn: never used for a figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from jxgis.i18n import _
from jxgis.kernels.drawn import parted
from jxgis.layers import Layer
from jxgis.results import Drawing
from jxgis.transit.areas import Polygons
from jxgis.transit.exclusions import Excluded
from jxgis.transit.parts import Areas, Zone

QUAD_SEGS = 16
"""Chords that a quarter of a drawn circle consists of."""


def draw(
    layers: Mapping[str, Layer],
    zones: Sequence[Zone],
    net: Polygons,
    excluded: Sequence[Excluded],
    areas: Areas,
    effects: Sequence[float],
) -> Iterator[Drawing]:
    """Give the layers of a coverage's map, the lowest first."""
    crs = layers["built_up"].data.crs
    if "zones" in layers:
        yield _zones(layers["zones"], zones, areas)
    yield Drawing(
        "built_up",
        _("Built-up area"),
        "area",
        gpd.GeoDataFrame({"area_m2": shapely.area(net)}, geometry=net, crs=crs),
        {"area_m2": _("Area")},
    )
    points = shapely.get_coordinates(layers["stops"].data.geometry.to_numpy())
    drawn = parted(net, points, list(areas.covered), QUAD_SEGS)
    for i, (radius, (covered, uncovered)) in enumerate(zip(areas.covered, drawn, strict=True)):
        off = radius * (1 - math.cos(math.pi / (4 * QUAD_SEGS)))
        yield Drawing(
            f"covered_{radius:.12g}",
            _("Within {radius:g} m of a stop").format(radius=radius),
            "covered",
            gpd.GeoDataFrame(geometry=covered, crs=crs),
            shown=i == 0,
            tolerance_m=off,
        )
        yield Drawing(
            f"uncovered_{radius:.12g}",
            _("Farther than {radius:g} m from a stop").format(radius=radius),
            "uncovered",
            gpd.GeoDataFrame(geometry=uncovered, crs=crs),
            shown=i == 0,
            tolerance_m=off,
        )
    if excluded:
        yield _excluded(excluded, effects, crs)
    yield _stops(layers["stops"])


def _zones(layer: Layer, zones: Sequence[Zone], areas: Areas) -> Drawing:
    n = sum(bool(zone.zone_id) for zone in zones)
    data = layer.data[["zone_id", "zone", "geometry"]].dissolve(
        "zone_id", sort=False, as_index=False
    )
    data["area_m2"] = areas.total[:n]
    fields = {"zone": _("Zone"), "area_m2": _("Built-up area")}
    for radius, covered in areas.covered.items():
        with np.errstate(invalid="ignore"):
            data[f"share_{radius:.12g}"] = covered[:n] / areas.total[:n]
        fields[f"share_{radius:.12g}"] = _("Share within {radius:g} m").format(radius=radius)
    first = next(iter(areas.covered))
    return Drawing("zones", _("Zones"), "zones", data, fields, shade=f"share_{first:.12g}")


def _stops(layer: Layer) -> Drawing:
    titles = {"name": _("Name"), "stop_id": _("Stop id")}
    fields = {column: title for column, title in titles.items() if column in layer.data}
    return Drawing("stops", _("Stops"), "points", layer.data[[*fields, "geometry"]], fields)


def _excluded(
    excluded: Sequence[Excluded], effects: Sequence[float], crs: pyproj.CRS | None
) -> Drawing:
    data = gpd.GeoDataFrame(
        {
            "class": [e.land_class for e in excluded],
            "area_m2": [e.area_m2 for e in excluded],
            "effect": list(effects),
        },
        geometry=[e.geometry for e in excluded],
        crs=crs,
    )
    fields = {"class": _("Class"), "area_m2": _("Area"), "effect": _("Effect on the share")}
    return Drawing("excluded", _("Left out of the built-up area"), "excluded", data, fields)
