"""Terrain of the whole prefecture, coarse: a plain of two to five metres, and the hills."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

from sample.frame import METRIC, FloatArray, Noise, metres, rng
from sample.places import HILLS

CELL_M = 200.0
_MARGIN_CELLS = 10
_NODATA = -32_768
SUMMITS_M = {"南北湖山": 250.0, "黄湾山": 160.0, "九龙山": 180.0, "秦山": 110.0}
"""About how high the hills are."""
_FOOT = 1.15
"""How far a hill reaches, in its outline's radii."""


def write_elevation(folder: Path, counties: Mapping[str, shapely.Polygon]) -> None:
    """Write ``elevation.tif``: whole metres, also round the counties."""
    random = rng(28)
    plain, ridges = Noise(random, 9_000.0), Noise(random, 900.0)
    west, south, east, north = shapely.total_bounds(list(counties.values()))
    left, right = int(west // CELL_M) - _MARGIN_CELLS, int(-(-east // CELL_M)) + _MARGIN_CELLS
    bottom, top = int(south // CELL_M) - _MARGIN_CELLS, int(-(-north // CELL_M)) + _MARGIN_CELLS
    x = (np.arange(left, right) + 0.5) * CELL_M
    y = (np.arange(top, bottom, -1) - 0.5) * CELL_M
    points = np.stack(np.meshgrid(x, y), axis=-1)
    height = 3.5 + 1.5 * plain(points) + _hills(points, ridges(points))
    cells = np.round(height).astype(np.int16)
    with rasterio.open(
        folder / "elevation.tif",
        "w",
        driver="GTiff",
        width=len(x),
        height=len(y),
        count=1,
        dtype=cells.dtype,
        crs=METRIC,
        transform=from_origin(left * CELL_M, top * CELL_M, CELL_M, CELL_M),
        nodata=_NODATA,
        compress="DEFLATE",
        zlevel=9,
        predictor=2,
        tiled=True,
    ) as image:
        image.write(cells, 1)
        image.set_band_description(1, "elevation")
        image.update_tags(NOTICE="generated sample, not a terrain model", UNIT="m")


def _hills(points: FloatArray, ridges: FloatArray) -> FloatArray:
    """Return what the hills add to the plain: bells with ridges, nothing beyond their feet."""
    added = np.zeros(points.shape[:-1])
    for name, lon, lat, width, height in HILLS:
        away = (points - metres(lon, lat)) / (_FOOT * width, _FOOT * height)
        bell = np.maximum(1.0 - (away**2).sum(axis=-1), 0.0)
        added += SUMMITS_M[name] * bell * bell * (1.0 + 0.35 * ridges * bell)
    return added
