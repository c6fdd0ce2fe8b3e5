"""Edges of outlines cut at the rows and columns of a grid, each piece within one cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Edges:
    """Edges downwards, each once though several polygons may have it.

    Attributes
    ----------
    upper, lower : (n, 2) arrays
        Their ends, column and row.
    edge, sign : arrays
        For each edge of each polygon, which of these it is, and -1 where it goes upwards, else 1.
    """

    upper: FloatArray
    lower: FloatArray
    edge: IntArray
    sign: FloatArray


@dataclass(frozen=True)
class RowPieces:
    """Edges cut at the rows: the edge, the row (from the window's first) and the piece's ends."""

    edge: IntArray
    row: IntArray
    upper_u: FloatArray
    upper_v: FloatArray
    lower_u: FloatArray
    lower_v: FloatArray


def cut_at_rows(edges: Edges, first_row: int, rows: int) -> RowPieces:
    """Cut edges at the rows of a window, and leave out what lies above and below it.

    Parameters
    ----------
    edges
        In the whole grid's coordinates.
    first_row, rows
        The window.

    Returns
    -------
    RowPieces
        Edge by edge, from the top of each to its bottom. Where an edge crosses from a row to the
        next does not depend on the window.
    """
    reached = np.flatnonzero(
        (edges.upper[:, 1] < first_row + rows) & (edges.lower[:, 1] > first_row)
    )
    upper, lower = edges.upper[reached], edges.lower[reached]
    first = np.maximum(np.floor(upper[:, 1]).astype(np.int64), first_row)
    last = np.minimum(np.ceil(lower[:, 1]).astype(np.int64), first_row + rows)
    own, line = spread(first, last + 1)  # the ends, and where rows meet
    upper, lower = upper[own], lower[own]
    v = np.clip(line.astype(np.float64), upper[:, 1], lower[:, 1])
    u = places_at(upper, lower, v)
    inner = np.flatnonzero(own[1:] == own[:-1])
    return RowPieces(
        reached[own[inner]], line[inner] - first_row, u[inner], v[inner], u[inner + 1], v[inner + 1]
    )


def spread(first: IntArray, after: IntArray) -> tuple[IntArray, IntArray]:
    """Return each index as often as its range is long, and beside it the range's numbers.

    Parameters
    ----------
    first, after : (n,) arrays
        The first number of each range and the one after its last; none where that is not more.

    Returns
    -------
    index, number : arrays
        As many as there are numbers.
    """
    lengths = np.maximum(after - first, 0)
    index = np.repeat(np.arange(len(first)), lengths)
    offset = first - np.cumsum(lengths) + lengths
    return index, np.arange(len(index)) + offset[index]


def places_at(upper: FloatArray, lower: FloatArray, v: FloatArray) -> FloatArray:
    """Return where edges are at some heights: exactly at their ends, and never beyond them.

    Parameters
    ----------
    upper, lower : (n, 2) arrays
        Ends of the edges, column and row.
    v : (n,) array
        Between them.

    Returns
    -------
    (n,) array
        Columns.
    """
    t = (v - upper[:, 1]) / (lower[:, 1] - upper[:, 1])
    u = upper[:, 0] + t * (lower[:, 0] - upper[:, 0])
    u = np.where(t >= 1, lower[:, 0], u)
    return np.clip(u, np.minimum(upper[:, 0], lower[:, 0]), np.maximum(upper[:, 0], lower[:, 0]))


def cut_at_columns(
    at: RowPieces, first_column: int
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Cut edges at the columns as well, and leave out what lies left of the window.

    Parameters
    ----------
    at
        Pieces within a row each.
    first_column
        The first column of the window.

    Returns
    -------
    part
        Which of the pieces of rows each is of.
    column
        Its column, from the window's first.
    rise
        The rows that it goes down, a part of one.
    inset
        How far into the cell it lies on average, 0 to 1.
    """
    low, high = np.minimum(at.upper_u, at.lower_u), np.maximum(at.upper_u, at.lower_u)
    first = np.floor(low).astype(np.int64)
    after = np.maximum(np.ceil(high).astype(np.int64), first + 1)
    width, rise = high - low, at.lower_v - at.upper_v
    part, column = spread(np.maximum(first, first_column), after)
    left = np.maximum(low[part], column)
    right = np.minimum(high[part], column + 1)
    share = np.ones(len(part))
    np.divide(right - left, width[part], out=share, where=width[part] > 0)
    return part, column - first_column, rise[part] * share, 0.5 * (left + right) - column
