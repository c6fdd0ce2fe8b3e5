"""Layers made small enough to draw: WGS84, six decimals, outlines within a stated tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from jxgis.publish.groups import SHAPES, Group, groups_of, places_of
from jxgis.publish.numbers import format_share
from jxgis.publish.theme import LOOKS, RAMP, Classes, classes_of, ramp_of
from jxgis.publish.words import format_cell
from jxgis.results import Drawing

# A map at its closest (zoom 18) shows about half a metre a pixel.
TOLERANCE_M = 1.0
MAX_VERTICES = 150_000
MAX_TOLERANCE_M = 500.0

# Roles that answer a click with what is known of a feature.
TOUCHED = (
    *("zones", "excluded", "lines", "gaps", "runner_up", "best", "roofs"),
    *("points", "proposed", "sited"),
)

# Outlines, which a table's rows lead to, and whose numbers stand inside of them.
_OUTLINED = ("gaps", "runner_up", "best")

# Of more roofs than these the largest are drawn.
MAX_ROOFS = 10_000

# Splinters of these areas under this size are not drawn.
SPLINTER_M2 = 10.0
_SPLINTERED = ("covered", "uncovered", "gained", "lost")

# Six decimals of a degree: at most 0.06 m off.
_SCALE = 1_000_000

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Sketch:
    """A drawing as the page carries it.

    ``data`` is plain JSON. Coordinates are integers, millionths of a degree, each a difference
    from the one before it in its ring: longitude, latitude, longitude and so on. ``tolerance_m``
    is the largest distance of the sketched outline from the true one. ``features`` are the places,
    in the drawing's data, of what is drawn of it, and ``groups`` those of a ``sited`` drawing.
    ``left_out`` are as many features as are too many, the smallest ones.
    """

    drawing: Drawing
    data: dict[str, Any]
    tolerance_m: float | None
    bounds: tuple[float, float, float, float] | None
    zone_ids: tuple[str, ...]
    classes: Classes | None
    features: tuple[int, ...] = ()
    groups: tuple[Group, ...] = ()
    left_out: int = 0


def in_drawing_order(drawings: Sequence[Drawing]) -> list[Drawing]:
    """Return the drawings from the bottom of the map to its top."""
    return sorted(drawings, key=lambda d: LOOKS[d.role].order)


def shadings(drawing: Drawing) -> list[Drawing]:
    """Return a drawing of zones once for each share that can shade it, its own share first.

    A column ``share_300`` beside the drawing's own ``share_500`` makes a second one, which takes
    the number into its name: ``zones_300``.
    """
    if drawing.shade is None:
        return [drawing]
    shares = [c for c in drawing.fields if c.startswith("share_") and c != drawing.shade]
    if not shares:
        return [drawing]
    return [
        replace(
            drawing,
            name=drawing.name + column.removeprefix("share"),
            title=drawing.fields.get(column, drawing.title),
            shade=column,
            shown=drawing.shown and column == drawing.shade,
        )
        for column in (drawing.shade, *shares)
    ]


def classes_for(drawing: Drawing, *, beside_pictures: bool = False) -> Classes | None:
    """Return the classes of the share that shades a drawing, or None where none does.

    Beside pictures, whose greens are cells, no zone is shaded in green.
    """
    if drawing.shade is None:
        return None
    shares = pd.to_numeric(drawing.data[drawing.shade]).astype(float)
    return classes_of(shares.tolist(), RAMP if beside_pictures else ramp_of(drawing.shade))


def sketch(drawing: Drawing, *, beside_pictures: bool = False) -> Sketch:
    """Return a drawing, a layer in a metric CRS, made small enough for a page."""
    drawn = (~(drawing.data.geometry.isna() | drawing.data.geometry.is_empty)).to_numpy()
    there = int(drawn.sum())
    if drawing.role == "roofs":
        drawn = drawn & _is_large(drawing.data)
    frame = drawing.data[drawn]
    look = LOOKS[drawing.role]
    data: dict[str, Any] = {
        "name": drawing.name,
        "title": drawing.title,
        "role": drawing.role,
        "order": look.order,
        "shown": drawing.shown,
        "fields": list(drawing.fields.values()),
        "rows": _texts(frame, drawing),
    }
    tolerance = drawing.tolerance_m
    if look.kind == "point":
        data["points"] = _inner_points(frame)
    else:
        geometries, added = _simplified(frame.geometry, drawing.role)
        tolerance = added + (drawing.tolerance_m or 0.0)
        data["shapes"] = [_shape(g) for g in geometries.to_crs(4326)]
    zone_ids: tuple[str, ...] = ()
    classes = classes_for(drawing, beside_pictures=beside_pictures)
    if drawing.role == "zones":
        zone_ids = tuple(str(i) for i in frame.get("zone_id", frame.index))
        data["zones"] = _zones(frame, drawing, classes, zone_ids)
    elif drawing.role in _OUTLINED:
        data["places"] = _inner_points(frame)
    if drawing.role == "best" and "rank" in frame:
        data["next"] = [bool(rank > 1) for rank in frame["rank"]]
    features = tuple(int(n) for n in np.flatnonzero(drawn))
    groups = groups_of(drawing)
    if drawing.role == "sited":
        data["numbers"] = [str(n + 1) for n in features]
        data["groups"] = _groups(drawing, groups, features)
    return Sketch(
        drawing,
        data,
        tolerance,
        _bounds(frame),
        zone_ids,
        classes,
        features,
        groups,
        there - len(frame),
    )


def _is_large(frame: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which features are among the largest, those that stand first of equal ones."""
    largest = np.argsort(-np.nan_to_num(frame.area.to_numpy()), kind="stable")[:MAX_ROOFS]
    return np.isin(np.arange(len(frame)), largest)


