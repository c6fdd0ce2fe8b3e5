"""Rasters of counts (GHSL's GHS-POP, WorldPop): each inhabited cell becomes a square.

Such files may hold the whole Earth. Only the window over the place is read, piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from rasterio.windows import Window

from jxgis.cleaning import place
from jxgis.crs import Bounds
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import KINDS, RawLayer
from jxgis.results import InputFile, LedgerRow
from jxgis.sources import prj
from jxgis.sources.archive import find
from jxgis.sources.opening import OpenBand, applied, digest, opened
from jxgis.sources.selecting import keep_where
from jxgis.spec import LayerSpec

MOST_CELLS = 4_000_000
"""More inhabited cells than these are no city."""

# Cells along the side of a piece that is read at once; a multiple of the usual tiles.
_PIECE = 2048
# Points along each side of the place's bounds, whose image in the raster is curved.
_DENSE = 21


def read(spec: LayerSpec, within: Bounds | None = None) -> RawLayer:
    """Read the inhabited cells of the raster that ``spec.path`` names.

    Parameters
    ----------
    spec
        ``layer`` is the band's number, where there are several.
    within
        West, south, east and north, degrees, of what is read; None reads the whole raster.

    Returns
    -------
    RawLayer
        A polygon for each cell whose value is above zero, in the raster's CRS, with the kind's
        column (``population`` or ``jobs``) and rows labelled from 0.

    Raises
    ------
    NoCrsError
        If the raster does not say its coordinate system and the plan does not either.
    InputError
        If it is missing or cannot be read, has no such band, does not reach the place, or holds
        nobody there or more than `MOST_CELLS` cells.
    """
    with opened(spec) as band:
        window, ledger = _window(band, within, spec)
        cells = _inhabited(band, window, spec)
        source = InputFile(
            spec.source,
            digest(find(spec), band.file.files),
            len(cells.values),
            prj.crs_name(band.crs),
            str(band.number) if band.file.count > 1 else "",
            spec.as_of,
            spec.attribution,
        )
        doubts = [replace(row, count=len(cells.values)) for row in band.doubts]
        column = next(iter(KINDS[spec.kind].required))
        ledger = [*doubts, *ledger, *_said(cells, band, column, spec)]
        squares = _squares(cells, band.file.transform)
    data = gpd.GeoDataFrame({column: cells.values}, geometry=squares, crs=band.crs)
    data, left_out = keep_where(data, spec)
    return RawLayer(data, (source,), (*ledger, *left_out))


def check(spec: LayerSpec) -> str:
    """Return the name of a raster's CRS, without reading a cell of it.

    Raises
    ------
    InputError
        As `read` does, where that needs no cells.
    """
    with opened(spec) as band:
        return prj.crs_name(band.crs)


@dataclass(frozen=True)
class _Cells:
    """Inhabited cells by row and column of the raster, and how many values were below zero."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: NDArray[np.float64]
    negative: int
    lowest: float


def _window(
    band: OpenBand, within: Bounds | None, spec: LayerSpec
) -> tuple[Window, list[LedgerRow]]:
    """Return the part of the raster over the place, and what is to be said about it."""
    width, height = band.file.width, band.file.height
    if within is None:
        return Window(0, 0, width, height), []
    to_raster = pyproj.Transformer.from_crs("EPSG:4326", band.crs, always_xy=True)
    west, south, east, north = to_raster.transform_bounds(*within, densify_pts=_DENSE)
    if west > east:  # over the 180th meridian
        west, east = -180.0, 180.0
    x, y = np.array([west, east, east, west]), np.array([south, south, north, north])
    if not np.isfinite([x, y]).all():
        raise _no_overlap(within, spec)
    pixels = applied(~band.file.transform, x, y)
    low, high = np.floor(pixels.min(axis=0)), np.ceil(pixels.max(axis=0))
    first, last = np.maximum(low, 0), np.minimum(high, [width, height])
    if not (first < last).all():
        raise _no_overlap(within, spec)
    ledger = []
    share = float(np.prod((last - first) / (high - low)))
    if share < 1:
        reason = _("only {share:.0%} of the place's bounds, with what is around, lie in the raster")
        ledger.append(LedgerRow("note", spec.name, 1, reason.format(share=share)))
    (column, row), (columns, rows) = first.astype(int).tolist(), (last - first).astype(int).tolist()
    return Window(column, row, columns, rows), ledger


