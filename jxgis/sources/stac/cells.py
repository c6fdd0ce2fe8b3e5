"""Cells of a satellite's files, wherever these are: their grid, and rows of them as they are."""

from __future__ import annotations

import datetime as dt
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import odc.stac
import pyproj
import pystac
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError

from jxgis.crs import Bounds
from jxgis.errors import InputError, NetworkError
from jxgis.i18n import _
from jxgis.sources.found import first_sentence

# Cells that are read at once, at most; rows come in multiples of the blocks they are written in.
_MOST_CELLS, BLOCK = 4_000_000, 512

# Points along each side of the place's bounds, whose image in the grid is curved.
_DENSE = 21

# A grid's lines are taken to be another's where they are off by less than this share of a cell.
_OFF = 1e-4

_GDAL = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "20",
    "GDAL_HTTP_TIMEOUT": "90",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
    # A block that two windows share is fetched once.
    "CPL_VSIL_CURL_CACHE_SIZE": str(128 * 1024 * 1024),
}

_QUERY = re.compile(r"\?[^\s'\"]*")

# What odc reports of a file that cannot be read is raised as well, and would name its token.
logging.getLogger("odc").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Cells:
    """One band of one file, and its grid: north up, cells of ``width`` by ``height`` units."""

    href: str
    item: str
    time: dt.datetime
    crs: str
    dtype: str
    nodata: float | None
    west: float
    north: float
    cell: tuple[float, float]
    shape: tuple[int, int]

    @property
    def bounds(self) -> Bounds:
        """West, south, east and north in the file's CRS."""
        (width, height), (rows, columns) = self.cell, self.shape
        return (self.west, self.north - rows * height, self.west + columns * width, self.north)


@contextmanager
def reading(href: str) -> Iterator[None]:
    """Let GDAL read from far away, and say in one sentence what goes wrong.

    Raises
    ------
    NetworkError
        If a file cannot be read.
    """
    try:
        with rasterio.Env(**_GDAL):
            yield
    except RasterioError as error:
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise NetworkError(
            _("it cannot be read: {reason}").format(reason=_QUERY.sub("", first_sentence(cause))),
            mend=_("Check the network and run again: what was fetched is kept"),
            file=_QUERY.sub("", href),
        ) from None


def look(href: str, item: str, time: dt.datetime) -> Cells:
    """Return what a file says of its first band.

    Raises
    ------
    NetworkError
        If it cannot be read.
    InputError
        If its cells do not lie along the axes of a CRS.
    """
    with reading(href), rasterio.open(href) as file:
        t = file.transform
        if file.crs is None or t.b or t.d or t.a <= 0 or t.e >= 0:
            raise InputError(
                _("the cells of {item} do not lie along the axes of a coordinate system").format(
                    item=item
                ),
                mend=_("Take another collection"),
            )
        code = file.crs.to_epsg()
        return Cells(
            href=href,
            item=item,
            time=time,
            crs=f"EPSG:{code}" if code else file.crs.to_wkt(),
            dtype=file.dtypes[0],
            nodata=file.nodata,
            west=t.c,
            north=t.f,
            cell=(t.a, -t.e),
            shape=(file.height, file.width),
        )


def snapped(place: Bounds, tiles: Sequence[Cells]) -> Bounds:
    """Return a place's bounds in the tiles' CRS, widened to the lines of their coarsest grid.

    Parameters
    ----------
    place
        West, south, east and north, degrees.
    tiles
        All of one CRS; their grids nest.

    Raises
    ------
    InputError
        If the place is outside all tiles, or the grids do not nest.
    """
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", tiles[0].crs, always_xy=True)
    west, south, east, north = to_grid.transform_bounds(*place, densify_pts=_DENSE)
    coarse = max(tiles, key=lambda tile: tile.cell)
    (width, height), (x, y) = coarse.cell, (coarse.west, coarse.north)

    def line(value: float, origin: float, step: float, side: float) -> float:
        """Return the grid's line on that side of a value, the value where it is a line itself."""
        steps = (value - origin) / step
        near = np.round(steps)
        outward = np.floor(steps) if side < 0 else np.ceil(steps)
        return float(origin + (near if abs(near - steps) < _OFF else outward) * step)

    bounds = (
        line(west, x, width, -1),
        line(south, y, height, -1),
        line(east, x, width, 1),
        line(north, y, height, 1),
    )
    if not any(_overlap(bounds, tile.bounds) for tile in tiles):
        raise InputError(
            _("the place lies outside {item}").format(item=tiles[0].item),
            mend=_("Check the CRS of the zones, or --bbox W,S,E,N in degrees"),
        )
    for tile in tiles:
        _check_nested(bounds, tile, tiles[0])
    return bounds


