"""People and jobs, from points and polygons, laid out by the sets of the ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from jxgis.i18n import _
from jxgis.kernels.polygons import Polygons, polygons_of
from jxgis.kernels.streets import Streets, link
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.transit.ground import Ground, Sets
from jxgis.transit.wholes import FloatArray, IntArray, People, Places

LATTICE_M = 50.0
"""Spacing of the points that a polygon's people stand at where points are needed, metres."""


def people_in(layer: Layer, ground: Ground, *, walked: Streets | None = None) -> People:
    """Lay out the people (or jobs) who live in the built-up area.

    Parameters
    ----------
    layer
        Of kind ``population`` or ``jobs``: points, or polygons over which each row's people are
        spread evenly.
    ground
        People are counted in the built-up area before exclusions.
    walked
        Streets to link the places to, each to the nearest point of any of them.

    Returns
    -------
    People
        In the sets of ``ground.gross_sets``. A point on a common border is in the first set that
        it touches; where sets overlap it is in each.
    """
    counts = layer.data[layer.kind.name].to_numpy(float)
    shapes = layer.data.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2  # noqa: PLR2004 - the dimension of a polygon
    sets = ground.gross_sets
    at_points = _at_points(shapes[~areal], counts[~areal], sets)
    if not areal.any():
        return People(_linked(at_points, walked))
    polygons, density, owner = _pieces(shapes[areal], counts[areal], sets)
    lattice = _lattice(polygons, density, owner, len(sets))
    places = Places(
        np.concatenate([at_points.points, lattice.points]),
        np.concatenate([at_points.weight, lattice.weight]),
        np.concatenate([at_points.owner, lattice.owner]),
        len(sets),
    )
    return People(_linked(places, walked), (polygons, density, owner), at_points)


def _linked(places: Places, walked: Streets | None) -> Places:
    return places if walked is None else replace(places, links=link(walked, places.points))


def _at_points(points: Polygons, counts: FloatArray, sets: Sets) -> Places:
    polygons, owner = sets.flat()
    shapely.prepare(polygons)
    point, polygon = shapely.STRtree(polygons).query(points)
    xy = shapely.get_coordinates(points)
    inside = shapely.intersects_xy(polygons[polygon], *xy[point].T)
    # Polygons of one set may share a border, on which a point is still one point.
    pairs = np.unique(np.column_stack([point[inside], owner[polygon[inside]]]), axis=0)
    if sets.chosen[()] == sets.parts[()]:  # sets are summed: a point on a border is in one of them
        pairs = pairs[np.unique(pairs[:, 0], return_index=True)[1]]
    own, of = np.asarray(pairs[:, 0], np.intp), np.asarray(pairs[:, 1], np.intp)
    return Places(xy[own], counts[own], of, len(sets))


def _pieces(
    shapes: Polygons, counts: FloatArray, sets: Sets
) -> tuple[Polygons, FloatArray, IntArray]:
    """Return the parts of polygons in each set, people a square metre, and the set."""
    area = shapely.area(shapes)
    polygons, owner = sets.flat()
    shapely.prepare(polygons)
    shape, polygon = shapely.STRtree(polygons).query(shapes)
    met = shapely.intersects(polygons[polygon], shapes[shape])
    shape, polygon = shape[met], polygon[met]
    piece = shapes[shape].copy()
    cut = ~shapely.covers(polygons[polygon], piece)
    piece[cut] = shapely.intersection(polygons[polygon[cut]], piece[cut])
    parts, source = [], []
    for one, source_row in zip(piece[cut], np.flatnonzero(cut), strict=True):
        own = polygons_of([one])
        parts.append(own)
        source.append(np.full(len(own), source_row))
    whole = np.flatnonzero(~cut & (shapely.get_type_id(piece) == shapely.GeometryType.POLYGON))
    multi = np.flatnonzero(~cut & (shapely.get_type_id(piece) != shapely.GeometryType.POLYGON))
    for source_row in multi:
        own = polygons_of([piece[source_row]])
        parts.append(own)
        source.append(np.full(len(own), source_row))
    every = np.concatenate([piece[whole], *parts])
    index = np.concatenate([whole, *source]).astype(np.intp)
    density = counts[shape[index]] / area[shape[index]]
    return every, density, owner[polygon[index]]


def _lattice(polygons: Polygons, density: FloatArray, owner: IntArray, n: int) -> Places:
    """Spread each polygon's people evenly over points of a square lattice inside it."""
    west, south, east, north = shapely.bounds(polygons).T
    columns = np.maximum(np.ceil((east - west) / LATTICE_M), 1).astype(np.intp)
    rows = np.maximum(np.ceil((north - south) / LATTICE_M), 1).astype(np.intp)
    size = columns * rows
    polygon = np.repeat(np.arange(len(polygons)), size)
    number = np.arange(len(polygon)) - np.repeat(np.cumsum(size) - size, size)
    column, row = number % columns[polygon], number // columns[polygon]
    x = west[polygon] + (column + 0.5) * ((east - west) / columns)[polygon]
    y = south[polygon] + (row + 0.5) * ((north - south) / rows)[polygon]
    shapely.prepare(polygons)
    inside = shapely.contains_xy(polygons[polygon], x, y)
    polygon, points = polygon[inside], np.column_stack([x, y])[inside]
    bare = np.setdiff1d(np.arange(len(polygons)), polygon)
    if len(bare):
        deep = shapely.get_coordinates(shapely.point_on_surface(polygons[bare]))
        polygon, points = np.concatenate([polygon, bare]), np.concatenate([points, deep])
    people = (density * shapely.area(polygons))[polygon]
    weight = people / np.bincount(polygon, minlength=len(polygons))[polygon]
    return Places(points, weight, owner[polygon], n)


def outside_row(layer: Layer, people: People, ground: Ground) -> list[LedgerRow]:
    """Say how many people do not live in the built-up area, and are not counted."""
    everyone = float(layer.data[layer.kind.name].sum())
    inside = float(people.total[list(ground.gross_sets.chosen[()])].sum())
    outside = everyone - inside
    if outside < 0.5:  # noqa: PLR2004 - half a person
        return []
    reason = {
        "population": _(
            "{outside:,.0f} of {everyone:,.0f} people live outside the built-up area: not counted "
            "in its shares"
        ),
        "jobs": _(
            "{outside:,.0f} of {everyone:,.0f} jobs are outside the built-up area: not counted in "
            "its shares"
        ),
    }[layer.kind.name]
    text = reason.format(outside=outside, everyone=everyone)
    return [LedgerRow("outside", layer.name, len(layer.data), text)]
