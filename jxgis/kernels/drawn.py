"""Polygons parted by the outline of a union of equal discs, with circles drawn as chords.

The outline comes from `jxgis.kernels.arcs`, so no disc is ever united with another: each polygon
is cut along the few arcs that run through it, and each face is covered but for slivers between
chords and circles, or is not covered but for such slivers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jxgis.kernels.arcs import (
    Arcs,
    FloatArray,
    IntArray,
    distinct,
    nearest,
    neighbours,
    on_circle,
    outline,
)
from jxgis.kernels.discs import covered_area

Polygons = NDArray[np.object_]

JOINED = 1e-3
"""Ends of arcs nearer than this to each other are drawn as one point, metres."""


def parted(
    polygons: Polygons, points: FloatArray, radii: Sequence[float], quad_segs: int
) -> Iterator[tuple[Polygons, Polygons]]:
    """Give what equal discs cover of polygons, and the rest, for each radius.

    Parameters
    ----------
    polygons
        (m,) valid polygons, metres.
    points
        (n, 2) centres of the discs, n > 0.
    radii
        Metres, > 0.
    quad_segs
        Chords that a quarter of a circle is drawn as, at least.

    Yields
    ------
    two arrays of polygons
        Chords are at most ``radius * (1 - cos(pi / (4 quad_segs)))`` from their circle, on the
        centre's side, and `JOINED` more near their ends. The area drawn on the wrong side, either
        way, is at most what lies between the chords and the circles.

    Notes
    -----
    Of all ways to call faces covered or not, it is wrong by the least area to go by what covers
    more than half of each. A point is enough to tell where it is farther from the outline than
    chords are; the other faces, whose point may lie in a sliver, are measured by `covered_area`.
    """
    origin = np.round(points.mean(axis=0))
    centres = distinct(points - origin)
    pairs, tree = neighbours(centres), cKDTree(centres)
    shapely.prepare(polygons)
    for radius in radii:
        lines = _lines(outline(centres, pairs, radius, tree), centres, radius, quad_segs)
        lines.points += origin
        faces = _faces(polygons, lines)
        inside = shapely.get_coordinates(shapely.point_on_surface(faces))
        distance, _centre = nearest(tree, inside - origin)
        covered = distance <= radius
        off = radius * (1 - np.cos(np.pi / (4 * quad_segs))) + 2 * JOINED
        doubtful = np.flatnonzero(np.abs(distance - radius) <= off)
        area = covered_area(points, radius, faces[doubtful])
        covered[doubtful] = area > shapely.area(faces[doubtful]) / 2
        yield faces[covered], faces[~covered]


@dataclass
class _Lines:
    """Points of lines, and the line of each."""

    points: FloatArray
    line: IntArray


def _lines(arcs: Arcs, centres: FloatArray, radius: float, quad_segs: int) -> _Lines:
    """Return arcs as lines that share their ends."""
    centre = centres[arcs.disc]
    steps = np.ceil((arcs.end - arcs.start) * quad_segs * 2 / np.pi).astype(np.intp)
    last = np.cumsum(steps + 1) - 1
    first = last - steps
    line = np.repeat(np.arange(len(steps)), steps + 1)
    along = (np.arange(len(line)) - first[line]) / steps[line]
    angle = arcs.start[line] + along * (arcs.end - arcs.start)[line]
    points = on_circle(centre[line], angle, radius)
    ends = np.concatenate([first, last])
    points[ends] = _joined(points[ends])
    return _Lines(points, line)


def _joined(ends: FloatArray) -> FloatArray:
    """Return the first points of lines and then their last, those near each other as one.

    Where centres nearly coincide, rounding may set an end apart from the start that follows it;
    then the reach grows, for only where as many lines start as end do they enclose faces.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, reach = len(ends), JOINED
    tree = cKDTree(ends)
    leaving = np.repeat([1, -1], n // 2)
    while True:
        pairs = tree.query_pairs(reach, output_type="ndarray")
        graph = coo_array((np.ones(len(pairs), bool), tuple(pairs.T)), shape=(n, n))
        _count, group = connected_components(graph, directed=False)
        if not np.bincount(group, leaving).any():
            _group, first = np.unique(group, return_index=True)
            joined: FloatArray = ends[first][group]
            return joined
        reach *= 2


def _faces(polygons: Polygons, lines: _Lines) -> Polygons:
    """Return polygons cut along lines."""
    drawn = np.asarray(shapely.linestrings(lines.points, indices=lines.line))
    polygon, line = shapely.STRtree(drawn).query(polygons)
    met = shapely.intersects(polygons[polygon], drawn[line])
    polygon, line = polygon[met], line[met]
    touched, count = np.unique(polygon, return_counts=True)
    last = np.cumsum(count)
    faces = [np.delete(polygons, touched)]
    for i, a, b in zip(touched.tolist(), last - count, last, strict=True):
        noded = shapely.union_all([shapely.boundary(polygons[i]), *drawn[line[a:b]]])
        found = shapely.get_parts(shapely.polygonize([noded]))
        x, y = shapely.get_coordinates(shapely.point_on_surface(found)).T
        faces.append(found[shapely.contains_xy(polygons[i], x, y)])  # the others are its holes
    return np.concatenate(faces)
