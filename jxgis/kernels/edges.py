"""The edges of zones, what equal discs cover of them, and where they cross the discs' circles."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jxgis.kernels.arcs import TAU, FloatArray, IntArray, nearest

FEW = 16
"""A piece of an edge that more discs may touch is halved before they are all looked at."""

SHORT = 1e-4
"""A piece of an edge shorter than this share of the radius is not halved again."""

ON_CIRCLE = 1e-6
"""A vertex this near to a circle may be where a zone's boundary crosses it, metres."""


@dataclass(frozen=True)
class Edges:
    """Directed edges with the zone's interior on the left: shells anticlockwise, holes clockwise.

    Attributes
    ----------
    start, along
        (n, 2) first point, metres, and unit vector.
    length
        (n,) metres, > 0.
    zone
        (n,) index of the polygon.
    following
        (n,) index of the next edge of the same ring.
    """

    start: FloatArray
    along: FloatArray
    length: FloatArray
    zone: IntArray
    following: IntArray


@dataclass(frozen=True)
class Chords:
    """Stretches of edges inside single discs: at most one of each edge in each disc.

    Those that matter only: an edge inside one disc as a whole lacks others, and has that one only
    if it comes near the circle.

    Attributes
    ----------
    edge, disc
        (n,) indices.
    start, end
        (n,) metres along the edge; exactly 0 and its length where the disc holds that end.
    whole
        (number of edges,) whether the edge is inside one disc as a whole.
    """

    edge: IntArray
    disc: IntArray
    start: FloatArray
    end: FloatArray
    whole: NDArray[np.bool_]


@dataclass(frozen=True)
class Crossings:
    """Points where zones' boundaries cross discs' circles.

    All that lie on the outline of the discs' union, and some that lie inside it.

    Attributes
    ----------
    zone, disc
        (n,) the polygon and the disc.
    angle
        (n,) where on the disc's circle, radians from 0 to 2 pi.
    change
        (n,) +1 where the circle, followed anticlockwise, enters the zone, and -1 where it leaves.
    """

    zone: IntArray
    disc: IntArray
    angle: FloatArray
    change: FloatArray


def directed_edges(polygons: NDArray[np.object_], origin: FloatArray) -> Edges:
    """Return the edges of polygons, in coordinates that count from ``origin``."""
    rings, polygon = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points -= origin
    vector = np.diff(points, axis=0)
    length = np.hypot(vector[:, 0], vector[:, 1])
    real = (np.diff(ring) == 0) & (length > 0)
    ring, length = ring[:-1][real], length[real]
    following = np.arange(1, len(ring) + 1)
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    following[np.append(first, len(ring))[1:] - 1] = first
    return Edges(
        points[:-1][real], vector[real] / length[:, None], length, polygon[ring], following
    )


def nearest_to_middles(edges: Edges, tree: cKDTree) -> tuple[FloatArray, IntArray]:
    """Return distance and index of the centre nearest to each edge's middle."""
    return nearest(tree, edges.start + edges.length[:, None] / 2 * edges.along)


def chords(edges: Edges, tree: cKDTree, radius: float, near: tuple[FloatArray, IntArray]) -> Chords:
    """Return the chords of edges in the discs around a tree's points.

    ``near`` is what `nearest_to_middles` gives, the same for every radius.
    """
    edge, disc, whole = _discs_that_matter(edges, tree, radius, near)
    to_centre = tree.data[disc] - edges.start[edge]
    along = edges.along[edge]
    foot = to_centre[:, 0] * along[:, 0] + to_centre[:, 1] * along[:, 1]
    off = to_centre[:, 0] * along[:, 1] - to_centre[:, 1] * along[:, 0]
    half = np.sqrt(np.maximum(radius**2 - off**2, 0))
    start = np.maximum(foot - half, 0)
    end = np.minimum(foot + half, edges.length[edge])
    met = start < end
    return Chords(edge[met], disc[met], start[met], end[met], whole)


