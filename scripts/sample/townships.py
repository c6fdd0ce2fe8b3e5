"""Invented divisions of each county: as many as it has townships and subdistricts, made up.

Each county is cut into the land nearest to each of its centres, along lines that wind a little
and end at vertices that the county's boundary already has: so the parts fill the county exactly,
and neighbouring counties' parts meet. Names and codes say that they are made up: real codes of
subdistricts begin with 0 and of towns with 1, these with 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import shapely

from sample.frame import FloatArray, Noise, Table, metres, rng, winding
from sample.places import COUNTIES, PLACES, County

# Subdistricts and towns of each county, as many as there are.
COUNTS = {
    "330402": (9, 4),
    "330411": (4, 5),
    "330421": (3, 6),
    "330424": (4, 5),
    "330481": (4, 8),
    "330482": (3, 6),
    "330483": (3, 8),
}
_STEP_M, _SWAY_M = 700.0, 160.0
_TRIES = 600
_APART_M, _INSIDE_M = 3_000.0, 1_200.0
_CORNERS = 8


def township_table(counties: Mapping[str, shapely.Polygon]) -> Table:
    """Return the layer ``townships``: ``zone_id`` and ``zone``.

    Raises
    ------
    ValueError
        If a county does not fall into as many parts as it should.
    """
    random = rng(19)
    sways = Noise(random, 2_200.0), Noise(random, 2_200.0)
    shapes, codes, names = [], [], []
    for county in COUNTIES:
        boundary, counts = counties[county.code], COUNTS[county.code]
        centres = _centres(county, boundary, sum(counts), random)
        parts = _parts(boundary, centres, sways)
        if len(parts) != sum(counts) or not shapely.coverage_is_valid(parts):
            raise ValueError(f"{county.code} falls into {len(parts)} parts")
        shapes += parts
        kinds = ["街道"] * counts[0] + ["镇"] * counts[1]
        within = [*range(1, counts[0] + 1), *range(1, counts[1] + 1)]
        codes += [f"{county.code}{901 + i}" for i in range(len(parts))]
        names += [f"{county.name}示例{kind} {i:02d}" for kind, i in zip(kinds, within, strict=True)]
    columns = {"zone_id": np.array(codes, dtype=object), "zone": np.array(names, dtype=object)}
    return Table("townships", shapes, columns)


def _centres(
    county: County, boundary: shapely.Polygon, count: int, random: np.random.Generator
) -> FloatArray:
    """Return the centres: those of the city first, then the towns, then far from all others."""
    places = sorted((p for p in PLACES if county.code in p.counties), key=lambda p: -p.area_km2)
    inside = boundary.buffer(-_INSIDE_M)
    chosen: list[FloatArray] = []
    for place in places:
        middle = metres(place.lon, place.lat)
        for centre in (middle, *(middle + 1e3 * np.array(lobe[:2]) for lobe in place.lobes)):
            apart = all(((centre - c) ** 2).sum() > _APART_M**2 for c in chosen)
            if apart and inside.contains(shapely.Point(centre)):
                chosen.append(centre)
    west, south, east, north = boundary.bounds
    tries = random.random((_TRIES, 2)) * (east - west, north - south) + (west, south)
    tries = tries[shapely.contains(inside, shapely.points(tries))]
    while len(chosen) < count:
        away = ((tries[:, None] - np.array(chosen)[None]) ** 2).sum(axis=-1).min(axis=1)
        chosen.append(tries[int(away.argmax())])
    return np.round(np.array(chosen[:count]), 3)


def _parts(
    boundary: shapely.Polygon, centres: FloatArray, sways: tuple[Noise, Noise]
) -> list[shapely.Polygon]:
    """Return each centre's part, in the centres' order."""
    ring = shapely.get_coordinates(boundary.exterior)
    lines = [shapely.LineString(pair) for pair in pairwise(ring)]
    for way in _cuts(boundary, ring[:-1], centres):
        wound = winding(way, _STEP_M, _SWAY_M, sways)
        lines.append(wound if boundary.covers(wound) else shapely.LineString(way))
    faces = np.array(shapely.get_parts(shapely.polygonize(lines)))
    owner = np.array([_owner(face, centres) for face in faces])
    for stray in np.flatnonzero(owner < 0).tolist():
        shared = shapely.length(shapely.intersection(faces[stray].boundary, faces[owner >= 0]))
        owner[stray] = owner[owner >= 0][int(shared.argmax())]
    parts = [shapely.coverage_union_all(faces[owner == i]) for i in range(len(centres))]
    return [shapely.normalize(part) for part in parts if not part.is_empty]


def _owner(face: shapely.Polygon, centres: FloatArray) -> int:
    """Return the number of the one centre in a face, or -1."""
    found = np.flatnonzero(shapely.contains(face, shapely.points(centres)))
    if len(found) > 1:
        raise ValueError(f"centres {found.tolist()} share a face")
    return int(found[0]) if len(found) else -1


def _cuts(boundary: shapely.Polygon, corners: FloatArray, centres: FloatArray) -> list[FloatArray]:
    """Return the edges between the centres' lands, led to corners of the boundary."""
    edges = shapely.voronoi_polygons(
        shapely.MultiPoint(centres), extend_to=boundary, only_edges=True
    )
    shapely.prepare(boundary)
    ways = []
    for edge in shapely.get_parts(edges):
        if not boundary.intersects(edge):
            continue
        nodes = shapely.get_coordinates(edge)
        nodes = nodes[shapely.contains(boundary, shapely.points(nodes))]
        for part in shapely.get_parts(edge.intersection(boundary)):
            ends = shapely.get_coordinates(part)[[0, -1]]
            choices = [_choices(end, nodes, corners) for end in ends]
            way = _nearest_way(ends, choices, boundary)
            if not boundary.exterior.covers(shapely.LineString(way)):
                ways.append(way)
    return ways


def _choices(end: FloatArray, nodes: FloatArray, corners: FloatArray) -> FloatArray:
    """Return where an end may go: it stays at a node, or goes to one of the nearest corners."""
    if (nodes == end).all(axis=1).any():
        return end[None]
    away = ((corners - end) ** 2).sum(axis=1)
    nearest: FloatArray = corners[np.argsort(away, kind="stable")[:_CORNERS]]
    return nearest


def _nearest_way(
    ends: FloatArray, choices: Sequence[FloatArray], boundary: shapely.Polygon
) -> FloatArray:
    """Return the way through the county whose ends moved least.

    Raises
    ------
    ValueError
        If every way leaves the county.
    """
    ways = np.array([(a, b) for a in choices[0] for b in choices[1]])
    moved = ((ways - ends) ** 2).sum(axis=(1, 2))
    for way in ways[np.argsort(moved, kind="stable")]:
        if boundary.covers(shapely.LineString(way)):
            nearest: FloatArray = way
            return nearest
    raise ValueError(f"no way between {ends.tolist()} stays inside")
