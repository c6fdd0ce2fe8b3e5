"""Planned green: some of it where panels could stand, and two roofs that are to be planted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from sample.blocks import Town
from sample.frame import Noise, Table, rng

_PARKS = 5
_OVER = (("orchard", 1), ("orchard", 5), ("fish_pond", 1), ("fish_pond", 20), ("bare", 4))
"""Class of land, and which of its larger fields, from the west, is planned over."""
_LARGE_M2 = 700_000.0
_RADII_M = (300.0, 240.0)
_ROOFS = ("industrial", "public")
_PARAPET_M = 2.0


def planned_green_table(towns: Sequence[Town], land: Table, buildings: Table) -> Table:
    """Return the layer ``planned_green``: ``name`` and ``class``.

    ``land`` is to have the survey's classes.
    """
    random = rng(27)
    shapes = _parks(towns, buildings, random)
    kinds = ["park"] * len(shapes)
    field = Noise(random, 350.0)
    for kind, number in _OVER:
        shapes.append(_blob(land, kind, number, field))
        kinds.append("belt")
    for kind in _ROOFS:
        roofs = np.array(buildings.geometry, dtype=object)[buildings.columns["class"] == kind]
        roof = roofs[int(random.integers(len(roofs)))]
        shapes.append(roof.buffer(-_PARAPET_M, join_style="mitre"))
        kinds.append("roof")
    names = [f"示例规划绿地 {i + 1:02d}" for i in range(len(shapes))]
    columns = {"name": np.array(names, dtype=object), "class": np.array(kinds, dtype=object)}
    return Table("planned_green", shapes, columns)


def _parks(towns: Sequence[Town], buildings: Table, random: np.random.Generator) -> list[Any]:
    """Return blocks of the larger towns that have no building yet."""
    tree = shapely.STRtree(list(buildings.geometry))
    found = []
    for town in towns[:_PARKS]:
        blocks = town.blocks[town.built & (town.park < 0) & (town.outskirt > 0.4)]
        used, _ = tree.query(blocks, predicate="intersects")
        empty = np.setdiff1d(np.arange(len(blocks)), used)
        found.append(blocks[int(random.choice(empty))])
    return found


def _blob(land: Table, kind: str, number: int, field: Noise) -> Any:
    """Return a ragged outline round the middle of a field, which may reach over its edges."""
    fields = np.array(land.geometry, dtype=object)[land.columns["class"] == kind]
    large = fields[shapely.area(fields) > _LARGE_M2]
    middles = shapely.get_coordinates(shapely.centroid(large))
    middle = np.round(middles[np.argsort(middles[:, 0], kind="stable")[number]], 2)
    width, height = _RADII_M
    ring = shapely.Point(middle).buffer(1.0, quad_segs=6)
    around = shapely.get_coordinates(ring) - middle
    push = 1.0 + 0.3 * field(middle + around * (width, height))
    return shapely.Polygon(np.round(middle + around * (width, height) * push[:, None], 2))
