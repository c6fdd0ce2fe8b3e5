"""The stretches of streets inside polygons, and what a walk from the nearest stop reaches of them.

With a radius r, an edge of length L between nodes u and v is reached from its two ends over
``r - d_u`` and ``r - d_v``, and from a stop on it over ``r - off`` to either side. What the ends
leave is one gap, so a stretch is reached but for its gap, and the gap where stops on it reach::

    u |=======|......(====stop====)...|======| v
       r - d_u        2 (r - off)      r - d_v
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.streets import BoolArray, Lines, Links, Streets

JOINED = 1e-6
"""Stretches of an edge that are this near to each other are one, metres."""

POLYGON_TYPES = [
    shapely.GeometryType.MISSING,
    shapely.GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOLYGON,
]


@dataclass(frozen=True)
class Stretches:
    """Parts of edges, sorted by owner, edge and start; those of one owner do not overlap.

    Attributes
    ----------
    edge
        (n,) index of the edge.
    start, end
        (n,) metres along the edge, ``start < end``.
    owner
        (n,) index of what the part belongs to.
    """

    edge: IntArray
    start: FloatArray
    end: FloatArray
    owner: IntArray


def stretches_in(streets: Streets, polygon_sets: Sequence[NDArray[np.object_]]) -> Stretches:
    """Return the stretches of streets inside sets of polygons.

    Parameters
    ----------
    streets
        The graph.
    polygon_sets
        Arrays of valid polygons or multipolygons, metres. Sets may overlap each other.

    Returns
    -------
    Stretches
        The owner is the index of the set. What lies in several polygons of a set, or on their
        common border, is there once. A street on the border of two sets belongs to both.

    Raises
    ------
    ValueError
        If the sets hold anything but polygons.
    """
    sets = [np.asarray(polygons, dtype=object).ravel() for polygons in polygon_sets]
    polygons = np.concatenate([np.empty(0, object), *sets])
    owner = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    if not np.isin(shapely.get_type_id(polygons), POLYGON_TYPES).all():
        raise ValueError("sets must hold polygons or multipolygons")
    segments, tree = streets.segments, streets.tree
    within, whole = tree.query(polygons, predicate="covers")
    touching, touched = tree.query(polygons, predicate="intersects")
    n = len(segments.edge)
    partly = ~np.isin(touching * n + touched, within * n + whole)
    touching, touched = touching[partly], touched[partly]
    pair, low, high = _inside(tree.geometries[touched], polygons[touching])
    touching, touched = touching[pair], touched[pair]
    before, most = segments.along[touched], segments.length[touched]
    return _united(
        np.concatenate([owner[within], owner[touching]]),
        np.concatenate([segments.edge[whole], segments.edge[touched]]),
        np.concatenate([segments.along[whole], before + np.minimum(low, most)]),
        np.concatenate([streets.along[segments.point[whole] + 1], before + np.minimum(high, most)]),
    )


def _inside(
    segment: Lines, polygon: NDArray[np.object_]
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the parts of segments inside polygons: pair, from and to, metres along the segment."""
    parts, pair = shapely.get_parts(shapely.intersection(segment, polygon), return_index=True)
    is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    parts, pair = parts[is_line], pair[is_line]
    points, part = shapely.get_coordinates(parts, return_index=True)
    origin = shapely.get_coordinates(shapely.get_point(segment, 0))[pair][part]
    far = np.hypot(*(points - origin).T)
    first = np.flatnonzero(np.diff(part, prepend=-1))
    if not len(first):
        return pair, np.empty(0), np.empty(0)
    return pair, np.minimum.reduceat(far, first), np.maximum.reduceat(far, first)


def _united(owner: IntArray, edge: IntArray, start: FloatArray, end: FloatArray) -> Stretches:
    """Return the union of intervals on each edge, for each owner."""
    real = start < end
    owner, edge, start, end = owner[real], edge[real], start[real], end[real]
    order = np.lexsort((start, edge, owner))
    owner, edge, start, end = owner[order], edge[order], start[order], end[order]
    group = np.cumsum((np.diff(owner, prepend=-1) != 0) | (np.diff(edge, prepend=-1) != 0))
    first = np.flatnonzero(start > _reached(group, end) + JOINED)
    if len(first):
        end = np.maximum.reduceat(end, first)
    return Stretches(edge[first], start[first], end, owner[first])


def _reached(group: IntArray, end: FloatArray) -> FloatArray:
    """Return how far the intervals before each one reach; -inf for the first of a group."""
    reached = np.full(len(end), -np.inf)
    reached[1:] = np.maximum.accumulate(group + 1j * end).imag[:-1]
    reached[np.diff(group, prepend=-1) != 0] = -np.inf
    return reached


def total_lengths(stretches: Stretches, n_sets: int) -> FloatArray:
    """Return the length of each owner's stretches.

    Parameters
    ----------
    stretches
        What `stretches_in` gives.
    n_sets
        How many owners there are.

    Returns
    -------
    (n_sets,) array, metres
    """
    length = stretches.end - stretches.start
    return np.asarray(np.bincount(stretches.owner, length, minlength=n_sets), np.float64)


