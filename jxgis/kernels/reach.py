"""Which candidates reach which demand, and how far it is: straight, or along streets.

Both give a sparse matrix of demand (rows) by candidates (columns) and never a dense one. A pair
that is stored is within its candidate's radius, and its value is the distance. That may be zero,
and a zero that is stored is a pair as any other; what is not stored is not reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.streets import Links, Streets

Csr: TypeAlias = "csr_array[np.float64, tuple[int, int]]"

GROWTH = 1.25
"""Candidates whose radii differ by less than this factor are searched with one radius."""

BLOCK = 8_000_000
"""Distances from candidates to nodes that are held at a time."""

SLACK = 1e-9
"""A search goes this much further than the radius, a share, so that rounding loses no pair."""


def within(demand_xy: ArrayLike, candidate_xy: ArrayLike, radius_m: ArrayLike) -> Csr:
    """Return the straight distances between demand and the candidates that reach it.

    Parameters
    ----------
    demand_xy
        (m, 2) coordinates, metres.
    candidate_xy
        (n, 2) coordinates, metres.
    radius_m
        Of all candidates, or (n,) of each, metres, > 0. What is exactly that far is reached.

    Returns
    -------
    (m, n) sparse matrix, metres
        Row indices sorted; zeros that are stored are pairs.

    Raises
    ------
    ValueError
        Coordinates that are not finite or not in pairs, or a radius that is not positive.

    Notes
    -----
    k-d trees of both. O((m + n) log (m + n) + pairs) for radii that are alike.
    """
    demand, candidate = _coordinates(demand_xy), _coordinates(candidate_xy)
    radius = _radii(radius_m, len(candidate))
    rows, columns, distances = [], [], []
    tree = cKDTree(demand)
    for own in _alike(radius):
        most = radius[own].max() * (1 + SLACK)
        found = cKDTree(candidate[own]).sparse_distance_matrix(tree, most, output_type="ndarray")
        column, row = own[found["i"]], found["j"].astype(np.intp)
        distance = np.hypot(*(demand[row] - candidate[column]).T)
        near = distance <= radius[column]
        rows.append(row[near])
        columns.append(column[near])
        distances.append(distance[near])
    return _matrix(rows, columns, distances, (len(demand), len(candidate)))


def along_streets(streets: Streets, demand: Links, candidates: Links, radius_m: ArrayLike) -> Csr:
    """Return the shortest ways along streets between demand and the candidates that reach it.

    Parameters
    ----------
    streets
        The graph.
    demand, candidates
        Where m places of demand and n candidates are linked to it; what is not linked reaches
        nothing and is not reached.
    radius_m
        Of all candidates, or (n,) of each, metres, > 0.

    Returns
    -------
    (m, n) sparse matrix, metres
        With the ways between both places and their streets. Row indices sorted; zeros that are
        stored are pairs.

    Raises
    ------
    ValueError
        If a radius is not positive.

    Notes
    -----
    Dijkstra's algorithm from every candidate, no further than its radius. To a place inside an
    edge the way leads through one of the edge's nodes, or along that edge alone.
    """
    m, n = len(demand.edge), len(candidates.edge)
    radius = _radii(radius_m, n)
    linked = np.flatnonzero(candidates.edge >= 0)
    linked = linked[np.argsort(radius[linked], kind="stable")]  # so that a block's are alike
    beside = _places_of_nodes(streets, demand)
    rows, columns, distances = [], [], []
    size = max(1, BLOCK // (len(streets.nodes) + 1))
    for begin in range(0, len(linked), size):
        own = linked[begin : begin + size]
        for row, column, distance in (
            _through_nodes(streets, candidates, own, radius, beside),
            _on_one_edge(demand, candidates, own),
        ):
            whole = distance + demand.off[row]
            near = whole <= radius[column]
            rows.append(row[near])
            columns.append(column[near])
            distances.append(whole[near])
    return _matrix(rows, columns, distances, (m, n))


def ones(reach: Csr) -> Csr:
    """Return the same pairs with 1 for every distance, as `jxgis.kernels.covers` wants them."""
    return csr_array((np.ones(reach.nnz), reach.indices, reach.indptr), shape=reach.shape)


def _coordinates(points: ArrayLike) -> FloatArray:
    points = np.asarray(points, np.float64)
    if points.size == 0:
        points = points.reshape(-1, 2)
    if points.shape[1:] != (2,) or not np.isfinite(points).all():
        raise ValueError("points must be an (n, 2) array of finite numbers")
    return points


def _radii(radius: ArrayLike, n: int) -> FloatArray:
    radius = np.asarray(radius, np.float64)
    if radius.shape not in ((), (n,)):
        raise ValueError("there must be one radius, or one for each candidate")
    if not (np.isfinite(radius) & (radius > 0)).all():
        raise ValueError("a radius must be a positive number")
    return np.broadcast_to(radius, n)


def _alike(radius: FloatArray) -> Iterator[IntArray]:
    """Give candidates in groups whose radii differ by less than `GROWTH`."""
    group = np.floor(np.log(radius) / np.log(GROWTH))
    for one in np.unique(group):
        yield np.flatnonzero(group == one)


def _places_of_nodes(streets: Streets, places: Links) -> Csr:
    """Return the places on edges at each node, (k, m), and how far along the edge they are."""
    place = np.flatnonzero(places.edge >= 0)
    edge, at = places.edge[place], places.at[place]
    node = np.concatenate([streets.start[edge], streets.end[edge]])
    way = np.concatenate([at, streets.length[edge] - at])
    return _matrix([node], [np.tile(place, 2)], [way], (len(streets.nodes), len(places.edge)))


def _through_nodes(
    streets: Streets, candidates: Links, own: IntArray, radius: FloatArray, beside: Csr
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return places that some candidates reach through a node, those candidates, and the ways.

    A pair comes once for each node that it is reached through.
    """
    graph, k = _with_sources(streets, candidates, own), len(streets.nodes)
    most = float(radius[own].max()) * (1 + SLACK)
    reached = dijkstra(graph, indices=np.arange(k, k + len(own)), limit=most)[:, :k]
    source, node = np.nonzero(reached <= most)
    first, count = beside.indptr[node], np.diff(beside.indptr)[node]
    pair = np.repeat(np.arange(len(node)), count)
    entry = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count) + first[pair]
    distance = reached[source, node][pair] + beside.data[entry]
    return beside.indices[entry].astype(np.intp), own[source[pair]], distance


