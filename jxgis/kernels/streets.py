"""Streets as a graph with shapes, and the place on a street that is nearest to a point.

Streets join as they do in OpenStreetMap: where they share a vertex, and nowhere else. Two lines
that merely cross, as at a bridge that was drawn over a street, do not meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from jxgis.kernels.arcs import FloatArray, IntArray

BoolArray = NDArray[np.bool_]
Lines = NDArray[np.object_]

SNAP = 1e-3
"""Vertices coincide when their coordinates are equal after rounding to this, metres.

So two that are further apart never coincide, and two that are nearer need not."""

BRANCHES = 4
"""Children of a node of the tree of segments; with few of them the nearest is found sooner."""

LINE_TYPES = [
    shapely.GeometryType.MISSING,
    shapely.GeometryType.LINESTRING,
    shapely.GeometryType.LINEARRING,
]


class Adjacency(NamedTuple):
    """Which nodes are neighbours: the arrays of a compressed sparse matrix.

    Attributes
    ----------
    offset
        (k + 1,) where each node's neighbours begin.
    neighbour
        (a,) node index.
    weight
        (a,) metres, > 0: the shortest edge between the two.
    """

    offset: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    weight: FloatArray


@dataclass(frozen=True)
class Segments:
    """The straight parts of edges, in their order.

    Attributes
    ----------
    edge
        (s,) index of the edge.
    point
        (s,) index of the shape point it starts at; it ends at the next one.
    along
        (s,) metres along the edge at its start.
    length
        (s,) metres, > 0.
    """

    edge: IntArray
    point: IntArray
    along: FloatArray
    length: FloatArray


@dataclass(frozen=True)
class Links:
    """Where points are linked to streets.

    Attributes
    ----------
    edge
        (n,) index of the edge, or -1 where no street is near enough.
    at
        (n,) metres along the edge; nan where there is none.
    off
        (n,) metres from the point to that place; inf where there is none.
    """

    edge: IntArray
    at: FloatArray
    off: FloatArray

    def pairs(self, edge: IntArray) -> tuple[IntArray, IntArray]:
        """Return all pairs of one of some edges and a link on the same edge.

        Parameters
        ----------
        edge
            (m,) edges, or -1 for none.

        Returns
        -------
        two (p,) arrays
            Indices into ``edge``, ascending, and into the links.
        """
        order = np.argsort(self.edge, kind="stable")
        low = np.searchsorted(self.edge[order], edge, side="left")
        count = np.searchsorted(self.edge[order], edge, side="right") - low
        count[edge < 0] = 0
        return np.repeat(np.arange(len(edge)), count), order[_ranges(low, count)]


@dataclass(frozen=True)
class Streets:
    """A graph of streets. An edge runs from node to node and has the shape of its street.

    Edges may be loops and may be parallel. They are in the order of the lines they come from, and
    along each line.

    Attributes
    ----------
    nodes
        (k, 2) coordinates, metres.
    start, end
        (m,) node index.
    length
        (m,) metres along the shape, > 0.
    line
        (m,) index of the line that the edge is a part of.
    points
        (p, 2) coordinates of all edges' shapes, metres.
    first
        (m + 1,) where in ``points`` each edge's shape begins.
    along
        (p,) metres along its edge of each shape point, from exactly 0 to the edge's length.
    piece
        (m,) the connected piece of the graph; 0 is the one with the greatest length.
    """

    nodes: FloatArray
    start: IntArray
    end: IntArray
    length: FloatArray
    line: IntArray
    points: FloatArray
    first: IntArray
    along: FloatArray
    piece: IntArray

    @cached_property
    def edge_of_point(self) -> IntArray:
        """The edge of each shape point, (p,)."""
        return np.repeat(np.arange(len(self.length)), np.diff(self.first))

    @cached_property
    def segments(self) -> Segments:
        """The straight parts of all edges."""
        point = np.flatnonzero(np.diff(self.edge_of_point) == 0)
        along = self.along[point]
        return Segments(self.edge_of_point[point], point, along, self.along[point + 1] - along)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """A tree of the segments, in their order."""
        point = self.segments.point
        ends = np.stack([self.points[point], self.points[point + 1]], axis=1)
        return shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object), BRANCHES)

    @cached_property
    def adjacency(self) -> Adjacency:
        """Which nodes are neighbours, and how far apart; symmetric, and without loops."""
        k = len(self.nodes)
        pair = np.concatenate([self.start * k + self.end, self.end * k + self.start])
        weight = np.tile(self.length, 2)
        order = np.lexsort((weight, pair))
        pair, weight = pair[order], weight[order]
        shortest = (np.diff(pair, prepend=-1) != 0) & (pair // max(k, 1) != pair % max(k, 1))
        node, neighbour = np.divmod(pair[shortest], max(k, 1))
        offset = np.searchsorted(node, np.arange(k + 1))
        return Adjacency(offset.astype(np.int32), neighbour.astype(np.int32), weight[shortest])

    def coordinates(self, edge: IntArray, at: FloatArray) -> FloatArray:
        """Return the coordinates of places on edges.

        Parameters
        ----------
        edge
            (n,) index of the edge.
        at
            (n,) metres along it, from 0 to its length.

        Returns
        -------
        (n, 2) array, metres
        """
        point = np.minimum(self.point_from(edge, at, beyond=True), self.first[edge + 1] - 1)
        before, after = self.along[point - 1], self.along[point]
        share = ((at - before) / (after - before))[:, None]
        return np.asarray((1 - share) * self.points[point - 1] + share * self.points[point])

    def point_from(self, edge: IntArray, at: FloatArray, *, beyond: bool) -> IntArray:
        """Return the index of the first shape point from a place on an edge.

        Parameters
        ----------
        edge, at
            (n,) edges and metres along them.
        beyond
            Whether a point at the very place is passed over.

        Returns
        -------
        (n,) array
            The first point of the next edge where there is none.
        """
        key = self.edge_of_point + 1j * self.along  # sorts by real part, then imaginary
        place: NDArray[np.complex128] = edge + 1j * at
        return np.searchsorted(key, place, side="right" if beyond else "left").astype(np.intp)


def street_graph(lines: Lines, level: ArrayLike | None = None) -> Streets:
    """Return the graph of streets drawn as lines.

    A node is any end of a line, and any vertex that coincides with an end of a line, be it of the
    same one, or with another vertex of the same level. Lines are split at their nodes.

    Parameters
    ----------
    lines
        (n,) lines or rings, metres. Those that are missing, empty or of no length are left out.
    level
        (n,) whole numbers: which lines lie above which, as OpenStreetMap's ``layer`` says. Inner
        vertices of different levels do not join where they coincide. Ends join whatever they
        coincide with, as a bridge joins the streets that lead to it. Left out, all are equal.

    Returns
    -------
    Streets

    Raises
    ------
    ValueError
        If the lines are no lines, have coordinates that are not finite, or have not one level
        each.
    """
    lines = np.asarray(lines, dtype=object)
    levels = np.zeros(len(lines), np.intp) if level is None else np.asarray(level)
    if lines.ndim != 1 or not np.isin(shapely.get_type_id(lines), LINE_TYPES).all():
        raise ValueError("lines must be an array of LineStrings")
    if levels.shape != lines.shape or (levels.size and levels.dtype.kind not in "iu"):
        raise ValueError("each line must have one level, a whole number")
    points, line = shapely.get_coordinates(lines, return_index=True)
    if not np.isfinite(points).all():
        raise ValueError("lines must have finite coordinates")

    place = _places(points)
    kept = (np.diff(line, prepend=-1) != 0) | (np.diff(place, prepend=-1) != 0)
    kept &= np.bincount(line[kept], minlength=len(lines))[line] > 1
    points, line, place = points[kept], line[kept], place[kept]
    opening, closing = np.diff(line, prepend=-1) != 0, np.diff(line, append=-1) != 0
    site, is_node = _sites(place, levels[line], opening | closing)
    _, vertex, node = np.unique(site[is_node], return_index=True, return_inverse=True)
    nodes = points[is_node][vertex]
    node_of_vertex = np.full(len(points), -1)
    node_of_vertex[is_node] = node

    # An edge begins at each node of a line but its last; a node inside a line belongs to two.
    copies = 1 + (is_node & ~opening & ~closing)
    shape = np.repeat(np.arange(len(points)), copies)
    begins = (np.cumsum(copies) - 1)[is_node & ~closing]
    first = np.append(begins, len(shape))
    start, end = node_of_vertex[shape[begins]], node_of_vertex[shape[first[1:] - 1]]
    along, length = _along(points[shape], first)
    piece = _pieces(start, end, length, len(nodes))
    return Streets(
        nodes, start, end, length, line[shape[begins]], points[shape], first, along, piece
    )


def _places(points: FloatArray) -> IntArray:
    """Return one number for all points that coincide, (n,)."""
    x, y = np.rint(points / SNAP).T
    return np.unique(x + 1j * y, return_inverse=True)[1].astype(np.intp)


def _sites(place: IntArray, level: IntArray, is_end: BoolArray) -> tuple[IntArray, BoolArray]:
    """Return one number for all vertices that join, and which of them are nodes."""
    ends_at = np.zeros(place.max(initial=-1) + 1, bool)
    ends_at[place[is_end]] = True
    layer = np.unique(level, return_inverse=True)[1] + 1
    layer[ends_at[place]] = 0
    _, site, count = np.unique(
        place * (layer.max(initial=0) + 1) + layer, return_inverse=True, return_counts=True
    )
    return site.astype(np.intp), ends_at[place] | (count[site] > 1)


def _along(points: FloatArray, first: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the metres along its edge of each shape point, and each edge's length."""
    step = np.zeros(len(points))
    if len(points):
        step[1:] = np.hypot(*np.diff(points, axis=0).T)
        step[first[:-1]] = 0
        # Each edge takes off what the one before has summed up, so that sums stay small and exact.
        step[first[1:-1]] = -np.add.reduceat(step, first[:-1])[:-1]
    total = np.cumsum(step)
    along = total - np.repeat(total[first[:-1]], np.diff(first))
    return along, along[first[1:] - 1]


