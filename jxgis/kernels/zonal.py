r"""Sums of a raster over polygons, each cell by the exact share of it that lies inside.

By Green's theorem the integral of :math:`f` over a polygon is the integral of
:math:`F\,dv` round its outline, where :math:`F(u, v) = \int_0^u f(s, v)\,ds`. For a raster, *F* is
the sum of the cells to the left in the row, plus the part of the cell that *u* lies in. So a row's
running sums, read where outlines cross the row, give every polygon at once, however many there
are and however they overlap, and cells in their interior are never looked at twice.

Coordinates are those of the grid: column *u* to the right and row *v* down, whole numbers at the
corners of cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from jxgis.kernels.cutting import (
    Edges,
    RowPieces,
    cut_at_columns,
    cut_at_rows,
    places_at,
    spread,
)
from jxgis.kernels.running import running

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEPS = 2**24
"""Sums are whole numbers, so many a cell: then they are the same in whatever order, and in whatever
strips, a raster is read."""


@dataclass(frozen=True)
class Outlines:
    """The edges of polygons, round each interior from *u* towards *v*.

    Attributes
    ----------
    polygon : (n,) array
        Which polygon an edge is of.
    start, end : (n, 2) arrays
        Its ends, column and row.
    count
        How many polygons there are.
    """

    polygon: IntArray
    start: FloatArray
    end: FloatArray
    count: int

    def rows(self) -> tuple[int, int]:
        """Return the first row that an outline reaches and the one after the last."""
        if not len(self.start):
            return 0, 0
        v = np.concatenate([self.start[:, 1], self.end[:, 1]])
        return int(np.floor(v.min())), int(np.ceil(v.max()))

    def columns(self) -> tuple[int, int]:
        """Return the first column that an outline reaches and the one after the last."""
        if not len(self.start):
            return 0, 0
        u = np.concatenate([self.start[:, 0], self.end[:, 0]])
        return int(np.floor(u.min())), int(np.ceil(u.max()))

    @cached_property
    def edges(self) -> Edges:
        """Its edges without repetition: neighbours have most of theirs in common."""
        down = self.end[:, 1] > self.start[:, 1]
        upper = np.where(down[:, None], self.start, self.end)
        lower = np.where(down[:, None], self.end, self.start)
        both = np.column_stack([upper, lower])
        order = np.argsort(_mixed(both), kind="stable")
        sorted_ = both[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (sorted_[1:] != sorted_[:-1]).any(axis=1)  # whatever else was mixed alike
        edge = np.empty(len(order), dtype=np.int64)
        edge[order] = np.cumsum(new) - 1
        first = order[new]
        return Edges(upper[first], lower[first], edge, np.where(down, 1.0, -1.0))


def _mixed(numbers: FloatArray) -> npt.NDArray[np.uint64]:
    """Return a number for each row of several; equal rows have the same."""
    mixed = np.zeros(len(numbers), dtype=np.uint64)
    for column in (numbers + 0.0).view(np.uint64).T:  # 0 and -0 alike
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ column) * np.uint64(0x9E3779B97F4A7C15)
    return mixed


def outlines(polygons: Sequence[Any]) -> Outlines:
    """Return the edges of polygons.

    Parameters
    ----------
    polygons
        Valid shapely polygons or multipolygons in the grid's coordinates; others have no edges.
    """
    parts, which = shapely.get_parts(np.asarray(polygons, dtype=object), return_index=True)
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, which = shapely.orient_polygons(parts[areal]), which[areal]
    rings, of_part = shapely.get_rings(parts, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    inner = of_ring[1:] == of_ring[:-1] if len(points) else np.array([], dtype=bool)
    start, end = points[:-1][inner], points[1:][inner]
    polygon = which[of_part[of_ring[:-1][inner]]] if len(points) else np.array([], dtype=np.int64)
    level = start[:, 1] == end[:, 1]  # along a row nothing is crossed
    return Outlines(polygon[~level].astype(np.int64), start[~level], end[~level], len(polygons))


def sums(
    lines: Outlines,
    layers: Sequence[npt.NDArray[Any]],
    first_row: int,
    first_column: int = 0,
    weights: FloatArray | None = None,
) -> IntArray:
    """Add up windows of rasters over polygons.

    Parameters
    ----------
    lines
        Outlines of the polygons in the whole grid's coordinates.
    layers : arrays (rows, columns)
        Windows of rasters, booleans or whole numbers, all of one shape.
    first_row, first_column
        Where in the grid the window begins. Cells outside it count nothing.
    weights : (rows,) array, optional
        What a cell of each row counts, at most 1; else all count 1.

    Returns
    -------
    (layers, polygons) array
        Whole numbers, `STEPS` of them a cell. Each row is rounded by itself, so sums of strips
        add up exactly to the sum of the strips as one.
    """
    rows = layers[0].shape[0]
    at = cut_at_rows(lines.edges, first_row, rows)
    part, column, rise, inset = cut_at_columns(at, first_column)
    row = at.row[part]
    if weights is not None:
        rise = rise * weights[row]
    own, piece = _of_polygons(lines.edges, at)
    polygon = lines.polygon[own]
    sign = lines.edges.sign[own]
    found = np.zeros((len(layers), lines.count), dtype=np.int64)
    if not len(piece):
        return found
    key, start, named = _keys(polygon, at.row[piece])
    for number, layer in enumerate(layers):
        left, cell = running(layer, row, column)
        by_edge = np.bincount(part, weights=rise * (left + cell * inset), minlength=len(at.row))
        by_row = np.bincount(key, weights=sign * by_edge[piece])
        steps = np.rint(by_row * STEPS).astype(np.int64)
        found[number, named] = np.add.reduceat(steps, start)
    return found


def _of_polygons(edges: Edges, at: RowPieces) -> tuple[IntArray, IntArray]:
    """Return the polygons' own edges, each as often as it has pieces, and beside it the pieces."""
    start = np.searchsorted(at.edge, np.arange(len(edges.upper) + 1))
    own, piece = spread(start[edges.edge], start[edges.edge + 1])
    return own, piece


