"""The free land within a zone, as polygons."""

from __future__ import annotations

import math
from typing import Any

import shapely

from jxgis.kernels.polygons import within
from jxgis.rasters import Window
from jxgis.solar.land import LAND_FORMS, Block, Land


def free_land(land: Land, shape: Any) -> dict[str, Any]:
    """Return what of a zone is free on the last day, by form; forms without any are left out.

    Parameters
    ----------
    land
        Rules and features.
    shape
        The zone's outline, along the edges of cells.

    Returns
    -------
    dict of shapely.MultiPolygon
        Land that only a raster speaks of is left out: it has no outline.
    """
    if shape.is_empty:
        return {}
    corners = land.frame.grid.to_pixels(shapely.get_coordinates(shapely.box(*shape.bounds)))
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    row, column = math.floor(top + 0.5), math.floor(left + 0.5)
    window = Window(row, column, round(bottom) - row, round(right) - column)
    block = Block(land, window)
    found = {}
    for form in LAND_FORMS:
        own = within(block.free(form, land.days[-1]).polygons, shape)
        if len(own):
            found[form] = shapely.MultiPolygon(list(own))
    return found
