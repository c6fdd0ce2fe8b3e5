"""Towns as street blocks: which blocks of a bent grid are built up.

A town is a grid of blocks of 190 to 330 m, turned, and bent by smooth noise. Blocks grow outward
from the town's centres, unevenly, until the town has its area; so outlines follow streets, and
fields are left as holes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from sample.frame import BoolArray, FloatArray, IntArray, Noise, metres, rng
from sample.places import PARKS, PLACES, Place

_BLOCK_M = (190.0, 330.0)
_CLEARANCE_M = 250.0
_SMALLEST_PART = 4


@dataclass(frozen=True)
class Town:
    """One place's blocks.

    Attributes
    ----------
    nodes
        Street corners, ``(m + 1, n + 1, 2)``, metres.
    blocks
        Quadrilaterals between them, ``(m, n)`` polygons.
    built
        Which blocks are built up, ``(m, n)``.
    park
        Index in `PARKS` of the park or campus that a block belongs to, or -1, ``(m, n)``.
    outskirt
        How far out a block is: 0 at a centre, 1 about where the town ends, ``(m, n)``.
    """

    place: Place
    nodes: FloatArray
    blocks: np.ndarray
    built: BoolArray
    park: IntArray
    outskirt: FloatArray

    def outline(self) -> list[shapely.Polygon]:
        """Return the built-up parts, largest first."""
        union = shapely.coverage_union_all(self.blocks[self.built])
        parts = shapely.get_parts(shapely.normalize(union))
        return sorted(parts, key=lambda p: -p.area)


def grow_towns(counties: Mapping[str, shapely.Polygon]) -> list[Town]:
    """Return every place's town; no two come nearer than `_CLEARANCE_M`."""
    random = rng(1)
    bends = (Noise(random, 2_400.0), Noise(random, 2_400.0))
    patches = (Noise(random, 850.0), Noise(random, 4_200.0))
    towns: list[Town] = []
    taken = shapely.Polygon()
    for place in PLACES:
        allowed = shapely.union_all([counties[code] for code in place.counties])
        allowed = allowed.buffer(-40.0).difference(taken)
        town = _grow(place, allowed, bends, patches, random)
        taken = taken.union(shapely.union_all(town.outline()).buffer(_CLEARANCE_M, quad_segs=4))
        towns.append(town)
    return towns


def _grow(
    place: Place,
    allowed: shapely.Polygon,
    bends: Sequence[Noise],
    patches: Sequence[Noise],
    random: np.random.Generator,
) -> Town:
    centre = metres(place.lon, place.lat)
    nodes = _corners(place, centre, bends, random)
    corners = np.stack([nodes[:-1, :-1], nodes[1:, :-1], nodes[1:, 1:], nodes[:-1, 1:]], axis=2)
    blocks = shapely.polygons(corners)
    middle = corners.mean(axis=2)
    outskirt = _outskirt(place, centre, middle)
    park = _parks(middle) if place is PLACES[0] else np.full(blocks.shape, -1)
    score = outskirt + 0.55 * patches[0](middle) + 0.30 * patches[1](middle)
    score[~shapely.covers(allowed, blocks)] = math.inf
    score[park >= 0] = -math.inf
    order = np.argsort(score, axis=None, kind="stable")
    areas = shapely.area(blocks).ravel()[order]
    count = int(np.searchsorted(areas.cumsum(), place.area_km2 * 1e6))
    built = np.zeros(blocks.size, dtype=bool)
    built[order[:count]] = True
    built &= np.isfinite(score.ravel()) | (park.ravel() >= 0)
    return Town(place, nodes, blocks, _without_crumbs(built.reshape(blocks.shape)), park, outskirt)


def _corners(
    place: Place, centre: FloatArray, bends: Sequence[Noise], random: np.random.Generator
) -> FloatArray:
    """Return the bent grid's corners, rounded to the millimetre."""
    reach = math.sqrt(place.area_km2 / math.pi) * 1e3
    for east, north, radius in place.lobes:
        reach = max(reach, (math.sqrt(east * east + north * north) + radius) * 1e3)
    half = int(1.5 * reach / sum(_BLOCK_M) * 2.0)
    steps = _BLOCK_M[0] + (_BLOCK_M[1] - _BLOCK_M[0]) * random.random((2, 2 * half))
    along, across = (np.concatenate([[0.0], s.cumsum()]) - s[:half].sum() for s in steps)
    cos = 1.0 / math.sqrt(1.0 + place.slope * place.slope)
    sin = place.slope * cos
    u, v = np.meshgrid(along, across, indexing="ij")
    flat = np.stack([centre[0] + cos * u - sin * v, centre[1] + sin * u + cos * v], axis=-1)
    return np.round(flat + 330.0 * np.stack([bend(flat) for bend in bends], axis=-1), 3)


def _outskirt(place: Place, centre: FloatArray, points: FloatArray) -> FloatArray:
    radius = math.sqrt(place.area_km2 / math.pi) * 0.9
    distances = []
    for east, north, size in ((0.0, 0.0, radius), *place.lobes):
        away = (points - centre) / 1e3 - (east, north)
        distances.append(np.sqrt((away**2).sum(axis=-1)) / size)
    nearest: FloatArray = np.minimum.reduce(distances)
    return nearest


def _parks(points: FloatArray) -> IntArray:
    park = np.full(points.shape[:2], -1)
    for i, (_, _, lon, lat, radius) in enumerate(PARKS):
        away = points - metres(lon, lat)
        park[(away**2).sum(axis=-1) < radius * radius] = i
    return park


def _without_crumbs(built: BoolArray) -> BoolArray:
    """Return the mask without parts of fewer than four blocks and with one-block holes filled."""
    labels, count = ndimage.label(built)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    kept = built & (sizes >= _SMALLEST_PART)[labels]
    around = ndimage.convolve(kept.astype(int), np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    filled: BoolArray = kept | (around == 4)
    return filled
