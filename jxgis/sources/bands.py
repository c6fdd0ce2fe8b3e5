"""One band of a raster file: described without reading a cell, and read window by window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.windows import Window as FileWindow

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.rasters import Grid, Window
from jxgis.results import InputFile, LedgerRow
from jxgis.sources import prj
from jxgis.sources.archive import find
from jxgis.sources.decimals import shortest
from jxgis.sources.opening import digest, opened
from jxgis.spec import LayerSpec


@dataclass(frozen=True)
class BandFile:
    """What a file says about one of its bands.

    Attributes
    ----------
    spec
        Of this file alone: its path, its band, and what the plan says about the layer.
    path
        The file as it can be opened.
    number
        The band, from 1; ``several`` tells whether there are others.
    grid, dtype, block
        Its cells, the type they are stored in, and the rows and columns stored together.
    nodata
        In the band's own type; None where none is declared or no cell can hold it.
    masked
        Whether a mask or an alpha band tells what is no data.
    scale, offset
        As GDAL knows them: 1 and 0 where the file says nothing.
    tags
        Metadata of the file and the band, names in capitals; the description as ``DESCRIPTION``.
    doubts
        On the CRS.
    """

    spec: LayerSpec
    path: Path
    number: int
    several: bool
    grid: Grid
    dtype: np.dtype[Any]
    block: tuple[int, int]
    nodata: Any
    masked: bool
    scale: Fraction
    offset: Fraction
    tags: Mapping[str, str]
    doubts: tuple[LedgerRow, ...]


def named(spec: LayerSpec, text: str) -> LayerSpec:
    """Return the specification of one file of a layer, written ``FILE`` or ``FILE:BAND``.

    Parameters
    ----------
    spec
        Of the layer.
    text
        A colon parts file and band only where the whole is no file and what is before it is.

    Returns
    -------
    LayerSpec
        With ``path`` and ``layer`` of the file.
    """
    file, colon, band = text.rpartition(":")
    if colon and file and not spec.resolve(text).exists() and spec.resolve(file).exists():
        return replace(spec, path=file, layer=band, bands={})
    return replace(spec, path=text, layer=None, bands={})


def described(spec: LayerSpec, *, choose: str = "") -> BandFile:
    """Return what a file says about its band, without reading a cell.

    Parameters
    ----------
    spec
        Of the one file; ``layer`` is the band's number, where there are several.
    choose
        How the plan names a band, with ``{file}`` and ``{name}``; empty for ``layer = "1"``.

    Returns
    -------
    BandFile

    Raises
    ------
    NoCrsError
        If neither the file nor the plan says its coordinate system.
    InputError
        If it is missing, is no raster, has no such band, or lies nowhere.
    """
    with opened(spec, choose=choose) as band:
        file, at = band.file, band.number - 1
        transform = file.transform
        if band.crs.is_geographic and (transform.b or transform.d):
            raise InputError(
                _("its rows do not run along the parallels, though it is in degrees"),
                mend=_("Warp it to a projected CRS in a GIS"),
                **place(spec),
            )
        dtype = np.dtype(file.dtypes[at])
        tags = {**file.tags(), **file.tags(band.number)}
        flags = file.mask_flag_enums[at]
        return BandFile(
            spec=spec,
            path=find(spec),
            number=band.number,
            several=file.count > 1,
            grid=Grid(band.crs, tuple(transform)[:6], file.width, file.height),
            dtype=dtype,
            block=file.block_shapes[at],
            nodata=_in_type(file.nodatavals[at], dtype),
            masked=MaskFlags.per_dataset in flags or MaskFlags.alpha in flags,
            scale=_exact(file.scales[at], spec),
            offset=_exact(file.offsets[at], spec),
            tags={
                **{key.upper(): value for key, value in tags.items()},
                "DESCRIPTION": file.descriptions[at] or "",
            },
            doubts=tuple(replace(row, count=1) for row in band.doubts),
        )


def _exact(number: float, spec: LayerSpec) -> Fraction:
    """Return the decimal fraction that a scale or offset was written as."""
    try:
        return Fraction(shortest(number))
    except ValueError as error:  # NaN or infinite
        raise InputError(
            _("its scale or offset is {number}, which is no number").format(number=number),
            mend=_("Save it again with a scale and offset, or without"),
            **place(spec),
        ) from error


def _in_type(nodata: float | None, dtype: np.dtype[Any]) -> Any:
    if nodata is None or dtype.kind not in "iu":
        return None if nodata is None else dtype.type(nodata)
    limits = np.iinfo(dtype)
    fits = np.isfinite(nodata) and limits.min <= nodata <= limits.max and nodata == int(nodata)
    return dtype.type(int(nodata)) if fits else None


def input_files(bands: list[BandFile]) -> tuple[InputFile, ...]:
    """Return a record of each file that bands are of, in their order.

    Parameters
    ----------
    bands
        Several may be of one file.

    Returns
    -------
    tuple of InputFile
        ``features`` is the number of cells.
    """
    files: dict[Path, list[BandFile]] = {}
    for band in bands:
        files.setdefault(band.path, []).append(band)
    return tuple(_input_file(of_file) for of_file in files.values())


def _input_file(bands: list[BandFile]) -> InputFile:
    first = bands[0]
    numbers = sorted({band.number for band in bands})
    with rasterio.open(first.path) as file:
        parts = file.files
    return InputFile(
        path=first.spec.source,
        sha256=digest(first.path, parts),
        features=first.grid.width * first.grid.height,
        crs=prj.crs_name(first.grid.crs),
        layer=", ".join(map(str, numbers)) if first.several else "",
        as_of=first.spec.as_of,
        attribution=first.spec.attribution,
    )


def cells(file: Any, band: BandFile, window: Window, *, mask: bool = False) -> NDArray[Any]:
    """Return the cells of a window as they are stored.

    Parameters
    ----------
    file
        The open dataset.
    band
        What is read of it.
    window
        Inside it.
    mask
        Read the mask instead: 0 is no data.

    Returns
    -------
    (rows, columns) array

    Raises
    ------
    InputError
        Naming the rows and columns of the first block that is damaged.
    """
    try:
        return _cells(file, band, window, mask=mask)
    except (RasterioError, OSError) as error:
        row, column, rows, columns = _damaged(file, band, window, mask=mask)
        raise InputError(
            _(
                "rows {first} to {last}, columns {left} to {right} cannot be read: the file is "
                "truncated or damaged"
            ).format(first=row, last=row + rows - 1, left=column, right=column + columns - 1),
            mend=_("Fetch it again"),
            **place(band.spec),
        ) from error


def _cells(file: Any, band: BandFile, window: Window, *, mask: bool) -> NDArray[Any]:
    row, column, rows, columns = window
    read = file.read_masks if mask else file.read
    return np.asarray(read(band.number, window=FileWindow(column, row, columns, rows)))


def _damaged(file: Any, band: BandFile, window: Window, *, mask: bool) -> Window:
    """Return the first block in a window that cannot be read; the window, if each can."""
    height, width = band.block
    first_row, first_column = window.row // height * height, window.column // width * width
    for row in range(first_row, window.row + window.rows, height):
        for column in range(first_column, window.column + window.columns, width):
            rows, columns = min(height, file.height - row), min(width, file.width - column)
            block = Window(row, column, rows, columns)
            try:
                _cells(file, band, block, mask=mask)
            except (RasterioError, OSError):
                return block
    return window
