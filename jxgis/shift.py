"""Whether a layer lies where it belongs: an estimate of its shift, and of the datum behind it.

It warns and corrects nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from jxgis.datum import undo

FloatArray: TypeAlias = NDArray[np.float64]
_Median: TypeAlias = Callable[[FloatArray], float]

_POLYGON = 2  # the dimension of a polygon, to shapely

#: Hypotheses: the datums that are undone one after another.
_CHAINS = (("gcj02",), ("bd09",), ("gcj02", "gcj02"))

# The points that are looked at, and the search.
_SAMPLE, _FEWEST, _FEWEST_FREE = 2000, 30, 100
_REACH_M, _HALO_M, _SPACING_M, _FAR_M = 20_000.0, 2_000.0, 10.0, 300.0
_SEARCH_M, _COARSE_M, _CANDIDATES = 1_500.0, 40.0, 10
_COARSE_POINTS, _FINE_POINTS = 150, 500
_LEAST_SHIFT_M = 40.0

# What counts as evidence, as a share of the distance that chance gives.
_AT_HOME, _HOME_FOUND, _HOME_FOUND_FREE, _GAIN = 0.5, 0.4, 0.35, 0.5


@dataclass(frozen=True)
class Shift:
    """How far the points of a layer seem to lie from where they belong.

    Attributes
    ----------
    dx_m, dy_m
        Median displacement east and north, metres; taking it off mends the layer.
    distance_m
        Its length, metres.
    before_m, after_m
        Median distance of the points to the reference as they are, and with the shift undone.
    datum
        ``gcj02`` or ``bd09`` where undoing it once explains the shift, else None.
    twice
        GCJ-02 seems to have been applied twice (``datum`` is then None).
    """

    dx_m: float
    dy_m: float
    distance_m: float
    before_m: float
    after_m: float
    datum: str | None
    twice: bool = False


def suspect_shift(points: ArrayLike, reference: ArrayLike, crs: pyproj.CRS) -> Shift | None:
    """Estimate whether points are shifted against lines that they should lie along.

    Parameters
    ----------
    points : array_like of shapely.Point
        In ``crs``: stops, say.
    reference : array_like of shapely geometry
        In ``crs``: streets, or polygons, whose boundaries are taken.
    crs : pyproj.CRS
        A metric CRS.

    Returns
    -------
    Shift or None
        None unless the evidence is strong. Nothing is corrected.

    Notes
    -----
    *Chance* is the median distance to the reference that the points have when they are moved
    by 48 arbitrary offsets of 200 to 700 m: their lower quartile. Points at less than half of
    it are at home, and nothing is said. Otherwise they are moved as if GCJ-02, BD-09 or GCJ-02
    twice were to be undone; what brings the median under 0.4 of chance, and to half of what it
    was, is named. Failing that, and from 100 points on, the offset within 1.5 km that
    minimises the median is searched for, coarse to fine; it must reach 0.35 of chance, because
    the best of thousands of offsets is good by luck. At least 30 points are asked for; of more
    than 2,000 a sample with a fixed seed is taken, within 20 km of the layer's middle.
    """
    places = _sample(np.asarray(points, dtype=object))
    if len(places) < _FEWEST:
        return None
    tree = _reference_tree(np.asarray(reference, dtype=object), places)
    if tree is None:
        return None

    def median(moved: FloatArray) -> float:
        return float(np.median(tree.query(moved, distance_upper_bound=_FAR_M)[0]))

    before, chance = median(places), _chance(median, places)
    if before < _AT_HOME * chance:
        return None
    shifts = [_datum_shift(median, places, crs, chain) for chain in _CHAINS]
    best = min(shifts, key=lambda shift: shift.after_m)
    enough = _HOME_FOUND
    if best.after_m > _HOME_FOUND * min(chance, _FAR_M) and len(places) >= _FEWEST_FREE:
        best, enough = _free_shift(median, places), _HOME_FOUND_FREE
    strong = best.after_m <= enough * min(chance, _FAR_M) and best.after_m <= _GAIN * before
    return best if strong and best.distance_m >= _LEAST_SHIFT_M else None


def _sample(points: NDArray[np.object_]) -> FloatArray:
    xy = shapely.get_coordinates(points)
    if not len(xy):
        return xy
    middle = np.median(xy, axis=0)
    centre = xy[np.argmin(np.hypot(*(xy - middle).T))]
    near: FloatArray = xy[np.hypot(*(xy - centre).T) <= _REACH_M]
    if len(near) > _SAMPLE:
        near = near[np.random.default_rng(0).permutation(len(near))[:_SAMPLE]]
    return near


def _reference_tree(reference: NDArray[np.object_], places: FloatArray) -> cKDTree | None:
    """Return a tree of points every 10 m along the reference, around the places."""
    polygons = shapely.get_dimensions(reference) == _POLYGON
    lines = np.where(polygons, shapely.boundary(reference), reference)
    low, high = places.min(axis=0) - _HALO_M, places.max(axis=0) + _HALO_M
    window = shapely.box(*low, *high)
    lines = shapely.intersection(lines[shapely.intersects(lines, window)], window)
    along = shapely.get_coordinates(shapely.segmentize(lines, _SPACING_M))
    return cKDTree(along) if len(along) else None


def _chance(median: _Median, places: FloatArray) -> float:
    angles = np.radians(np.arange(0, 360, 30))
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    moved = sorted(median(places + r * way) for r in (200, 350, 500, 700) for way in ring)
    return moved[len(moved) // 4]  # no interpolation: places far from every line give infinity


def _shift(
    median: _Median, places: FloatArray, moved: FloatArray, chain: tuple[str, ...] = ()
) -> Shift:
    dx, dy = np.median(places - moved, axis=0)
    return Shift(
        dx_m=float(dx),
        dy_m=float(dy),
        distance_m=float(np.hypot(dx, dy)),
        before_m=median(places),
        after_m=median(moved),
        datum=chain[0] if len(chain) == 1 else None,
        twice=len(chain) > 1,
    )


def _datum_shift(
    median: _Median, places: FloatArray, crs: pyproj.CRS, chain: tuple[str, ...]
) -> Shift:
    to_lonlat = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_lonlat.transform(*places.T)
    for datum in chain:
        lon, lat = undo(lon, lat, datum)
    moved = np.column_stack(to_lonlat.transform(lon, lat, direction="INVERSE"))
    return _shift(median, places, moved, chain)


def _free_shift(median: _Median, places: FloatArray) -> Shift:
    """Return the best offset within the search radius: 40 m, then 10 m, then 2 m steps."""
    mixed = np.random.default_rng(0).permutation(places)
    few, many = mixed[:_COARSE_POINTS], mixed[:_FINE_POINTS]
    starts = _grid(_SEARCH_M, _COARSE_M)
    starts = starts[np.hypot(*starts.T) <= _SEARCH_M]
    ranked = starts[np.argsort([median(few + o) for o in starts])][:_CANDIDATES]
    middle = np.concatenate([start + _grid(_COARSE_M, _SPACING_M) for start in ranked])
    best = min(middle, key=lambda o: median(few + o))
    fine = best + _grid(_SPACING_M, _SPACING_M / 5)
    best = min(fine, key=lambda o: median(many + o))
    return _shift(median, places, places + best)


def _grid(half: float, step: float) -> FloatArray:
    ticks = np.arange(-half, half + step / 2, step)
    x, y = np.meshgrid(ticks, ticks)
    return np.column_stack([x.ravel(), y.ravel()])
