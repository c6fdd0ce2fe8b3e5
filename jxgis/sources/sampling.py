"""A few cells of a band, to tell what it holds before it is measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import rasterio

from jxgis.rasters import Window
from jxgis.sources.bands import BandFile, cells

# Up to this many rows and columns at each of nine places are looked at.
_LOOK = 256
_PLACES = 3

# Dark water and leaves reflect less red than a tenth, so that some cells of a scene store less.
_OFFSET = 1000
_DARK_PERCENT = 1


def look(band: BandFile) -> Any:
    """Return the values that occur at nine places of a band.

    Parameters
    ----------
    band
        Its file is opened.

    Returns
    -------
    (n,) array

    Raises
    ------
    InputError
        If the file is damaged there.
    """
    height, width = band.grid.height, band.grid.width
    rows, columns = min(_LOOK, height), min(_LOOK, width)
    windows = [
        Window(row, column, rows, columns)
        for row in np.linspace(0, height - rows, _PLACES).astype(int).tolist()
        for column in np.linspace(0, width - columns, _PLACES).astype(int).tolist()
    ]
    with rasterio.open(band.path) as file:
        return np.concatenate([cells(file, band, window).ravel() for window in windows])


def dark(band: BandFile) -> int | None:
    """Return what the darkest cells of a red band store, where that may hold an offset.

    Parameters
    ----------
    band
        Of a scale and offset that nothing tells.

    Returns
    -------
    int or None
        None of a band of another type than 16 bits without sign, and of one with cells as dark
        as water.

    Raises
    ------
    InputError
        If the file is damaged where it is looked at.
    """
    if band.dtype != np.uint16:
        return None
    values = look(band)
    values = values[(values != 0) & (values != (0 if band.nodata is None else band.nodata))]
    if not len(values):
        return None
    low = int(np.percentile(values, _DARK_PERCENT, method="lower"))
    return low if low >= _OFFSET else None
