"""Expressways and their service areas; chargers, places for more of them, and substations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sample.blocks import Town
from sample.frame import FloatArray, Noise, Table, metres, rng, winding
from sample.places import EXPRESSWAYS, LEADS_TO, SERVICE_AREAS

_SIDE_M = 95.0
"""From the expressway's line to the middle of a service area's side."""

_DEPOTS = (5, 2, 2, 2, 2, 2, *[1] * 9)
"""Bus depots of the largest towns, in the order of `PLACES` by area."""


def expressway_table(region: BaseGeometry) -> Table:
    """Return the layer ``expressways``, cut 1 km outside the region.

    A Shapefile's column names have ten letters at most: ``vehicles`` are those per day.
    """
    around = region.buffer(1_000.0, quad_segs=2)
    shapes, names = [], []
    for name, line in _lines():
        for part in shapely.get_parts(line.intersection(around)):
            shapes.append(part)
            names.append(name)
    starts, ends, vehicles = zip(*(LEADS_TO[name] for name in names), strict=True)
    return Table(
        "expressways",
        shapes,
        {
            "name": np.array(names, dtype=object),
            "start": np.array(starts, dtype=object),
            "end": np.array(ends, dtype=object),
            "vehicles": np.array(vehicles, dtype=np.int32),
        },
    )


def _lines() -> list[tuple[str, shapely.LineString]]:
    """Return the expressways in the direction of their way points, uncut."""
    random = rng(11)
    sways = Noise(random, 6_000.0), Noise(random, 6_000.0)
    return [
        (name, winding(np.array([metres(*p) for p in way]), 900.0, 120.0, sways))
        for name, way in EXPRESSWAYS
    ]


def service_area_table() -> Table:
    """Return the layer ``service_areas``: a point on the right of each driving direction."""
    lines = _lines()
    points, names = [], []
    for name, lon, lat, sides in SERVICE_AREAS:
        here = shapely.Point(metres(lon, lat))
        way, line = min(lines, key=lambda named: named[1].distance(here))
        at = line.project(here)
        before, on, after = shapely.get_coordinates(
            shapely.line_interpolate_point(line, [at - 200.0, at, at + 200.0])
        )
        for side in sides:
            ahead = _heads(side, way, after - before)
            right = np.array([ahead[1], -ahead[0]]) / np.sqrt((ahead**2).sum())
            points.append(np.round(on + _SIDE_M * right, 3))
            names.append(f"{name}（{side}）")
    return Table(
        "service_areas", list(shapely.points(points)), {"name": np.array(names, dtype=object)}
    )


def _heads(side: str, way: str, along: FloatArray) -> FloatArray:
    """Return the driving direction of a side, given the direction in which its line is drawn."""
    start, end, _ = LEADS_TO[way]
    if side in ("北行方向", "南行方向"):
        return along if (along[1] > 0) == (side == "北行方向") else -along
    return {f"{start}方向": -along, f"{end}方向": along}[side]


def substation_table(towns: Sequence[Town]) -> Table:
    """Return the layer ``substations``: at the edges of towns, more where towns are larger."""
    random = rng(12)
    points = []
    for town in towns:
        edge = np.argwhere(town.built & (town.outskirt > 0.7) & (town.park < 0))
        count = 1 + int(town.place.area_km2 / 9.0)
        for i, j in edge[random.permutation(len(edge))[:count]].tolist():
            points.append(town.blocks[i, j].centroid.coords[0])
    kv = np.where(np.arange(len(points)) % 4 == 0, 220, 110).astype(np.int32)
    names = [f"示例变电站 {i + 1:02d}" for i in range(len(points))]
    spare = np.round(np.where(kv == 220, 6_000.0, 2_500.0) * (0.2 + random.random(len(kv))), -2)
    return Table(
        "substations",
        list(shapely.points(np.round(points, 2))),
        {"name": np.array(names, dtype=object), "kv": kv, "spare_kw": spare},
    )


def charger_table(towns: Sequence[Town], parking: Table) -> Table:
    """Return the layer ``chargers``: at some car parks, and at two service areas' both sides."""
    random = rng(13)
    cars = np.array(parking.geometry, dtype=object)
    chosen = np.flatnonzero(random.random(len(cars)) < 0.16)
    points = [cars[i].coords[0] for i in chosen.tolist()]
    posts = random.integers(2, 17, size=len(points)).tolist()
    power = np.where(random.random(len(points)) < 0.25, 7, 60).tolist()
    kinds = ["city"] * len(points)
    for town in towns[:6]:
        points.append(tuple(metres(town.place.lon, town.place.lat) + 650.0))
        posts.append(20)
        power.append(120)
        kinds.append("bus")
    service = service_area_table()
    for point in service.geometry[:4]:
        points.append((point.x + 15.0, point.y + 15.0))
        posts.append(4)
        power.append(120)
        kinds.append("expressway")
    names = [f"示例充电站 {i + 1:03d}" for i in range(len(points))]
    return Table(
        "chargers",
        list(shapely.points(np.round(points, 2))),
        {
            "name": np.array(names, dtype=object),
            "posts": np.array(posts, dtype=np.int32),
            "class": np.array(kinds, dtype=object),
            "power_kw": np.array(power, dtype=np.int32),
        },
    )


def candidate_table(towns: Sequence[Town], wet: BaseGeometry) -> Table:
    """Return the layer ``candidates``: bus depots and termini at the edges of larger towns."""
    random = rng(22)
    largest = sorted(towns, key=lambda town: -town.place.area_km2)
    points: list[FloatArray] = []
    for town, count in zip(largest, _DEPOTS, strict=False):
        edge = np.argwhere(town.built & (town.outskirt > 0.7) & (town.park < 0))
        found = 0
        for i, j in edge[random.permutation(len(edge))].tolist():
            point = np.round(np.mean(town.blocks[i, j].exterior.coords[:3], axis=0), 2)
            apart = [np.sqrt(((point - other) ** 2).sum()) for other in points]
            if min(apart, default=np.inf) < 900.0 or wet.distance(shapely.Point(point)) < 50.0:
                continue
            points.append(point)
            found += 1
            if found == count:
                break
    names = [f"示例公交场站 {i + 1:02d}" for i in range(len(points))]
    return Table(
        "candidates",
        list(shapely.points(points)),
        {
            "name": np.array(names, dtype=object),
            "class": np.array(["bus"] * len(points), dtype=object),
        },
    )