def _discs_that_matter(
    edges: Edges, tree: cKDTree, radius: float, near: tuple[FloatArray, IntArray]
) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    """Return the pairs of an edge and a disc that `Chords` describes, and its ``whole``.

    A piece of half length h whose middle is at distance d from the nearest centre is inside that
    disc when d + h <= r and outside all when d - h >= r. In between, only centres at a distance
    of r - h to r + h matter, and there are few unless the piece is long: then it is halved.
    """
    distance, disc = near
    edge = np.arange(len(edges.length))
    middle = half = edges.length / 2
    inside = whole = distance + half <= radius
    shown = whole & (distance + half > radius - 2 * ON_CIRCLE)
    pairs: list[IntArray] = []  # edge * n + disc
    while True:
        pairs.append(edge[shown] * tree.n + disc[shown])
        unclear = ~inside & (distance - half < radius)
        edge, middle, half = edge[unclear], middle[unclear], half[unclear]
        if not len(edge):
            break
        point = edges.start[edge] + middle[:, None] * edges.along[edge]
        few = half <= radius / 4
        few[few] = tree.query_ball_point(point[few], radius + half[few], return_length=True) <= FEW
        few |= half <= SHORT * radius
        found = tree.query_ball_point(point[few], radius + half[few])
        count = np.fromiter(map(len, found), np.intp, len(found))
        every = np.fromiter(chain.from_iterable(found), np.intp, count.sum())
        pairs.append(np.repeat(edge[few], count) * tree.n + every)
        edge, middle, half = np.repeat(edge[~few], 2), middle[~few], half[~few] / 2
        middle = np.column_stack([middle - half, middle + half]).ravel()
        half = np.repeat(half, 2)
        distance, disc = nearest(tree, edges.start[edge] + middle[:, None] * edges.along[edge])
        inside = shown = distance + half <= radius
    found_edge, found_disc = np.divmod(np.unique(np.concatenate(pairs)), tree.n)
    return found_edge, found_disc, whole


def covered_length(edges: Edges, inside: Chords) -> FloatArray:
    """Return the length of each edge that lies inside the union of the discs, metres."""
    order = np.lexsort((inside.start, inside.edge))
    edge, start, end = inside.edge[order], inside.start[order], inside.end[order]
    reached = np.zeros(len(order))  # how far the chords before cover the edge
    reached[1:] = np.maximum.accumulate(edge + 1j * end).imag[:-1]
    reached[np.flatnonzero(np.diff(edge, prepend=-1))] = 0
    more = np.maximum(end - np.maximum(start, reached), 0)
    length = np.bincount(edge, more, minlength=len(edges.length))
    return np.where(inside.whole, edges.length, length)


def crossings(edges: Edges, inside: Chords, centres: FloatArray, radius: float) -> Crossings:
    """Return where zones' boundaries cross the circles of the discs that they have chords in.

    An edge that enters a disc meets a circle that, anticlockwise, leaves the zone, for the
    interior is on the edge's left; and the other way round. A boundary may also cross a circle
    at a vertex: then one of the two edges has a chord that ends there and the other has not.
    """
    to_end = inside.end == edges.length[inside.edge]
    from_start = inside.start == 0
    ends_here = np.flatnonzero(to_end)
    starts_here = np.flatnonzero(from_start)
    vertex = edges.following[inside.edge[ends_here]]
    ends_here = ends_here[_on_circle(edges, vertex, centres[inside.disc[ends_here]], radius)]
    vertex = inside.edge[starts_here]
    starts_here = starts_here[_on_circle(edges, vertex, centres[inside.disc[starts_here]], radius)]
    n = len(centres)
    ending = edges.following[inside.edge[ends_here]] * n + inside.disc[ends_here]
    starting = inside.edge[starts_here] * n + inside.disc[starts_here]
    ends_here = ends_here[~np.isin(ending, starting, kind="sort")]
    starts_here = starts_here[~np.isin(starting, ending, kind="sort")]

    entering = np.concatenate([np.flatnonzero(~from_start), starts_here])
    leaving = np.concatenate([np.flatnonzero(~to_end), ends_here])
    chord = np.concatenate([entering, leaving])
    at = np.concatenate([inside.start[entering], inside.end[leaving]])
    edge, disc = inside.edge[chord], inside.disc[chord]
    spoke = edges.start[edge] + at[:, None] * edges.along[edge] - centres[disc]
    angle = np.arctan2(spoke[:, 1], spoke[:, 0]) % TAU
    change = np.repeat([-1.0, 1.0], [len(entering), len(leaving)])
    return Crossings(edges.zone[edge], disc, angle, change)


def _on_circle(
    edges: Edges, vertex: IntArray, centre: FloatArray, radius: float
) -> NDArray[np.bool_]:
    spoke = edges.start[vertex] - centre
    return np.abs(np.hypot(spoke[:, 0], spoke[:, 1]) - radius) < ON_CIRCLE
