r"""Shade that higher neighbours cast on roofs at the winter solstice, by exact geometry.

At hour angle *h*, latitude :math:`\varphi` and declination :math:`\delta` the sun stands towards

.. math::

    east = -\cos\delta \sin h, \quad
    north = \cos\varphi \sin\delta - \sin\varphi \cos\delta \cos h, \quad
    up = \sin\varphi \sin\delta + \cos\varphi \cos\delta \cos h

with hours of true solar time (Duffie and Beckman, Solar Engineering of Thermal Processes, 1.6). On
the plane of a roof, whatever stands higher by *d* covers its footprint, moved by all of 0 to
:math:`v = -d\,(east, north) / up`. Whoever leaves the footprint along *v* does so through an edge
that looks that way, so beside the footprint the shadow is what these edges sweep. A run of them
goes steadily across *v*: with the same run moved by *v* it bounds a simple polygon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from jxgis.rules import Rules

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Shapes = npt.NDArray[np.object_]

SHADE_RULES = ("solar.shade_from_clock", "solar.shade_to_clock", "solar.shade_step_h")

OBLIQUITY_DEG = 23.44
"""Declination of the sun at a solstice, degrees."""

_NOON_H, _DEG_PER_H = 12.0, 15.0
_LOWEST = np.sin(np.radians(1.0))  # a sun below one degree shades all alike
_STEP_DEG = 1e-4  # to true north, for its direction on the grid
_AT_ONCE = 16384  # roofs whose shadows are held at a time
_LEVEL_M = 1e-6  # who is higher by less is as high
_ALONG = 1e-9  # sine of the angle below which an edge runs along the shadow


def hours(rules: Rules) -> FloatArray:
    """Return the hours of true solar time that are looked at: 9, 12 and 15 by default.

    Parameters
    ----------
    rules
        From, to and step.
    """
    first, last, step = (rules[name].value for name in SHADE_RULES)
    return np.arange(first, last + 1e-9, step)


def true_north(points: FloatArray, crs: pyproj.CRS) -> FloatArray:
    """Return where true north lies at places: a grid's own differs by up to some degrees.

    Parameters
    ----------
    points : (n, 2) array
        Metres.
    crs
        A metric CRS.

    Returns
    -------
    (n, 3) array
        East and north on the grid of the unit vector to true north; latitude in degrees.
    """
    if not len(points):
        return np.empty((0, 3))
    back = pyproj.Transformer.from_crs(crs, crs.geodetic_crs or 4326, always_xy=True)
    lon, lat = back.transform(points[:, 0], points[:, 1])
    low, high = (
        np.column_stack(back.transform(lon, lat + step, direction="INVERSE"))
        for step in (-_STEP_DEG, _STEP_DEG)
    )
    way = high - low
    way /= np.hypot(way[:, 0], way[:, 1])[:, None]
    return np.column_stack([way, lat])


def shadow_vectors(north: FloatArray, hour: float) -> FloatArray:
    """Return where the shadow of one metre's height ends at the winter solstice.

    Parameters
    ----------
    north : (n, 3) array
        As `true_north` gives it. South of the equator the solstice is that of June.
    hour
        True solar time.

    Returns
    -------
    (n, 2) array
        Metres on the grid a metre of height; NaN where the sun is below one degree.
    """
    latitude = np.radians(north[:, 2])
    declination = np.radians(np.where(latitude < 0, OBLIQUITY_DEG, -OBLIQUITY_DEG))
    angle = np.radians(_DEG_PER_H * (hour - _NOON_H))
    up = np.sin(latitude) * np.sin(declination)
    up += np.cos(latitude) * np.cos(declination) * np.cos(angle)
    to_east = -np.cos(declination) * np.sin(angle)
    to_north = np.cos(latitude) * np.sin(declination)
    to_north -= np.sin(latitude) * np.cos(declination) * np.cos(angle)
    up = np.where(up > _LOWEST, up, np.nan)
    x = to_east * north[:, 1] + to_north * north[:, 0]
    y = -to_east * north[:, 0] + to_north * north[:, 1]
    return np.asarray(-np.column_stack([x, y]) / up[:, None], dtype=np.float64)


def shaded_areas(
    roofs: Shapes, outlines: Shapes, heights: FloatArray, north: FloatArray, at: FloatArray
) -> FloatArray:
    """Return how much of each roof lies in a neighbour's shadow at any of some hours.

    Parameters
    ----------
    roofs : (n,) array of polygons
        What is asked of each building, on the plane of its height and without what lies under
        higher buildings (`jxgis.solar.footprints`). Empty ones have no shade.
    outlines : (n,) array of polygons
        The whole footprints, which cast the shadows.
    heights : (n,) array
        Metres above a ground that is level between neighbours; NaN: not known, neither shades nor
        is shaded.
    north : (n, 3) array
        As `true_north` gives it.
    at : (k,) array
        Hours of true solar time.

    Returns
    -------
    (n,) array
        Square metres.
    """
    shaded = np.zeros(len(roofs))
    known = np.flatnonzero(~np.isnan(heights))
    asked = known[~shapely.is_empty(roofs[known])]
    if not len(asked):
        return shaded
    lowest = float(heights[asked].min())
    casting = known[heights[known] > lowest + _LEVEL_M]
    rings = _rings(outlines[casting])
    suns = []
    for hour in at.tolist():
        way = shadow_vectors(north[casting], hour)
        suns.append(_runs(rings, way, heights[casting], lowest))
    for start in range(0, len(asked), _AT_ONCE):
        own = asked[start : start + _AT_ONCE]
        found = [_shadows(roofs[own], heights[own], rings, runs) for runs in suns]
        of_roof, pieces = (np.concatenate(both) for both in zip(*found, strict=True))
        if len(of_roof):
            which, area = _covered(roofs[own], of_roof, pieces)
            shaded[own[which]] = area
    return shaded


@dataclass(frozen=True)
class _Rings:
    """Rings with the interior on the left: corners one after another, the first not repeated.

    ``first`` and ``size`` are of each ring, ``owner`` is the footprint that it bounds.
    """

    corners: FloatArray
    first: IntArray
    size: IntArray
    owner: IntArray


@dataclass(frozen=True)
class _Runs:
    """Runs of edges that look the way of the shadow; ``count`` edges of a ring from ``start`` on.

    ``way`` is where the shadow of a metre ends, ``height`` that of the building, and ``box`` the
    bounds of the longest shadow that is asked for.
    """

    ring: IntArray
    start: IntArray
    count: IntArray
    way: FloatArray
    height: FloatArray
    box: FloatArray


def _rings(outlines: Shapes) -> _Rings:
    polygons, owner = shapely.get_parts(shapely.orient_polygons(outlines), return_index=True)
    rings, which = shapely.get_rings(polygons, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.diff(ring, append=-1) != 0
    corners, ring = corners[~last], ring[~last]
    size = np.bincount(ring, minlength=len(rings))
    return _Rings(corners, np.cumsum(size) - size, size, owner[which])


def _runs(rings: _Rings, way: FloatArray, heights: FloatArray, lowest: float) -> _Runs:
    ring = np.repeat(np.arange(len(rings.size)), rings.size)
    at = np.arange(len(ring)) - rings.first[ring]
    after = rings.first[ring] + (at + 1) % rings.size[ring]
    edge = rings.corners[after] - rings.corners
    own = way[rings.owner[ring]]
    across = edge[:, 1] * own[:, 0] - edge[:, 0] * own[:, 1]
    # An edge along the shadow sweeps nothing, and a sun that is too low casts no shadow.
    looks = across > _ALONG * np.hypot(*edge.T) * np.hypot(*own.T)
    before = looks[rings.first[ring] + (at - 1) % rings.size[ring]]
    begins = np.flatnonzero(looks & ~before)
    ends = np.flatnonzero(looks & ~looks[after])
    # Per ring there are as many ends; a run that goes on at the ring's beginning ends first.
    end = np.empty_like(begins)
    turn = ring[begins]
    if len(begins):
        n = np.bincount(turn, minlength=len(rings.size))
        base = np.cumsum(n) - n
        nth = np.arange(len(begins)) - base[turn]
        wraps = ends[base[turn]] < begins[base[turn]]
        end = ends[base[turn] + (nth + wraps) % n[turn]]
    count = (end - begins) % rings.size[turn] + 1
    run_way, height = way[rings.owner[turn]], heights[rings.owner[turn]]
    corner, whose = _corners(rings, turn, at[begins], count)
    starts = np.searchsorted(whose, np.arange(len(begins)))
    tail = run_way * np.maximum(height - lowest, 0)[:, None]
    if len(begins):
        low = np.minimum.reduceat(corner, starts) + np.minimum(tail, 0)
        high = np.maximum.reduceat(corner, starts) + np.maximum(tail, 0)
    else:
        low = high = np.empty((0, 2))
    return _Runs(turn, at[begins], count, run_way, height, np.hstack([low, high]))


def _corners(
    rings: _Rings, ring: IntArray, start: IntArray, count: IntArray
) -> tuple[FloatArray, IntArray]:
    """Return the corners of runs, one after another, and the run of each."""
    whose = np.repeat(np.arange(len(ring)), count + 1)
    nth = np.arange(len(whose)) - np.repeat(np.cumsum(count + 1) - (count + 1), count + 1)
    place = (start[whose] + nth) % rings.size[ring[whose]]
    return rings.corners[rings.first[ring[whose]] + place], whose


def _shadows(roofs: Shapes, own: FloatArray, rings: _Rings, runs: _Runs) -> tuple[IntArray, Shapes]:
    """Return the shadows of one hour that meet roofs, and the roof that each is for."""
    run, roof = shapely.STRtree(roofs).query(shapely.box(*runs.box.T))
    drop = runs.height[run] - own[roof]
    higher = drop > _LEVEL_M
    run, roof, drop = run[higher], roof[higher], drop[higher]
    if not len(run):
        return roof, np.empty(0, dtype=object)
    tail = runs.way[run] * drop[:, None]
    corner, whose = _corners(rings, runs.ring[run], runs.start[run], runs.count[run])
    near = _in_the_way(corner, whose, tail, shapely.bounds(roofs)[roof])
    kept = near[whose]
    corner, whose = corner[kept], (np.cumsum(near) - 1)[whose[kept]]
    roof, tail = roof[near], tail[near]
    if not len(roof):
        return roof, np.empty(0, dtype=object)
    # There along the run, and back along the run moved.
    both = np.concatenate([corner, (corner + tail[whose])[::-1]])
    index = np.concatenate([whose, whose[::-1]])
    order = np.argsort(index, kind="stable")
    outer = shapely.linearrings(both[order], indices=index[order])
    swept = np.asarray(shapely.polygons(outer), dtype=object)
    meets = shapely.intersects(roofs[roof], swept)
    return roof[meets], swept[meets]


def _in_the_way(
    corner: FloatArray, whose: IntArray, tail: FloatArray, box: FloatArray
) -> npt.NDArray[np.bool_]:
    """Say of each shadow whether it may meet a roof's box, seen along and across its way."""
    length = np.hypot(*tail.T)
    along = tail / length[:, None]
    starts = np.searchsorted(whose, np.arange(len(tail)))
    middle, half = (box[:, :2] + box[:, 2:]) / 2, (box[:, 2:] - box[:, :2]) / 2
    fits = np.ones(len(tail), dtype=bool)
    for axis, reach in ((along, length), (along[:, ::-1] * [-1, 1], np.zeros(len(tail)))):
        value = (corner * axis[whose]).sum(axis=1)
        centre, wide = (middle * axis).sum(axis=1), (half * np.abs(axis)).sum(axis=1)
        fits &= np.minimum.reduceat(value, starts) <= centre + wide
        fits &= np.maximum.reduceat(value, starts) + reach >= centre - wide
    return fits


def _covered(roofs: Shapes, roof: IntArray, shadows: Shapes) -> tuple[IntArray, FloatArray]:
    """Return which roofs have shadows on them, and the area of each that these cover."""
    whole = np.unique(roof[shapely.covers(shadows, roofs[roof])])
    rest = ~np.isin(roof, whole)
    roof, shadows = roof[rest], shadows[rest]
    order = np.argsort(roof, kind="stable")
    found, first = np.unique(roof[order], return_index=True)
    groups = np.split(shadows[order], first[1:]) if len(found) else []
    united = np.array([shapely.union_all(group) for group in groups], dtype=object)
    area = shapely.area(shapely.intersection(roofs[found], united))
    return np.concatenate([whole, found]), np.concatenate([shapely.area(roofs[whole]), area])
