"""How much of a place the items of a day show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape

from jxgis.crs import Bounds

if TYPE_CHECKING:
    import pystac


def share_of(items: Iterable[pystac.Item], place: Bounds) -> float:
    """Return the share of a place that items cover together.

    Parameters
    ----------
    items : iterable of pystac.Item
        One that says nothing of where it lies is taken to cover all.
    place
        West, south, east and north, degrees.

    Returns
    -------
    float
        0 to 1, of degrees: a place is small, and a degree the same all over it.
    """
    whole = shapely.box(*place)
    outlines = [_outline(item, whole) for item in items]
    covered = shapely.intersection(shapely.union_all(outlines), whole)
    return min(1.0, float(shapely.area(covered) / shapely.area(whole)))


def _outline(item: pystac.Item, whole: Any) -> Any:
    try:
        if item.geometry:
            return shapely.make_valid(shape(item.geometry))
        if item.bbox:
            box, half = item.bbox, len(item.bbox) // 2  # of three numbers a corner with heights
            return shapely.box(box[0], box[1], box[half], box[half + 1])
    except (shapely.errors.ShapelyError, ValueError, TypeError, LookupError, AttributeError):
        return whole  # a server's fault, which hides no image
    return whole