def covered_lengths(
    streets: Streets,
    stretches: Stretches,
    node_distance: FloatArray,
    links: Links,
    radii: Sequence[float],
    n_sets: int,
) -> FloatArray:
    """Return the length of each owner's stretches within walks of the nearest stop, exactly.

    Parameters
    ----------
    streets
        The graph, k nodes.
    stretches
        What `stretches_in` gives.
    node_distance
        (k,) what `walking_distances` gives with a limit of at least the greatest radius, metres.
    links
        Where the stops are linked.
    radii
        Longest walks, from the stop itself to a place on a street, metres, > 0.
    n_sets
        How many owners there are.

    Returns
    -------
    (len(radii), n_sets) array, metres

    Raises
    ------
    ValueError
        If a radius is not a positive number.
    """
    edge = stretches.edge
    from_start, from_end = node_distance[streets.start[edge]], node_distance[streets.end[edge]]
    stretch, stop = links.pairs(edge)
    nearest, farthest = (links.at + links.off)[stop], (links.at - links.off)[stop]
    order = np.lexsort((nearest, stretch))  # by where they begin, for every radius
    stretch, nearest, farthest = stretch[order], nearest[order], farthest[order]
    covered = np.empty((len(radii), n_sets))
    for row, radius in zip(covered, radii, strict=True):
        _check(radius)
        low = np.clip(radius - from_start, stretches.start, stretches.end)
        high = np.clip(streets.length[edge] - (radius - from_end), low, stretches.end)
        start = np.maximum(nearest - radius, low[stretch])
        end = np.minimum(farthest + radius, high[stretch])
        real = start < end
        of, start, end = stretch[real], start[real], end[real]
        more = np.maximum(end - np.maximum(start, _reached(of, end)), 0)
        length = (low - stretches.start) + (stretches.end - high)
        length += np.bincount(of, more, minlength=len(edge))
        row[:] = np.bincount(stretches.owner, length, minlength=n_sets)
    return covered


def reached(streets: Streets, node_distance: FloatArray, links: Links, radius: float) -> Stretches:
    """Return the stretches of all streets within a walk of the nearest stop.

    Parameters
    ----------
    streets, node_distance, links
        As for `covered_lengths`.
    radius
        Longest walk, from the stop itself to a place on a street, metres, > 0.

    Returns
    -------
    Stretches
        All of owner 0.

    Raises
    ------
    ValueError
        If the radius is not a positive number.
    """
    _check(radius)
    length, every = streets.length, np.arange(len(streets.length))
    from_start = np.minimum(radius - node_distance[streets.start], length)
    from_end = np.maximum(length - (radius - node_distance[streets.end]), 0)
    stop = np.flatnonzero(links.edge >= 0)
    on, at, reach = links.edge[stop], links.at[stop], radius - links.off[stop]
    edge = np.concatenate([every, every, on])
    return _united(
        np.zeros_like(edge),
        edge,
        np.concatenate([np.zeros(len(every)), from_end, np.maximum(at - reach, 0)]),
        np.concatenate([from_start, length, np.minimum(at + reach, length[on])]),
    )


def drawn(streets: Streets, stretches: Stretches) -> Lines:
    """Return stretches as lines that follow the shape of their streets.

    Parameters
    ----------
    streets
        The graph.
    stretches
        What `stretches_in` or `reached` gives.

    Returns
    -------
    (n,) array of LineStrings, metres
    """
    edge, start, end = stretches.edge, stretches.start, stretches.end
    low = streets.point_from(edge, start, beyond=True)
    count = streets.point_from(edge, end, beyond=False) - low
    size = count + 2
    line = np.repeat(np.arange(len(edge)), size)
    first = np.cumsum(size) - size
    within = np.arange(len(line)) - first[line]  # 0, 1, ... along each line
    is_start, is_end = within == 0, within == size[line] - 1
    points = np.empty((len(line), 2))
    points[is_start] = streets.coordinates(edge, start)
    points[is_end] = streets.coordinates(edge, end)
    inner: BoolArray = ~is_start & ~is_end
    points[inner] = streets.points[(low[line] + within - 1)[inner]]
    return np.asarray(shapely.linestrings(points, indices=line), dtype=object)


def reached_lines(
    streets: Streets, node_distance: FloatArray, links: Links, radius: float
) -> Lines:
    """Return all that is within a walk of the nearest stop, as lines.

    Parameters
    ----------
    streets, node_distance, links, radius
        As for `reached`, and the same errors.

    Returns
    -------
    (n,) array of LineStrings, metres
    """
    return drawn(streets, reached(streets, node_distance, links, radius))


def _check(radius: float) -> None:
    if not 0 < radius < np.inf:
        raise ValueError("a radius must be a positive number")