def _with_sources(streets: Streets, candidates: Links, own: IntArray) -> Csr:
    """Return the graph with a node more for each candidate, which leads to its edge's two ends.

    Nothing leads to those nodes, so that no way goes through them. A weight of zero, of a
    candidate at a node, is an edge too: what a sparse matrix stores is one, whatever its value.
    """
    edge, at, off = candidates.edge[own], candidates.at[own], candidates.off[own]
    adjacency, total = streets.adjacency, len(streets.nodes) + len(own)
    ends = np.stack([streets.start[edge], streets.end[edge]], axis=1)
    ways = np.stack([off + at, off + (streets.length[edge] - at)], axis=1)
    offset = len(adjacency.weight) + 2 * np.arange(1, len(own) + 1)
    return csr_array(
        (
            np.concatenate([adjacency.weight, ways.ravel()]),
            np.concatenate([adjacency.neighbour, ends.ravel().astype(np.int32)]),
            np.concatenate([adjacency.offset, offset.astype(np.int32)]),
        ),
        shape=(total, total),
    )


def _on_one_edge(
    demand: Links, candidates: Links, own: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return places on the same edge as some candidates, those candidates, and the ways."""
    which, place = demand.pairs(candidates.edge[own])
    column = own[which]
    way = np.abs(demand.at[place] - candidates.at[column]) + candidates.off[column]
    return place, column, way


def _matrix(
    rows: list[IntArray], columns: list[IntArray], values: list[FloatArray], shape: tuple[int, int]
) -> Csr:
    """Return a matrix of the smallest value of each pair; zeros are kept."""
    nothing = np.zeros(0, np.intp)
    row, column = np.concatenate([nothing, *rows]), np.concatenate([nothing, *columns])
    value = np.concatenate([nothing.astype(np.float64), *values])
    order = np.lexsort((value, column, row))
    row, column, value = row[order], column[order], value[order]
    first = (np.diff(row, prepend=-1) != 0) | (np.diff(column, prepend=-1) != 0)
    row, column, value = row[first], column[first], value[first]
    offset = np.searchsorted(row, np.arange(shape[0] + 1))
    return csr_array((value, column.astype(np.int32), offset.astype(np.int32)), shape=shape)
