"""The cells that land is told apart in: their grid, and the county of each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.shares import shares
from jxgis.kernels.zonal import Outlines, inside, outlines
from jxgis.layers import Layer
from jxgis.rasters import Grid, Window

TILE = 10
"""Side of a tile, cells: what a zone is put together from."""

_BLOCK = 100 * TILE
# More cells than this do not fit into memory.
_MOST_CELLS = 250_000_000


@dataclass(frozen=True)
class Frame:
    """A grid over counties.

    Attributes
    ----------
    grid
        Square cells in the run's metric CRS, whose corners are at multiples of their side.
    zone_ids, zones
        Id and name of each county.
    shapes
        Its outline.
    """

    grid: Grid
    zone_ids: tuple[str, ...]
    zones: tuple[str, ...]
    shapes: tuple[Any, ...]

    @property
    def cell_m(self) -> float:
        """Side of a cell, metres."""
        return self.grid.transform[0]

    @property
    def whole(self) -> Window:
        """All of the grid."""
        return Window(0, 0, self.grid.height, self.grid.width)

    @cached_property
    def region(self) -> Any:
        """All counties as one."""
        region = shapely.union_all(list(self.shapes))
        shapely.prepare(region)
        return region

    @cached_property
    def _lines(self) -> tuple[Outlines, ...]:
        return tuple(self.lines(np.array([shape], dtype=object)) for shape in self.shapes)

    def lines(self, shapes: npt.NDArray[np.object_]) -> Outlines:
        """Return polygons in the metric CRS as outlines in the grid's columns and rows."""
        return outlines(list(shapely.transform(shapes, self.grid.to_pixels)))

    def county(self, window: Window) -> npt.NDArray[np.int16]:
        """Return the county of each cell of a window, by its middle; -1 outside of all.

        A cell whose middle is in none belongs to one that reaches into it. Where counties overlap
        it is the first.
        """
        at = window.row, window.rows, window.column, window.columns
        found = np.full((window.rows, window.columns), -1, np.int16)
        here = [(n, own) for n, own in enumerate(self._lines) if _reaches(own, window)]
        for number, lines in reversed(here):
            found[inside(lines, *at)] = number
        outside = found < 0
        if outside.any():
            for number, lines in reversed(here):
                found[outside & (shares(lines, *at) > 0)] = number
        return found

    def blocks(self, size: int = _BLOCK) -> Iterator[Window]:
        """Give windows that make up the grid, in the order of reading, multiples of a tile."""
        for row in range(0, self.grid.height, size):
            for column in range(0, self.grid.width, size):
                rows = min(size, self.grid.height - row)
                yield Window(row, column, rows, min(size, self.grid.width - column))

    def bounds(self, window: Window) -> tuple[float, float, float, float]:
        """Return west, south, east and north of a window, metres."""
        corners = [
            [window.column, window.row + window.rows],
            [window.column + window.columns, window.row],
        ]
        (west, south), (east, north) = self.grid.to_ground(np.array(corners, float)).tolist()
        return west, south, east, north

    def coarser(self, factor: int) -> Grid:
        """Return a grid over the same place whose cells are larger by a factor."""
        a, b, c, d, e, f = self.grid.transform
        return replace(
            self.grid,
            transform=(a * factor, b, c, d, e * factor, f),
            width=-(-self.grid.width // factor),
            height=-(-self.grid.height // factor),
        )


def _reaches(lines: Outlines, window: Window) -> bool:
    """Return whether outlines come near a window."""
    (top, bottom), (left, right) = lines.rows(), lines.columns()
    along = top < window.row + window.rows and bottom > window.row
    return along and left < window.column + window.columns and right > window.column


def framed(zones: Layer, cell_m: float) -> Frame:
    """Return the grid over the zones of a layer.

    Parameters
    ----------
    zones
        Polygons with ``zone_id`` and ``zone``; those of one id are one.
    cell_m
        Side of a cell, metres.

    Raises
    ------
    InputError
        If the zones are so large that memory would not do.
    """
    west, south, east, north = zones.data.total_bounds.tolist()
    left, top = math.floor(west / cell_m) * cell_m, math.ceil(north / cell_m) * cell_m
    columns, rows = math.ceil((east - left) / cell_m), math.ceil((top - south) / cell_m)
    if columns * rows > _MOST_CELLS:
        raise InputError(
            _("the zones take {n:,} cells of {cell:g} m: memory would not do").format(
                n=columns * rows, cell=cell_m
            ),
            layer=zones.name,
            mend=_("Make the rule {rule} larger").format(rule="solar.cell_m"),
        )
    names = zones.data.drop_duplicates("zone_id").set_index("zone_id")["zone"].astype(str)
    shapes = [
        shapely.union_all(zones.data.geometry[zones.data["zone_id"] == zone_id].to_numpy())
        for zone_id in names.index
    ]
    crs = pyproj.CRS(zones.data.crs)
    grid = Grid(crs, (cell_m, 0.0, left, 0.0, -cell_m, top), columns, rows)
    return Frame(grid, tuple(map(str, names.index)), tuple(names), tuple(shapes))
