"""Who lives where, and the buildings and car parks of the towns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sample.blocks import Town
from sample.frame import FloatArray, IntArray, Noise, Table, rng
from sample.places import COUNTIES

_URBAN_SHARE = 0.70
_STOREYS = {"residential": (3, 24), "office": (5, 26), "commercial": (2, 9), "public": (3, 8)}
_INDUSTRIAL_STOREYS = (1, 4)


def population_table(
    towns: Sequence[Town],
    counties: Sequence[shapely.Polygon],
    land: Table,
    wet: BaseGeometry,
) -> Table:
    """Return the layer ``population``: points whose ``population`` sums to each county's figure.

    70 % live in built-up blocks (denser towards the centres), the rest among the fields.
    """
    random = rng(8)
    uneven = Noise(random, 1_100.0)
    points, weights = _block_weights(towns, uneven, wet)
    fields = _field_points(land)
    everywhere = np.vstack([points, fields])
    rural = 1.0 + 0.5 * uneven(fields)
    placed: list[FloatArray] = []
    residents: list[IntArray] = []
    geometry = shapely.points(everywhere)
    for county, boundary in zip(COUNTIES, counties, strict=True):
        here = shapely.covers(boundary, geometry)
        town, field = here[: len(points)], here[len(points) :]
        share = np.concatenate(
            [
                _URBAN_SHARE * weights[town] / math.fsum(weights[town]),
                (1.0 - _URBAN_SHARE) * rural[field] / math.fsum(rural[field]),
            ]
        )
        counts = apportion(share, county.residents)
        placed.append(everywhere[here][counts > 0])
        residents.append(counts[counts > 0])
    where = np.round(np.vstack(placed), 1)
    return Table(
        "population",
        list(shapely.points(where)),
        {"population": np.concatenate(residents).astype(np.int32)},
    )


def apportion(share: FloatArray, total: int) -> IntArray:
    """Return whole numbers in proportion to the shares that sum to the total (Hamilton)."""
    exact = share * total
    counts = np.floor(exact).astype(np.int64)
    missing = total - int(counts.sum())
    largest = np.argsort(np.round(counts - exact, 9), kind="stable")[:missing]
    counts[largest] += 1
    return counts


def _block_weights(
    towns: Sequence[Town], uneven: Noise, wet: BaseGeometry
) -> tuple[FloatArray, FloatArray]:
    shapely.prepare(wet)
    points, weights = [], []
    for town in towns:
        lived_in = town.built & (town.park < 0)
        lived_in &= ~shapely.intersects(wet, shapely.centroid(town.blocks))
        middle = shapely.get_coordinates(shapely.centroid(town.blocks[lived_in]))
        out = town.outskirt[lived_in]
        density = (0.25 + np.maximum(1.2 - out, 0.0)) * (1.0 + 0.7 * uneven(middle))
        points.append(middle)
        weights.append(density * shapely.area(town.blocks[lived_in]))
    return np.vstack(points), np.concatenate(weights)


def _field_points(land: Table) -> FloatArray:
    dry = np.isin(land.columns["class"], ("farmland", "cropland", "orchard"))
    shapes = np.array(land.geometry, dtype=object)[dry]
    return shapely.get_coordinates(shapely.point_on_surface(shapes))


def building_table(towns: Sequence[Town], wet: BaseGeometry) -> Table:
    """Return the layer ``buildings``: ``class``, ``storeys`` and ``floor_m2``.

    A sample of the larger buildings, one to four in some of the blocks, parallel to the streets
    and off the water.
    """
    shapely.prepare(wet)
    random = rng(9)
    works = Noise(random, 1_600.0)
    shapes: list[shapely.Polygon] = []
    classes: list[str] = []
    storeys: list[int] = []
    for town in towns:
        for i, j in np.argwhere(town.built & (town.park < 0)).tolist():
            corners = shapely.get_coordinates(town.blocks[i, j])[:4]
            kind = _use(float(works(corners.mean(axis=0))), town.outskirt[i, j], random.random())
            if random.random() < (0.25 if kind == "residential" else 0.85):
                drawn = _footprints(corners, kind, random)
                footprints = [f for f in drawn if not wet.intersects(f)]
                low, high = _STOREYS.get(kind, _INDUSTRIAL_STOREYS)
                shapes += footprints
                classes += [kind] * len(footprints)
                storeys += random.integers(low, high, size=len(footprints)).tolist()
    floors = np.round(shapely.area(shapes) * np.array(storeys), -1).astype(np.int32)
    return Table(
        "buildings",
        shapes,
        {
            "class": np.array(classes, dtype=object),
            "storeys": np.array(storeys, dtype=np.int32),
            "floor_m2": floors,
        },
    )


def _use(works: float, outskirt: float, chance: float) -> str:
    if works + 0.5 * outskirt > 0.55:
        return "industrial" if chance < 0.85 else "residential"
    if outskirt < 0.5:
        kinds = ("office", "commercial", "public")
        return kinds[int(chance * 10)] if chance < 0.3 else "residential"
    return "public" if chance < 0.08 else "residential"


def _footprints(
    corners: FloatArray, kind: str, random: np.random.Generator
) -> list[shapely.Polygon]:
    """Return rectangles inside a block: halves or quarters of it, less a margin."""
    columns, rows = (2, 1) if kind == "industrial" else (2, 2)
    found = []
    for column in range(columns):
        for row in range(rows):
            if random.random() < 0.3:
                continue
            margin = 0.06 + (0.05 if kind == "industrial" else 0.13) * random.random(4)
            u = (column + margin[0] * 2) / columns, (column + 1 - margin[1] * 2) / columns
            v = (row + margin[2] * 2) / rows, (row + 1 - margin[3] * 2) / rows
            ends = ((u[0], v[0]), (u[1], v[0]), (u[1], v[1]), (u[0], v[1]))
            ring = [_inside(corners, *end) for end in ends]
            found.append(shapely.Polygon(np.round(ring, 2)))
    return found


def _inside(corners: FloatArray, u: float, v: float) -> FloatArray:
    """Return the point of a quadrilateral at shares ``u`` and ``v`` of its sides."""
    a, b, c, d = corners
    near, far = a * (1 - u) + b * u, d * (1 - u) + c * u
    point: FloatArray = near * (1 - v) + far * v
    return point


def parking_table(towns: Sequence[Town], wet: BaseGeometry) -> Table:
    """Return the layer ``parking``: public car parks as points with ``spaces`` and ``name``."""
    random = rng(10)
    points, spaces = [], []
    for town in towns:
        for i, j in np.argwhere(town.built & (town.park < 0)).tolist():
            if random.random() < 0.045 + 0.06 * max(0.8 - town.outskirt[i, j], 0.0):
                corners = shapely.get_coordinates(town.blocks[i, j])[:4]
                point = np.round(_inside(corners, 0.5, 0.25 + 0.5 * random.random()), 2)
                size = int(random.integers(6, 60)) * 10
                if not wet.intersects(shapely.Point(point)):
                    points.append(point)
                    spaces.append(size)
    names = [f"示例停车场 {i + 1:03d}" for i in range(len(points))]
    return Table(
        "parking",
        list(shapely.points(points)),
        {"name": np.array(names, dtype=object), "spaces": np.array(spaces, dtype=np.int32)},
    )
