"""Made-up photovoltaics in the window of the imagery: roofs, ground arrays, and car-park canopies.

Roofs lie wholly on the sample's buildings, and the ground arrays on the fields that are cleared
between the two dates. The canopies stand at corners of parks and reach over green, so that a
check of photovoltaics against green has something to find.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from sample.frame import Table, rng
from sample.imagery import WINDOW

_ROOFS = 40
_MARGIN_M = 7.5
"""From a roof's edge: more than half a pixel's diagonal, so each touched pixel is roof."""
_CANOPY_M = 28.0
_CANOPY_PARKS = ("示例中央公园", "示例滨河公园", "示例体育公园")
_ARRAYS = ((112, 128, 590, 620), (112, 128, 630, 660))
"""First and last row, first and last column of each ground array in the window."""


def pv_table(land: Table, buildings: Table) -> Table:
    """Return the layer ``pv``: ``name``."""
    roofs = _roofs(buildings)
    arrays = _arrays()
    canopies = _canopies(land)
    names = [f"示例屋顶光伏 {i + 1:02d}" for i in range(len(roofs))]
    names += [f"示例地面光伏 {i + 1:02d}" for i in range(len(arrays))]
    names += [f"示例光伏车棚 {i + 1:02d}" for i in range(len(canopies))]
    return Table("pv", [*roofs, *arrays, *canopies], {"name": np.array(names, dtype=object)})


def _roofs(buildings: Table) -> list[Any]:
    """Return the inner parts of some large roofs, drawn from works, offices and public houses."""
    shapes = np.array(buildings.geometry, dtype=object)
    corner = WINDOW.points()[[0, -1, -1, 0], [0, 0, -1, -1]]
    window = shapely.Polygon(corner).buffer(-_MARGIN_M)
    fit = np.isin(buildings.columns["class"], ("industrial", "office", "public"))
    fit &= shapely.covers(window, shapes)
    chosen = np.sort(rng(20).permutation(np.flatnonzero(fit))[:_ROOFS])
    return list(shapely.buffer(shapes[chosen], -_MARGIN_M, join_style="mitre"))


def _arrays() -> list[shapely.Polygon]:
    points = WINDOW.points()
    corners = [
        points[[top, bottom, bottom, top], [left, left, right, right]]
        for top, bottom, left, right in _ARRAYS
    ]
    return [shapely.Polygon(np.round(ring, 2)) for ring in corners]


def _canopies(land: Table) -> list[shapely.Polygon]:
    """Return a square about the easternmost corner of each of the parks."""
    names = land.columns["name"].tolist()
    canopies = []
    for name in _CANOPY_PARKS:
        ring = shapely.get_coordinates(land.geometry[names.index(name)])
        x, y = ring[int(ring[:, 0].argmax())]
        canopies.append(shapely.box(x - _CANOPY_M, y - _CANOPY_M, x + _CANOPY_M, y + _CANOPY_M))
    return canopies
