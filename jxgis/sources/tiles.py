"""Tiles read window by window: the cells of each band, and which of them are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import BoolArray, Reader, Window
from jxgis.sources.bands import BandFile, cells
from jxgis.sources.found import first_sentence
from jxgis.sources.grids import Quality, Tile
from jxgis.sources.quality import seen

Cells = NDArray[Any]

# Bytes for decoded blocks: windows of a file stored row by row share them.
_CACHE = 64 * 2**20


@contextmanager
def opened(tiles: tuple[Tile, ...], roles: tuple[str, ...]) -> Iterator[Reader]:
    """Open the files of tiles, and give what reads windows of them.

    Parameters
    ----------
    tiles
        Where several have a cell, the first in which it is seen gives it.
    roles
        The bands to read.

    Yields
    ------
    Reader
        Where no tile lies, cells are 0 and not seen.

    Raises
    ------
    InputError
        If a file is gone or damaged.
    """
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(GDAL_CACHEMAX=_CACHE))
        files: dict[Path, Any] = {}
        for tile in tiles:
            for band in _bands(tile):
                if band.path not in files:
                    files[band.path] = stack.enter_context(_open(band))

        def read(window: Window) -> Mapping[str, Cells]:
            if len(tiles) == 1:
                return _read_tile(tiles[0], roles, window, files)
            return _read_tiles(tiles, roles, window, files)

        yield read


def _bands(tile: Tile) -> list[BandFile]:
    return [*tile.bands.values(), *([tile.quality.band] if tile.quality else [])]


def _open(band: BandFile) -> Any:
    try:
        return rasterio.open(band.path)
    except (RasterioError, OSError) as error:
        raise InputError(
            _("cannot be read: {reason}").format(reason=first_sentence(error)),
            mend=_("Check whether it was moved while it was read"),
            **place(band.spec),
        ) from error


def _read_tiles(
    tiles: tuple[Tile, ...], roles: tuple[str, ...], window: Window, files: Mapping[Path, Any]
) -> dict[str, Cells]:
    shape = (window.rows, window.columns)
    whole: dict[str, Cells] = {
        role: np.zeros(shape, np.result_type(*(tile.bands[role].dtype for tile in tiles)))
        for role in roles
    }
    whole["seen"] = np.zeros(shape, np.bool_)
    for tile in tiles:
        grid = tile.bands[roles[0]].grid
        first = max(window.row, tile.row), max(window.column, tile.column)
        end = (
            min(window.row + window.rows, tile.row + grid.height),
            min(window.column + window.columns, tile.column + grid.width),
        )
        rows, columns = end[0] - first[0], end[1] - first[1]
        if rows <= 0 or columns <= 0:
            continue
        here = (
            slice(first[0] - window.row, end[0] - window.row),
            slice(first[1] - window.column, end[1] - window.column),
        )
        if whole["seen"][here].all():
            continue
        inside = Window(first[0] - tile.row, first[1] - tile.column, rows, columns)
        part = _read_tile(tile, roles, inside, files)
        new = part["seen"] & ~whole["seen"][here]
        for role in (*roles, "seen"):
            np.copyto(whole[role][here], part[role], where=new)
    return whole


def _read_tile(
    tile: Tile, roles: tuple[str, ...], window: Window, files: Mapping[Path, Any]
) -> dict[str, Cells]:
    read = {role: cells(files[tile.bands[role].path], tile.bands[role], window) for role in roles}
    visible: BoolArray | None = None
    for role in roles:
        band, values = tile.bands[role], read[role]
        for part in _unmasked(band, values, window, files):
            visible = part if visible is None else visible & part
        if tile.usable is not None:
            visible = tile.usable(values) if visible is None else visible & tile.usable(values)
    if tile.zero_is_empty:
        there = np.logical_or.reduce([read[role] != 0 for role in roles])
        visible = there if visible is None else visible & there
    if tile.quality is not None:
        clear = _clear(tile.quality, window, files)
        visible = clear if visible is None else visible & clear
    read["seen"] = np.ones((window.rows, window.columns), bool) if visible is None else visible
    return read


def _unmasked(
    band: BandFile, values: Cells, window: Window, files: Mapping[Path, Any]
) -> Iterator[BoolArray]:
    if values.dtype.kind == "f":
        yield np.isfinite(values)
    if band.nodata is not None and band.nodata == band.nodata:  # NaN is no finite value
        yield np.asarray(values != band.nodata)
    if band.masked:
        yield cells(files[band.path], band, window, mask=True) != 0


def _clear(quality: Quality, window: Window, files: Mapping[Path, Any]) -> BoolArray:
    """Return which cells of a window are seen by a quality band of larger cells, each repeated."""
    factor = quality.factor
    row, column = window.row - quality.row, window.column - quality.column
    first = Window(row // factor, column // factor, 0, 0)
    rows = -(-(row + window.rows) // factor) - first.row
    columns = -(-(column + window.columns) // factor) - first.column
    large = Window(first.row, first.column, rows, columns)
    clear = seen(quality.kind, cells(files[quality.band.path], quality.band, large))
    if factor > 1:
        clear = clear.repeat(factor, axis=0).repeat(factor, axis=1)
        top, left = row - first.row * factor, column - first.column * factor
        clear = clear[top : top + window.rows, left : left + window.columns]
    return clear