def _pieces(start: IntArray, end: IntArray, length: FloatArray, k: int) -> IntArray:
    if not k:
        return np.zeros(0, np.intp)
    joined = csr_array((np.ones(len(start)), (start, end)), shape=(k, k))
    count, of_node = connected_components(joined, directed=False)
    piece = of_node[start].astype(np.intp)
    rank: IntArray = np.empty(count, np.intp)
    total = np.bincount(piece, length, minlength=count)
    rank[np.argsort(-total, kind="stable")] = np.arange(count)
    return rank[piece]


def _ranges(low: IntArray, count: IntArray) -> IntArray:
    """Return ``low[i], ..., low[i] + count[i] - 1`` for every i, one after another."""
    before: IntArray = np.cumsum(count) - count
    return np.arange(count.sum()) + np.repeat(low - before, count)


def link(streets: Streets, points: ArrayLike, limit: float = np.inf) -> Links:
    """Link points to the nearest place on a street.

    Parameters
    ----------
    streets
        The graph.
    points
        (n, 2) coordinates, metres.
    limit
        A street further away than this is none, metres, > 0.

    Returns
    -------
    Links
        Where two streets are equally near, the one that comes first.

    Raises
    ------
    ValueError
        If the points are not an (n, 2) array of finite numbers, or the limit is not positive.
    """
    points = np.asarray(points, np.float64)
    if points.size == 0:
        points = points.reshape(-1, 2)
    if points.shape[1:] != (2,) or not np.isfinite(points).all():
        raise ValueError("points must be an (n, 2) array of finite numbers")
    if not limit > 0:
        raise ValueError("a limit must be a positive number")
    which, segment = streets.tree.query_nearest(shapely.points(points))
    order = np.lexsort((segment, which))
    order = order[np.diff(which[order], prepend=-1) != 0]
    which, segment = which[order], segment[order]
    point = streets.segments.point[segment]
    origin, target = streets.points[point], streets.points[point + 1]
    vector, offset = target - origin, points[which] - origin
    share = np.clip((vector * offset).sum(axis=1) / (vector**2).sum(axis=1), 0, 1)
    foot = np.where(share[:, None] < 1, origin + share[:, None] * vector, target)
    before, after = streets.along[point], streets.along[point + 1]
    off = np.hypot(*(points[which] - foot).T)
    near = off <= limit
    which, n = which[near], len(points)
    links = Links(np.full(n, -1), np.full(n, np.nan), np.full(n, np.inf))
    links.edge[which] = streets.segments.edge[segment[near]]
    links.at[which] = np.where(share < 1, before + share * (after - before), after)[near]
    links.off[which] = off[near]
    return links
