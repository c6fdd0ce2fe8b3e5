"""Connected patches of a map cut into pieces: what of a patch lies in one tile and one zone.

A patch is cells that touch along a side. A *piece* is the cells of a patch that lie in one tile of
a square grid and in one zone, as far as they touch each other there: a patch that leaves a tile and
comes back is two pieces in it. Pieces touch across the borders of tiles and of zones, and the
components of that graph are the patches of the whole map.

A map is read in blocks whose corners lie on tiles. Since no piece reaches beyond its tile, and
pieces are numbered by their first cell in the whole map, the cut into blocks leaves no trace.

Within a block cells are first joined into runs along a row, and runs of one tile and zone that
touch the run above are then one piece: few runs stand for many cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STRIP_CELLS = 2**21
"""A block is worked in strips of about so many cells, which bounds what is held beside the map."""


@dataclass(frozen=True)
class Pieces:
    """The pieces of a map and how they touch.

    Attributes
    ----------
    label : (rows, columns) array of int32
        Which piece a cell is of; -1 where it is of none. Pieces are numbered in the order of their
        first cells, row by row.
    zone : (n,) array
        The zone that a piece lies in.
    xy : (n, 2) array
        The mean of its cells' centres, column and row; whole numbers are corners of cells.
    cells : (n,) array
        How many cells it has.
    edges : (m, 2) array
        Pairs of pieces that touch, the lower number first, each pair once, ascending.
    component : (n,) array
        Which patch of the whole map it is of; numbered in the order of their first cells.
    """

    label: npt.NDArray[np.int32]
    zone: IntArray
    xy: FloatArray
    cells: IntArray
    edges: IntArray
    component: IntArray


class Labeller:
    """Finds the pieces of a map that is handed over block by block, in any order.

    Parameters
    ----------
    rows, columns
        Size of the map.
    tile
        Side of a tile, cells; the first tile begins at the map's first cell.

    Raises
    ------
    ValueError
        A size is not positive.
    """

    def __init__(self, rows: int, columns: int, tile: int) -> None:
        if min(rows, columns, tile) < 1:
            raise ValueError("a map and its tiles have at least one cell")
        self._tile = tile
        self._label = np.full((rows, columns), -1, dtype=np.int32)
        self._given = np.zeros((-(-rows // tile), -(-columns // tile)), dtype=np.bool_)
        self._count = 0
        self._found: list[IntArray] = []
        self._pairs: list[IntArray] = []

    def add(self, row: int, column: int, mask: BoolArray, zone: npt.NDArray[Any]) -> None:
        """Take over one block. Cells in no block are of no piece.

        Parameters
        ----------
        row, column
            The block's first cell; multiples of the tile.
        mask : (rows, columns) array
            Cells that belong together where they touch. The block ends on a tile's border, or
            where the map does.
        zone : (rows, columns) array of whole numbers
            The zone of each cell. A number for "none", such as -1, is a zone like another.

        Raises
        ------
        ValueError
            The block does not fit onto tiles or into the map, or was given before.
        """
        tile, (height, width) = self._tile, self._label.shape
        rows, columns = mask.shape
        below, beyond = row + rows, column + columns
        fits = (
            zone.shape == mask.shape
            and row >= 0
            and column >= 0
            and row % tile == column % tile == 0
            and (below == height or (below < height and below % tile == 0))
            and (beyond == width or (beyond < width and beyond % tile == 0))
        )
        if not fits:
            raise ValueError(f"a block of {mask.shape} at {row}, {column} does not fit onto tiles")
        own = self._given[row // tile : -(-below // tile), column // tile : -(-beyond // tile)]
        if own.any():
            raise ValueError(f"cells of the block at {row}, {column} were given before")
        own[:] = True
        strip = max(STRIP_CELLS // max(columns, 1) // tile, 1) * tile
        for top in range(0, rows, strip):
            part = slice(top, top + strip)
            self._strip(row + top, column, np.asarray(mask[part], dtype=np.bool_), zone[part])

    def _strip(self, row: int, column: int, mask: BoolArray, zone: npt.NDArray[Any]) -> None:
        """Find the pieces of some rows of a block, and what they touch of those found before."""
        start = _starts(mask, zone, self._tile)
        at = np.flatnonzero(start)
        if not len(at):
            return
        end = mask.copy()
        end[:, :-1] &= ~mask[:, 1:] | start[:, 1:]
        length = np.flatnonzero(end) - at + 1
        run = (np.cumsum(start, dtype=np.int32) - np.int32(1)).reshape(mask.shape)

        # Two runs one above the other touch first where the later of them starts
        meet = mask[1:] & mask[:-1] & (start[1:] | start[:-1])
        upper, lower = run[:-1][meet], run[1:][meet]
        together = (zone[1:] == zone[:-1])[meet]
        together &= np.nonzero(meet)[0] % self._tile != self._tile - 1
        piece, first = _components(len(at), upper[together], lower[together])
        beside = start[:, 1:] & mask[:, :-1]
        ends = [
            np.concatenate([upper[~together], run[:, :-1][beside]]),
            np.concatenate([lower[~together], run[:, 1:][beside]]),
        ]
        self._pairs.append(_pairs(*(piece[one] + self._count for one in ends)))

        across = at % mask.shape[1] + column
        down = at // mask.shape[1] + row
        sums = [
            np.bincount(piece, weights=length * own)  # whole numbers, halves at most: exact
            for own in (1.0, across + 0.5 * length, down + 0.5)
        ]
        place = down[first] * self._label.shape[1] + across[first]
        twice = [np.rint(2 * own).astype(np.int64) for own in sums]
        self._found.append(np.stack([place, zone.ravel()[at[first]].astype(np.int64), *twice]))
        view = self._label[row : row + mask.shape[0], column : column + mask.shape[1]]
        view[mask] = np.repeat((piece + self._count).astype(np.int32), length)
        self._count += len(first)
        self._join(row, column, *mask.shape)

    def _join(self, row: int, column: int, rows: int, columns: int) -> None:
        """Note what touches across the outline of a strip; what is not there yet will see it."""
        label = self._label
        down, across = slice(row, row + rows), slice(column, column + columns)
        for inner, outer in ((row, row - 1), (row + rows - 1, row + rows)):
            if 0 <= outer < label.shape[0]:
                self._pairs.append(_touching(label[inner, across], label[outer, across]))
        for inner, outer in ((column, column - 1), (column + columns - 1, column + columns)):
            if 0 <= outer < label.shape[1]:
                self._pairs.append(_touching(label[down, inner], label[down, outer]))

    def finish(self) -> Pieces:
        """Return the pieces and their graph; nothing can be added afterwards.

        Returns
        -------
        Pieces
            The same, whatever the blocks were and in whatever order they came.
        """
        self._given[:] = True
        found = np.concatenate([np.empty((5, 0), dtype=np.int64), *self._found], axis=1)
        order = np.argsort(found[0])
        number = np.full(self._count + 1, -1, dtype=np.int32)  # the last is what -1 points to
        number[order] = np.arange(self._count, dtype=np.int32)
        step = max(STRIP_CELLS // self._label.shape[1], 1)
        for top in range(0, self._label.shape[0], step):
            rows = self._label[top : top + step]
            rows[:] = number[rows]
        self._label.flags.writeable = False
        raw = np.concatenate([np.empty((0, 2), dtype=np.int64), *self._pairs])
        edges = _pairs(*number[raw].T)
        _, zone, cells, across, down = found[:, order]
        return Pieces(
            label=self._label,
            zone=zone,
            xy=np.stack([across, down], axis=1) / cells[:, None],
            cells=cells // 2,
            edges=edges,
            component=_components(self._count, *edges.T)[0],
        )


def _starts(mask: BoolArray, zone: npt.NDArray[Any], tile: int) -> BoolArray:
    """Tell where a run starts: cells of a row that touch, of one tile and zone."""
    start = mask.copy()
    inner = np.arange(1, mask.shape[1]) % tile != 0
    start[:, 1:] &= ~(mask[:, :-1] & (zone[:, 1:] == zone[:, :-1]) & inner)
    return start


def _components(
    count: int, one: npt.NDArray[Any], other: npt.NDArray[Any]
) -> tuple[IntArray, IntArray]:
    """Return the component of each node, numbered by their first nodes, and these."""
    joined = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(count, count))
    _, found = connected_components(joined, directed=False)
    _, first, back = np.unique(found, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(first), dtype=np.int64)
    rank[order] = np.arange(len(first))
    return rank[back], first[order].astype(np.int64)


def _touching(inner: npt.NDArray[np.int32], outer: npt.NDArray[np.int32]) -> IntArray:
    """Return pairs of pieces on either side of a border."""
    both = (inner >= 0) & (outer >= 0)
    return _pairs(inner[both], outer[both])


def _pairs(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> IntArray:
    """Return pairs without repetition, the lower number first, ascending."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    key = np.unique((low << 32) | high)
    return np.stack([key >> 32, key & 0xFFFFFFFF], axis=1)
