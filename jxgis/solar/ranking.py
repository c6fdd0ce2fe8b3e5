"""Zones ranked by several criteria, and how far the ranking depends on their weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.i18n import _
from jxgis.kernels.weighting import first_shares, scaled, scores
from jxgis.layers import Layer
from jxgis.rasters import Grid, Scaling, Window
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar.sampling import sampled, slope_deg
from jxgis.solar_spec import CRITERIA

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Reading = Callable[[Grid, Window], tuple[FloatArray, BoolArray]]

DRAWS_RULE = "solar.rank_draws"
SEED_RULE = "solar.rank_seed"

# A raster is read at the middles of cells of this side, metres, that points lie in.
_STEP_M = 20.0

_BETTER = {"irradiation": 1, "grid_distance": -1, "roof_in_one_hand": 1, "slope": -1}


@dataclass(frozen=True)
class Ranking:
    """What zones are ranked by, and how they come out.

    Attributes
    ----------
    values : (zones, criteria) array
        By `CRITERIA`; NaN where a criterion is not known.
    weights : (criteria,) array
        They add up to 1; 0 where a criterion is not known of any zone.
    score : (zones,) array
        0 to 1.
    first_in_county, first_of_all : (zones,) arrays
        Share of random weights under which it is the first.
    ledger
        What is not known.
    """

    values: FloatArray
    weights: FloatArray
    score: FloatArray
    first_in_county: FloatArray
    first_of_all: FloatArray
    ledger: tuple[LedgerRow, ...]


def ranked(
    values: FloatArray,
    counties: Sequence[int],
    weights: Mapping[str, float],
    rules: Rules,
) -> Ranking:
    """Rank zones by their values.

    Parameters
    ----------
    values : (zones, criteria) array
        By `CRITERIA`; NaN where it is not known.
    counties
        Of each zone.
    weights
        Of the criteria; empty: all alike.
    rules
        How many random weights are drawn, and their seed.
    """
    count = len(values)
    given = np.array([weights.get(name, 0.0 if weights else 1.0) for name in CRITERIA])
    known = np.asarray(~np.isnan(values).all(axis=0), bool)
    ledger = _unknown(known, given)
    used = np.flatnonzero(known & (given > 0))
    if not count or not len(used):
        nothing = np.zeros(count)
        return Ranking(values, np.zeros(len(CRITERIA)), nothing, nothing, nothing, ledger)
    part = scaled(values[:, used], [_BETTER[CRITERIA[k]] for k in used])
    own = given[used] / given[used].sum()
    draws, seed = int(rules[DRAWS_RULE].value), int(rules[SEED_RULE].value)
    shares = np.zeros(len(CRITERIA))
    shares[used] = own
    return Ranking(
        values,
        shares,
        scores(part, own),
        first_shares(part, np.asarray(counties), draws, seed),
        first_shares(part, np.zeros(count, np.int64), draws, seed),
        ledger,
    )


def _unknown(known: npt.NDArray[np.bool_], given: FloatArray) -> tuple[LedgerRow, ...]:
    names = [
        criterion_title(name)
        for name, is_known, weight in zip(CRITERIA, known, given, strict=True)
        if weight > 0 and not is_known
    ]
    if not names:
        return ()
    reason = _("zones are ranked without what no layer tells: {names}")
    return (LedgerRow("note", "", len(names), reason.format(names=_(", ").join(names))),)


def criterion_title(name: str) -> str:
    """Return what a criterion is called, in the reader's language."""
    return {
        "irradiation": _("irradiation"),
        "grid_distance": _("distance to the grid"),
        "roof_in_one_hand": _("roof area in one hand"),
        "slope": _("slope"),
    }[name]


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
    """
    if layer is None:
        return np.full(len(points), np.nan)
    raster = layer.rasters[0]
    scaling = raster.scaling.get("irradiance", Scaling())

    def read(grid: Grid, window: Window) -> tuple[FloatArray, BoolArray]:
        stored, seen = sampled(raster, "irradiance", grid, window)
        return stored * float(scaling.scale) + float(scaling.offset), seen

    return np.array([_mean(own, crs, read) for own in points])


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
    west, north = points[:, 0].min(), points[:, 1].max()
    column, row = ((points - [west, north]) * [1, -1] / _STEP_M).astype(np.int64).T
    grid = Grid(crs, (_STEP_M, 0.0, west, 0.0, -_STEP_M, north), column.max() + 1, row.max() + 1)
    values, seen = read(grid, Window(0, 0, grid.height, grid.width))
    known = seen[row, column]
    return float(values[row, column][known].mean()) if known.any() else np.nan


def nearest_substations(
    layer: Layer | None, shapes: Sequence[Any]
) -> tuple[FloatArray, FloatArray, list[str]]:
    """Return the nearest substation of each zone: distance, spare power, and name.

    Parameters
    ----------
    layer
        Of kind ``substations``, or None.
    shapes
        Of the zones.

    Returns
    -------
    distance_m, spare_kw : (zones,) arrays
        NaN where there is no substation, or its spare power is not known.
    names
        Empty where it has none.
    """
    unknown = np.full(len(shapes), np.nan)
    if layer is None or not shapes:
        return unknown, unknown.copy(), [""] * len(shapes)
    tree = shapely.STRtree(np.asarray(layer.data.geometry.array, dtype=object))
    pairs, distance = tree.query_nearest(
        np.asarray(shapes, dtype=object), return_distance=True, all_matches=False
    )
    station = pairs[1]
    spare = layer.data["spare_kw"].to_numpy() if "spare_kw" in layer.data else None
    names = layer.data.get("name")
    return (
        np.asarray(distance),
        unknown.copy() if spare is None else np.asarray(spare[station], np.float64),
        [
            str(names.iloc[n]) if names is not None and isinstance(names.iloc[n], str) else ""
            for n in station.tolist()
        ],
    )
