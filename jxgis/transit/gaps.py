"""Where nobody reaches a stop: uncovered pieces of the built-up area, ranked by who lives there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from jxgis.i18n import _
from jxgis.kernels.polygons import Polygons, polygons_of
from jxgis.kernels.streets import link
from jxgis.kernels.walking import nearest_stop_at, nearest_stops
from jxgis.layers import Layer
from jxgis.results import Drawing, LedgerRow, Table
from jxgis.rules import Rules
from jxgis.transit.parts import Zone
from jxgis.transit.reach import FloatArray, Reach

MERGE_RULE = "gaps.merge_within_m"
LEAST_RULE = "gaps.least_area_m2"

LISTED = 200
"""As many gaps are listed at most; the rest is summed up."""


@dataclass(frozen=True)
class Demand:
    """Points with people who are not served: (n, 2) metres, and (n,) people."""

    points: FloatArray
    people: FloatArray


def gaps(
    uncovered: Polygons,
    radius_m: float,
    zones: Sequence[Zone],
    reach: Reach,
    stops: Layer,
    rules: Rules,
    *,
    unserved: Demand | None = None,
    walked: bool = False,
) -> tuple[Drawing, Table, list[LedgerRow]]:
    """Return the gaps of a coverage as a drawing, a table and what was left off.

    Pieces in one zone that are nearer to each other than a stated distance are one gap.

    Parameters
    ----------
    uncovered
        Uncovered faces of the built-up area, metres.
    radius_m
        The distance that they are farther than.
    zones
        The built-up area by zone.
    reach
        The stops.
    stops
        Their layer, for their names.
    rules
        For `MERGE_RULE` and `LEAST_RULE`.
    unserved
        The people who are farther than the radius from any stop.
    walked
        Whether there are streets along which the way to the nearest stop is measured.
    """
    pieces, zone = _by_zone(uncovered, zones)
    group = _merged(pieces, zone, rules[MERGE_RULE].value)
    count = int(group.max(initial=-1)) + 1
    area = np.bincount(group, shapely.area(pieces), minlength=count).astype(np.float64)
    people = _people_in(pieces, group, count, unserved)
    worth = (area >= rules[LEAST_RULE].value) | (people >= 1)
    order = np.lexsort((np.arange(count), -area, -people))
    order = order[worth[order]][:LISTED]
    data = _described(order, pieces, group, zone, zones, reach, stops, walked=walked)
    data.insert(3, "area_m2", area[order])
    if unserved is not None:
        data.insert(3, "people", people[order])
    data.crs = stops.data.crs
    fields = {c: t for c, t in _titles().items() if c in data}
    name = f"gaps_{radius_m:.12g}"
    title = _("Gaps: farther than {radius:g} m from a stop").format(radius=radius_m)
    drawing = Drawing(name, title, "gaps", data, fields, shown=False)
    degrees = _degrees(data)
    table = Table(name, title, data.drop(columns="geometry").assign(**degrees), fields, name)
    left = np.setdiff1d(np.arange(count), order)
    return drawing, table, _left_off(left, area, people, radius_m)


def _titles() -> dict[str, str]:
    return {
        "rank": _("Rank"),
        "zone": _("Zone"),
        "people": _("People without a stop"),
        "area_m2": _("Area"),
        "nearest_stop": _("Nearest stop"),
        "straight_m": _("Straight distance"),
        "walking_m": _("Walking distance"),
    }


def _left_off(
    left: NDArray[np.intp], area: FloatArray, people: FloatArray, radius: float
) -> list[LedgerRow]:
    if not len(left):
        return []
    reason = _(
        "gaps beyond {radius:g} m that are too small to be listed: {area:.2f} ha and {people:,.0f} "
        "people together"
    ).format(radius=radius, area=area[left].sum() / 1e4, people=people[left].sum())
    return [LedgerRow("note", "built_up", len(left), reason)]


def _by_zone(uncovered: Polygons, zones: Sequence[Zone]) -> tuple[Polygons, NDArray[np.intp]]:
    """Return uncovered pieces cut by zones, and the zone of each."""
    shapely.prepare(uncovered)
    pieces, owner = [], []
    for number, zone in enumerate(zones):
        tree = shapely.STRtree(zone.built_up)
        face, own = tree.query(uncovered, predicate="intersects")
        common = polygons_of(shapely.intersection(uncovered[face], zone.built_up[own]))
        pieces.append(common)
        owner.append(np.full(len(common), number))
    return np.concatenate(pieces), np.concatenate(owner)


def _merged(pieces: Polygons, zone: NDArray[np.intp], within: float) -> NDArray[np.intp]:
    """Return the number of the gap that each piece belongs to."""
    first, second = shapely.STRtree(pieces).query(pieces, predicate="dwithin", distance=within)
    same = zone[first] == zone[second]
    first, second = first[same], second[same]
    n = len(pieces)
    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(n, n))
    _count, group = connected_components(graph, directed=False)
    return np.asarray(group, np.intp)


def _people_in(
    pieces: Polygons, group: NDArray[np.intp], count: int, unserved: Demand | None
) -> FloatArray:
    """Return the unserved people of each gap; one on a border is in the gap named first."""
    if unserved is None or not len(pieces):
        return np.zeros(count)
    points = np.asarray(shapely.points(unserved.points))
    # Drawn outlines are chords of circles: somebody beyond the circle may stand a little beside.
    point, piece = shapely.STRtree(pieces).query(points, predicate="dwithin", distance=1.0)
    first = np.full(len(points), count, np.intp)
    np.minimum.at(first, point, group[piece])
    found = first < count
    return np.bincount(first[found], unserved.people[found], minlength=count).astype(np.float64)


def _described(
    order: NDArray[np.intp],
    pieces: Polygons,
    group: NDArray[np.intp],
    zone: NDArray[np.intp],
    zones: Sequence[Zone],
    reach: Reach,
    stops: Layer,
    *,
    walked: bool,
) -> gpd.GeoDataFrame:
    shapes, centres, owner = [], [], []
    for gap in order.tolist():
        own = pieces[group == gap]
        largest = own[np.argmax(shapely.area(own))]
        circle = shapely.maximum_inscribed_circle(largest, tolerance=np.sqrt(largest.area) / 50)
        shapes.append(shapely.multipolygons(own))
        centres.append(shapely.get_coordinates(circle)[0])
        owner.append(int(zone[group == gap][0]))
    data = gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "zone_id": [zones[z].zone_id for z in owner],
            "zone": [zones[z].name for z in owner],
        },
        geometry=np.array(shapes, dtype=object),
    )
    at = np.array(centres).reshape(-1, 2)
    data["x_m"], data["y_m"] = at.T
    nearest = np.asarray(cKDTree(reach.points).query(at)[1], np.intp)
    if walked and len(at):
        walk, stop = nearest_stop_at(
            reach.streets,
            nearest_stops(reach.streets, reach.links),
            reach.links,
            link(reach.streets, at),
        )
        data["walking_m"] = np.where(np.isfinite(walk), walk, np.nan)
        nearest = np.where(stop >= 0, stop, nearest)
    data["straight_m"] = np.hypot(*(reach.points[nearest] - at).T)
    data["nearest_stop"] = _names(stops, nearest)
    return data


def _names(stops: Layer, index: NDArray[np.intp]) -> list[str]:
    column = next((c for c in ("name", "stop_id") if c in stops.data), None)
    if column is None:
        return [str(i + 1) for i in index.tolist()]
    return stops.data[column].iloc[index].astype(str).tolist()


def _degrees(data: gpd.GeoDataFrame) -> dict[str, FloatArray]:
    """Return the centres' longitude and latitude, for a navigation device."""
    if data.crs is None or data.empty:
        return {}
    to_degrees = pyproj.Transformer.from_crs(data.crs, 4326, always_xy=True)
    lon, lat = to_degrees.transform(data["x_m"].to_numpy(), data["y_m"].to_numpy())
    return {"lon": np.round(lon, 6), "lat": np.round(lat, 6)}
