"""How far it is to walk along streets from the nearest of many stops.

The walk from a stop to anywhere is the way from the stop to its street, the way along streets, and
the way from the street. One pass over the graph gives the walk to every node. To a place inside an
edge the walk leads through one of the edge's two nodes, or comes from a stop on the same edge.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from jxgis.kernels.arcs import FloatArray, IntArray
from jxgis.kernels.streets import Links, Streets

Graph: TypeAlias = "csr_array[np.float64, tuple[int, int]]"


def walking_distances(streets: Streets, links: Links, limit: float = np.inf) -> FloatArray:
    """Return the walk from the nearest stop to each node.

    Parameters
    ----------
    streets
        The graph, k nodes.
    links
        Where the stops are linked to it.
    limit
        Walks that are longer than this are not looked for, metres, > 0.

    Returns
    -------
    (k,) array, metres
        From the stop itself, which may lie off its street; inf where the walk is longer than the
        limit, and where there is none.

    Raises
    ------
    ValueError
        If the limit is not positive.

    Notes
    -----
    Dijkstra's algorithm, once, from a node that is added to the graph and has an edge to both
    ends of every edge with a stop. O(k log k), however many stops there are.
    """
    seed, _ = _seeds(streets, links, limit)
    graph, source = _with_source(streets, seed)
    distance = dijkstra(graph, indices=[source], limit=limit)
    return np.asarray(distance[0, :source])


def nearest_stops(
    streets: Streets, links: Links, limit: float = np.inf
) -> tuple[FloatArray, IntArray]:
    """Return the walk from the nearest stop to each node, and which stop that is.

    Parameters
    ----------
    streets, links, limit
        As for `walking_distances`, and the same errors.

    Returns
    -------
    (k,) array, metres
        What `walking_distances` gives.
    (k,) array
        Index of the link that the walk starts from, -1 where the distance is inf.
    """
    seed, stop = _seeds(streets, links, limit)
    graph, source = _with_source(streets, seed)
    walks, before = dijkstra(graph, indices=[source], limit=limit, return_predecessors=True)
    distance, before = walks[0, :source], before[0, :source]
    through = (before >= 0) & (before != source)
    origin = np.where(through, before, np.arange(source))
    while True:  # each round doubles the number of steps looked back
        further = origin[origin]
        if (further == origin).all():
            break
        origin = further
    return distance, np.where(np.isfinite(distance), stop[origin], -1)


def _seeds(streets: Streets, links: Links, limit: float) -> tuple[FloatArray, IntArray]:
    """Return the walk to each node straight from a stop on one of its edges, and that stop.

    Both are (k,) arrays, inf and -1 where there is none within the limit.
    """
    if not limit > 0:
        raise ValueError("a limit must be a positive number")
    stop = np.flatnonzero(links.edge >= 0)
    edge, at, off = links.edge[stop], links.at[stop], links.off[stop]
    node = np.concatenate([streets.start[edge], streets.end[edge]])
    walk = np.concatenate([off + at, off + (streets.length[edge] - at)])
    order = np.lexsort((np.tile(stop, 2), walk, node))
    order = order[np.diff(node[order], prepend=-1) != 0]
    order = order[walk[order] <= limit]
    seed, origin = np.full(len(streets.nodes), np.inf), np.full(len(streets.nodes), -1)
    seed[node[order]], origin[node[order]] = walk[order], np.tile(stop, 2)[order]
    return seed, origin


def _with_source(streets: Streets, seed: FloatArray) -> tuple[Graph, int]:
    """Return the graph with a node more, and that node's index.

    It has an edge to each node with a seed. A weight of zero, of a stop at a node, is an edge too:
    what a sparse matrix stores is one, whatever its value.
    """
    near = np.flatnonzero(np.isfinite(seed)).astype(np.int32)
    adjacency, source = streets.adjacency, len(streets.nodes)
    offset = np.append(adjacency.offset, np.int32(len(adjacency.weight) + len(near)))
    neighbour = np.concatenate([adjacency.neighbour, near])
    weight = np.concatenate([adjacency.weight, seed[near]])
    return csr_array((weight, neighbour, offset), shape=(source + 1, source + 1)), source


def distance_at(
    streets: Streets, node_distance: FloatArray, links: Links, places: Links
) -> FloatArray:
    """Return the walk from the nearest stop to places that are linked to streets.

    Parameters
    ----------
    streets
        The graph, k nodes.
    node_distance
        (k,) what `walking_distances` gives, metres.
    links
        Where the stops are linked.
    places
        Where n places are linked, such as those where people live.

    Returns
    -------
    (n,) array, metres
        The way between the place and its street is part of the walk. A walk within the limit of
        ``node_distance`` is exact. What is longer than the limit may be the shortest walk, a
        longer one, or inf.

    Notes
    -----
    At x on an edge of length L between nodes u and v, with stops at ``at`` that are ``off`` their
    street: ``min(d_u + x, d_v + L - x, min(abs(x - at) + off))``.
    """
    return _nearest_at(streets, node_distance, links, places)[0]


def nearest_stop_at(
    streets: Streets, nearest: tuple[FloatArray, IntArray], links: Links, places: Links
) -> tuple[FloatArray, IntArray]:
    """Return the walk from the nearest stop to linked places, and which stop that is.

    Parameters
    ----------
    streets
        The graph.
    nearest
        What `nearest_stops` gives.
    links, places
        As for `distance_at`.

    Returns
    -------
    (n,) array, metres
        What `distance_at` gives.
    (n,) array
        Index of the link that the walk starts from, -1 where the distance is inf.
    """
    node_distance, node_stop = nearest
    distance, way, beside = _nearest_at(streets, node_distance, links, places)
    edge = places.edge
    stop = np.choose(way, [node_stop[streets.start[edge]], node_stop[streets.end[edge]], beside])
    return distance, np.where(np.isfinite(distance), stop, -1)


def _nearest_at(
    streets: Streets, node_distance: FloatArray, links: Links, places: Links
) -> tuple[FloatArray, IntArray, IntArray]:
    """Return the walk, by which way, and the nearest stop on the same edge, each (n,).

    The way is 0 through the edge's start, 1 through its end and 2 along the edge alone.
    """
    edge, at = places.edge, places.at
    ways = np.full((3, len(edge)), np.inf)
    on = edge >= 0
    ways[0, on] = node_distance[streets.start[edge[on]]] + at[on]
    ways[1, on] = node_distance[streets.end[edge[on]]] + (streets.length[edge[on]] - at[on])
    place, stop = links.pairs(edge)
    walk = np.abs(at[place] - links.at[stop]) + links.off[stop]
    order = np.lexsort((stop, walk, place))
    order = order[np.diff(place[order], prepend=-1) != 0]
    ways[2, place[order]] = walk[order]
    beside = np.full(len(edge), -1)
    beside[place[order]] = stop[order]
    return ways.min(axis=0) + places.off, ways.argmin(axis=0), beside