def _groups(drawing: Drawing, groups: Sequence[Group], features: Sequence[int]) -> dict[str, Any]:
    """Return the groups' looks, and the place of each drawn row's group among them."""
    places = places_of(drawing, groups)
    return {
        "looks": [{"fill": g.colour, "ink": g.ink, "corners": SHAPES[g.shape]} for g in groups],
        "of": [places[n] for n in features] if places else [None] * len(features),
    }


def _inner_points(frame: gpd.GeoDataFrame) -> list[int]:
    """Return a point of each shape, where its pop-up points."""
    points = frame.geometry.representative_point().to_crs(4326)
    return _differences(np.column_stack([points.x, points.y]))


def _texts(frame: gpd.GeoDataFrame, drawing: Drawing) -> list[list[str]]:
    if drawing.role not in TOUCHED:
        return []
    columns = [[format_cell(c, v) for v in frame[c]] for c in drawing.fields]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def _zones(
    frame: gpd.GeoDataFrame,
    drawing: Drawing,
    classes: Classes | None,
    zone_ids: Sequence[str],
) -> dict[str, Any]:
    """Return what a zone's label and shade need."""
    middles = gpd.GeoSeries([_middle(g) for g in frame.geometry], crs=frame.crs)
    places = middles.to_crs(4326)
    shares = [None] * len(frame) if drawing.shade is None else frame[drawing.shade].tolist()
    names = frame["zone"].astype(str) if "zone" in frame else zone_ids
    return {
        "ids": list(zone_ids),
        "names": list(names),
        "shares": ["" if pd.isna(s) else format_share(s) for s in shares],
        "classes": [classes.of(s) if classes else None for s in shares],
        "colours": list(classes.colours) if classes else [],
        "places": _differences(np.column_stack([places.x, places.y])),
    }


def _middle(geometry: BaseGeometry) -> BaseGeometry:
    """Return the point deepest inside a zone's largest part, where its label stands best."""
    part: BaseGeometry = max(shapely.get_parts(geometry), key=shapely.area)
    if part.area == 0:
        return part.representative_point()
    radius = shapely.maximum_inscribed_circle(part, tolerance=part.area**0.5 / 50)
    return Point(shapely.get_coordinates(radius)[0])


def _simplified(shapes: gpd.GeoSeries, role: str) -> tuple[gpd.GeoSeries, float]:
    """Return the shapes with fewer vertices, and the tolerance that took, metres."""
    if role == "reached":
        return _simple_lines(shapes)
    if role in _SPLINTERED:
        parts = shapes.explode(ignore_index=True)
        shapes = gpd.GeoSeries(parts[parts.area >= SPLINTER_M2], crs=shapes.crs)
    tolerance = TOLERANCE_M
    while True:
        simple = shapes.simplify(tolerance, preserve_topology=True)
        if tolerance > MAX_TOLERANCE_M or _vertices(simple) <= MAX_VERTICES:
            return simple, tolerance
        tolerance *= 2


def _simple_lines(shapes: gpd.GeoSeries) -> tuple[gpd.GeoSeries, float]:
    """Return all lines as one, joined where two ends meet; ends under the tolerance fall away."""
    parts = shapely.get_parts(shapes.to_numpy())
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
    tolerance = TOLERANCE_M
    while True:
        simple = shapely.simplify(joined[shapely.length(joined) >= tolerance], tolerance)
        if int(shapely.get_num_coordinates(simple).sum()) <= MAX_VERTICES:
            whole = MultiLineString(list(simple))
            return gpd.GeoSeries([whole], crs=shapes.crs), tolerance
        tolerance *= 2


def _vertices(shapes: gpd.GeoSeries) -> int:
    return int(shapely.get_num_coordinates(shapes.to_numpy()).sum())


def _shape(geometry: BaseGeometry) -> list[list[list[int]]]:
    """Return a geometry's parts, each a list of rings (or one line) of differences."""
    return [
        [_differences(shapely.get_coordinates(ring)) for ring in _rings(part)]
        for part in shapely.get_parts(geometry)
    ]


def _rings(part: BaseGeometry) -> list[BaseGeometry]:
    if part.geom_type == "Polygon":
        return list(shapely.get_rings(part))
    return [part]


def _differences(lonlat: FloatArray) -> list[int]:
    whole = np.rint(lonlat * _SCALE).astype(np.int64)
    return [int(n) for n in np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel()]


def _bounds(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float] | None:
    if frame.empty:
        return None
    west, south, east, north = frame.geometry.to_crs(4326).total_bounds
    return float(west), float(south), float(east), float(north)
