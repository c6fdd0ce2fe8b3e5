"""The exact area that a union of equal discs covers of each of some zones.

By Green's theorem the area is half the integral of x dy - y dx around the boundary of
*union of discs within zone*, which consists of

- the arcs of the union's outline that lie inside the zone (`jxgis.kernels.arcs`), and
- the stretches of the zone's edges that lie inside the union (`jxgis.kernels.edges`).

Both are found in closed form: nothing is approximated by chords, so the answer is that for true
circles, to rounding. All steps sort or search a tree: O(n log n), memory linear.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from jxgis.kernels.arcs import (
    PROBE,
    Arcs,
    FloatArray,
    IntArray,
    distinct,
    neighbours,
    on_circle,
    outline,
)
from jxgis.kernels.edges import (
    Crossings,
    Edges,
    chords,
    covered_length,
    crossings,
    directed_edges,
    nearest_to_middles,
)

Zones = Sequence[shapely.Geometry | None] | NDArray[np.object_]


def covered_area(points: ArrayLike, radius: float, zones: Zones) -> FloatArray:
    """Return the area of (union of equal discs) within each zone, exactly.

    Parameters
    ----------
    points
        (n, 2) centres of the discs, metres, in any order; coincident ones count once. Centres
        within 0.1 mm of each other are taken as one.
    radius
        Metres, > 0.
    zones
        (m,) valid polygons and multipolygons in the same coordinates. They may have holes,
        overlap and touch; None and empty ones have no area.

    Returns
    -------
    (m,) square metres

    Raises
    ------
    ValueError
        A radius that is not positive, points that are not finite pairs, or a zone that is no
        polygon.

    Notes
    -----
    Against discs drawn as polygons this has no bias: 8 segments a quarter lose 0.64 % of a
    disc's area, 16 lose 0.16 %.
    """
    areas: FloatArray = covered_areas(points, [radius], zones)[0]
    return areas


def covered_areas(points: ArrayLike, radii: Sequence[float], zones: Zones) -> FloatArray:
    """Return what `covered_area` does, for several radii at once.

    The triangulation and the zones' edges are made once for all.

    Parameters
    ----------
    points
        (n, 2) centres of the discs, metres.
    radii
        Metres, each > 0.
    zones
        (m,) valid polygons and multipolygons.

    Returns
    -------
    (len(radii), m) square metres

    Raises
    ------
    ValueError
        As `covered_area`.
    """
    centres = _checked(points, radii)
    polygons, zone = _parts(zones)
    nothing = np.zeros((len(radii), len(zones)))
    if not len(polygons):
        return nothing
    bounds = shapely.total_bounds(polygons)
    origin = np.round((bounds[:2] + bounds[2:]) / 2)  # whole metres subtract without rounding
    reach = (bounds[2:] - bounds[:2]) / 2 + 1 + max(radii)
    centres = distinct((centres - origin)[(np.abs(centres - origin) <= reach).all(axis=1)])
    if not len(centres):
        return nothing
    pairs, tree = neighbours(centres), cKDTree(centres)
    edges, location = directed_edges(polygons, origin), _Location(polygons, origin)
    near = nearest_to_middles(edges, tree)
    areas = []
    for radius in radii:
        arcs = outline(centres, pairs, radius, tree)
        inside = chords(edges, tree, radius, near)
        meets = crossings(edges, inside, centres, radius)
        covered = _along_edges(edges, covered_length(edges, inside), location.middle)
        covered += _along_arcs(arcs, meets, centres, radius, location)
        areas.append(_sums(zone, covered, len(zones)))
    return np.array(areas)


def _checked(points: ArrayLike, radii: Sequence[float]) -> FloatArray:
    centres = np.asarray(points, dtype=np.float64)
    if centres.size == 0:
        centres = centres.reshape(0, 2)
    if centres.shape[1:] != (2,):
        raise ValueError("points must be an (n, 2) array")
    if not np.isfinite(centres).all():
        raise ValueError("points must be finite")
    if not all(np.isfinite(r) and r > 0 for r in radii):
        raise ValueError("a radius must be a positive number")
    return centres


def _parts(zones: Zones) -> tuple[NDArray[np.object_], IntArray]:
    """Return the polygons that the zones consist of, and the zone of each."""
    parts = np.asarray(zones, dtype=object)
    zone = np.arange(len(parts))
    if not (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON).all():
        parts, zone = shapely.get_parts(parts, return_index=True)
    if not (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON).all():
        raise ValueError("zones must be polygons or multipolygons")
    real = ~shapely.is_empty(parts)
    return parts[real], zone[real]


class _Location:
    """Which polygons a point is in.

    Polygons are prepared once; the tree finds candidates by their bounding boxes only, because
    its own predicates would not use the prepared ones.
    """

    def __init__(self, polygons: NDArray[np.object_], origin: FloatArray) -> None:
        self.origin = origin
        self.polygons = polygons
        bounds = shapely.bounds(polygons)
        self.middle = (bounds[:, :2] + bounds[:, 2:]) / 2 - origin
        shapely.prepare(polygons)
        self.tree = shapely.STRtree(polygons)

    def candidates(self, points: FloatArray) -> tuple[IntArray, IntArray]:
        """Return pairs of a point and a polygon whose bounding box it is in."""
        at, polygon = self.tree.query(shapely.points(points + self.origin))
        return at, polygon

    def contains(self, polygon: IntArray, points: FloatArray) -> NDArray[np.bool_]:
        """Say of each polygon whether it contains the point beside it."""
        x, y = (points + self.origin).T
        return shapely.contains_xy(self.polygons[polygon], x, y)


def _along_edges(edges: Edges, covered: FloatArray, middle: FloatArray) -> FloatArray:
    """Return the part of Green's integral along the zones' edges, by polygon.

    Coordinates count from each polygon's own middle, so that products keep their digits.
    """
    x, y = (edges.start - middle[edges.zone]).T
    moment = (x * edges.along[:, 1] - y * edges.along[:, 0]) * covered / 2
    return _sums(edges.zone, moment, len(middle))


def _along_arcs(
    arcs: Arcs, meets: Crossings, centres: FloatArray, radius: float, location: _Location
) -> FloatArray:
    """Return the part of Green's integral along the union's outline, by polygon."""

    def probe(disc: IntArray, a: FloatArray, b: FloatArray) -> FloatArray:
        return on_circle(centres[disc], a + PROBE * (b - a), radius)

    def integral(arc: IntArray, zone: IntArray, a: FloatArray, b: FloatArray) -> FloatArray:
        cx, cy = (centres[arcs.disc[arc]] - location.middle[zone]).T
        turn = cx * (np.sin(b) - np.sin(a)) - cy * (np.cos(b) - np.cos(a))
        moment: FloatArray = radius * (radius * (b - a) + turn) / 2
        return moment

    arc, zone, start, end, group, change = _cut(arcs, meets)
    # How often each piece is inside its zone follows from the crossings once it is known for one
    # piece of the arc. The longest is asked: rounding can only mistake the order of crossings, or
    # the side of a point, that are close together, and never that.
    first = np.flatnonzero(np.diff(group, prepend=-1))
    level = np.cumsum(change)
    longest = _argmax(end - start, first)
    where = probe(arcs.disc[arc[longest]], start[longest], end[longest])
    known = location.contains(zone[longest], where)
    level += np.repeat(known - level[longest], np.diff(first, append=len(arc)))
    area = _sums(zone, level * integral(arc, zone, start, end), len(location.polygons))

    # Arcs that do not cross a zone's boundary are inside it as a whole or not at all.
    where = probe(arcs.disc, arcs.start, arcs.end)
    whole, zone_of_whole = location.candidates(where)
    crossed = np.isin(
        whole * len(location.polygons) + zone_of_whole,
        arc[first] * len(location.polygons) + zone[first],
        kind="sort",
    )
    whole, zone_of_whole = whole[~crossed], zone_of_whole[~crossed]
    within = location.contains(zone_of_whole, where[whole])
    whole, zone_of_whole = whole[within], zone_of_whole[within]
    moment = integral(whole, zone_of_whole, arcs.start[whole], arcs.end[whole])
    return area + _sums(zone_of_whole, moment, len(location.polygons))


def _cut(
    arcs: Arcs, meets: Crossings
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, IntArray, FloatArray]:
    """Cut arcs where they cross zones' boundaries, for each zone on its own.

    A crossing that rounding puts just beyond an arc's end is left out: then the arc counts as
    whole, which is the same within rounding.

    Returns
    -------
    of each piece: its arc, the zone, start and end angle, the number of its (zone, arc), and the
    change of being inside at its start
    """
    arc, angle = arcs.find(meets.disc, meets.angle)
    on = np.flatnonzero(arc >= 0)
    on = on[np.lexsort((angle[on], arc[on], meets.zone[on]))]
    arc, angle, zone, change = arc[on], angle[on], meets.zone[on], meets.change[on]
    new = np.ones(len(arc), bool)
    new[1:] = (np.diff(arc) != 0) | (np.diff(zone) != 0)
    first = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    after = np.arange(len(arc)) + group + 1  # each crossing starts a piece; so does each arc
    size = np.diff(first, append=len(arc)) + 1
    n = len(arc) + len(first)
    start, end, changes = np.empty(n), np.empty(n), np.zeros(n)
    start[after], end[after - 1], changes[after] = angle, angle, change
    begin = first + np.arange(len(first))
    start[begin], end[begin + size - 1] = arcs.start[arc[first]], arcs.end[arc[first]]
    return (
        np.repeat(arc[first], size),
        np.repeat(zone[first], size),
        start,
        end,
        np.repeat(np.arange(len(first)), size),
        changes,
    )


def _sums(group: IntArray, values: FloatArray, n: int) -> FloatArray:
    """Return the sum of the values of each of ``n`` groups."""
    return np.bincount(group, values, minlength=n).astype(np.float64)  # integers when empty


def _argmax(values: FloatArray, first: IntArray) -> IntArray:
    """Return the index of the largest value in each group that starts at ``first``."""
    if not len(first):
        return first
    largest = np.repeat(np.maximum.reduceat(values, first), np.diff(first, append=len(values)))
    candidates = np.flatnonzero(values == largest)
    return candidates[np.searchsorted(candidates, first)]
