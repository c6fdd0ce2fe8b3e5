"""Roofs that the rules of a day forbid, in part or whole."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.kernels.polygons import polygons_of
from jxgis.solar.siting import RASTERS, Siting, segments

FloatArray = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


def free_shares(siting: Siting, shapes: Shapes, day: dt.date) -> FloatArray:
    """Return the share of each roof that no rule of a day forbids.

    Parameters
    ----------
    siting
        The rules; those of features that forbid the form ``roof`` count.
    shapes : (n,) array of polygons
        Roofs in the run's metric CRS, some of them empty.
    day
        The day.
    """
    free = np.ones(len(shapes))
    there = np.flatnonzero(~shapely.is_empty(shapes))
    if not len(there):
        return free
    tree = shapely.STRtree(shapes[there])
    taken: dict[int, list[Any]] = {}
    for rule in siting.exclusions:
        if "roof" not in rule.forms or rule.kind in RASTERS or not rule.holds(day):
            continue
        features = siting.of(rule).shapes
        if rule.value > 0:
            features = shapely.buffer(features, rule.value, quad_segs=segments(rule.value))
        features = polygons_of(features)
        feature, roof = tree.query(features, predicate="intersects")
        for number, own in zip(there[roof].tolist(), features[feature], strict=True):
            taken.setdefault(number, []).append(own)
    for number, own in taken.items():
        left = shapely.difference(shapes[number], shapely.union_all(own))
        free[number] = shapely.area(left) / shapely.area(shapes[number])
    return free
