"""Expressways and their service areas, substations, and the chargers that exist."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sample.blocks import Town
from sample.frame import Noise, Table, metres, rng, winding
from sample.places import EXPRESSWAYS, SERVICE_AREAS

_SIDE_M = 70.0


def expressway_table(region: BaseGeometry) -> Table:
    """Return the layer ``expressways``, cut 1 km outside the region."""
    random = rng(11)
    sways = Noise(random, 6_000.0), Noise(random, 6_000.0)
    around = region.buffer(1_000.0, quad_segs=2)
    shapes, names = [], []
    for name, way in EXPRESSWAYS:
        line = winding(np.array([metres(*p) for p in way]), 900.0, 120.0, sways)
        for part in shapely.get_parts(line.intersection(around)):
            shapes.append(part)
            names.append(name)
    return Table("expressways", shapes, {"name": np.array(names, dtype=object)})


def service_area_table() -> Table:
    """Return the layer ``service_areas``: a point for each carriageway side."""
    points, names = [], []
    for name, lon, lat, sides in SERVICE_AREAS:
        for side, shift in zip(sides, (_SIDE_M, -_SIDE_M), strict=True):
            points.append(metres(lon, lat) + np.array([-shift, shift]))
            names.append(f"{name}（{side}）")
    return Table(
        "service_areas", list(shapely.points(points)), {"name": np.array(names, dtype=object)}
    )


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
    return Table(
        "substations",
        list(shapely.points(np.round(points, 2))),
        {"name": np.array(names, dtype=object), "kv": kv},
    )


def charger_table(towns: Sequence[Town], parking: Table) -> Table:
    """Return the layer ``chargers``: at some car parks, and at two service areas' both sides."""
    random = rng(13)
    cars = np.array(parking.geometry, dtype=object)
    chosen = np.flatnonzero(random.random(len(cars)) < 0.16)
    points = [cars[i].coords[0] for i in chosen.tolist()]
    posts = random.integers(2, 17, size=len(points)).tolist()
    kinds = ["city"] * len(points)
    for town in towns[:6]:
        points.append(tuple(metres(town.place.lon, town.place.lat) + 650.0))
        posts.append(20)
        kinds.append("bus")
    service = service_area_table()
    for point in service.geometry[:4]:
        points.append((point.x + 15.0, point.y + 15.0))
        posts.append(4)
        kinds.append("expressway")
    names = [f"示例充电站 {i + 1:03d}" for i in range(len(points))]
    return Table(
        "chargers",
        list(shapely.points(np.round(points, 2))),
        {
            "name": np.array(names, dtype=object),
            "posts": np.array(posts, dtype=np.int32),
            "class": np.array(kinds, dtype=object),
        },
    )
