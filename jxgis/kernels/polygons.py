"""Polygons as sums over zones need them: counted once, less others, cut by zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Polygons = NDArray[np.object_]
IntArray = NDArray[np.intp]

SLIVER_M2 = 1e-3
"""Overlaps and remainders smaller than this come from rounding, square metres."""

# Corners on such a grid are moved by no more than a few roundings of a coordinate in metres.
_GRID_M = 1e-6


def polygons_of(geometries: object) -> Polygons:
    """Return the polygons that geometries consist of, without empty ones, lines and points."""
    parts = np.asarray(geometries, dtype=object)
    if (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON).all():
        return parts[~shapely.is_empty(parts)]  # the same objects, which may be prepared already
    parts = shapely.get_parts(parts)
    collections = shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT
    if collections.any():
        parts = np.concatenate([parts[~collections], polygons_of(parts[collections])])
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return np.asarray(parts[areal & ~shapely.is_empty(parts)])


def disjoint(polygons: Polygons) -> tuple[Polygons, float]:
    """Return polygons that cover the same area once, and the area that was covered again.

    Only those that overlap are united; neighbours that share a border stay as they are.
    """
    first, second = _overlapping(polygons)
    if not len(first):
        return polygons, 0.0
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(polygons)
    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(n, n))
    _count, group = connected_components(graph, directed=False)
    alone = np.bincount(group)[group] == 1
    united = [shapely.union_all(polygons[group == g]) for g in np.unique(group[~alone]).tolist()]
    once = np.concatenate([polygons[alone], polygons_of(united)])
    return once, float(shapely.area(polygons).sum() - shapely.area(once).sum())


def _overlapping(polygons: Polygons) -> tuple[IntArray, IntArray]:
    """Return the pairs of polygons that have an area in common."""
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    inner = shapely.relate_pattern(polygons[first], polygons[second], "T********")
    first, second = first[inner], second[inner]
    common = shapely.area(shapely.intersection(polygons[first], polygons[second])) > SLIVER_M2
    return first[common], second[common]


def less(polygons: Polygons, others: Polygons) -> Polygons:
    """Return what the others leave of polygons.

    The difference is made on a grid far below any accuracy: in floating point GEOS (3.14) has
    returned the whole of what another covers, where borders run a rounding beside each other.
    """
    at, other = shapely.STRtree(others).query(polygons, predicate="intersects")
    if not len(at):
        return polygons
    touched, first = np.unique(at, return_index=True)  # in the order of the polygons
    left = [
        remainder(polygons[i], others[own])
        for i, own in zip(touched.tolist(), np.split(other, first[1:]), strict=True)
    ]
    untouched = np.delete(polygons, touched)
    return np.concatenate([untouched, polygons_of(left)])


def remainder(polygon: shapely.Geometry, others: Polygons) -> shapely.Geometry:
    """Return what others leave of one polygon; see `less`."""
    taken = shapely.union_all(others)
    try:
        return shapely.difference(polygon, taken, grid_size=_GRID_M)
    except shapely.errors.GEOSException:  # the finer grid is not coarse enough for these borders
        return shapely.difference(polygon, taken, grid_size=100 * _GRID_M)


def within(polygons: Polygons, other: shapely.Geometry) -> Polygons:
    """Return what polygons have in common with another geometry, on the same grid as `less`."""
    shapely.prepare(other)
    hit = polygons[shapely.intersects(other, polygons)]
    whole = shapely.covers(other, hit)
    cut = shapely.intersection(hit[~whole], other, grid_size=_GRID_M)
    return np.concatenate([hit[whole], polygons_of(cut)])


@dataclass(frozen=True)
class Pieces:
    """Polygons cut by zones.

    Attributes
    ----------
    by_zone
        For each zone the pieces in it.
    outside
        The pieces in no zone.
    overlap_m2
        Area that is in more than one zone, each further time counted again.
    """

    by_zone: tuple[Polygons, ...]
    outside: Polygons
    overlap_m2: float


def cut(polygons: Polygons, zones: Polygons) -> Pieces:
    """Cut polygons, which must not overlap, by zones, which may.

    A polygon that lies in a zone as a whole is taken as it is: that is most of them, and costs a
    look at a prepared zone instead of an overlay.
    """
    shapely.prepare(zones)
    part, zone = shapely.STRtree(zones).query(polygons)
    met = shapely.intersects(zones[zone], polygons[part])
    part, zone = part[met], zone[met]
    whole = shapely.covers(zones[zone], polygons[part])
    piece = polygons[part]
    piece[~whole] = shapely.intersection(zones[zone[~whole]], piece[~whole])
    met = shapely.area(piece) > 0
    part, zone, whole, piece = part[met], zone[met], whole[met], piece[met]
    n = len(polygons)
    area, inside = shapely.area(polygons), np.bincount(part, shapely.area(piece), minlength=n)
    in_one = np.bincount(part, whole, minlength=n) > 0
    overlap = (inside - area)[in_one].sum()
    outside = list(polygons[inside == 0])
    for i in np.flatnonzero(~in_one & (inside > 0)).tolist():
        own = shapely.union_all(piece[part == i])
        overlap += inside[i] - own.area
        if area[i] - own.area > SLIVER_M2:
            outside.append(shapely.difference(polygons[i], own))
    rest = polygons_of(outside)
    return Pieces(
        tuple(polygons_of(piece[zone == z]) for z in range(len(zones))),
        rest[shapely.area(rest) > SLIVER_M2],
        float(overlap) if overlap > SLIVER_M2 else 0.0,
    )


def within_any(points: NDArray[np.object_], polygons: Polygons) -> NDArray[np.bool_]:
    """Say of each point whether one of the polygons contains it."""
    shapely.prepare(polygons)
    point, polygon = shapely.STRtree(polygons).query(points)
    x, y = shapely.get_coordinates(points)[point].T
    inside = np.zeros(len(points), bool)
    inside[point[shapely.contains_xy(polygons[polygon], x, y)]] = True
    return inside


def spaced(lines: NDArray[np.object_], spacing: float) -> tuple[NDArray[np.float64], IntArray]:
    """Return points at equal steps from end to end of each line, and the line of each.

    Steps are as long as they can be without being longer than the spacing.
    """
    length = shapely.length(lines)
    steps = np.maximum(np.ceil(length / spacing), 1).astype(np.intp)
    line = np.repeat(np.arange(len(lines)), steps + 1)
    first = np.repeat(np.cumsum(steps + 1) - (steps + 1), steps + 1)
    share = (np.arange(len(line)) - first) / steps[line]
    points = shapely.line_interpolate_point(lines[line], share, normalized=True)
    return shapely.get_coordinates(points), line


def squares(polygons: Polygons, side: float) -> Polygons:
    """Return polygons cut along a square grid."""
    if not len(polygons):
        return polygons
    west, south, east, north = shapely.total_bounds(polygons)
    x, y = (np.arange(low, high, side) for low, high in ((west, east), (south, north)))
    left, bottom = (c.ravel() for c in np.meshgrid(x, y))
    cells = shapely.box(left, bottom, left + side, bottom + side)
    polygon, cell = shapely.STRtree(cells).query(polygons, predicate="intersects")
    return polygons_of(shapely.intersection(polygons[polygon], cells[cell]))