def _no_overlap(within: Bounds, spec: LayerSpec) -> InputError:
    west, south, east, north = within
    return InputError(
        _("the raster does not reach the place"),
        mend=_(
            "Give one that covers longitudes {west:.2f} to {east:.2f} and latitudes {south:.2f} to "
            "{north:.2f}, and check its CRS"
        ).format(west=west, east=east, south=south, north=north),
        **place(spec),
    )


def _pieces(band: OpenBand, window: Window) -> Iterator[Window]:
    """Give the window in pieces of at most some four million cells, along the file's blocks."""
    rows = columns = _PIECE
    first = window.col_off - window.col_off % columns
    if band.file.block_shapes[band.number - 1][1] >= band.file.width:  # stored row by row
        first, columns = window.col_off, window.width
        rows = max(1, _PIECE**2 // columns)
    end_row, end_column = window.row_off + window.height, window.col_off + window.width
    for row in range(window.row_off - window.row_off % rows, end_row, rows):
        for column in range(first, end_column, columns):
            yield Window(column, row, columns, rows).intersection(window)


def _inhabited(band: OpenBand, window: Window, spec: LayerSpec) -> _Cells:
    """Return the cells of a window that are numbers above zero and not masked."""
    scale, offset = band.file.scales[band.number - 1], band.file.offsets[band.number - 1]
    rows, columns, values = [np.array([], np.intp)], [np.array([], np.intp)], [np.array([], float)]
    negative, lowest, count = 0, 0.0, 0
    for piece in _pieces(band, window):
        read = band.file.read(band.number, window=piece, masked=True)
        numbers = np.ma.getdata(read).astype(float) * scale + offset
        known = ~np.ma.getmaskarray(read) & np.isfinite(numbers)
        below = numbers[known & (numbers < 0)]
        negative += len(below)
        lowest = float(below.min(initial=lowest))
        inhabited = known & (numbers > 0)
        count += int(np.count_nonzero(inhabited))
        if count > MOST_CELLS:
            raise InputError(
                _("more than {n:,} of its cells are inhabited").format(n=MOST_CELLS),
                mend=_("Clip it to the place, or give one with coarser cells"),
                **place(spec),
            )
        row, column = np.nonzero(inhabited)
        rows.append(row + piece.row_off)
        columns.append(column + piece.col_off)
        values.append(numbers[inhabited])
    if not count:
        raise InputError(
            _("no cell of it at the place has a value above zero"),
            mend=_("Check the band, the value for no data and the CRS"),
            **place(spec),
        )
    at = np.concatenate(rows), np.concatenate(columns)
    return _Cells(at[0], at[1], np.concatenate(values), negative, lowest)


def _squares(cells: _Cells, transform: Any) -> NDArray[np.object_]:
    columns = cells.columns[:, None] + np.array([0, 1, 1, 0, 0])
    rows = cells.rows[:, None] + np.array([0, 0, 1, 1, 0])
    return np.asarray(shapely.polygons(applied(transform, columns, rows)), dtype=object)


def _said(cells: _Cells, band: OpenBand, column: str, spec: LayerSpec) -> list[LedgerRow]:
    t = band.file.transform
    reason = _(
        "inhabited cells of {size}, with a {column} of {total:,.0f}; each value was taken as a "
        "count in its cell, not as a density"
    ).format(
        size=_size(np.hypot(t.a, t.d), np.hypot(t.b, t.e), band.crs),
        column=column,
        total=cells.values.sum(),
    )
    ledger = [LedgerRow("note", spec.name, len(cells.values), reason)]
    if cells.negative:
        reason = _("cells below zero (down to {lowest:g}), which is how rasters mark no data")
        reason = reason.format(lowest=cells.lowest)
        ledger.append(LedgerRow("dropped", spec.name, cells.negative, reason))
    return ledger


def _size(width: float, height: float, crs: pyproj.CRS) -> str:
    unit = crs.axis_info[0].unit_name if crs.axis_info else ""
    unit = {"metre": "m", "degree": "°"}.get(unit, unit)
    return f"{width:.4g} × {height:.4g} {unit}"
