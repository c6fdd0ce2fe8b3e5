"""What rules leave of land, feature by feature, before it is cut into blocks.

So the map does not depend on the blocks, and no border is drawn twice, once in each of two blocks,
a rounding apart.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from jxgis.kernels.polygons import Polygons, polygons_of, remainder
from jxgis.solar.siting import Bounds

NONE: Polygons = np.array([], dtype=object)

# Polygons with more corners than this are cut to the neighbourhood of what they are taken from.
_LARGE = 200


@dataclass(frozen=True)
class Placed:
    """Polygons that can be found by place."""

    polygons: Polygons

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.polygons)

    def near(self, bounds: Bounds) -> Polygons:
        """Return the polygons that reach into a rectangle, whole."""
        return np.asarray(self.polygons[np.sort(self._tree.query(shapely.box(*bounds)))])


def remains(polygons: Polygons, others: Polygons) -> Polygons:
    """Return what the others leave of polygons, made on all cores.

    Parameters
    ----------
    polygons
        The land, each place once.
    others
        What is taken from it.
    """
    at, other = shapely.STRtree(others).query(polygons, predicate="intersects")
    touched, first = np.unique(at, return_index=True)  # in the order of the polygons
    taken = np.split(other, first[1:])

    def left(number: int) -> Any:
        own = polygons[touched[number]]
        return remainder(own, _cut(others[taken[number]], own))

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        made = list(pool.map(left, range(len(touched)), chunksize=64))
    return np.concatenate([np.delete(polygons, touched), polygons_of(made)])


def _cut(others: Polygons, own: Any) -> Polygons:
    """Return polygons of which large ones are cut to a metre round another's bounds."""
    large = shapely.get_num_coordinates(others) > _LARGE
    if large.any():
        west, south, east, north = shapely.bounds(own)
        around = (west - 1.0, south - 1.0, east + 1.0, north + 1.0)
        others[large] = shapely.clip_by_rect(others[large], *around)
    return others