def _keys(polygon: IntArray, row: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Give the rows that each polygon reaches a number each.

    Returns
    -------
    key
        For each polygon and row given, its number.
    start, named
        The first number of each polygon that reaches any, and the polygon.
    """
    count = int(polygon.max()) + 1
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.full(count, -1)
    np.minimum.at(low, polygon, row)
    np.maximum.at(high, polygon, row)
    named = np.flatnonzero(high >= 0)
    lengths = high[named] - low[named] + 1
    start = np.cumsum(lengths) - lengths
    offset = np.zeros(count, dtype=np.int64)
    offset[named] = start - low[named]
    return offset[polygon] + row, start, named


def areas(lines: Outlines, cell_areas: FloatArray, first_row: int) -> FloatArray:
    """Return the areas of polygons on a grid whose cells are of one size within a row.

    Parameters
    ----------
    lines
        Their outlines.
    cell_areas : (rows,) array
        Area of a cell in each row from ``first_row`` on; all rows that an outline reaches.
    first_row
        May be negative: a polygon may reach beyond the raster.

    Returns
    -------
    (polygons,) array
        In the unit of ``cell_areas``.
    """
    at = cut_at_rows(lines.edges, first_row, len(cell_areas))
    u = 0.5 * (at.upper_u + at.lower_u)
    parts = u * (at.lower_v - at.upper_v) * cell_areas[at.row]
    own, piece = _of_polygons(lines.edges, at)
    signed = lines.edges.sign[own] * parts[piece]
    total = np.bincount(lines.polygon[own], weights=signed, minlength=lines.count)
    return np.asarray(total, dtype=np.float64)


def inside(
    lines: Outlines, first_row: int, rows: int, first_column: int, columns: int
) -> npt.NDArray[np.bool_]:
    """Tell which cells of a window have their centre in one of the polygons.

    Parameters
    ----------
    lines
        Their outlines.
    first_row, rows, first_column, columns
        The window.

    Returns
    -------
    (rows, columns) array
        Centres on an outline belong to the polygon below or to the right of it.
    """
    down = lines.end[:, 1] > lines.start[:, 1]
    upper = np.where(down[:, None], lines.start, lines.end)
    lower = np.where(down[:, None], lines.end, lines.start)
    first = np.ceil(upper[:, 1] - 0.5).astype(np.int64)  # rows whose centre is crossed
    after = np.ceil(lower[:, 1] - 0.5).astype(np.int64)
    edge, row = spread(np.maximum(first, first_row), np.minimum(after, first_row + rows))
    u = places_at(upper[edge], lower[edge], (row + 0.5).astype(np.float64))
    column = np.clip(np.ceil(u - 0.5).astype(np.int64) - first_column, 0, columns)
    turns = np.zeros((rows, columns + 1), dtype=np.int32)
    np.add.at(turns, (row - first_row, column), np.where(down[edge], -1, 1))
    return np.asarray(np.cumsum(turns, axis=1)[:, :-1] != 0)
