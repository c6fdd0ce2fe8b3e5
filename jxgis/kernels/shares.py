r"""The exact share of each cell of a window that polygons cover.

As those who draw letters on screens do [1]_, each edge is cut at the rows and columns of the grid,
and each piece is noted where it lies: how far it goes down, and what of that is left of it in its
cell. A cell's share is then what it has noted itself and how far all pieces to the right of it in
its row go down, by Green's theorem: one running sum along the row, from right to left.

All that is noted is in whole numbers. So sums do not depend on their order or on the window; where
an outline has passed, exactly nothing remains, and edges that two polygons share cancel out.

.. [1] The "area and cover" of D. Turner's and R. Levien's rasterisers, FreeType and font-rs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jxgis.kernels.cutting import Edges, RowPieces, cut_at_rows, spread
from jxgis.kernels.zonal import Outlines

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEPS = 2**14
"""Shares are whole numbers: so many are a whole cell."""

# Pieces are noted in parts of a cell. Below 2**53 whole numbers in double precision are exact:
# two million pieces that cross one cell.
_PARTS = 2.0**32

# Rows are summed together while they have so few cells.
_STRIP_CELLS = 2**20


def shares(
    lines: Outlines, first_row: int, rows: int, first_column: int, columns: int
) -> npt.NDArray[np.uint16]:
    """Return the share of each cell of a window that polygons cover.

    Parameters
    ----------
    lines
        Outlines of polygons that do not overlap, in the whole grid's coordinates. Where they do,
        a cell counts twice, up to the whole of it.
    first_row, rows, first_column, columns
        The window.

    Returns
    -------
    (rows, columns) array
        Whole numbers, `STEPS` a cell: the exact share, rounded. That of a cell is the same in
        whatever window.
    """
    found = np.zeros((rows, columns), dtype=np.uint16)
    if not found.size:
        return found
    edges, downwards = _remaining(lines, first_column)
    height = max(_STRIP_CELLS // columns, 1)
    for first in range(0, rows, height):
        strip = found[first : first + height]
        top = first_row + first
        at = cut_at_rows(edges, top, len(strip))
        rise = downwards[at.edge] * (
            _parts(at.lower_v, at.row + top) - _parts(at.upper_v, at.row + top)
        )
        key, noted = _noted(at, rise, first_column, columns)
        # A column more at the left, for what cells of the first column leave to others.
        sums = np.bincount(key, noted, len(strip) * (columns + 1)).reshape(len(strip), -1)
        np.cumsum(sums[:, ::-1], axis=1, out=sums[:, ::-1])
        share = np.rint(sums[:, 1:] * (STEPS / _PARTS))
        strip[:] = np.clip(share, 0, STEPS)
    return found


def _remaining(lines: Outlines, first_column: int) -> tuple[Edges, FloatArray]:
    """Return the edges that count in a window, and how often each goes downwards.

    What polygons share does not count, nor what lies left of the window.
    """
    edges = lines.edges
    downwards = np.bincount(edges.edge, edges.sign, len(edges.upper)).astype(np.float64)
    reached = np.maximum(edges.upper[:, 0], edges.lower[:, 0]) > first_column
    there = np.flatnonzero(reached & (downwards != 0))
    nothing = edges.edge[:0], edges.sign[:0]
    return Edges(edges.upper[there], edges.lower[there], *nothing), downwards[there]


def _parts(v: FloatArray, row: IntArray) -> FloatArray:
    """Return how far below the upper side of their row places are, a whole number of parts."""
    return np.rint((v - row) * _PARTS)


def _noted(
    at: RowPieces, rise: FloatArray, first_column: int, columns: int
) -> tuple[IntArray, FloatArray]:
    """Return what pieces note in the cells of a window.

    Parameters
    ----------
    at
        Pieces within a row each.
    rise
        How far each goes down, a whole number of parts; negative for upwards.
    first_column, columns
        The window.

    Returns
    -------
    key
        ``row * (columns + 1) + column + 1`` of a cell, or of the place left of the window.
    noted
        In parts. Summed from the right up to a cell they are its share.
    """
    after_last = first_column + columns
    low, high = np.minimum(at.upper_u, at.lower_u), np.maximum(at.upper_u, at.lower_u)
    first = np.floor(low).astype(np.int64)
    after = np.maximum(np.ceil(high).astype(np.int64), first + 1)
    start = at.row * (columns + 1) - first_column

    part, column = spread(np.maximum(first, first_column), np.minimum(after, after_last))
    left = np.maximum(low[part], column)
    right = np.minimum(high[part], column + 1)
    total = rise[part]
    own = np.where(right < high[part], _until(right, low[part], high[part], total), total)
    own -= _until(left, low[part], high[part], total)
    area = np.rint(own * (0.5 * (left + right) - column))
    here = start[part] + column

    beyond = np.flatnonzero(after > after_last)
    side = np.clip(float(after_last), low[beyond], high[beyond])
    rest = rise[beyond] - _until(side, low[beyond], high[beyond], rise[beyond])
    key = np.concatenate([here + 1, here, start[beyond] + after_last])
    return key, np.concatenate([area, own - area, rest])


def _until(u: FloatArray, low: FloatArray, high: FloatArray, rise: FloatArray) -> FloatArray:
    """Return how far pieces go down between their left end and a place, in whole numbers.

    So what the parts of a piece go down adds up to what it goes down, wherever a window begins.
    """
    share = np.zeros(len(u))
    np.divide(u - low, high - low, out=share, where=u > low)
    return np.rint(rise * share)
