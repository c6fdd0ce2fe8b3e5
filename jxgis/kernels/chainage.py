"""Lines that are driven one way: chained from pieces, places on them, and the fewest more stops.

Pieces are joined where an end of one meets an end of another. Where several meet, the two that
run on the straightest are one way, then of the others the two that do; what is left begins or ends
there. Distances along a line (its chainage) are in metres from its start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from jxgis.kernels.arcs import FloatArray, IntArray

JOINED_M = 1.0
"""Ends that are this near to each other meet."""

AHEAD_M = 30.0
"""The direction of an end is that of the chord over so much of its piece, metres."""

ON_VERTEX_M = 1e-6
"""A place this near to a vertex, along the line, is at it."""

WHOLE = 1e-9
"""A length that is above a multiple of the limit by a smaller share of it is that multiple."""

Lines = Sequence[shapely.LineString] | NDArray[np.object_]


@dataclass(frozen=True)
class Chain:
    """Pieces that are one line.

    Attributes
    ----------
    pieces
        (n,) index of each, in driving order.
    forward
        (n,) whether it is driven as it is drawn.
    line
        All of them, in driving direction.
    """

    pieces: IntArray
    forward: NDArray[np.bool_]
    line: shapely.LineString


def chained(lines: Lines, *, directed: bool) -> list[Chain]:
    """Join pieces to lines as long as can be.

    Parameters
    ----------
    lines
        (n,) line strings with a length, metres.
    directed
        Whether each is driven as it is drawn. If not, a chain runs as most of its length is drawn.

    Returns
    -------
    list of Chain
        By their first piece's index; each piece is in one of them. Two pieces that meet at a right
        angle or sharper (where one turns back) are not joined. A ring begins at its piece with the
        lowest index.
    """
    pieces = np.asarray(lines, dtype=object)
    if not len(pieces):
        return []
    follows = _follows(pieces, directed=directed)
    chains, seen = [], np.zeros(len(pieces), dtype=bool)
    free = np.flatnonzero(follows < 0)  # ends after which nothing comes: paths first, then rings
    starts = free[free % 2 == 0] if directed else free
    for end in (*starts.tolist(), *range(0, 2 * len(pieces), 2)):
        if not seen[end // 2]:
            walk = list(_walk(end, follows, seen))
            chains.append(_chain(pieces, np.array(walk), directed=directed))
    return sorted(chains, key=lambda chain: int(chain.pieces[0]))


def _follows(pieces: NDArray[np.object_], *, directed: bool) -> IntArray:
    """Return for each end the end that it is joined to, or -1.

    End 2 i is where piece i starts, and end 2 i + 1 where it ends.
    """
    n = len(pieces)
    ahead = np.minimum(AHEAD_M, shapely.length(pieces))
    at = np.stack([_at(pieces, np.zeros(n)), _at(pieces, shapely.length(pieces))], axis=1).reshape(
        -1, 2
    )
    back = np.stack(
        [_at(pieces, ahead), _at(pieces, shapely.length(pieces) - ahead)], axis=1
    ).reshape(-1, 2)
    out = at - back
    out /= np.maximum(np.hypot(*out.T), 1e-12)[:, None]
    pairs = cKDTree(at).query_pairs(JOINED_M, output_type="ndarray")
    node = connected_components(
        coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(2 * n, 2 * n)),
        directed=False,
    )[1]
    first, second = _meeting(node.astype(np.intp))
    if directed:
        first, second = np.where(first % 2, first, second), np.where(first % 2, second, first)
        passes = (first % 2 == 1) & (second % 2 == 0)
        first, second = first[passes], second[passes]
    straight = -(out[first] * out[second]).sum(axis=1)
    real = (straight > WHOLE) & (first // 2 != second // 2)
    first, second, straight = first[real], second[real], straight[real]
    follows = np.full(2 * n, -1)
    for k in np.lexsort((second, first, -straight)).tolist():
        if follows[first[k]] < 0 and follows[second[k]] < 0:
            follows[first[k]], follows[second[k]] = second[k], first[k]
    return follows


def _at(pieces: NDArray[np.object_], metres: FloatArray) -> FloatArray:
    points: FloatArray = shapely.get_coordinates(shapely.line_interpolate_point(pieces, metres))
    return points


def _meeting(node: IntArray) -> tuple[IntArray, IntArray]:
    """Return every two ends of the same node, the lower index first."""
    order = np.argsort(node, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(node[order])) + 1)
    found = [
        (a, b) for group in groups for i, a in enumerate(group.tolist()) for b in group[i + 1 :]
    ]
    pairs = np.array(found, dtype=np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _walk(end: int, follows: IntArray, seen: NDArray[np.bool_]) -> Iterator[int]:
    """Give the end by which each piece is entered, and mark it as seen."""
    while end >= 0 and not seen[end // 2]:
        seen[end // 2] = True
        yield end
        end = int(follows[end ^ 1])


def _chain(pieces: NDArray[np.object_], entered: IntArray, *, directed: bool) -> Chain:
    index, forward = entered // 2, entered % 2 == 0
    length = shapely.length(pieces[index])
    if not directed and length[forward].sum() < length[~forward].sum():
        index, forward = index[::-1], ~forward[::-1]
    points = [
        shapely.get_coordinates(pieces[i])[:: 1 if along else -1]
        for i, along in zip(index.tolist(), forward.tolist(), strict=True)
    ]
    every = np.concatenate(points)
    moved = np.ones(len(every), dtype=bool)
    moved[1:] = (np.diff(every, axis=0) != 0).any(axis=1)
    return Chain(index, forward, shapely.LineString(every[moved]))


@dataclass(frozen=True)
class Places:
    """Points on lines, by point and then by distance.

    Attributes
    ----------
    point, line
        (n,) indices.
    at_m
        (n,) metres along the line.
    offset_m
        (n,) distance from it, metres, greater than 0 to the right of its direction.
    """

    point: IntArray
    line: IntArray
    at_m: FloatArray
    offset_m: FloatArray


def located(lines: Lines, points: Lines, within_m: float = math.inf) -> Places:
    """Find points on directed lines.

    Parameters
    ----------
    lines
        (n_lines,) line strings, metres.
    points
        (n_points,) points.
    within_m
        Only lines that are at most so far from a point; infinite takes all.

    Returns
    -------
    Places
        Each point on each line that is near enough; of lines as near as each other the one with the
        lower index comes first. The side of a point beyond an end is that of the line's extension.
    """
    lines, points = np.asarray(lines, dtype=object), np.asarray(points, dtype=object)
    if math.isinf(within_m):
        point, line = (a.ravel() for a in np.indices((len(points), len(lines))))
    else:
        point, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=within_m)
    distance = shapely.distance(points[point], lines[line])
    order = np.lexsort((line, distance, point))
    point, line, distance = point[order], line[order], distance[order]
    at = shapely.line_locate_point(lines[line], points[point])
    side = np.empty(len(at))
    for k in np.unique(line).tolist():
        own = line == k
        side[own] = _sides(lines[k], points[point[own]], at[own])
    return Places(point, line, at, np.copysign(distance, side))


def _sides(line: shapely.LineString, points: NDArray[np.object_], at: FloatArray) -> FloatArray:
    """Return numbers that are greater than 0 right of the line.

    At a vertex the direction is halfway between those of its two segments: a point whose nearest
    place is the vertex lies in the outer angle there, on one side of that direction.
    """
    vertices = shapely.get_coordinates(line)
    steps = np.diff(vertices, axis=0)
    length = np.hypot(*steps.T)
    real = length > 0
    steps, length = steps[real] / length[real, None], length[real]
    along = np.concatenate([[0.0], length.cumsum()])
    last = len(length) - 1
    before = np.clip(np.searchsorted(along, at - ON_VERTEX_M, side="right") - 1, 0, last)
    after = np.clip(np.searchsorted(along, at + ON_VERTEX_M, side="right") - 1, 0, last)
    heading = steps[before] + steps[after]
    away = shapely.get_coordinates(points) - _at(np.full(len(at), line, dtype=object), at)
    right: FloatArray = away[:, 0] * heading[:, 1] - away[:, 1] * heading[:, 0]
    return right + 0.0  # straight ahead counts as right, and not as minus nothing


@dataclass(frozen=True)
class Stops:
    """The fewest stops to add.

    Attributes
    ----------
    chosen
        Indices of candidates, in the order along the line.
    from_m, to_m, new
        (n,) stretches that stay longer than the limit because no candidate is there, and how many
        stops elsewhere each needs.
    longest_m
        Longest stretch when all of these are there, the new ones evenly spread.
    """

    chosen: IntArray
    from_m: FloatArray
    to_m: FloatArray
    new: IntArray
    longest_m: float


def stretches(length_m: float, stops: ArrayLike) -> FloatArray:
    """Return the places between which nothing stops: start, stops in order, and end.

    Parameters
    ----------
    length_m
        Of the line, metres. Its first and last stretch are open: the road goes on.
    stops
        Metres along the line; several at one place are one.
    """
    inside = np.clip(np.asarray(stops, dtype=float), 0.0, length_m)
    return np.unique(np.concatenate([[0.0], inside, [length_m]]))


def fewest_stops(length_m: float, stops: ArrayLike, candidates: ArrayLike, limit_m: float) -> Stops:
    """Return the fewest stops after which no stretch of a line is longer than a limit.

    Parameters
    ----------
    length_m
        Of the line, metres; its two ends count as stops.
    stops, candidates
        Metres along the line of stops that are there, and of places where one can be added.
    limit_m
        Greatest length of a stretch, metres, > 0.

    Returns
    -------
    Stops
        First the fewest stops at places that are no candidates, then the fewest candidates; of
        several such sets one whose longest stretch is shortest. Proven: a shortest path from each
        place to the next over all that may be skipped.

    Raises
    ------
    ValueError
        If the limit is not above 0.
    """
    if not limit_m > 0:
        raise ValueError(f"A limit of {limit_m} m is not above 0")
    fixed = stretches(length_m, stops)
    places = np.clip(np.asarray(candidates, dtype=float), 0.0, length_m)
    useful = np.flatnonzero(~np.isin(places, fixed))
    at = np.concatenate([fixed, places[useful]])
    order = np.argsort(at, kind="stable")
    at, is_fixed = at[order], order < len(fixed)
    best, came = [(0, 0, 0.0)], [0]
    for j in range(1, len(at)):
        least = int(np.flatnonzero(is_fixed[:j])[-1])
        added = int(not is_fixed[j])
        options = [_with(best[i], at[j] - at[i], limit_m, added) for i in range(least, j)]
        k = min(range(len(options)), key=lambda o: options[o])
        best.append(options[k])
        came.append(least + k)
    path = [len(at) - 1]
    while path[-1]:
        path.append(came[path[-1]])
    way = np.array(path[::-1])
    new = np.array([_new(gap, limit_m) for gap in np.diff(at[way]).tolist()], dtype=np.intp)
    chosen = useful[order[way[~is_fixed[way]]] - len(fixed)]
    lacks = new > 0
    return Stops(chosen, at[way][:-1][lacks], at[way][1:][lacks], new[lacks], best[-1][2])


def _new(gap: float, limit: float) -> int:
    return max(math.ceil(gap / limit * (1 - WHOLE)) - 1, 0)


def _with(
    so_far: tuple[int, int, float], gap: float, limit: float, added: int
) -> tuple[int, int, float]:
    new = _new(gap, limit)
    return so_far[0] + new, so_far[1] + added, max(so_far[2], gap / (new + 1))
