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
from jxgis.kernels.polygons import Polygons, disjoint
from jxgis.kernels.stretches import reached_lines
from jxgis.results import Drawing
from jxgis.transit.asking import Ask
from jxgis.transit.exclusions import Excluded
from jxgis.transit.study import Study, shares

QUAD_SEGS = 16
"""Chords that a quarter of a drawn circle consists of."""


def parted_area(
    study: Study, asks: Sequence[Ask]
) -> tuple[Polygons, dict[float, tuple[Polygons, Polygons]]]:
    """Return the area that is drawn, and its covered and uncovered faces by radius."""
    drawn = study.ground.net
    if all(ask.zones for ask in asks):  # then no figure counts what lies outside every zone
        own = [zone.built_up for zone in study.ground.zones if zone.zone_id]
        drawn, _again = disjoint(np.concatenate(own))
    faces = parted(drawn, study.reach.points, study.radii, QUAD_SEGS)
    return drawn, dict(zip(study.radii, faces, strict=True))


def draw(
    study: Study,
    drawn: Polygons,
    faces: Mapping[float, tuple[Polygons, Polygons]],
    effects: Sequence[float],
) -> Iterator[Drawing]:
    """Give the layers of a coverage's map, the lowest first."""
    layers = study.layers
    crs = layers["built_up"].data.crs
    if "zones" in layers:
        yield _zones(study)
    yield Drawing(
        "built_up",
        _("Built-up area"),
        "area",
        gpd.GeoDataFrame({"area_m2": shapely.area(drawn)}, geometry=drawn, crs=crs),
        {"area_m2": _("Area")},
    )
    for i, (radius, (covered, uncovered)) in enumerate(faces.items()):
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
    if study.ground.excluded:
        yield _excluded(study.ground.excluded, effects, crs)
    if study.network is not None:
        yield from _reached(study)
    yield _stops(study)


def _reached(study: Study) -> Iterator[Drawing]:
    """Give the streets that are reached walking, by radius; nobody has to see them first."""
    crs = study.layers["built_up"].data.crs
    west, south, east, north = shapely.total_bounds(study.ground.net)
    for radius in study.radii:
        lines = reached_lines(
            study.reach.streets, study.reach.node_distance, study.reach.links, radius
        )
        lines = lines[shapely.intersects(lines, shapely.box(west, south, east, north))]
        yield Drawing(
            f"reached_{radius:.12g}",
            _("Streets within {radius:g} m walking").format(radius=radius),
            "reached",
            gpd.GeoDataFrame(geometry=lines, crs=crs).dissolve(),
            shown=False,
        )


def _zones(study: Study) -> Drawing:
    zones = study.ground.zones
    n = sum(bool(zone.zone_id) for zone in zones)
    data = (
        study.layers["zones"]
        .data[["zone_id", "zone", "geometry"]]
        .dissolve("zone_id", sort=False, as_index=False)
    )
    fields = {"zone": _("Zone"), "area_m2": _("Built-up area")}
    for radius in study.radii:
        covered, total = study.rows_reached(Ask("", radius))
        data["area_m2"] = total[:n]
        data[f"share_{radius:.12g}"] = shares(covered[:n], total[:n])
        fields[f"share_{radius:.12g}"] = _("Share within {radius:g} m").format(radius=radius)
    return Drawing("zones", _("Zones"), "zones", data, fields, shade=f"share_{study.radii[0]:.12g}")


def _stops(study: Study) -> Drawing:
    data = study.layers["stops"].data
    titles = {"name": _("Name"), "stop_id": _("Stop id")}
    fields = {column: title for column, title in titles.items() if column in data}
    data = data[[*fields, "geometry"]]
    if study.per_hour is not None:
        data = data.assign(departures_per_hour=np.round(study.per_hour, 2))
        fields["departures_per_hour"] = _("Departures an hour")
    return Drawing("stops", _("Stops"), "points", data, fields)


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
