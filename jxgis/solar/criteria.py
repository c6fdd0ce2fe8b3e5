"""What zones are ranked by: irradiation, the way to the grid, roofs in one hand, and slope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.irradiation_units import check_irradiation
from jxgis.layers import Layer
from jxgis.rasters import Grid as Cells
from jxgis.rasters import Scaling, Window
from jxgis.solar.roofs import Roofs
from jxgis.solar.sampling import sampled, slope_deg

FloatArray = npt.NDArray[np.float64]
Reading = Callable[[Cells, Window], tuple[FloatArray, npt.NDArray[np.bool_]]]

# A raster is read at the middles of cells of this side, metres, that points lie in.
_STEP_M = 20.0


@dataclass(frozen=True)
class Grid:
    """The nearest substation of each zone: distance, spare power (NaN: not known), and name."""

    distance_m: FloatArray
    spare_kw: FloatArray
    names: list[str]


def irradiation_at(layer: Layer | None, points: Sequence[FloatArray], crs: Any) -> FloatArray:
    """Return the mean of an irradiance raster over each zone, kWh/m² a year.

    Parameters
    ----------
    layer
        Of kind ``irradiance``, or None.
    points
        Of each zone, (n, 2) metres, evenly spread.
    crs
        Theirs.

    Returns
    -------
    (zones,) array
        NaN where the raster shows nothing.

    Raises
    ------
    InputError
        If the mean of all zones is in another unit.
    """
    if layer is None:
        return np.full(len(points), np.nan)
    raster = layer.rasters[0]
    scaling = raster.scaling.get("irradiance", Scaling())

    def read(grid: Cells, window: Window) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        stored, seen = sampled(raster, "irradiance", grid, window)
        return stored * float(scaling.scale) + float(scaling.offset), seen

    found = np.array([_mean(own, crs, read) for own in points])
    known = found[~np.isnan(found)]
    if len(known):
        check_irradiation(float(known.mean()), layer=layer.name, scale=float(scaling.scale))
    return found


def slope_at(layer: Layer | None, points: Sequence[FloatArray], crs: Any) -> FloatArray:
    """Return the mean slope over each zone, degrees; NaN where it is not known.

    Parameters
    ----------
    layer
        Of kind ``elevation``, or None.
    points
        Of each zone, (n, 2) metres, evenly spread.
    crs
        Theirs.
    """
    if layer is None:
        return np.full(len(points), np.nan)
    raster = layer.rasters[0]
    return np.array([_mean(own, crs, lambda *at: slope_deg(raster, *at)) for own in points])


def _mean(points: FloatArray, crs: Any, read: Reading) -> float:
    """Return the mean of what a raster has at points, read once over all of them."""
    if not len(points):
        return np.nan
    half = _STEP_M / 2  # so that the westernmost and the northernmost lie in middles
    west, north = points[:, 0].min() - half, points[:, 1].max() + half
    column, row = ((points - [west, north]) * [1, -1] / _STEP_M).astype(np.int64).T
    grid = Cells(crs, (_STEP_M, 0.0, west, 0.0, -_STEP_M, north), column.max() + 1, row.max() + 1)
    values, seen = read(grid, Window(0, 0, grid.height, grid.width))
    known = seen[row, column]
    return float(values[row, column][known].mean()) if known.any() else np.nan


def nearest_substations(layer: Layer | None, shapes: Sequence[Any]) -> Grid:
    """Return the nearest substation of each zone.

    Parameters
    ----------
    layer
        Of kind ``substations``, or None.
    shapes
        Of the zones.

    """
    unknown = np.full(len(shapes), np.nan)
    if layer is None or not shapes:
        return Grid(unknown, unknown.copy(), [""] * len(shapes))
    tree = shapely.STRtree(np.asarray(layer.data.geometry.array, dtype=object))
    pairs, distance = tree.query_nearest(
        np.asarray(shapes, dtype=object), return_distance=True, all_matches=False
    )
    station = pairs[1]
    spare = layer.data["spare_kw"].to_numpy() if "spare_kw" in layer.data else None
    names = layer.data.get("name")
    called = [names.iloc[n] if names is not None else None for n in station.tolist()]
    return Grid(
        np.asarray(distance),
        unknown.copy() if spare is None else np.asarray(spare[station], np.float64),
        [name if isinstance(name, str) else "" for name in called],
    )


def in_one_hand(
    found: Roofs | None,
    points: npt.NDArray[np.object_],
    buildings: Layer | None,
    shapes: tuple[Any, ...],
) -> FloatArray:
    """Return the largest usable roof area of one owner in each zone, square metres.

    A building without an owner's name is in a hand of its own.
    """
    if found is None or buildings is None or not shapes:
        return np.full(len(shapes), np.nan)
    owner = np.arange(len(points)).astype(object)
    if "owner" in buildings.data:
        named = buildings.data["owner"].astype(object).to_numpy()
        known = np.array([isinstance(name, str) and bool(name.strip()) for name in named])
        owner[known] = named[known]
    usable = found.data["usable_m2"].to_numpy()
    zone, roof = shapely.STRtree(points).query(
        np.asarray(shapes, dtype=object), predicate="intersects"
    )
    best = np.zeros(len(shapes))
    for number in range(len(shapes)):
        own = roof[zone == number]
        by_owner: dict[object, float] = {}
        for hand, area in zip(owner[own], usable[own], strict=True):
            by_owner[hand] = by_owner.get(hand, 0.0) + area
        best[number] = max(by_owner.values(), default=0.0)
    return best
