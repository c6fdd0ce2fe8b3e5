"""Villages: hamlets of houses in rows, where the map of land cover has hamlets in the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sample.frame import FloatArray, Table, rng
from sample.imagery import WINDOW
from sample.landcover import HAMLET, field_texture

_HAMLETS = 4
"""In each county."""
_HOUSES = (20, 60)
_ALONG_M, _ACROSS_M = 15.0, 24.0
_STEP_M = 40.0
_INWARD_M, _FROM_WAYS_M, _APART_M = 150.0, 120.0, 2_500.0


def village_houses(
    counties: Mapping[str, shapely.Polygon], land: Table, ways: Sequence[BaseGeometry]
) -> list[shapely.Polygon]:
    """Return houses of 100 to 200 m2 on land that is neither wet nor basic farmland.

    Parameters
    ----------
    counties
        Outlines by code.
    land
        With the survey's classes.
    ways
        Streets and expressways, which no hamlet comes near.
    """
    random = rng(24)
    hosts = np.array(land.geometry, dtype=object)[
        np.isin(land.columns["class"], ("cropland", "orchard"))
    ]
    tree = shapely.STRtree(list(ways))
    imaged = shapely.Polygon(WINDOW.points()[[0, -1, -1, 0], [0, 0, -1, -1]])
    houses: list[shapely.Polygon] = []
    for county in counties.values():
        shapely.prepare(county)
        own = hosts[shapely.covers(county, hosts)]
        centres: list[FloatArray] = []
        for host in own[random.permutation(len(own))]:
            centre = _centre(host)
            if centre is None or len(centres) == _HAMLETS:
                continue
            point = shapely.Point(centre)
            if imaged.distance(point) < _INWARD_M or any(
                ((centre - other) ** 2).sum() < _APART_M**2 for other in centres
            ):
                continue
            if len(tree.query(point, predicate="dwithin", distance=_FROM_WAYS_M)) == 0:
                centres.append(centre)
                houses += [h for h in _hamlet(centre, random) if host.covers(h)]
    return houses


def _centre(host: shapely.Polygon) -> FloatArray | None:
    """Return the middle of the field's largest hamlet on the map of land cover, if it has one."""
    inner = host.buffer(-_INWARD_M)
    if inner.is_empty:
        return None
    west, south, east, north = inner.bounds
    grid = np.meshgrid(np.arange(west, east, _STEP_M), np.arange(south, north, _STEP_M))
    points = np.round(np.stack(grid, axis=-1).reshape(-1, 2), 1)
    points = points[shapely.contains_xy(inner, points)]
    if len(points) == 0:
        return None
    groves = field_texture().groves(points)
    best = int(np.round(groves, 9).argmax())
    centre: FloatArray = points[best]
    return centre if groves[best] > HAMLET else None


def _hamlet(centre: FloatArray, random: np.random.Generator) -> list[shapely.Polygon]:
    """Return houses in rows that face about south."""
    count = int(random.integers(*_HOUSES, endpoint=True))
    rows = 3 + int(count > 35)
    slope = 0.2 * (2.0 * random.random() - 1.0)
    along = np.array([1.0, slope]) / np.sqrt(1.0 + slope * slope)
    across = np.array([-along[1], along[0]])
    found = []
    for i in range(count):
        column, row = divmod(i, rows)
        u = (column - 0.5 * count / rows) * _ALONG_M + random.random()
        v = (row - 0.5 * rows) * _ACROSS_M + 3.0 * random.random()
        wide, deep = 10.0 + 3.0 * random.random(), 10.0 + 4.5 * random.random()
        ends = ((u, v), (u + wide, v), (u + wide, v + deep), (u, v + deep))
        ring = [centre + a * along + b * across for a, b in ends]
        found.append(shapely.Polygon(np.round(ring, 2)))
    return found
