r"""Which cells of a raster are within exact Euclidean distances of its set cells.

A transform finds every cell's distance, however far, and then compares. Here nothing is followed
further than is asked. Along the rows first: :math:`h` is the distance to the nearest set cell of
the same row, up to the radius :math:`R`. A cell that sees one at :math:`h` reaches, up and down
its column, :math:`w(h) = \lfloor\sqrt{R^2 - h^2}\rfloor` cells; and a cell is within :math:`R` iff
one of its column reaches it. What is left of that reach falls by one a row, so two running maxima
over the rows, down and up, tell [1]_. :math:`h` serves all radii, and whole numbers do for all.

.. [1] The two passes of A. Rosenfeld and J. Pfaltz, "Sequential operations in digital picture
   processing", J. ACM 13 (1966), one for each axis, as in T. Saito and J.-I. Toriwaki, "New
   algorithms for Euclidean distance transformation", Pattern Recognition 27 (1994).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
Whole = npt.NDArray[Any]
"""Unsigned whole numbers, as short as the radius allows."""

# Rows are taken together while they have so few cells, to stay in the processor's cache, and are
# never more than a byte can count beside the largest reach that it holds.
_CACHED_CELLS = 200_000
_MOST_ROWS = 64
_KINDS = (np.uint8, np.uint16, np.uint32)


def halo(radius: float) -> int:
    """Return how many cells beside a block must be known to tell its cells within a radius.

    Parameters
    ----------
    radius
        Cells.
    """
    return math.floor(radius)


def within(mask: BoolArray, radii: Sequence[float]) -> list[BoolArray]:
    """Return the cells whose centres are within some distances of the centre of a set cell.

    Parameters
    ----------
    mask : (rows, columns) array
        Of square cells.
    radii
        Distances in cells, not negative; 0 gives the mask itself.

    Returns
    -------
    list of (rows, columns) arrays
        One for each radius, new ones. A cell at exactly the radius is within. Squares of distances
        are compared, whole numbers, with the largest whose root in double precision is no more
        than the radius: for a radius of ``math.sqrt(3)`` that is 3.

    Raises
    ------
    ValueError
        If a radius is negative or not a number.
    """
    if not all(radius >= 0 for radius in radii):
        raise ValueError(f"radii must be 0 or more: {list(radii)}")
    farthest = float(sum(mask.shape))  # more than any two cells are apart
    squares = [_square(min(radius, farthest)) for radius in radii]
    found = [np.zeros(mask.shape, dtype=np.bool_) for _ in radii]
    if not squares:
        return found
    for part in _near(mask, math.isqrt(max(squares))):
        own = mask[part]
        reach = min(math.isqrt(max(squares)), max(own.shape))
        kind = next(k for k in _KINDS if 2 * reach + 1 <= np.iinfo(k).max)
        across = _working(found[-1][part], kind)
        _fill_across(own, reach, across)
        for square, out in zip(squares, found, strict=True):
            left = across if out is found[-1] else _working(out[part], kind)
            reaches = _reaches(square, reach, kind)
            for rows in _blocks(own.shape):
                np.take(reaches, across[rows], out=left[rows], mode="clip")
            _down_and_up(left, out[part])
    return found


def _working(out: BoolArray, kind: npt.DTypeLike) -> Whole:
    """Return an array to work in: the memory of a map to be, where its cells are large enough."""
    whole = np.dtype(kind)
    return out.view(whole) if whole.itemsize == out.itemsize else np.empty(out.shape, whole)


def _square(radius: float) -> int:
    """Return the largest whole number whose root is no more than a radius."""
    square = math.floor(radius * radius)
    while math.sqrt(square + 1) <= radius:
        square += 1
    while math.sqrt(square) > radius:
        square -= 1
    return square


def _near(mask: BoolArray, reach: int) -> Iterator[tuple[slice, slice]]:
    """Yield the parts of a raster that are not further than so many rows and columns from any."""
    present = np.flatnonzero(mask.any(axis=1))
    gaps = np.flatnonzero(np.diff(present) > 2 * reach + 1) + 1
    for first, after in pairwise([0, *gaps, len(present)]):
        if first == after:
            continue
        rows = _beside(present[first:after], reach)
        yield rows, _beside(np.flatnonzero(mask[rows].any(axis=0)), reach)


def _beside(present: npt.NDArray[np.intp], reach: int) -> slice:
    return slice(max(int(present[0]) - reach, 0), int(present[-1]) + reach + 1)


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    height = min(max(_CACHED_CELLS // shape[1], 1), _MOST_ROWS)
    for first in range(0, shape[0], height):
        yield slice(first, min(first + height, shape[0]))


def _fill_across(mask: BoolArray, reach: int, across: Whole) -> None:
    """Find the distance of cells to the nearest set cell of their row, ``reach + 1`` if far.

    Steps of 1, 2, 4, ... cells to either side add up to any distance, so there are few of them.
    """
    kind, columns = across.dtype.type, mask.shape[1]
    for rows in _blocks(mask.shape):
        near = across[rows]
        np.multiply(~mask[rows], kind(reach + 1), out=near)
        if not mask[rows].any():
            continue
        stepped = np.empty_like(near)
        step = 1
        while step <= min(reach, columns - 1):
            np.add(near, kind(step), out=stepped)
            np.minimum(near[:, step:], stepped[:, :-step], out=near[:, step:])
            np.minimum(near[:, :-step], stepped[:, step:], out=near[:, :-step])
            step *= 2


def _reaches(square: int, reach: int, kind: npt.DTypeLike) -> Whole:
    """Return for each distance across how many rows up and down it reaches, plus one; 0 if none."""
    rows = [
        1 + min(math.isqrt(square - across**2), reach) if across**2 <= square else 0
        for across in range(reach + 1)
    ]
    return np.array([*rows, 0], dtype=kind)


def _down_and_up(left: Whole, out: BoolArray) -> None:
    """Set the cells that cells of their column reach.

    Parameters
    ----------
    left : (rows, columns) array
        How many rows each cell reaches, plus one; spoilt.
    out : (rows, columns) array
        Where to say so; it may be the same memory.
    """
    climb = np.arange(_MOST_ROWS, dtype=left.dtype)[:, None]
    carry = np.zeros_like(left, shape=left.shape[1])
    for rows in _blocks(left.shape):
        own = left[rows]
        carry = _sweep(own, climb[: len(own)], carry)
        own -= climb[: len(own)]
    carry = np.zeros_like(carry)
    for rows in _blocks(left.shape):
        own = left[::-1][rows]
        carry = _sweep(own, climb[: len(own)], carry)
        np.greater(own, climb[: len(own)], out=out[::-1][rows])


def _sweep(own: Whole, climb: Whole, carry: Whole) -> Whole:
    """Take running maxima of what is left, from row to row.

    What is left falls by one a row. To each row its number is added, which is taken off again
    afterwards, so that a maximum is all that is done row by row.

    Parameters
    ----------
    own : (rows, columns) array
        What is left at each cell by itself; changed to the running maxima plus ``climb``.
    climb : (rows, 1) array
        0, 1, 2, ...
    carry : (columns,) array
        What the row before leaves for the first.

    Returns
    -------
    (columns,) array
        What the last row leaves for the next.
    """
    own += climb
    for row in own:
        np.maximum(row, carry, out=row)
        carry = row
    taken = carry.dtype.type(len(own))
    return np.asarray(np.maximum(carry, taken) - taken)
