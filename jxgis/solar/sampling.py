"""Rasters at the middles of the cells of another grid: land cover, and slope of terrain."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from jxgis.rasters import Grid, Raster, Scaling, Window

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Cells from one exactly transformed point to the next; between them, straight lines.
_STEP = 64
# A degree of latitude, metres.
_DEGREE_M = 111_320.0


def sampled(
    raster: Raster, role: str, grid: Grid, window: Window
) -> tuple[npt.NDArray[Any], BoolArray]:
    """Return what a raster has at the middle of each cell of a window of another grid.

    Parameters
    ----------
    raster
        Read once over the place; its cells are not mixed.
    role
        Which of its arrays.
    grid, window
        Where.

    Returns
    -------
    values, seen : (rows, columns) arrays
        Where the raster does not lie, or shows nothing, the value is 0 and not seen.
    """
    row, column = _cells(raster.grid, grid, window)
    own = _window(raster.grid, row, column)
    shape = (window.rows, window.columns)
    if own is None:
        return np.zeros(shape, np.int64), np.zeros(shape, bool)
    with raster.opened() as read:
        cells = read(own)
    inside = (
        (row >= own.row)
        & (row < own.row + own.rows)
        & (column >= own.column)
        & (column < own.column + own.columns)
    )
    at = (np.where(inside, row - own.row, 0), np.where(inside, column - own.column, 0))
    seen = inside & cells["seen"][at]
    return np.where(seen, cells[role][at], 0), np.asarray(seen)


def slope_deg(raster: Raster, grid: Grid, window: Window) -> tuple[FloatArray, BoolArray]:
    """Return the slope of terrain at the middle of each cell of a window, degrees.

    Parameters
    ----------
    raster
        Elevation, metres as its scaling has them. The slope is that of its own cells.
    grid, window
        Where.

    Returns
    -------
    slope, seen : (rows, columns) arrays
        Not seen where one of the eight neighbours has no elevation.

    Notes
    -----
    Horn's method, as GIS programs have it: Horn 1981, Hill shading and the reflectance map,
    Proceedings of the IEEE 69, 14-47.
    """
    row, column = _cells(raster.grid, grid, window)
    own = _window(raster.grid, row, column, margin=1)
    shape = (window.rows, window.columns)
    if own is None or own.rows < 3 or own.columns < 3:  # noqa: PLR2004 - a cell and its neighbours
        return np.zeros(shape), np.zeros(shape, bool)
    with raster.opened() as read:
        cells = read(own)
    scaling = raster.scaling.get("elevation", Scaling())
    z = cells["elevation"] * float(scaling.scale) + float(scaling.offset)
    z = np.where(cells["seen"], z, np.nan)
    width, height = _cell_size(raster.grid, own)
    across = z[:, 2:] - z[:, :-2]
    down = z[2:] - z[:-2]
    dx = (across[:-2] + 2 * across[1:-1] + across[2:]) / (8 * width)
    dy = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / (8 * height)
    slope = np.degrees(np.arctan(np.hypot(dx, dy)))
    row, column = row - own.row - 1, column - own.column - 1
    inside = (row >= 0) & (row < slope.shape[0]) & (column >= 0) & (column < slope.shape[1])
    found = slope[np.where(inside, row, 0), np.where(inside, column, 0)]
    seen = inside & np.isfinite(found)
    return np.where(seen, found, 0.0), np.asarray(seen)


def _cells(of: Grid, grid: Grid, window: Window) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return row and column in a grid of the middle of each cell of a window of another."""
    u, v = _nodes(window.columns), _nodes(window.rows)
    uu, vv = np.meshgrid(window.column + u, window.row + v)
    xy = grid.to_ground(np.column_stack([uu.ravel(), vv.ravel()]))
    if of.crs != grid.crs:
        moved = pyproj.Transformer.from_crs(grid.crs, of.crs, always_xy=True)
        xy = np.column_stack(moved.transform(xy[:, 0], xy[:, 1]))
    pixels = of.to_pixels(xy).reshape(len(v), len(u), 2)
    column, row = (_between(pixels[:, :, axis], v, u, window) for axis in (0, 1))
    return np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)


def _nodes(count: int) -> FloatArray:
    """Return the middles of cells at equal steps, the first and the last among them."""
    steps = max(-(-(count - 1) // _STEP), 1)
    return np.linspace(0.5, count - 0.5, steps + 1)


def _between(values: FloatArray, v: FloatArray, u: FloatArray, window: Window) -> FloatArray:
    """Return values at nodes as values at all cells, along straight lines."""
    columns, rows = np.arange(window.columns) + 0.5, np.arange(window.rows) + 0.5
    along = np.array([np.interp(columns, u, own) for own in values])
    if len(v) > 1 and v[-1] > v[0]:
        below = np.clip(np.searchsorted(v, rows, side="right") - 1, 0, len(v) - 2)
        part = ((rows - v[below]) / (v[below + 1] - v[below]))[:, None]
        return np.asarray(along[below] * (1 - part) + along[below + 1] * part)
    return np.repeat(along[:1], window.rows, axis=0)


def _window(
    grid: Grid, row: npt.NDArray[Any], column: npt.NDArray[Any], margin: int = 0
) -> Window | None:
    """Return the part of a grid that holds cells, or None."""
    top, left = max(int(row.min()) - margin, 0), max(int(column.min()) - margin, 0)
    bottom = min(int(row.max()) + 1 + margin, grid.height)
    right = min(int(column.max()) + 1 + margin, grid.width)
    if top >= bottom or left >= right:
        return None
    return Window(top, left, bottom - top, right - left)


def _cell_size(grid: Grid, window: Window) -> tuple[float, float]:
    """Return width and height of a grid's cells in the middle of a window, metres."""
    a, b, _c, d, e, _f = grid.transform
    width, height = float(np.hypot(a, d)), float(np.hypot(b, e))
    if not grid.crs.is_geographic:
        unit = grid.crs.axis_info[0].unit_conversion_factor
        return width * unit, height * unit
    middle = np.array([[window.column + window.columns / 2, window.row + window.rows / 2]])
    latitude = np.radians(grid.to_ground(middle)[0, 1])
    return width * _DEGREE_M * float(np.cos(latitude)), height * _DEGREE_M
