"""Areas whose rings OpenStreetMap's own assembler refuses: mended where they still close."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import osmium
import shapely

_INNER = "inner"
Member = tuple[int, str]


def relation_area(members: Sequence[Member], lines: Mapping[int, Any]) -> Any | None:
    """Return what the outer ways of a multipolygon enclose, less what its inner ways do.

    Parameters
    ----------
    members : sequence of (int, str)
        Way ids and their roles.
    lines : mapping of int to shapely.LineString
        From `ways_there`.

    Returns
    -------
    shapely.Polygon, shapely.MultiPolygon or None
        Rings that do not close, because a member is missing or badly drawn, enclose nothing: an
        outer one is lost and an inner one is filled. None where nothing is left.
    """
    outer = enclosed([lines[way] for way, role in members if role != _INNER and way in lines])
    inner = enclosed([lines[way] for way, role in members if role == _INNER and way in lines])
    if outer is None or inner is None:
        return outer
    area = shapely.difference(outer, inner)
    return None if area.is_empty else area


def enclosed(lines: Sequence[Any]) -> Any | None:
    """Return the area that lines enclose, also where they cross; None where they enclose none."""
    # The union nodes the lines where they cross, without which nothing is enclosed.
    area = shapely.build_area(shapely.union_all(lines))
    return None if area is None or area.is_empty else area


def ways_there(path: Path, ways: Collection[int]) -> tuple[dict[int, Any], set[int]]:
    """Return the named ways of an extract as lines, and which of them the extract clipped.

    A gap of missing nodes is bridged straight; a closed way stays closed.
    """
    ids = osmium.filter.IdFilter(ways)
    ids.enable_for(osmium.osm.WAY)
    only_ways = osmium.filter.EntityFilter(osmium.osm.WAY)
    processor = osmium.FileProcessor(path).with_locations().with_filter(only_ways)
    lines: dict[int, Any] = {}
    clipped = set()
    way: Any
    for way in processor.with_filter(ids):
        places = [node.location for node in way.nodes]
        xy = [(place.lon, place.lat) for place in places if place.valid()]
        if len(xy) < len(places):
            clipped.add(way.id)
            if way.is_closed():
                xy += xy[:1]
        if len(set(xy)) > 1:
            lines[way.id] = shapely.LineString(xy)
    return lines, clipped