def _overlap(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _check_nested(bounds: Bounds, tile: Cells, first: Cells) -> None:
    (width, height), (west, south, east, north) = tile.cell, bounds
    steps = np.array(
        [(west - tile.west) / width, (tile.north - north) / height,
         (east - west) / width, (north - south) / height]
    )  # fmt: skip
    if tile.crs != first.crs or not (abs(steps - np.round(steps)) < _OFF).all():
        raise InputError(
            _("the cells of {item} and {other} do not lie on one grid").format(
                item=first.item, other=tile.item
            ),
            mend=_("Take other bands with --red, --nir and --quality, or another collection"),
        )


def grid_over(bounds: Bounds, tiles: Sequence[Cells]) -> GeoBox:
    """Return the grid of a band within bounds that `snapped` gave.

    Raises
    ------
    InputError
        If the tiles' grids differ.
    """
    first = tiles[0]
    for tile in tiles:
        _check_nested(bounds, tile, first)
        if (tile.cell, tile.dtype) != (first.cell, first.dtype):
            raise InputError(
                _("the cells of {item} and {other} differ in size or kind").format(
                    item=first.item, other=tile.item
                ),
                mend=_("Take another collection"),
            )
    (width, height), (west, south, east, north) = first.cell, bounds
    shape = (round((north - south) / height), round((east - west) / width))
    return GeoBox(shape, rasterio.Affine(width, 0, west, 0, -height, north), first.crs)


def rows_of(
    grid: GeoBox, tiles: Sequence[Cells], nodata: float
) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Give the cells of a grid by windows of rows, as they are stored: nothing is resampled.

    Parameters
    ----------
    grid
        One that `grid_over` gave.
    tiles
        Where two overlap, the first in order of time and name that has a value there counts.
    nodata
        What stands where none has one.

    Yields
    ------
    row : int
        The window's first.
    cells : (rows, columns) array
        In the type of the files.

    Raises
    ------
    NetworkError
        If a file cannot be read.
    """
    items = [_item(tile) for tile in tiles]
    height, width = grid.shape
    step = max(1, _MOST_CELLS // width // BLOCK) * BLOCK
    for row in range(0, height, step):
        with reading(tiles[0].href), warnings.catch_warnings():
            # odc uses shapely and affine in ways that these are about to give up.
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            loaded = odc.stac.load(
                items,
                bands=["cells"],
                geobox=grid[row : min(row + step, height), :],
                groupby=lambda _item, _parsed, _index: 0,
                resampling="nearest",
                dtype=tiles[0].dtype,
                nodata=nodata,
            )
        yield row, np.asarray(loaded["cells"].values[0])


def _item(tile: Cells) -> pystac.Item:
    """Return a bare item that says of its file's grid what the file says itself."""
    west, south, east, north = pyproj.Transformer.from_crs(
        tile.crs, "EPSG:4326", always_xy=True
    ).transform_bounds(*tile.bounds, densify_pts=_DENSE)
    (width, height), shape = tile.cell, list(tile.shape)
    transform = [width, 0.0, tile.west, 0.0, -height, tile.north]
    coded = tile.crs.startswith("EPSG:")
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    item = pystac.Item(
        id=tile.item,
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=[west, south, east, north],
        datetime=tile.time,
        properties={"proj:code" if coded else "proj:wkt2": tile.crs},
        stac_extensions=["https://stac-extensions.github.io/projection/v2.0.0/schema.json"],
        collection="scene",
    )
    asset = pystac.Asset(
        tile.href,
        media_type="image/tiff; application=geotiff",
        roles=["data"],
        extra_fields={"proj:transform": transform, "proj:shape": shape},
    )
    item.add_asset("cells", asset)
    return item
