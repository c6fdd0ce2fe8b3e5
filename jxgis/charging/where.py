"""Which zone places are in, and which of them are in the built-up area."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jxgis.layers import Layer

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


def zone_names(zones: Layer | None) -> pd.Series[str]:
    """Return the zones' names by ``zone_id``, in the order that `zone_of` counts them."""
    if zones is None:
        return pd.Series([], index=pd.Index([], name="zone_id", dtype=object), dtype=object)
    return zones.data.drop_duplicates("zone_id").set_index("zone_id")["zone"].astype(str)


def zone_of(points: FloatArray, zones: Layer | None) -> IntArray:
    """Return which zone each place is in.

    Parameters
    ----------
    points
        (n, 2) metres.
    zones
        Of kind ``zones``; several rows of one ``zone_id`` are one zone.

    Returns
    -------
    (n,) array
        Index into `zone_names`, -1 outside every zone; on a common border, and where zones
        overlap, the one that comes first.
    """
    found = np.full(len(points), -1)
    if zones is None:
        return found
    order = pd.Index(zone_names(zones).index)
    zone = order.get_indexer(pd.Index(zones.data["zone_id"]))
    place, shape = _inside(points, zones)
    own = zone[shape]
    best = np.lexsort((own, place))
    best = best[np.diff(place[best], prepend=-1) != 0]
    found[place[best]] = own[best]
    return found


def in_core(points: FloatArray, built_up: Layer | None) -> BoolArray:
    """Return which places are in the built-up area or on its border, (n,); none if there is none.

    Parameters
    ----------
    points
        (n, 2) metres.
    built_up
        Of kind ``built_up``.
    """
    inside = np.zeros(len(points), bool)
    if built_up is not None:
        inside[_inside(points, built_up)[0]] = True
    return inside


def _inside(points: FloatArray, layer: Layer) -> tuple[IntArray, IntArray]:
    """Return all pairs of a place and a row of a layer that it is in or on the border of."""
    shapes = layer.data.geometry.to_numpy()
    shapely.prepare(shapes)
    place, shape = shapely.STRtree(shapes).query(shapely.points(points))
    inside = shapely.intersects_xy(shapes[shape], *points[place].T)
    return place[inside], shape[inside]
