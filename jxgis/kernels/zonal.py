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
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEPS = 2**24
"""Sums are whole numbers, so many a cell: then they are the same in whatever order, and in whatever
strips, a raster is read."""


# Running sums are made of so many cells at once, so that they stay in the processor's cache.
_CACHED_CELLS = 400000


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


@dataclass(frozen=True)
class _Pieces:
    """Pieces of edges, each within one cell.

    ``rise`` is the rows that a piece goes down, and ``inset`` how far into the cell it lies on
    average, 0 to 1.
    """

    polygon: IntArray
    row: IntArray
    column: IntArray
    rise: FloatArray
    inset: FloatArray


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
    rows, columns = layers[0].shape
    pieces = _pieces(lines, first_row, rows)
    column = pieces.column - first_column
    reached = np.flatnonzero(column >= 0)
    order = reached[np.argsort(pieces.row[reached].astype(np.int32), kind="stable")]
    row, column = pieces.row[order], column[order]
    rise = pieces.rise[order] if weights is None else pieces.rise[order] * weights[row]
    inset = np.where(column >= columns, 0.0, pieces.inset[order])
    column = np.minimum(column, columns)
    here = np.minimum(column, columns - 1)
    key = pieces.polygon[order] * rows + row
    found = np.empty((len(layers), lines.count), dtype=np.int64)
    for number, layer in enumerate(layers):
        part = rise * (_left_of(layer, row, column) + layer[row, here] * inset)
        by_row = np.bincount(key, weights=part, minlength=lines.count * rows)
        steps = np.rint(by_row.reshape(lines.count, rows) * STEPS).astype(np.int64)
        found[number] = steps.sum(axis=1)
    return found


def _left_of(layer: npt.NDArray[Any], row: IntArray, column: IntArray) -> IntArray:
    """Return, for places sorted by row, the sum of the cells to the left of each in its row."""
    rows, columns = layer.shape
    largest = 1 if layer.dtype == np.bool_ else int(np.iinfo(layer.dtype).max)
    kind = np.int32 if largest * columns < 2**31 else np.int64
    height = max(_CACHED_CELLS // columns, 1)
    running = np.zeros((height, columns + 1), dtype=kind)
    left = np.empty(len(row), dtype=np.int64)
    for first in range(0, rows, height):
        own = slice(*np.searchsorted(row, [first, first + height]))
        if own.start == own.stop:
            continue
        part = layer[first : first + height]
        np.cumsum(part, axis=1, out=running[: len(part), 1:])
        left[own] = running[row[own] - first, column[own]]
    return left


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
    at = _rows_of_edges(lines, first_row, len(cell_areas))
    u = 0.5 * (at.start_u + at.end_u)
    parts = u * (at.end_v - at.start_v) * cell_areas[at.row]
    total = np.bincount(lines.polygon[at.edge], weights=parts, minlength=lines.count)
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
    v0, v1 = lines.start[:, 1], lines.end[:, 1]
    first = np.ceil(np.minimum(v0, v1) - 0.5).astype(np.int64)  # rows whose centre is crossed
    after = np.ceil(np.maximum(v0, v1) - 0.5).astype(np.int64)
    edge, row = _spread(np.maximum(first, first_row), np.minimum(after, first_row + rows))
    u = _at(lines, edge, (row + 0.5).astype(np.float64))
    column = np.clip(np.ceil(u - 0.5).astype(np.int64) - first_column, 0, columns)
    turns = np.zeros((rows, columns + 1), dtype=np.int32)
    np.add.at(turns, (row - first_row, column), np.where(v1[edge] > v0[edge], -1, 1))
    return np.asarray(np.cumsum(turns, axis=1)[:, :-1] != 0)


@dataclass(frozen=True)
class _RowPieces:
    """Edges cut at the rows: the edge, the row (from the window's first) and the piece's ends."""

    edge: IntArray
    row: IntArray
    start_u: FloatArray
    start_v: FloatArray
    end_u: FloatArray
    end_v: FloatArray


def _rows_of_edges(lines: Outlines, first_row: int, rows: int) -> _RowPieces:
    v0, v1 = lines.start[:, 1], lines.end[:, 1]
    low, high = np.minimum(v0, v1), np.maximum(v0, v1)
    first = np.maximum(np.floor(low).astype(np.int64), first_row)
    after = np.minimum(np.ceil(high).astype(np.int64), first_row + rows)
    edge, row = _spread(first, after)
    top = np.maximum(low[edge], row)
    bottom = np.minimum(high[edge], row + 1)
    down = v1[edge] > v0[edge]
    start_v, end_v = np.where(down, top, bottom), np.where(down, bottom, top)
    return _RowPieces(
        edge, row - first_row, _at(lines, edge, start_v), start_v, _at(lines, edge, end_v), end_v
    )


def _spread(first: IntArray, after: IntArray) -> tuple[IntArray, IntArray]:
    """Return each index as often as its range is long, and beside it the range's numbers."""
    lengths = np.maximum(after - first, 0)
    index = np.repeat(np.arange(len(first)), lengths)
    ends = np.cumsum(lengths)
    return index, np.arange(len(index)) - (ends - lengths)[index] + first[index]


def _at(lines: Outlines, edge: IntArray, v: FloatArray) -> FloatArray:
    """Return where edges are at rows: exactly at their ends, and never beyond them."""
    start, end = lines.start[edge], lines.end[edge]
    t = (v - start[:, 1]) / (end[:, 1] - start[:, 1])
    u = start[:, 0] + t * (end[:, 0] - start[:, 0])
    u = np.where(t >= 1, end[:, 0], u)
    return np.clip(u, np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0]))


def _pieces(lines: Outlines, first_row: int, rows: int) -> _Pieces:
    """Cut edges at the rows and columns of a window."""
    at = _rows_of_edges(lines, first_row, rows)
    low, high = np.minimum(at.start_u, at.end_u), np.maximum(at.start_u, at.end_u)
    first = np.floor(low).astype(np.int64)
    after = np.maximum(np.ceil(high).astype(np.int64), first + 1)
    piece, column = _spread(first, after)
    left = np.maximum(low[piece], column)
    right = np.minimum(high[piece], column + 1)
    width = (high - low)[piece]
    steep = width == 0
    part = np.where(steep, 1.0, (right - left) / np.where(steep, 1.0, width))
    rise = (at.end_v - at.start_v)[piece] * part
    return _Pieces(
        lines.polygon[at.edge[piece]],
        at.row[piece],
        column,
        rise,
        0.5 * (left + right) - column,
    )
